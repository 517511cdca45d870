"""Statements of many countries, written by hand after no bank's: the day and the amount of every posting."""

from __future__ import annotations

import pytest

from .printed import posted

STATEMENTS = {
    "lists of one account over pages": (
        """
Your Adv Plus Banking
for December 12, 2023 to January 10, 2024
Account number: 1234 5678 9012
Beginning balance on December 12, 2023 $1,250.00
Deposits and other additions 2,100.00
ATM and debit card subtractions -85.20
Other subtractions -1,400.00
Checks -250.00
Service fees -12.00
Ending balance on January 10, 2024 $1,602.80
Deposits and other additions
Date Description Amount
12/15/23 EXAMPLE INC DES:PAYROLL ID:123 INDN:DOE CO ID:999 PPD 1,500.00
12/29/23 Zelle payment from JANE ROE for "rent" 600.00
Total deposits and other additions $2,100.00
Withdrawals and other subtractions
ATM and debit card subtractions
Date Description Amount
12/18/23 CHECKCARD 1216 GROCERY OUTLET SEATTLE WA 245921533 -45.20
continued on the next page
Page 3 of 6
JOHN DOE | Account # 1234 5678 9012 | December 12, 2023 to January 10, 2024
Withdrawals and other subtractions - continued
Date Description Amount
01/03/24 ATM WITHDRAWAL 01/02 #000012 -40.00
Total ATM and debit card subtractions -$85.20
Other subtractions
Date Description Amount
01/02/24 LANDLORD LLC DES:RENT ID:77 -1,400.00
Total other subtractions -$1,400.00
Checks
Date Check # Amount
12/20/23 1201 -150.00
01/05/24 1202* -100.00
Total checks -$250.00
* There is a gap in sequential check numbers
Service fees
Date Transaction description Amount
01/10/24 Monthly Maintenance Fee -12.00
Total service fees -$12.00
Daily ledger balances
Date Balance ($) Date Balance ($)
12/12 1,250.00 12/29 3,154.80
12/15 2,750.00 01/02 1,754.80
""",
        "2023-12-15 1500.00, 2023-12-29 600.00, 2023-12-18 -45.20, 2024-01-03 -40.00, 2024-01-02 -1400.00, "
        "2023-12-20 -150.00, 2024-01-05 -100.00, 2024-01-10 -12.00",
    ),
    "card across new year": (
        """
Sample Rewards Visa
Account Ending in 1234
Billing Cycle: Dec 15, 2023 - Jan 14, 2024
Previous Balance $350.10
Payments and Credits -$350.10
Purchases +$140.25
Fees Charged $0.00
Interest Charged $0.00
New Balance $140.25
Minimum Payment Due $25.00 Payment Due Date 02/11/2024
TRANSACTIONS
Trans Date Post Date Description Amount
Dec 28 Dec 29 AUTOPAY PAYMENT - THANK YOU -$350.10
Dec 20 Dec 21 STREAMING SERVICE LOS GATOS CA $15.25
Jan 3 Jan 4 BOOKSTORE PORTLAND OR $80.00
Jan 10 Jan 11 CAFE SEATTLE WA $45.00
2024 Totals Year-to-Date
Total fees charged in 2024 $0.00
Total interest charged in 2024 $0.00
Interest Charge Calculation
Your Annual Percentage Rate (APR) is the annual interest rate on your account.
Type of Balance APR Balance Subject to Interest Rate Interest Charge
Purchases 24.99% $0.00 $0.00
""",
        "2023-12-28 350.10, 2023-12-20 -15.25, 2024-01-03 -80.00, 2024-01-10 -45.00",
    ),
    "no years across new year": (
        """
Your Current Account
Statement 12 December 2023 to 11 January 2024
Sort Code 20-00-00 Account Number 12345678
Date Description Money out £ Money in £ Balance £
12 Dec Start balance 1,045.20
14 Dec Direct Debit to Water Co 32.10 1,013.10
Ref: 99887
22 Dec Received from Employer Ltd 2,150.00 3,163.10
28 Dec Card Payment to Corner Shop On 27 Dec 18.75
Card Payment to Train Company On 27 Dec 41.00 3,103.35
2 Jan Standing Order to Landlord 900.00 2,203.35
Balance carried forward to next page 2,203.35
Continued
Date Description Money out £ Money in £ Balance £
Balance brought forward from previous page 2,203.35
9 Jan Interest paid 0.85 2,204.20
11 Jan End balance 2,204.20
Total money out 991.85
""",
        "2023-12-14 -32.10, 2023-12-22 2150.00, 2023-12-28 -18.75, 2023-12-28 -41.00, 2024-01-02 -900.00, "
        "2024-01-09 0.85",
    ),
    "overdrawn behind the balance": (
        """
STATEMENT OF ACCOUNT
Sort Code 83-00-00 Account No 00112233 Sheet Number 45
Statement date 31 JAN 2024
Date Details Withdrawn Paid In Balance
2024
1 JAN BROUGHT FORWARD 150.00
3 JAN D/D EXAMPLE ENERGY 200.00 50.00 OD
15 JAN AUTOMATED CREDIT WAGES 1,300.00 1,250.00
22 JAN CHEQUE 000123 75.50 1,174.50
""",
        "2024-01-03 -200.00, 2024-01-15 1300.00, 2024-01-22 -75.50",
    ),
    "french, carried to the next page": (
        """
Compte chèques n° 00012345678
Relevé du 3 octobre au 2 novembre 2023
Date opération Date valeur Libellé Débit euros Crédit euros
Ancien solde créditeur au 02.10.2023 410,00
04/10 04/10 Carte X1234 02/10 LIBRAIRIE 25,50
10/10 10/10 Virement de CAF 120,00
Report 94,50
Page 2/2
Report 94,50
31/10 31/10 Cotisation carte 3,75
Total des mouvements 29,25 120,00
Nouveau solde créditeur au 02.11.2023 500,75
""",
        "2023-10-04 -25.50, 2023-10-10 120.00, 2023-10-31 -3.75",
    ),
    "italian, columns without balances": (
        """
ESTRATTO CONTO N. 4/2023
Periodo dal 01/10/2023 al 31/12/2023
IBAN IT60X0542811101000000123456 Divisa EUR
DATA OPER. DATA VALUTA DESCRIZIONE OPERAZIONE MOVIMENTI DARE MOVIMENTI AVERE
30/09/2023 SALDO INIZIALE 1.200,00
03/10/2023 02/10/2023 PAGAMENTO POS ESERCIZIO 123 35,90
10/10/2023 10/10/2023 BONIFICO A VOSTRO FAVORE DA ROSSI MARIO 800,00
31/12/2023 31/12/2023 IMPOSTA DI BOLLO SU E/C 8,55
31/12/2023 31/12/2023 COMPETENZE DI LIQUIDAZIONE 4,45
31/12/2023 SALDO FINALE 1.951,10
TOTALE MOVIMENTI 48,90 800,00
""",
        "2023-10-03 -35.90, 2023-10-10 800.00, 2023-12-31 -8.55, 2023-12-31 -4.45",
    ),
    "dutch, in and out": (
        """
Rekeningafschrift Betaalrekening
Rekeningnummer NL91 ABNA 0417 1643 00
Datum afschrift 31-01-2024 Volgnummer 1 Blad 1
Vorig saldo € 1.500,00 + CREDIT
Boekdatum Omschrijving Bedrag af (debet) Bedrag bij (credit)
(Rentedatum)
02-01 SEPA Incasso algemeen doorlopend 55,00
(02-01) Incassant: NL00ZZZ Naam: Energie BV
05-01 SEPA Overboeking 1.000,00
(05-01) Naam: Werkgever BV Omschrijving: Salaris
31-01 Kosten rekening 2,50
Nieuw saldo € 2.442,50 + CREDIT
""",
        "2024-01-02 -55.00, 2024-01-05 1000.00, 2024-01-31 -2.50",
    ),
    "portuguese, one balance a day": (
        """
Extrato de Conta Corrente
Período: 01/01/2024 a 31/01/2024
Agência 1234 Conta 56789-0
Data Lançamentos Valor (R$) Saldo (R$)
01/01 SALDO ANTERIOR 1.000,00
03/01 PIX TRANSF MARIA 03/01 -120,00 880,00
05/01 PAGTO SALARIO 3.500,00
05/01 BOLETO PAGO ENERGIA -230,45 4.149,55
10/01 SAQUE 24H -300,00 3.849,55
31/01 SALDO FINAL 3.849,55
""",
        "2024-01-03 -120.00, 2024-01-05 3500.00, 2024-01-05 -230.45, 2024-01-10 -300.00",
    ),
    "several a day": (
        """
Chequing account statement
From December 20, 2023 to January 19, 2024
Your account number: 00012 345-678-9
Details of your account activity
Date Description Withdrawals ($) Deposits ($) Balance ($)
Opening Balance 812.33
21 Dec Online Banking payment - 2217 Hydro 60.11 752.22
29 Dec Payroll Deposit ACME CANADA 1,200.00 1,952.22
02 Jan e-Transfer sent Jane 300.00
Contactless Interac purchase - 1234 GROCER 54.10 1,598.12
19 Jan Monthly fee 4.00 1,594.12
Closing Balance $1,594.12
""",
        "2023-12-21 -60.11, 2023-12-29 1200.00, 2024-01-02 -300.00, 2024-01-02 -54.10, 2024-01-19 -4.00",
    ),
    "credit balances": (
        """
Statement Period 1 Jul 2023 - 31 Jul 2023
BSB 062-000 Account Number 1012 3456
Date Transaction Debit Credit Balance
01 Jul 2023 OPENING BALANCE $3,000.00 CR
03 Jul Transfer to xx1234 CommSaver 500.00 $ $2,500.00 CR
Value Date: 03/07/2023
14 Jul Salary EXAMPLE PTY LTD $2,200.00 $4,700.00 CR
28 Jul Direct Debit 012345 GYM 45.50 $ $4,654.50 CR
31 Jul 2023 CLOSING BALANCE $4,654.50 CR
""",
        "2023-07-03 -500.00, 2023-07-14 2200.00, 2023-07-28 -45.50",
    ),
    "lakhs": (
        """
STATEMENT OF ACCOUNT FROM 01-01-2024 TO 31-01-2024
Account No : 123456789012 Currency : INR
Txn Date Value Date Description Ref No./Cheque No. Debit Credit Balance
01 Jan 2024 01 Jan 2024 TO TRANSFER UPI/DR/4001/SHOP 500.00 9,500.00
05 Jan 2024 05 Jan 2024 BY TRANSFER NEFT*EMPLOYER 1,25,000.00 1,34,500.00
20 Jan 2024 20 Jan 2024 ATM WDL 10,000.00 1,24,500.00
""",
        "2024-01-01 -500.00, 2024-01-05 125000.00, 2024-01-20 -10000.00",
    ),
    "booked on": (
        """
Kontoauszug
Auszug-Nr. 3 Blatt-Nr. 1
Kontonummer 123 4567 00 Kontowährung Euro
IBAN DE89 3704 0044 0532 0130 00
Angaben zu den Umsätzen Valuta zu Ihren Lasten zu Ihren Gunsten
Alter Kontostand vom 01.03.2024 1.000,00
Buchungsdatum: 04.03.2024
Stadtwerke Muster 04.03 80,00-
Abschlag Strom
End-to-End-Ref.: 4711
Erika Muster 04.03 150,00
Geschenk
Buchungsdatum: 15.03.2024
Kartenzahlung Markt 14.03 20,50-
Neuer Kontostand vom 29.03.2024 1.049,50
""",
        "2024-03-04 -80.00, 2024-03-04 150.00, 2024-03-15 -20.50",
    ),
    "a title for each day": (
        """
Kontoübersicht
IBAN DE89 3704 0044 0532 0130 00
01.03.2024 bis 31.03.2024
Montag, 4. März 2024
Lieferdienst Muster -23,90 €
Max Mustermann 50,00 €
Dienstag, 5. März 2024
Buchladen -12,00 €
Donnerstag, 14. März 2024
Gehalt Firma GmbH 2.500,00 €
Streaming -9,99 €
Fitness -29,90 €
""",
        "2024-03-04 -23.90, 2024-03-04 50.00, 2024-03-05 -12.00, 2024-03-14 2500.00, 2024-03-14 -9.99, "
        "2024-03-14 -29.90",
    ),
    "details with sums": (
        """
Kontoauszug 01/2024
IBAN DE89 3704 0044 0532 0130 00
Buchung Wertstellung Vorgang Betrag EUR
Saldo alt 01.01.2024 900,00
03.01.2024 02.01.2024 Kartenzahlung HOTEL PARIS -110,00
Originalbetrag 120,00 USD Kurs 1,0909
darin Entgelt 1,50 EUR
15.01.2024 15.01.2024 Dauerauftrag Miete -600,00
22.01.2024 22.01.2024 Gutschrift Erika Muster 40,00
Saldo neu 31.01.2024 230,00
""",
        "2024-01-03 -110.00, 2024-01-15 -600.00, 2024-01-22 40.00",
    ),
    "hungarian, year first": (
        """
SZÁMLAKIVONAT 2024.01.01 - 2024.01.31
Számlaszám HU42 1177 3016 1111 1018 0000 0000 HUF
Dátum Értéknap Leírás Összeg Egyenleg
Nyitó egyenleg 100 000,00
2024.01.05 2024.01.05 Kártyás vásárlás -12 500,00 87 500,00
2024.01.10 2024.01.10 Munkabér 350 000,00 437 500,00
Záró egyenleg 437 500,00
""",
        "2024-01-05 -12500.00, 2024-01-10 350000.00",
    ),
    "what a card owes falls with what is paid back": (
        """
Card statement 01/02/2024 - 29/02/2024
Credit card number XXXX 1234
Opening balance £210.00
Transaction date Posting date Description Amount
03 Feb 24 05 Feb 24 HOTEL ROMA £86.00
100.00 EUR @ 1.1628
03 Feb 24 05 Feb 24 NON-STERLING TRANSACTION FEE £2.57
10 Feb 24 11 Feb 24 PAYMENT RECEIVED - THANK YOU £210.00 CR
Closing balance £88.57
""",
        "2024-02-03 -86.00, 2024-02-03 -2.57, 2024-02-10 210.00",
    ),
    "dashes for empty columns": (
        """
INVESTMENT REPORT
January 1, 2024 - January 31, 2024
Account # Z12-345678
Holdings
Description Beginning Market Value Quantity Price Per Unit Ending Market Value
EXAMPLE INDEX FUND $5,000.00 50.000 $102.0000 $5,100.00
Activity
Dividends, Interest & Other Income
Settlement Date Security Name Symbol/CUSIP Description Quantity Price Amount
01/15 EXAMPLE INDEX FUND 316000000 Dividend Received - - $12.34
01/31 EXAMPLE MONEY MARKET 316000001 Dividend Received - - 4.56
Total Dividends, Interest & Other Income $16.90
Deposits
Date Reference Description Amount
01/05 TC12345678 Electronic Funds Transfer Received $500.00
Total Deposits $500.00
Withdrawals
Date Reference Description Amount
01/20 TC12345679 Electronic Funds Transfer Paid -$100.00
Total Withdrawals -$100.00
Daily Additions and Subtractions
Date Amount Balance
01/05 $500.00 $1,500.00
01/20 -100.00 1,400.00
""",
        "2024-01-15 12.34, 2024-01-31 4.56, 2024-01-05 500.00, 2024-01-20 -100.00",
    ),
}


@pytest.mark.parametrize(("text", "expected"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_day_and_amount(text: str, expected: str) -> None:
    assert [" ".join(each) for each in posted(text)] == expected.split(", ")
