"""A line of blocks shows how numbers go, and never a number that is not known."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.edges.sparkline import sparkline


def test_goes_from_lowest_to_highest() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([Decimal("1.5"), Decimal("-2")]) == "█▁"


@pytest.mark.parametrize("unknown", [None, math.nan, math.inf])
def test_unknown_is_blank_and_never_low(unknown: float | None) -> None:
    assert sparkline([1, unknown, 2]) == "▁ █"
    assert sparkline([unknown, unknown]) == "  "


def test_same_values_are_flat() -> None:
    assert sparkline([5, 5, 5]) == "▄▄▄"
    assert sparkline([1.0, 1.0 + 1e-15]) == "▄▄"
    assert sparkline([]) == ""


def test_more_values_than_room_are_means() -> None:
    assert sparkline([0, 0, 10, 10, None, None], width=3) == "▁█ "
    assert sparkline([0, 2, 9, 11], width=2) == "▁█"


def test_width_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="width of 1 or more, not 0"):
        sparkline([1], width=0)


@given(st.lists(st.none() | st.floats()), st.integers(1, 100))
@settings(deadline=None)
def test_is_never_wider_than_asked(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) == min(width, len(values))
