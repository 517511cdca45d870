# ruff: noqa: E501 - an export's line is as long as it is
"""Exports of brokers, exchanges, shops and platforms, by hand in their forms, read without a profile."""

from __future__ import annotations

from .dialects import Dialect

D = Dialect
VENUES = [
    D(
        name="shopify-payouts",
        text="Payout Date,Status,Charges,Refunds,Adjustments,Reserved Funds,Fees,Retried Amount,Total,Currency\n2024-01-30,paid,450.00,-20.00,0.00,0.00,-13.35,0.00,416.65,USD\n2024-01-29,paid,100.00,0.00,0.00,0.00,-3.20,0.00,96.80,USD\n",
        rows=["2024-01-30 416.65 USD", "2024-01-29 96.80 USD"],
    ),
    D(
        name="shopify-transactions",
        text="Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,Presentment Currency,Currency,VAT\n"
        "2024-01-28 10:00:00 -0500,charge,#1001,visa,online,paid,2024-01-30,2024-01-30,50.00,1.75,48.25,#c1,card,50.00,USD,USD,0.0\n2024-01-29 11:00:00 -0500,refund,#1001,visa,online,pending,2024-01-31,2024-01-31,-20.00,0.00,-20.00,#c1,card,-20.00,USD,USD,0.0\n",
        rows=["2024-01-28T15:00:00+00:00 48.25 USD", "2024-01-29T16:00:00+00:00 -20.00 USD"],
    ),
    D(
        name="etsy-statement",
        text='\ufeffDate,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details\n"31 January, 2024",Sale,Payment for Order #4137418052,,GBP,£29.99,-£1.44,£28.55,--\n"31 January, 2024",Marketing,Fee for sale made through Offsite Ads,Order #4137418052,GBP,--,-£4.80,-£4.80,--\n"29 January, 2024",Deposit,£90.00 sent to your bank account,,GBP,--,--,--,--\n',
        rows=["2024-01-31 28.55 GBP", "2024-01-31 -4.80 GBP"],
    ),
    D(
        name="gumroad",
        text="Type,Date,Purchase ID,Item Name,Buyer Name,Buyer Email,Taxes ($),Shipping ($),Sale Price ($),Gumroad Fees ($),Net Total ($)\nSale,2024-01-30,p1,Book,B,b@example.com,0.0,0.0,10.0,1.5,8.5\nSale,2024-01-29,p2,Book,C,c@example.com,0.0,0.0,20.0,2.5,17.5\nTotals,,,,,,0.0,0.0,30.0,4.0,26.0\n",
        rows=["2024-01-30 8.5 None", "2024-01-29 17.5 None"],
    ),
    D(
        name="upwork",
        text='"Date","Ref ID","Type","Description","Agency","Freelancer","Team","Account Name","PO","Amount","Amount in local currency","Currency","Balance"\n"Jan 30, 2024","612345678","Hourly","(612345) Acme - 10:00 hrs","","A Person","Acme","A Person","","450.00","","","905.00"\n"Jan 30, 2024","612345679","Service Fee","Service Fee for Hourly","","A Person","Acme","A Person","","-45.00","","","455.00"\n"Jan 15, 2024","612345670","Fixed Price","Milestone","","A Person","Acme","A Person","","500.00","","","500.00"\n',
        rows=["2024-01-30 450.00 None", "2024-01-30 -45.00 None", "2024-01-15 500.00 None"],
    ),
    D(
        name="airbnb",
        text="Date,Type,Confirmation Code,Start Date,Nights,Guest,Listing,Details,Reference,Currency,Amount,Paid Out,Host Fee,Cleaning Fee\n01/30/2024,Payout,,,,,,Transfer to IBAN ****4879,,EUR,,92.00,,\n01/30/2024,Reservation,HMQ94D,01/29/2024,1,A Guest,Great Loft,,,EUR,92.00,,3.00,15.00\n01/16/2024,Payout,,,,,,Transfer to IBAN ****4879,,EUR,,120.00,,\n01/16/2024,Reservation,HMQ94E,01/15/2024,1,B Guest,Great Loft,,,EUR,120.00,,4.00,15.00\n",
        # What is paid out leaves the platform; taking it for money in would double the income.
        rows=["2024-01-30 -92.00 EUR", "2024-01-30 92.00 EUR", "2024-01-16 -120.00 EUR", "2024-01-16 120.00 EUR"],
    ),
    D(
        name="amazon-settlement",
        text='"Includes Amazon Marketplace, Fulfillment by Amazon (FBA), and Amazon Webstore transactions"\n"All amounts in USD, unless specified"\n"date/time","settlement id","type","order id","sku","description","quantity","marketplace","product sales","shipping credits","selling fees","fba fees","other","total"\n'
        '"Jan 30, 2024 2:03:04 AM PST","123","Order","111-1","SKU1","Book","1","amazon.com","20.00","0","-3.00","-4.00","0","13.00"\n"Jan 29, 2024 2:03:04 AM PST","123","Service Fee","","","Subscription","","","0","0","0","0","-39.99","-39.99"\n',
        rows=["2024-01-30T10:03:04+00:00 13.00 USD", "2024-01-29T10:03:04+00:00 -39.99 USD"],
    ),
    D(
        name="sumup-payouts",
        text="Datum,Transaktions-ID,Transaktionstyp,Betrag,Gebühr,Auszahlung,Referenz\n2024-01-30,T1AB,Umsatz,20.00,0.38,19.62,R1\n2024-01-29,T2AB,Umsatz,10.00,0.19,9.81,R1\n",
        rows=["2024-01-30 19.62 None", "2024-01-29 9.81 None"],
    ),
    D(
        name="patreon-like-earnings",
        text="Month,Earnings,Fees,Net\n2024-01-01,120.00,12.00,108.00\n2024-02-01,130.00,13.00,117.00\n",
        rows=["2024-01-01 108.00 None", "2024-02-01 117.00 None"],
    ),
    D(
        name="ibkr-flex-cash",
        text='"ClientAccountID","AccountAlias","CurrencyPrimary","FXRateToBase","AssetClass","Symbol","Description","Conid","ISIN","Date/Time","SettleDate","Amount","Type","TradeID","Code","TransactionID","ReportDate"\n"U1234567","","USD","0.92","STK","AAPL","AAPL(US0378331005) CASH DIVIDEND USD 0.24","265598","US0378331005","20240215;202000","20240215","2.4","Dividends","","","261","20240215"\n"U1234567","","USD","0.92","STK","AAPL","AAPL(US0378331005) CASH DIVIDEND - US TAX","265598","US0378331005","20240215;202000","20240215","-0.36","Withholding Tax","","","262","20240215"\n"U1234567","","EUR","1","","","CASH RECEIPTS / ELECTRONIC FUND TRANSFERS","","","20240112","20240112","1000","Deposits/Withdrawals","","","263","20240112"\n',
        rows=["2024-02-15 2.4 USD", "2024-02-15 -0.36 USD", "2024-01-12 1000 EUR"],
    ),
    D(
        name="swissquote",
        text="Date;Order #;Transaction;Symbol;Name;ISIN;Quantity;Unit price;Costs;Accrued Interest;Net Amount;Balance;Currency\n30-01-2024 10:11:12;1234;Buy;VT;VANGUARD TOTAL;US9220427424;10.0;100.00;9.85;0.00;-1009.85;990.15;USD\n26-01-2024 09:00:00;0;Payment;;;;1.0;2000.00;0.00;0.00;2000.00;2000.00;USD\n",
        rows=["2024-01-30 -1009.85 USD", "2024-01-26 2000.00 USD"],
    ),
    D(
        name="etoro-activity",
        text="Date,Type,Details,Amount,Units,Realized Equity Change,Realized Equity,Balance,Position ID,Asset type,NWA\n30/01/2024 10:11:12,Open Position,AAPL/USD,100.00,0.52,0.00,1000.00,900.00,2500001,Stocks,0.00\n26/01/2024 09:00:00,Deposit,1000.00 EUR Credit Card,1000.00,-,1000.00,1000.00,1000.00,-,-,0.00\n",
        rows=["2024-01-30 -100.00 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="binance-history",
        text="User_ID,UTC_Time,Account,Operation,Coin,Change,Remark\n1,2024-01-10 08:00:00,Spot,Deposit,USDT,100.00000000,\n1,2024-01-12 08:00:00,Spot,Transaction Buy,BTC,0.00200000,\n1,2024-01-12 08:00:00,Spot,Transaction Spend,USDT,-95.00000000,\n1,2024-01-12 08:00:00,Spot,Fee,BNB,-0.00010000,\n",
        rows=[
            "2024-01-10 100.00000000 USDT",
            "2024-01-12 0.00200000 BTC",
            "2024-01-12 -95.00000000 USDT",
            "2024-01-12 -0.00010000 BNB",
        ],
    ),
    D(
        name="bitpanda",
        text='"Disclaimer: All data is without guarantee, errors and changes are reserved."\n"A Person, 1970-01-01"\na@example.com\n"Account opened at: 2021-02-28T12:14:38+01:00"\n"Venue: Bitpanda"\n\n"Transaction ID",Timestamp,"Transaction Type",In/Out,"Amount Fiat",Fiat,"Amount Asset",Asset,"Asset market price","Asset market price currency","Asset class","Product ID",Fee,"Fee asset",Spread,"Spread Currency"\n'
        "F48a,2024-01-02T08:53:13+02:00,deposit,incoming,100.00,EUR,-,EUR,-,-,Fiat,-,0.00,EUR,-,-\nT812,2024-01-02T09:19:36+02:00,buy,outgoing,50.00,EUR,0.00200000,BTC,25000.00,EUR,Cryptocurrency,1,-,-,0.74,EUR\nC1,2024-01-05T09:19:36+02:00,withdrawal,outgoing,49.00,EUR,0.00150000,BTC,-,-,Cryptocurrency,1,0.00006,BTC,-,-\n",
        rows=[],
    ),
    D(
        name="coinbase-pro",
        text="portfolio,type,time,amount,balance,amount/balance unit,transfer id,trade id,order id\ndefault,deposit,2020-01-15T23:51:26.478Z,100.00,100.00,EUR,fcc61b23,,\ndefault,match,2020-01-16T10:00:00.001Z,0.01000000,0.01000000,BTC,,204623,5abf\ndefault,match,2020-01-16T10:00:00.001Z,-80.00,20.00,EUR,,204623,5abf\ndefault,fee,2020-01-16T10:00:00.001Z,-0.40,19.60,EUR,,204623,5abf\n",
        rows=[
            "2020-01-15T23:51:26+00:00 100.00 EUR",
            "2020-01-16T10:00:00+00:00 0.01000000 BTC",
            "2020-01-16T10:00:00+00:00 -80.00 EUR",
            "2020-01-16T10:00:00+00:00 -0.40 EUR",
        ],
    ),
    D(
        name="kraken-trades",
        text='"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"\n"TA","OA","XXBTZEUR","2024-01-02 03:04:05.1234","buy","limit",100.0,200.0,0.5,2.0,0.0,"","L1,L2"\n"TB","OB","XXBTZEUR","2024-02-02 03:04:05.1234","sell","limit",150.0,150.0,0.4,1.0,0.0,"","L3,L4"\n',
        rows=[],
    ),
    D(
        name="wise-jar-like",
        text='"TransferWise ID",Date,"Date Time",Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From","Exchange To","Exchange Rate","Payer Name","Payee Name","Payee Account Number",Merchant,"Card Last Four Digits","Card Holder Full Name",Attachment,Note,"Total fees","Exchange To Amount","Transaction Type","Transaction Details Type"\nCARD-1,30-01-2024,"30-01-2024 10:11:12.123",-45.10,EUR,"Card transaction of EUR issued by Cafe",,954.90,,,,,,,Cafe,1234,"A Person",,,0.00,,DEBIT,CARD\nTRANSFER-2,26-01-2024,"26-01-2024 09:00:00.000",1000.00,EUR,"Received money from ACME",pay,1000.00,,,,ACME,,,,,,,,0.00,,CREDIT,DEPOSIT\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="vivid",
        text="Booking Date,Value Date,Type,Description,Amount,Currency,Counterparty,Payment Reference\n2024-01-30,2024-01-30,Card,REWE,-45.10,EUR,REWE,\n2024-01-26,2024-01-26,SEPA,Salary,1000.00,EUR,ACME,Gehalt\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="qonto",
        text="Status;Value date (UTC);Operation date (UTC);Execution date (UTC);Counterparty name;Debit;Credit;Currency;Total amount (incl. VAT);Total amount (excl. VAT);Local amount (incl. VAT);Local amount currency;Reference;Note;Initiator;Payment method;Account name;IBAN;Category;Attachment;VAT rate;VAT amount\nexecuted;30-01-2024 10:11:12;30-01-2024 10:11:12;30-01-2024;Cafe;45.10;;EUR;-45.10;-37.90;-45.10;EUR;;;A Person;card;Main;FR7630006000011234567890189;restaurant;;;7.2\nexecuted;26-01-2024 09:00:00;26-01-2024 09:00:00;26-01-2024;ACME;;1000.00;EUR;1000.00;1000.00;1000.00;EUR;Invoice 1;;;transfer;Main;FR7630006000011234567890189;sales;;;\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="ynab-register",
        text='"Account","Flag","Date","Payee","Category Group/Category","Category Group","Category","Memo","Outflow","Inflow","Cleared"\n"Checking","","01/30/2024","Shop","Food: Groceries","Food","Groceries","",$45.10,$0.00,"Cleared"\n"Checking","","01/26/2024","ACME","Inflow: Ready to Assign","Inflow","Ready to Assign","",$0.00,$1000.00,"Cleared"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="paypal-tabs-fr",
        text='"Date","Heure","Fuseau horaire","Nom","Type","État","Devise","Avant commission","Commission","Net","De l\'adresse email","À l\'adresse email","Numéro de transaction"\n"30/01/2024","10:11:12","CET","Cafe","Paiement","Terminé","EUR","-45,10","0,00","-45,10","a@example.com","c@example.com","9AB1"\n"26/01/2024","09:00:00","CET","ACME","Paiement mobile","Terminé","EUR","100,00","-3,40","96,60","b@example.com","a@example.com","9AB2"\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 96.60 EUR"],
    ),
]
