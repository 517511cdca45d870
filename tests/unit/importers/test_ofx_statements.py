"""Statements of banks and cards in every dress of OFX: what they say is read, whatever the bank's habits."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Balance, FileRefused, FlowClass, Hints, Removal, Transaction
from flowd.importers.ofx.importer import OfxImporter
from flowd.importers.ofx.values import read_number, read_when

from .ofx_files import HEADER, SIGNON, XML, bank, ofx, only, posting, read

OFX = OfxImporter()
GOOD = ofx(bank(posting("a1"), posting("a2", "1,500.00", "20240116", "<NAME>Work<MEMO>January"), posting("a3", "-3")))


def closed(text: str) -> str:
    """Write every end tag, as XML does."""
    return re.sub(r"<([A-Z0-9.]+)>([^<\n]+)", r"<\1>\2</\1>", text)


def facts(data: str | bytes, hints: Hints = Hints()) -> list[tuple[object, ...]]:  # noqa: B008
    records, _ = read(OFX, data, hints)
    return [
        (one.account, one.external_id, one.booked_at, one.amount, one.asset, one.counterparty, one.description)
        for one in only(Transaction, records)
    ]


WHOLE = [
    ("12345678", "a1", date(2024, 1, 15), Decimal("-12.50"), "EUR", "Grocer", ""),
    ("12345678", "a2", date(2024, 1, 16), Decimal("1500.00"), "EUR", "Work", "January"),
    ("12345678", "a3", date(2024, 1, 15), Decimal("-3"), "EUR", "Grocer", ""),
]
BODY = GOOD.removeprefix(HEADER)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(GOOD, id="SGML"),
        pytest.param(XML + closed(BODY), id="XML"),
        pytest.param(XML + BODY, id="SGML that says it is XML"),
        pytest.param(HEADER + closed(BODY), id="XML that says it is SGML"),
        pytest.param(BODY, id="no header"),
        pytest.param("\n\n  \n" + GOOD, id="blank lines first"),
        pytest.param(HEADER.replace("\n", "") + BODY.replace("\n", ""), id="one line"),
        pytest.param(HEADER.replace("\n", " ") + BODY, id="header in one line"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="CR LF"),
        pytest.param(GOOD.replace("\n", "\r"), id="CR only"),
        pytest.param(GOOD.replace("<", "\n  <").replace("\n  </OFX", "</OFX"), id="indented"),
        pytest.param(re.sub(r"<(/?)([A-Z])", r"<\1ofx:\2", XML + closed(BODY)), id="namespace"),
        pytest.param(re.sub(r"</?[A-Z0-9]+>", lambda tag: tag[0].lower(), GOOD), id="small letters"),
        pytest.param(GOOD.replace("<STMTTRN>", "<!-- next --><STMTTRN><!-- one -->"), id="comments"),
        pytest.param(XML + closed(BODY).replace("<STMTTRN>", "<?pi x?><STMTTRN>"), id="instructions"),
        pytest.param(XML + closed(BODY).replace(">Grocer<", "><![CDATA[Grocer]]><"), id="CDATA"),
        pytest.param(GOOD.replace("</BANKTRANLIST>", ""), id="a list without its end"),
        pytest.param(GOOD.replace("<NAME>Work", "<PAYEE><NAME>Work<CITY>Ulm</PAYEE>"), id="payee"),
        pytest.param(GOOD.replace("<NAME>Grocer", "<VENDOR.X><NAME>Grocer"), id="an unknown empty tag"),
        pytest.param(GOOD.replace("<NAME>Work", "<X.EXT><NAME>no</X.EXT><NAME>Work"), id="an unknown aggregate"),
        pytest.param(GOOD.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="byte order mark"),
        pytest.param(GOOD + "\x1a", id="end mark of DOS"),
    ],
)
def test_every_dress_says_the_same(data: str | bytes) -> None:
    assert facts(data) == WHOLE


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        (HEADER, "utf-8"),
        (HEADER, "cp1252"),
        (HEADER.replace("USASCII", "UTF-8").replace("1252", "NONE"), "utf-8"),
        (HEADER.replace("1252", "ISO-8859-1"), "latin-1"),
        (HEADER.replace("1252", "8859-2"), "iso-8859-2"),
        (HEADER.replace("USASCII", "UNICODE").replace("1252", "NONE"), "utf-8"),
        (HEADER.replace("USASCII", "UTF-8"), "cp1252"),
        ("", "cp1252"),
        (XML.replace("UTF-8", "ISO-8859-1"), "latin-1"),
    ],
)
def test_letters_are_right_whatever_the_header_says(header: str, encoding: str) -> None:
    text = ofx(bank(posting(more="<NAME>Müller &amp; Söhne<MEMO>AT&T &lt;Straße&#33;&gt; &copy")), header=header)
    ((*_, who, what),) = facts(text.encode(encoding))
    assert (who, what) == ("Müller & Söhne", "AT&T <Straße!> &copy")


def test_less_than_in_a_text_is_text() -> None:
    ((*_, who, what),) = facts(ofx(bank(posting(more="<NAME>A < B<MEMO>x <3 y"))))
    assert (who, what) == ("A < B", "x <3 y")


def test_the_account_and_its_balance() -> None:
    records, notes = read(OFX, GOOD)
    assert only(AccountInfo, records) == [
        AccountInfo(account="12345678", name="Hill Bank checking 12345678", kind=AccountKind.BANK, asset="EUR")
    ]
    assert only(Balance, records) == [
        Balance(account="12345678", asset="EUR", day=date(2024, 1, 31), amount=Decimal("100.00"))
    ]
    assert notes == []


def test_available_money_is_no_balance() -> None:
    text = ofx(bank(posting(), after="<AVAILBAL><BALAMT>900<DTASOF>20240131</AVAILBAL>"))
    assert only(Balance, read(OFX, text)[0]) == []


@pytest.mark.parametrize(
    ("as_of", "last", "day", "said"),
    [
        ("20240131", "20240115", date(2024, 1, 31), False),
        ("20240114235959[-5:EST]", "20240115", date(2024, 1, 15), False),
        ("20240110", "20240115", date(2024, 1, 10), True),
        ("", "20240115", date(2024, 1, 15), False),
    ],
)
def test_a_balance_counts_for_the_end_of_its_day(as_of: str, last: str, day: date, said: bool) -> None:
    after = f"<LEDGERBAL><BALAMT>5<DTASOF>{as_of}</LEDGERBAL>"
    records, notes = read(OFX, ofx(bank(posting(day=last), after=after)))
    assert [one.day for one in only(Balance, records)] == [day]
    assert any("postings after it" in note for note in notes) is said


def test_an_empty_balance_is_said_and_an_unreadable_one_refused() -> None:
    empty = ofx(bank(posting(), after="<LEDGERBAL><BALAMT></BALAMT><DTASOF></DTASOF></LEDGERBAL>"))
    records, notes = read(OFX, empty)
    assert only(Balance, records) == []
    assert any("balance is empty" in note for note in notes)
    with pytest.raises(FileRefused, match="<BALAMT> 'much' is not an amount"):
        read(OFX, ofx(bank(posting(), after="<LEDGERBAL><BALAMT>much<DTASOF>20240131</LEDGERBAL>")))


def test_cards_several_statements_and_several_documents() -> None:
    card = (
        "<CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD<CCACCTFROM><ACCTID>4111</CCACCTFROM><BANKTRANLIST>"
        + posting("c1", "-7.00")
        + "</BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1>"
    )
    one = ofx(bank(posting()), card)
    two = one + ofx(bank(posting("b9"), account="DE89 3704 0044 0532 0130 00"))
    records, _ = read(OFX, two)
    assert [(info.account, info.kind, info.asset) for info in only(AccountInfo, records)] == [
        ("12345678", AccountKind.BANK, "EUR"),
        ("4111", AccountKind.CARD, "USD"),
        ("DE89370400440532013000", AccountKind.BANK, "EUR"),
    ]
    assert [(row[0], row[1]) for row in facts(two)] == [
        ("12345678", "a1"),
        ("4111", "c1"),
        ("DE89370400440532013000", "b9"),
    ]


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        ("INT", "2.00", FlowClass.INTEREST),
        ("INT", "-2.00", FlowClass.FEE),
        ("DIV", "2.00", FlowClass.DIVIDEND),
        ("SRVCHG", "-2.00", FlowClass.FEE),
        ("fee", "-2.00", FlowClass.FEE),
        ("XFER", "-2.00", FlowClass.TRANSFER),
        ("DEP", "2.00", None),
        ("", "2.00", None),
    ],
)
def test_the_type_of_a_posting_says_what_it_is(kind: str, amount: str, expected: FlowClass | None) -> None:
    text = ofx(bank(posting(amount=amount).replace("DEBIT", kind)))
    (record,) = only(Transaction, read(OFX, text)[0])
    assert record.kind is expected


@pytest.mark.parametrize(
    ("ids", "kept", "why"),
    [
        (["x1", "x2", "x3"], ["x1", "x2", "x3"], ""),
        (["7", "8", "9"], ["7", "8", "9"], ""),
        (["1", "2", "3"], [None] * 3, "only number the postings"),
        (["3", "2", "1"], [None] * 3, "only number the postings"),
        (["x1", "", "x3"], [None] * 3, "1 of 3 postings have no id"),
        (["x1", "NONREF", "x3"], [None] * 3, "1 of 3 postings have no id"),
        (["x1", "x1", "x3"], [None] * 3, "the same id stands for several postings"),
        (["000", "000", "000"], [None] * 3, "no ids"),
    ],
)
def test_ids_count_only_where_every_posting_has_its_own(ids: list[str], kept: list[str | None], why: str) -> None:
    rows = [posting(name, f"-{number}.00") for number, name in enumerate(ids, 1)]
    records, notes = read(OFX, ofx(bank(*rows)))
    assert [record.external_id for record in only(Transaction, records)] == kept
    assert any(why in note for note in notes) if why else not notes


def test_the_same_posting_in_two_overlapping_statements_keeps_its_id() -> None:
    text = ofx(
        bank(posting("x1"), posting("x2", "-1")), bank(posting("x2", "-1"), posting("x3", "-2")).replace("\n", "")
    )
    assert [row[1] for row in facts(text)] == ["x1", "x2", "x2", "x3"]


def test_corrections_take_back_what_they_correct() -> None:
    rows = (
        posting("x1"),
        posting("x2", "-1.00", more="<CORRECTFITID>x0<CORRECTACTION>REPLACE<NAME>Right"),
        posting("x3", "-2.00", more="<CORRECTFITID>x1<CORRECTACTION>DELETE"),
    )
    records, _ = read(OFX, ofx(bank(*rows)))
    assert [record.external_id for record in only(Removal, records)] == ["x0", "x1"]
    # x1 stands in this very file, which says itself that it is gone.
    assert [record.external_id for record in only(Transaction, records)] == ["x2"]


def test_pending_postings() -> None:
    pending = (
        "<BANKTRANLISTP><DTASOF>20240131<STMTTRNP><TRNTYPE>POS<DTTRAN>20240130<TRNAMT>-4.00<NAME>Café</STMTTRNP>"
        "</BANKTRANLISTP>"
    )
    records, _ = read(OFX, ofx(bank(posting(), after=pending)))
    (booked, waiting) = only(Transaction, records)
    assert (booked.pending, waiting.pending, waiting.external_id) == (False, True, None)
    assert (waiting.booked_at, waiting.amount, waiting.counterparty) == (date(2024, 1, 30), Decimal("-4.00"), "Café")
    assert booked.external_id == "a1"


def test_other_currencies() -> None:
    other = "<CURRENCY><CURRATE>0.9<CURSYM>USD</CURRENCY>"
    original = "<ORIGCURRENCY><CURRATE>1.1<CURSYM>GBP</ORIGCURRENCY>"
    rows = posting("a1", more=other), posting("a2", "-1", more=original), posting("a3", "-2")
    records, _ = read(OFX, ofx(bank(*rows)))
    one, two, three = only(Transaction, records)
    assert (one.asset, two.asset, three.asset) == ("USD", "EUR", "EUR")
    assert (one.raw or {})["rate"] == "0.9"
    assert {"original_currency": "GBP", "original_rate": "1.1"}.items() <= (two.raw or {}).items()


def test_a_missing_currency_is_asked_for() -> None:
    text = ofx(bank(posting(), currency=""))
    with pytest.raises(FileRefused, match="does not say its currency"):
        read(OFX, text)
    assert [row[4] for row in facts(text, Hints(asset="CHF"))] == ["CHF"]


def test_the_account_may_be_named_if_there_is_one() -> None:
    assert {row[0] for row in facts(GOOD, Hints(account="giro"))} == {"giro"}
    assert {row[0] for row in facts(GOOD, Hints(options={"accounts": {"12345678": "mine"}}))} == {"mine"}
    two = ofx(bank(posting()), bank(posting(), account="2"))
    with pytest.raises(FileRefused, match="several accounts"):
        read(OFX, two, Hints(account="giro"))


def test_the_same_number_twice_is_told_apart() -> None:
    savings = bank(posting()).replace("CHECKING", "SAVINGS")
    assert [row[0] for row in facts(ofx(bank(posting()), savings))] == ["12345678 CHECKING", "12345678 SAVINGS"]


def test_a_german_number_stands_behind_its_bank_code() -> None:
    text = ofx(bank(posting(), account="1234567").replace("<BANKID>99", "<BANKID>10020030"))
    assert [row[0] for row in facts(text)] == ["10020030/1234567"]


def test_what_else_a_posting_says_is_kept() -> None:
    more = (
        "<CHECKNUM>0042<REFNUM>R9<SIC>5411<NAME>Shop<BANKACCTTO><BANKID>77<ACCTID>DE12<ACCTTYPE>CHECKING</BANKACCTTO>"
        "<DTUSER>20240112"
    )
    (record,) = only(Transaction, read(OFX, ofx(bank(posting(day="20240115143005[+1:CET]", more=more))))[0])
    assert record.raw == {
        "type": "DEBIT",
        "posted": "20240115143005[+1:CET]",
        "check_number": "0042",
        "reference": "R9",
        "merchant_code": "5411",
        "counterparty_account": "DE12",
        "counterparty_bank": "77",
        "user_date": "2024-01-12",
    }


def test_a_list_of_accounts_says_how_they_are_called() -> None:
    listing = (
        "<SIGNUPMSGSRSV1><ACCTINFOTRNRS><TRNUID>1<ACCTINFORS><DTACCTUP>20240101<ACCTINFO><DESC>Daily money"
        "<BANKACCTINFO><BANKACCTFROM><BANKID>99<ACCTID>12345678<ACCTTYPE>CHECKING</BANKACCTFROM>"
        "<SUPTXDL>Y</BANKACCTINFO></ACCTINFO></ACCTINFORS></ACCTINFOTRNRS></SIGNUPMSGSRSV1>"
    )
    records, _ = read(OFX, ofx(listing))
    assert records == [AccountInfo(account="12345678", name="Daily money", kind=AccountKind.BANK)]


def test_a_closing_states_two_balances() -> None:
    text = ofx(
        "<BANKMSGSRSV1><STMTENDTRNRS><STMTENDRS><CURDEF>EUR<BANKACCTFROM><BANKID>9<ACCTID>1</BANKACCTFROM><CLOSING>"
        "<FITID>k<DTOPEN>20240101<DTCLOSE>20240131<BALOPEN>10<BALCLOSE>25.5</CLOSING></STMTENDRS></STMTENDTRNRS>"
        "</BANKMSGSRSV1>"
    )
    assert [(one.day, one.amount) for one in only(Balance, read(OFX, text)[0])] == [
        (date(2023, 12, 31), Decimal(10)),
        (date(2024, 1, 31), Decimal("25.5")),
    ]


@pytest.mark.parametrize(
    ("text", "points", "value"),
    [
        ("-200,00", False, "-200.00"),
        ("+0000115.8331", False, "115.8331"),
        ("1.234,56", False, "1234.56"),
        ("1,234.56", False, "1234.56"),
        ("1 234,56", False, "1234.56"),
        ("1'234.50", False, "1234.50"),
        ("1,234", False, "1.234"),
        ("1,234", True, "1234"),
        ("1,234,567", False, "1234567"),
        ("-.5", False, "-0.5"),
        ("12.", False, "12"),
        ("12.00-", False, "-12.00"),
        ("−7", False, "-7"),
        ("$120", False, None),
        ("1E5", False, None),
        ("NaN", False, None),
        ("", False, None),
        ("-", False, None),
        ("12.3.4", False, None),
        ("1" * 60, False, None),
        ("٣", False, None),
    ],
)
def test_amounts(text: str, points: bool, value: str | None) -> None:
    assert read_number(text, points=points) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20240131", "2024-01-31T12:00:00+00:00"),
        ("20240131000000.000[-5:EST]", "2024-01-31T12:00:00+00:00"),
        ("20240131160000.000[-5:EST]", "2024-01-31T21:00:00+00:00"),
        ("20240131160000[-3.5:NST]", "2024-01-31T19:30:00+00:00"),
        ("20240131160000[5.30:IST]", "2024-01-31T10:30:00+00:00"),
        ("20240131160000", "2024-01-31T16:00:00+00:00"),
        ("2024-01-31", "2024-01-31T12:00:00+00:00"),
        ("202401311120", "2024-01-31T11:20:00+00:00"),
        ("20180804093914:014", "2018-08-04T09:39:14+00:00"),
        ("2009021100000000[-5:EST]", "2009-02-11T12:00:00+00:00"),
        ("20240131996161", "2024-01-31T12:00:00+00:00"),
        ("20240131160000[0:GMT]", "2024-01-31T16:00:00+00:00"),
        ("201120000000", None),
        ("20240230", None),
        ("00000000", None),
        ("31.01.2024", None),
        ("", None),
    ],
)
def test_dates(text: str, moment: str | None) -> None:
    when = read_when(text)
    assert (when.moment.isoformat() if when else None) == moment


def test_it_is_known_by_its_beginning_or_by_its_name() -> None:
    assert OFX.identify("x.txt", GOOD.encode()[:65536]) == 1.0
    assert OFX.identify("x", (XML + BODY).encode("utf-16")) == 1.0
    assert OFX.identify("broken.QFX", b"\x00\x01") == 0.5
    assert OFX.identify("bank.csv", b"date;text;amount\n") == 0.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ofx(), "holds no statement, only a greeting"),
        ("<OFX></OFX>", "holds no statement"),
        (ofx().replace(SIGNON, SIGNON.replace("<CODE>0<SEVERITY>INFO", "<CODE>15500<SEVERITY>ERROR<MESSAGE>Wrong PIN")),
         r"answered with an error instead of a statement: Wrong PIN \(code 15500, the sign-on\)"),
        (ofx("<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>2000<SEVERITY>ERROR</STATUS></STMTTRNRS></BANKMSGSRSV1>"),
         "no reason given"),
        (ofx("<BANKMSGSRQV1><STMTTRNRQ></STMTTRNRQ></BANKMSGSRQV1>"), "what a program asks a bank"),
        (ofx("<LOANMSGSRSV1></LOANMSGSRSV1>"), "which flowd does not read"),
        ("<OFC><DTD>2</OFC>", "OFC, which came before OFX"),
        (HEADER, "no <OFX> at its beginning"),
        ("", "empty"),
    ],
)  # fmt: skip
def test_a_file_without_a_statement_says_why(text: str, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        read(OFX, text)


def test_an_error_beside_a_statement_is_a_note() -> None:
    failed = (
        "<BANKMSGSRSV1><STMTTRNRS><STATUS><CODE>2003<SEVERITY>ERROR<MESSAGE>Closed</STATUS></STMTTRNRS></BANKMSGSRSV1>"
    )
    assert "the bank reports an error: Closed (code 2003, its answer)" in read(OFX, ofx(bank(posting()), failed))[1]
