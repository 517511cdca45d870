"""Profiles: checked when they are read, and obeyed to the letter."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.api import ConfigError, FileRefused, FlowClass, Hints, Transaction
from flowd.importers.delimited.catalogue import built_in, read_profile, write_profile
from flowd.importers.delimited.importer import CsvImporter
from flowd.importers.delimited.making import make_transaction

from .reading import HINTS, by_built_in, read, read_all

BASE = 'name: x\ncolumns: {date: d, amount: a}\ndates: "%Y-%m-%d"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: x\ncolums: {}\n", "test.yaml:2: colums: unknown key"),
        ('name: x\ndates: "%d.%m"\ncolumns: {date: d, amount: a}\n', "test.yaml:2: dates: date format '%d.%m' needs"),
        ('name: x\ndates: "%Y-%m-%d"\ncolumns: {date: d}\n', "test.yaml:3: columns: name the column of the amount"),
        (BASE + "encoding: klingon\n", "test.yaml:4: encoding: 'klingon' is not an encoding"),
        (BASE + 'numbers: {decimal: ",", thousands: ","}\n', "must differ"),
        (BASE + "in_words: [D]\n", "belong together"),
        (BASE + "kinds: {UROK: interest}\n", "`kinds` needs"),
        ('name: x\ndates: "%Y-%m-%d"\ncolumns: {date: 0, amount: 1}\n', "counted from 1"),
        ('name: x\ndates: "%Y-%m-%d"\ncolumns: {date: d, amount: a, debit: b}\n', "not both"),
        (BASE + "kinds: {X: wages}\n", "kinds.X"),
        (BASE + "skip_rows: {s: [yes]}\n", "put the word in quotes"),
        (BASE + 'match: {first_row: ["("]}\n', "not a regular expression"),
        ("name: [x\n", "line 2: not YAML"),
        ("just text", "a profile is a mapping"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        read_profile(text, "test.yaml")
    assert says in str(wrong.value)


def test_every_mistake_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as wrong:
        read_profile(BASE + "encoding: klingon\nbogus: 1\nskip: -1\n", "test.yaml")
    assert len(str(wrong.value).splitlines()) == 3


def test_built_in_profiles_are_known_by_distinct_headers() -> None:
    headers = [profile.match.header for profile in built_in() if profile.match and profile.match.header]
    assert len(headers) == len(set(headers)) >= 8


@pytest.mark.parametrize("name", built_in().names())
def test_a_profile_written_out_reads_back_the_same(name: str) -> None:
    profile = built_in().get(name)
    assert read_profile(write_profile(profile), "again.yaml") == profile


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no profile 'nobank'.*berka"):
        by_built_in("nobank", b"x")


BERKA = (
    b'"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"\n'
    b'11;15;930101;"PRIJEM";"VKLAD";700.00;700.00;"";;\n'
    b'12;16;930201;"VYDAJ";"PREVOD NA UCET";100.50;599.50;"UVER";"YZ";"23886204"\n'
    b'13;15;930205;"VYBER";"VYBER";200.00;399.50;" ";;\n'
    b'14;15;930205;"PRIJEM";"";1.50;401.00;"UROK";;\n'
    b'15;15;930206;"VYDAJ";"VYBER";14.60;386.40;"SLUZBY";;\n'
    b'16;15;930207;"PRIJEM";"PREVOD Z UCTU";5781.00;6167.40;"DUCHOD";"YZ";"1"\n'
    b'17;15;930208;"VYDAJ";"VYBER";0.50;6166.90;"SANKC. UROK";;\n'
)


def test_berka() -> None:
    records = by_built_in("berka", BERKA, Hints(account="main", asset="EUR", fallback=True))
    assert [(r.external_id, r.account, str(r.amount), r.asset) for r in records] == [
        ("11", "15", "700.00", "CZK"),
        ("12", "16", "-100.50", "CZK"),
        ("13", "15", "-200.00", "CZK"),
        ("14", "15", "1.50", "CZK"),
        ("15", "15", "-14.60", "CZK"),
        ("16", "15", "5781.00", "CZK"),
        ("17", "15", "-0.50", "CZK"),
    ]
    assert [record.kind for record in records] == [
        None, FlowClass.LOAN, None, FlowClass.INTEREST, FlowClass.FEE, FlowClass.SALARY, FlowClass.FEE,
    ]  # fmt: skip
    assert records[1].booked_at == date(1993, 2, 1)
    assert records[1].counterparty == "YZ 23886204"
    assert records[1].description == "PREVOD NA UCET UVER"
    assert records[1].raw == {"balance": "599.50"}


def test_a_known_header_chooses_its_profile() -> None:
    reading = CsvImporter().plan(io.BytesIO(BERKA), HINTS)
    assert (reading.label, reading.guessed, reading.sure) == ("berka", False, 1.0)
    assert CsvImporter().identify("anything.asc", BERKA) == 0.95


def test_a_column_may_be_named_by_number() -> None:
    (record,) = read(
        "-5,2023-01-31,Rent\n", profile='name: x\ncolumns: {date: 2, amount: 1, description: 3}\ndates: "%Y-%m-%d"\n'
    )
    assert (record.booked_at, str(record.amount), record.description) == (date(2023, 1, 31), "-5", "Rent")


def test_a_header_that_is_not_there_is_said() -> None:
    with pytest.raises(FileRefused, match="missing 'a'"):
        read("d,b\n2023-01-31,5\n", profile=BASE)


def test_debit_and_credit_columns() -> None:
    profile = 'name: x\ncolumns: {date: d, debit: out, credit: in}\ndates: "%Y-%m-%d"\n'
    records = read("d,out,in\n2023-01-01,5.00,\n2023-01-02,-6.00,\n2023-01-03,,7.00\n2023-01-04,,\n", profile=profile)
    assert [str(record.amount) for record in records] == ["-5.00", "-6.00", "7.00"]


def test_signs_in_words() -> None:
    profile = BASE.replace("amount: a", "amount: a, sign: s") + "in_words: [H]\nout_words: [S]\n"
    assert [str(r.amount) for r in read("d,a,s\n2023-01-01,5,S\n2023-01-02,6,h\n", profile=profile)] == ["-5", "6"]
    with pytest.raises(FileRefused, match="line 3: 'X' does not say which way"):
        read("d,a,s\n2023-01-01,5,S\n2023-01-02,6,X\n", profile=profile)


def test_inverted_signs() -> None:
    assert [str(r.amount) for r in read("d,a\n2023-01-01,5\n2023-01-02,-6\n", profile=BASE + "sign: inverted\n")] == [
        "-5",
        "6",
    ]


def test_fees_are_taken_off() -> None:
    profile = BASE.replace("amount: a", "amount: a, fee: f")
    assert str(read("d,a,f\n2023-01-01,-5,0.50\n", profile=profile)[0].amount) == "-5.50"


def test_rows_to_skip_and_pending_rows() -> None:
    profile = BASE + "skip_rows: {s: [Storno]}\npending: {s: [offen]}\n"
    reading, records = read_all("d,a,s\n2023-01-01,5,\n2023-01-02,6,STORNO\n2023-01-03,7,Offen\n", profile=profile)
    assert [(str(record.amount), record.pending) for record in records] == [("5", False), ("7", True)]
    assert reading.notes == ["line 3 was left out: s is 'STORNO'"]


def test_ids_of_several_columns_and_blank_ids() -> None:
    profile = BASE.replace("amount: a", "amount: a, id: [i, j]")
    records = read("d,a,i,j\n2023-01-01,5,1,2\n2023-01-02,6,1,\n", profile=profile)
    assert [record.external_id for record in records] == ["1:2", None]


def test_a_date_may_stand_in_another_column_where_the_first_is_blank() -> None:
    profile = BASE.replace("date: d", "date: [d, v]")
    assert read("d,a,v\n,5,2023-01-01\n", profile=profile)[0].booked_at == date(2023, 1, 1)


def test_a_time_without_a_zone_is_kept_beside_its_day() -> None:
    (record,) = read("d,a\n2023-01-01 10:30:00,5\n", profile=BASE.replace('%d"', '%d %H:%M:%S"'))
    assert record.booked_at == date(2023, 1, 1)
    assert record.raw == {"d": "2023-01-01 10:30:00"}


def test_balances_that_do_not_follow_are_a_warning() -> None:
    profile = BASE.replace("amount: a", "amount: a, balance: b")
    good, _ = read_all("d,a,b\n2023-01-01,5,5\n2023-01-02,6,11\n", profile=profile)
    upwards, _ = read_all("d,a,b\n2023-01-02,6,11\n2023-01-01,5,5\n", profile=profile)
    bad, records = read_all("d,a,b\n2023-01-01,5,5\n2023-01-02,6,12\n2023-01-03,6,18\n", profile=profile)
    assert good.notes == upwards.notes == []
    assert len(records) == 3
    assert bad.notes == ["1 Jan to 2 Jan 2023: 1 EUR missing; see line 3: the file seems to lack rows there"]


def test_the_files_own_account_wins_where_the_profile_names_its_column() -> None:
    profile = BASE.replace("amount: a", "amount: a, account: k")
    hints = Hints(account="main", asset="EUR", options={"accounts": {"DE2": "giro"}}, fallback=True)
    records = read("d,a,k\n2023-01-01,5,DE1\n2023-01-01,5,DE2\n2023-01-01,5,\n", profile=profile, hints=hints)
    assert [record.account for record in records] == ["DE1", "giro", "main"]


def test_who_names_the_account_of_a_file_is_believed_unless_it_holds_two() -> None:
    profile = BASE.replace("amount: a", "amount: a, account: k")
    hints = Hints(account="main", asset="EUR", options={"accounts": {"DE1": "giro"}})
    one = "d,a,k\n2023-01-01,5,DE1\n2023-01-01,5,\n"
    assert [record.account for record in read(one, profile=profile, hints=hints)] == ["main", "main"]
    with pytest.raises(FileRefused, match=r"line 4: the file holds several accounts \(DE1, DE2\), but you named one"):
        read(one + "2023-01-01,5,DE2\n", profile=profile, hints=hints)


def test_the_users_account_wins_over_a_guessed_column_but_not_over_two_accounts() -> None:
    one = "account,date,text,amount\nDE1,2023-01-01,a,-1.00\nDE1,2023-01-02,b,-2.00\n"
    assert {record.account for record in read(one)} == {"main"}
    assert {record.account for record in read(one, hints=Hints(asset="EUR"))} == {"DE1"}
    with pytest.raises(FileRefused, match="line 4: the file holds several accounts"):
        read(one + "DE2,2023-01-03,c,-3.00\n")


def test_zero_amounts_are_kept() -> None:
    assert str(read("d,a\n2023-01-01,0.00\n", profile=BASE)[0].amount) == "0.00"


def test_doubt_refuses_and_shows_a_profile_to_complete() -> None:
    with pytest.raises(FileRefused) as refused:
        read("2023-01-31,Shop,5.00\n2023-01-30,Other,6.00\n")
    text = str(refused.value)
    assert "nothing says whether money came in or went out" in text
    profile = text[text.index("name: guessed") :]
    assert read_profile(profile + "sign: inverted\n", "completed.yaml").columns.amount == 3


def test_what_only_habit_tells_is_marked() -> None:
    reading, records = read_all("Date,Text,Amount\n01/02/2023,a,-1.00\n")
    assert records[0].booked_at == date(2023, 2, 1)
    assert "ASSUMED day first" in reading.summary
    assert reading.sure == 0.55
    dollars = Hints(account="main", asset="USD")
    assert read("Date,Text,Amount\n01/02/2023,a,-1.00\n", hints=dollars)[0].booked_at == date(2023, 1, 2)


def test_a_late_row_decides_what_the_first_thousand_leave_open() -> None:
    early = "".join(f"{n % 12 + 1:02}/{n % 11 + 1:02}/2023;a;1.{n % 900 + 100}\n" for n in range(1500))
    records = read("Date;Text;Amount\n" + early + "12/31/2023;b;-1.234,50\n")
    assert records[-1].booked_at == date(2023, 12, 31)
    assert str(records[0].amount) == "1100"


def test_a_late_row_decides_also_where_lines_are_long() -> None:
    long = "x" * 900
    early = "".join(f"{n % 12 + 1:02}/{n % 11 + 1:02}/2023;{long};-1.50\n" for n in range(500))
    records = read(f"Date;Text;Amount\n{early}12/31/2023;b;-2.50\n")
    assert (records[0].booked_at, records[-1].booked_at) == (date(2023, 1, 1), date(2023, 12, 31))
    assert records[1].booked_at == date(2023, 2, 2)
    assert records[11].booked_at == date(2023, 12, 1)


@settings(deadline=None)
@given(
    amount=st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    day=st.dates(date(1900, 1, 1), date(2200, 12, 31)),
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    external_id=st.one_of(st.none(), st.text("abc123", min_size=1, max_size=9)),
    raw=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.text("xyz", min_size=1, max_size=3)),
)
def test_the_quick_way_makes_the_record_the_slow_way_checks(
    amount: Decimal, day: date, text: str, external_id: str | None, raw: dict[str, str]
) -> None:
    quick = make_transaction("main", external_id, day, amount, "EUR", FlowClass.FEE, "who", text, True, raw)
    slow = Transaction(
        account="main", external_id=external_id, booked_at=day, amount=amount, asset="EUR", kind=FlowClass.FEE,
        counterparty="who", description=text, pending=True, raw=raw or None,
    )  # fmt: skip
    assert quick == slow


def test_a_file_without_any_of_its_optional_dates_is_refused() -> None:
    profile = BASE.replace("date: d", "date: [d, e]") + "optional: [d, e]\n"
    assert len(read("e,a\n2023-01-01,5\n", profile=profile)) == 1
    with pytest.raises(FileRefused, match="lacks the column of the date or of the amount the profile x names"):
        read("f,a\n2023-01-01,5\n", profile=profile)


def test_the_files_own_account_wins_in_a_folder_where_its_column_is_guessed() -> None:
    rows = ("2026-01-01,DE89370400440532013000,-5.00,Shop", "2026-01-14,DE89370400440532013000,7.00,Pay")
    table = "\n".join(["Date,Account,Amount,Payee", *rows, ""])
    folder = read(table, hints=Hints(account="main", asset="EUR", fallback=True))
    assert {one.account for one in folder} == {"DE89370400440532013000"}
    assert {one.account for one in read(table)} == {"main"}
