"""Receipts and histories of regular payers, for the tests of what is expected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flowd.analytics.expected.expecting import expectations
from flowd.api import ExpectedReceipt, FlowClass, History, Method, Receipt, ScheduleTerm, StreamInfo

TODAY = date(2026, 7, 1)


def receipt(day: date, amount: int | str | Decimal = 2800, payer: str = "Acme", **more: Any) -> Receipt:
    values = {"account": "bank/a", "flow_class": FlowClass.SALARY, "asset": "EUR", "guessed": False, **more}
    return Receipt(payer=payer, day=day, amount=Decimal(amount), **values)


def months(first: date, count: int) -> list[date]:
    """The same day of `count` months."""
    index = first.year * 12 + first.month - 1
    return [date((index + n) // 12, (index + n) % 12 + 1, first.day) for n in range(count)]


def info(stream: str = "s", *, read: date | None = None, **more: Any) -> StreamInfo:
    at = None if read is None else datetime(read.year, read.month, read.day, 6, tzinfo=UTC)
    values = {"method": Method.TRANSACTIONS, "connection": "bank", "name": stream, "group": "", **more}
    return StreamInfo(stream=stream, read_at=at, **values)


def history(
    receipts: Iterable[Receipt],
    *,
    today: date = TODAY,
    read: date | None = TODAY,
    told: date | None = None,
    **more: Any,
) -> History:
    """One stream `s` of a bank that was last read on the morning of `read`; None: its statements reach up to `told`."""
    return History(
        currency="EUR",
        zone=ZoneInfo("Europe/Berlin"),
        today=today,
        streams=[info(read=read, **more)],
        receipts={"s": sorted(receipts, key=lambda one: one.day)},
        told={} if told is None else {"bank/a": told},
    )


def with_terms(terms: Sequence[ScheduleTerm], today: date = TODAY) -> History:
    return History(currency="EUR", zone=ZoneInfo("Europe/Berlin"), today=today, terms=terms)


def expected(receipts: Iterable[Receipt], **more: Any) -> Sequence[ExpectedReceipt]:
    return expectations(history(receipts, **more))


def states(
    rows: Iterable[ExpectedReceipt], since: date = TODAY - timedelta(days=62), until: date = TODAY
) -> dict[str, str]:
    """State by due day, of the last two months."""
    return {row.due.isoformat(): row.state for row in rows if since <= row.due <= until}
