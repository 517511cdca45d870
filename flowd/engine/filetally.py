"""What a file states of each account, counted while its records pass by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowd.domain.records import AccountInfo, Balance, Record, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a file states of one account in one asset: its postings, their days, and the first and last balance.

    `fits` says whether the balances differ by just what is booked between them; None where a file states no balance
    before its first posting, or none after its last.
    """

    account: str
    asset: str
    rows: int
    first: date | None
    last: date | None
    opening: Balance | None = None
    closing: Balance | None = None
    fits: bool | None = None


@dataclass(slots=True)
class _Place:
    """The postings of one account in one asset, as they come by."""

    first: date
    last: date
    rows: int = 0
    booked: Decimal = Decimal()


@dataclass(kw_only=True)
class Tally:
    """What has come by so far."""

    rows: int = 0
    places: dict[tuple[str, str], _Place] = field(default_factory=dict)
    described: set[str] = field(default_factory=set)
    balances: dict[tuple[str, str], tuple[Balance, Balance]] = field(default_factory=dict)

    def watch(self, records: Iterable[Record]) -> Iterator[Record]:
        """Pass `records` on, counting."""
        places = self.places
        for record in records:
            if type(record) is Transaction:
                day = record.booked_at
                if isinstance(day, datetime):
                    day = day.date()
                key = record.account, record.asset
                place = places.get(key)
                if place is None:
                    place = places[key] = _Place(day, day)
                elif day < place.first:
                    place.first = day
                elif day > place.last:
                    place.last = day
                place.rows += 1
                if not record.pending:
                    place.booked += record.amount
            elif type(record) is AccountInfo:
                self.described.add(record.account)
            elif type(record) is Balance:
                self.stated(record)
            else:
                self.rows += 1
            yield record

    @property
    def accounts(self) -> dict[str, int]:
        """The number of postings of each account."""
        found: dict[str, int] = {}
        for (account, _), place in self.places.items():
            found[account] = found.get(account, 0) + place.rows
        return found

    @property
    def told(self) -> int:
        """How many postings and other facts there are, balances and accounts left out."""
        return self.rows + sum(self.accounts.values())

    def statements(self) -> Iterator[Stated]:
        """Yield what is stated of each account in each asset."""
        for key in dict.fromkeys([*self.places, *self.balances]):
            place, (opening, closing) = self.places.get(key), self.balances.get(key, (None, None))
            fits = _fits(place, opening, closing) if place and opening and closing else None
            first, last, rows = (place.first, place.last, place.rows) if place is not None else (None, None, 0)
            yield Stated(
                account=key[0],
                asset=key[1],
                rows=rows,
                first=first,
                last=last,
                opening=opening,
                closing=closing,
                fits=fits,
            )

    def stated(self, balance: Balance) -> None:
        """Keep the first and the last balance of each account and asset."""
        place = (balance.account, balance.asset)
        known = self.balances.get(place)
        if known is None:
            self.balances[place] = (balance, balance)
        elif balance.day < known[0].day:
            self.balances[place] = (balance, known[1])
        elif balance.day >= known[1].day:
            self.balances[place] = (known[0], balance)


def _fits(place: _Place, opening: Balance, closing: Balance) -> bool | None:
    if opening.day >= place.first or closing.day < place.last:
        return None
    return opening.amount + place.booked == closing.amount
