"""Printed rows whose amount cannot be read: they are left out and named, and their balance is not taken for it."""

from __future__ import annotations

import pytest

from .printed import plan, posted

HEAD = "Girokonto IBAN DE89 3704 0044 0532 0130 00\n"
TABLE = f"""{HEAD}
Datum Text Betrag Saldo
Alter Saldo 01.03.2024 100,00
04.03.2024 Kaffee -3,50 96,50
05.03.2024 Lohn 1.500,00 1.596,50
06.03.2024 Miete -800,00 796,50
11.03.2024 Markt -46,50 750,00
Neuer Saldo 31.03.2024 750,00
"""
AMOUNTS = ("-3,50", "1.500,00", "-800,00", "-46,50")
DAYS = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-11")
EXPECTED = [("2024-03-04", "-3.50"), ("2024-03-05", "1500.00"), ("2024-03-06", "-800.00"), ("2024-03-11", "-46.50")]


@pytest.mark.parametrize("ends", [True, False], ids=["with-ends", "without-ends"])
@pytest.mark.parametrize("broken", ["", "###,##", "1.2O0,0O", "?"])
@pytest.mark.parametrize("at", range(4))
def test_a_balance_is_not_taken_for_the_amount_that_cannot_be_read(at: int, broken: str, ends: bool) -> None:
    text = TABLE if ends else "".join(line for line in TABLE.splitlines(keepends=True) if "Saldo 01" not in line)
    assert posted(text) == EXPECTED
    damaged = text.replace(AMOUNTS[at], broken, 1)
    assert posted(damaged) == [*EXPECTED[:at], *EXPECTED[at + 1 :]]
    assert any("not the amount" in note or "show only a balance" in note for note in plan(damaged).notes)


def test_without_signs_the_next_row_tells_that_it_is_a_balance() -> None:
    text = f"""{HEAD}
Datum Text Belastung Gutschrift Saldo
Alter Saldo 01.03.2024 100,00
04.03.2024 Kaffee 3,50 96,50
05.03.2024 Lohn 1.596,50
06.03.2024 Lastschrift Miete 800,00 796,50
"""
    assert posted(text) == [("2024-03-04", "-3.50"), ("2024-03-06", "-800.00")]


def test_rows_without_a_balance_of_their_own_are_amounts_where_the_balances_say_so() -> None:
    text = f"""{HEAD}
Datum Text Betrag Saldo
Alter Saldo 01.03.2024 100,00
04.03.2024 Kaffee -3,50
04.03.2024 Tee -2,50
04.03.2024 Saft -4,00 90,00
05.03.2024 Wasser -1,00
05.03.2024 Brot -9,00 80,00
Neuer Saldo 31.03.2024 80,00
"""
    assert [amount for _, amount in posted(text)] == ["-3.50", "-2.50", "-4.00", "-1.00", "-9.00"]


def test_the_first_posting_of_an_account_may_be_what_it_holds() -> None:
    text = f"{HEAD}\nDatum Text Betrag Saldo\n04.03.2024 Gutschrift Lohn 500,00\nNeuer Saldo 31.03.2024 500,00\n"
    assert posted(text) == [("2024-03-04", "500.00")]


def test_a_price_is_not_taken_for_the_amount_behind_it_that_cannot_be_read() -> None:
    text = TABLE.replace("Markt -46,50 750,00", "Kauf 3 @ 15,50 EUR EUR -46,5O EUR 750,00")
    assert posted(text) == EXPECTED[:3]


def test_digits_that_were_not_read_cut_no_amount_short() -> None:
    text = f"{HEAD}\nDatum Text Betrag Saldo\nAlter Saldo 100,00\n"
    text += "04.03.2024 Zins € 0,59 € 100,59\n05.03.2024 Zins € 0,61 € 101,20\n"
    assert [amount for _, amount in posted(text)] == ["0.59", "0.61"]
    assert [amount for _, amount in posted(text.replace("0,61", "0,6l"))] == ["0.59"]
