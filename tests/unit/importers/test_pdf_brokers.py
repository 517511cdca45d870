"""Statements of brokers and of several currencies: what moved, and what is only shown beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from flowd.api import FileRefused, FlowClass, Hints, Side, Trade
from flowd.importers.pdf.deals import read_meaning

from .printed import plan, posted, read


def trades(text: str) -> list[Trade]:
    """Return the trades of a statement."""
    return [record for batch in plan(text, Hints()).batches() for record in batch.records if isinstance(record, Trade)]


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


SETTLED = """
Verrechnungskonto   Kontoauszug 01.03.2024 - 31.03.2024
IBAN DE89 3704 0044 0532 0130 00   EUR
Datum Valuta Buchungstext Betrag
Alter Saldo 01.03.2024 1.000,00
04.03. 05.03. Wertpapierkauf BEISPIEL WELT ETF -302,50
STK: 2,5 ISIN: IE00B4L5Y983 Kurs 120,00
05.03. 06.03. Wertpapierverkauf BEISPIEL AG 40,00
STK: 4 ISIN: DE0007164600
06.03. 06.03. Kauf BEISPIEL OPTION 1 zu je 9,00 DE000C27U079 -45,00
07.03. 07.03. Dividende BEISPIEL AG ISIN DE0007164600 STK: 4 3,20
08.03. 08.03. Währungswechsel (Ausbuchung) 1,0546 -100,00
11.03. 11.03. Kauf im Supermarkt STK 3 -12,00
Neuer Saldo 31.03.2024 583,70
"""


def test_money_for_securities_is_kept_as_trades_too() -> None:
    first, second = trades(SETTLED)
    assert (first.base, first.side, first.quantity) == ("IE00B4L5Y983", Side.BUY, Decimal("2.5"))
    assert (first.price, first.fee) == (Decimal(120), Decimal("2.50"))
    assert (first.quote, first.at.date()) == ("EUR", date(2024, 3, 4))
    # No price is printed: what was paid for a unit is known all the same.
    assert (second.base, second.side, second.quantity) == ("DE0007164600", Side.SELL, Decimal(4))
    assert (second.price, second.fee) == (Decimal(10), Decimal(0))
    assert trades(SETTLED) == [first, second]


def test_what_is_no_trade_beyond_doubt_stays_money() -> None:
    kinds = [posting.kind for posting in read(SETTLED, Hints())]
    own, exchange = FlowClass.TRANSFER, FlowClass.FX
    assert kinds == [own, own, own, None, exchange, None]
    assert [posting.amount for posting in read(SETTLED, Hints())][:3] == [Decimal(x) for x in ("-302.50", "40", "-45")]
    assert (read(SETTLED, Hints())[3].raw or {})["asset"] == "DE0007164600"
    assert any(
        note.startswith("3 postings bought or sold securities; 2 of them say how many units")
        for note in plan(SETTLED, Hints()).notes
    )


@pytest.mark.parametrize(
    ("text", "amount", "deal"),
    [
        ("Buy trade IE00B4L5Y983 Example, quantity: 0.1195", "-10.01", ("0.1195", "83.765690376569", "0")),
        ("Buy trade IE00B4L5Y983 Example, quantity: 1.195", "-10.01", None),  # 1195 units, or 1.195
        ("Buy trade IE00B4L5Y983 Example, quantity: 2", "10.01", None),  # a purchase that gives money
        ("Buy trade IE00B4L5Y984 Example, quantity: 2", "-10.01", None),  # no such ISIN
        ("Kauf IE00B4L5Y983 und DE0007164600, STK 2", "-10.01", None),
        ("Kauf 2 zu je 5 EUR IE00B4L5Y983", "-10.01", ("2", "5", "0.01")),
        ("Kauf 2 zu je 6 EUR IE00B4L5Y983", "-10.01", None),
        ("Kapitalertragsteuer Verkauf IE00B4L5Y983 STK 2", "5.16", None),
    ],
)
def test_units_and_prices(text: str, amount: str, deal: tuple[str, str, str] | None) -> None:
    found = read_meaning([text], Decimal(amount), ",").deal
    assert (found and (str(found.quantity), str(found.price), str(found.fee))) == deal


def test_a_number_before_an_amount_is_none_of_it_where_balances_say_so() -> None:
    text = """
Privatkonto Kontoauszug 01.04.2024 - 30.04.2024 CHF
Datum Text Gutschrift Lastschrift Valuta Saldo
31.03.24 Kontostand 6 200.00
22.04.24 GIRO ONLINE 1122 2 000.00 22.04.24 8 200.00
23.04.24 GIRO ONLINE 122 250.00 23.04.24 8 450.00
30.04.24 Kontostand 8 450.00
"""
    assert posted(text) == [("2024-04-22", "2000.00"), ("2024-04-23", "250.00")]


def test_a_footnote_is_no_thousand() -> None:
    text = """
Kontoauszug 01.01.2026 - 31.01.2026 EUR
Datum Buchungstext Betrag
06.01.2026 Auszahlung *1 200,00-
07.01.2026 Gutschrift 1 200,00+
08.01.2026 Gutschrift 2 300,00+
"""
    assert [amount for _, amount in posted(text)] == ["-200.00", "1200.00", "2300.00"]


def test_the_amount_in_another_currency_is_never_taken() -> None:
    text = """
Activity Statement 2022-03-01 - 2022-03-31
Currency: USD
Date Description Amount Converted to SGD
2022-03-09 Commission -0.15 -0.20
2022-03-14 Commission -0.14 -0.19
"""
    assert posted(text, Hints(account="main")) == [("2022-03-09", "-0.15"), ("2022-03-14", "-0.14")]


def test_a_row_that_repeats_the_balance_moves_nothing() -> None:
    text = """
Zusammenfassung 01.05.2026 - 31.05.2026
Datum Zahlungsart Eingänge Ausgänge Guthaben
01.05.2026 Zinsen 1,01 € 6.368,73 €
01.05.2026 Nicht zugeordneter Saldo - Reserve 6.368,73 € 6.368,73 €
02.05.2026 Zinsen 1,02 € 6.369,75 €
"""
    assert posted(text) == [("2026-05-01", "1.01"), ("2026-05-02", "1.02")]


@pytest.mark.parametrize(
    ("paid_out", "amounts"), [("€0", ["50.00", "0.85", "50.00"]), ("€0.00", ["50.00", "0.85", "50.00"]), ("€50", None)]
)
def test_a_total_of_nothing_out_says_that_all_came_in(paid_out: str, amounts: list[str] | None) -> None:
    text = f"""
Payments in €100.85
Date 4/1/2023 - 4/30/2023 Payments out {paid_out}
Date Payment type In Out Balance
4/6/2023 Transfer €50 €4,777.24
4/13/2023 Go & Grow returns €0.85 €4,781.51
4/14/2023 Transfer €50 €4,834.08
"""
    if amounts is None:
        with pytest.raises(FileRefused, match="2 of 3 postings ASSUMED"):
            posted(text)
    else:
        assert [amount for _, amount in posted(text)] == amounts
