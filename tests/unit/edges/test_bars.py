"""Bars that stand on zero."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowd.edges.bars import bars


@pytest.mark.parametrize(
    ("values", "width", "drawn"),
    [
        ([135, 140, 140], 10, "███"),  # four per cent are no mountain
        ([0, 70, 140], 10, "▁▅█"),
        ([-70, 0, 70], 10, "▁▅█"),
        ([0, None, 0], 10, "▁ ▁"),
        ([None, 5], 10, " █"),
        ([0, 0, 8, 8], 2, "▁█"),
        ([], 10, ""),
    ],
)
def test_bars_stand_on_zero(values: list[int | None], width: int, drawn: str) -> None:
    assert bars([None if value is None else Decimal(value) for value in values], width) == drawn
