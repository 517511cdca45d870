"""Bands and progress as they are drawn in a terminal."""

from __future__ import annotations

from decimal import Decimal

from flowd.edges.fan import fans, progress


def numbers(*values: str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_bands_are_drawn_on_one_scale_from_zero() -> None:
    assert fans([numbers("40", "50", "60", "70", "90"), numbers("90", "95", "100", "100", "100")], 10) == [
        "    ─━●━──",
        "         ●",
    ]


def test_what_may_be_below_zero_moves_the_scale() -> None:
    (loss, gain) = fans([numbers("-100", "-50", "0", "50", "100"), numbers("0", "0", "0", "0", "0")], 21)
    assert loss == "─────━━━━━●━━━━━─────"
    assert gain.index("●") == 10
    assert gain.strip() == "●"


def test_no_bands_and_nothing_but_zeros() -> None:
    assert fans([]) == []
    assert fans([numbers("0", "0", "0", "0", "0")], 5) == ["●    "]


def test_progress_is_a_bar_that_never_runs_over() -> None:
    assert progress(Decimal("0.25"), 8) == "██░░░░░░"
    assert progress(Decimal(3), 4) == "████"
    assert progress(Decimal(-1), 4) == "░░░░"
    assert progress(None, 4) == "    "
