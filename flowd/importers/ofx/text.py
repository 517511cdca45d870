"""A file's characters in blocks, with one kind of line end, in bounded memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final

from flowd.api import FileRefused

_CHUNK: Final = 1 << 17


def blocks(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield `file` as text, block by block, with line feeds only; FileRefused for what is no text."""
    file.seek(0)
    # Old code pages leave a few bytes without a letter: one such byte in a text is no reason to refuse a statement.
    errors = "strict" if encoding.startswith("utf") else "replace"
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    line, held = 1, ""
    while True:
        data = file.read(_CHUNK)
        try:
            text = held + decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            line += held.count("\n") + error.object[: error.start].count(b"\n")
            raise FileRefused(
                f"line {line}: the file is not {encoding} text (byte 0x{error.object[error.start]:02x}); "
                "download it again"
            ) from None
        held = ""
        if "\0" in text:
            line += text[: text.index("\0")].count("\n")
            raise FileRefused(f"line {line}: a NUL byte, so this is not (or no longer) a text file; download it again")
        if data and text.endswith("\r"):
            # A pair of CR and LF may be torn apart by the block's end.
            text, held = text[:-1], "\r"
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        line += text.count("\n")
        if text:
            yield text
        if not data:
            return
