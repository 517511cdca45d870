"""Statements arranged in other ways than a row for each posting, and sums without cents, all written by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowd.api import Hints

from .printed import held, plan, posted, read

STATEMENTS = {
    "checks side by side": (
        """
Everyday Business Checking
Statement period 06/01/2024 - 06/30/2024
Account number 7788990011
Beginning balance 06/01/2024 $5,000.00
Deposits and credits
Date Description Amount
06/03 Counter deposit 1,000.00
Checks paid
Number Date Amount Number Date Amount Number Date Amount
1001 06/04 120.00 1003 06/11 80.50 1006* 06/20 45.00
1002 06/05 300.00 1004 06/12 19.99
Total checks paid $565.49
Electronic debits
Date Description Amount
06/20 ACH power company 200.00
Ending balance 06/30/2024 $5,234.51
""",
        "2024-06-03 1000.00, 2024-06-04 -120.00, 2024-06-11 -80.50, 2024-06-20 -45.00, 2024-06-05 -300.00, "
        "2024-06-12 -19.99, 2024-06-20 -200.00",
    ),
    "yen have no cents": (
        """
Account Activity 2024/01/01 - 2024/01/31
Account 1234567 Currency JPY
Date Description Withdrawal Deposit Balance
2024/01/01 Balance brought forward 120,000
2024/01/05 ATM 10,000 110,000
2024/01/25 SALARY 250,000 360,000
2024/01/27 RENT 85,000 275,000
""",
        "2024-01-05 -10000.00, 2024-01-25 250000.00, 2024-01-27 -85000.00",
    ),
    "pesos have no cents, and points": (
        """
CARTOLA CUENTA CORRIENTE
Desde 01/01/2024 Hasta 31/01/2024 Moneda CLP
Fecha Descripción Cargos Abonos Saldo
Saldo anterior 500.000
03/01/2024 COMPRA SUPERMERCADO 45.990 454.010
10/01/2024 TRANSFERENCIA DE JUAN 120.000 574.010
15/01/2024 PAGO LUZ 32.150 541.860
Saldo final 541.860
""",
        "2024-01-03 -45990.00, 2024-01-10 120000.00, 2024-01-15 -32150.00",
    ),
    "days without a gap": (
        """
Statement of Account
Statement Period 01JAN24 to 31JAN24
Date Particulars Debit Credit Balance
01JAN Balance b/f 500.00CR
03JAN Bill payment Telco 60.00 440.00CR
15JAN Giro salary 2,000.00 2,440.00CR
31JAN Balance c/f 2,440.00CR
""",
        "2024-01-03 -60.00, 2024-01-15 2000.00",
    ),
    "a title with the balance of the day": (
        """
Kontobewegungen Privatkonto CHF
CH93 0076 2011 6238 5295 7
Mittwoch, 31.01.2024 Saldo CHF 5'120.40
Lohn Muster AG 4'800.00
Kontoführung -5.00
Dienstag, 16.01.2024 Saldo CHF 325.40
Migros -74.60
Freitag, 05.01.2024 Saldo CHF 400.00
Twint Anna -20.00
Krankenkasse -310.00
""",
        "2024-01-31 4800.00, 2024-01-31 -5.00, 2024-01-16 -74.60, 2024-01-05 -20.00, 2024-01-05 -310.00",
    ),
    "a loan that grows with its interest": (
        """
Darlehenskontoauszug 2023
Darlehensnummer 6001234567
Datum Text Betrag EUR Saldo EUR
31.12.2022 Saldovortrag 10.000,00-
30.01.2023 Rate 250,00+ 9.750,00-
30.01.2023 Zinsen 30,00- 9.780,00-
27.02.2023 Rate 250,00+ 9.530,00-
27.02.2023 Zinsen 29,00- 9.559,00-
""",
        "2023-01-30 250.00, 2023-01-30 -30.00, 2023-02-27 250.00, 2023-02-27 -29.00",
    ),
    "what a box repeats": (
        """
Kontoauszug Nr. 3
IBAN DE89 3704 0044 0532 0130 00
Buchung Wert Text Betrag EUR
Alter Saldo 01.03.2024 200,00
04.03. 04.03. Gutschrift Verkauf Rad 150,00
11.03. 11.03. Lastschrift Gas -80,00
Neuer Saldo 29.03.2024 270,00
Ihre größten Umsätze im Überblick
04.03. Gutschrift Verkauf Rad 150,00
11.03. Lastschrift Gas -80,00
""",
        "2024-03-04 150.00, 2024-03-11 -80.00",
    ),
    "what is pending stands first": (
        """
Activity 1 March 2024 to 31 March 2024
Account 12345678 EUR
Pending transactions
Date Description Amount
31 Mar 2024 Petrol station -50.00
Completed transactions
Date Description Amount Balance
20 Mar 2024 Salary 1,500.00 1,620.00
05 Mar 2024 Groceries -80.00 120.00
""",
        "2024-03-20 1500.00, 2024-03-05 -80.00",
    ),
    "what is to be paid is no posting": (
        """
Visa Kreditkarte Monatsabrechnung Februar 2024
Karteninhaber Max Muster
Abrechnungsdatum 26.02.2024
Ihre Umsätze
Datum Buchung Beschreibung Betrag EUR
24.01. 25.01. Zahlung - Vielen Dank 120,00-
30.01. 31.01. BUCHHANDEL 18,50
02.02. 05.02. TANKSTELLE 61,20
Gesamtbetrag 79,70
Zahlbetrag bis 12.03.2024 79,70
""",
        "2024-01-24 120.00, 2024-01-30 -18.50, 2024-02-02 -61.20",
    ),
    "holdings below the account": (
        """
Kontoauszug Verrechnungskonto
Kontonummer 1234567890 IBAN DE89 3704 0044 0532 0130 00
Zeitraum 01.01.2024 bis 31.03.2024
Buchungstag Valuta Buchungstext Betrag in EUR Saldo
Anfangssaldo 01.01.2024 2.000,00
08.01.2024 10.01.2024 WP-Abrechnung Kauf 5 IE00B4L5Y983 Weltfonds -412,50 1.587,50
15.02.2024 15.02.2024 Erträgnisgutschrift DE0007164600 Beispiel AG 11,00 1.598,50
28.03.2024 31.03.2024 Depotgebühr -6,00 1.592,50
Endsaldo 31.03.2024 1.592,50
Depotbestand per 31.03.2024
ISIN Bezeichnung Stück Kurs Wert EUR
IE00B4L5Y983 Weltfonds 5 84,10 420,50
""",
        "2024-01-08 -412.50, 2024-02-15 11.00, 2024-03-28 -6.00",
    ),
    "a summary that reckons": (
        """
Monatliche Kartenabrechnung
Saldo des letzten Monats EUR Gutschriften EUR Neue Belastungen EUR Neuer Saldo EUR
230,00 - 230,00 + 91,50 = 91,50
Karte XXXX-XXXXXX-01007 Abrechnungszeitraum 15.12.23 bis 14.01.24
Umsatz vom Buchungsdatum Details Betrag EUR
18.12 18.12 ZAHLUNG PER LASTSCHRIFT 230,00
CR
21.12 22.12 BAECKEREI BERLIN 11,50
02.01 03.01 HOTEL WIEN 80,00
Saldo sonstiger Umsätze 91,50
""",
        "2023-12-18 230.00, 2023-12-21 -11.50, 2024-01-02 -80.00",
    ),
    "two days and a dash between": (
        """
Kontoauszug: Giro plus, 01.10.2023 bis 31.10.2023
Max Muster 1234567890 DE89 3704 0044 0532 0130 00 Auszug 010 Seite 1 von 2
Buchung/Wert Vorgang/Buchungsinformation Soll/EUR Haben/EUR
Kontostand: EUR + 1.500,00
02.10./02.10. SDD Lastschr - 39,90
Mobilfunk GmbH Referenz RG 2210
16.10./16.10. Gutschr.SEPA + 250,00
Erika Muster Dankeschön
30.10./31.10. Kartenzahlung - 10,10
Neuer Kontostand EUR + 1.700,00
""",
        "2023-10-02 -39.90, 2023-10-16 250.00, 2023-10-30 -10.10",
    ),
    "the end alone says the year": (
        """
STATEMENT OF ACCOUNTS
Through January 31, 2024
Primary account number 4455667788
PLATINUM SAVINGS
Previous statement balance on December 29, 2023 8,000.00
Date Transaction Amount Balance
01/02 Transfer to checking 500.00- 7,500.00
01/31 Interest payment 12.75 7,512.75
Statement balance 7,512.75
""",
        "2024-01-02 -500.00, 2024-01-31 12.75",
    ),
    "the day once for several": (
        """
Current Account Statement of Account with Example Bank
IBAN IE29 AIBK 9311 5212 3456 78
Date of Statement 31 Jan 2024
Date Details Debit € Credit € Balance €
29 Dec 2023 BALANCE FORWARD 210.00
2 Jan 2024 VDP-COFFEE 3.40
VDC-BOOKS 25.00
D/D ELECTRIC 80.10 101.50
15 Jan 2024 SALARY 1,900.00 2,001.50
""",
        "2024-01-02 -3.40, 2024-01-02 -25.00, 2024-01-02 -80.10, 2024-01-15 1900.00",
    ),
    "the day of the week before the day": (
        """
Statement for March 2024
Account 4455 6677 EUR
Date Details Amount
Opening balance 50.00
Fri 1 Mar Coffee -3.00
Mon 4 Mar Refund 10.00
Closing balance 57.00
""",
        "2024-03-01 -3.00, 2024-03-04 10.00",
    ),
    "an opening balance by another name": (
        """
Kontoauszug Nr. 7
Kontonummer 1234567 IBAN DE89 3704 0044 0532 0130 00
Buchung Wert Erläuterung Umsatz
Letzter Auszug vom 28.06.2024 2.000,00 H
01.07.2024 03.07.2024 Wertpapiere Kauf 500,00 S
WKN A0RPWH / IE00B4L5Y983
15.07.2024 15.07.2024 Kupon/Zinsen 12,50 H
WKN 113549
31.07.2024 31.07.2024 Entgelt Depotführung 3,00 S
Neuer Saldo 1.509,50 H
""",
        "2024-07-01 -500.00, 2024-07-15 12.50, 2024-07-31 -3.00",
    ),
    "a value day between text and sums": (
        """
Kontoauszug Vorsorgekonto 2024
Kontonummer 12.345.678 CHF
Buchungsdatum Buchungstext Valuta Belastung Gutschrift Saldo
01.01.2024 Saldovortrag 5'000.00
15.01.2024 Einzahlung 15.01.2024 588.00 5'588.00
20.01.2024 Kauf Anlagegruppe 40 22.01.2024 550.00 5'038.00
31.12.2024 Zins 31.12.2024 21.35 5'059.35
Saldo 31.12.2024 5'059.35
""",
        "2024-01-15 588.00, 2024-01-20 -550.00, 2024-12-31 21.35",
    ),
}


@pytest.mark.parametrize(("text", "expected"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_day_and_amount(text: str, expected: str) -> None:
    assert [" ".join(each) for each in posted(text)] == expected.split(", ")


def test_the_balance_above_a_list_that_goes_back_is_the_last_one() -> None:
    balances = held(STATEMENTS["a title with the balance of the day"][0])
    assert [(str(each.day), each.amount) for each in balances] == [("2024-01-31", Decimal("5120.40"))]


def test_a_written_sign_is_not_turned_to_make_the_sums_fit() -> None:
    # By chance -1,000 and +2,000 would lead to the closing balance, against both the minus and the words.
    text = """
Kontoauszug 10/2024 DE89 3704 0044 0532 0130 00
Buchung Text Betrag in EUR
Alter Saldo vom 30.09.2024 7.645,51
04.10.2024 Gutschrift 1.000,00
25.10.2024 Überweisung -2.000,00
Neuer Saldo vom 31.10.2024 8.645,51
"""
    assert posted(text) == [("2024-10-04", "1000.00"), ("2024-10-25", "-2000.00")]
    assert any("a gap of 2000.00" in note for note in plan(text).notes)


def test_each_list_has_the_currency_of_its_account() -> None:
    text = """
Account statement 01 Jan 2024 - 31 Jan 2024
EUR account
Date Description Amount Balance
03 Jan 2024 Top-up 100.00 100.00
10 Jan 2024 Coffee -3.50 96.50
USD account
Date Description Amount Balance
05 Jan 2024 Exchanged 50.00 50.00
12 Jan 2024 Online shop -20.00 30.00
"""
    assert [(str(each.amount), each.asset) for each in read(text)] == [
        ("100.00", "EUR"),
        ("-3.50", "EUR"),
        ("50.00", "USD"),
        ("-20.00", "USD"),
    ]


OVERVIEW = """
Finanzreport Nr. 1 per 31.01.2024
Konto IBAN Saldo in EUR
Tagesgeld DE75 5121 0800 1245 1261 99 2.003,00
Girokonto DE89 3704 0044 0532 0130 00 590,00
Girokonto
IBAN DE89 3704 0044 0532 0130 00
Buchungstag Vorgang Buchungstext Ausgang Eingang
Alter Saldo 31.12.2023 100,00 EUR
03.01.2024 Kartenzahlung Cafe -10,00
20.01.2024 Übertrag Lohn +500,00
Neuer Saldo 31.01.2024 590,00 EUR
Tagesgeld
IBAN DE75 5121 0800 1245 1261 99
Buchungstag Vorgang Buchungstext Ausgang Eingang
Alter Saldo 31.12.2023 2.000,00 EUR
"""
INTEREST = "31.01.2024 Zinsen +3,00\nNeuer Saldo 31.01.2024 2.003,00 EUR\n"
NOTHING = "Neuer Saldo 31.01.2024 2.000,00 EUR\n"


def test_an_account_is_the_one_right_above_not_the_first_of_an_overview() -> None:
    assert [(each.account, str(each.amount)) for each in read(OVERVIEW + INTEREST, Hints())] == [
        ("DE89370400440532013000", "-10.00"),
        ("DE89370400440532013000", "500.00"),
        ("DE75512108001245126199", "3.00"),
    ]


def test_the_balance_of_an_account_without_postings_is_not_the_others() -> None:
    balances = held(OVERVIEW + NOTHING, Hints())
    assert {each.account for each in balances} == {"DE89370400440532013000"}
    assert [str(each.amount) for each in balances] == ["100.00", "590.00"]
