"""Statistics of days: worked by hand, and unmoved by what must not move them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.analytics.statistics.describe import describe, variation

AMOUNTS = st.lists(st.integers(-100_000, 100_000), min_size=2, max_size=60)
NAN = float("nan")


def array(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def test_by_hand() -> None:
    found = describe(array(2, 4, 4, 4, 5, 5, 7, NAN, 9))
    assert (found.known, found.unknown) == (8, 1)
    assert found.mean == 5
    assert found.median == 4.5
    assert found.std == pytest.approx((32 / 7) ** 0.5)
    assert found.mad == 0.5  # distances 2.5, .5, .5, .5, .5, .5, 2.5, 4.5
    assert (found.min, found.max) == (2, 9)
    assert found.cv == pytest.approx((32 / 7) ** 0.5 / 5)
    assert found.reason == ""


def test_what_cannot_be_said_is_none_with_a_reason() -> None:
    found = describe(array(NAN, NAN))
    assert (found.known, found.unknown, found.mean, found.std, found.cv) == (0, 2, None, None, None)
    assert found.reason == "no day of the window is known"
    assert describe(array()).reason == "there is no day in the window"


def test_one_day_has_no_spread() -> None:
    found = describe(array(3))
    assert (found.mean, found.std, found.mad, found.cv) == (3, None, 0, None)


def test_a_variation_of_what_loses_money_means_nothing() -> None:
    assert describe(array(-1, -2)).cv is None
    assert describe(array(-1, 1)).cv is None
    assert variation(array(1, 2)) is None
    assert variation(array(1, 2, 3)) == 0.5


def test_the_same_every_day_has_no_spread_at_all() -> None:
    found = describe(np.full(365, 135.48))
    assert (found.std, found.mad, found.cv) == (0, 0, 0)


@given(AMOUNTS, st.integers(-1000, 1000), st.integers(1, 1000))
def test_shift_and_scale(values: list[int], shift: int, scale: int) -> None:
    before, after = describe(array(*values)), describe(array(*(scale * value + shift for value in values)))
    for name, moves in (("mean", True), ("median", True), ("min", True), ("max", True), ("std", False), ("mad", False)):
        expected = scale * getattr(before, name) + (shift if moves else 0)
        assert getattr(after, name) == pytest.approx(expected, rel=1e-9, abs=1e-6), name


@given(AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_days_does_not_matter(values: list[int], random: object) -> None:
    mixed = list(values)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert describe(array(*values)) == describe(array(*mixed))


@given(AMOUNTS, st.integers(0, 5))
def test_unknown_days_are_counted_and_change_nothing_else(values: list[int], unknown: int) -> None:
    found = describe(array(*values, *[NAN] * unknown))
    assert found.unknown == unknown
    assert found.mean == describe(array(*values)).mean
