# ruff: noqa: E501 - a bank's line is as long as it is
"""More statements of other banks and programs, odder than the first ones, and what a person reads there."""

from __future__ import annotations

from datetime import date

from flowd.api import Hints

from .others import HINTS, Other, ofx_file, swift_file
from .others_in_camt import balance, camt_file
from .workbooks import xlsx


def posted(kind: str, day: str, amount: str, name: str, more: str = "") -> str:
    """Return a posting of OFX."""
    return f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{name}{more}</STMTTRN>\n"


def statement(account: str, rows: str, held: str, kind: str = "CHECKING") -> str:
    """Return a statement of OFX."""
    return (
        "<STMTTRNRS><TRNUID>0<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1"
        f"<ACCTID>{account}<ACCTTYPE>{kind}</BANKACCTFROM><BANKTRANLIST><DTSTART>20240101<DTEND>20240131{rows}"
        f"</BANKTRANLIST><LEDGERBAL><BALAMT>{held}<DTASOF>20240131</LEDGERBAL></STMTRS></STMTTRNRS>"
    )


def entry(amount: str, mark: str, details: str = "", status: str = "BOOK", extra: str = "") -> str:
    """Return an entry of CAMT."""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>2024-02-29</Dt></BookgDt><BkTxCd/>{details}{extra}</Ntry>"
    )


MORE = [
    Other(
        name="ofx intu tags, two accounts, spaces",
        format="ofx",
        account="1",
        data=ofx_file(
            "<INTU.BID>3000<BANKMSGSRSV1>"
            + statement(
                "1",
                posted("FEE", "20240103", " -5.00 ", "a", "<NAME>Fee A&B<INTU.X>9")
                + posted("SRVCHG", "20240104", "-1", "b", "<NAME>Svc"),
                "94.00",
            )
            + statement("2", posted("DEP", "20240105", ".50", "a", "<NAME>Dep"), ".50", kind="SAVINGS")
            + "</BANKMSGSRSV1>"
        ),
        rows=("2024-01-03 -5.00 USD", "2024-01-04 -1 USD", "2024-01-05 0.50 USD"),
        said=(("-5.00", "Fee A&B"),),
        balances=("2024-01-31 94.00", "2024-01-31 0.50"),
    ),
    Other(
        name="ofx repeated fitid 0, name absent payee",
        format="ofx",
        account="1",
        data=ofx_file(
            "<BANKMSGSRSV1>"
            + statement(
                "1",
                posted("CHECK", "20240103", "-10.00", "0", "<CHECKNUM>55")
                + posted(
                    "DEBIT",
                    "20240103",
                    "-10.00",
                    "0",
                    "<PAYEE><NAME>City Water<ADDR1>x<CITY>y<STATE>CA<POSTALCODE>9<PHONE>1</PAYEE>",
                ),
                "1",
            )
            + "</BANKMSGSRSV1>"
        ),
        rows=("2024-01-03 -10.00 USD", "2024-01-03 -10.00 USD"),
        said=(("-10.00", "City Water"),),
        balances=("2024-01-31 1",),
    ),
    Other(
        name="qif cash, asset, memorized, lists",
        format="qif",
        account="Wallet",
        hints=Hints(asset="USD"),
        data=(
            b"!Type:Cat\nNFood\nDfood\nE\n^\n!Type:Class\nNHome\n^\n!Type:Memorized\nKC\nT-5.00\nPCafe\nLFood\n^\n!Account\nNWallet\nTCash\n^\n!Type:Cash\nD3/ 4'24\nU-4.50\nT-4.50\nPCafe\nAStreet 1\nATown\nLFood/Home\n^\nD3/25'24\nT-1,000.00\nPSofa\nSHome\n$-900.00\nE\nSTax\n$-100.00\n%10\n^\n!Account\nNHouse\nTOth A\n^\n!Type:Oth A\nD3/31'24\nT250000\nPOpening Balance\nL[House]\n^\nD4/ 2'24\nT-5,000\nPDepreciation\nLx\n^\n"
        ),
        rows=("2024-03-04 -4.50 USD", "2024-03-25 -1000.00 USD", "2024-04-02 -5000 USD"),
        balances=("2024-03-31 250000",),
    ),
    Other(
        name="qif uk dates two digit years no account",
        format="qif",
        account="main",
        hints=HINTS,
        data=b"!Type:CCard\nD25/12/2023\nT-12.00\nPShop\nCc\n^\nD01/02/2024\nT+30.00\nPPayment\n^\n",
        rows=("2023-12-25 -12.00 EUR", "2024-02-01 30.00 EUR"),
    ),
    Other(
        name="mt940 no entry date, currency letter, page",
        format="mt940",
        account="12345678",
        data=swift_file(
            ":20:X",
            ":25:12345678",
            ":28C:1/1",
            ":60F:C240101GBP100,",
            ":61:240102DP5,NMSCNONREF",
            ":86:TEA ROOM",
            ":62M:C240102GBP95,",
            "-",
            ":20:X",
            ":25:12345678",
            ":28C:1/2",
            ":60M:C240102GBP95,",
            ":61:240103CP1000,25NTRFREF77//9",
            ":86:SALARY",
            ":62F:C240103GBP1095,25",
            ":86:THANK YOU FOR BANKING",
            "-",
        ),
        rows=("2024-01-02 -5 GBP", "2024-01-03 1000.25 GBP"),
        said=(("-5", "TEA ROOM"), ("1000.25", "SALARY")),
        balances=("2024-01-01 100", "2024-01-03 1095.25"),
    ),
    Other(
        name="mt940 mbank ~ structure",
        format="mt940",
        account="PL27114020040000300201355387",
        data=swift_file(
            ":20:ST240105",
            ":25:PL27114020040000300201355387",
            ":28C:5",
            ":60F:C240104PLN10,00",
            ":61:240105D1,00S848TRN1//R1",
            "848-PRZELEW",
            ":86:848 PRZELEW ZEWNETRZNY; z rach.: 11402004000030020135; od: SKLEP SP. Z O.O.; tyt.: ZA BUTY; TNR: 145",
            ":62F:C240105PLN9,00",
            ":64:C240105PLN9,00",
            "-",
        ),
        rows=("2024-01-05 -1.00 PLN",),
        said=(("-1.00", "ZA BUTY"),),
        balances=("2024-01-04 10.00", "2024-01-05 9.00"),
    ),
    Other(
        name="mt940 fio/kb with ?60",
        format="mt940",
        account="0100/0000000123456789",
        data=swift_file(
            ":20:1",
            ":25:0100/0000000123456789",
            ":28C:00001/001",
            ":60F:C240101CZK0,00",
            ":61:2401020102C1000,00NTRFVS123//000-02012024 1",
            "VKLAD",
            ":86:005?20VKLAD?21?22/VS/123?23/KS/0558?30?31?32NOVAK JAN?33?60Zprava pro?61 prijemce",
            ":62F:C240102CZK1000,00",
            "-",
        ),
        rows=("2024-01-02 1000.00 CZK",),
        said=(("1000.00", "NOVAK JAN"), ("1000.00", "VKLAD"), ("1000.00", "Zprava pro")),
        balances=("2024-01-01 0.00", "2024-01-02 1000.00"),
    ),
    Other(
        name="mt940 bnp belgium / nordic free text",
        format="mt940",
        account="BE68539007547034",
        data=swift_file(
            ":20:BNP",
            ":25:BE68539007547034EUR",
            ":28C:45/1",
            ":60F:D240214EUR100,00",
            ":61:2402150215CK250,00NTRFNONREF//OPS99",
            ":86:VIREMENT EN EUROS",
            "DE DUPONT SA",
            "COMMUNICATION: +++085/1927/54115+++",
            ":62F:C240215EUR150,00",
            "-",
        ),
        rows=("2024-02-15 250.00 EUR",),
        said=(("250.00", "085/1927/54115"), ("250.00", "DUPONT SA")),
        balances=("2024-02-14 -100.00", "2024-02-15 150.00"),
    ),
    Other(
        name="camt mixed batch",
        format="camt",
        account="DE89370400440532013000",
        data=camt_file(
            "053.001.02",
            balance("OPBD", "0.00", "2024-02-28")
            + balance("CLBD", "70.00", "2024-02-29")
            + entry(
                "70.00",
                "CRDT",
                details='<NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">100.00</Amt></TxAmt></AmtDtls><CdtDbtInd>CRDT</CdtDbtInd><RmtInf><Ustrd>Sales</Ustrd></RmtInf></TxDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">30.00</Amt></TxAmt></AmtDtls><CdtDbtInd>DBIT</CdtDbtInd><RmtInf><Ustrd>Refund</Ustrd></RmtInf></TxDtls></NtryDtls>',
            ),
        ),
        rows=("2024-02-29 100.00 EUR", "2024-02-29 -30.00 EUR"),
        balances=("2024-02-28 0.00", "2024-02-29 70.00"),
    ),
    Other(
        name="camt batch whose details are in another currency",
        format="camt",
        account="DE89370400440532013000",
        data=camt_file(
            "053.001.02",
            balance("OPBD", "100.00", "2024-02-28")
            + balance("CLBD", "8.00", "2024-02-29")
            + entry(
                "92.00",
                "DBIT",
                details='<NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">50.00</Amt></InstdAmt></AmtDtls></TxDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">50.00</Amt></InstdAmt></AmtDtls></TxDtls></NtryDtls>',
                extra="<AddtlNtryInf>Sammler</AddtlNtryInf>",
            ),
        ),
        rows=("2024-02-29 -92.00 EUR",),
        said=(("-92.00", "Sammler"),),
        balances=("2024-02-28 100.00", "2024-02-29 8.00"),
    ),
    Other(
        name="camt negative charge, zero entry, info, two statements days",
        format="camt",
        account="DE89370400440532013000",
        data=camt_file(
            "053.001.04",
            balance("OPBD", "5.00", "2024-02-28")
            + balance("CLBD", "5.00", "2024-02-29")
            + entry("0.00", "CRDT", extra="<AddtlNtryInf>Abschluss</AddtlNtryInf>")
            + entry("7.00", "DBIT", status="INFO"),
        ),
        rows=("2024-02-29 0.00 EUR", "2024-02-29 -7.00 EUR pending"),
        balances=("2024-02-28 5.00", "2024-02-29 5.00"),
    ),
    Other(
        name="xlsx two years of sheets, totals",
        format="xlsx",
        account="main",
        hints=HINTS,
        data=xlsx(
            {
                "2023": [["Datum", "Text", "Betrag"], [date(2023, 12, 30), "A", -1.5], ["Total", None, -1.5]],
                "2024": [["Datum", "Text", "Betrag"], [date(2024, 1, 2), "B", 2.25], ["Total", None, 2.25]],
            }
        ),
        rows=("2023-12-30 -1.5 EUR", "2024-01-02 2.25 EUR"),
    ),
    Other(
        name="xlsx euro text, trailing minus, D/C column",
        format="xlsx",
        account="main",
        hints=Hints(account="main"),
        data=xlsx(
            {
                "S": [
                    ["Extrait de compte"],
                    ["Date", "Libellé", "Montant"],
                    ["04/03/2024", "CB CAFE", "3,50- €"],
                    ["25/03/2024", "VIR SALAIRE", "1.500,00 €"],
                ]
            }
        ),
        rows=("2024-03-04 -3.50 EUR", "2024-03-25 1500.00 EUR"),
    ),
    Other(
        name="html xls",
        format="xlsx",
        account="main",
        hints=HINTS,
        data=b"<html><meta charset=utf-8><table><tr><td colspan=3>Movimientos</td></tr><tr><th>Fecha</th><th>Concepto</th><th>Importe</th><th>Saldo</th></tr><tr><td>04/03/2024</td><td>Caf&eacute;</td><td><font color=red>(3,50)</font></td><td>96,50</td></tr><tr><td>15/03/2024</td><td>N&oacute;mina</td><td>1.500,00&nbsp;</td><td>1.596,50</td></tr></table></html>",
        rows=("2024-03-04 -3.50 EUR", "2024-03-15 1500.00 EUR"),
        said=(("-3.50", "Café"),),
        balances=("2024-03-03 100.00", "2024-03-04 96.50", "2024-03-15 1596.50"),
    ),
]
