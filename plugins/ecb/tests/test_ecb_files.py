"""The ECB's files are read exactly, or refused; what cannot be believed waits for the next day."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flowd.api import Rate, RateQuery
from flowd_ecb import daily_xml, history
from flowd_ecb.provider import BundledRates
from flowd_ecb.publishing import DayRates, newest_expected, rate, working_days_between
from flowd_ecb.screening import screen

HEAD = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
<Cube>
"""
TAIL = b"</Cube></gesmes:Envelope>"
TWO_DAYS = (
    HEAD
    + b"""<Cube time="2026-03-13"><Cube currency="USD" rate="1.0912"/><Cube currency="JPY" rate="163.2"/></Cube>
<Cube time="2026-03-12"><Cube currency="USD" rate="1.0901"/></Cube>"""
    + TAIL
)


def zipped(text: bytes, *names: str) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("eurofxref-hist.csv",):
            archive.writestr(name, text)
    packed.seek(0)
    return packed


def usd(day: int, value: str) -> DayRates:
    return DayRates(day=date(2026, 3, day), values={"USD": Decimal(value), "CHF": Decimal("0.95")})


# --- XML --------------------------------------------------------------------------------------------------------------


def test_days_come_oldest_first_with_their_numbers_as_printed() -> None:
    days, left_out = daily_xml.read(TWO_DAYS)
    assert days == [
        DayRates(day=date(2026, 3, 12), values={"USD": Decimal("1.0901")}),
        DayRates(day=date(2026, 3, 13), values={"USD": Decimal("1.0912"), "JPY": Decimal("163.2")}),
    ]
    assert left_out == []


@pytest.mark.parametrize("value", ["0", "0.000", "-1.09", "NaN", "Infinity", "1e3", "1,09", "", "١٢"])
def test_one_wrong_value_is_left_out_and_named(value: str) -> None:
    content = TWO_DAYS.replace(b"163.2", value.encode())
    days, (left_out,) = daily_xml.read(content)
    assert days[-1].values == {"USD": Decimal("1.0912")}
    assert left_out.startswith("2026-03-13 JPY: ")


def test_what_is_no_currency_is_left_out() -> None:
    days, (left_out,) = daily_xml.read(TWO_DAYS.replace(b'"JPY"', b'"jpy; DROP"'))
    assert days[-1].values == {"USD": Decimal("1.0912")}
    assert "is not a currency" in left_out


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (TWO_DAYS[:-30], "not whole"),
        (b"", "not whole"),
        (b"<html><body>Service unavailable</body></html>", "no rates"),
        (HEAD + TAIL, "no rates"),
        (HEAD + b'<Cube currency="USD" rate="1.1"/>' + TAIL, "outside of any day"),
        (TWO_DAYS.replace(b"2026-03-13", b"13/03/2026"), "isoformat"),
        (TWO_DAYS.replace(b"<gesmes:Envelope", BOMB + b"<gesmes:Envelope", 1), "document type"),
        (TWO_DAYS.replace(b"<gesmes:Envelope", OUTSIDE + b"<gesmes:Envelope", 1), "document type"),
        (b" " * (5 * 1024 * 1024), "bytes"),
        (bytes(range(256)), "not whole"),
    ],
)
def test_what_is_not_the_ecbs_xml_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        daily_xml.read(content)


# --- The history ------------------------------------------------------------------------------------------------------


def test_the_bundled_history_is_whole() -> None:
    days = list(history.days(history.bundled()))
    assert days[-1].day == date(1999, 1, 4)
    assert days[-1].values["USD"] == Decimal("1.1789")
    assert len(days) > 7000
    assert [one.day for one in days] == sorted({one.day for one in days}, reverse=True)
    # In 27 years nothing jumped so far that the screening would have to hold it back.
    assert screen(days[::-1], {}).odd == []


def test_only_the_currencies_asked_for_are_read() -> None:
    first = next(history.days(history.bundled(), currencies=("CHF", "USD")))
    assert sorted(first.values) == ["CHF", "USD"]


CSV = b"Date,USD,CHF,\n2026-03-13,1.09,N/A,\n2026-03-12,1.08,0.95,\n"


def test_a_zip_is_read_like_the_bundled_one() -> None:
    assert list(history.days(zipped(CSV))) == [
        DayRates(day=date(2026, 3, 13), values={"USD": Decimal("1.09")}),
        DayRates(day=date(2026, 3, 12), values={"USD": Decimal("1.08"), "CHF": Decimal("0.95")}),
    ]


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (io.BytesIO(b"no zip at all"), "not the ECB's history"),
        (zipped(CSV, "one.csv", "two.csv"), "too many values"),
        (zipped(b"Day,USD\n2026-03-12,1\n"), "line of titles"),
        (zipped(b""), "line of titles"),
        (zipped(CSV.replace(b"1.08", b"-1")), "not a rate above zero"),
        (zipped(CSV.replace(b"2026-03-12", b"yesterday")), "isoformat"),
        (zipped(b"Date,USD\n" + b" " * 40_000_000), "unpack"),
        (io.BytesIO(zipped(CSV * 1000).getvalue()[:-60]), "not the ECB's history"),
    ],
)
def test_what_is_not_the_history_is_refused(file: io.BytesIO, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        list(history.days(file))


# --- Days -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 3, 13, 14, 59, tzinfo=UTC), date(2026, 3, 12)),  # 15:59 in Frankfurt, in winter
        (datetime(2026, 3, 13, 15, 0, tzinfo=UTC), date(2026, 3, 13)),
        (datetime(2026, 7, 14, 14, 0, tzinfo=UTC), date(2026, 7, 14)),  # 16:00 in Frankfurt, in summer
        (datetime(2026, 3, 15, 22, 0, tzinfo=UTC), date(2026, 3, 13)),  # Sunday
        (datetime(2026, 3, 16, 8, 0, tzinfo=UTC), date(2026, 3, 13)),  # Monday morning
    ],
)
def test_what_should_be_out_by_now(now: datetime, day: date) -> None:
    assert newest_expected(now) == day


def test_working_days_between() -> None:
    assert working_days_between(date(2026, 3, 13), date(2026, 3, 16)) == 0
    assert working_days_between(date(2026, 3, 12), date(2026, 3, 16)) == 1
    assert working_days_between(date(2026, 3, 16), date(2026, 3, 16)) == 0
    assert working_days_between(date(2026, 3, 16), date(2026, 3, 10)) == 0


@pytest.mark.parametrize("hours", [-10, -8, 0, 1, 2, 5.5, 9, 12, 13])
def test_a_rate_counts_for_its_own_day_in_every_usual_zone(hours: float) -> None:
    from datetime import timedelta, timezone

    at = rate(date(2026, 3, 13), "USD", Decimal("1.09")).at
    assert at.astimezone(timezone(timedelta(hours=hours))).date() == date(2026, 3, 13)


# --- Screening --------------------------------------------------------------------------------------------------------


def test_a_jump_that_the_next_day_confirms_is_kept() -> None:
    days = [usd(10, "1.09"), usd(11, "2.30"), usd(12, "2.31")]
    screened = screen(days, {})
    assert (screened.days, screened.odd) == (days, [])
    assert screened.known["USD"] == Decimal("2.31")


def test_a_slip_that_the_next_day_takes_back_is_left_out_alone() -> None:
    screened = screen([usd(11, "109"), usd(12, "1.10")], {"USD": Decimal("1.09")})
    assert screened.days[0].values == {"CHF": Decimal("0.95")}
    assert screened.days[1] == usd(12, "1.10")
    (odd,) = screened.odd
    assert odd == "2026-03-11 USD: 109, after 1.09 and before 1.10; left out"


def test_a_jump_on_the_last_day_holds_that_day_back() -> None:
    screened = screen([usd(11, "1.10"), usd(12, "0.11")], {"USD": Decimal("1.09")})
    assert screened.days == [usd(11, "1.10")]
    assert screened.known["USD"] == Decimal("1.10")
    assert "waits for the next one" in screened.odd[0]


# --- The provider -----------------------------------------------------------------------------------------------------


def known(base: str, quote: str, *days: date) -> list[Rate]:
    return list(BundledRates().rates(RateQuery(base=base, quote=quote, days=days)))


def test_a_weekend_is_answered_with_the_friday_before_and_each_day_once() -> None:
    friday = Rate(base="EUR", quote="USD", at=datetime(2008, 5, 2, 10, tzinfo=UTC), value=Decimal("1.5458"))
    assert known("USD", "EUR", date(2008, 5, 4), date(2008, 5, 3), date(2008, 5, 2)) == [friday]
    assert known("EUR", "USD", date(2008, 5, 2)) == [friday]


def test_two_other_currencies_get_both_ways_to_the_euro() -> None:
    assert {one.quote for one in known("USD", "CHF", date(2008, 5, 2))} == {"USD", "CHF"}


def test_nothing_is_made_up() -> None:
    newest = next(history.days(history.bundled())).day
    assert known("USD", "EUR", date(1999, 1, 3)) == []
    assert known("USD", "EUR", date(newest.year + 1, newest.month, 1)) == []
    assert known("BTC", "EUR", date(2020, 1, 2)) == []
    assert known("EUR", "EUR", date(2020, 1, 2)) == []
    assert known("USD", "EUR") == []
