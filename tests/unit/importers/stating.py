"""What the tests of statement formats share: reading bytes with an importer of flowd's, and files written by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Protocol

from flowd.api import Balance, Batch, Hints, Reading, Record, Transaction
from flowd.importers.camt.importer import CamtImporter
from flowd.importers.swift.importer import SwiftImporter

MT940 = SwiftImporter()
CAMT = CamtImporter()
NO_HINTS = Hints()


class Planning(Protocol):
    """An importer that says how it will read."""

    def plan(self, file: io.BytesIO, hints: Hints) -> Reading:
        """Return how `file` will be read."""


def read(importer: Planning, data: str | bytes, hints: Hints = NO_HINTS) -> tuple[Reading, list[Record]]:
    """Return how `data` was read, and what it says."""
    reading = importer.plan(io.BytesIO(data.encode() if isinstance(data, str) else data), hints)
    batches: Sequence[Batch] = list(reading.batches())
    return reading, [record for batch in batches for record in batch.records]


def postings(importer: Planning, data: str | bytes, hints: Hints = NO_HINTS) -> list[Transaction]:
    """Return the transactions in `data`."""
    return [record for record in read(importer, data, hints)[1] if isinstance(record, Transaction)]


def balances(importer: Planning, data: str | bytes, hints: Hints = NO_HINTS) -> list[tuple[str, str, str]]:
    """Return day, amount and asset of the balances in `data`."""
    records = read(importer, data, hints)[1]
    return [(str(b.day), str(b.amount), b.asset) for b in records if isinstance(b, Balance)]


def mt940(*postings: str, opening: str = "C240101EUR1000,00", closing: str = "C240131EUR1000,00") -> str:
    """Write a message with `postings` (lines of :61: and :86:)."""
    return "\n".join(
        [":20:STMT", ":25:10020030/1234567", ":28C:1/1", f":60F:{opening}", *postings, f":62F:{closing}", "-", ""]
    )


CAMT_NAMES = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def camt(*inside: str, kind: str = "053", version: str = "08", account: str = "DE89370400440532013000") -> str:
    """Write a CAMT message with one statement that holds `inside` (balances and entries)."""
    message, statement = CAMT_NAMES[kind]
    number = account if account.startswith("<") else f"<IBAN>{account}</IBAN>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{message}>\n'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2024-02-01T10:00:00+01:00</CreDtTm></GrpHdr>\n"
        f"<{statement}><Id>S1</Id><CreDtTm>2024-02-01T10:00:00+01:00</CreDtTm>"
        f"<Acct><Id>{number}</Id><Ccy>EUR</Ccy></Acct>\n"
        + "\n".join(inside)
        + f"\n</{statement}></{message}></Document>\n"
    )


def balance(kind: str, amount: str, day: str, *, side: str = "CRDT", asset: str = "EUR") -> str:
    """Write a balance."""
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{asset}">{amount}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(
    amount: str = "10.00",
    *,
    side: str = "DBIT",
    day: str = "2024-01-15",
    status: str = "<Cd>BOOK</Cd>",
    ref: str = "",
    more: str = "",
    details: str = "",
    asset: str = "EUR",
) -> str:
    """Write an entry; `more` stands behind the dates, `details` in NtryDtls."""
    reference = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    inner = f"<NtryDtls>{details}</NtryDtls>" if details else ""
    return (
        f'<Ntry><Amt Ccy="{asset}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{reference}{more}{inner}</Ntry>"
    )


def payment(text: str = "", *, name: str = "", iban: str = "", role: str = "Cdtr", inside: str = "") -> str:
    """Write one payment of an entry."""
    who = f"<{role}><Pty><Nm>{name}</Nm></Pty></{role}>" if name else ""
    account = f"<{role}Acct><Id><IBAN>{iban}</IBAN></Id></{role}Acct>" if iban else ""
    said = f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
    return f"<TxDtls>{inside}<RltdPties>{who}{account}</RltdPties>{said}</TxDtls>"
