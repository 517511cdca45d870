# ruff: noqa: E501 - a bank's line is as long as it is
"""Statements of banks and programs of many countries, written by hand, and what a person reads there."""

from __future__ import annotations

from datetime import date

from flowd.api import Hints

from .others import HINTS, Other, ofx_file, swift_file
from .workbooks import xlsx

_CU = """<BANKMSGSRSV1><STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO<MESSAGE>OK</STATUS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>325081403<BRANCHID>00<ACCTID>0000123456-S0010<ACCTTYPE>SAVINGS</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20240301120000.000[-8:PST]<DTEND>20240331120000.000[-7:PDT]
<STMTTRN><TRNTYPE>DIV<DTPOSTED>20240331235959.000[-7:PDT]<TRNAMT>+1.37<FITID>20240331-1<NAME>DIVIDEND<MEMO>Dividend Earned 0.25%</STMTTRN>
<STMTTRN><TRNTYPE>POS<DTPOSTED>20240305000000.000[-8:PST]<DTUSER>20240303<TRNAMT>-54.20<FITID>20240305-2<SIC>5411<NAME>SAFEWAY #1234<MEMO>POS Withdrawal</STMTTRN>
<STMTTRN><TRNTYPE>CHECK<DTPOSTED>20240310<TRNAMT>-1,250.00<FITID>20240310-3<CHECKNUM>1042<NAME>Check 1042 & fee</STMTTRN>
<STMTTRN><TRNTYPE>XFER<DTPOSTED>20240312<TRNAMT>200.00<FITID>20240312-4<NAME>From Share 0000<EXTDNAME>x</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>3897.17<DTASOF>20240331235959[-7:PDT]</LEDGERBAL>
<AVAILBAL><BALAMT>3892.17<DTASOF>20240331</AVAILBAL><MKTGINFO>Rates from 5.99%</STMTRS></STMTTRNRS></BANKMSGSRSV1>"""

_LOAN = """<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD
<BANKACCTFROM><BANKID>1<ACCTID>777-L01<ACCTTYPE>CREDITLINE</BANKACCTFROM><BANKTRANLIST><DTSTART>20240101<DTEND>20240131
<STMTTRN><TRNTYPE>PAYMENT<DTPOSTED>20240115<TRNAMT>300.00<FITID>L1<NAME>Loan Payment</STMTTRN>
<STMTTRN><TRNTYPE>INT<DTPOSTED>20240115<TRNAMT>-41.10<FITID>L2<NAME>Interest</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>-9741.10<DTASOF>20240131</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1>"""

_QUICKEN = """!Option:AutoSwitch
!Account
NMy Checking
TBank
DHousehold
^
NVisa
TCCard
L5,000.00
^
!Clear:AutoSwitch
!Account
NMy Checking
TBank
^
!Type:Bank
D12/31/99
T1,000.00
CX
POpening Balance
L[My Checking]
^
D1/ 5' 0
U-250.00
T-250.00
N101
PLandlord
LRent
^
D1/ 7' 0
U-120.00
T-120.00
PSuper Market
SGroceries
EFood
$-100.00
S[Visa]
ECard
$-20.00
^
D1/31' 0
U2,500.00
T2,500.00
PEmployer Inc
LSalary
^
!Account
NVisa
TCCard
^
!Type:CCard
D1/ 7' 0
U20.00
T20.00
PSuper Market
L[My Checking]
^
D1/15' 0
U-35.49
T-35.49
PBook Shop
LBooks
^
"""

_ABN = swift_file(
    "ABNANL2A", "940", "ABNANL2A", ":20:ABN AMRO BANK NV", ":25:517852257", ":28:13101/1", ":60F:C240110EUR3236,28",
    ":61:2401110111D12,00N192NONREF", ":86:GIRO   428428 KPN - DIGITENNE    BETALINGSKENM.  0000000042188659",
    "5314606715                       BETREFT FACTUUR D.D. 20-12-2023", "INCL. 1,99 BTW",
    ":61:2401120112C1500,5N654NONREF",
    ":86:/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/J. JANSEN",
    "/REMI/SALARIS JANUARI/EREF/NOTPROVIDED",
    ":62F:C240112EUR4724,78", "-",
)  # fmt: skip

_ING = swift_file(
    "{1:F01INGBNL2ABXXX0000000000}", "{2:I940INGBNL2AXXXN}", "{4:", ":20:P140220000000001", ":25:NL69INGB0123456789EUR",
    ":28C:00000", ":60F:C240219EUR662,23", ":61:2402200220C1,56NTRFEREF//00000000001005",
    "/TRCD/00100/",
    ":86:/EREF/EV12341REP1231456T1234//CNTP/NL32INGB0000012345/INGBNL2A/ING BANK NV INZAKE WEB///REMI/USTD//EV10001REP1000000T1000/",
    ":61:2402200220D1,57NTRFPREF//00000000001006", "/TRCD/00200/", ":86:/PREF/M000000003333333//REMI/USTD//TOTAAL 1 VZ/",
    ":61:2402200220RC1,00NDDTEREF//00000000001007", "/TRCD/01315/",
    ":86:/RTRN/MS03//EREF/20120501P0123478//MARF/MND-120123//CSID/NL32ZZZ999999991234//CNTP/NL32INGB0000012346/INGBNL2A/J.Janssen///REMI/USTD//CONTRIBUTIE/",
    ":62F:C240220EUR661,22", ":64:C240220EUR661,22", ":65:C240221EUR661,22",
    ":86:/SUM/2/1/2,57/1,56/", "-}",
)  # fmt: skip

_RABO = swift_file(
    ":940:", ":20:940S240131", ":25:NL50RABO0123456789 EUR", ":28C:0", ":60F:C240130EUR000000001000,00",
    ":61:240131D000000000025,10N526NL91ABNA0417164300", "BAKKER BV           ",
    ":86:/MARF/123//EREF/F-77//BENM//NAME/BAKKER BV/REMI/BROOD WEEK 4/ISDT/2024-01-31",
    ":61:240131C000000000100,00N541NL69INGB0123456789",
    ":86:/ORDP//NAME/M DE VRIES/ADDR/STRAAT 1 UTRECHT/REMI/TERUG/ISDT/2024-01-31",
    ":62F:C240131EUR000000001074,90", "-",
)  # fmt: skip

_PL = swift_file(
    ":20:MT940", ":25:/PL61109010140000071219812874", ":28C:00012/001", ":60F:C240131PLN1000,00",
    ":61:2402010201DN150,75N073NONREF//BR07214", "073 PRZELEW",
    ":86:073~00PRZELEW WYCHODZACY~20FAKTURA 12/2024~21ZA PRAD~3010205558~311234567890123456~32ENERGA SA~33GDANSK"
    "~38PL27114020040000300201355387~60",
    ":61:2402020202CN3200,00N051NONREF//BR07215", "051 UZNANIE",
    ":86:051~00UZNANIE~20WYNAGRODZENIE~21LUTY 2024~32FIRMA SP Z O O~38PL83101010230000261395100000",
    ":62F:C240202PLN4049,25", "-",
)  # fmt: skip

_CZ = swift_file(
    ":20:VYPIS-2024-2", ":25:0800/0000001234567899", ":28C:2/1", ":60F:C240131CZK15000,00",
    ":61:2402050205D399,00NMSC0000000308//24020500123", "",
    ":86:010?00Odchozi platba?20VS0123456789 KS0308 SS0?21Faktura za internet?300100?31192000145399?32O2 Czech?33Republic a.s.",
    ":61:2402060206C25000,00NMSCNONREF//24020600124",
    ":86:020?00Prichozi platba?20VS2024002?21mzda?300300?31000000117733001?32Zamestnavatel s.r.o.",
    ":62F:C240206CZK39601,00", "-",
)  # fmt: skip


OTHERS = [
    Other(
        name="credit union share", format="ofx", data=ofx_file(_CU), account="0000123456-S0010",
        rows=("2024-03-05 -54.20 USD", "2024-03-10 -1250.00 USD", "2024-03-12 200.00 USD", "2024-03-31 1.37 USD"),
        said=(("-54.20", "SAFEWAY #1234"), ("-1250.00", "Check 1042 & fee")), balances=("2024-03-31 3897.17",),
    ),
    Other(
        name="credit union loan", format="ofx", data=ofx_file(_LOAN), account="777-L01",
        rows=("2024-01-15 -41.10 USD", "2024-01-15 300.00 USD"), balances=("2024-01-31 -9741.10",),
    ),
    Other(
        name="quicken 2000", format="qif", data=_QUICKEN.encode(), account="My Checking", hints=Hints(asset="USD"),
        rows=(
            "2000-01-05 -250.00 USD", "2000-01-07 -120.00 USD", "2000-01-07 20.00 USD", "2000-01-15 -35.49 USD",
            "2000-01-31 2500.00 USD",
        ),
        said=(("-120.00", "Super Market"),), balances=("1999-12-31 1000.00",),
    ),
    Other(
        name="abn amro", format="mt940", data=_ABN, account="517852257",
        rows=("2024-01-11 -12.00 EUR", "2024-01-12 1500.5 EUR"),
        said=(("-12.00", "KPN - DIGITENNE"), ("1500.5", "J. JANSEN"), ("1500.5", "SALARIS JANUARI")),
        balances=("2024-01-10 3236.28", "2024-01-12 4724.78"),
    ),
    Other(
        name="ing", format="mt940", data=_ING, account="NL69INGB0123456789",
        rows=("2024-02-20 -1.00 EUR", "2024-02-20 -1.57 EUR", "2024-02-20 1.56 EUR"),
        said=(("1.56", "ING BANK NV INZAKE WEB"), ("-1.00", "J.Janssen"), ("-1.00", "CONTRIBUTIE")),
        balances=("2024-02-19 662.23", "2024-02-20 661.22"),
    ),
    Other(
        name="rabobank", format="mt940", data=_RABO, account="NL50RABO0123456789",
        rows=("2024-01-31 -25.10 EUR", "2024-01-31 100.00 EUR"),
        said=(("-25.10", "BAKKER BV"), ("-25.10", "BROOD WEEK 4"), ("100.00", "M DE VRIES"), ("100.00", "TERUG")),
        balances=("2024-01-30 1000.00", "2024-01-31 1074.90"),
    ),
    Other(
        name="polish", format="mt940", data=_PL, account="PL61109010140000071219812874",
        rows=("2024-02-01 -150.75 PLN", "2024-02-02 3200.00 PLN"),
        said=(("-150.75", "ENERGA SA"), ("-150.75", "FAKTURA 12/2024"), ("3200.00", "FIRMA SP Z O O")),
        balances=("2024-01-31 1000.00", "2024-02-02 4049.25"),
    ),
    Other(
        name="czech", format="mt940", data=_CZ, account="0800/0000001234567899",
        rows=("2024-02-05 -399.00 CZK", "2024-02-06 25000.00 CZK"),
        said=(("-399.00", "O2 Czech"), ("-399.00", "Faktura za internet"), ("25000.00", "Zamestnavatel s.r.o.")),
        balances=("2024-01-31 15000.00", "2024-02-06 39601.00"),
    ),
    Other(
        name="workbook with title rows", format="xlsx", account="main", hints=HINTS,
        data=xlsx({"Umsätze": [
            ["Kontoumsätze"], ["Kunde", "Erika Muster"], [],
            ["Buchungstag", "Wertstellung", "Verwendungszweck", "Betrag", "Saldo"],
            [date(2024, 3, 4), date(2024, 3, 5), "Kaffee", -3.5, 96.5],
            [date(2024, 3, 6), date(2024, 3, 6), "Lohn", 1500, 1596.5],
            [], ["Summe", None, None, 1496.5, None],
        ]}),
        rows=("2024-03-04 -3.5 EUR", "2024-03-06 1500 EUR"), said=(("-3.5", "Kaffee"),),
        balances=("2024-03-03 100.0", "2024-03-04 96.5", "2024-03-06 1596.5"),
    ),
    Other(
        name="workbook with days as numbers", format="xlsx", account="main", hints=HINTS,
        data=xlsx({"S": [["Date", "Description", "Amount"], [45355, "Coffee", -3.5], [45357, "Pay", 1500]]}),
        rows=("2024-03-04 -3.5 EUR", "2024-03-06 1500 EUR"),
    ),
    Other(
        name="workbook with brackets", format="xlsx", account="main", hints=HINTS,
        data=xlsx({"S": [
            ["Date", "Description", "Amount", "Balance"], ["03/24/2024", "Coffee", "(3.50)", "96.50"],
            ["03/26/2024", "Pay", "1,500.00", "1,596.50"], ["03/27/2024", "Rent", "(1,600.00)", "(3.50)"],
        ]}),
        rows=("2024-03-24 -3.50 EUR", "2024-03-26 1500.00 EUR", "2024-03-27 -1600.00 EUR"),
        balances=("2024-03-23 100.00", "2024-03-24 96.50", "2024-03-26 1596.50", "2024-03-27 -3.50"),
    ),
    Other(
        name="workbook with two title columns merged", format="xlsx", account="main", hints=HINTS,
        data=xlsx({"S": [
            ["Statement", None, None, None, None], ["", "", "Money", None, None],
            ["Date", "Details", "Out", "In", "Balance"],
            [date(2024, 3, 4), "Coffee", 3.5, None, 96.5], [None, "card 1234", None, None, None],
            [date(2024, 3, 6), "Pay", None, 1500, 1596.5],
        ]}),
        rows=("2024-03-04 -3.5 EUR", "2024-03-06 1500 EUR"),
        balances=("2024-03-03 100.0", "2024-03-04 96.5", "2024-03-06 1596.5"),
    ),
    Other(
        name="card bill as ofx", format="ofx", account="4111XXXXXXXX1111",
        data=ofx_file(
            "<CREDITCARDMSGSRSV1><CCSTMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><CCSTMTRS><CURDEF>CAD"
            "<CCACCTFROM><ACCTID>4111XXXXXXXX1111</CCACCTFROM><BANKTRANLIST><DTSTART>20240101<DTEND>20240131"
            "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20240110<TRNAMT>-27.12<FITID>A1<NAME>CAF&#201; L&amp;M<CURRENCY>"
            "<CURRATE>1.3560<CURSYM>USD</CURRENCY></STMTTRN>"
            "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20240115<TRNAMT>100.00<FITID>A2<NAME>PAYMENT THANK YOU</STMTTRN>"
            "</BANKTRANLIST><LEDGERBAL><BALAMT>-527.12<DTASOF>20240131</LEDGERBAL></CCSTMTRS></CCSTMTTRNRS>"
            "</CREDITCARDMSGSRSV1>"
        ),
        rows=("2024-01-10 -27.12 USD", "2024-01-15 100.00 CAD"), said=(("-27.12", "CAFÉ L&M"),),
        balances=("2024-01-31 -527.12",),
    ),
    Other(
        name="money qif of another country", format="qif", account="Girokonto", hints=Hints(asset="EUR"),
        data=(
            "!Account\r\nNGirokonto\r\nTBank\r\n^\r\n!Type:Bank\r\nD31.12.2023\r\nT1.000,00\r\nPAnfangssaldo\r\n"
            "L[Girokonto]\r\n^\r\nD02.01.2024\r\nT-1.250,75\r\nPMiete\r\nMJanuar\r\nLWohnen:Miete\r\n^\r\n"
            "D13.01.2024\r\nT500,00\r\nPUmbuchung\r\nL[Sparbuch]\r\n^\r\n"
        ).encode("cp1252"),
        rows=("2024-01-02 -1250.75 EUR", "2024-01-13 500.00 EUR"), balances=("2023-12-31 1000.00",),
    ),
    Other(
        name="austrian mt940 with value days", format="mt940", account="AT611904300234573201",
        data=swift_file(
            ":20:STARTUMS", ":25:AT611904300234573201", ":28C:00003/001", ":60F:D231229EUR12,40",
            ":61:2401021230CR112,40NTRFNONREF//ABC-1", ":86:051?00Gutschrift?20Danke?32Karl Kunde?33 jun.",
            ":61:2401030103DR0,01NMSCNONREF", ":86:Rundung", ":62F:C240103EUR99,99", "-",
        ),
        rows=("2023-12-30 112.40 EUR", "2024-01-03 -0.01 EUR"), said=(("112.40", "Karl Kunde"), ("-0.01", "Rundung")),
        balances=("2023-12-29 -12.40", "2024-01-03 99.99"),
    ),
]  # fmt: skip
