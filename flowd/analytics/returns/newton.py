"""Solves for the rates of many portfolios at once, in blocks that fit the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from flowd.analytics.returns.arrays import Days, Flags, Floats

YEAR: Final = 365.0
_ROUNDS: Final = 50
#: Newton's method doubles the digits with each step: after one this small the next is within rounding.
_CLOSE: Final = 1e-9
#: What is left at a root, as a share of all that was added up: more than this and it is none.
_RESIDUE: Final = 1e-9
#: Numbers per array of a block: a few such arrays stay in the processor's second cache.
_BLOCK: Final = 1 << 14


@dataclass(slots=True)
class _Block:
    """Portfolios as rows, their flows as columns: what a row has fewer of is filled up with zeros."""

    rows: Days
    money: Floats
    years: Floats


def solve(days: Days, amounts: Floats, starts: Days, lengths: Days, first: Days, guess: Floats) -> Floats:
    """Return log(1 + rate) of p portfolios, NaN where Newton's method leads nowhere.

    The flows of portfolio k are the `lengths[k]` from `starts[k]` on, its first day is `first[k]`; `guess` (p) is
    where to begin, as log(1 + rate). The steps are those in the rate, r - f(r) / f'(r), so that of several roots it
    is the one that spreadsheets find from the same guess.
    """
    result = np.full(len(starts), np.nan)
    with np.errstate(all="ignore"):
        for block in _blocks(days, amounts, starts, lengths, first):
            found = _by_value(block, guess[block.rows])
            lost = np.flatnonzero(np.isnan(found))
            if len(lost):
                found[lost] = _by_ratio(block.money[lost], block.years[lost])
            result[block.rows] = found
    return result


def _blocks(days: Days, amounts: Floats, starts: Days, lengths: Days, first: Days) -> Iterator[_Block]:
    # portfolios of like size side by side, so that little has to be filled up
    order = np.argsort(lengths, kind="stable")
    sizes = lengths[order]
    low = 0
    while low < len(order):
        # every row of a block is as wide as its longest, the last one: sizes grow, so a block is as long as it may be
        fits = (np.arange(1, len(order) - low + 1)[:_BLOCK] * sizes[low : low + _BLOCK]) <= _BLOCK
        high = low + max(1, int(np.count_nonzero(fits)))
        rows = order[low:high]
        columns = np.arange(lengths[rows[-1]])
        filled = columns < lengths[rows, None]
        places = np.where(filled, starts[rows, None] + columns, 0)
        yield _Block(
            rows=rows,
            money=amounts[places] * filled,
            years=(days[places] - first[rows, None]) * filled / YEAR,
        )
        low = high


def _by_value(block: _Block, guess: Floats) -> Floats:
    """Return where the present values vanish, by steps in the rate; NaN where that does not end."""
    money, years = block.money, block.years
    weighted = money * years
    result = np.full(len(guess), np.nan)
    active = np.arange(len(guess))
    log = guess.copy()
    buffer = np.empty_like(years)
    for _ in range(_ROUNDS):
        discount = buffer[: len(active)]
        np.multiply(years, -log[:, None], out=discount)
        np.exp(discount, out=discount)
        value = _sums(money, discount)
        # a step in the rate is a factor to 1 + rate, which must not fall below zero
        step = np.log1p(value / _sums(weighted, discount))
        log += step
        done = _arrived(step, log)
        if done.any():
            sizes = _sums(np.abs(money[done]), discount[done])
            good = np.abs(value[done]) <= _RESIDUE * sizes
            result[active[done]] = np.where(good, log[done], np.nan)
        going = ~done & np.isfinite(log)
        if not going.any():
            break
        # leaving the finished ones in costs less than taking them out, until they are the most
        if going.sum() <= len(active) // 2:
            money, years, weighted = money[going], years[going], weighted[going]
            log, active = log[going], active[going]
    return result


def _by_ratio(money: Floats, years: Floats) -> Floats:
    """Return where all got is worth all given, of rows whose flows change their sign once; NaN for the others.

    The logarithm of got over given is nearly a straight line in log(1 + rate), so Newton's method on it arrives where
    steps in the rate overshoot. One change of sign means one root, so there is nothing to choose.
    """
    result = np.full(len(money), np.nan)
    single = _sign_changes(money, years) == 1
    got, given, when = np.maximum(money[single], 0), np.maximum(-money[single], 0), years[single]
    log = np.zeros(int(single.sum()))
    found = np.zeros(len(log), dtype=np.bool_)
    for _ in range(_ROUNDS):
        discount = np.exp(-log[:, None] * when)
        up, down = got * discount, given * discount
        ups, downs = up.sum(axis=1), down.sum(axis=1)
        step = np.log(ups / downs) / (_sums(up, when) / ups - _sums(down, when) / downs)
        log += step
        found = _arrived(step, log)
        if not np.any(~found & np.isfinite(log)):
            break
    result[single] = np.where(found, log, np.nan)
    return result


def _sign_changes(money: Floats, years: Floats) -> Days:
    order = np.argsort(years, axis=1, kind="stable")
    signs = np.sign(np.take_along_axis(money, order, axis=1))
    # zeros take the sign before them, those at the beginning none
    columns = np.where(signs != 0, np.arange(signs.shape[1]), 0)
    signs = np.take_along_axis(signs, np.maximum.accumulate(columns, axis=1), axis=1)
    changes: Days = np.count_nonzero(signs[:, 1:] * signs[:, :-1] < 0, axis=1)
    return changes


def _arrived(step: Floats, log: Floats) -> Flags:
    arrived: Flags = (np.abs(step) <= _CLOSE * np.maximum(1.0, np.abs(log))) & np.isfinite(log)
    return arrived


def _sums(left: Floats, right: Floats) -> Floats:
    sums: Floats = np.einsum("pk,pk->p", left, right)
    return sums
