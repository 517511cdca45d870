"""Whether a file's balances follow from its amounts: a mismatch is a warning, a missing row shows itself so."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

_ACCOUNTS: Final = 10_000


class BalanceChain:
    """Follows each account's balance down the file, and up, because banks list either way."""

    def __init__(self, read: Callable[[str], Decimal | None]) -> None:
        self._read = read
        self._last: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
        self._steps = 0
        self._wrong = [0, 0]
        self._first = [0, 0]

    def add(self, place: tuple[str, str], amount: Decimal, balance: str, line: int) -> None:
        """Look at one row; a row without a readable balance breaks nothing and begins anew."""
        value = self._read(balance)
        if value is None:
            self._last.pop(place, None)
            return
        before = self._last.get(place)
        if before is not None:
            self._steps += 1
            if before[1] + amount != value:
                self._count(0, line)
            if value + before[0] != before[1]:
                self._count(1, line)
        if before is not None or len(self._last) < _ACCOUNTS:
            self._last[place] = (amount, value)

    def _count(self, way: int, line: int) -> None:
        self._wrong[way] += 1
        if not self._first[way]:
            self._first[way] = line

    def verdict(self) -> str | None:
        """Return the warning to give, if balances and amounts disagree whichever way the file is read."""
        way = 0 if self._wrong[0] <= self._wrong[1] else 1
        if not self._wrong[way]:
            return None
        return (
            f"the balance does not follow from the amounts in {self._wrong[way]} of {self._steps} rows, first at line "
            f"{self._first[way]}: a row may be missing, or the amounts are read wrongly"
        )
