"""Gives each security a code of its own that no currency or coin has, and its price where one is stated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal
from hashlib import blake2b
from typing import Final

from flowd.api import Rate
from flowd_plaid.accounts import asset_code, maybe_currency
from flowd_plaid.shape import Shape

#: A day's price is kept under its noon in UTC, which is that day nearly everywhere.
_NOON: Final = time(12, tzinfo=UTC)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TICKER: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,29}")
_EXACT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN)
_PLACES: Final = Decimal("1e-12")


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """A security under the code flowd keeps it by; money itself (`is_money`) is its currency."""

    code: str
    is_money: bool


def securities(answer: Shape) -> Mapping[str, Security]:
    """Return the securities of an answer by Plaid's id."""
    return {item.text("security_id"): _security(item) for item in answer.maybe_each("securities")}


def unlisted(security_id: str) -> Security:
    """Return the security of which only Plaid's id is known; ids tell capitals from small letters, codes do not."""
    return Security(code=f"PLAID:{blake2b(security_id.encode(), digest_size=10).hexdigest().upper()}", is_money=False)


def _security(item: Shape) -> Security:
    kind = item.maybe_text("type")
    currency = maybe_currency(item)
    # Some institutions write a currency or a coin as CUR:USD.
    ticker = (
        (item.maybe_text("ticker_symbol") or "")
        .strip()
        .upper()
        .removeprefix("CUR:")
        .replace("/", ".")
        .replace(" ", ".")
    )
    if kind == "cash":
        code = ticker if _CURRENCY.fullmatch(ticker) else currency
        return Security(code=code, is_money=True) if code is not None else unlisted(item.text("security_id"))
    if not _TICKER.fullmatch(ticker):
        return unlisted(item.text("security_id"))
    if kind == "cryptocurrency":
        return Security(code=asset_code(ticker, item), is_money=False)
    # Shares are called ALL, CAD or BTC too, and one ticker is different firms in Toronto and New York.
    abroad = "" if currency in {None, "USD"} else f":{currency}"
    return Security(code=f"SEC:{ticker}{abroad}"[:40], is_money=False)


def price(holding: Shape, security: Security, quantity: Decimal, quote: str, now: datetime) -> Rate | None:
    """Return what the institution says one unit is worth in `quote`, dated as it says; None where it says nothing."""
    if security.is_money or security.code == quote:
        return None
    value = holding.maybe_amount("institution_price")
    worth = holding.maybe_amount("institution_value")
    if (value is None or value <= 0) and worth is not None and quantity and worth / quantity > 0:
        value = _EXACT.divide(worth, quantity).quantize(_PLACES)
    if value is None or value <= 0:
        return None
    at = holding.maybe_moment("institution_price_datetime")
    day = holding.maybe_day("institution_price_as_of")
    # A moment that is midnight is a day, and may be the wrong one.
    if at is None or at.time() == time(0) or (day is not None and at.date() < day):
        at = now if day is None else datetime.combine(day, _NOON)
    return Rate(base=security.code, quote=quote, at=min(at, now), value=value)
