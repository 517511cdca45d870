"""The `mt940` importer: SWIFT's statements (MT940) and interim reports (MT942), in banks' dialects."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import Batch, FileRefused, Hints, Record
from flowd.importers.delimited.encoding import decide_encoding
from flowd.importers.delimited.lines import Lines
from flowd.importers.planned import Planned
from flowd.importers.stated import Notes
from flowd.importers.swift.fields import split
from flowd.importers.swift.statements import Messages, bank_of

_CHUNK: Final = 1 << 20
_HEAD: Final = 1 << 16
_TAGS: Final = re.compile(r"^(?:.*\{4:)?:(20|25P?|28C?|34F|60[FM]|61|62[FM]|86|13D?|90[CD]):", re.MULTILINE)
_POSTING: Final = re.compile(r"^:61:\d{6}(\d{4})?(R?[CD]|E[CD])", re.MULTILINE)
_BALANCE: Final = re.compile(r"^:6[02][FM]:[CD]\d{6}", re.MULTILINE)
_ENVELOPE: Final = re.compile(r"\{2:[IO]94[02]")
_INTERIM: Final = re.compile(r"\{2:[IO]942|^:34F:", re.MULTILINE)


class SwiftImporter:
    """Reads MT940 and MT942 of any bank."""

    name = "mt940"

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file called `name`, beginning with `head`, holds such messages."""
        text = _text(head)
        if _ENVELOPE.search(text[:4096]) is not None:
            return 0.99
        tags = {found[1] for found in _TAGS.finditer(text)}
        if not tags:
            return 0.0
        if {"20", "25"} <= tags and tags & {"60F", "60M", "61", "34F", "62F", "28", "28C"}:
            return 0.98
        if _POSTING.search(text) is not None or _BALANCE.search(text) is not None:
            return 0.9
        named = Path(name).suffix.lower() in {".sta", ".940", ".942", ".mt940", ".swi", ".swift", ".fin", ".mt942"}
        return 0.6 if named else 0.2

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> Planned:
        """Say how `file` (seekable) will be read; FileRefused where it holds no message."""
        encoding = _encoding(file)
        file.seek(0)
        text = _text(file.read(_HEAD))
        if not text.strip():
            raise FileRefused("the file is empty; download it again")
        if _TAGS.search(text) is None:
            raise FileRefused("line 1: no field of an MT940 (:20:, :25:, :61: …) in the beginning of the file")
        label = "MT942" if _INTERIM.search(text) is not None and _BALANCE.search(text) is None else "MT940"
        bank = bank_of(text)
        words = [f"{label} (SWIFT)", encoding]
        if bank:
            words.insert(1, f"from {bank}")
        if label == "MT942":
            words.append("an interim report: its postings are kept as pending until a statement has them")
        remarks = Notes()
        return Planned(
            summary=", ".join(words),
            label=label.lower(),
            records=lambda: _records(file, encoding, hints, remarks),
            said=lambda: remarks.said,
        )


def _records(file: BinaryIO, encoding: str, hints: Hints, remarks: Notes) -> Iterator[Record]:
    messages = Messages(hints, remarks)
    lines = Lines(file, encoding)
    return messages.records(split(lines), lambda: lines.unterminated)


def _text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "replace")
    else:
        text = head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _encoding(file: BinaryIO) -> str:
    """Say which characters the bytes stand for; a NUL byte is refused with its line."""
    file.seek(0)
    head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    file.seek(0)
    line = 1
    while data := file.read(_CHUNK):
        if b"\0" in data:
            line += data[: data.index(b"\0")].count(b"\n")
            raise FileRefused(f"line {line}: a NUL byte, so this is not (or no longer) a text file; download it again")
        line += data.count(b"\n")
    try:
        return decide_encoding(file).name
    except FileRefused:
        # letters that neither UTF-8 nor a Windows code page knows: files made for the screens of old
        return "cp850"
