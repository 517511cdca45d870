"""A bank is asked so often in 24 hours and no more, whatever the cursor brings back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowd.api import BudgetSpent
from flowd.unattended import mark, next_read

TICK = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_so_many_reads_fit_into_a_day_and_the_next_waits_for_the_oldest() -> None:
    known = next_read(None, TICK, 2)
    known = next_read(known, TICK + 5 * HOUR, 2)
    assert known == [int(TICK.timestamp()), int((TICK + 5 * HOUR).timestamp())]
    with pytest.raises(BudgetSpent, match="asked 2 times in 24 hours") as raised:
        next_read(known, TICK + 6 * HOUR, 2)
    assert raised.value.after == 18 * HOUR
    assert next_read(known, TICK + 24 * HOUR, 2) == [known[1], int((TICK + 24 * HOUR).timestamp())]


def test_fewer_are_allowed_than_were_made() -> None:
    known = [int((TICK - number * HOUR).timestamp()) for number in range(1, 5)]
    with pytest.raises(BudgetSpent) as raised:
        next_read(known, TICK, 1)
    assert raised.value.after == 23 * HOUR


@pytest.mark.parametrize("known", [None, 7, "x", ["x", None], {}])
def test_what_is_no_list_of_reads_is_none(known: object) -> None:
    assert next_read(known, TICK, 4) == [int(TICK.timestamp())]


def test_a_mark_tells_consents_apart_and_shows_nothing_of_them() -> None:
    assert mark("consent-1") == mark("consent-1") != mark("consent-2")
    assert "consent" not in mark("consent-1")
