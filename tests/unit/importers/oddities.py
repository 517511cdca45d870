# ruff: noqa: E501 - a line is as long as it is
"""Files with one oddity each, by hand: signs, digits, line ends, titles and totals that say something else."""

from __future__ import annotations

from .dialect import Dialect

D = Dialect
ODDITIES = [
    D(
        name="swiss-apostrophe",
        text="Date;Text;Amount;Balance\n31.01.2023;Salary;CHF 5'234.50;CHF 6'000.00\n30.01.2023;Rent;CHF -1'800.00;CHF 765.50\n",
        rows=["2023-01-31 5234.50 CHF", "2023-01-30 -1800.00 CHF"],
    ),
    D(
        name="trailing-minus",
        text='Datum;Text;Betrag\n31.01.2023;"Gehalt";"2.234,56"\n30.01.2023;"Miete";"1.200,00-"\n',
        rows=["2023-01-31 2234.56 None", "2023-01-30 -1200.00 None"],
    ),
    D(
        name="parentheses",
        text="Date,Memo,Amount\n01/31/2023,Salary,2500.00\n01/30/2023,Rent,(1200.00)\n",
        rows=["2023-01-31 2500.00 None", "2023-01-30 -1200.00 None"],
    ),
    D(
        name="cr-suffix",
        text="Date,Details,Amount,Balance\n31 Jan 2023,SALARY,2500.00 CR,2600.00 CR\n30 Jan 2023,RENT,1200.00 DR,100.00 CR\n",
        rows=["2023-01-31 2500.00 None", "2023-01-30 -1200.00 None"],
    ),
    D(
        name="iso-zone",
        text="timestamp,merchant,amount,currency\n2023-01-31T23:30:00+02:00,ACME,10.00,EUR\n2023-01-30T08:00:00Z,Shop,-3.50,EUR\n",
        rows=["2023-01-31T21:30:00+00:00 10.00 EUR", "2023-01-30T08:00:00+00:00 -3.50 EUR"],
        counterparty="ACME",
    ),
    D(
        name="utf-16-tabs",
        text="Date\tDescription\tAmount\tCurrency\n31/01/2023\tSalär\t1,500.00\tEUR\n30/01/2023\tShop\t-20.00\tEUR\n",
        rows=["2023-01-31 1500.00 EUR", "2023-01-30 -20.00 EUR"],
        encoding="utf-16",
        description="Salär",
    ),
    D(
        name="headerless-with-balance",
        text="31/01/2023,PAY ACME,2500.00,2700.00\n30/01/2023,WOOLWORTHS,-45.00,200.00\n28/01/2023,COFFEE,-5.00,245.00\n27/01/2023,TEA,-1.00,250.00\n",
        rows=["2023-01-31 2500.00 None", "2023-01-30 -45.00 None", "2023-01-28 -5.00 None", "2023-01-27 -1.00 None"],
    ),
    D(
        name="flag-headerless",
        text="18.09.2017;HOFER;18.09.2017;33,87;O\n19.09.2017;GEHALT;19.09.2017;1.500,00;I\n20.09.2017;SPAR;20.09.2017;8,97;O\n",
        rows=["2017-09-18 -33.87 None", "2017-09-19 1500.00 None", "2017-09-20 -8.97 None"],
    ),
    D(
        name="lakh",
        text='Date,Description,Amount\n13/01/2023,Salary,"1,50,000.00"\n14/01/2023,Rent,"-25,000.00"\n',
        rows=["2023-01-13 150000.00 None", "2023-01-14 -25000.00 None"],
    ),
    D(
        name="unknown-language",
        text="Kuupäevx;Selgituus;Summax\n31.01.2023;Palk;1500,00\n30.01.2023;Pood;-20,00\n",
        rows=["2023-01-31 1500.00 None", "2023-01-30 -20.00 None"],
    ),
    D(
        name="totals-below",
        text="Date,Description,Amount\n2023-01-30,Shop,-20.00\n2023-01-31,Pay,1500.00\nTotal,,1480.00\n",
        rows=["2023-01-30 -20.00 None", "2023-01-31 1500.00 None"],
    ),
    D(
        name="month-first-by-order",
        text="Date,Description,Amount\n01/05/2023,A,-1.00\n02/06/2023,B,-2.00\n03/07/2023,C,-3.00\n04/01/2023,D,4.00\n05/02/2023,E,5.00\n",
        rows=[
            "2023-01-05 -1.00 None",
            "2023-02-06 -2.00 None",
            "2023-03-07 -3.00 None",
            "2023-04-01 4.00 None",
            "2023-05-02 5.00 None",
        ],
    ),
    D(
        name="quotes-in-text",
        text='Date\tDescription\tAmount\n2023-01-30\t"Joe\'s" 5" pipe\t-20.00\n2023-01-31\tPay\t1500.00\n',
        rows=["2023-01-30 -20.00 None", "2023-01-31 1500.00 None"],
    ),
    D(
        name="formula-is-text",
        text="Date,Description,Amount\n2023-01-30,\"=cmd|' /C calc'!A0\",-20.00\n2023-01-31,@SUM(1),1500.00\n",
        rows=["2023-01-30 -20.00 None", "2023-01-31 1500.00 None"],
        description="=cmd|' /C calc'!A0",
    ),
    D(
        name="old-mac-line-ends",
        text="Date,Description,Amount\r2023-01-30,Shop,-20.00\r2023-01-31,Pay,1500.00\r",
        rows=["2023-01-30 -20.00 None", "2023-01-31 1500.00 None"],
    ),
    D(
        name="card-paid-off",
        text="Date,Description,Amount\n13/01/2023,UBER TRIP,15.00\n14/01/2023,PAYMENT RECEIVED - THANK YOU,-200.00\n15/01/2023,SHOP,5.00\n",
        rows=["2023-01-13 -15.00 None", "2023-01-14 200.00 None", "2023-01-15 -5.00 None"],
    ),
    D(
        name="platform-with-refunds-is-no-card",
        text="Date,Description,Amount\n13/01/2023,Invoice 1,15.00\n14/01/2023,Refund,-5.00\n15/01/2023,Invoice 2,5.00\n16/01/2023,Invoice 3,6.00\n",
        rows=["2023-01-13 15.00 None", "2023-01-14 -5.00 None", "2023-01-15 5.00 None", "2023-01-16 6.00 None"],
    ),
    D(
        name="supplier-payments-are-no-card",
        text="Date,Description,Amount\n13/01/2023,Invoice 1,15.00\n14/01/2023,Payment to AWS,-5.00\n15/01/2023,Invoice 2,5.00\n16/01/2023,Invoice 3,6.00\n",
        rows=["2023-01-13 15.00 None", "2023-01-14 -5.00 None", "2023-01-15 5.00 None", "2023-01-16 6.00 None"],
    ),
    D(
        name="card-told-by-its-balance",
        text="Date,Description,Amount,Balance\n13/01/2023,A,15.00,-15.00\n14/01/2023,B,-20.00,5.00\n15/01/2023,C,5.00,0.00\n16/01/2023,D,1.00,-1.00\n",
        rows=["2023-01-13 -15.00 None", "2023-01-14 20.00 None", "2023-01-15 -5.00 None", "2023-01-16 -1.00 None"],
    ),
    D(
        name="prices-are-no-amounts",
        text="Timestamp,Type,Asset,Quantity Transacted,Spot Price Currency,Spot Price at Transaction,Subtotal\n2023-01-31T10:00:00Z,Rewards,ETH,0.001,EUR,1500.00,1.50\n",
        rows=[],
    ),
    D(
        name="card-with-plus-for-payments",
        text='Date Processed,Description,Amount,\nPending,CAFE,£3.40,\n14-Dec-2019,INSURANCE,"£1,183.23",\n13-Dec-2019,MUSEUM,£10.00,\n02-Dec-2019,PAYMENT RECEIVED - THANK YOU,"+ £1,100.00",CR\n',
        rows=["2019-12-14 -1183.23 GBP", "2019-12-13 -10.00 GBP", "2019-12-02 1100.00 GBP"],
        description="INSURANCE",
    ),
    D(
        name="card-with-cr",
        text="Date,Description,Amount\n14/12/2019,SHOP,10.00\n15/12/2019,SHOP,20.00\n16/12/2019,PAYMENT,30.00CR\n",
        rows=["2019-12-14 -10.00 None", "2019-12-15 -20.00 None", "2019-12-16 30.00 None"],
    ),
]
