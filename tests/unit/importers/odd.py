# ruff: noqa: E501 - a bank's line is as long as it is
"""A third lot of exports, of odd shapes, written after the guess was mended on the first two."""

from __future__ import annotations

from .dialects import Dialect

D = Dialect
ODD = [
    D(
        name="two-header-rows",
        text="Account statement;;;;\nBooking;;Amount;;\nDate;Text;Debit;Credit;Balance\n30.01.2024;Shop;45,10;;954,90\n26.01.2024;Pay;;1000,00;1000,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="years-missing",
        text="Date,Description,Amount\n01/30,Shop,-45.10\n01/26,Pay,1000.00\n",
        rows=[],
    ),
    D(
        name="amount-with-trailing-currency-and-sign",
        text="Buchungstag;Text;Betrag\n30.01.2024;Laden;45,10- EUR\n26.01.2024;Lohn;1.000,00+ EUR\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="weekday-dates",
        text="Date,Details,Money Out,Money In,Balance\nTue 30 Jan 2024,Shop,45.10,,954.90\nFri 26 Jan 2024,Pay,,1000.00,1000.00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="pipe-and-swedish",
        text="Datum|Mottagare|Belopp|Saldo\n2024-01-30|ICA|-45,10|954,90\n2024-01-26|ACME|1 000,00|1 000,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="excel-first-line",
        text='sep=;\nDatum;Omschrijving;Bedrag\n30-01-2024;Winkel;"-45,10"\n26-01-2024;Loon;"1.000,00"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="payments-and-charges-in-words",
        text="Post date,Description,Type,Amount\n01/30/2024,Shop,Charge,45.10\n01/26/2024,Thank you,Payment,1000.00\n",
        rows=[],
    ),
    D(
        name="balance-first-then-amount",
        text="Saldo;Betrag;Datum;Text\n954,90;-45,10;30.01.2024;Laden\n1000,00;1000,00;26.01.2024;Lohn\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="sums-inside",
        text="Date,Description,Debit,Credit\n26/01/2024,Pay,,1000.00\n,Subtotal,,1000.00\n30/01/2024,Shop,45.10,\n",
        rows=[],
    ),
    D(
        name="original-and-billed",
        text="Datum;Händler;Originalbetrag;Originalwährung;Kurs;Betrag EUR\n30.01.2024;Shop NY;-50,00;USD;1,1086;-45,10\n26.01.2024;Gutschrift;1.000,00;EUR;;1.000,00\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="two-amounts-two-currencies",
        text="Date,Merchant,Amount,Currency,Billing Amount,Billing Currency\n2024-01-30,Shop NY,-50.00,USD,-45.10,EUR\n2024-01-26,Pay,1000.00,EUR,1000.00,EUR\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="reversal-in-debit",
        text="Date,Text,Debit,Credit\n2024-01-30,Shop,45.10,\n2024-01-29,Shop back,-20.00,\n2024-01-28,Other,5.00,\n2024-01-26,Pay,,1000.00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-29 20.00 None", "2024-01-28 -5.00 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="isracard-like",
        text="תאריך עסקה,שם בית עסק,סכום חיוב,מטבע\n30/01/2024,סופר,45.10,ILS\n26/01/2024,דלק,100.00,ILS\n",
        rows=[],
        encoding="cp1255",
    ),
    D(
        name="greek-bank",
        text="Ημερομηνία;Αιτιολογία;Χρέωση;Πίστωση;Υπόλοιπο\n30/01/2024;ΑΓΟΡΑ;45,10;;954,90\n26/01/2024;ΜΙΣΘΟΣ;;1.000,00;1.000,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="cp1253",
    ),
    D(
        name="sber-like",
        text="Дата операции;Описание;Приход;Расход;Остаток\n30.01.2024;Магазин;;45,10;954,90\n26.01.2024;Зарплата;1 000,00;;1 000,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="cp1251",
    ),
    D(
        name="korean-bank",
        text="거래일시,적요,출금액,입금액,잔액\n2024-01-30 10:11:12,편의점,4510,0,995490\n2024-01-26 09:00:00,급여,0,1000000,1000000\n",
        rows=["2024-01-30 -4510 None", "2024-01-26 1000000 None"],
        encoding="euc_kr",
    ),
    D(
        name="month-first-am-pm",
        text='"Time","Counterparty","Net","Fee","Gross","Currency"\n"1/30/2024 3:04:05 PM","Shop","-45.10","0.00","-45.10","USD"\n"1/26/2024 9:00:00 AM","Buyer","96.60","-3.40","100.00","USD"\n',
        rows=["2024-01-30 -45.10 USD", "2024-01-26 96.60 USD"],
    ),
    D(
        name="units-and-price",
        text="Date;Type;Security;Units;Price;Value;Currency\n30.01.2024;Buy;FUND;4;120,00;-480,00;EUR\n26.01.2024;Deposit;;;;1000,00;EUR\n",
        rows=["2024-01-30 -480.00 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="total-cost-positive",
        text="Date,Action,Symbol,Shares,Price,Fees,Total\n2024-01-30,Buy,VOO,2,440.50,1.00,882.00\n2024-01-15,Sell,VTI,1,220.00,1.00,219.00\n",
        rows=["2024-01-30 -882.00 None", "2024-01-15 219.00 None"],
    ),
    D(
        name="headerless-unsigned-two",
        text="20240130;Winkel;AF;45,10\n20240126;Loon;BIJ;1000,00\n20240125;Bakker;AF;3,20\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None", "2024-01-25 -3.20 None"],
    ),
    D(
        name="pending-beside-posted",
        text="Date,Description,Amount,State\n2024-01-30,Shop,-45.10,Pending\n2024-01-29,Other,-3.00,Declined\n2024-01-26,Pay,1000.00,Completed\n",
        rows=["2024-01-30 -45.10 None pending", "2024-01-26 1000.00 None"],
    ),
    D(
        name="loan-statement",
        text="Date,Description,Principal,Interest,Payment,Balance\n2024-01-30,Installment,80.00,20.00,100.00,920.00\n2023-12-30,Installment,79.00,21.00,100.00,1000.00\n2023-11-30,Installment,78.00,22.00,100.00,1079.00\n",
        rows=[],
    ),
    D(
        name="budget-export",
        text="Account,Date,Payee,Category,Memo,Amount,Cleared\nChecking,2024-01-30,Shop,Food,,-45.10,Cleared\nSavings,2024-01-26,Bank,Interest,,1.00,Cleared\nChecking,2024-01-25,ACME,Pay,,1000.00,Uncleared\n",
        rows=[],
    ),
    D(
        name="invoices-of-a-shop",
        text="Order ID,Paid at,Total,Currency,Refunded Amount,Payment Method\n#1001,2024-01-30 10:11:12 +0100,20.00,EUR,0.00,card\n#1000,2024-01-29 10:11:12 +0100,30.00,EUR,10.00,card\n",
        rows=[],
    ),
]
