"""Printed days that look like sums or numbers: told by the order of the list, else the file is refused."""

from __future__ import annotations

import pytest

from flowd.api import FileRefused

from .printed import posted

HEAD = "Statement IBAN DE89 3704 0044 0532 0130 00\nPeriod 15.12.2023 - 31.01.2024\nDate Text Debit Credit Balance\n"
ROWS = (
    ("28.12", "Coffee 3.50 996.50"),
    ("28.12", "Tea 2.25 994.25"),
    ("02.01", "Salary 1'500.00 2'494.25"),
    ("11.01", "Rent 800.00 1'694.25"),
)
EXPECTED = [("2023-12-28", "-3.50"), ("2023-12-28", "-2.25"), ("2024-01-02", "1500.00"), ("2024-01-11", "-800.00")]


def printed(rows: tuple[tuple[str, str], ...] = ROWS) -> str:
    body = "".join(f"{day} {text}\n" for day, text in rows)
    return f"{HEAD}Opening balance 1'000.00\n{body}Closing balance 1'694.25\n"


def test_days_of_four_digits_and_a_point_are_days_where_they_are_in_order() -> None:
    assert posted(printed()) == EXPECTED
    assert posted(printed(tuple((f"{day} {day}", text) for day, text in ROWS))) == EXPECTED


def test_days_of_four_digits_alone() -> None:
    assert posted(printed(tuple((day.replace(".", ""), text) for day, text in ROWS))) == EXPECTED


@pytest.mark.parametrize("day", ["27.12", "28.13", "05.10"])
def test_numbers_that_are_no_days_in_order_stay_numbers(day: str) -> None:
    with pytest.raises(FileRefused):
        posted(printed((*ROWS[:3], (day, "Rent 800.00 1'694.25"))))
