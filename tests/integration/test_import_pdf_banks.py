"""Statements of 32 real banks and brokers, read without knowing the bank, against what a parser of each bank takes."""

from __future__ import annotations

import pytest

from bench.importers_pdf import DATA, Score, held_out, score_bank, truth

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real statements are not on this machine")


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return {bank: score_bank(bank, files) for bank, files in truth().items()}


def _sum(scores: dict[str, Score], *, held: bool | None = None) -> Score:
    total = Score()
    for bank, score in scores.items():
        if held is None or held_out(bank) is held:
            total.add(score)
    return total


def test_most_of_what_each_banks_own_parser_takes_is_found(scores: dict[str, Score]) -> None:
    seen = _sum(scores, held=False)
    assert seen.recall > 0.84
    assert seen.recall_either > 0.91
    assert seen.recall_joined > 0.95
    assert _sum(scores).recall_joined > 0.93


def test_most_of_what_is_found_is_expected_or_proved(scores: dict[str, Score]) -> None:
    assert _sum(scores, held=False).supported > 0.93
    assert _sum(scores).supported > 0.92


def test_few_statements_are_refused(scores: dict[str, Score]) -> None:
    total = _sum(scores)
    assert total.refused < 0.06 * total.files


def test_money_goes_the_way_it_went(scores: dict[str, Score]) -> None:
    # Some of the files were altered by hand, so that their own balances speak against them.
    assert _sum(scores, held=False).directed > 0.96
    assert _sum(scores, held=True).directed > 0.99
