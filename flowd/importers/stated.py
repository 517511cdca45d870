"""What statements of every format state: whose account it is, its balances, and remarks about what did not fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from flowd.api import Balance, FileRefused, Hints, Transaction

_MOST_NOTES: Final = 20
_MOST_STATEMENTS: Final = 50_000
#: Postings of one statement that are kept back to see whether the file states it twice.
KEPT: Final = 5_000
_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
#: How long an IBAN is where currencies or other letters are written right behind it.
_IBAN_LENGTH: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24,
    "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}  # fmt: skip


def iban(text: str) -> str | None:
    """Return the IBAN that `text` begins with, compact and in capitals, or None; check digits are not looked at."""
    compact = "".join(text.split()).upper()
    found = _IBAN.match(compact)
    if found is None:
        return None
    length = _IBAN_LENGTH.get(compact[:2])
    if length is None:
        return compact if _IBAN.fullmatch(compact) else None
    return compact[:length] if len(compact) >= length else None


@dataclass(kw_only=True)
class Notes:
    """Remarks about a file; after twenty only the last one says that there are more."""

    said: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Keep a remark."""
        if len(self.said) < _MOST_NOTES:
            self.said.append(text)
        elif len(self.said) == _MOST_NOTES:
            self.said.append("… and more of this kind")


class Accounts:
    """Which of flowd's accounts a statement belongs to, by what it states and what the user said."""

    def __init__(self, hints: Hints) -> None:
        self._hints = hints
        self._renamed = hints.options.get("accounts")
        self._stated: str | None = None
        self._named: dict[tuple[str, str], tuple[str, str]] = {}

    def name(self, stated: str, asset: str, place: str) -> tuple[str, str]:
        """Return account and asset for an account `stated` in `asset` (either may be empty) at `place`."""
        known = self._named.get((stated, asset))
        if known is not None:
            return known
        hints = self._hints
        if hints.insists and stated:
            if self._stated is not None and self._stated != stated:
                raise FileRefused(
                    f"{place}: the file holds two accounts, {self._stated!r} and {stated!r}, but one was given "
                    f"({hints.account!r}); leave the account away, they name themselves"
                )
            self._stated = stated
        name = hints.account if hints.insists else stated or hints.account
        if not name:
            raise FileRefused(
                f"{place}: the statement does not say which account it is; give it (`--account`, or `account:`)"
            )
        if not hints.insists and isinstance(self._renamed, Mapping):
            name = str(self._renamed.get(name, name))
        code = asset or hints.asset or ""
        if not code:
            raise FileRefused(
                f"{place}: the statement does not say its currency; give it (`--currency`, or `currency:`)"
            )
        try:
            Transaction(account=name, external_id=None, booked_at=_SOME_DAY, amount=Decimal(), asset=code)
        except ValueError as error:
            raise FileRefused(f"{place}: {error}") from None
        if len(self._named) > 10_000:
            self._named.clear()
        self._named[stated, asset] = name, code
        return name, code


@dataclass(slots=True, kw_only=True)
class Span:
    """One statement: its balances before and after, and the days and the sum of what was booked between."""

    account: str
    asset: str
    place: str
    opening: tuple[date, Decimal] | None = None
    #: Whether the opening is the balance at the end of a day, not that of the page before.
    opens: bool = True
    closing: tuple[date, Decimal] | None = None
    first: date | None = None
    last: date | None = None
    total: Decimal = Decimal()
    count: int = 0

    def add(self, day: date, amount: Decimal) -> None:
        """Take one booked posting into account."""
        if self.first is None or self.last is None:
            self.first = self.last = day
        elif day < self.first:
            self.first = day
        elif day > self.last:
            self.last = day
        self.total += amount
        self.count += 1

    def balances(self) -> Iterator[Balance]:
        """Yield the opening and the closing balance, dated so that every posting of the statement lies between."""
        quiet = not self.count and self.closing is not None and self.opening == self.closing
        if self.opening is not None and self.opens and not quiet:
            day, amount = self.opening
            if self.first is not None:
                day = min(day, self.first - timedelta(days=1))
            yield Balance(account=self.account, asset=self.asset, day=day, amount=amount)
        if self.closing is not None:
            day, amount = self.closing
            if self.last is not None:
                day = max(day, self.last)
            yield Balance(account=self.account, asset=self.asset, day=day, amount=amount)

    def gap(self) -> str | None:
        """Return a remark if the postings do not lead from the opening to the closing balance."""
        if self.opening is None or self.closing is None:
            return None
        missing = self.closing[1] - self.opening[1] - self.total
        if not missing:
            return None
        return (
            f"{self.place}: {self.account}: {self.opening[1]} on {self.opening[0]} and postings of {self.total} do not "
            f"make {self.closing[1]} on {self.closing[0]}: {missing} {self.asset} are not explained"
        )


class Seen:
    """The statements of a file so far, so that one it states twice is read once."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def before(self, span: Span, postings: Sequence[Transaction]) -> bool:
        """Say whether a statement with these very balances and postings came before, and remember it.

        Two statements that both lead from one balance to another cannot both be true; where the balance did not change,
        nothing is said.
        """
        if span.count != len(postings) or span.opening is None or span.closing is None or not span.total:
            return False
        facts = [f"{post.booked_at}{post.amount}{post.counterparty}\0{post.description}" for post in postings]
        what = "\0".join([span.account, span.asset, f"{span.opening}{span.closing}", *facts])
        key = blake2b(what.encode("utf-8", "replace"), digest_size=12).digest()
        if key in self._known:
            return True
        if len(self._known) < _MOST_STATEMENTS:
            self._known.add(key)
        return False
