"""Solves for the rates of many portfolios at once, in blocks that fit the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from flowd.analytics.returns.arrays import Days, Flags, Floats

YEAR: Final = 365.0
#: Steps that nearly all get by with, and those for the few that need more, which then share their rounds.
_ROUNDS: Final = (8, 42)
#: Newton's method doubles the digits with each step: after one this small the next is within rounding.
_CLOSE: Final = 1e-9
#: What is left at a root, as a share of all that was added up: more than this and it is none.
_RESIDUE: Final = 1e-9
#: Numbers per array of a block: a few such arrays stay in the processor's second cache.
_BLOCK: Final = 1 << 14


@dataclass(slots=True)
class _Block:
    """Portfolios as columns, their flows as rows: what a column has fewer of is filled up with zeros.

    That way round sums run over many portfolios side by side, also where each has but a few flows.
    """

    places: Days
    money: Floats
    years: Floats


def solve(days: Days, amounts: Floats, starts: Days, lengths: Days, first: Days, guess: Floats) -> Floats:
    """Return log(1 + rate) of p portfolios, NaN where Newton's method leads nowhere.

    The flows of portfolio k are the `lengths[k]` from `starts[k]` on, its first day is `first[k]`; `guess` (p) is
    where to begin, as log(1 + rate). The steps are those in the rate, r - f(r) / f'(r), so that of several roots it
    is the one that spreadsheets find from the same guess.
    """
    result = np.full(len(starts), np.nan)
    log = guess.copy()
    with np.errstate(all="ignore"):
        rows = np.arange(len(starts))
        for rounds in _ROUNDS:
            for block in _blocks(days, amounts, starts, lengths, first, rows):
                result[block.places], log[block.places] = _by_value(block, log[block.places], rounds)
            rows = np.flatnonzero(np.isnan(result) & np.isfinite(log))
        for block in _blocks(days, amounts, starts, lengths, first, np.flatnonzero(np.isnan(result))):
            result[block.places] = _by_ratio(block.money, block.years)
    return result


def _blocks(days: Days, amounts: Floats, starts: Days, lengths: Days, first: Days, wanted: Days) -> Iterator[_Block]:
    # portfolios of like size side by side, so that little has to be filled up
    order = wanted[np.argsort(lengths[wanted], kind="stable")]
    sizes = lengths[order]
    low = 0
    while low < len(order):
        # every column of a block is as long as its longest, the last one: sizes grow, so it is as wide as it may be
        fits = (np.arange(1, len(order) - low + 1)[:_BLOCK] * sizes[low : low + _BLOCK]) <= _BLOCK
        high = low + max(1, int(np.count_nonzero(fits)))
        chosen = order[low:high]
        rows = np.arange(lengths[chosen[-1]])[:, None]
        filled = rows < lengths[chosen]
        places = np.where(filled, starts[chosen] + rows, 0)
        yield _Block(
            places=chosen,
            money=amounts[places] * filled,
            years=(days[places] - first[chosen]) * filled / YEAR,
        )
        low = high


def _by_value(block: _Block, log: Floats, rounds: int) -> tuple[Floats, Floats]:
    """Return where the present values vanish, by steps in the rate from `log` on, and where each got to.

    The first is NaN where that has not ended, the second where it never will.
    """
    money, years = block.money, block.years
    weighted = money * years
    result, last = np.full(len(log), np.nan), np.full(len(log), np.nan)
    active = np.arange(len(log))
    buffer = np.empty_like(years)
    for _ in range(rounds):
        discount = buffer[:, : len(active)]
        np.multiply(years, -log, out=discount)
        np.exp(discount, out=discount)
        value = _sums(money, discount)
        # a step in the rate is a factor to 1 + rate, which must not fall below zero
        step = np.log1p(value / _sums(weighted, discount))
        log = log + step
        done = _arrived(step, log)
        if done.any():
            sizes = _sums(np.abs(money[:, done]), discount[:, done])
            good = np.abs(value[done]) <= _RESIDUE * sizes
            result[active[done]] = np.where(good, log[done], np.nan)
        going = ~done & np.isfinite(log)
        left = np.count_nonzero(going)
        if not left:
            active = active[:0]
            break
        # leaving the finished ones in costs less than taking them out, until they are the most
        if left <= len(active) // 2:
            money, years, weighted = money[:, going], years[:, going], weighted[:, going]
            log, active = log[going], active[going]
            buffer = np.empty_like(years)
    last[active] = np.where(np.isnan(result[active]), log[: len(active)], np.nan)
    return result, last


def _by_ratio(money: Floats, years: Floats) -> Floats:
    """Return the rates of portfolios whose balance never changes its sign, which have but one; NaN for the rest.

    The logarithm of all got over all given is nearly a straight line in log(1 + rate), so Newton's method on it arrives
    where steps in the rate overshoot. Which of several rates it would find is left to chance, so only those are taken
    that are alone: of money that is never owed by the other side meanwhile (Soper 1959).
    """
    order = np.argsort(years, axis=0, kind="stable")
    money, years = np.take_along_axis(money, order, axis=0), np.take_along_axis(years, order, axis=0)
    got, given = np.maximum(money, 0), np.maximum(-money, 0)
    log = np.zeros(money.shape[1])
    found = np.zeros(money.shape[1], dtype=np.bool_)
    for _ in range(sum(_ROUNDS)):
        discount = np.exp(-log * years)
        up, down = got * discount, given * discount
        ups, downs = up.sum(axis=0), down.sum(axis=0)
        step = np.log(ups / downs) / (_sums(up, years) / ups - _sums(down, years) / downs)
        log += step
        found = _arrived(step, log)
        if not np.any(~found & np.isfinite(log)):
            break
    balance = np.cumsum(money * np.exp(-log * years), axis=0)[:-1]
    alone = np.all(balance <= 0, axis=0) | np.all(balance >= 0, axis=0)
    return np.where(found & alone, log, np.nan)


def _arrived(step: Floats, log: Floats) -> Flags:
    arrived: Flags = (np.abs(step) <= _CLOSE * np.maximum(1.0, np.abs(log))) & np.isfinite(log)
    return arrived


def _sums(left: Floats, right: Floats) -> Floats:
    sums: Floats = np.einsum("kp,kp->p", left, right)
    return sums
