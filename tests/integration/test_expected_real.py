"""Regular series are found in a real bank's statements whose payees are hidden (the bench prints the whole table)."""

from __future__ import annotations

import pytest

from bench.accuracy_cadence import DATA, bank, by_flowd, by_flowd_with_classes, punctual, score

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"there is no {DATA}: real statements stand beside the project"
)


def test_orders_salaries_and_pensions_are_found_without_their_payees() -> None:
    scores = score(bank(250), by_flowd)
    for kind in ("standing orders", "salaries", "pensions", "statement fees"):
        assert scores[kind].true > 20
        assert scores[kind].precision >= 0.99, kind
        assert scores[kind].recall >= 0.99, kind


def test_interest_is_found_where_it_is_known_as_such() -> None:
    scores = score(bank(60), by_flowd_with_classes)
    assert scores["interest"].true > 20
    assert (scores["interest"].precision, scores["interest"].recall) >= (0.99, 0.99)


def test_the_next_receipt_comes_within_its_window() -> None:
    foretold, same_day, within, amount = punctual(bank(250), ("salaries", "pensions"), 3)
    assert foretold > 200
    assert same_day >= 0.98 * foretold
    assert within >= 0.98 * foretold
    assert amount >= 0.93 * foretold
