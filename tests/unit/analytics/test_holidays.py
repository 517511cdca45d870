"""Working days are those of the calendar that is named."""

from __future__ import annotations

from datetime import date

import pytest

from flowd.analytics.holidays import calendar, working_day


def test_without_a_name_every_monday_to_friday_is_a_working_day() -> None:
    assert working_day(date(2026, 12, 25))
    assert not working_day(date(2026, 12, 26))
    assert calendar(None) == calendar("")


def test_parts_of_a_country_have_holidays_of_their_own() -> None:
    epiphany = date(2026, 1, 6)
    assert working_day(epiphany, calendar("DE"))
    assert not working_day(epiphany, calendar("DE-BY"))
    assert not calendar("de_by").working(epiphany)


def test_a_market_is_a_calendar_too() -> None:
    assert not calendar("ECB").working(date(2026, 5, 1))
    assert calendar("ECB").working(date(2026, 10, 5))


@pytest.mark.parametrize(
    ("name", "near"),
    [("DE-BX", "DE-BY"), ("DEE", "DE"), ("XNYZ", "XNYS"), ("VA-X", "say VA"), ("nowhere at all", "country codes")],
)
def test_a_name_that_is_none_lists_those_near_to_it(name: str, near: str) -> None:
    with pytest.raises(ValueError, match=near):
        calendar(name)
