"""Statements in two dozen layouts and eight languages, written by hand after no bank's: day order, signs and sums."""

from __future__ import annotations

import pytest

from .printed import plan, posted, read

STATEMENTS = {
    "sum below its text": (
        """
Kontoauszug Nummer 002 / 2024 vom 03.02.2024 bis 01.03.2024
Kontonummer 1234567 / IBAN DE89 3704 0044 0532 0130 00
Bu.Tag Wert Wir haben für Sie gebucht Belastung in EUR Gutschrift in EUR
05.02. 05.02. Lastschrift
Stadtwerke Muster
ABSCHLAG 02.24 45,00
07.02. 07.02. Lohn, Gehalt
Arbeit GmbH 2.345,67
29.02. 29.02. Kartenzahlung
REWE SAGT DANKE 12,34
ALTER KONTOSTAND 1.000,00 H EUR
NEUER KONTOSTAND 3.288,33 H EUR
""",
        "-45.00 2345.67 -12.34",
    ),
    "day twice": (
        """
Girokonto Nummer 1234567890
Kontoauszug Februar 2024
Datum 29.02.2024
Alter Saldo 1.000,00 Euro
Neuer Saldo 1.087,66 Euro
IBAN DE89 3704 0044 0532 0130 00
Buchung Buchung / Verwendungszweck Betrag (EUR)
Valuta
01.02.2024 Lastschrift VISA NETFLIX -12,34
01.02.2024 NR123 ARN
Mandat: 123
02.02.2024 Gutschrift Max Muster 100,00
02.02.2024 Geschenk
Neuer Saldo 1.087,66
""",
        "-12.34 100.00",
    ),
    "outgoing and incoming": (
        """
Finanzreport Nr. 2 per 01.03.2024
Girokonto DE89 3704 0044 0532 0130 00
Alter Saldo 01.02.2024 +1.000,00 EUR
Buchungstag Vorgang Auftraggeber/Empfänger Buchungstext Ausgang Eingang
Valuta Referenz
02.02.2024 Lastschrift Muster AG Rechnung 12 -50,00
02.02.2024 ABC123
05.02.2024 Übertrag/ Erika Miete +700,00
05.02.2024 Überweisung 5C2
Neuer Saldo 01.03.2024 +1.650,00 EUR
""",
        "-50.00 700.00",
    ),
    "text before the day": (
        """
KONTOAUSZUG 31.03.24 Nr. 3
Konto 123456789 EUR
Text/Verwendungszweck Datum PNNr Wert Soll Haben
*** Kontostand zum 29.02.24 *** 1.000,00+
LASTSCHRIFT 04.03. 8420 04.03. 30,00-
STADTWERKE
GUTSCHRIFT 11.03. 8421 11.03. 250,00+
ERIKA
*** Kontostand zum 31.03.24 *** 1.220,00+
""",
        "-30.00 250.00",
    ),
    "year below the day": (
        """
Kontoauszug vom 01.02.2024 bis 29.02.2024
IBAN DE89 3704 0044 0532 0130 00
Kontoinhaber Auszug Seite von IBAN Alter Saldo per 31.01.2024
Max 2 1 1 DE89370400440532013000 EUR + 1.000,00
Buchung Valuta Vorgang Soll Haben
01.02. 01.02. SEPA Lastschrifteinzug von - 20,00
2024 2024 Telekom
05.02. 05.02. SEPA Überweisung von + 120,00
2024 2024 Erika
Filialnummer Kontonummer Neuer Saldo
100 1234567 00 EUR + 1.100,00
""",
        "-20.00 120.00",
    ),
    "day behind the text": (
        """
Kontoauszug Nr. 02/2024
01.02.2024 bis 29.02.2024
Beschreibung Verbuchungsdatum Betrag
REWE Markt
Mastercard • Supermarkt
Wertstellung 02.02.2024 02.02.2024 -12,34€
Max Muster
Gutschriften
IBAN: DE89370400440532013000
Wertstellung 03.02.2024 03.02.2024 +100,00€
""",
        "-12.34 100.00",
    ),
    "credit below its sum": (
        """
Kreditkarte Abrechnung
Buchungsdatum 28.02.2024
Umsatz vom Buchungsdatum Details Betrag EUR
01.02 02.02 ZAHLUNG ERHALTEN. BESTEN DANK. 200,00
CR
03.02 04.02 REWE BERLIN 12,34
05.02 06.02 BAHN FRANKFURT 55,00
""",
        "200.00 -12.34 -55.00",
    ),
    "money out and in": (
        """
EUR Statement
Generated on the 1 Mar 2024
Account transactions from 1 February 2024 to 29 February 2024
Date Description Money out Money in Balance
1 Feb 2024 Transfer from MAX MUSTER €100.00 €200.00
3 Feb 2024 Rewe €10.50 €189.50
4 Feb 2024 To Erika €50.00 €139.50
""",
        "100.00 -10.50 -50.00",
    ),
    "newest first": (
        """
Personal Account statement 01/02/2024 - 29/02/2024
Sort code: 04-00-04 Account number: 12345678
Date Description (GBP) Amount (GBP) Balance
28/02/2024 TESCO STORES LONDON GBR -10.50 189.50
03/02/2024 Salary -  Ltd 100.00 200.00
""",
        "-10.50 100.00",
    ),
    "thousands by spaces": (
        """
Kontoauszug 01.02.2024 - 29.02.2024
IBAN CH93 0076 2011 6238 5295 7
Privatkonto CHF
Datum Information Belastungen Gutschriften Valuta Saldo
01.02.24 Anfangssaldo 1 000.00
05.02.24 Zahlung 50.00 05.02.24 950.00
29.02.24 Saläreingang 5 000.00 29.02.24 5 950.00
Umsatztotal 50.00 5 000.00
Schlusssaldo 5 950.00
""",
        "-50.00 5000.00",
    ),
    "value day before the sum": (
        """
EXTRAIT DE COMPTE du 01/02/2024 au 29/02/2024
IBAN FR14 2004 1010 0505 0001 3M02 606
Date opération Libellé Valeur Débit Crédit
SOLDE AU : 31/01/2024 1.000,00
02/02/2024 CARTE 01/02/24 CARREFOUR 04/02/2024 12,34
05/02/2024 VIR SEPA MUSTER 05/02/2024 500,00
29/02/2024 *INTER. DEBITEURS 29/02/2024 1,10
Nouveau solde en EUR : 1.486,56
""",
        "-12.34 500.00 -1.10",
    ),
    "sign behind": (
        """
Rekeninguittreksel 01-02-2024 tot 29-02-2024
IBAN BE71 0961 2345 6769 EUR
Vorig saldo 31-01-2024 1.000,00 +
05-02 Overschrijving van Jan Jansen 05-02 100,00 +
06-02 Domiciliëring Telenet 06-02 60,00 -
Nieuw saldo 29-02-2024 1.040,00 +
""",
        "100.00 -60.00",
    ),
    "spanish": (
        """
EXTRACTO DE CUENTA CORRIENTE
Periodo: 01/02/2024 a 29/02/2024  IBAN ES91 2100 0418 4502 0005 1332 EUR
F. Operación F. Valor Concepto Importe Saldo
SALDO ANTERIOR 1.000,00
05/02/2024 05/02/2024 RECIBO LUZ -45,00 955,00
10/02/2024 11/02/2024 NOMINA 1.500,00 2.455,00
SALDO FINAL 2.455,00
""",
        "-45.00 1500.00",
    ),
    "several a day": (
        """
Your Statement
Account Number 12345678 Sort Code 40-11-22
1 February to 29 February 2024
Date Payment type and details Paid out Paid in Balance
31 Jan 24 BALANCE BROUGHT FORWARD 1,000.00
02 Feb 24 DD BRITISH GAS 50.00
VIS TESCO 20.00 930.00
05 Feb 24 CR EMPLOYER LTD 2,000.00 2,930.00
29 Feb 24 BALANCE CARRIED FORWARD 2,930.00
""",
        "-50.00 -20.00 2000.00",
    ),
    "american with balances": (
        """
Statement February 01, 2024 through February 29, 2024
Account Number: 000000123456789
CHECKING SUMMARY
Beginning Balance $1,000.00
Ending Balance $2,924.45
TRANSACTION DETAIL
DATE DESCRIPTION AMOUNT BALANCE
Beginning Balance $1,000.00
02/02 Card Purchase 02/01 Walmart -75.55 924.45
02/15 Payroll Acme 2,000.00 2,924.45
Ending Balance $2,924.45
""",
        "-75.55 2000.00",
    ),
    "report of parts": (
        """
Activity Statement January 1, 2024 - January 31, 2024
Account U1234567 Base Currency EUR
Trades
Symbol Date/Time Quantity T. Price C. Price Proceeds Comm/Fee Basis Realized P/L MTM P/L Code
Stocks
USD
AAPL 2024-01-10, 10:30:00 10 185.00 186.19 -1,850.00 -1.00 1,851.00 0.00 11.90 O
Total AAPL 10 -1,850.00 -1.00 1,851.00 0.00 11.90
Deposits & Withdrawals
Date Description Amount
EUR
2024-01-05 Electronic Fund Transfer 2,000.00
Total 2,000.00
Dividends
Date Description Amount
USD
2024-01-15 AAPL(US0378331005) Cash Dividend USD 0.24 per Share (Ordinary Dividend) 2.40
Total 2.40
Withholding Tax
Date Description Amount Code
USD
2024-01-15 AAPL(US0378331005) Cash Dividend USD 0.24 per Share - US Tax -0.36
Total -0.36
""",
        "2000.00 2.40 -0.36",
    ),
    "polish": (
        """
WYCIĄG Z RACHUNKU za okres od 2024-02-01 do 2024-02-29
Nr rachunku PL61 1090 1014 0000 0712 1981 2874 Waluta PLN
Saldo początkowe 1 000,00
Data księgowania Data operacji Opis operacji Kwota Saldo po operacji
2024-02-05 2024-02-04 ZAKUP BIEDRONKA -45,50 954,50
2024-02-10 2024-02-10 PRZELEW PRZYCHODZĄCY 3 200,00 4 154,50
Saldo końcowe 4 154,50
""",
        "-45.50 3200.00",
    ),
    "swedish": (
        """
Kontoutdrag 2024-02-01 - 2024-02-29 SEK
Bokföringsdatum Transaktionsdatum Text Belopp Saldo
2024-02-05 2024-02-04 ICA MAXI -450,50 9 549,50
2024-02-25 2024-02-25 LÖN 25 000,00 34 549,50
""",
        "-450.50 25000.00",
    ),
    "sign before a space": (
        """
Kontoauszug Nr: 3/2024   Kontonr.: 1234567890 EUR
IBAN DE89 3704 0044 0532 0130 00
Kontoauszugsdatum 31.03.2024
Buch.Tag Valuta Buchungsinformationen Betrag
Kontostand per 29.02.2024 + 1.000,00
04.03. 06.03. Ausführung ORDER Kauf IE00B4L5Y983 123456 -500,00
15.03. 15.03. Zinszahlung/Dividende DE0007164600 + 12,34
29.03. 31.03. Zinsabschluss 01.01.2024 - 31.03.2024 - 0,50
Neuer Kontostand per 31.03.2024 + 511,84
""",
        "-500.00 12.34 -0.50",
    ),
    "day and time": (
        """
Statement of Account
Period: 01.02.2024 - 29.02.2024  Currency EUR
Transactions
Time (UTC) Type Details Amount Balance
2024-02-01 10:00:00 Deposit Bank transfer 500.00 500.00
2024-02-02 11:00:00 Buy IE00B4L5Y983 5 shares -450.00 50.00
2024-02-20 09:00:00 Dividend IE00B4L5Y983 3.21 53.21
""",
        "500.00 -450.00 3.21",
    ),
    "month by name": (
        """
Kontoauszug 01-02-2024 bis 29-02-2024
Konto 12345/EUR  Währung: EUR
Buchungsdatum Valutadatum Produkt Nettoveränderung Barguthaben
Eröffnungssaldo 1.000,00
05-Feb-2024 07-Feb-2024 Buy 10 Apple Inc. @ 90,00 -901,00 99,00
12-Feb-2024 12-Feb-2024 Einzahlung 500,00 599,00
Schlusssaldo 599,00
""",
        "-901.00 500.00",
    ),
    "card by sign": (
        """
Kreditkartenabrechnung Ihre Mastercard
Abrechnungsdatum 22.02.2024
Saldo letzte Abrechnung 150,00-
Beleg-datum Buchungsdatum Verwendungszweck Betrag in EUR
25.01. 26.01. Lastschrift 150,00+
01.02. 02.02. AMAZON 30,00-
03.02. 05.02. HOTEL LONDON GBP 50,00 Kurs 0,86 58,14-
05.02. 1,75 % für Auslandseinsatz 1,02-
Neuer Saldo 89,16-
""",
        "150.00 -30.00 -58.14 -1.02",
    ),
    "card by lists": (
        """
Example Bank Visa Credit Card Statement
Opening/Closing Date 01/05/24 - 02/04/24
Previous Balance $500.00
Payments and Other Credits
01/20 Payment Thank You -500.00
Purchases
01/10 AMAZON.COM 45.10
01/15 UBER TRIP 1,020.00
Interest Charged
02/04 INTEREST CHARGE ON PURCHASES 3.00
New Balance $1,068.10
""",
        "500.00 -45.10 -1020.00 -3.00",
    ),
    "american lists": (
        """
Your checking account for January 10, 2024 to February 8, 2024 Account number: 1234 5678 9012
Beginning balance on January 10, 2024 $2,000.00
Ending balance on February 8, 2024 $2,349.50
Deposits and other additions
Date Description Amount
01/12/24 ACME PAYROLL 1,000.00
Total deposits and other additions $1,000.00
Withdrawals and other subtractions
Date Description Amount
01/15/24 RENT -600.00
01/16/24 ATM -50.50
Total withdrawals and other subtractions -$650.50
""",
        "1000.00 -600.00 -50.50",
    ),
    "czech": (
        """
Výpis z účtu za období 01.02.2024 - 29.02.2024 Měna CZK
Počáteční zůstatek 10 000,00
Datum Popis Částka Zůstatek
05.02.2024 Platba kartou ALBERT -450,50 9 549,50
10.02.2024 Příchozí platba 25 000,00 34 549,50
Konečný zůstatek 34 549,50
""",
        "-450.50 25000.00",
    ),
    "days without zeros": (
        """
Everyday Checking February 29, 2024
Account number: 1234567890
Transaction history
Date Check Number Description Deposits/Additions Withdrawals/Subtractions Ending daily balance
2/1 Purchase authorized on 01/31 Starbucks 5.25
2/1 Recurring Transfer to Savings 100.00 894.75
2/15 Acme Payroll 1,500.00 2,394.75
Ending balance on 2/29 2,394.75
Beginning balance on 2/1 $1,000.00
""",
        "-5.25 -100.00 1500.00",
    ),
}


@pytest.mark.parametrize(("text", "amounts"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_amounts_and_directions(text: str, amounts: str) -> None:
    assert [amount for _, amount in posted(text)] == amounts.split()


def test_each_part_of_a_report_has_its_own_currency() -> None:
    assert [posting.asset for posting in read(STATEMENTS["report of parts"][0])] == ["EUR", "USD", "USD"]
    note = "1 lines that show units, a price and their product, as trades do, were NOT read"
    assert any(said.startswith(note) for said in plan(STATEMENTS["report of parts"][0]).notes)


def test_days_without_zeros() -> None:
    days = [day for day, _ in posted(STATEMENTS["days without zeros"][0])]
    assert days == ["2024-02-01", "2024-02-01", "2024-02-15"]
