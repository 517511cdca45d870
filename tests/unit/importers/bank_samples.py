# ruff: noqa: E501 - a bank's line is as long as it is
"""One file for each bank flowd has a profile for, by hand in the bank's form, with what each row must become.

A row is said as day, amount, asset, and what kind of payment it is or that it is pending where the file says so. Banks
whose files stand among the dialects already are named there.
"""

from __future__ import annotations

from dataclasses import dataclass

from .dialects import DIALECTS


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A file that is known by `profile`; `guessed` says whether it is read alike without one."""

    profile: str
    text: str
    rows: tuple[str, ...]
    encoding: str = "utf-8"
    account: str = "main"
    guessed: bool = True


#: Profile -> the dialect that is a file of it, and the account it names.
_AMONG_DIALECTS = {
    "dkb": ("dkb-new", "DE12120300001234567890"),
    "dkb-old": ("dkb-old", "DE12120300001234567890"),
    "sparkasse": ("sparkasse-camt", "DE11"),
    "ing-de": ("ing-diba", "DE45500105171234567890"),
    "comdirect": ("comdirect", "main"),
    "ing-nl-comma": ("ing-nl", "NL01INGB0001234567"),
    "chase": ("chase", "main"),
    "bank-of-america": ("bank-of-america", "main"),
    "lloyds": ("lloyds", "12345678"),
    "nationwide": ("nationwide", "main"),
    "starling": ("starling", "main"),
    "nordea-se": ("nordea-se", "main"),
    "swedbank": ("swedbank", "1234567"),
    "danske-bank": ("danske", "main"),
    "dnb": ("dnb-no", "main"),
    "op": ("op-fi", "main"),
    "boursorama": ("boursorama", "00012345"),
    "credit-agricole": ("credit-agricole", "main"),
    "bbva": ("bbva-es", "main"),
    "unicredit-it": ("unicredit-it", "main"),
    "fineco": ("fineco", "main"),
    "postfinance": ("postfinance", "CH0009000000123456789"),
    "barclays": ("barclays", "20-00-00 12345678"),
    "wise": ("wise", "main"),
    "revolut": ("revolut", "main"),
}
_CURRENCIES = {
    "chase": "USD", "bank-of-america": "USD", "lloyds": "GBP", "danske-bank": "DKK", "dnb": "NOK", "op": "EUR",
    "boursorama": "EUR", "credit-agricole": "EUR", "fineco": "EUR", "barclays": "GBP",
}  # fmt: skip
_BY_NAME = {dialect.name: dialect for dialect in DIALECTS}
_FROM_DIALECTS = [
    Sample(
        profile=profile,
        text=_BY_NAME[name].text,
        rows=tuple(row.replace("None", _CURRENCIES.get(profile, "None")) for row in _BY_NAME[name].rows),
        encoding=_BY_NAME[name].encoding,
        account=account,
    )
    for profile, (name, account) in _AMONG_DIALECTS.items()
]

S = Sample
_WRITTEN = [
    S(
        profile="volksbank",
        text="Bezeichnung Auftragskonto;IBAN Auftragskonto;BIC Auftragskonto;Bankname Auftragskonto;Buchungstag;Valutadatum;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;BIC (SWIFT-Code) Zahlungsbeteiligter;Buchungstext;Verwendungszweck;Betrag;Waehrung;Saldo nach Buchung;Bemerkung;Gekennzeichneter Umsatz;Glaeubiger ID;Mandatsreferenz\r\n"
        "Giro;DE02 1203 0000 0000 2020 51;BYLADEM1001;Volksbank;31.01.2024;31.01.2024;Firma GmbH;DE89370400440532013000;COBADEFFXXX;Gutschrift;Lohn Januar;2.100,00;EUR;3.000,00;;;;\r\n"
        "Giro;DE02 1203 0000 0000 2020 51;BYLADEM1001;Volksbank;30.01.2024;30.01.2024;Stadtwerke;DE89370400440532013000;COBADEFFXXX;Basislastschrift;Abschlag;-100,00;EUR;900,00;;;;\r\n",
        rows=("2024-01-31 2100.00 EUR", "2024-01-30 -100.00 EUR"),
        account="DE02120300000000202051",
    ),
    S(
        profile="deutsche-bank",
        text="Umsätze\nKonto;Filial-/Kontonummer;IBAN;Währung\nGiro;123 1234567 00;DE02 1203 0000 0000 2020 51;EUR\n\n\nZeitraum:;1.6.2024 - 30.6.2024\n\n"
        "Buchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;IBAN / Kontonummer;BIC;Kundenreferenz;Mandatsreferenz;Gläubiger ID;Fremde Gebühren;Betrag;Abweichender Empfänger;Anzahl der Aufträge;Anzahl der Schecks;Soll;Haben;Währung\n"
        "15.6.2024;15.6.2024;Kartenzahlung;REWE;Einkauf;;;NOTPROVIDED;;;;-12,90;;;;-12,90;;EUR\n"
        "28.6.2024;28.6.2024;SEPA Überweisung;Firma;Gehalt;;;NOTPROVIDED;;;;2.000,00;;;;;2.000,00;EUR\n"
        "Kontostand;30.6.2024;;;2.500,00;EUR\n",
        rows=("2024-06-15 -12.90 EUR", "2024-06-28 2000.00 EUR"),
        account="DE02120300000000202051",
    ),
    S(
        profile="consorsbank",
        text="Konto\nAllgemeine Informationen\nKontostand\nKontoumsätze\nBuchung;Valuta;Sender / Empfänger;IBAN;BIC;Buchungstext;Verwendungszweck;Kategorie;Stichwörter;Umsatz geteilt;Betrag;Währung\n"
        "13.05.2024;13.05.2024;Firma;DE123;BIC123;GUTSCHRIFT;Gehalt;n/a;n/a;n/a;5.000,00;EUR\n14.05.2024;14.05.2024;Laden;DE456;BIC456;KARTENZAHLUNG;Einkauf;n/a;n/a;n/a;-20,50;EUR\n",
        rows=("2024-05-13 5000.00 EUR", "2024-05-14 -20.50 EUR"),
    ),
    S(
        profile="n26-booking",
        text='"Booking Date","Value Date","Partner Name","Partner Iban",Type,"Payment Reference","Account Name","Amount (EUR)","Original Amount","Original Currency","Exchange Rate"\n'
        '2024-01-31,2024-01-31,"Employer",DE89370400440532013000,"Credit Transfer","Salary","Main Account",2500.00,,,\n'
        '2024-02-01,2024-01-30,"Cafe",,Presentment,,"Main Account",-4.5,-5.00,USD,1.11\n',
        rows=("2024-01-31 2500.00 EUR", "2024-02-01 -4.5 EUR"),
    ),
    S(
        profile="n26-english",
        text='"Date","Payee","Account number","Transaction type","Payment reference","Amount (EUR)","Amount (Foreign Currency)","Type Foreign Currency","Exchange Rate"\n'
        '"2022-01-31","Employer","DE89370400440532013000","Income","Salary","2500.0","","",""\n"2022-02-01","Cafe","","MasterCard Payment","","-4.5","-5.0","USD","1.11"\n',
        rows=("2022-01-31 2500.0 EUR", "2022-02-01 -4.5 EUR"),
    ),
    S(
        profile="revolut",
        text="Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "INTEREST,Current,2023-01-01 01:00:00,2023-01-01 01:00:00,Interest,0.50,0.00,GBP,COMPLETED,100.50\n"
        "CARD_PAYMENT,Current,2023-01-02 09:00:00,,Tesco,-12.50,0.00,GBP,PENDING,\n",
        rows=("2023-01-01 0.50 GBP interest", "2023-01-02 -12.50 GBP pending"),
    ),
    S(
        profile="wise",
        text='"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From","Exchange To","Payer Name","Payee Name","Total fees"\n'
        'BALANCE-2,17-08-2026,428.90,EUR,"Converted 502.00 USD to 428.90 EUR",,528.90,USD,EUR,,,0.00\n'
        'CARD-3,16-08-2026,-9.00,EUR,"Card transaction of 10.00 USD issued by Cafe",,100.00,EUR,USD,,,0.00\n',
        rows=("2026-08-17 428.90 EUR fx", "2026-08-16 -9.00 EUR"),
    ),
    S(
        profile="wise-history",
        text='ID,Status,Direction,"Created on","Finished on","Source fee amount","Source fee currency","Target fee amount","Target fee currency","Source name","Source amount (after fees)","Source currency","Target name","Target amount (after fees)","Target currency","Exchange rate",Reference,Batch,"Created by",Category,Note\n'
        'TRANSFER-1,COMPLETED,OUT,"2024-04-05 10:00:00","2024-04-05 11:00:00",0.50,EUR,,,"Me",100.00,EUR,"Jane",108.00,USD,1.08,rent,,,,\n'
        'TRANSFER-2,COMPLETED,IN,"2024-04-06 10:00:00","2024-04-06 10:00:00",,,,,"Firm",1000.00,EUR,"Me",1000.00,EUR,1,pay,,,,\n'
        'BALANCE-3,COMPLETED,NEUTRAL,"2024-04-17 10:00:00","2024-04-17 10:00:00",0.40,EUR,,,"Me",99.60,EUR,"Me",107.00,USD,1.0743,,,,,\n'
        'CARD-4,CANCELLED,OUT,"2024-04-18 10:00:00",,0.00,EUR,,,"Me",5.00,EUR,"Shop",5.00,EUR,1,,,,,\n',
        rows=(
            "2024-04-05 -100.50 EUR",
            "2024-04-06 1000.00 EUR",
            "2024-04-17 -100.00 EUR fx",
            "2024-04-17 107.00 USD fx",
        ),
        guessed=False,
    ),
    S(
        profile="monzo-app",
        text="Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local currency,Notes and #tags,Address,Receipt,Description,Category split,Money Out,Money In\n"
        "tx_0001,15/10/2023,02:09:11,Card payment,Grab,,Eating out,-3.21,GBP,-61000.00,IDR,late,Gedung,,Grab* A-123,,-3.21,\n"
        "tx_0002,16/10/2023,10:00:00,Faster payment,Employer,,Income,1500.00,GBP,1500.00,GBP,,,,SALARY,,,1500.00\n",
        rows=("2023-10-15 -3.21 GBP", "2023-10-16 1500.00 GBP"),
    ),
    S(
        profile="venmo",
        text="Account Statement - (@somebody) ,,,,,,,,,,,,,,,,,,\nAccount Activity,,,,,,,,,,,,,,,,,,\n"
        ",ID,Datetime,Type,Status,Note,From,To,Amount (total),Amount (tip),Amount (fee),Funding Source,Destination,Beginning Balance,Ending Balance,Statement Period Venmo Fees,Terminal Location,Year to Date Venmo Fees,Disclaimer\n"
        ",,,,,,,,,,,,,$8.00,,,,,\n"
        ",3240312810181230868,2021-03-29T18:43:08,Payment,Complete,Laser,Me Myself,Brenda M,- $20.00,,,Visa Debit *0040,,,,,Venmo,,\n"
        ',3246271269313708750,2021-04-17T00:01:31,Payment,Complete,Cleaning,Veronica C,Me Myself,"+ $1,090.00",,,,Venmo balance,,,,Venmo,,\n'
        ",3250000000000000000,2021-04-20T10:00:00,Standard Transfer,Issued,,,,- $500.00,,,,My Bank *8967,,,,Venmo,,\n"
        ',,,,,,,,,,,,,,$598.00,$0.00,,$0.00,"In case of errors or questions\nwrite to us"\n',
        rows=(
            "2021-03-29 -20.00 USD",
            "2021-03-29 20.00 USD transfer",
            "2021-04-17 1090.00 USD",
            "2021-04-20 -500.00 USD transfer",
        ),
        guessed=False,
    ),
    S(
        profile="paypal",
        text='"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","From Email Address","To Email Address","Transaction ID","Subject","Note","Balance","Balance Impact"\n'
        '"09/05/2023","10:00:00","PDT","Chris Doe","General Payment","Completed","USD","-60.00","0.00","-60.00","a@x","b@x","1AB","","dinner","40.00","Debit"\n'
        '"09/14/2023","10:00:00","PDT","","General Currency Conversion","Completed","USD","-11.00","0.00","-11.00","","","1AC","","","29.00","Debit"\n'
        '"09/14/2023","10:00:00","PDT","","General Currency Conversion","Completed","EUR","10.00","0.00","10.00","","","1AD","","","10.00","Credit"\n'
        '"09/14/2023","10:00:01","PDT","Shop","General Authorization","Pending","EUR","-10.00","0.00","-10.00","a@x","s@x","1AE","","","10.00","Memo"\n'
        '"09/14/2023","10:00:02","PDT","Shop","Express Checkout Payment","Completed","EUR","-10.00","0.00","-10.00","a@x","s@x","1AF","","","0.00","Debit"\n'
        '"09/15/2023","10:00:02","PDT","Client","Website Payment","Completed","USD","100.00","-3.20","96.80","c@x","a@x","1AG","","","125.80","Credit"\n',
        rows=(
            "2023-09-05 -60.00 USD",
            "2023-09-14 -11.00 USD fx",
            "2023-09-14 10.00 EUR fx",
            "2023-09-14 -10.00 EUR",
            "2023-09-15 96.80 USD",
        ),
    ),
    S(
        profile="paypal-de",
        text='"Datum","Uhrzeit","Zeitzone","Name","Typ","Status","Währung","Brutto","Gebühr","Netto","Absender E-Mail-Adresse","Empfänger E-Mail-Adresse","Transaktionscode","Guthaben"\n'
        '"04.10.2023","10:12:00","Europe/Berlin","Laden SE","Handyzahlung","Abgeschlossen","EUR","-59,90","0,00","-59,90","me@x","shop@x","1AB","-59,90"\n'
        '"04.10.2023","10:12:01","Europe/Berlin","","Bankgutschrift auf PayPal-Konto","Abgeschlossen","EUR","59,90","0,00","59,90","","me@x","2CD","0,00"\n'
        '"16.10.2023","18:00:00","Europe/Berlin","Kunde","Website-Zahlung","Abgeschlossen","EUR","1.000,00","-25,35","974,65","k@x","me@x","3EF","974,65"\n',
        rows=("2023-10-04 -59.90 EUR", "2023-10-04 59.90 EUR transfer", "2023-10-16 974.65 EUR"),
    ),
    S(
        profile="mint",
        text='"Date","Description","Original Description","Amount","Transaction Type","Category","Account Name","Labels","Notes"\n'
        '"3/27/2017","Amazon","AMAZON MARKETPLACE","7.99","debit","Shopping","Store Card","",""\n"3/24/2017","Acme","ACME PAYROLL","1500.00","credit","Paycheck","Checking","",""\n',
        rows=("2017-03-27 -7.99 USD", "2017-03-24 1500.00 USD salary"),
        account="Store Card",
    ),
    S(
        profile="schwab-bank",
        text='"Date","Status","Type","CheckNumber","Description","Withdrawal","Deposit","RunningBalance"\n'
        '"07/31/2022","Posted","INTADJUST","","Interest Paid","","$1.00","$1,201.00"\n"07/13/2022","Posted","ACH","","Electronic Withdrawal","$200.00","","$1,200.00"\n',
        rows=("2022-07-31 1.00 USD interest", "2022-07-13 -200.00 USD"),
    ),
    S(
        profile="schwab-brokerage",
        text='"Transactions  for account General Investing ...XXX as of 05/03/2023 02:21:05 PM ET"\n"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'
        '"04/27/2023","Buy","BND","BOND MARKET ETF","45","$73.7789","","-$3320.05"\n"04/18/2023","Sell","BND","BOND MARKET ETF","10.065","$73.4049","$0.01","$738.81"\n'
        '"04/17/2023 as of 04/15/2023","Bank Interest","","BANK INT 031623-041523","","","","$0.03"\n"04/10/2023","Stock Split","ABC","ABC INC","10","","",""\n'
        '"04/06/2023","Qualified Dividend","ABC","ABC INC","","","","$1,012.40"\n"Transactions Total","","","","","","","-$1568.81"\n',
        rows=(
            "2023-04-27 -3320.05 USD transfer",
            "2023-04-18 738.81 USD transfer",
            "2023-04-17 0.03 USD interest",
            "2023-04-06 1012.40 USD dividend",
        ),
        guessed=False,
    ),
    S(
        profile="ing-nl",
        text='"Datum";"Naam / Omschrijving";"Rekening";"Tegenrekening";"Code";"Af Bij";"Bedrag (EUR)";"Mutatiesoort";"Mededelingen";"Saldo na mutatie";"Tag"\n'
        '"20240115";"Winkel";"NL02ABNA0123456789";"";"BA";"Af";"45,20";"Betaalautomaat";"Pasvolgnr: 001";"1.234,56";""\n'
        '"20240114";"Werkgever";"NL02ABNA0123456789";"NL91ABNA0417164300";"GT";"Bij";"1.250,00";"Overschrijving";"Salaris";"1.279,76";""\n',
        rows=("2024-01-15 -45.20 EUR", "2024-01-14 1250.00 EUR"),
        account="NL02ABNA0123456789",
    ),
    S(
        profile="abn-amro",
        text="528939882\tEUR\t20190121\t100,00\t81,33\t20190121\t-18,67\tSEPA Overboeking\n528939882\tEUR\t20190122\t81,33\t101,33\t20190122\t20,00\tSEPA Salaris\n",
        rows=("2019-01-21 -18.67 EUR", "2019-01-22 20.00 EUR"),
        account="528939882",
    ),
    S(
        profile="bunq",
        text='"Date","Interest Date","Amount","Account","Counterparty","Name","Description"\n'
        '"2021-10-01","2021-10-01","-17,38","NL02ABNA0123456789","","JOE","Card"\n"2021-10-02","2021-10-02","1.500,00","NL02ABNA0123456789","NL91ABNA0417164300","Firm","Pay"\n',
        rows=("2021-10-01 -17.38 EUR", "2021-10-02 1500.00 EUR"),
        account="NL02ABNA0123456789",
    ),
    S(
        profile="chase-card",
        text="Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n01/28/2023,01/29/2023,Payment Thank You,,Payment,500.00,\n01/29/2023,01/31/2023,RIDE,Travel,Sale,-15.00,\n",
        rows=("2023-01-29 500.00 USD transfer", "2023-01-31 -15.00 USD"),
    ),
    S(
        profile="capital-one",
        text="Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit\n2023-03-01,2023-03-02,1234,SHOP,Merchandise,25.99,\n2023-03-05,2023-03-05,1234,PAYMENT,Payment,,100.00\n",
        rows=("2023-03-02 -25.99 USD", "2023-03-05 100.00 USD"),
    ),
    S(
        profile="american-express",
        text="Date,Description,Amount,Extended Details,Appears On Your Statement As,Address,City/State,Zip Code,Country,Reference,Category\n"
        "12/31/2020,SOFTWARE,74.50,\"NT_IG3 17789\nSOFTWARE\nVICTORIA\",SOFTWARE,ADDR,VICTORIA,V8,CANADA,'320210010001',Business\n"
        "12/27/2020,AUTOPAY PAYMENT - THANK YOU,-500.00,,AUTOPAY,,,,,'320203620001',\n12/24/2020,SHOP,10.00,,SHOP,,,,,'320203590001',\n",
        rows=("2020-12-31 -74.50 XXX", "2020-12-27 500.00 XXX", "2020-12-24 -10.00 XXX"),
    ),
    S(
        profile="wells-fargo",
        text='"01/31/2023","2500.00","*","","ACME PAYROLL"\n"01/30/2023","-45.10","*","","PURCHASE SHOP"\n"01/27/2023","-1,200.00","*","1044","CHECK"\n',
        rows=("2023-01-31 2500.00 USD", "2023-01-30 -45.10 USD", "2023-01-27 -1200.00 USD"),
    ),
    S(
        profile="commbank",
        text='31/01/2023,"2500.00","Salary ACME","+2700.00"\n30/01/2023,"-45.00","WOOLWORTHS","+200.00"\n28/01/2023,"-5.00","COFFEE","+245.00"\n',
        rows=("2023-01-31 2500.00 AUD", "2023-01-30 -45.00 AUD", "2023-01-28 -5.00 AUD"),
    ),
    S(
        profile="westpac",
        text="Bank Account,Date,Narrative,Debit Amount,Credit Amount,Balance,Categories,Serial\n"
        "732289824046,24/06/2023,SALARY,,3200.00,5200.00,DEP,\n732289824046,23/06/2023,UTILITY BILL,130.05,,2000.00,PAYMENT,\n",
        rows=("2023-06-24 3200.00 AUD", "2023-06-23 -130.05 AUD"),
        account="732289824046",
    ),
    S(
        profile="rbc",
        text='"Account Type","Account Number","Transaction Date","Cheque Number","Description 1","Description 2","CAD$","USD$"\n'
        'Chequing,00010-5858402,1/31/2022,,"PAYROLL","ACME",2500.00,\nChequing,00010-5858402,2/1/2022,,"MONTHLY FEE",,-10.95,\nSavings,00010-5858403,2/3/2022,,"TRANSFER",,,100.00\n',
        rows=("2022-01-31 2500.00 CAD", "2022-02-01 -10.95 CAD", "2022-02-03 100.00 USD"),
        account="00010-5858402",
        guessed=False,
    ),
    S(
        profile="seb",
        text="Bokföringsdatum;Valutadatum;Verifikationsnummer;Text;Belopp;Saldo\n2024-07-17;2024-07-16;5484012629;SHOP/24-07-16;-253.520;2762.720\n2024-07-13;2024-07-13;5490990789;46730396076;75.000;3016.240\n",
        rows=("2024-07-17 -253.520 SEK", "2024-07-13 75.000 SEK"),
    ),
    S(
        profile="ubs",
        text="Kontonummer:;0000 00000000.00A;\nIBAN:;CH93 0076 2011 6238 5295 7;\nVon:;2024-09-01;\nBis:;2024-09-30;\nBewertet in:;CHF;\n\n"
        "Abschlussdatum;Abschlusszeit;Buchungsdatum;Valutadatum;Währung;Belastung;Gutschrift;Einzelbetrag;Saldo;Transaktions-Nr.;Beschreibung1;Beschreibung2;Beschreibung3;Fussnoten;\n"
        "2024-09-29;14:23:05;2024-09-30;2024-09-30;CHF;-23.40;;;1211.16;T1;Markt;Zahlung Debitkarte;;;\n;;2024-09-28;2024-09-28;CHF;-150.00;;;1234.56;T2;Sammelauftrag;e-banking-Auftrag;;;\n"
        ";;2024-09-28;2024-09-28;CHF;;;-100.00;;T2;Versicherung;;;;\n;;2024-09-28;2024-09-28;CHF;;;-50.00;;T2;Verein;;;;\n;;2024-09-25;2024-09-25;CHF;;5200.00;;1384.56;T3;Firma;Gutschrift;Lohn;;\n",
        rows=("2024-09-30 -23.40 CHF", "2024-09-28 -150.00 CHF", "2024-09-25 5200.00 CHF"),
        account="CH9300762011623852957",
        guessed=False,  # the parts of a collective order have no amount of their own
    ),
    S(
        profile="zkb",
        text='"Datum";"Buchungstext";"Whg";"Betrag Detail";"ZKB-Referenz";"Referenznummer";"Belastung CHF";"Gutschrift CHF";"Valuta";"Saldo CHF";"Zahlungszweck"\n'
        '"31.01.2024";"Einkauf Visa Debit, Laden";"";"";"Z1";"";"23.80";"";"31.01.2024";"1\'950.00";""\n"30.01.2024";"Sammelauftrag";"";"";"Z2";"";"400.00";"";"30.01.2024";"1\'973.80";""\n'
        '"";"Krankenkasse";"CHF";"385.40";"";"";"";"";"";"";""\n"";"Verein";"CHF";"14.60";"";"";"";"";"";"";""\n"26.01.2024";"Gutschrift Lohn";"";"";"Z3";"";"";"2\'300.00";"26.01.2024";"2\'373.80";"Lohn"\n',
        rows=("2024-01-31 -23.80 CHF", "2024-01-30 -400.00 CHF", "2024-01-26 2300.00 CHF"),
    ),
    S(
        profile="postfinance",
        text='Datum von:;="2024-01-01"\nKonto:;="CH9300762011623852957"\nWährung:;="CHF"\n\nDatum;Bewegungstyp;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Label;Kategorie\n'
        "31.01.2024;Gutschrift;GUTSCHRIFT LOHN;5500.00;;;Einkommen\n30.01.2024;Kauf;KAUF LADEN;;-45.2;;Einkauf\n",
        rows=("2024-01-31 5500.00 CHF", "2024-01-30 -45.2 CHF"),
        account="CH9300762011623852957",
    ),
    S(
        profile="mbank",
        text="mBank S.A. Bankowość Detaliczna;\nLista operacji;\n\n#Waluta;#Wpływy;#Wydatki;\nPLN;2 000,00;-18,39\n\n#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;#Saldo po operacji;\n"
        '2019-09-25;"WPŁATA";"eKonto 0000 ... 1111";"Wpływy - inne";2 000,00 PLN;4 867,35 PLN;\n2019-09-22;"SKLEP";"eKonto 0000 ... 1111";"Wydatki - inne";-18,39 PLN;2 867,35 PLN;\n',
        rows=("2019-09-25 2000.00 PLN", "2019-09-22 -18.39 PLN"),
        encoding="cp1250",
    ),
    S(
        profile="pko",
        text='"Data operacji","Data waluty","Typ transakcji","Kwota","Waluta","Saldo po transakcji","Opis transakcji","","",""\n'
        '"2024-09-05","2024-09-05","Przelew na rachunek","+1800.00","PLN","+5000.00","Rachunek nadawcy: 61 1090","Nazwa nadawcy: Piotr","Tytuł: Czynsz",""\n'
        '"2024-09-04","2024-09-04","Płatność kartą","-35.99","PLN","+3200.00","Tytuł: 000","Lokalizacja: SKLEP","",""\n"","2024-09-06","Blokada","-90.34","PLN","","SKLEP","","",""\n',
        rows=("2024-09-05 1800.00 PLN", "2024-09-04 -35.99 PLN", "2024-09-06 -90.34 PLN pending"),
        encoding="cp1250",
    ),
    S(
        profile="fio",
        text='"accountId";"2000000000"\n"bankId";"2010"\n"currency";"CZK"\n"iban";"CZ6508000000192000145399"\n\n'
        '"ID operace";"Datum";"Objem";"Měna";"Protiúčet";"Název protiúčtu";"Kód banky";"Zpráva pro příjemce"\n"24000000001";"31.01.2023";"25 000,00";"CZK";"123";"Zaměstnavatel";"0800";"Mzda"\n'
        '"24000000002";"30.01.2023";"-250,50";"CZK";"456";"Obchod";"0100";"Nákup"\n',
        rows=("2023-01-31 25000.00 CZK", "2023-01-30 -250.50 CZK"),
        account="CZ6508000000192000145399",
    ),
    S(
        profile="stripe",
        text="id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description\n"
        "txn_1,charge,ch_1,20.00,0.88,19.12,usd,2023-01-31 10:00,2023-02-02 00:00,Invoice 1\ntxn_2,payout,po_1,-19.12,0.00,-19.12,usd,2023-02-01 10:00,2023-02-01 00:00,STRIPE PAYOUT\n",
        rows=("2023-01-31 19.12 USD", "2023-02-01 -19.12 USD transfer"),
    ),
    S(
        profile="stripe-payouts",
        text="id,Amount,Created (UTC),Currency,Livemode,Arrival Date (UTC),Source Type,Destination,Status,Type,Method,Description,Balance Transaction\n"
        "po_1,3930.14,2024-07-01 02:59,usd,true,2024-07-03 00:00,card,ba_1,paid,bank_account,standard,STRIPE PAYOUT,txn_1\npo_2,20.00,2024-07-11 02:59,usd,true,2024-07-13 00:00,card,ba_1,failed,bank_account,standard,STRIPE PAYOUT,txn_2\n",
        rows=("2024-07-03 -3930.14 USD transfer",),
        guessed=False,
    ),
    S(
        profile="coinbase",
        text="\r\nTransactions\r\nUser,Example,00000000\r\nID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes\r\n"
        "c1,2024-12-19 17:59:59 UTC,Advanced Trade Buy,SOL,0.035,EUR,€190.00,€6.65,€6.68990,€0.0399,Bought\r\nc2,2025-01-10 09:15:00 UTC,Send,SOL,-0.02,EUR,€200.00,,,,Sent\r\n"
        'c3,2025-01-11T09:15:00Z,Sell,SOL,0.01,EUR,€200.00,€2.00,"€1.99",€0.01,Sold\r\nc4,2025-02-01 12:00:00 UTC,Staking Income,ETH,0.001,EUR,"€2,000.00",€2.00,€2.00,€0.00,\r\n',
        rows=(
            "2025-01-10T09:15:00+00:00 -0.02 SOL transfer",
            "2025-02-01T12:00:00+00:00 0.001 ETH staking",
        ),
        guessed=False,
    ),
    S(
        profile="kraken-ledgers",
        text='"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n"","Q1","2017-11-09 08:50:00","deposit","","currency","ZEUR",100.0000,0.0000,""\n'
        '"L1","Q1","2017-11-09 09:03:01","deposit","","currency","ZEUR",100.0000,0.0000,100.0000\n"L2","T1","2017-11-12 19:04:13","trade","","currency","XXMR",0.1000000000,0.0000000000,0.1000000000\n'
        '"L3","T1","2017-11-12 19:04:13","trade","","currency","ZEUR",-10.0000,0.2600,89.7400\n',
        rows=("2017-11-09 100.0000 EUR transfer",),
        guessed=False,
    ),
]

SAMPLES = [*_FROM_DIALECTS, *_WRITTEN]
