"""MT940 and MT942 in banks' dialects: lines, dates, marks, pages, accounts, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from flowd.api import AccountInfo, AccountKind, FileRefused, FlowClass, Hints

from .stating import MT940, balances, mt940, postings, read

MAIN = Hints(account="main", asset="EUR")


@pytest.mark.parametrize(
    ("line", "day", "amount"),
    [
        ("2401150116D12,50NTRFNONREF", "2024-01-16", "-12.50"),
        ("240115D12,50NTRFNONREF", "2024-01-15", "-12.50"),
        ("240115C12,NMSC", "2024-01-15", "12"),
        ("240115C12NMSC", "2024-01-15", "12"),
        ("240115C0012,5NMSC", "2024-01-15", "12.5"),
        ("240115C12.50NMSC", "2024-01-15", "12.50"),
        ("240115CR12,50NTRFNONREF", "2024-01-15", "12.50"),  # R is the currency's third letter
        ("240115DR12,50NTRFNONREF", "2024-01-15", "-12.50"),
        ("240115RC12,50NTRFNONREF", "2024-01-15", "-12.50"),  # a credit is taken back
        ("240115RD12,50NTRFNONREF", "2024-01-15", "12.50"),
        ("240115RCR12,50NTRFNONREF", "2024-01-15", "-12.50"),
        ("240115CN12,50FMSC", "2024-01-15", "12.50"),
        ("240115D12,50S051REF", "2024-01-15", "-12.50"),
        ("240115D12,50MCI0NONREF//1", "2024-01-15", "-12.50"),
        ("240115D12,50NET NONREF", "2024-01-15", "-12.50"),
        ("240115D12,50 transfer", "2024-01-15", "-12.50"),
        ("240115D12,", "2024-01-15", "-12"),
        ("2312310102D12,50NTRF", "2024-01-02", "-12.50"),  # booked in the new year
        ("2401021231D12,50NTRF", "2023-12-31", "-12.50"),  # booked in the old one
        ("2403010229D12,50NTRF", "2024-02-29", "-12.50"),
        ("991231C1,00NTRF", "1999-12-31", "1.00"),
        ("240115D1\n234,50NTRFNONREF", "2024-01-15", "-1234.50"),  # the line end fell into the amount
        ("2401150115CR\n30,00N062NONREF", "2024-01-15", "30.00"),
    ],
)
def test_every_way_to_write_a_posting(line: str, day: str, amount: str) -> None:
    (found,) = postings(MT940, mt940(f":61:{line}"))
    assert (str(found.booked_at), str(found.amount), found.asset) == (day, amount, "EUR")
    assert not found.pending
    assert found.external_id is None


def test_references_are_kept_and_nothing_that_says_there_is_none() -> None:
    found = postings(
        MT940,
        mt940(
            ":61:240115D1,00NTRFNONREF//55555\nCARD 1234",
            ":61:240115D2,00NTRFRE 77//NONREF",
            ":61:2401140115D3,00NSTON",
        ),
    )
    assert [record.raw for record in found] == [
        {"type": "NTRF", "bank_reference": "55555", "supplementary": "CARD 1234"},
        {"type": "NTRF", "reference": "RE 77"},
        {"type": "NSTO", "value_date": "2024-01-14"},
    ]
    assert [record.description for record in found] == ["CARD 1234", "RE 77", "standing order"]


def test_a_day_that_only_bookkeepers_know_is_the_last_of_its_month_and_said() -> None:
    reading, records = read(MT940, mt940(":61:2402300230D6,00NTRFNONREF", opening="C240229EUR0,00"))
    assert [str(r.booked_at) for r in records if hasattr(r, "booked_at")] == ["2024-02-29"]
    assert any("line 5: '0230' is no day" in note for note in reading.notes)


@pytest.mark.parametrize("day", ["241315", "240100", "240132", "240700"])
def test_a_day_that_nobody_knows_is_refused_with_its_line(day: str) -> None:
    with pytest.raises(FileRefused, match=f"line 5: there is no day '{day}'"):
        postings(MT940, mt940(f":61:{day}D6,00NTRFNONREF"))


@pytest.mark.parametrize(
    "line",
    [
        "240115X12,50NTRF",
        "240115D,50NTRF",
        "240115D12,50,00NTRF",
        "240115D1.234,50NTRF",
        "240115D12, 50NTRF",
        "24011D12,50NTRF",
        "240115D12",
        "nothing",
        "",
    ],
)
def test_a_posting_that_cannot_be_read_refuses_the_file(line: str) -> None:
    with pytest.raises(FileRefused, match="line 6: :61:"):
        postings(MT940, mt940(":61:240115C1,00NTRF", f":61:{line}"))


def test_balances_enclose_the_postings_and_pages_are_one_statement() -> None:
    text = (
        ":20:A\n:25:123456789\n:28C:7/1\n:60F:C240109CHF100,\n:61:2401090109C50,FMSCNONREF\n:62M:C240110CHF150,\n-\n"
        ":20:B\n:25:123456789\n:28C:7/2\n:60M:C240110CHF150,\n:61:2401120112D30,FMSCNONREF\n:62F:C240111CHF120,\n-\n"
    )
    reading, _ = read(MT940, text)
    assert balances(MT940, text) == [("2024-01-08", "100", "CHF"), ("2024-01-12", "120", "CHF")]
    assert reading.notes == []


def test_a_page_alone_states_no_balance_of_its_middle() -> None:
    text = ":20:B\n:25:123\n:60M:C240110CHF150,\n:61:2401120112D30,FMSCNONREF\n:62F:C240112CHF120,\n-\n"
    assert balances(MT940, text) == [("2024-01-12", "120", "CHF")]
    text = ":20:A\n:25:123\n:60F:C240109CHF100,\n:61:2401100110C50,FMSCNONREF\n:62M:C240110CHF150,\n-\n"
    assert balances(MT940, text) == [("2024-01-09", "100", "CHF")]


def test_a_gap_between_balances_and_postings_is_said_with_its_size_and_nothing_is_made_up() -> None:
    reading, records = read(MT940, mt940(":61:240115D100,00NTRFNONREF", closing="C240131EUR950,25"))
    (note,) = reading.notes
    assert "1000.00 on 2024-01-01 and postings of -100.00 do not make 950.25 on 2024-01-31: 50.25 EUR" in note
    assert len(records) == 4  # account, posting, two balances


def test_a_statement_that_is_there_twice_is_read_once() -> None:
    one = mt940(":61:240115D100,00NTRFNONREF", closing="C240131EUR900,00")
    reading, _ = read(MT940, one + one)
    assert len(postings(MT940, one + one)) == 1
    assert any("this statement twice" in note for note in reading.notes)


def test_equal_postings_of_one_statement_are_both_kept() -> None:
    line = ":61:240115D100,00NTRFNONREF\n:86:Bakery"
    assert len(postings(MT940, mt940(line, line))) == 2


@pytest.mark.parametrize(
    ("field", "account", "asset"),
    [
        ("10020030/1234567", "10020030/1234567", "EUR"),
        ("10020030/1234567EUR", "10020030/1234567", "EUR"),
        ("DE89370400440532013000", "DE89370400440532013000", "EUR"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "EUR"),
        ("NL91ABNA0417164300EUR", "NL91ABNA0417164300", "EUR"),
        ("/NL91ABNA0417164300 EUR", "NL91ABNA0417164300", "EUR"),
        ("GENODEF1XXX/DE89370400440532013000", "DE89370400440532013000", "EUR"),
        ("BPHKPLPK/320000546101", "BPHKPLPK/320000546101", "EUR"),
        ("0001234567", "0001234567", "EUR"),
    ],
)
def test_the_account_in_every_form(field: str, account: str, asset: str) -> None:
    _, records = read(MT940, mt940(":61:240115D1,00NTRF").replace("10020030/1234567", field))
    assert records[0] == AccountInfo(account=account, name=account, kind=AccountKind.BANK, asset=asset)


def test_what_the_user_says_of_the_account_holds_for_a_file_of_one_account_only() -> None:
    text = mt940(":61:240115D1,00NTRF")
    assert postings(MT940, text, Hints(account="giro"))[0].account == "giro"
    renamed = Hints(options={"accounts": {"10020030/1234567": "daily"}})
    assert postings(MT940, text, renamed)[0].account == "daily"
    with pytest.raises(FileRefused, match="two accounts"):
        postings(MT940, text + text.replace("1234567", "7654321"), Hints(account="giro"))


def test_a_fragment_needs_to_be_told_its_account_and_currency() -> None:
    text = ":61:240115D1,00NTRF\n-\n"
    assert postings(MT940, text, MAIN)[0].account == "main"
    with pytest.raises(FileRefused, match="line 1: the statement does not say which account"):
        postings(MT940, text)
    with pytest.raises(FileRefused, match="line 1: the statement does not say its currency"):
        postings(MT940, text, Hints(account="main"))


ENVELOPE = (
    "{1:F01ABNANL2AXXXX0000000000}{2:O940ABNANL2AXXXXN}{3:}{4:\n" + mt940(":61:240115D1,00NTRF")[:-2] + "-}{5:}\n"
)
BANK_HEADER = "ABNANL2A\n940\nABNANL2A\n" + mt940(":61:240115D1,00NTRF")
ING_HEADER = "0000 01INGBNL2AXXXX00001\n940 00\n" + mt940(":61:240115D1,00NTRF")[:-2] + ":86:D000001D1,00\n-XXX\n"
RABO_HEADER = ":940:\n" + mt940(":61:240115D1,00NTRF")


@pytest.mark.parametrize("text", [ENVELOPE, ENVELOPE + ENVELOPE, BANK_HEADER, ING_HEADER, RABO_HEADER])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_with_and_without_envelopes_and_headers(text: str, ends: str, encoding: str) -> None:
    data = text.replace("\n", ends).encode(encoding)
    assert MT940.identify("download.txt", data) > 0.9
    assert {(str(p.amount), p.description) for p in postings(MT940, data)} == {("-1.00", "transfer")}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850"])
def test_letters_of_every_age(encoding: str) -> None:
    text = mt940(":61:240115D1,00NTRF\n:86:166?20Bücher für Jürgen, Größe?32Käthe Müller")
    (found,) = postings(MT940, text.encode(encoding))
    assert (found.counterparty, found.description) == ("Käthe Müller", "Bücher für Jürgen, Größe")


def test_a_time_of_day_cut_by_the_line_end_begins_no_field() -> None:
    text = mt940(
        ":61:240115D1,00NTRF\n:86:177?20EREF+X?21SVWZ+2024-01-12T13\n:20:37 Karte 7?22 Folge 08\n:25:11?32Shop"
    )
    (found,) = postings(MT940, text)
    assert (found.counterparty, found.description) == ("Shop", "2024-01-12T13:20:37 Karte 7 Folge 08:25:11")


def test_a_tag_cut_by_the_line_end_is_put_together() -> None:
    (found,) = postings(MT940, mt940(":61:240115D1,00NTRF\n:\n86:166?20Hello"))
    assert found.description == "Hello"


def test_a_message_that_is_cut_off_is_refused() -> None:
    with pytest.raises(FileRefused, match=r"line 1: the message that begins here never ends"):
        read(MT940, ENVELOPE[:-8])
    with pytest.raises(FileRefused, match="line 4: the file ends in the middle of a line"):
        read(MT940, ":20:A\n:25:1/1\n:28C:1\n:60F:C240101EUR1,00\n:61:240115D1,00NTRF\n:86:Ba")
    reading, _ = read(MT940, ":20:A\n:25:1/1\n:28C:1\n:60F:C240101EUR1,00\n:61:240115D1,00NTRF\n:86:Ba\n")
    assert any("no closing balance" in note for note in reading.notes)


@pytest.mark.parametrize("text", ["", "1\n2\n3\n", "Date;Amount\n2024-01-01;5\n", "{}", "<a/>", ":99:nothing\n"])
def test_what_is_no_message_is_not_taken_for_one(text: str) -> None:
    assert MT940.identify("x.csv", text.encode()) == 0
    with pytest.raises(FileRefused):
        read(MT940, text)


def test_a_message_that_says_nothing_is_refused() -> None:
    with pytest.raises(FileRefused, match="nothing to import"):
        read(MT940, ":20:A\n:25:123\n:28C:1\n-\n")


INTERIM = (
    ":20:X\n:25:DE89370400440532013000\n:28C:1/1\n:34F:EURD0,\n:34F:EURC0,\n:13D:2401151730+0100\n"
    ":61:2401150115D10,00NTRFNONREF\n:86:Bakery\n:61:2401150115D10,00NTRFNONREF\n:86:Bakery\n"
    ":61:2401150115EC5,00NTRFNONREF\n:90D:2EUR20,00\n:90C:1EUR5,00\n-\n"
)


def test_an_interim_report_is_pending_under_names_that_no_statement_uses() -> None:
    reading, _ = read(MT940, INTERIM)
    found = postings(MT940, INTERIM)
    assert [(str(p.amount), p.pending) for p in found] == [("-10.00", True), ("-10.00", True), ("5.00", True)]
    names = [p.external_id for p in found]
    assert len(set(names)) == 3
    assert all(name is not None and name.startswith("interim ") for name in names)
    assert balances(MT940, INTERIM) == []
    assert reading.notes == []
    assert "MT942" in reading.summary
    assert found == postings(MT940, INTERIM)


def test_what_an_interim_report_counts_is_looked_at() -> None:
    reading, _ = read(MT940, INTERIM.replace("2EUR20,00", "3EUR30,00"))
    assert reading.notes == ["line 12: 3 entries of 30.00 (D) are counted, but 2 of 20.00 are there"]


def test_a_kind_is_given_only_where_a_code_says_it() -> None:
    found = postings(
        MT940,
        mt940(
            ":61:240115C1500,00NTRF\n:86:153?20Lohn Januar?32Firma",
            ":61:240115C3,00NINTNONREF",
            ":61:240115D3,00NCHGNONREF",
            ":61:240115D1,65NDIV\n:86:Kosten",
            ":61:240115D5,00NTRF\n:86:805?20Abschluss",
            ":61:240115C5,00N153NONREF\n:86:another country's code",
        ),
    )
    assert [p.kind for p in found] == [FlowClass.SALARY, FlowClass.INTEREST, FlowClass.FEE, None, None, None]


def test_days_are_days_and_not_times() -> None:
    (found,) = postings(MT940, mt940(":61:240115D1,00NTRF"))
    assert type(found.booked_at) is date
