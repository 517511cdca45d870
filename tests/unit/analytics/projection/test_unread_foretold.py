"""What nobody read is not nothing: where a source is silent for long, the days since are foretold, not counted as 0."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from flowd.analytics.projection.outlook import outlook
from flowd.analytics.projection.subjects import TOTAL, SubjectOutlook
from flowd.domain.studied import Scope
from tests.unit.analytics.projection.made import TODAY, Made, monthly

WAGE = (Scope.STREAM, "wage")


def wage(until: date, *, told: date | None = None, read_at: datetime | None = None) -> SubjectOutlook:
    """The outlook of 2,500 on every 25th, of which nothing is known after `until`."""
    paid = {day: amount for day, amount in monthly(25, 2500, 30).items() if day <= until}
    history = Made().paid("wage", paid, read_at=read_at).history()
    if told is not None:
        history = replace(history, told={"a": told})
    return outlook(history, horizon_days=120, paths=400).subjects[WAGE]


def median(found: SubjectOutlook, days: int) -> float:
    places = [7, 30, 60, 90, 120]
    return float(found.sums.at(0.5)[places.index(days)])


SILENT = TODAY - timedelta(days=75)  # 2026-04-26, the day after a wage


def test_files_that_ended_long_ago_say_nothing_of_a_wage_that_is_missed() -> None:
    whole = wage(TODAY)
    silent = wage(SILENT, told=SILENT)
    assert median(silent, 30) == pytest.approx(2500, rel=0.01)
    assert median(whole, 30) == pytest.approx(2500, rel=0.01)
    assert median(silent, 90) == pytest.approx(7500, rel=0.01)
    assert "tells nothing after 2026-04-26" in silent.reason
    assert "tells nothing" not in whole.reason


def test_files_that_go_on_without_a_wage_say_that_it_is_missed() -> None:
    missed = wage(SILENT, told=TODAY - timedelta(days=2))
    assert median(missed, 30) < 250
    assert "tells nothing" not in missed.reason


def test_files_of_a_few_weeks_ago_are_taken_as_they_are() -> None:
    """Statements come once a month: until they are late nothing is different."""
    until = TODAY - timedelta(days=40)
    assert "tells nothing" not in wage(until, told=until).reason


def test_a_connection_that_could_not_be_read_says_nothing_either() -> None:
    when = datetime.combine(SILENT + timedelta(days=1), time(6), tzinfo=UTC)
    silent = wage(SILENT, read_at=when)
    assert median(silent, 30) == pytest.approx(2500, rel=0.01)
    assert "tells nothing after 2026-04-26" in silent.reason
    read = wage(SILENT, read_at=datetime.combine(TODAY, time(6), tzinfo=UTC))
    assert median(read, 30) < 250


def test_the_month_under_way_has_what_most_likely_came_and_nobody_read() -> None:
    paid = {day: amount for day, amount in monthly(5, 1000, 30).items() if day <= SILENT}
    history = replace(Made().paid("wage", paid).history(), told={"a": SILENT})
    found = outlook(history, horizon_days=120, paths=400)
    for subject in (WAGE, TOTAL):
        july = found.subjects[subject].monthly
        assert float(july.at(0.5)[0]) == pytest.approx(1000, rel=0.01), "of the 5th of July, before today"
        assert found.subjects[subject].so_far == 0, "which nobody has seen"


def test_it_is_the_same_every_time() -> None:
    one, other = (wage(SILENT, told=SILENT) for _ in range(2))
    assert (one.sums.quantiles == other.sums.quantiles).all()
