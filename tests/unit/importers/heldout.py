# ruff: noqa: E501 - a bank's line is as long as it is, in the bank's own letters
"""More exports, written after the guess was mended on the others, to see how it does on files nobody looked at."""

from __future__ import annotations

from .dialects import Dialect

D = Dialect
HELD_OUT = [
    D(
        name="us-us-bank",
        text='"Date","Transaction","Name","Memo","Amount"\n"2024-01-30","DEBIT","TARGET 123","24692;05411;","-45.10"\n"2024-01-26","CREDIT","ELECTRONIC DEPOSIT ACME","Download from usbank.com.","1000.00"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="us-bmo-card-unsigned",
        text="Transaction Date,Posting Date,Description,Charges,Credits\n01/28/2024,01/29/2024,SAFEWAY,45.10,\n01/13/2024,01/13/2024,PAYMENT RECEIVED,,300.00\n",
        rows=["2024-01-29 -45.10 None", "2024-01-13 300.00 None"],
    ),
    D(
        name="us-schwab-like-checks",
        text='Date,Status,Type,CheckNumber,Description,Withdrawal,Deposit,RunningBalance\n01/31/2024,Posted,INTADJUST,,Interest Paid,,$0.45,"$1,000.45"\n01/30/2024,Posted,CHECK,101,Check Paid,"$1,200.00",,"$1,000.00"\n',
        rows=["2024-01-31 0.45 None", "2024-01-30 -1200.00 None"],
    ),
    D(
        name="us-paypal-credit-words",
        text='Date,Description,Amount,Debit/Credit\n01/30/2024,"Shop",45.10,Debit\n01/26/2024,"Pay",1000.00,Credit\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="us-etrade",
        text="For Account:,#####1234\n\nTransactionDate,TransactionType,SecurityType,Symbol,Quantity,Amount,Price,Commission,Description\n01/30/24,Bought,EQ,VOO,2,-881,440.5,0,VANGUARD S&P 500\n01/15/24,Dividend,EQ,AAPL,0,12.5,0,0,APPLE INC\n01/14/24,Transfer,Unknown, ,0,1000,0,0,ACH DEPOSIT\n",
        rows=["2024-01-30 -881 None", "2024-01-15 12.5 None", "2024-01-14 1000 None"],
    ),
    D(
        name="us-webull-cash",
        text="Date,Type,Status,Currency,Amount,Fees\n2024-01-30,Withdrawal,Completed,USD,100.00,0.00\n2024-01-26,Deposit,Completed,USD,1000.00,0.00\n2024-01-20,Deposit,Failed,USD,500.00,0.00\n",
        rows=["2024-01-30 -100.00 USD", "2024-01-26 1000.00 USD"],
    ),
    D(
        name="uk-halifax",
        text="Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n30/01/2024,DD,11-00-01,12345678,COUNCIL,120.00,,880.00\n29/01/2024,FPI,11-00-01,12345678,A PERSON,,1000.00,1000.00\n",
        rows=["2024-01-30 -120.00 None", "2024-01-29 1000.00 None"],
    ),
    D(
        name="uk-chase-uk",
        text='"Date","Time","Transaction Type","Transaction Description","Amount","Currency","Balance"\n"30 Jan 2024","10:11","Purchase","Tesco","-45.10","GBP","954.90"\n"29 Jan 2024","09:00","Payment","ACME","1000.00","GBP","1000.00"\n',
        rows=["2024-01-30 -45.10 GBP", "2024-01-29 1000.00 GBP"],
    ),
    D(
        name="uk-metro",
        text="Date,Details,Transaction Type,In,Out,Balance\n30/01/2024,TESCO,Card Purchase,0.00,45.10,954.90\n29/01/2024,ACME,Inward Payment,1000.00,0.00,1000.00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-29 1000.00 None"],
    ),
    D(
        name="uk-freetrade",
        text="Title,Type,Timestamp,Account Currency,Total Amount,Buy / Sell,Ticker,ISIN,Price per Share in Account Currency,Stamp Duty,Quantity,Venue,Order ID,Order Type,Instrument Currency,Total Shares Price,Price per Share,FX Rate,Base FX Rate,FX Fee (BPS),FX Fee Amount\n"
        "Apple,ORDER,2024-01-30T14:30:00.000Z,GBP,750.00,BUY,AAPL,US0378331005,150.00,0.00,5,XNAS,O1,BASIC,USD,950.00,190.00,1.27,1.27,45,3.36\nDeposit,TOP_UP,2024-01-26T09:00:00.000Z,GBP,1000.00,,,,,,,,,,,,,,,,\n",
        rows=[],
    ),
    D(
        name="ie-aib",
        text='Posted Account, Posted Transactions Date, Description1, Description2, Description3, Debit Amount, Credit Amount,Balance,Posted Currency,Transaction Type,Local Currency Amount,Local Currency\n"931152-12345678","30/01/24","VDP-TESCO","","",45.10,,954.90,EUR,"Debit",45.10,EUR\n"931152-12345678","26/01/24","ACME","PAYROLL","",,1000.00,1000.00,EUR,"Credit",1000.00,EUR\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="de-gls",
        text="Bezeichnung Auftragskonto;IBAN Auftragskonto;BIC Auftragskonto;Bankname Auftragskonto;Buchungstag;Valutadatum;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;BIC (SWIFT-Code) Zahlungsbeteiligter;Buchungstext;Verwendungszweck;Betrag;Waehrung;Saldo nach Buchung\nGiro;DE02120300000000202051;X;GLS;30.01.2024;30.01.2024;REWE;DE1;X;Kartenzahlung;Einkauf;-45,10;EUR;954,90\nGiro;DE02120300000000202051;X;GLS;26.01.2024;26.01.2024;ACME;DE2;X;Gehalt;Lohn;1.000,00;EUR;1.000,00\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="de-hypovereinsbank",
        text="Kontonummer;Buchungsdatum;Valuta;Empfaenger 1;Empfaenger 2;Verwendungszweck;Betrag;Waehrung\n123456;30.01.2024;30.01.2024;REWE;;Einkauf;-45,10;EUR\n123456;26.01.2024;26.01.2024;ACME;;Lohn;1.000,00;EUR\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
        encoding="utf-16",
    ),
    D(
        name="de-barclaycard",
        text='Transaktionsdatum;Buchungsdatum;Betrag;Beschreibung;Händler;Kartennummer\n28.01.2024;30.01.2024;"-45,10 €";Einkauf;REWE;1234\n25.01.2024;26.01.2024;"+300,00 €";Zahlung;;1234\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 300.00 EUR"],
    ),
    D(
        name="de-scalable",
        text="date;time;status;reference;description;assetType;type;isin;shares;price;amount;fee;tax;currency\n2024-01-30;09:00:00;Executed;R1;Vanguard;Security;Buy;IE00BK5BQT80;4;120,00;-480,00;0,99;0,00;EUR\n2024-01-26;02:00:00;Executed;R2;Einzahlung;Cash;Deposit;;;;1000,00;0,00;0,00;EUR\n",
        rows=["2024-01-30 -480.00 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="at-erste",
        text="Buchungsdatum;Partnername;Partner IBAN;BIC/SWIFT;Partner Kontonummer;Bankleitzahl;Betrag;Währung;Buchungs-Details;Buchungsreferenz;Valutadatum\n30.01.2024;BILLA;;;;;-45,10;EUR;Einkauf;2024013012345;30.01.2024\n26.01.2024;ACME;AT1;X;;;1.000,00;EUR;Gehalt;2024012612345;26.01.2024\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
        encoding="utf-16",
    ),
    D(
        name="ch-cembra-card",
        text="Transaktionsdatum,Beschreibung,Kartennummer,Währung,Betrag,Fremdwährung,Betrag in Fremdwährung,Debit/Kredit,Status\n28.01.2024,COOP,1234,CHF,45.10,,,Debit,Gebucht\n25.01.2024,Ihre Zahlung,1234,CHF,300.00,,,Kredit,Gebucht\n",
        rows=["2024-01-28 -45.10 CHF", "2024-01-25 300.00 CHF"],
    ),
    D(
        name="fr-bnp",
        text="Compte de chèques;Compte de chèques;****1234;30/01/2024;;954,90\n30/01/2024;FACTURE CARTE;Achat;FACTURE CARTE MONOPRIX;-45,10\n26/01/2024;VIREMENT RECU;Salaire;VIR ACME;1 000,00\n25/01/2024;FRAIS;Frais;COTISATION;-2,00\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None", "2024-01-25 -2.00 None"],
        encoding="cp1252",
    ),
    D(
        name="be-argenta",
        text="Rekening;Boekdatum;Valutadatum;Referentie;Beschrijving;Bedrag;Munt;Verrichtingsdatum;Rekening tegenpartij;Naam tegenpartij;Mededeling\nBE68 5390 0754 7034;30-01-2024;30-01-2024;R1;Betaling;-45,10;EUR;29-01-2024;;DELHAIZE;\nBE68 5390 0754 7034;26-01-2024;26-01-2024;R2;Overschrijving;1.000,00;EUR;26-01-2024;BE1;ACME;loon\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="nl-sns-no-header",
        text='30-01-2024,NL20SNSB0001234567,NL44RABO0123456789,winkel,,,,EUR,1000.00,EUR,-45.10,30-01-2024,30-01-2024,9722,BEA,12345,,"Winkel",1\n26-01-2024,NL20SNSB0001234567,NL02INGB0001234567,acme,,,,EUR,0.00,EUR,+1000.00,26-01-2024,26-01-2024,9722,OVS,12344,,"Salaris",1\n',
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="it-bper-two",
        text="Data operazione;Data valuta;Descrizione;Dare;Avere;Divisa\n30/01/2024;30/01/2024;POS COOP;45,10;;EUR\n26/01/2024;26/01/2024;STIPENDIO;;1.000,00;EUR\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="pt-cgd",
        text="Consultar saldos e movimentos à ordem - 30-01-2024\n\nConta ;0123456789 - EUR - Conta\nData de início ;01-01-2024\nData de fim ;30-01-2024\n\nData mov. ;Data valor ;Descrição ;Débito ;Crédito ;Saldo contabilístico ;Saldo disponível ;Categoria ;\n30-01-2024;30-01-2024;COMPRA CONTINENTE;45,10;;954,90;954,90;Diversos;\n26-01-2024;26-01-2024;TFI ACME;;1.000,00;1.000,00;1.000,00;Diversos;\n ; ; ; ; ;Saldo contabilístico ;954,90 EUR; ;\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
        encoding="cp1252",
    ),
    D(
        name="fi-s-pankki",
        text="Kirjauspäivä;Maksupäivä;Summa;Tapahtumalaji;Maksaja;Saajan nimi;Saajan tilinumero;Saajan BIC-tunnus;Viitenumero;Viesti;Arkistointitunnus\n30.01.2024;29.01.2024;-45,10;KORTTIOSTO;OMA NIMI;PRISMA;-;-;-;'-';20240130123\n26.01.2024;26.01.2024;+1000,00;PALKKA;ACME;OMA NIMI;FI1;X;-;'-';20240126123\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="se-lansforsakringar",
        text='"Bokföringsdatum";"Transaktionsdatum";"Typ";"Text";"Belopp"\n"2024-01-30";"2024-01-29";"Kortköp";"ICA";"-45,10"\n"2024-01-26";"2024-01-26";"Insättning";"Lön";"1000,00"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="cp1252",
    ),
    D(
        name="hu-k-and-h",
        text="könyvelés dátuma\ttranzakció azonosító\ttípus\tkönyvelési számla\tkönyvelési számla elnevezése\tpartner számla\tpartner elnevezése\tösszeg\tösszeg devizaneme\tközlemény\n2024.01.30\tT1\tKártya\t1\tX\t\tSPAR\t-4 510\tHUF\tvásárlás\n2024.01.26\tT2\tUtalás\t1\tX\t2\tACME\t100 000\tHUF\tfizetés\n",
        rows=["2024-01-30 -4510 HUF", "2024-01-26 100000 HUF"],
        encoding="cp1250",
    ),
    D(
        name="sk-tatra",
        text="Dátum zaúčtovania;Dátum valuty;Suma;Mena;Kredit/Debet;Popis;Názov protiúčtu\n30.01.2024;30.01.2024;45,10;EUR;Debet;Nákup;BILLA\n26.01.2024;26.01.2024;1000,00;EUR;Kredit;Mzda;ACME\n",
        rows=["2024-01-30 -45.10 EUR", "2024-01-26 1000.00 EUR"],
    ),
    D(
        name="ro-bt",
        text='"Numar cont:","RO49AAAA1B31007593840000 RON"\n\n"Data tranzactie","Data valuta","Descriere","Referinta tranzactiei","Debit","Credit","Sold contabil"\n"2024-01-30","2024-01-30","Plata la POS","R1","-45.10","","954.90"\n"2024-01-26","2024-01-26","Incasare","R2","","1,000.00","1,000.00"\n',
        rows=["2024-01-30 -45.10 RON", "2024-01-26 1000.00 RON"],
    ),
    D(
        name="br-bradesco",
        text="Extrato de: Ag: 1234 | CC: 0012345-6 | Entre 01/01/2024 e 31/01/2024;;;;;\nData;Histórico;Docto.;Crédito (R$);Débito (R$);Saldo (R$);\n26/01/2024;SALARIO;1;1.000,00;;1.000,00;\n30/01/2024;CARTAO;2;;-45,10;954,90;\n",
        rows=["2024-01-26 1000.00 BRL", "2024-01-30 -45.10 BRL"],
        encoding="latin-1",
    ),
    D(
        name="mx-bbva",
        text='Fecha,Concepto / Referencia,cargo,Abono,Saldo\n30/01/2024,OXXO,45.10,,954.90\n26/01/2024,NOMINA,,"1,000.00","1,000.00"\n',
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="in-kotak-drcr",
        text='Sl. No.,Transaction Date,Value Date,Description,Chq / Ref No.,Amount,Dr / Cr,Balance,Dr / Cr\n1,30-01-2024,30-01-2024,UPI/SHOP,R1,"45.10",DR,"954.90",CR\n2,31-01-2024,31-01-2024,NEFT ACME,R2,"1,000.00",CR,"1,954.90",CR\n',
        rows=["2024-01-30 -45.10 None", "2024-01-31 1000.00 None"],
    ),
    D(
        name="sg-dbs",
        text="Account Details For:,DBS Savings 123-4-567890\nStatement as at:,31 Jan 2024\nAvailable Balance:,954.90\n\nTransaction Date,Reference,Debit Amount,Credit Amount,Transaction Ref1,Transaction Ref2,Transaction Ref3\n\n30 Jan 2024,MST,45.10, ,FAIRPRICE,,\n26 Jan 2024,GRO, ,1000.00,SALARY,ACME,\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="au-macquarie",
        text="Transaction Date,Details,Account,Category,Subcategory,Tags,Notes,Debit,Credit,Balance,Original Description\n30 Jan 2024,Woolworths,Transaction 1234,Groceries,,,,45.10,,954.90,WOOLWORTHS\n26 Jan 2024,ACME,Transaction 1234,Income,,,,,1000.00,1000.00,ACME\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
    ),
    D(
        name="cn-alipay",
        text="------------------------------------------------------------------------------------\n导出信息：\n姓名：某人\n\n交易时间,交易分类,交易对方,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号\n2024-01-30 10:11:12,餐饮,食堂,午餐,支出,45.10,余额宝,交易成功,2024013012345\n2024-01-26 09:00:00,转账,某公司,工资,收入,1000.00,余额,交易成功,2024012612345\n",
        rows=["2024-01-30 -45.10 None", "2024-01-26 1000.00 None"],
        encoding="gb18030",
    ),
    D(
        name="shop-ebay",
        text='"Transaction creation date","Type","Order number","Net amount","Payout currency","Payout date","Payout ID","Gross transaction amount","Transaction currency"\n"30 Jan 2024","Order","1-2","17.50","USD","31 Jan 2024","P1","20.00","USD"\n"29 Jan 2024","Refund","1-1","-10.00","USD","31 Jan 2024","P1","-10.00","USD"\n',
        rows=["2024-01-30 17.50 USD", "2024-01-29 -10.00 USD"],
    ),
    D(
        name="shop-lemon",
        text="id,date,type,product,currency,gross,fee,net\n1,2024-01-30T10:11:12Z,sale,Course,USD,20.00,1.50,18.50\n2,2024-01-29T10:11:12Z,refund,Course,USD,-20.00,-1.50,-18.50\n",
        rows=["2024-01-30T10:11:12+00:00 18.50 USD", "2024-01-29T10:11:12+00:00 -18.50 USD"],
    ),
    D(
        name="exchange-bitstamp",
        text='Type,Datetime,Account,Amount,Value,Rate,Fee,Sub Type\nMarket,"Jan. 30, 2024, 10:11 AM",Main Account,0.01000000 BTC,400.00 USD,40000.00 USD,1.00 USD,Buy\nDeposit,"Jan. 26, 2024, 09:00 AM",Main Account,1000.00 USD,,,,\n',
        rows=[],
    ),
]
