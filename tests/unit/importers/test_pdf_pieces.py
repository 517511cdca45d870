"""Days and sums in a line, and lines made of characters on a page."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.days import Order, find_days
from flowd.importers.pdf.direction import direction_of, section_of
from flowd.importers.pdf.layout import Glyph, lay_out
from flowd.importers.pdf.sums import Purse, decide_notation


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("02.01.2024 03.01. x", [(2, 1, 2024), (3, 1, None)]),
        ("16.12 Kauf", [(16, 12, None)]),
        ("2024-02-29", [(29, 2, 2024)]),
        ("31-12-99", [(31, 12, 1999)]),
        ("12 Mar 2024, Mar 3, 2024", [(12, 3, 2024), (3, 3, 2024)]),
        ("DATUM 01 Sept. 2024", [(1, 9, 2024)]),
        ("1er décembre, 4 décembre 2023", [(4, 12, 2023)]),
        ("31. März 2024", [(31, 3, 2024)]),
        ("02-Jan-24", [(2, 1, 2024)]),
        ("at 12:30, 1.234,56 and 127.0.0.1", []),
        ("Seite 99.99.2024", []),
    ],
)
def test_days(text: str, days: list[tuple[int, int, int | None]]) -> None:
    assert [(day.day, day.month, day.year) for day in find_days(text, Order.DAY_FIRST)] == days


def test_month_first() -> None:
    assert [(day.day, day.month) for day in find_days("01/12 12/25/2024", Order.MONTH_FIRST)] == [(12, 1), (25, 12)]


def test_a_sum_with_a_point_is_no_day() -> None:
    assert find_days("1.25 € 12.03 €", Order.DAY_FIRST, bare=False) == []


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("1.234,56 S 10,00 H", ["-1234.56", "10.00"]),
        ("99,68- 1,00+", ["-99.68", "1.00"]),
        ("-12,99 +3,00", ["-12.99", "3.00"]),
        ("EUR -149,92 EUR 36,52", ["-149.92", "36.52"]),
        ("(€ 51,70)", ["-51.70"]),
        ("6.329.93 € 3110,01 €", ["6329.93", "3110.01"]),
        ("€ 200 1.500 € 6.372,8 €", ["200.00", "1500.00", "6372.80"]),
        ("3,25 % 9,95000% 5,00 STK 0,9926", []),
        ("9.982,2427 EUR", []),
        ("ABC-22222-5 250,00", ["250.00"]),
    ],
)
def test_sums_with_a_comma(text: str, sums: list[str]) -> None:
    purse = Purse(decide_notation(["1.000,00 €"]))
    assert [str(money.signed) for money in purse.find(text)] == sums


@pytest.mark.parametrize(
    ("text", "sums"),
    [
        ("1,234.56 CR 10.00 DR", ["1234.56", "-10.00"]),
        ("12'000.00 -5.00", ["12000.00", "-5.00"]),
        ("$1,000.00 S$22.10", ["1000.00", "22.10"]),
        ("12.00 S Main St", ["12.00"]),
    ],
)
def test_sums_with_a_point(text: str, sums: list[str]) -> None:
    purse = Purse(decide_notation(["1,000.00 $"]))
    assert [str(money.signed) for money in purse.find(text)] == sums


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Steuererstattung", 1),
        ("Kapitalertragsteuer", -1),
        ("Depotgebühren 1. Quartal", -1),
        ("Gutschrift Lastschrift-Rückgabe", 1),
        ("Interest charge on purchases", -1),
        ("Interest paid", 1),
        ("Sofortauszahlung", -1),
        ("Erika Muster", 0),
    ],
)
def test_words_for_money_in_and_out(text: str, sign: int) -> None:
    assert direction_of(fold(text)) == sign


def test_a_dash_of_the_text_is_no_minus_where_the_minus_stands_elsewhere() -> None:
    lines = ["Principal Bridge loan - € 5.41 € 263.66", "Fee (€ -0.24) € 256.65"]
    purse = Purse(decide_notation(lines))
    assert [[str(money.signed) for money in purse.find(line)] for line in lines] == [
        ["5.41", "263.66"],
        ["-0.24", "256.65"],
    ]


def test_spaces_part_thousands_only_where_nothing_else_does() -> None:
    spaced = Purse(decide_notation(["1 523,40", "12 000,00"]))
    assert [money.value for money in spaced.find("PAIEMENT 1 523,40")] == [Decimal("1523.40")]
    dotted = Purse(decide_notation(["1.523,40", "12.000,00"]))
    assert [money.value for money in dotted.find("SEITE 1 523,40")] == [Decimal("523.40")]


def test_a_number_of_a_billion_digits_is_no_sum() -> None:
    assert Purse(decide_notation(["1,00"])).find("9" * 3000 + ",00") == []


def _glyphs(text: str, left: float, base: float, size: float = 10.0) -> list[Glyph]:
    return [
        Glyph(text=sign, left=left + 5 * at, right=left + 5 * at + 5, base=base, size=size)
        for at, sign in enumerate(text)
    ]


def test_columns_written_one_after_the_other_become_lines() -> None:
    page = [
        *_glyphs("01.02.", 10, 700),
        *_glyphs("03.02.", 10, 680),
        *_glyphs("Rent", 100, 700),
        *_glyphs("Wage", 100, 680.5),
        *_glyphs("10,00", 300, 700),
        *_glyphs("20,00", 300, 680),
    ]
    lines = lay_out(page)
    assert [line.split() for line in lines] == [["01.02.", "Rent", "10,00"], ["03.02.", "Wage", "20,00"]]
    assert lines[0].index("10,00") == lines[1].index("20,00")
    assert "   " in lines[0]


def test_bold_by_printing_twice_is_read_once() -> None:
    page = [*_glyphs("Saldo", 10, 700), *_glyphs("Saldo", 10.3, 700)]
    assert lay_out(page) == [lay_out(_glyphs("Saldo", 10, 700))[0]]


def test_a_narrow_gap_parts_words_only_where_a_space_is_written() -> None:
    first, second = _glyphs("To", 10, 700), _glyphs("me", 21, 700)
    space = Glyph(text=" ", left=20, right=21, base=700, size=10)
    assert lay_out([*first, *second])[0].strip() == "Tome"
    assert lay_out([*first, space, *second])[0].strip() == "To me"


def test_an_empty_page_has_no_lines() -> None:
    assert lay_out([]) == []


@pytest.mark.parametrize(
    ("title", "sign"),
    [
        ("Deposits and Other Credits", 1),
        ("Checks and Substitute Checks", -1),
        ("Banking/Debit Card Withdrawals and Purchases", -1),
        ("Payments, Credits and Adjustments", 1),
        ("Interest Charged", -1),
        ("Virements reçus", 1),
        ("Ausgaben", -1),
        ("Deposits and withdrawals", 0),
        ("Credit card", None),
        ("Fees of our partners", None),
    ],
)
def test_titles_of_lists_of_money_in_and_out(title: str, sign: int | None) -> None:
    assert section_of(fold(title)) == sign
