"""Statements of brokers and of several currencies: what moved, and what is only shown beside it."""

from __future__ import annotations

from .printed import plan, posted


def test_the_year_of_a_broken_day_behind_a_sum_is_no_sum() -> None:
    text = """
KONTOAUSZUG DATUM 01 Aug. 2024 - 31 Aug. 2024
DATUM TYP BESCHREIBUNG ZAHLUNGSEINGANG ZAHLUNGSAUSGANG SALDO
02
Aug. Überweisung Einzahlung von Erika Muster 1.200,00 € 19.485,07 €2024
19
Aug. Überweisung an Max Muster 900,00 € 18.585,07 €
2024
"""
    assert posted(text) == [("2024-08-02", "1200.00"), ("2024-08-19", "-900.00")]


def test_a_row_that_shows_its_amount_in_the_line_below() -> None:
    # The newest posting stands on top; the first sum of the second row is its balance.
    text = """
Estratto conto da 01-09-2021 a 29-10-2021
Data Data Valore Descrizione Variazioni Saldo
28-10-2021 28-10-2021 Deposito EUR 200,00 EUR 215,77
06-10-2021 05-10-2021 Trasferisci dal tuo conto presso la banca EUR 15,77
Banca: 192,46 EUR
06-10-2021 05-10-2021 Trasferimento EUR 192,46 EUR 208,23
04-10-2021 04-10-2021 Commissione EUR -191,22 EUR 15,77
30-09-2021 30-09-2021 Interessi EUR -1,24 EUR 206,99
"""
    assert posted(text) == [
        ("2021-10-28", "200.00"),
        ("2021-10-06", "-192.46"),
        ("2021-10-06", "192.46"),
        ("2021-10-04", "-191.22"),
        ("2021-09-30", "-1.24"),
    ]
    assert "1 dated lines that show only a balance were left out" in plan(text).notes
