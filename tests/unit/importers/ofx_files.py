"""OFX and QIF files by hand, and how they are read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TypeVar

from flowd.api import Hints, Importer, Record
from flowd.importers.ofx.importer import OfxImporter
from flowd.importers.qif.importer import QifImporter

HEADER = (
    "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
    "OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
)
XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
SIGNON = (
    "<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20240201<LANGUAGE>ENG"
    "<FI><ORG>Hill Bank<FID>1</FI></SONRS></SIGNONMSGSRSV1>"
)
BALANCE = "<LEDGERBAL><BALAMT>100.00<DTASOF>20240131</LEDGERBAL>"


def posting(fitid: str = "a1", amount: str = "-12.50", day: str = "20240115", more: str = "<NAME>Grocer") -> str:
    """Return one posting of a bank."""
    return f"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{fitid}{more}</STMTTRN>\n"


def bank(*postings: str, account: str = "12345678", currency: str = "EUR", after: str = BALANCE) -> str:
    """Return a bank's messages with one statement."""
    return (
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>"
        f"<CURDEF>{currency}<BANKACCTFROM><BANKID>99<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM>"
        f"<BANKTRANLIST><DTSTART>20240101<DTEND>20240131\n{''.join(postings)}</BANKTRANLIST>{after}"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1>"
    )


def ofx(*messages: str, header: str = HEADER) -> str:
    """Return a whole OFX file with `messages`."""
    return f"{header}<OFX>{SIGNON}{''.join(messages)}</OFX>\n"


def broker(*entries: str, after: str = "", securities: str = "", currency: str = "USD") -> str:
    """Return a whole OFX file of a broker."""
    return ofx(
        "<INVSTMTMSGSRSV1><INVSTMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><INVSTMTRS>"
        f"<DTASOF>20240131160000.000[-5:EST]<CURDEF>{currency}<INVACCTFROM><BROKERID>hill.example<ACCTID>B7</INVACCTFROM>"
        f"<INVTRANLIST><DTSTART>20240101<DTEND>20240131{''.join(entries)}</INVTRANLIST>{after}"
        f"</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>"
        f"<SECLISTMSGSRSV1><SECLIST>{securities}</SECLIST></SECLISTMSGSRSV1>"
    )


def read(importer: Importer, data: str | bytes, hints: Hints = Hints()) -> tuple[list[Record], Sequence[str]]:  # noqa: B008
    """Return the records of `data` and the notes."""
    assert isinstance(importer, OfxImporter | QifImporter)
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    reading = importer.plan(file, hints)
    return [record for batch in reading.batches() for record in batch.records], reading.notes


R = TypeVar("R", bound=Record)


def only(kind: type[R], records: Sequence[Record]) -> list[R]:
    """Return the records of one kind."""
    return [record for record in records if isinstance(record, kind)]


class Endless(io.RawIOBase):
    """A file of `size` bytes: a beginning, and then the same again and again; nothing of it is in memory."""

    def __init__(self, head: bytes, again: bytes, size: int) -> None:
        self._head, self._again, self._size, self._at = head, again * (1 + (1 << 16) // len(again)), size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        assert whence == 0
        self._at = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        size = max(0, min(size if size >= 0 else self._size, self._size - self._at))
        source, at = (self._head, self._at) if self._at < len(self._head) else (self._again, 0)
        data = source[at : at + size]
        self._at += len(data)
        return data
