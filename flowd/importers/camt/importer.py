"""The `camt` importer: statements, reports and notifications in ISO 20022's XML, of any version and bank."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from flowd.api import Batch, FileRefused, Hints, Record
from flowd.importers.camt.shape import MESSAGES
from flowd.importers.camt.statements import Statements
from flowd.importers.camt.walk import Walk
from flowd.importers.camt.zipped import first_of, is_zip, members
from flowd.importers.planned import Planned
from flowd.importers.stated import Notes

_HEAD: Final = 1 << 16
_MESSAGE: Final = re.compile(r"<(?:[\w.-]{1,40}:)?(BkToCstmrAcctRpt|BkToCstmrStmt|BkToCstmrDbtCdtNtfctn)(?:V01)?[\s/>]")
_NAMESPACE: Final = re.compile(r"camt\.(05[234])\.(\d{3}\.\d{2})")
_WORDS: Final = {
    "052": "a report of the day: its balances are left out, the statement that follows has the final ones",
    "053": "a statement",
    "054": "a notification: its payments are kept as pending, for the statement has them too",
}


def _records(file: BinaryIO, hints: Hints, remarks: Notes, *, packed: bool) -> Iterator[Record]:
    statements = Statements(hints, remarks)
    if packed:
        for name, content in members(file, remarks):
            yield from _read(content, statements, f"{name}, ")
    else:
        file.seek(0)
        yield from _read(file, statements, "")
    if not statements.stated:
        raise FileRefused("the file holds no entry and no booked balance of an account; nothing to import")


def _read(file: BinaryIO, statements: Statements, place: str) -> Iterator[Record]:
    walk = Walk(statements.take, place)
    statements.message(walk)
    for _ in walk.run(file):
        yield from statements.ready()


class CamtImporter:
    """Reads camt.052, camt.053 and camt.054."""

    name = "camt"

    def identify(self, name: str, head: bytes) -> float:  # noqa: ARG002 - the content says it all
        """Return how sure it is that a file beginning with `head` is such a message, or an archive of them."""
        if is_zip(head):
            first, head = first_of(head)
            if not first.lower().endswith((".xml", ".camt", ".c52", ".c53", ".c54")):
                return 0.0
        text = _text(head)
        if "<" not in text[:1024]:
            return 0.0
        if _MESSAGE.search(text) is not None:
            return 0.99
        return 0.9 if _NAMESPACE.search(text) is not None else 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> Planned:
        """Say how `file` (seekable) will be read; FileRefused where it holds no such message."""
        file.seek(0)
        head = file.read(_HEAD)
        if not head.strip():
            raise FileRefused("the file is empty; download it again")
        packed = is_zip(head)
        text = _text(first_of(head)[1] if packed else head)
        found, space = _MESSAGE.search(text), _NAMESPACE.search(text)
        kind = MESSAGES[found[1]] if found is not None else space[1] if space is not None else ""
        version = f".{space[2]}" if space is not None else ""
        words = [f"camt.{kind}{version}" if kind else "camt"]
        if kind:
            words.append(_WORDS[kind])
        if packed:
            words.insert(0, "an archive of CAMT files")
        remarks = Notes()
        return Planned(
            summary=", ".join(words),
            label=f"camt.{kind}" if kind else "camt",
            records=lambda: _records(file, hints, remarks, packed=packed),
            said=lambda: remarks.said,
        )


def _text(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    if head[:2] == b"\0<":
        return head.decode("utf-16-be", "replace")
    if head[:2] == b"<\0":
        return head.decode("utf-16-le", "replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
