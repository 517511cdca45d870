"""Answers taken apart by hand: what is there comes out exactly, what is not is told with its place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flowd import reading
from flowd.api import RetryLater

WHERE = "/things"


def test_objects_and_lists_are_told_apart_from_everything_else() -> None:
    data = {"a": {"b": {"c": 1}}, "rows": [{"n": 1}, {"n": 2}], "mixed": [{}, 1]}
    assert reading.mapping(data, WHERE) is data
    assert reading.part(data, "a", "b") == {"c": 1}
    assert reading.part(data, "a", "nothing", "b") == {}
    assert reading.part(data, "rows") == {}
    assert [one["n"] for one in reading.items(data, "rows", WHERE)] == [1, 2]
    with pytest.raises(RetryLater, match="/things is not as documented: an object was expected, got list"):
        reading.mapping([data], WHERE)
    with pytest.raises(RetryLater, match="it has no list 'a'"):
        reading.items(data, "a", WHERE)
    with pytest.raises(RetryLater, match="/things, an element of 'mixed'"):
        reading.items(data, "mixed", WHERE)


def test_texts_come_as_they_can_be_kept() -> None:
    data = {"t": "  a\x00b \ud83d\n c 🦊 ", "number": 7, "null": None, "empty": " \x00"}
    assert reading.text(data, "t") == "ab ?\n c 🦊"
    assert reading.line(data["t"]) == "a b ? c 🦊"
    assert reading.line(data["t"], 5) == "a b ?"
    for name in ("number", "null", "empty", "absent"):
        assert reading.text(data, name) == ""
        assert reading.line(data.get(name)) == ""
        with pytest.raises(RetryLater, match=f"/things is not as documented: '{name}' is missing"):
            reading.needed(data, name, WHERE)
    assert reading.needed({"id": "x" * 400}, "id", WHERE) == "x" * 400
    with pytest.raises(RetryLater, match="'id' is too long"):
        reading.needed({"id": "x" * 401}, "id", WHERE)
    assert reading.needed({"id": "x" * 401}, "id", WHERE, 401) == "x" * 401


@pytest.mark.parametrize("code", ["", "EU R", "€", "A" * 13, None, 840])
def test_a_currency_is_a_code(code: object) -> None:
    assert reading.currency({"code": "usdt"}, "code", WHERE) == "USDT"
    with pytest.raises(RetryLater, match="/things is not as documented"):
        reading.currency({"code": code}, "code", WHERE)


@pytest.mark.parametrize("written", ["-12.50", "0.000000000000000001", "999999999999999999999999999999", "1E-30", "0"])
def test_a_number_is_kept_to_the_last_digit(written: str) -> None:
    for value in (written, Decimal(written)):
        assert str(reading.decimal(value, WHERE)) == str(Decimal(written))
    assert reading.decimal(10**29, WHERE) == 10**29


@pytest.mark.parametrize("value", [None, True, "", "twelve", "NaN", "Infinity", "1e30", "1e-31", [], {}, 1.5])
def test_what_is_no_number_is_never_one(value: object) -> None:
    assert reading.maybe_decimal(value) is None
    with pytest.raises(RetryLater, match=r"/things is not as documented: .* is no number"):
        reading.decimal(value, WHERE)


def test_moments_and_days() -> None:
    assert reading.moment("2026-03-01T10:00:00Z") == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert reading.moment("2026-03-01T10:00:00") == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert reading.moment("2026-03-01T10:00:00+02:00") == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert [reading.moment(value) for value in ("soon", "", None, 1772359200)] == [None] * 4
    assert reading.day("2026-03-01T23:59:59Z", WHERE) == date(2026, 3, 1)
    for value in ("", "01.03.2026", "1899-12-31", "2200-01-01"):
        with pytest.raises(RetryLater, match=r"/things is not as documented: .* is no day"):
            reading.day(value, WHERE)
