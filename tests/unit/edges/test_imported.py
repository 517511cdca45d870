"""What is said of a file before it is imported: every kind of record says what it is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flowd.api import Side
from flowd.domain.records import Rate, Record, Snapshot, Trade, Transaction
from flowd.edges.imported import as_row, tell
from flowd.engine.imports import ImportPlan

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRADE = Trade(
    account="U7",
    external_id="1",
    at=AT,
    base="AAPL",
    quote="USD",
    side=Side.BUY,
    quantity=Decimal(20),
    price=Decimal("200.5"),
    fee=Decimal(5),
    fee_asset="USD",
)


def plan(*records: Record) -> ImportPlan:
    day = date(2026, 3, 1)
    return ImportPlan(
        path=Path("a.ofx"),
        fingerprint="0" * 32,
        importer="ofx",
        sure=1.0,
        how="OFX",
        label="OFX",
        guessed=False,
        rows=12,
        accounts={"U7": 12},
        first=day,
        last=day,
        notes=(),
        preview=records,
    )


def test_trades_readings_and_rates_say_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    pending = Transaction(
        account="U7", external_id=None, booked_at=date(2026, 3, 1), amount=Decimal(-1), asset="USD", pending=True
    )
    held = Snapshot(account="U7", asset="AAPL", quantity=Decimal(15), at=AT)
    tell(as_row(plan(TRADE, held, Rate(base="AAPL", quote="USD", at=AT, value=Decimal(255)), pending)), dry_run=True)
    said = capsys.readouterr().out
    assert "buy 20.00 AAPL at 200.50 USD, fee 5.00 USD" in said
    assert "it holds 15.00 AAPL" in said
    assert "1 AAPL is worth 255.00 USD" in said
    assert "(pending)" in said
    assert "—" not in said
    assert "… and 8 more" in said
