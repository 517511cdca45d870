"""Dates in every form banks use."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.importers.delimited.dates import check_format, common_formats, compile_date, formats_of


@pytest.mark.parametrize(
    ("text", "first", "value"),
    [
        ("930101", "%y%m%d", date(1993, 1, 1)),
        ("20190311", "%Y%m%d", date(2019, 3, 11)),
        ("31.12.2023", "%d.%m.%Y", date(2023, 12, 31)),
        ("20.02.18", "%d.%m.%y", date(2018, 2, 20)),
        ("12/31/2023", "%m/%d/%Y", date(2023, 12, 31)),
        ("2019.04.19.", "%Y.%m.%d.", date(2019, 4, 19)),
        ("1. 2. 2018", "%d. %m. %Y", date(2018, 2, 1)),
        ("10 Feb 18", "%d %b %y", date(2018, 2, 10)),
        ("Feb 10, 2018", "%b %d, %Y", date(2018, 2, 10)),
        ("13-JAN-2018", "%d-%b-%Y", date(2018, 1, 13)),
        ("14. März 2019", "%d. %b %Y", date(2019, 3, 14)),
        ("4 août 2019", "%d %b %Y", date(2019, 8, 4)),
        ("Mon 05 Mar 2018", "%a %d %b %Y", date(2018, 3, 5)),
        ("2018-02-25 12:34:56", "%Y-%m-%d %H:%M:%S", date(2018, 2, 25)),
        ("31/12/2023 3:04 PM", "%d/%m/%Y %I:%M %p", date(2023, 12, 31)),
        ("2018-02-25 12:34:56 +0000", "%Y-%m-%d %H:%M:%S %z", datetime(2018, 2, 25, 12, 34, 56, tzinfo=UTC)),
        ("2018-02-25T12:34:56.123Z", "%Y-%m-%dT%H:%M:%S%z", datetime(2018, 2, 25, 12, 34, 56, tzinfo=UTC)),
        ("2018-02-25T01:30:00+02:00", "%Y-%m-%dT%H:%M:%S%z", datetime(2018, 2, 24, 23, 30, tzinfo=UTC)),
    ],
)
def test_reads(text: str, first: str, value: date) -> None:
    assert formats_of(text)[0] == first
    assert compile_date([first])(text) == value


@pytest.mark.parametrize(
    "text", ["", "12,50", "100.00", "2018-13-01", "31.02.2018", "1.234.567", "99999999", "hello", "12:30", "٣١.١٢.٢٠٢٣"]
)
def test_is_no_date(text: str) -> None:
    assert formats_of(text) == []


@pytest.mark.parametrize(("text", "says"), [("%d.%m", "year"), ("%Q", "not known"), ("%d %d %m %Y", "twice")])
def test_a_wrong_format_is_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_format(text)


def test_every_date_of_a_column_decides() -> None:
    assert common_formats(["01/02/2023", "02/03/2023"]) == ["%d/%m/%Y", "%m/%d/%Y"]
    assert common_formats(["01/02/2023", "02/13/2023"]) == ["%m/%d/%Y"]
    assert common_formats(["13/02/2023", "02/13/2023"]) == []


@settings(deadline=None)
@given(
    day=st.dates(date(1970, 1, 1), date(2068, 12, 31)),
    form=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%y", "%y%m%d", "%Y%m%d", "%d %b %Y", "%d-%m-%Y %H:%M"]),
)
def test_what_is_written_in_a_format_is_read_back(day: date, form: str) -> None:
    text = day.strftime(form)
    assert compile_date([form])(text) == day
    assert form in formats_of(text)


@settings(deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    for form in formats_of(text):
        assert compile_date([form])(text) is not None


@settings(deadline=None)
@given(
    text=st.from_regex(r"[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True)
)
def test_nothing_like_a_date_breaks_the_reader(text: str) -> None:
    for form in ("%d.%m.%Y", "%Y-%m-%d %H:%M", "%m/%d/%y"):
        compile_date([form])(text)
