"""The made-up payout platform: a payout each month, its fee, and now and then a customer's money back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from flowd.api import FlowClass, Transaction
from flowd_demo.chance import between, swings
from flowd_demo.exchange import BEGIN, USD

ACCOUNT: Final = "payouts"
_CENT: Final = Decimal("0.01")
_FEE: Final = Decimal("0.029")


def booked(seed: int, after: datetime, until: datetime) -> Iterator[Transaction]:
    """Yield what was booked after `after` and no later than `until`, in order of time."""
    month = max(after, BEGIN).replace(day=1, hour=0, minute=0)
    while month <= until:
        yield from (one for one in _of(seed, month) if after < _time(one) <= until)
        month = (month + timedelta(days=32)).replace(day=1)


def _of(seed: int, month: datetime) -> Iterator[Transaction]:
    """Yield what is booked in one month: some 900 at first, and 6 more each month."""
    name = f"{month:%Y-%m}"
    months = (month.year - BEGIN.year) * 12 + month.month - BEGIN.month
    gross = (900 + 6 * months + 120 * swings(seed, f"payout {name}")[0]).quantize(_CENT)
    paid = month.replace(day=3, hour=9)
    yield _booking(f"payout-{name}", paid, gross, FlowClass.PAYOUT, "Demo customers", f"payout for {name}")
    fee = -(gross * _FEE).quantize(_CENT)
    yield _booking(f"fee-{name}", paid, fee, FlowClass.FEE, "Demo payout platform", f"fee for {name}")
    if between(seed, f"refund {name}", 1, 4) == 1:
        # A customer's money back takes back income: it stays negative income of the same class.
        back = -Decimal(between(seed, f"refunded {name}", 4_000, 18_000)).scaleb(-2)
        at = month.replace(day=14, hour=15)
        yield _booking(f"refund-{name}", at, back, FlowClass.PAYOUT, "Demo customers", "a customer's money back")


def _booking(name: str, at: datetime, amount: Decimal, kind: FlowClass, payer: str, text: str) -> Transaction:
    return Transaction(
        account=ACCOUNT,
        external_id=name,
        booked_at=at,
        amount=amount,
        asset=USD,
        kind=kind,
        counterparty=payer,
        description=text,
    )


def _time(one: Transaction) -> datetime:
    assert isinstance(one.booked_at, datetime)
    return one.booked_at
