// Makes a picture small: 256 colours are enough for a dashboard.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const UPNG = createRequire(`${process.cwd()}/`)('upng-js');
const [, , path] = process.argv;
const bytes = readFileSync(path);
const image = UPNG.decode(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
writeFileSync(path, Buffer.from(UPNG.encode([UPNG.toRGBA8(image)[0]], image.width, image.height, 256)));
