"""What a table's balance column proves: day ends that follow from the amounts, and gaps where rows are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.api import Balance
from flowd.importers.delimited.daychain import Gap, PlaceChain, Room

#: Accounts (in one currency each) that are followed; a file with more is read, but the rest is not followed.
_ACCOUNTS: Final = 10_000
#: Month ends of one file that are kept at most; openings and closings always are.
_MONTH_ENDS: Final = 200_000
#: So many day ends inside a file are told too, not only month ends: a shorter export whose last day was not over yet is
#: then put right by the longer one.
_DAY_ENDS: Final = 750
#: Fewer gaps are gaps; with more, and more of them than days that follow, the column is no balance of these amounts.
_FEW: Final = 3


class Balances:
    """Follows each account's balance over the days of a file, whichever way the file lists them.

    Within a day the order is free, because many banks do not list rows in the order of booking.
    """

    def __init__(self, read: Callable[[str], Decimal | None], slack: Decimal = Decimal()) -> None:
        self._read = read
        self._slack = slack
        self._places: dict[tuple[str, str], PlaceChain] = {}
        self._room = Room(days=_DAY_ENDS, months=_MONTH_ENDS)
        self._timed = False

    def add(self, place: tuple[str, str], day: date, amount: Decimal, balance: str, line: int) -> None:
        """Look at one booked row; one without a readable balance breaks nothing."""
        chain = self._places.get(place)
        if chain is None:
            if len(self._places) >= _ACCOUNTS:
                return
            chain = self._places[place] = PlaceChain(self._slack, self._room)
        chain.add(day, amount, self._read(balance), line)

    def no_days(self) -> None:
        """Say that rows have instants: on which day one counts depends on the time zone, so no day end is certain."""
        self._timed = True

    def finish(self) -> None:
        """Say that there are no more rows."""
        for chain in self._places.values():
            chain.finish()

    @property
    def _readable(self) -> bool:
        links, gaps = self._links()
        return gaps < _FEW or gaps * 2 <= links

    def _links(self) -> tuple[int, int]:
        links = sum(chain.links for chain in self._places.values())
        return links, sum(chain.gaps for chain in self._places.values())

    def records(self) -> Iterator[Balance]:
        """Yield the balances that are certain: before the first row, at the ends of months and days, and the last."""
        if self._timed or not self._readable:
            return
        for (account, asset), chain in self._places.items():
            for day, amount in chain.certain():
                yield Balance(account=account, asset=asset, day=day, amount=amount)

    def notes(self) -> Iterator[str]:
        """Yield what is to be said: each gap with size and span, or that the column is no balance of the amounts."""
        links, gaps = self._links()
        several = len(self._places) > 1
        first = min((gap.line for chain in self._places.values() for gap in chain.found), default=0)
        if not self._readable:
            yield (
                f"the balance does not follow from the amounts on {gaps} of {links} days, first at line {first}: rows "
                "may be missing, or the amounts are read wrongly; no balance was taken from the file"
            )
            return
        for (account, asset), chain in self._places.items():
            for gap in chain.found:
                yield _said(gap, asset, account if several else "")
        silent = gaps - sum(len(chain.found) for chain in self._places.values())
        if silent:
            yield f"the balances show {silent} more gaps"
        unordered = [account for (account, _), chain in self._places.items() if chain.unordered]
        if unordered:
            whose = f" of {len(unordered)} accounts" if several else ""
            yield f"rows{whose} are not in the order of their days: balances cannot be checked"


def _said(gap: Gap, asset: str, account: str) -> str:
    span = _span(gap.first, gap.last)
    if gap.missing is None:
        size = "the balance does not follow from the amounts"
    else:
        size = f"{abs(gap.missing):f} {asset} {'missing' if gap.missing > 0 else 'too much'}"
    whose = f" (account {account})" if account else ""
    return f"{span}: {size}{whose}; see line {gap.line}: the file seems to lack rows there"


def _span(first: date, last: date) -> str:
    if first == last:
        return _day(first)
    begin = f"{first.day} {_MONTHS[first.month - 1]}" if first.year == last.year else _day(first)
    return f"{begin} to {_day(last)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
