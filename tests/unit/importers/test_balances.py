"""Balances that a table proves: day ends with free order within the day, gaps with size and span, nothing unsure."""

from __future__ import annotations

import io
import random
from datetime import date
from decimal import Decimal

import pytest

from flowd.api import Balance, Hints
from flowd.importers.delimited.catalogue import Catalogue, read_profile
from flowd.importers.delimited.importer import CsvImporter

PROFILE = """
name: test
columns: {account: acc, date: d, amount: a, balance: b}
dates: "%Y-%m-%d"
"""
Rows = list[tuple[str, str, str]]


def read(rows: Rows, *, profile: str = PROFILE, account: str = "x") -> tuple[dict[str, Decimal], list[str]]:
    lines = "".join(f"{account},{day},{amount},{balance}\n" for day, amount, balance in rows)
    return read_text("acc,d,a,b\n" + lines, profile)


def read_text(text: str, profile: str = PROFILE) -> tuple[dict[str, Decimal], list[str]]:
    own = read_profile(profile, "test.yaml")
    plan = CsvImporter(Catalogue([own])).plan(io.BytesIO(text.encode()), Hints(asset="EUR", profile="test"))
    records = [record for batch in plan.batches() for record in batch.records]
    return {str(r.day): r.amount for r in records if isinstance(r, Balance)}, list(plan.notes)


DAYS: Rows = [
    ("2023-01-30", "-20", "80"),
    ("2023-01-31", "5", "85"),
    ("2023-03-02", "10", "95"),
    ("2023-03-02", "-15", "80"),
    ("2023-03-09", "1", "81"),
]


def held(**days: str) -> dict[str, Decimal]:
    return {day.replace("d", "", 1).replace("_", "-"): Decimal(amount) for day, amount in days.items()}


@pytest.mark.parametrize("rows", [DAYS, DAYS[::-1]], ids=["down", "up"])
def test_opening_ends_of_days_and_months_and_closing(rows: Rows) -> None:
    found, notes = read(rows)
    assert found == held(
        d2023_01_29="100", d2023_01_30="80", d2023_01_31="85", d2023_03_02="80", d2023_03_09="81",
    )  # fmt: skip
    assert notes == []


def test_a_month_without_its_last_day_has_its_end_told() -> None:
    found, _ = read([("2023-01-10", "1", "1"), ("2023-02-03", "1", "2")])
    assert found == held(d2023_01_09="0", d2023_01_10="1", d2023_01_31="1", d2023_02_03="2")


def test_rows_of_a_day_may_stand_in_any_order() -> None:
    chance = random.Random(7)
    for _ in range(50):
        rows, ends, sum_ = [], {}, Decimal(50)
        for number in range(1, 20):
            day = []
            for _ in range(chance.randint(1, 6)):
                amount = Decimal(chance.randint(-9, 9))
                sum_ += amount
                day.append((f"2023-01-{number:02}", str(amount), str(sum_)))
            ends[f"2023-01-{number:02}"] = sum_
            chance.shuffle(day)
            rows += day
        for way in (rows, rows[::-1]):
            found, notes = read(way)
            assert notes == []
            assert found == {"2022-12-31": Decimal(50), **ends}


@pytest.mark.parametrize("up", [False, True])
def test_a_gap_is_said_with_size_and_span_and_nothing_is_told_of_it(up: bool) -> None:
    rows = [*DAYS, ("2023-04-01", "2", "203.5"), ("2023-04-02", "2", "205.5")]
    found, notes = read(rows[::-1] if up else rows)
    assert len(notes) == 1
    assert notes[0].startswith("9 Mar to 1 Apr 2023: 120.5 EUR missing; see line ")
    assert "2023-03-31" not in found
    assert found["2023-04-02"] == Decimal("205.5")
    assert found["2023-01-29"] == 100


@pytest.mark.parametrize("up", [False, True])
def test_a_row_missing_within_a_day(up: bool) -> None:
    rows = [("2023-01-01", "1", "1"), ("2023-01-02", "4", "5"), ("2023-01-02", "2", "10"), ("2023-01-03", "1", "11")]
    found, notes = read(rows[::-1] if up else rows)
    assert [note.partition(";")[0] for note in notes] == ["1 Jan to 2 Jan 2023: 3 EUR missing"]
    assert all(found[day] == amount for day, amount in held(d2023_01_03="11").items())
    assert "2023-01-01" not in found or found["2023-01-01"] == 1


def test_a_day_that_comes_to_nothing_is_decided_by_its_neighbours() -> None:
    found, notes = read([("2023-01-01", "5", "15"), ("2023-01-01", "-5", "10"), ("2023-01-02", "-3", "7")])
    assert (found, notes) == (held(d2022_12_31="10", d2023_01_01="10", d2023_01_02="7"), [])


def test_rows_without_a_balance_break_nothing() -> None:
    rows = [("2023-01-01", "5", "15"), ("2023-01-02", "-5", ""), ("2023-01-02", "1", "11"), ("2023-01-03", "-3", "")]
    found, notes = read(rows)
    assert notes == []
    assert found == held(d2022_12_31="10", d2023_01_01="15", d2023_01_02="11", d2023_01_03="8")


def test_one_row_proves_only_what_was_held_after_it() -> None:
    assert read([("2023-01-01", "5", "15")]) == (held(d2023_01_01="15"), [])


def test_a_column_that_is_no_balance_gives_none() -> None:
    rows = [(f"2023-01-{day:02}", str(day), "5000") for day in range(1, 20)]
    found, notes = read(rows)
    assert found == {}
    assert len(notes) == 1
    assert "does not follow from the amounts on 18 of 18 days, first at line 3" in notes[0]


def test_days_in_no_order_give_none() -> None:
    found, notes = read([("2023-01-01", "1", "1"), ("2023-01-03", "1", "2"), ("2023-01-02", "1", "3")])
    assert (found, notes) == ({}, ["rows are not in the order of their days: balances cannot be checked"])


def test_instants_give_none_because_their_day_depends_on_the_time_zone() -> None:
    text = "acc,d,a,b\nx,2023-01-01T10:00:00Z,1,1\nx,2023-01-02T10:00:00Z,1,2\n"
    assert read_text(text, PROFILE.replace("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z")) == ({}, [])


def test_what_is_pending_is_no_part_of_a_balance() -> None:
    profile = PROFILE + "pending: {acc: p}\n"
    rows = "acc,d,a,b\nx,2023-01-01,1,1\nx,2023-01-02,1,2\n"
    text = rows + "p,2023-01-03,-9,-7\n"
    assert read_text(text, profile) == read_text(rows, profile)


def test_accounts_are_followed_apart() -> None:
    text = "acc,d,a,b\nx,2023-01-01,1,1\ny,2023-01-01,7,7\nx,2023-01-02,1,2\ny,2023-01-02,1,9\n"
    _, notes = read_text(text)
    assert [note.partition(";")[0] for note in notes] == ["1 Jan to 2 Jan 2023: 1 EUR missing (account y)"]


def test_rounded_amounts_follow_within_what_a_profile_allows() -> None:
    rows = [("2023-01-01", "1", "1.04"), ("2023-01-02", "2", "3.1"), ("2023-01-03", "1", "4.1")]
    assert len(read(rows)[1]) == 1
    found, notes = read(rows, profile=PROFILE + 'rounding: "0.1"\n')
    assert notes == []
    assert found["2023-01-02"] == Decimal("3.1")


def test_days_of_a_long_file_are_bounded_and_its_ends_are_not() -> None:
    rows = [(str(date.fromordinal(730_000 + day)), "1", str(day + 1)) for day in range(3_000)]
    found, _ = read(rows)
    months = {str(date.fromordinal(730_000 + day))[:7] for day in range(3_000)}
    assert 750 < len(found) <= 750 + len(months) + 2
    assert found[rows[-1][0]] == 3_000
    assert date(date.fromordinal(730_000).year, 1, 1) <= min(map(date.fromisoformat, found))


FIRST_DAY: Rows = [
    ("2026-03-02", "1500", "1600"),
    ("2026-03-02", "-80", "1520"),
    ("2026-03-05", "-10", "1424.5"),
    ("2026-03-06", "20", "1444.5"),
]


@pytest.mark.parametrize("up", [False, True])
@pytest.mark.parametrize("single", [False, True])
def test_a_day_alone_before_a_gap_keeps_what_it_states(up: bool, single: bool) -> None:
    rows = FIRST_DAY[1 if single else 0 :]
    found, notes = read(rows[::-1] if up else rows)
    assert [note.partition(";")[0] for note in notes] == ["2 Mar to 5 Mar 2026: 85.5 EUR too much"]
    assert found == held(
        d2026_03_01="1600" if single else "100", d2026_03_02="1520", d2026_03_05="1424.5", d2026_03_06="1444.5"
    )


@pytest.mark.parametrize("up", [False, True])
def test_days_alone_behind_and_between_gaps_keep_what_they_state(up: bool) -> None:
    rows = [*DAYS, ("2023-04-01", "2", "203.5"), ("2023-05-01", "1", "300")]
    found, notes = read(rows[::-1] if up else rows)
    assert len(notes) == 2
    assert [found[f"2023-{day}"] for day in ("03-09", "04-01", "05-01")] == [81, Decimal("203.5"), 300]


@pytest.mark.parametrize("up", [False, True])
def test_a_balance_that_is_wrong_by_itself_is_none(up: bool) -> None:
    rows = [*DAYS, ("2023-04-01", "2", "203.5"), ("2023-05-01", "1", "84"), ("2023-05-02", "1", "85")]
    found, notes = read(rows[::-1] if up else rows)
    assert len(notes) == 2
    assert "2023-04-01" not in found
    assert [found[f"2023-{day}"] for day in ("03-09", "05-01", "05-02")] == [81, 84, 85]
