# ruff: noqa: E501 - a bank's line is as long as it is, in the bank's own letters
"""Exports of banks in many countries, by hand in their forms, read without a profile: written before they were tried."""

from __future__ import annotations

from .dialects import Dialect

D = Dialect
ABROAD = [
    D(
        name="us-citi-card",
        text='Status,Date,Description,Debit,Credit,Member Name\nCleared,01/28/2024,"COSTCO WHSE #0123",145.67,,A PERSON\nCleared,01/25/2024,"ONLINE PAYMENT, THANK YOU",,-500.00,A PERSON\nCleared,01/13/2024,"SHELL OIL",40.00,,A PERSON\n',
        rows=["2024-01-28 -145.67 None", "2024-01-25 500.00 None", "2024-01-13 -40.00 None"],
    ),
    D(
        name="us-amex",
        text="Date,Description,Card Member,Account #,Amount\n01/30/2024,WHOLE FOODS,A PERSON,-12345,82.10\n01/21/2024,AUTOPAY PAYMENT - THANK YOU,A PERSON,-12345,-900.00\n01/20/2024,DELTA AIR LINES,A PERSON,-12345,410.20\n01/13/2024,UBER TRIP,A PERSON,-12345,18.33\n",
        rows=["2024-01-30 -82.10 None", "2024-01-21 900.00 None", "2024-01-20 -410.20 None", "2024-01-13 -18.33 None"],
    ),
    D(
        name="us-discover",
        text='Trans. Date,Post Date,Description,Amount,Category\n01/15/2024,01/16/2024,"AMAZON.COM",25.99,"Merchandise"\n01/18/2024,01/18/2024,"INTERNET PAYMENT - THANK YOU",-350.00,"Payments and Credits"\n01/19/2024,01/20/2024,"KROGER 123",61.20,"Supermarkets"\n',
        rows=["2024-01-16 -25.99 None", "2024-01-18 350.00 None", "2024-01-20 -61.20 None"],
    ),
    D(
        name="us-apple-card",
        text='Transaction Date,Clearing Date,Description,Merchant,Category,Type,Amount (USD),Purchased By\n01/30/2024,01/31/2024,"APPLE.COM/BILL","Apple","Other","Purchase","9.99","A Person"\n01/28/2024,01/28/2024,"ACH DEPOSIT INTERNET TRANSFER","ACH","Payment","Payment","-120.00","A Person"\n01/13/2024,01/14/2024,"TARGET","Target","Shopping","Purchase","54.01","A Person"\n',
        rows=["2024-01-31 -9.99 USD", "2024-01-28 120.00 USD", "2024-01-14 -54.01 USD"],
    ),
    D(
        name="us-usaa",
        text='Date,Description,Original Description,Category,Amount,Status\n2024-01-30,"Payroll","ACME PAYROLL","Paycheck",2100.00,Posted\n2024-01-29,"Kroger","KROGER #12","Groceries",-61.22,Posted\n2024-01-31,"Shell","SHELL","Gas",-30.00,Pending\n',
        rows=["2024-01-30 2100.00 None", "2024-01-29 -61.22 None", "2024-01-31 -30.00 None pending"],
    ),
    D(
        name="us-ally",
        text="Date, Time, Amount, Type, Description\n2024-01-31,10:00:00,-25.00,Withdrawal,Venmo\n2024-01-30,02:11:40,1.25,Deposit,Interest Paid\n2024-01-29,02:11:40,900,Deposit,Payroll\n",
        rows=["2024-01-31 -25.00 None", "2024-01-30 1.25 None", "2024-01-29 900 None"],
    ),
    D(
        name="us-credit-union",
        text='Account Number,Post Date,Check,Description,Debit,Credit,Status,Balance\n"123456-S0001",1/30/2024,,"Point Of Sale Withdrawal SAFEWAY",45.10,,Posted,954.90\n"123456-S0001",1/29/2024,1041,"Draft 1041",200.00,,Posted,1000.00\n"123456-S0001",1/26/2024,,"Deposit ACH PAYROLL",,700.00,Posted,1200.00\n',
        rows=["2024-01-30 -45.10 None", "2024-01-29 -200.00 None", "2024-01-26 700.00 None"],
    ),
    D(
        name="us-pnc-flag",
        text='Date,Description,Withdrawals,Deposits,Category,Balance\n01/30/2024,"POS PURCHASE","$45.10","","Groceries","$954.90"\n01/26/2024,"DIRECT DEPOSIT","","$1,700.00","Paychecks","$1,000.00"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1700.00 None"],
    ),
    D(
        name="us-fidelity",
        text="\n\nRun Date,Action,Symbol,Description,Type,Price ($),Quantity,Commission ($),Fees ($),Accrued Interest ($),Amount ($),Cash Balance ($),Settlement Date\n"
        '01/30/2024,"YOU BOUGHT VANGUARD INDEX FDS S&P 500 ETF (VOO) (Cash)",VOO,"VANGUARD S&P 500 ETF",Cash,440.50,2,,,,-881.00,119.00,02/01/2024\n'
        '01/15/2024,"DIVIDEND RECEIVED APPLE INC (AAPL) (Cash)",AAPL,"APPLE INC",Cash,,0,,,,12.50,1000.00,\n'
        '01/14/2024,"Electronic Funds Transfer Received (Cash)",,"No Description",Cash,,0,,,,987.50,987.50,\n'
        '\n\n"The data and information in this spreadsheet is provided to you solely for your use."\n\n"Date downloaded 01/31/2024 9:00 am"\n',
        rows=["2024-01-30 -881.00 None", "2024-01-15 12.50 None", "2024-01-14 987.50 None"],
    ),
    D(
        name="us-vanguard",
        text="Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,\n12345678,VANGUARD S&P 500 INDEX ETF,VOO,2,440.00,880.00,\n12345678,Settlement Fund,VMFXX,119.00,1.00,119.00,\n\n\n\n"
        "Account Number,Trade Date,Settlement Date,Transaction Type,Transaction Description,Investment Name,Symbol,Shares,Share Price,Principal Amount,Commissions and Fees,Net Amount,Accrued Interest,Account Type,\n"
        "12345678,2024-01-30,2024-02-01,Buy,Buy,VANGUARD S&P 500 INDEX ETF,VOO,2.0,440.50,-881.00,0.0,-881.00,0.0,CASH,\n"
        "12345678,2024-01-15,2024-01-15,Dividend,Dividend Received,APPLE INC,AAPL,0.0,0.0,12.50,0.0,12.50,0.0,CASH,\n"
        "12345678,2024-01-14,2024-01-14,Funds Received,Electronic Bank Transfer,CASH,,0.0,0.0,987.50,0.0,987.50,0.0,CASH,\n",
        rows=["2024-01-30 -881.00 None", "2024-01-15 12.50 None", "2024-01-14 987.50 None"],
    ),
    D(
        name="us-robinhood",
        text='"Activity Date","Process Date","Settle Date","Instrument","Description","Trans Code","Quantity","Price","Amount"\n'
        '"1/30/2024","1/30/2024","2/1/2024","AAPL","Apple\nCUSIP: 037833100","Buy","5","$190.00","($950.00)"\n'
        '"1/16/2024","1/16/2024","1/18/2024","MSFT","Microsoft","Sell","2","$390.10","$780.20"\n'
        '"1/12/2024","1/12/2024","1/12/2024","","ACH Deposit","ACH","","","$1,000.00"\n'
        '"","","","","","","","",""\n"","","","","","","","","","The data provided is for informational purposes only."\n',
        rows=["2024-01-30 -950.00 None", "2024-01-16 780.20 None", "2024-01-12 1000.00 None"],
    ),
    D(
        name="us-square",
        text='"Date","Time","Time Zone","Gross Sales","Discounts","Service Charges","Net Sales","Gift Card Sales","Tax","Tip","Partial Refunds by Amount","Total Collected","Source","Card","Card Entry Methods","Cash","Square Gift Card","Other Tender","Other Tender Type","Fees","Net Total","Transaction ID","Payment ID"\n'
        '"2024-01-30","12:01:00","Eastern Time","$20.00","$0.00","$0.00","$20.00","$0.00","$1.60","$2.00","$0.00","$23.60","Point of Sale","$23.60","Tapped","$0.00","$0.00","$0.00","","-$0.71","$22.89","abc1","p1"\n'
        '"2024-01-29","09:30:00","Eastern Time","$10.00","$0.00","$0.00","$10.00","$0.00","$0.80","$0.00","$0.00","$10.80","Point of Sale","$10.80","Tapped","$0.00","$0.00","$0.00","","-$0.38","$10.42","abc2","p2"\n',
        rows=["2024-01-30 22.89 None", "2024-01-29 10.42 None"],
    ),
    D(
        name="uk-hsbc-no-header",
        text='30/01/2024,"TESCO STORES 1234 LONDON",-45.10\n29/01/2024,"SALARY ACME LTD","2,100.00"\n28/01/2024,"NETFLIX.COM",-9.99\n',
        rows=["2024-01-30 -45.10 None", "2024-01-29 2100.00 None", "2024-01-28 -9.99 None"],
    ),
    D(
        name="uk-natwest",
        text='Date, Type, Description, Value, Balance, Account Name, Account Number\n30 Jan 2024,D/D,"\'COUNCIL TAX",-120.00,880.00,"\'PERSON A","\'600000-12345678"\n29 Jan 2024,BAC,"\'ACME LTD , SALARY",1000.00,1000.00,"\'PERSON A","\'600000-12345678"\n',
        rows=["2024-01-30 -120.00 None", "2024-01-29 1000.00 None"],
    ),
    D(
        name="uk-first-direct",
        text="Date,Description,Amount,Balance\n30/01/2024,TESCO STORES,-45.10,954.90\n29/01/2024,SALARY ACME,1000.00,1000.00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-29 1000.00 None"],
    ),
    D(
        name="uk-tsb",
        text="Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n30/01/2024,DEB,'30-00-00,12345678,SAINSBURYS,20.50,,979.50\n29/01/2024,FPI,'30-00-00,12345678,A PERSON,,1000.00,1000.00\n",
        rows=["2024-01-30 -20.50 None", "2024-01-29 1000.00 None"],
    ),
    D(
        name="uk-trading212",
        text="Action,Time,ISIN,Ticker,Name,No. of shares,Price / share,Currency (Price / share),Exchange rate,Result,Currency (Result),Total,Currency (Total),Withholding tax,Currency (Withholding tax),Notes,ID,Currency conversion fee,Currency (Currency conversion fee)\n"
        'Deposit,2024-01-12 08:11:02.123,,,,,,,,,,1000.00,"GBP",,,"Bank Transfer",d1,,\n'
        'Market buy,2024-01-13 14:30:02.5,US0378331005,AAPL,"Apple",5.0000000000,190.00,USD,1.27,,"GBP",750.00,"GBP",,,,EOF1,1.10,"GBP"\n'
        'Dividend (Ordinary),2024-02-15 09:00:00,US0378331005,AAPL,"Apple",5.0000000000,0.204000,USD,Not available,,,0.80,"GBP",0.14,USD,,,,\n',
        rows=["2024-01-12 1000.00 GBP", "2024-01-13 -750.00 GBP", "2024-02-15 0.80 GBP"],
    ),
    D(
        name="ch-zkb-style",
        text='"Datum";"Buchungstext";"Whg";"Betrag Detail";"ZKB-Referenz";"Referenznummer";"Belastung CHF";"Gutschrift CHF";"Valuta";"Saldo CHF";"Zahlungszweck";"Details"\n"30.01.2024";"Einkauf ZKB Visa Debit Card";"";"";"L240001";"";"45.10";"";"30.01.2024";"954.90";"";"Coop"\n"26.01.2024";"Gutschrift Auftraggeber: ACME AG";"";"";"Z240002";"";"";"1000.00";"26.01.2024";"1000.00";"";""\n',
        rows=["2024-01-30 -45.10 CHF", "2024-01-26 1000.00 CHF"],
    ),
    D(
        name="ch-raiffeisen",
        text='IBAN;Booked At;Text;Credit/Debit Amount;Balance;Valuta Date\nCH9300762011623852957;2024-01-30 00:00:00.0;"Einkauf Migros, 29.01.2024";-45.1;954.9;2024-01-30 00:00:00.0\nCH9300762011623852957;2024-01-26 00:00:00.0;Gutschrift ACME AG;1000.0;1000.0;2024-01-26 00:00:00.0\n',
        rows=["2024-01-30 -45.1 None", "2024-01-26 1000.0 None"],
    ),
    D(
        name="fr-societe-generale",
        text="=\"0123400051234567\";30/12/2023;30/01/2024;2;30/01/2024;954,90 EUR\n\nDate de l'opération;Libellé;Détail de l'écriture;Montant de l'opération;Devise\n30/01/2024;CARTE X1234;CARTE X1234 29/01 MONOPRIX;-45,10;EUR\n26/01/2024;VIR RECU;VIR RECU DE: ACME;1000,00;EUR\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
        encoding="cp1252",
    ),
    D(
        name="fr-caisse-epargne",
        text="Code de la banque : 11425;Code de l'agence : 00900;Date de début de téléchargement : 30/12/2023;Date de fin de téléchargement : 30/01/2024;\nNuméro de compte : 04123456789;Nom du compte : COMPTE DEPOT;Devise : EUR;\n\nSolde en fin de période;;;;954,90\n"
        "Date;Numéro d'opération;Libellé;Débit;Crédit;Détail;\n30/01/24;001;CB MONOPRIX;-45,10;;;\n26/01/24;002;VIR ACME;;1000,00;SALAIRE;\nSolde en début de période;;;;0,00\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
        encoding="cp1252",
    ),
    D(
        name="fr-fortuneo",
        text="Date opération;Date valeur;libellé;Débit;Crédit;\n30/01/2024;30/01/2024;CARTE 29/01 MONOPRIX;-45,10;;\n26/01/2024;26/01/2024;VIR ACME;;1 000,00;\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="cp1252",
    ),
    D(
        name="it-intesa",
        text="Data contabile;Data valuta;Descrizione;Accrediti;Addebiti;Descrizione estesa;Mezzo\n30/01/2024;29/01/2024;Pagamento Pos;;-45,10;ESSELUNGA MILANO;Carta\n26/01/2024;26/01/2024;Bonifico In Euro;1.000,00;;ACME SRL STIPENDIO;Internet\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="it-poste",
        text="Data Contabile;Data Valuta;Addebiti (euro);Accrediti (euro);Descrizione operazioni\n30/01/24;29/01/24;45,10;;PAGAMENTO POS COOP\n26/01/24;26/01/24;;1.000,00;BONIFICO A VOSTRO FAVORE\n;;;;Saldo contabile 954,90\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="es-caixabank",
        text="Concepto;Fecha;Importe;Saldo\nMERCADONA;30/01/2024;-45,10EUR;954,90EUR\nNOMINA ACME;26/01/2024;1.000,00EUR;1.000,00EUR\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="es-ing",
        text="Movimientos de la Cuenta;;;;;;\n;;;;;;\nNúmero de cuenta:;ES91 2100 0418 4502 0005 1332;;;;;\n;;;;;;\nF. VALOR;CATEGORÍA;SUBCATEGORÍA;DESCRIPCIÓN;COMENTARIO;IMPORTE (€);SALDO (€)\n30/01/2024;Alimentación;Supermercados;Pago en MERCADONA;;-45,10;954,90\n26/01/2024;Nómina;Nómina;Nomina recibida ACME;;1.000,00;1.000,00\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="nl-asn-no-header",
        text='30-01-2024,NL20ASNB0001234567,NL44RABO0123456789,albert heijn,,,,EUR,1000.00,EUR,-45.10,30-01-2024,30-01-2024,9722,BEA,12345,,"Albert Heijn 1234>AMSTERDAM",1\n26-01-2024,NL20ASNB0001234567,NL02INGB0001234567,acme bv,,,,EUR,0.00,EUR,1000.00,26-01-2024,26-01-2024,9722,OVS,12344,,"Salaris",1\n25-01-2024,NL20ASNB0001234567,NL02INGB0001234567,acme bv,,,,EUR,50.00,EUR,-50.00,25-01-2024,25-01-2024,9722,OVS,12343,,"Retour",1\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR", "2024-01-25 -50.00 EUR"],
    ),
    D(
        name="nl-degiro-account",
        text="Datum,Tijd,Valutadatum,Product,ISIN,Omschrijving,FX,Mutatie,,Saldo,,Order Id\n"
        '30-01-2024,09:01,30-01-2024,VANGUARD FTSE AW,IE00BK5BQT80,"Koop 4 @ 120,00 EUR",,EUR,"-480,00",EUR,"520,00",o-1\n'
        '30-01-2024,09:01,30-01-2024,VANGUARD FTSE AW,IE00BK5BQT80,DEGIRO Transactiekosten en/of kosten van derden,,EUR,"-1,00",EUR,"519,00",o-1\n'
        '26-01-2024,00:01,26-01-2024,,,iDEAL Deposit,,EUR,"1000,00",EUR,"1000,00",\n',
        rows=["2024-01-30 -480.00 EUR", "2024-01-30 -1.00 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="de-trade-republic",
        text="Datum;Transactietype;Waarde (netto);Opmerking;ISIN;Aantal;Kosten;Belasting\n2024-01-30;Koop;-100,00;VANGUARD;IE00BK5BQT80;0,833;-1,00;0,00\n2024-01-26;Storting;1000,00;;;;;\n",
        rows=["2024-01-30 -100.00 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="de-klarna",
        text='Datum,Empfänger,Beschreibung,Betrag,Währung\n30.01.2024,REWE,Kartenzahlung,"-45,10",EUR\n26.01.2024,ACME,Überweisung,"1.000,00",EUR\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="pl-mbank-long",
        text="mBank S.A. Bankowość Detaliczna;\nSkrytka Pocztowa 2108;\n90-959 Łódź 2;\nwww.mBank.pl;\n\n#Klient;\nOSOBA A;\n\nLista operacji;\n\n#Za okres:;\n01.01.2024;31.01.2024;\n\n#zgodnie z wybranymi filtrami wyszukiwania;\n#dla rachunków:;\neKonto - 12341234;\n\n#Lista nie jest dokumentem w rozumieniu art. 7 Ustawy Prawo Bankowe;\n\n#Waluta;#Wpływy;#Wydatki;\nPLN;1 000,00;-45,10;\n\n"
        '#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;\n2024-01-30;"BIEDRONKA  ZAKUP PRZY UŻYCIU KARTY";"eKonto 1234 ... 1234";"Żywność";-45,10 PLN;;\n2024-01-26;"ACME  PRZELEW ZEWNĘTRZNY PRZYCHODZĄCY";"eKonto 1234 ... 1234";"Wpływy";1 000,00 PLN;;\n',
        rows=["2024-01-30 -45.10 PLN", "2024-01-26 1000.00 PLN"],
        encoding="cp1250",
    ),
    D(
        name="pl-ing",
        text='"Lista transakcji";;;;;;;;;;\n\n"Data transakcji";"Data księgowania";"Dane kontrahenta";"Tytuł";"Nr rachunku";"Nazwa banku";"Szczegóły";"Nr transakcji";"Kwota transakcji (waluta rachunku)";"Waluta";"Kwota blokady/zwolnienie blokady";"Waluta";"Kwota płatności w walucie";"Waluta";"Konto";"Saldo po transakcji";"Waluta";;;;\n'
        '2024-01-30;2024-01-31;" BIEDRONKA ";" Płatność kartą ";\'\';;"TR.KART";\'202403012345\';-45,10;PLN;;;;;"KONTO Direct";954,90;PLN;;;;\n2024-01-26;2024-01-26;" ACME ";" Wynagrodzenie ";\'111\';"mBank";"PRZELEW";\'202402612344\';1000,00;PLN;;;;;"KONTO Direct";1000,00;PLN;;;;\n',
        rows=["2024-01-31 -45.10 PLN", "2024-01-26 1000.00 PLN"],
        encoding="cp1250",
    ),
    D(
        name="cz-fio-above",
        text="accountId;1234567890\nbankId;2010\ncurrency;CZK\niban;CZ6508000000192000145399\nbic;FIOBCZPPXXX\nopeningBalance;0,00\nclosingBalance;954,90\ndateStart;01.01.2024\ndateEnd;31.01.2024\n\n"
        '"ID pohybu";"Datum";"Objem";"Měna";"Protiúčet";"Název protiúčtu";"Kód banky";"Název banky";"KS";"VS";"SS";"Uživatelská identifikace";"Zpráva pro příjemce";"Typ";"Provedl";"Upřesnění";"Komentář";"BIC";"ID pokynu"\n'
        '"26041234567";"30.01.2024";"-45,10";"CZK";"";"";"";"";"";"";"";"Nákup: ALBERT";"Nákup: ALBERT";"Platba kartou";"";"";"";"";"111"\n"26041234566";"26.01.2024";"1000,00";"CZK";"2000145399";"ACME";"0800";"ČS";"";"";"";"";"mzda";"Bezhotovostní příjem";"";"";"";"";"110"\n',
        rows=["2024-01-30 -45.10 CZK", "2024-01-26 1000.00 CZK"],
    ),
    D(
        name="no-sparebank1",
        text="Dato;Beskrivelse;Rentedato;Inn;Ut;Til konto;Fra konto\n30.01.2024;REMA 1000;30.01.2024;;-45,10;;12345678901\n26.01.2024;Lønn ACME;26.01.2024;1000,00;;12345678901;\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="se-handelsbanken-tabs",
        text="Reskontradatum\tTransaktionsdatum\tText\tBelopp\tSaldo\n2024-01-30\t2024-01-29\tICA SUPERMARKET\t-45,10\t954,90\n2024-01-26\t2024-01-26\tLön\t1 000,00\t1 000,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="cp1252",
    ),
    D(
        name="se-ica",
        text="Datum;Text;Typ;Budgetgrupp;Belopp;Saldo\n2024-01-30;ICA KVANTUM;Korttransaktion;Mat;-45,10 kr;954,90 kr\n2024-01-26;Lön;Insättning;Inkomst;1 000,00 kr;1 000,00 kr\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="dk-jyske",
        text='"Dato";"Tekst";"Beløb";"Saldo";"Status";"Afstemt"\n"30.01.2024";"NETTO";"-45,10";"954,90";"Udført";"Nej"\n"26.01.2024";"Løn";"1.000,00";"1.000,00";"Udført";"Nej"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="cp1252",
    ),
    D(
        name="br-nubank-account",
        text="Data,Valor,Identificador,Descrição\n01/02/2024,-45.10,65bb1234-0001,Compra no débito - PADARIA\n02/02/2024,1000.00,65bb1234-0002,Transferência recebida pelo Pix - ACME\n",
        rows=["2024-02-01 -45.10 None", "2024-02-02 1000.00 None"],
        external_id="65bb1234-0001",
    ),
    D(
        name="br-nubank-card",
        text="date,category,title,amount\n2024-01-30,supermercado,Pao de Acucar,45.10\n2024-01-26,,Pagamento recebido,-1000.00\n2024-01-20,transporte,Uber,18.90\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None", "2024-01-20 -18.90 None"],
    ),
    D(
        name="br-itau-no-header",
        text="30/01/2024;PIX TRANSF JOAO 30/01;-45,10\n26/01/2024;SALARIO ACME;1.000,00\n25/01/2024;REND PAGO APLIC AUT MAIS;0,12\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None", "2024-01-25 0.12 None"],
        encoding="latin-1",
    ),
    D(
        name="br-inter",
        text="Extrato Conta Corrente\nConta ;123456\nPeríodo ;01/01/2024 a 31/01/2024\nSaldo: ;954,90\n\nData Lançamento;Histórico;Descrição;Valor;Saldo\n30/01/2024;Pix enviado ;JOAO;-45,10;954,90\n26/01/2024;Pix recebido;ACME;1.000,00;1.000,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="in-icici",
        text='Account Statement,,,,,,,\nCustomer Name,A PERSON,,,,,,\n,,,,,,,\nS No.,Value Date,Transaction Date,Cheque Number,Transaction Remarks,Withdrawal Amount (INR ),Deposit Amount (INR ),Balance (INR )\n1,03/01/2024,03/01/2024,-,UPI/AMAZON,"1,440.00",0.00,"5,40,560.00"\n2,15/01/2024,15/01/2024,-,NEFT-ACME,0.00,"1,50,000.00","6,90,560.00"\n',
        rows=["2024-01-03 -1440.00 INR", "2024-01-15 150000.00 INR"],
    ),
    D(
        name="in-sbi",
        text="Account Name\t:Mr. A PERSON\nAccount Number\t:00000012345678901\nBalance on 1 Jan 2024\t:1,000.00\nStart Date\t:1 Jan 2024\nEnd Date\t:31 Jan 2024\n\nTxn Date\tValue Date\tDescription\tRef No./Cheque No.\t        Debit\tCredit\tBalance\n3 Jan 2024\t3 Jan 2024\tTO TRANSFER-UPI/DR/12345--\tTRANSFER TO 4897\t440.00\t \t560.00\n15 Jan 2024\t15 Jan 2024\tBY TRANSFER-NEFT*ACME--\tTRANSFER FROM 3199\t \t50,000.00\t50,560.00\n**This is a computer generated statement and does not require a signature\n",
        rows=["2024-01-03 -440.00 None", "2024-01-15 50000.00 None"],
    ),
    D(
        name="in-axis",
        text="Name :- A PERSON\nStatement of Account No - 12345 for the period (From : 01-01-2024 To : 31-01-2024)\n\nSRL NO,Tran Date,CHQNO,PARTICULARS,DR,CR,BAL,SOL\n1,03-01-2024,-,UPI/P2M/SWIGGY,440.00, ,560.00,123\n2,15-01-2024,-,NEFT/ACME, ,50000.00,50560.00,123\n",
        rows=["2024-01-03 -440.00 None", "2024-01-15 50000.00 None"],
    ),
    D(
        name="au-commbank-no-header",
        text='30/01/2024,"-45.10","WOOLWORTHS SYDNEY","+954.90"\n26/01/2024,"+1000.00","Salary ACME","+1000.00"\n25/01/2024,"-10.00","Transfer to xx1234","+0.00"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None", "2024-01-25 -10.00 None"],
    ),
    D(
        name="au-nab",
        text="Date,Amount,Account Number,,Transaction Type,Transaction Details,Balance,Category,Merchant Name,Processed On\n30 Jan 24,-45.10,123456789,,EFTPOS DEBIT,WOOLWORTHS,954.90,Groceries,Woolworths,30 Jan 24\n26 Jan 24,1000.00,123456789,,INTER-BANK CREDIT,ACME SALARY,1000.00,Income,,26 Jan 24\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="au-up",
        text="Time,BSB / Account Number,Transaction Type,Payee,Description,Category,Tags,Subtotal (AUD),Currency,Subtotal (Transaction Currency),Fee (AUD),Round Up (AUD),Total (AUD),Payment Method,Settled Date\n2024-01-30T09:12:00+11:00,633-123 / 123456789,Purchase,Woolworths,WOOLWORTHS,Groceries,,-45.10,AUD,-45.10,,,-45.10,Debit Card,2024-01-31\n2024-01-26T08:00:00+11:00,633-123 / 123456789,Direct Credit,ACME,SALARY,,,1000.00,AUD,1000.00,,,1000.00,,2024-01-26\n",
        rows=["2024-01-31 -45.10 AUD", "2024-01-26 1000.00 AUD"],
    ),
    D(
        name="nz-asb",
        text="Created date / time : 30 January 2024 / 12:00:00\nBank 12; Branch 3456; Account 0123456-50 (Streamline)\nFrom date 20240101\nTo date 20240130\nAvail Bal : 954.90 as of 20240130\nLedger Balance : 954.90 as of 20240130\n\nDate,Unique Id,Tran Type,Cheque Number,Payee,Memo,Amount\n\n2024/01/30,2024013001,EFTPOS,,COUNTDOWN,CARD 1234,-45.10\n2024/01/26,2024012601,D/C,,ACME,SALARY,1000.00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        external_id="2024013001",
    ),
    D(
        name="ca-rbc",
        text='"Account Type","Account Number","Transaction Date","Cheque Number","Description 1","Description 2","CAD$","USD$"\nChequing,01234-1234567,1/30/2024,,"LOBLAWS","",-45.10,,\nChequing,01234-1234567,1/26/2024,,"PAYROLL DEPOSIT","ACME",1000.00,,\n',
        rows=["2024-01-30 -45.10 CAD", "2024-01-26 1000.00 CAD"],
    ),
    D(
        name="ca-td-no-header",
        text="01/30/2024,LOBLAWS #1234,45.10,,954.90\n01/26/2024,ACME PAYROLL,,1000.00,1000.00\n01/25/2024,MONTHLY ACCOUNT FEE,10.00,,0.00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None", "2024-01-25 -10.00 None"],
    ),
    D(
        name="ca-tangerine",
        text="Date,Transaction,Name,Memo,Amount\n1/30/2024,DEBIT,INTERAC e-Transfer To: Person,Transferred,-45.1\n1/26/2024,OTHER,EFT Deposit from ACME,Payroll,1000\n",
        rows=["2024-01-30 -45.1 None", "2024-01-26 1000 None"],
    ),
    D(
        name="jp-rakuten",
        text="取引日,入出金(円),取引後残高(円),入出金内容\n20240126,1000000,1000000,給与 カ）エーシーエムイー\n20240130,-4510,995490,楽天カード\n",
        rows=["2024-01-26 1000000 JPY", "2024-01-30 -4510 JPY"],
        encoding="cp932",
    ),
    D(
        name="jp-smbc",
        text='年月日,お引出し,お預入れ,お取り扱い内容,残高,メモ,ラベル\n2024/1/26,,1000000,"給料振込",1000000,"",\n2024/1/30,4510,,"カード",995490,"",\n',
        rows=["2024-01-26 1000000 None", "2024-01-30 -4510 None"],
        encoding="cp932",
    ),
    D(
        name="ru-tinkoff",
        text='"Дата операции";"Дата платежа";"Номер карты";"Статус";"Сумма операции";"Валюта операции";"Сумма платежа";"Валюта платежа";"Кэшбэк";"Категория";"MCC";"Описание";"Бонусы (включая кэшбэк)"\n"30.01.2024 10:11:12";"31.01.2024";"*1234";"OK";"-451,00";"RUB";"-451,00";"RUB";"4";"Супермаркеты";"5411";"Пятёрочка";"4,00"\n"26.01.2024 09:00:00";"26.01.2024";"";"OK";"10000,00";"RUB";"10000,00";"RUB";"";"Зарплата";"";"ACME";"0,00"\n',
        rows=["2024-01-30 -451.00 RUB", "2024-01-26 10000.00 RUB"],
        encoding="cp1251",
    ),
    D(
        name="tr-isbank",
        text="Tarih;Kanal;İşlem Tutarı;Bakiye;Açıklama\n30/01/2024-10:11:12;Diğer;-45,10;954,90;MIGROS\n26/01/2024-09:00:00;Diğer;1.000,00;1.000,00;MAAS\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
]
