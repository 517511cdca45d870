"""Reads amounts as Wise shows them to people, such as "<positive>+ 1,234.50 EUR</positive>"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flowd.api import RetryLater
from flowd_wise.shape import text

_TAG: Final = re.compile(r"</?(strong|positive|negative|strikethrough)>")
#: Nothing but this is an amount: digits in groups of three or none, a point, a currency.
_AMOUNT: Final = re.compile(r"([+\-\u2212])? ?(\d{1,3}(?:,\d{3})+|\d{1,24})(\.\d{1,18})? ([A-Z]{3})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An amount without its sign, its currency, and whether it says that the money came in (None: it does not say)."""

    amount: Decimal
    currency: str
    comes_in: bool | None


def shown(told: object, where: str) -> Shown | None:
    """Read an amount; None where nothing is shown, RetryLater where it is written in another way than is known."""
    if told is None or told == "":
        return None
    plain = words(told)
    found = _AMOUNT.fullmatch(plain)
    if not isinstance(told, str) or found is None:
        raise RetryLater(f"{where} shows the amount {told!r:.60}, which is written in another way than is known")
    sign, whole, rest, currency = found.groups()
    said = {
        said
        for said, is_said in ((True, sign == "+" or "<positive>" in told), (False, sign not in {None, "+"}))
        if is_said
    } | ({False} if "<negative>" in told else set())
    if len(said) > 1:
        raise RetryLater(f"{where} shows the amount {told!r:.60}, which comes in and goes out")
    return Shown(
        amount=Decimal(whole.replace(",", "") + (rest or "")),
        currency=currency,
        comes_in=next(iter(said), None),
    )


def words(told: object) -> str:
    """Return a text without Wise's tags, on one line."""
    return text(_TAG.sub("", told)) if isinstance(told, str) else ""
