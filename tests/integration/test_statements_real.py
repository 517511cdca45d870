"""Real banks' MT940 and CAMT, against what other parsers of them found."""

from __future__ import annotations

import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import Balance, FileRefused, Hints, Record, Transaction
from flowd.importers.camt.importer import CamtImporter
from flowd.importers.swift.importer import SwiftImporter

DATA = Path(__file__).parents[3] / "shared" / "data" / "statements"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real statements are not on this machine")

MT940 = DATA / "mt940"
MESSAGES = sorted(path for path in MT940.rglob("*") if path.suffix in {".sta", ".txt"}) if MT940.is_dir() else []
CAMT = sorted((DATA / "camt").glob("*.xml"))


def read(importer: SwiftImporter | CamtImporter, data: bytes, hints: Hints) -> list[Record]:
    return [record for batch in importer.parse(io.BytesIO(data), hints) for record in batch.records]


def hints_for(data: bytes) -> Hints:
    """Say what fragments leave out: their account and currency."""
    account = None if b":25:" in data else "main"
    return Hints(account=account, asset=None if re.search(rb":(60F|34F):", data) else "EUR")


def expected(path: Path) -> dict[str, Any] | None:
    found = json.loads((MT940 / "expected.json").read_text("utf-8"))
    return found.get(str(path.relative_to(MT940).with_suffix("")))  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_every_posting_of_real_mt940(path: Path) -> None:
    data, known = path.read_bytes(), expected(path)
    try:
        records = read(SwiftImporter(), data, hints_for(data))
    except FileRefused:
        assert known is not None
        assert not known.get("transactions")
        assert not any("balance" in name for name in known["data"])
        return
    found = [record for record in records if isinstance(record, Transaction)]
    if known is None:
        assert found
        return
    facts = []
    for posting in known.get("transactions", ()):
        wanted = posting.get("entry_date") or posting["date"]
        facts.append((wanted, Decimal(posting["amount"]["amount"]), posting["date"]))
    for record, (booked, amount, value) in zip(found, facts, strict=True):
        raw = record.raw or {}
        assert (str(record.booked_at), record.amount) == (booked, amount)
        assert raw.get("value_date", str(record.booked_at)) == value
    for record, posting in zip(found, known.get("transactions", ()), strict=True):
        raw = record.raw or {}
        said = [part.strip() for part in (posting["customer_reference"] or "").split("//")]
        said = [part for part in said if part not in {"", "N", "NONREF"}]
        assert all(part in {raw.get("reference"), raw.get("bank_reference")} for part in said)
        if posting.get("applicant_name"):
            assert record.counterparty.replace(" ", "") == posting["applicant_name"].replace(" ", "")
    closing = known["data"].get("final_closing_balance")
    if closing is not None and closing["amount"]["currency"] in {"EUR", "CHF", "PLN"}:
        last = [record for record in records if isinstance(record, Balance)][-1]
        assert last.amount == Decimal(closing["amount"]["amount"])


def statement_parts(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of a parser's full result."""
    return [found for found in result["getEntries"] if isinstance(found, dict)]


@pytest.mark.parametrize("path", CAMT, ids=lambda path: path.stem)
def test_every_entry_of_real_camt(path: Path) -> None:
    records = read(CamtImporter(), path.read_bytes(), Hints())
    found = [record for record in records if isinstance(record, Transaction)]
    wanted = statement_parts(json.loads(path.with_suffix(".json").read_text("utf-8")))
    notified = "camt054" in path.name
    for record, entry in zip(found, wanted, strict=True):
        # the other parser counts in the currency's smallest unit
        assert record.amount == Decimal(entry["getAmount"]["getAmount"]) / 100
        assert record.asset == entry["getAmount"]["getCurrency"]["getCode"]
        assert record.pending == (notified or entry["getStatus"] != "BOOK")
        raw = record.raw or {}
        assert raw.get("bank_reference") == entry["getAccountServicerReference"]
        if entry["getBookingDate"] is not None:
            assert str(record.booked_at) == entry["getBookingDate"]["0"][:10]
        details = entry["getTransactionDetails"]
        if len(details) == 1 and isinstance(details[0], dict):
            told = details[0]["getRemittanceInformation"]
            assert told is None or record.description == told["getMessage"]
            parties = [party["getRelatedPartyType"]["getName"] for party in details[0]["getRelatedParties"]]
            assert not parties or record.counterparty in parties
    kinds = path.read_text("utf-8")
    booked = len(re.findall(r"<Cd>(?:OPBD|CLBD)</Cd>", kinds)) if "camt.053" in kinds else 0
    assert len([record for record in records if isinstance(record, Balance)]) == booked
