# ruff: noqa: E501 - a bank's line is as long as it is
"""Files as banks write them, by hand in their forms, with what each row must become: (date, amount, asset or None)."""

from __future__ import annotations

from .dialect import Dialect as Dialect
from .oddities import ODDITIES

D = Dialect
DIALECTS = [
    D(
        name="ing-nl",
        text='"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)","MutatieSoort","Mededelingen"\n'
        '"20230131","Werkgever BV","NL01INGB0001234567","NL02RABO0123456789","OV","Bij","2450,00","Overschrijving","Salaris januari"\n'
        '"20230201","Albert Heijn 1234","NL01INGB0001234567","","BA","Af","32,15","Betaalautomaat","Pasvolgnr: 001"\n',
        rows=["2023-01-31 2450.00 EUR", "2023-02-01 -32.15 EUR"],
        counterparty="Werkgever BV",
        description="Salaris januari",
    ),
    D(
        name="dkb-old",
        text='"Kontonummer:";"DE12120300001234567890 / Girokonto";\n\n"Von:";"01.01.2023";\n"Bis:";"31.01.2023";\n'
        '"Kontostand vom 31.01.2023:";"1.234,56 EUR";\n\n'
        '"Buchungstag";"Wertstellung";"Buchungstext";"Auftraggeber / Begünstigter";"Verwendungszweck";"Kontonummer";"BLZ";"Betrag (EUR)";"Gläubiger-ID";"Mandatsreferenz";"Kundenreferenz";\n'
        '"30.01.2023";"30.01.2023";"Gutschrift";"Arbeitgeber GmbH";"Gehalt Januar";"DE99";"BYLADEM1001";"3.210,00";"";"";"";\n'
        '"28.01.2023";"27.01.2023";"Lastschrift";"Stadtwerke Köln";"Strom";"DE98";"BYLADEM1001";"-1.089,50";"";"";"";\n',
        rows=["2023-01-30 3210.00 EUR", "2023-01-28 -1089.50 EUR"],
        encoding="cp1252",
        counterparty="Arbeitgeber GmbH",
        description="Gehalt Januar",
    ),
    D(
        name="dkb-new",
        text='"Girokonto";"DE12120300001234567890"\n""\n"Kontostand vom 01.03.2024:";"4.321,00 €"\n""\n'
        '"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)";"Gläubiger-ID";"Mandatsreferenz";"Kundenreferenz"\n'
        '"29.02.24";"29.02.24";"Gebucht";"Firma AG";"Erika Muster";"Lohn 02/2024";"Eingang";"DE1";"2.500,5";"";"";""\n'
        '"28.02.24";"";"Vorgemerkt";"Erika Muster";"REWE";"Einkauf";"Ausgang";"DE2";"-45,67";"";"";""\n',
        rows=["2024-02-29 2500.5 EUR", "2024-02-28 -45.67 EUR pending"],
        description="Lohn 02/2024",
    ),
    D(
        name="sparkasse-camt",
        text='"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Glaeubiger ID";"Mandatsreferenz";"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";"Auslagenersatz Ruecklastschrift";"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag";"Waehrung";"Info"\n'
        '"DE11";"28.12.23";"28.12.23";"LOHN  GEHALT";"Lohn 12.23";"";"";"";"";"";"";"ACME AG";"DE22";"COBADEFF";"1999,00";"EUR";"Umsatz gebucht"\n'
        '"DE11";"27.12.23";"27.12.23";"KARTENZAHLUNG";"2023-12-27T10:00 Debitk.0";"";"";"";"";"";"";"EDEKA";"DE33";"";"-12,34";"EUR";"Umsatz gebucht"\n',
        rows=["2023-12-28 1999.00 EUR", "2023-12-27 -12.34 EUR"],
        counterparty="ACME AG",
        description="LOHN  GEHALT Lohn 12.23",
    ),
    D(
        name="ing-diba",
        text="Umsatzanzeige;Datei erstellt am: 01.02.2023 10:11\n\nIBAN;DE45 5001 0517 1234 5678 90\nKontoname;Girokonto\nBank;ING\nKunde;Max Muster\nZeitraum;01.01.2023 - 31.01.2023\nSaldo;1.000,00;EUR\n\nSortierung;Datum absteigend\n\n"
        "Buchung;Valuta;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung\n"
        "31.01.2023;31.01.2023;Firma;Gehalt/Rente;Gehalt;1.000,00;EUR;900,00;EUR\n"
        "15.01.2023;15.01.2023;REWE;Lastschrift;Einkauf;100,00;EUR;-25,50;EUR\n",
        rows=["2023-01-31 900.00 EUR", "2023-01-15 -25.50 EUR"],
        encoding="latin-1",
        counterparty="Firma",
    ),
    D(
        name="comdirect",
        text=';\n"Umsätze Girokonto";"Zeitraum: 30 Tage";\n"Neuer Kontostand";"1.234,56 EUR";\n\n'
        '"Buchungstag";"Wertstellung (Valuta)";"Vorgang";"Buchungstext";"Umsatz in EUR";\n'
        '"02.03.2023";"02.03.2023";"Übertrag / Überweisung";"Auftraggeber: Firma Buchungstext: Gehalt";"2.000,00";\n'
        '"01.03.2023";"01.03.2023";"Kartenverfügung";"REWE";"-20,00";\n\n"Alter Kontostand";"-745,44 EUR";\n',
        rows=["2023-03-02 2000.00 EUR", "2023-03-01 -20.00 EUR"],
        encoding="cp1252",
    ),
    D(
        name="revolut",
        text="Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "TOPUP,Current,2023-01-01 10:00:00,2023-01-01 10:00:05,Payment from X,100.00,0.00,GBP,COMPLETED,100.00\n"
        "CARD_PAYMENT,Current,2023-01-02 09:00:00,2023-01-03 11:00:00,Tesco,-12.50,0.00,GBP,COMPLETED,87.50\n"
        "TRANSFER,Current,2023-01-04 09:00:00,2023-01-04 09:00:01,To Y,-20.00,0.50,GBP,COMPLETED,67.00\n"
        "CARD_PAYMENT,Current,2023-01-05 09:00:00,2023-01-05 09:00:01,Hotel,-50.00,0.00,GBP,REVERTED,67.00\n",
        rows=["2023-01-01 100.00 GBP", "2023-01-03 -12.50 GBP", "2023-01-04 -20.50 GBP"],
        description="Payment from X",
    ),
    D(
        name="wise",
        text='"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From","Exchange To","Payer Name","Payee Name","Total fees"\n'
        'TRANSFER-1,05-04-2023,-50.00,EUR,"Sent money to Jane",rent,150.00,,,,Jane,0.41\n'
        'TRANSFER-2,13-04-2023,200.00,EUR,"Received money from Bob",,350.00,,,Bob,,0.00\n',
        rows=["2023-04-05 -50.00 EUR", "2023-04-13 200.00 EUR"],
    ),
    D(
        name="chase",
        text="Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
        'CREDIT,01/31/2023,"ACME PAYROLL",2500.00,ACH_CREDIT,3000.00,,\n'
        'DEBIT,01/30/2023,"WHOLEFDS",-45.10,DEBIT_CARD,500.00,,\n',
        rows=["2023-01-31 2500.00 None", "2023-01-30 -45.10 None"],
        description="ACME PAYROLL",
    ),
    D(
        name="bank-of-america",
        text='Description,,Summary Amt.\nBeginning balance as of 01/01/2023,,"1,000.00"\nTotal credits,,"2,500.00"\nTotal debits,,"-45.10"\nEnding balance as of 01/31/2023,,"3,454.90"\n\n'
        "Date,Description,Amount,Running Bal.\n"
        '01/01/2023,Beginning balance as of 01/01/2023,,"1,000.00"\n'
        '01/13/2023,"ACME PAYROLL","2,500.00","3,500.00"\n'
        '01/20/2023,"PG&E","-45.10","3,454.90"\n',
        rows=["2023-01-13 2500.00 None", "2023-01-20 -45.10 None"],
    ),
    D(
        name="capital-one",
        text="Transaction Date,Posted Date,Card No.,Description,Category,Debit,Credit\n"
        "2023-03-01,2023-03-02,1234,AMAZON,Merchandise,25.99,\n2023-03-05,2023-03-05,1234,PAYMENT,Payment,,100.00\n",
        rows=["2023-03-02 -25.99 None", "2023-03-05 100.00 None"],
    ),
    D(
        name="lloyds",
        text="Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n"
        "28/02/2023,FPI,'11-22-33,12345678,ACME LTD,,1500.00,1720.00\n27/02/2023,DEB,'11-22-33,12345678,TESCO,30.00,,220.00\n",
        rows=["2023-02-28 1500.00 None", "2023-02-27 -30.00 None"],
        description="ACME LTD",
    ),
    D(
        name="nationwide",
        text='"Account Name:","FlexAccount ****12345"\n"Account Balance:","£1,200.50"\n"Available Balance: ","£1,200.50"\n\n'
        '"Date","Transaction type","Description","Paid out","Paid in","Balance"\n'
        '"03 Jan 2023","Bank credit","ACME","","£1,000.00","£1,250.50"\n"05 Jan 2023","Visa purchase","SHOP","£50.00","","£1,200.50"\n',
        rows=["2023-01-03 1000.00 GBP", "2023-01-05 -50.00 GBP"],
        encoding="cp1252",
    ),
    D(
        name="starling",
        text="Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,Notes\n"
        "01/02/2023,Landlord,rent,STANDING ORDER,-800.00,200.00,BILLS,\n28/02/2023,ACME,salary,FASTER PAYMENT,2000.00,2200.00,INCOME,\n",
        rows=["2023-02-01 -800.00 GBP", "2023-02-28 2000.00 GBP"],
        counterparty="Landlord",
        description="rent",
    ),
    D(
        name="santander-uk",
        text="From: 01/01/2023 to 31/01/2023\n\nAccount: XXXX XXXX XXXX 1234\n\nDate: 31/01/2023\nDescription: CARD PAYMENT TO TESCO\nAmount: -12.00 GBP\nBalance: 100.00 GBP\n",
        rows=[],
    ),
    D(
        name="nordea-se",
        text="Bokföringsdag;Belopp;Avsändare;Mottagare;Namn;Rubrik;Saldo;Valuta\n"
        "2023/01/25;25 000,00;;;;Lön;30 000,00;SEK\n2023/01/26;-1 250,50;;;;Hyra;28 749,50;SEK\n",
        rows=["2023-01-25 25000.00 SEK", "2023-01-26 -1250.50 SEK"],
        description="Lön",
    ),
    D(
        name="swedbank",
        text="* Transaktionsrapport Period 2023-01-01 - 2023-01-31 Skapad 2023-02-01 12:00 CET\n"
        "Radnummer,Clearingnummer,Kontonummer,Produkt,Valuta,Bokföringsdag,Transaktionsdag,Valutadag,Referens,Beskrivning,Belopp,Bokfört saldo\n"
        '1,82149,1234567,"Privatkonto","SEK",2023-01-25,2023-01-25,2023-01-25,"LÖN","LÖN",31000.00,35000.00\n'
        '2,82149,1234567,"Privatkonto","SEK",2023-01-24,2023-01-23,2023-01-24,"ICA","ICA",-350.20,4000.00\n',
        rows=["2023-01-25 31000.00 SEK", "2023-01-24 -350.20 SEK"],
        encoding="latin-1",
        description="LÖN",
    ),
    D(
        name="danske",
        text='"Dato";"Tekst";"Beløb";"Saldo";"Status";"Afstemt"\n"31.01.2023";"Løn";"24.500,00";"25.000,00";"Udført";"Nej"\n"30.01.2023";"Føtex";"-250,00";"500,00";"Udført";"Nej"\n',
        rows=["2023-01-31 24500.00 None", "2023-01-30 -250.00 None"],
        encoding="cp1252",
        description="Løn",
    ),
    D(
        name="dnb-no",
        text='"Dato";"Forklaring";"Rentedato";"Ut fra konto";"Inn på konto"\n"31.01.2023";"Lønn";"31.01.2023";"";"35000,00"\n"30.01.2023";"Rema 1000";"30.01.2023";"420,50";""\n',
        rows=["2023-01-31 35000.00 None", "2023-01-30 -420.50 None"],
        description="Lønn",
    ),
    D(
        name="op-fi",
        text='"Kirjauspäivä";"Arvopäivä";"Määrä EUROA";"Laji";"Selitys";"Saaja/Maksaja";"Saajan tilinumero";"Viite";"Viesti";"Arkistointitunnus"\n'
        '31.01.2023;31.01.2023;2345,67;"506";"TILISIIRTO";"TYÖNANTAJA OY";"";"ref=";"Palkka";"2023013112345"\n'
        '30.01.2023;30.01.2023;-12,00;"162";"PKORTTIMAKSU";"K-MARKET";"";"ref=";"";"2023013012346"\n',
        rows=["2023-01-31 2345.67 None", "2023-01-30 -12.00 None"],
        encoding="latin-1",
    ),
    D(
        name="fio-cz",
        text='﻿"accountId";"2000000000"\n"bankId";"2010"\n"currency";"CZK"\n"iban";"CZ65"\n"openingBalance";"100,00"\n"closingBalance";"20 090,50"\n\n'
        '"ID pohybu";"Datum";"Objem";"Měna";"Protiúčet";"Název protiúčtu";"Kód banky";"Název banky";"KS";"VS";"SS";"Poznámka";"Zpráva pro příjemce";"Typ";"Provedl";"Upřesnění"\n'
        '"26000001";"31.01.2023";"20 000,50";"CZK";"123";"Zaměstnavatel";"0100";"KB";"";"";"";"";"výplata";"Bezhotovostní příjem";"";""\n'
        '"26000002";"31.01.2023";"-10,00";"CZK";"";"";"";"";"";"";"";"poplatek";"";"Poplatek";"";""\n',
        rows=["2023-01-31 20000.50 CZK", "2023-01-31 -10.00 CZK"],
        external_id="26000001",
        counterparty="Zaměstnavatel",
    ),
    D(
        name="mbank-pl",
        text="mBank S.A. Bankowość Detaliczna;\n\n#Klient;\nJAN KOWALSKI;\n\n#Waluta;#Wpływy;#Wydatki;\nPLN;5 000,00;-123,45;\n\n"
        "#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;\n"
        '2023-01-31;"PRZELEW PRZYCHODZĄCY   PENSJA";"eKonto 1234";"Wpływy";5 000,00 PLN;;\n'
        '2023-01-30;"BIEDRONKA   ZAKUP";"eKonto 1234";"Żywność";-123,45 PLN;;\n',
        rows=["2023-01-31 5000.00 PLN", "2023-01-30 -123.45 PLN"],
        encoding="cp1250",
    ),
    D(
        name="otp-hu",
        text='"11773000-00000000";"J";250000;"HUF";"20230105";"20230105";500000;"11700000";"MUNKALTATO KFT";"BÉR"\n'
        '"11773000-00000000";"T";-3500;"HUF";"20230106";"20230106";496500;"";"TESCO";"VÁSÁRLÁS"\n'
        '"11773000-00000000";"T";-1500;"HUF";"20230107";"20230107";495000;"";"SPAR";"VÁSÁRLÁS"\n',
        rows=["2023-01-05 250000 HUF", "2023-01-06 -3500 HUF", "2023-01-07 -1500 HUF"],
        encoding="cp1250",
    ),
    D(
        name="boursorama",
        text="dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;accountbalance\n"
        '2023-01-31;2023-01-31;"VIR SALAIRE";"Virements";"Revenus";"acme";"1 800,00";"";"00012345";"BoursoBank";"2000.00"\n'
        '2023-01-30;2023-01-29;"CARTE CARREFOUR";"Alimentation";"Vie";"carrefour";"-45,30";"";"00012345";"BoursoBank";"200.00"\n',
        rows=["2023-01-31 1800.00 None", "2023-01-30 -45.30 None"],
    ),
    D(
        name="banque-postale",
        text="Numéro Compte   ;0123456X012\nType         ;CCP\nCompte tenu en  ;euros\nDate            ;31/01/2023\nSolde (EUROS)   ;1234,56\nSolde (FRANCS)  ;8098,18\n\n"
        "Date;Libellé;Montant(EUROS);Montant(FRANCS)\n"
        "31/01/2023;VIREMENT DE SALAIRE;1500,00;9839,36\n28/01/2023;ACHAT CB LECLERC;-52,10;-341,75\n",
        rows=["2023-01-31 1500.00 None", "2023-01-28 -52.10 None"],
        encoding="latin-1",
        description="VIREMENT DE SALAIRE",
    ),
    D(
        name="credit-agricole",
        text="Téléchargement du 01/02/2023;\n\nM. DUPONT\nCompte de Dépôt carte n° 123;\nSolde au 31/01/2023 1 234,56 €\n\nListe des opérations;\n\n"
        'Date;Libellé;Débit euros;Crédit euros;\n31/01/2023;"VIREMENT EN VOTRE FAVEUR\nSALAIRE";;1 500,00;\n30/01/2023;"PAIEMENT PAR CARTE";35,20;;\n',
        rows=["2023-01-31 1500.00 None", "2023-01-30 -35.20 None"],
        encoding="cp1252",
    ),
    D(
        name="bbva-es",
        text="F. Valor;Fecha;Concepto;Movimiento;Importe;Divisa;Disponible;Divisa;Observaciones\n"
        "31/01/2023;31/01/2023;Abono de nómina;ACME;1.650,00;EUR;2.000,00;EUR;\n30/01/2023;30/01/2023;Pago con tarjeta;Mercadona;-23,45;EUR;350,00;EUR;\n",
        rows=["2023-01-31 1650.00 EUR", "2023-01-30 -23.45 EUR"],
    ),
    D(
        name="unicredit-it",
        text="Data Registrazione;Data valuta;Descrizione;Importo (EUR);\n31.01.2023;31.01.2023;BONIFICO STIPENDIO;1.700,00;\n30.01.2023;30.01.2023;PAGAMENTO POS;-15,90;\n",
        rows=["2023-01-31 1700.00 EUR", "2023-01-30 -15.90 EUR"],
        description="BONIFICO STIPENDIO",
    ),
    D(
        name="fineco",
        text="Data_Operazione;Data_Valuta;Entrate;Uscite;Descrizione;Descrizione_Completa;Stato\n"
        "31/01/2023;31/01/2023;1700,00;;Stipendio;Stipendio ACME;Contabilizzato\n30/01/2023;30/01/2023;;-15,90;POS;Pagamento POS;Contabilizzato\n",
        rows=["2023-01-31 1700.00 None", "2023-01-30 -15.90 None"],
    ),
    D(
        name="postfinance",
        text="Datum von:;2023-01-01\nBuchungsart:;Alle Buchungen\nKonto:;CH0009000000123456789\nWährung:;CHF\n\n"
        "Buchungsdatum;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Valuta;Saldo in CHF\n"
        "2023-01-31;GUTSCHRIFT LOHN;5500.00;;2023-01-31;6000.00\n2023-01-30;KAUF MIGROS;;-45.20;2023-01-30;500.00\n\nDisclaimer:\nDer Dokumentinhalt wurde durch Filtereinstellungen generiert.\n",
        rows=["2023-01-31 5500.00 CHF", "2023-01-30 -45.20 CHF"],
    ),
    D(
        name="anz-headerless",
        text='31/01/2023,"2500.00","PAY ACME"\n30/01/2023,"-45.00","WOOLWORTHS"\n28/01/2023,"-5.00","COFFEE"\n',
        rows=["2023-01-31 2500.00 None", "2023-01-30 -45.00 None", "2023-01-28 -5.00 None"],
        description="PAY ACME",
    ),
    D(
        name="hdfc-india",
        text="  Date     ,Narration  ,Value Dat,Debit Amount       ,Credit Amount      ,Chq/Ref Number   ,Closing Balance\n"
        "  13/01/23 ,SALARY ACME ,13/01/23 ,        0.00       ,     150000.00      ,0000123         ,      160000.00\n"
        "  14/01/23 ,UPI-SHOP    ,14/01/23 ,      250.00       ,          0.00      ,0000124         ,      159750.00\n",
        rows=["2023-01-13 150000.00 None", "2023-01-14 -250.00 None"],
    ),
    D(
        name="paypal",
        text='"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","From Email Address","To Email Address","Transaction ID","Balance"\n'
        '"01/31/2023","10:00:00","PST","Buyer One","Payment","Completed","USD","100.00","-3.20","96.80","a@x","b@x","1AB","196.80"\n'
        '"01/30/2023","09:00:00","PST","Shop","Payment","Completed","USD","-20.00","0.00","-20.00","b@x","c@x","2AB","100.00"\n'
        '"01/29/2023","09:00:00","PST","Shop","Payment","Denied","USD","-20.00","0.00","-20.00","b@x","c@x","3AB","120.00"\n',
        rows=["2023-01-31 96.80 USD", "2023-01-30 -20.00 USD"],
        external_id="1AB",
        counterparty="Buyer One",
    ),
    D(
        name="stripe-balance",
        text="id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description\n"
        "txn_1,charge,ch_1,20.00,0.88,19.12,usd,2023-01-31 10:00,2023-02-02 00:00,Invoice 1\n"
        "txn_2,payout,po_1,-19.12,0.00,-19.12,usd,2023-02-01 10:00,2023-02-01 00:00,STRIPE PAYOUT\n",
        rows=["2023-01-31 19.12 USD", "2023-02-01 -19.12 USD"],
        external_id="txn_1",
    ),
    D(
        name="easybank",
        text="AT001234;Bezahlung Karte MC/000001 BILLA;31.01.2023;31.01.2023;-12,34;EUR\nAT001234;GEHALT ACME MC/000002;30.01.2023;30.01.2023;+1.800,00;EUR\n",
        rows=["2023-01-31 -12.34 EUR", "2023-01-30 1800.00 EUR"],
    ),
    D(
        name="us-credit-card",
        text="Transaction Date,Post Date,Description,Category,Type,Amount,Memo\n01/30/2023,01/31/2023,UBER,Travel,Sale,-15.00,\n01/28/2023,01/29/2023,Payment Thank You,,Payment,500.00,\n",
        rows=["2023-01-31 -15.00 None", "2023-01-29 500.00 None"],
    ),
    D(
        name="barclays",
        text="Number,Date,Account,Amount,Subcategory,Memo\n\t ,31/01/2023,20-00-00 12345678,1500.00,Direct Deposit,ACME LTD BGC\n\t ,30/01/2023,20-00-00 12345678,-12.50,Debit,TESCO STORES\n",
        rows=["2023-01-31 1500.00 None", "2023-01-30 -12.50 None"],
        description="ACME LTD BGC",
    ),
    D(
        name="month-names-fr",
        text="Date;Libellé;Montant\n31 janv. 2023;Salaire;1500,00\n3 févr. 2023;Loyer;-700,00\n",
        rows=["2023-01-31 1500.00 None", "2023-02-03 -700.00 None"],
        description="Salaire",
    ),
    D(
        name="abn-amro-tabs-without-header",
        text="528939882\tEUR\t20190121\t100,00\t81,33\t20190121\t-18,67\tSEPA Overboeking\n528939882\tEUR\t20190122\t81,33\t101,33\t20190122\t20,00\tSEPA Salaris\n",
        rows=["2019-01-21 -18.67 EUR", "2019-01-22 20.00 EUR"],
        description="SEPA Overboeking",
    ),
    D(
        name="bnp-line-above-without-header",
        text="Compte de chèques;Compte de chèques;****1234;31/01/2023;;1234,56\n31/01/2023;VIREMENT;VIR SALAIRE;ACME;;1500,00\n30/01/2023;CARTE;ACHAT;LECLERC;;-45,20\n",
        rows=["2023-01-31 1500.00 None", "2023-01-30 -45.20 None"],
        encoding="cp1252",
    ),
    D(
        name="bunq",
        text='"Date","Interest Date","Amount","Account","Counterparty","Name","Description"\n"2023-01-31","2023-01-31","2,500.00","NL01BUNQ","NL02RABO","ACME","Salary"\n"2023-01-30","2023-01-30","-1,045.10","NL01BUNQ","NL03INGB","Landlord","rent"\n',
        rows=["2023-01-31 2500.00 None", "2023-01-30 -1045.10 None"],
        counterparty="ACME",
    ),
    D(
        name="ubs",
        text="Kontonummer:;0123 00456789.01;\nIBAN:;CH12;\nVon:;2023-01-01;\nAnfangssaldo:;100.00;\nBewertet in:;CHF;\n\nAbschlussdatum;Abschlusszeit;Buchungsdatum;Valutadatum;Währung;Belastung;Gutschrift;Einzelbetrag;Saldo;Transaktions-Nr.;Beschreibung1;Beschreibung2;Beschreibung3;Fussnoten;\n"
        "2023-01-31;;2023-01-31;2023-01-31;CHF;;5000.00;;5050.00;9930;ACME;Lohn;;;\n2023-01-30;;2023-01-30;2023-01-30;CHF;-50.00;;;50.00;9931;Migros;Karte;;;\n",
        rows=["2023-01-31 5000.00 CHF", "2023-01-30 -50.00 CHF"],
        description="ACME Lohn",
    ),
    D(
        name="swedbank-lt-with-sums-as-rows",
        text='"Account No","","Date","Beneficiary","Details","Amount","Currency","D/K","Record ID","Code","Reference No","Doc. No","Client code",\n'
        '"LT357300000000000000","10","2014-10-01","","Opening balance","10374.04","LTL","K","","AS"\n'
        '"LT357300000000000000","20","2014-10-01","SHOP A","PIRKINYS 2014.09.30","15.31","LTL","D","1","K"\n"LT357300000000000000","20","2014-10-13","FIRM","ATLYGINIMAS","900.00","LTL","K","2","K"\n'
        '"LT357300000000000000","82","2014-10-31","","Turnover","15.31","LTL","D","","K2"\n"LT357300000000000000","86","2014-10-31","","Closing balance","11258.73","LTL","K","","LS"',
        rows=["2014-10-01 -15.31 LTL", "2014-10-13 900.00 LTL"],
        counterparty="SHOP A",
    ),
    *ODDITIES,
]
