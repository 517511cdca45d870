"""Statements as banks print them, written by hand, and PDFs made of them: what the tests of the pdf importer share."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from flowd.api import Balance, Hints, Transaction
from flowd.importers.pdf.importer import PdfImporter, PdfReading

HINTS = Hints(account="main", asset="EUR")


def plan(data: str | bytes, hints: Hints = HINTS) -> PdfReading:
    """Return how `data` is read."""
    return PdfImporter().plan(io.BytesIO(data.encode() if isinstance(data, str) else data), hints)


def read(data: str | bytes, hints: Hints = HINTS) -> list[Transaction]:
    """Return the postings of `data`."""
    return [
        record for batch in plan(data, hints).batches() for record in batch.records if isinstance(record, Transaction)
    ]


def held(data: str | bytes, hints: Hints = HINTS) -> list[Balance]:
    """Return the balances of `data`."""
    return [record for batch in plan(data, hints).batches() for record in batch.records if isinstance(record, Balance)]


def posted(data: str | bytes, hints: Hints = HINTS) -> list[tuple[str, str]]:
    """Return day and amount of every posting."""
    return [(str(posting.booked_at), str(posting.amount)) for posting in read(data, hints)]


def make_pdf(pages: Sequence[Sequence[tuple[float, float, str]]], *, packed: bool = True, trailer: str = "") -> bytes:
    """Return a PDF that shows texts in Helvetica at (x, y) in points, y from the top."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for at, page in enumerate(pages):
        shown = [
            f"BT /F1 9 Tf 1 0 0 1 {x} {842 - y} Tm ({_escape(text)}) Tj ET".encode("cp1252") for x, y, text in page
        ]
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * at} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(stream(b"\n".join(shown), packed=packed))
    return assemble(objects, trailer)


def stream(data: bytes, *, packed: bool = True) -> bytes:
    """Return a stream object."""
    if not packed:
        return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)
    data = zlib.compress(data, 9)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(data), data)


def assemble(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """Return a PDF of numbered objects, the first being its root."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A statement's text and what a person reads in it."""

    text: str
    posted: list[tuple[str, str]]
    account: str = "main"
    asset: str = "EUR"
    balances: list[tuple[str, str]]


SOLL_HABEN = Printed(
    text="""
Musterbank eG            Kontoauszug Nr.  8/2023
EUR-Konto Kontonummer 1234567   erstellt am 31.08.2023 22:10  Blatt 1 von 2
IBAN: DE89 3704 0044 0532 0130 00 BIC: MUSTDEFFXXX
Bu-Tag Wert Vorgang
alter Kontostand vom 31.07.2023                    1.000,00 H
01.08. 01.08. Basislastschrift                        30,00 S
              Stadtwerke Musterstadt
              Abschlag 08/2023 EREF: 4711
02.08. 03.08. Überweisungsgutschr.                    12,50 H
              Erika Muster
                        Übertrag auf Blatt 2         982,50 H
Musterbank eG            Kontoauszug Nr.  8/2023  Blatt 2 von 2
Bu-Tag Wert Vorgang
                        Übertrag von Blatt 1         982,50 H
31.08. 31.08. Abschluss lt. Anlage 1                   2,50 S
                 neuer Kontostand vom 31.08.2023     980,00 H
Anlage 1
Kontoabschluss vom 01.08.2023 bis 31.08.2023
 9,45000% Sollzins bis 30.08.                          0,10 S
30.08. Kontoführung                                    2,40 S
""",
    account="DE89370400440532013000",
    posted=[("2023-08-01", "-30.00"), ("2023-08-02", "12.50"), ("2023-08-31", "-2.50")],
    balances=[("2023-07-31", "1000.00"), ("2023-08-31", "980.00")],
)

SWISS = Printed(
    text="""
Privatkonto
Kontoauszug 01.02.2024 - 29.02.2024 Datum: 1. März 2024
IBAN CH93 0076 2011 6238 5295 7 CHF
Datum Text Gutschrift Lastschrift Valuta Saldo
31.01.24 Kontostand 12'000.00
05.02.24 Krankenkasse Beispiel AG 450.50 05.02.24 11'549.50
06.02.24 EINKAUF VOM 05.02.2024 10.00 05.02.24
KARTEN NR. XXXX1234
EINKAUF VOM 06.02.2024 20.00 06.02.24 11'519.50
26.02.24 Salär Muster AG 6'200.00 26.02.24 17'719.50
29.02.24 Kontostand 17'719.50
""",
    account="CH9300762011623852957",
    asset="CHF",
    posted=[
        ("2024-02-05", "-450.50"),
        ("2024-02-06", "-10.00"),
        ("2024-02-06", "-20.00"),
        ("2024-02-26", "6200.00"),
    ],
    balances=[("2024-01-31", "12000.00"), ("2024-02-29", "17719.50")],
)

FRENCH = Printed(
    text="""
RELEVE DE COMPTE CHEQUES (EUR)
du 1 décembre 2023 au 31 décembre 2023
IBAN : FR14 2004 1010 0505 0001 3M02 606
Date Nature des opérations Valeur Débit Crédit
SOLDE CREDITEUR AU 30.11.2023 1 523,40
04.12 PAIEMENT CARTE 0212 EPICERIE PARIS 04.12 54,30
05.12 VIREMENT RECU DE M EXEMPLE 05.12 1 300,00
08.12 PRELEVEMENT ELECTRICITE 08.12 87,10
TOTAL DES OPERATIONS 141,40 1 300,00
SOLDE CREDITEUR AU 31.12.2023 2 682,00
""",
    account="FR1420041010050500013M02606",
    posted=[("2023-12-04", "-54.30"), ("2023-12-05", "1300.00"), ("2023-12-08", "-87.10")],
    balances=[("2023-11-30", "1523.40"), ("2023-12-31", "2682.00")],
)

ITALIAN = Printed(
    text="""
ESTRATTO CONTO in EUR
Periodo dal 01/01/2024 al 31/03/2024
IBAN IT60X0542811101000000123456
Data Valuta Descrizione Uscite Entrate
SALDO INIZIALE AL 01/01/2024 2.345,67
10/01/2024 10/01/2024 PAGAMENTO POS MERCATO 35,20
15/01/2024 16/01/2024 BONIFICO A VOSTRO FAVORE ESEMPIO 1.200,00
31/03/2024 31/03/2024 IMPOSTA DI BOLLO 8,55
SALDO FINALE AL 31/03/2024 3.501,92
""",
    account="IT60X0542811101000000123456",
    posted=[("2024-01-10", "-35.20"), ("2024-01-15", "1200.00"), ("2024-03-31", "-8.55")],
    balances=[("2024-01-01", "2345.67"), ("2024-03-31", "3501.92")],
)

AMERICAN = Printed(
    text="""
First Example Bank    January 01, 2024 through January 31, 2024
Account Number: 000000123456789
CHECKING SUMMARY
Beginning Balance $1,000.00
Deposits and Additions 2,500.00
ATM & Debit Card Withdrawals -75.55
Ending Balance $3,424.45
DEPOSITS AND ADDITIONS
DATE DESCRIPTION AMOUNT
01/12 Example Payroll PPD ID: 123 $2,500.00
Total Deposits and Additions $2,500.00
ATM & DEBIT CARD WITHDRAWALS
DATE DESCRIPTION AMOUNT
01/05 Card Purchase 01/04 Coffee House Springfield Card 1234 $5.55
01/20 ATM Withdrawal 01/20 Main St Card 1234 70.00
Total ATM & Debit Card Withdrawals $75.55
DAILY ENDING BALANCE
DATE AMOUNT
01/05 994.45
01/12 3,494.45
01/20 3,424.45
""",
    account="000000123456789",
    asset="USD",
    posted=[("2024-01-12", "2500.00"), ("2024-01-05", "-5.55"), ("2024-01-20", "-70.00")],
    balances=[("2024-01-04", "1000.00"), ("2024-01-20", "3424.45")],
)

BRITISH = Printed(
    text="""
Your Statement in GBP
Account Number 12345678
01 March to 31 March 2024
Date Payment type and details Paid out Paid in Balance
BALANCE BROUGHT FORWARD 1,234.56
04 Mar VIS GROCER
LONDON 45.10 1,189.46
05 Mar CR EXAMPLE LTD SALARY 2,000.00
DD COUNCIL TAX 150.00 3,039.46
29 Mar BP RENT 900.00 2,139.46
BALANCE CARRIED FORWARD 2,139.46
""",
    account="12345678",
    asset="GBP",
    posted=[
        ("2024-03-04", "-45.10"),
        ("2024-03-05", "2000.00"),
        ("2024-03-05", "-150.00"),
        ("2024-03-29", "-900.00"),
    ],
    balances=[("2024-03-03", "1234.56"), ("2024-03-29", "2139.46")],
)

DATED_BEHIND = Printed(
    text="""
Kontoauszug Nr. 01/2024   01.01.2024 bis 31.01.2024
IBAN: DE89370400440532013000
Beschreibung Verbuchungsdatum Betrag
Supermarkt Beispiel 03.01.2024 -25,20€
Lebensmittel
Wertstellung 02.01.2024
Erika Muster 05.01.2024 +500,00€
Wertstellung 05.01.2024
Dein alter Kontostand +100,00€
Ausgehende Transaktionen -25,20€
Dein neuer Kontostand +574,80€
""",
    account="DE89370400440532013000",
    posted=[("2024-01-03", "-25.20"), ("2024-01-05", "500.00")],
    balances=[("2024-01-02", "100.00"), ("2024-01-05", "574.80")],
)

BROKEN_DAYS = Printed(
    text="""
DATUM 01 Sept. 2024 - 30 Sept. 2024
IBAN DE89370400440532013000
PRODUKT ANFANGSSALDO ZAHLUNGSEINGANG ZAHLUNGSAUSGANG ENDSALDO
Konto 74,41 € 889,77 € 24,95 € 939,23 €
DATUM TYP BESCHREIBUNG ZAHLUNGSEINGANG ZAHLUNGSAUSGANG SALDO
20
Sept. Eingang von Erika Muster auf
2024 DE89370400440532013000
889,77 € 964,18 €
26
Sept. Kartentransaktion Baumarkt 24,95 € 939,23 €
2024
Seite 1 von 1
""",
    account="DE89370400440532013000",
    posted=[("2024-09-20", "889.77"), ("2024-09-26", "-24.95")],
    balances=[("2024-09-19", "74.41"), ("2024-09-26", "939.23")],
)

CARD = Printed(
    text="""
Example Credit Card Statement in USD
Closing Date 01/25/24    Account Number 4567 1234
Previous Balance $200.00
New Balance $61.50
Minimum Payment Due $35.00
Payments and Credits
01/03/24 ONLINE PAYMENT - THANK YOU -$200.00
New Charges
01/05/24 GROCER SPRINGFIELD $41.50
01/17/24 TAXI $20.00
""",
    account="45671234",
    asset="USD",
    posted=[("2024-01-03", "200.00"), ("2024-01-05", "-41.50"), ("2024-01-17", "-20.00")],
    balances=[("2024-01-02", "-200.00"), ("2024-01-17", "-61.50")],
)

NEWEST_FIRST = Printed(
    text="""
Rekeningoverzicht van 01-01-2024 t/m 31-01-2024
Datum Tijd Valutadatum Omschrijving Mutatie Saldo
25-01-2024 09:55 25-01-2024 Rente EUR 0,50 EUR 110,50
12-01-2024 08:42 11-01-2024 Kosten EUR -15,00 EUR 110,00
03-01-2024 10:00 03-01-2024 Storting EUR 125,00 EUR 125,00
""",
    posted=[("2024-01-25", "0.50"), ("2024-01-12", "-15.00"), ("2024-01-03", "125.00")],
    balances=[],
)

NAME_ABOVE = Printed(
    text="""
Kontoauszug vom 30.11.2020 bis 31.12.2020
Auszug Seite von IBAN Alter Saldo per 30.11.2020
11 1 2 DE89 3704 0044 0532 0130 00 EUR + 1.200,00
Buchung Valuta Vorgang Soll Haben
01.12. 01.12. SEPA Dauerauftrag an - 300,00
2020 2020 Erika Muster
07.12. 07.12. SEPA Überweisung von + 36,85
2020 2020 Beispiel GmbH
31.12. 31.12. Saldo der Abschlussposten - 13,47
2020 2020
Neuer Saldo per 31.12.2020 EUR + 923,38
""",
    account="DE89370400440532013000",
    posted=[("2020-12-01", "-300.00"), ("2020-12-07", "36.85"), ("2020-12-31", "-13.47")],
    balances=[("2020-11-30", "1200.00"), ("2020-12-31", "923.38")],
)

DAYS_BELOW = Printed(
    text="""
EUR statement
1 January 2024 - 31 January 2024
IBAN BE68 5390 0754 7034
Description Incoming Outgoing Amount
Sent money to Erika Muster -30.00 120.50
15 January 2024 Transaction: T-123 Reference: Rent
Received money from Example -0.50 150.50
11 January 2024 Transaction: T-122
Received money from Example 151.00 151.00
10 January 2024 Transaction: T-121
""",
    account="BE68539007547034",
    posted=[("2024-01-15", "-30.00"), ("2024-01-11", "-0.50"), ("2024-01-10", "151.00")],
    balances=[],
)

SUMS_BELOW = Printed(
    text="""
Sparbank Musterstadt
Kontoauszug 3/2023
Privatgirokonto 123456789, DE89 3704 0044 0532 0130 00
Datum Erläuterung Betrag Soll EUR Betrag Haben EUR
Kontostand am 28.02.2023, Auszug Nr. 2 1.234,56
01.03.2023 Lastschrift
Versicherung AG Beitrag -55,10
15.03.2023 Lohn, Gehalt, Rente
Beispiel GmbH 2.000,00
20.03.2023 Kartenzahlung -12,00
MARKT SAGT DANKE 2023-03-19T12:00
Kontostand am 31.03.2023 um 20:05 Uhr 3.167,46
Ihr Dispositionskredit 3.000,00 EUR
""",
    account="DE89370400440532013000",
    posted=[("2023-03-01", "-55.10"), ("2023-03-15", "2000.00"), ("2023-03-20", "-12.00")],
    balances=[("2023-02-28", "1234.56"), ("2023-03-31", "3167.46")],
)

TWO_ACCOUNTS = """
Finanzreport Nr. 10 per 02.11.2020
Girokonto IBAN DE97 2004 1111 0123 4567 00
Buchungstag Vorgang Buchungstext Ausgang Eingang
Alter Saldo 30.09.2020 +1.500,11
01.10.2020 Lastschrift/ Stadtwerke -50,00
Neuer Saldo 02.11.2020 +1.450,11
Tagesgeld-Konto IBAN DE70 2004 1111 0123 4567 01
Buchungstag Vorgang Buchungstext Ausgang Eingang
Alter Saldo 30.09.2020 +10,00
31.10.2020 Kontoabschluss Zinsen +0,01
Neuer Saldo 02.11.2020 +10,01
EUR
"""

LAYOUTS = {
    "the balance below its name": NAME_ABOVE,
    "days below the sums": DAYS_BELOW,
    "sums below the days": SUMS_BELOW,
    "S and H": SOLL_HABEN,
    "Swiss, several postings to a day": SWISS,
    "French, spaces in thousands": FRENCH,
    "Italian": ITALIAN,
    "American lists": AMERICAN,
    "British, days once": BRITISH,
    "days behind the text": DATED_BEHIND,
    "days broken over lines": BROKEN_DAYS,
    "a card's bill": CARD,
    "newest first": NEWEST_FIRST,
}
