"""Tables for people, JSON for programs, from the same rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from flowd.domain.json import to_json
from flowd.edges.commands.income import REACH, per_period
from flowd.edges.period import Step, back
from flowd.edges.tables import money, show, units


def test_json_keeps_every_digit_and_iso_times() -> None:
    row = {
        "at": datetime(2026, 3, 1, tzinfo=UTC),
        "day": date(2026, 3, 1),
        "amount": Decimal("1E-18"),
        "every": timedelta(minutes=1),
        "kinds": ("a",),
        "none": None,
    }
    assert to_json(row) == {
        "at": "2026-03-01T00:00:00+00:00",
        "day": "2026-03-01",
        "amount": "0.000000000000000001",
        "every": 60.0,
        "kinds": ["a"],
        "none": None,
    }


def test_a_table_shows_its_columns_and_json_all_keys(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"stream": "[bold]salary", "earned": Decimal("1234.5"), "more": 1}]
    show(rows, ["stream", "earned"], as_json=False, empty="nothing")
    text = capsys.readouterr().out
    assert "[bold]salary" in text
    assert "1,234.50" in text
    assert "more" not in text
    show(rows, ["stream"], as_json=True, empty="nothing")
    assert json.loads(capsys.readouterr().out) == [{"stream": "[bold]salary", "earned": "1234.5", "more": 1}]
    show([], ["stream"], as_json=False, empty="nothing")
    assert capsys.readouterr().out == "nothing\n"


def test_an_unknown_amount_is_a_dash() -> None:
    assert (money(None), money(Decimal("-1234567.891"))) == ("—", "-1,234,567.89")


def row(stream: str, received: str | None, quality: str = "exact") -> dict[str, object]:
    value = None if received is None else Decimal(received)
    return {
        "period": date(2026, 3, 1),
        "stream": stream,
        "received_base": value,
        "earned_base": value,
        "quality": quality,
    }


def test_a_stream_without_a_rate_makes_the_total_partial_and_is_never_added_one_to_one() -> None:
    (total,) = per_period([row("salary", "100"), row("dollars", None)], with_streams=False)
    assert (total["received"], total["quality"]) == (Decimal(100), "partial")
    (nothing,) = per_period([row("dollars", None)], with_streams=False)
    assert (nothing["received"], nothing["quality"]) == (None, "partial")


def test_a_total_is_as_trustworthy_as_its_worst_part() -> None:
    lines = per_period([row("a", "1"), row("b", "2", "spread"), row("c", "3", "estimated")], with_streams=True)
    assert [line["stream"] for line in lines] == ["a", "b", "c", "total"]
    assert (lines[-1]["earned"], lines[-1]["quality"]) == (Decimal(6), "spread")


def test_a_stream_in_two_currencies_is_one_line() -> None:
    one, total = per_period([row("work", "1"), row("work", "2", "spread")], with_streams=True)
    assert (one["stream"], one["received"], one["quality"]) == ("work", Decimal(3), "spread")
    assert total["received"] == Decimal(3)


@pytest.mark.parametrize(
    ("bucket", "first"),
    [
        ("day", date(2026, 1, 17)),
        ("week", date(2025, 11, 24)),
        ("month", date(2025, 2, 1)),
        ("quarter", date(2024, 1, 1)),
        ("year", date(2017, 1, 1)),
    ],
)
def test_income_is_shown_for_whole_periods(bucket: Step, first: date) -> None:
    assert back(bucket, date(2026, 2, 15), REACH[bucket] - 1) == first


def test_coins_are_not_counted_in_cents(capsys: pytest.CaptureFixture[str]) -> None:
    texts = {
        "0.0299": "0.0299",
        "1992.2": "1,992.20",
        "0": "0.00",
        "-12.340": "-12.34",
        "-1234567.1234567891": "-1,234,567.12345679",
    }
    assert {text: units(Decimal(text)) for text in texts} == texts
    show(
        [{"held": Decimal("0.0299"), "worth": Decimal("0.0299")}],
        ["held", "worth"],
        as_json=False,
        empty="",
        exact=["held"],
    )
    assert capsys.readouterr().out.split()[-2:] == ["0.0299", "0.03"]
