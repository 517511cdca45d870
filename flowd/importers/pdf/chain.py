"""From balance to balance: the signs with which the postings between lead from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.decided import Decided, column_sign
from flowd.importers.pdf.direction import direction_of
from flowd.importers.pdf.sums import Sum
from flowd.importers.pdf.table import Entry, Mark
from flowd.importers.pdf.vocabulary import Role

_MOST_SOLVED: Final = 16
#: Of more postings between two balances some shorter amount fits by chance, and trying all takes long.
_MOST_REREAD: Final = 6
#: How many words agree, the signs, and whether other signs agree as well.
_Way = tuple[int, tuple[int, ...], bool]


def follow(entries: Sequence[Entry], by_line: dict[int, Decided]) -> Chain:
    """Return the chain from balance to balance, in the order of `entries`."""
    chain = Chain()
    for entry in entries:
        if isinstance(entry, Mark):
            if entry.role is Role.TOTAL or len(entry.sums) > 2:
                continue
            asset = chain.place(entry.sums[-1].asset)
            if entry.role is Role.CLOSING and not chain.waiting.get(asset):
                continue  # told before the postings that lead to it
            chain.reach(asset, entry.sums[-1].signed)
            continue
        row = by_line.get(id(entry))
        if row is None:
            continue
        asset = chain.place(row.balance.asset if row.balance is not None else row.amount.asset)
        chain.waiting.setdefault(asset, []).append(row)
        if row.balance is not None:
            chain.reach(asset, row.balance.signed, perhaps=row.row.maybe)
    return chain


class Chain:
    """Goes from balance to balance, and signs the postings between so that they lead from one to the other."""

    def __init__(self) -> None:
        self.signs: dict[int, int] = {}
        #: Amounts that fit only if the number before them is none of theirs.
        self.anew: dict[int, Sum] = {}
        self.hits = self.steps = 0
        self.waiting: dict[str | None, list[Decided]] = {}
        self._last: dict[str | None, Decimal] = {}

    def place(self, asset: str | None) -> str | None:
        """Return the currency whose chain goes on: a balance often leaves its own away."""
        if asset not in self._last and len(self._last) == 1 and None in (asset, next(iter(self._last))):
            return next(iter(self._last))
        return asset

    def reach(self, asset: str | None, balance: Decimal, *, perhaps: bool = False) -> None:
        """Arrive at a balance; `perhaps` if the line that shows it may be no posting."""
        group = self.waiting.get(asset, [])
        sure = [row for row in group if not row.row.maybe]
        if asset in self._last:
            delta = balance - self._last[asset]
            used, found = sure, None if perhaps else _solve(sure, delta)
            if found is None and len(sure) < len(group) and delta:
                used, found = group, _solve(group, delta)
            if perhaps and found is None:
                return
            if found is None:
                found = self._read_anew(used, delta)
            self.steps += len(used)
            if found is not None:
                self.hits += len(used)
                self.signs.update({id(row.row): sign for row, sign in zip(used, found, strict=True)})
        elif perhaps:
            return
        elif len(sure) == 1 and sure[0].balance is not None and sure[0].amount.value == abs(balance) != 0:
            sign = 1 if balance > 0 else -1
            if sign != -(sure[0].amount.sign or direction_of(fold(sure[0].row.text))):
                # The account began with nothing.
                self.steps += 1
                self.hits += 1
                self.signs[id(sure[0].row)] = sign
        self._last[asset] = balance
        self.waiting[asset] = []

    def _read_anew(self, rows: Sequence[Decided], delta: Decimal) -> list[int] | None:
        """Return the signs that lead to the balance if one of the amounts is shorter than it looked."""
        for row in rows if len(rows) <= _MOST_REREAD else ():
            shorter, written = row.amount.shorter, row.amount
            if shorter is None:
                continue
            row.amount = replace(written, value=shorter)
            found = _solve(rows, delta)
            if found is not None:
                self.anew[id(row.row)] = row.amount
            row.amount = written
            if found is not None:
                return found
        return None


def _solve(rows: Sequence[Decided], delta: Decimal) -> list[int] | None:
    """Return signs with which the rows' amounts add up to `delta`: the ones words speak for, if several do."""
    if not rows:
        return None
    if len(rows) == 1:
        if rows[0].amount.value == abs(delta):
            return [1 if delta >= 0 else -1]
        return None
    cents = [int(row.amount.value * 100) for row in rows]
    target = int(delta * 100)
    priors = [
        row.amount.sign or column_sign(row) or row.row.section or direction_of(fold(row.row.text)) for row in rows
    ]
    written = [row.amount.sign for row in rows]
    solve = _mend if len(rows) > _MOST_SOLVED else _likeliest
    found = solve(cents, priors, written, target)
    if found is None and -1 not in written:
        # What is owed falls with what is marked as money in.
        found = solve(cents, priors, [-sign for sign in written], target)
    return found


def _likeliest(cents: Sequence[int], priors: Sequence[int], fixed: Sequence[int], target: int) -> list[int] | None:
    """Return the signs that add up to `target` and agree with most of `priors`; None where several do."""
    half = len(cents) // 2
    first = _sums(cents[:half], priors[:half], fixed[:half])
    second = _sums(cents[half:], priors[half:], fixed[half:])
    best: list[_Way] = []
    for total, way in first.items():
        other = second.get(target - total)
        if other is not None:
            both = (way[0] + other[0], way[1] + other[1], way[2] or other[2])
            if not best or both[0] > best[0][0]:
                best = [both]
            elif both[0] == best[0][0]:
                best.append(both)  # two ways fit, and no word speaks for one of them
    return list(best[0][1]) if len(best) == 1 and not best[0][2] else None


def _sums(cents: Sequence[int], priors: Sequence[int], fixed: Sequence[int]) -> dict[int, _Way]:
    """Return every sum that signs can give, with the signs that agree with most of `priors`."""
    found: dict[int, _Way] = {}
    for signs in product(*((sign,) if sign else (1, -1) for sign in fixed)):
        total = sum(c * s for c, s in zip(cents, signs, strict=True))
        agreed = sum(prior == sign for prior, sign in zip(priors, signs, strict=True))
        if total not in found or agreed > found[total][0]:
            found[total] = (agreed, signs, False)
        elif agreed == found[total][0]:
            found[total] = (agreed, signs, True)
    return found


def _mend(cents: Sequence[int], priors: Sequence[int], fixed: Sequence[int], target: int) -> list[int] | None:
    """Return the signs words speak for, with up to two of them turned, if they then add up to `target`.

    Only one way of turning may do: with many rows several fit by chance.
    """
    signs = [sign or prior or 1 for sign, prior in zip(fixed, priors, strict=True)]
    over = sum(c * s for c, s in zip(cents, signs, strict=True)) - target
    if over == 0:
        return signs
    free = [at for at in range(len(cents)) if not fixed[at]][:400]
    ways: list[tuple[int, ...]] = [(at,) for at in free if 2 * cents[at] * signs[at] == over]
    if not ways:
        seen: dict[int, list[int]] = {}
        for at in free:
            turned = 2 * cents[at] * signs[at]
            ways += [(other, at) for other in seen.get(over - turned, [])[:2]]
            seen.setdefault(turned, []).append(at)
    if len(ways) != 1:
        return None
    return [-sign if at in ways[0] else sign for at, sign in enumerate(signs)]
