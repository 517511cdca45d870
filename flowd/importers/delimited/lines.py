"""A file's bytes as decoded lines, in bounded memory, with every damage refused at its line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO, Final

from flowd.api import FileRefused

#: A line longer than this is not a bank's; it is also what keeps memory flat whatever the file holds.
LINE_LIMIT: Final = 1 << 20
_CHUNK: Final = 1 << 17


class Lines:
    """The lines of `file` in `encoding`, each ending in a line feed; raises FileRefused with the line at fault.

    `unterminated` says, once the last line was read, whether it had no line end (it may be cut off); `end` is its last
    character.
    """

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._seen = 0
        self.unterminated = False
        self.end = ""

    def __iter__(self) -> Iterator[str]:
        # StringIO splits at line feeds in C and at nothing else, unlike str.splitlines, which also splits inside cells.
        return chain.from_iterable(io.StringIO(block, newline="\n") for block in self._blocks())

    def _blocks(self) -> Iterator[str]:
        self._file.seek(0)
        decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        rest = ""
        while True:
            data = self._file.read(_CHUNK)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(self._encoding, "replace")
                line = self._seen + (rest + good).count("\n") + 1
                raise FileRefused(
                    f"line {line}: the file is not {self._encoding} text (byte 0x{error.object[error.start]:02x}); "
                    "give its encoding in a profile (`encoding: cp1252`), or export it again as UTF-8"
                ) from None
            if "\0" in text:
                line = self._seen + (rest + text[: text.index("\0")]).count("\n") + 1
                raise FileRefused(
                    f"line {line}: a NUL byte, so this is not (or no longer) a text file; download it again"
                )
            text = rest + text
            held = ""
            if data and text.endswith("\r"):
                # A pair of CR and LF may be torn apart by the block's end: its CR waits for the next block.
                bare = text.rstrip("\r")
                text, held = bare, text[len(bare) :]
            if "\r" in text:
                text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
            cut = text.rfind("\n") + 1
            block, rest = text[:cut], text[cut:] + held
            if len(rest) > LINE_LIMIT:
                line = self._seen + block.count("\n") + 1
                raise FileRefused(
                    f"line {line}: longer than {LINE_LIMIT:,} characters; this is not a bank's table, or its line ends "
                    "are lost: download it again"
                )
            if block:
                self._seen += block.count("\n")
                yield block
            if not data:
                if rest:
                    self.unterminated = True
                    self.end = rest[-1]
                    yield rest + "\n"
                return
