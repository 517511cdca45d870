# ruff: noqa: E501 - a damaged file is shown in one line
"""Damaged and hostile files: refused with line and reason, or complete; never half, never a crash."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.delimited.lines import Lines

from .reading import GUESSING, HINTS, read, read_all

GOOD = (
    '"id";"date";"text";"amount";"balance"\n'
    '"a1";"2023-01-30";"Miete; Köln";"-1.200,00";"300,00"\n'
    '"a2";"2023-01-31";"Gehalt\nJanuar";"2.500,00";"2.800,00"\n'
    '"a3";"2023-02-01";"Café ""Ö""";"-3,50";"2.796,50"\n'
)


def facts(record: Transaction) -> tuple[object, ...]:
    return record.external_id, record.booked_at, record.amount, record.asset, record.description


def test_the_good_file_is_good() -> None:
    reading, records = read_all(GOOD)
    assert [str(record.amount) for record in records] == ["-1200.00", "2500.00", "-3.50"]
    assert [record.external_id for record in records] == ["a1", "a2", "a3"]
    assert reading.notes == []


@pytest.mark.parametrize("at", range(len(GOOD.encode())))
def test_a_file_cut_anywhere_is_refused_or_complete_up_to_there(at: int) -> None:
    whole = read(GOOD)
    try:
        reading, records = read_all(GOOD.encode()[:at])
    except FileRefused:
        return
    # Whatever is accepted is the beginning of the whole file; where it may have lost something, that is said.
    assert [facts(record) for record in records] == [facts(record) for record in whole[: len(records)]]
    cut = GOOD.encode()[:at].rstrip(b"\n") + b"\n"
    ends = ["".join(GOOD.splitlines(keepends=True)[:lines]).encode() for lines in (2, 4, 5)]
    assert cut in ends or any("may be incomplete" in note for note in reading.notes)


UNQUOTED = "date;text;currency;amount\n" + "".join(
    f"2023-01-{day:02};Shop {day};EUR;-{day},25\n" for day in range(1, 20)
)


@pytest.mark.parametrize("at", range(len(UNQUOTED) - 60, len(UNQUOTED)))
def test_an_amount_cut_in_its_middle_is_never_taken_for_whole(at: int) -> None:
    whole = read(UNQUOTED)
    try:
        records = read(UNQUOTED[:at])
    except FileRefused:
        return
    assert records == whole[: len(records)]


@pytest.mark.parametrize("at", range(0, 400, 17))
@pytest.mark.parametrize("junk", [b"\0", b'"', b"\xff", b"\n", b";", b"\r"])
def test_a_byte_gone_wrong_is_refused_or_said(at: int, junk: bytes) -> None:
    data = UNQUOTED.encode()
    try:
        read(data[:at] + junk + data[at + 1 :])
    except FileRefused:
        return


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n\n", "no table"),
        (b"%PDF-1.7 binary", "a PDF"),
        (b"PK\x03\x04rest", "zip or Excel"),
        (b"date;amount\x00;x\n", "line 1: a NUL byte"),
        (b"date;text;amount\n2023-01-01;a;1,00\n2023-01-02;a\0b;2,00\n", "line 3: a NUL byte"),
        (b"date;text;amount\n", "no table"),
        (b"date;text;amount\n2023-01-01;a;1,00\n2023-13-45;b;2,00\n", "line 3: the date '2023-13-45' cannot be read"),
        (b"date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;b;two\n", "line 3: the amount 'two' cannot be read"),
        (b"date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;b;-2,00;extra\n", "line 3: 4 columns where the header has 3"),
        (b"date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;b\n2023-01-03;c;-2,00\n", "line 3: only 2 columns"),
        (b"date;text;amount\n2023-01-01;a;-1,00\n;b;-2,00\n2023-01-03;c;-2,00\n", "line 3: an amount (-2,00) without a date"),
        (b"date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;b", "line 3: the file ends in the middle of this line"),
        (b"date;text;amount\n0999-01-01;a;-1,00\n1066-01-02;b;-2,00\n", "out of range"),
        (b"{\\rtf1 some words}", "no table"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_place_and_reason(data: bytes, says: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(data)
    assert says in str(refused.value)


def test_the_wrong_encoding_is_refused_at_its_line() -> None:
    rows = "date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;Müller;-2,00\n".encode("cp1252")
    profile = 'name: x\nencoding: utf-8\ndelimiter: ";"\ncolumns: {date: date, amount: amount}\ndates: "%Y-%m-%d"\n'
    with pytest.raises(FileRefused, match=r"line 3: the file is not utf-8 text \(byte 0xfc\)"):
        read(rows, profile=profile + 'numbers: {decimal: ","}\n')


def test_ten_megabytes_in_one_cell_are_refused_in_little_memory() -> None:
    big = b"date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;" + b"x" * 10_000_000 + b";-2,00\n"
    with pytest.raises(FileRefused, match="line 3: longer than"):
        read(big)


QUOTED = 'name: x\ndelimiter: ";"\ncolumns: {date: date, amount: amount}\ndates: "%Y-%m-%d"\nnumbers: {decimal: ","}\n'


def test_a_quote_that_is_never_closed_stops_at_the_limit() -> None:
    rows = b"2023-01-03;a;-1,00\n" * 20_000
    with pytest.raises(FileRefused, match="one cell holds more than"):
        read(b'date;text;amount\n2023-01-02;"a;-2,00\n' + rows, profile=QUOTED)


def test_a_file_that_ends_within_quotes_is_refused() -> None:
    with pytest.raises(FileRefused, match="line 3: the file ends inside a quoted cell"):
        read('date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;"b;-2,00\n', profile=QUOTED)


def test_a_stray_quote_is_text_where_the_rows_fit_only_so() -> None:
    records = read('date;text;amount\n2023-01-01;a;-1,00\n2023-01-02;"b;-2,00\n2023-01-03;c;-3,00\n')
    assert [record.description for record in records] == ["a", '"b', "c"]


def test_an_id_that_comes_twice_would_lose_a_row_and_is_refused() -> None:
    profile = 'name: x\ncolumns: {date: d, amount: a, id: i}\ndates: "%Y-%m-%d"\n'
    with pytest.raises(FileRefused, match="same id"):
        read("i,d,a\n1,2023-01-01,5\n1,2023-01-02,6\n", profile=profile)


def test_a_guessed_id_that_comes_twice_is_not_used() -> None:
    lines = "".join(f"{number % 1200},2023-01-{number % 28 + 1:02},text,-{number}.00\n" for number in range(1500))
    assert {record.external_id for record in read("id,date,text,amount\n" + lines)} == {None}


def test_formulas_are_text() -> None:
    records = read("date,text,amount\n2023-01-01,=cmd|' /C calc'!A0,-1.00\n2023-01-02,+A1,-2.00\n")
    assert [record.description for record in records] == ["=cmd|' /C calc'!A0", "+A1"]


def test_very_long_texts_are_cut_and_kept_whole_beside() -> None:
    long = "word " * 2_000
    (record,) = read(f"date,text,amount\n2023-01-01,{long},-1.00\n")
    assert len(record.description) == 4_000
    assert dict(record.raw or {})["text"] == long.strip()


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        for batch in GUESSING.parse(io.BytesIO(data), HINTS):
            list(batch.records)
    except FileRefused:
        pass
    GUESSING.identify("x.csv", data)


cells = st.one_of(
    st.sampled_from(["2023-01-01", "01/02/2023", "-1.00", "1.234,56", "", "EUR", "Total", '"', "D", "C", "x;y", "\n"]),
    st.text(max_size=8),
)


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.lists(cells, max_size=6), max_size=8), delimiter=st.sampled_from(";,\t|"))
def test_any_table_is_read_or_refused(rows: list[list[str]], delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in rows)
    try:
        for batch in GUESSING.parse(io.BytesIO(text.encode("utf-8", "replace")), HINTS):
            list(batch.records)
    except FileRefused:
        pass


def _pieces(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


class Slow(io.BytesIO):
    """A file that gives only a few bytes at a time, so that every pair of bytes is torn apart once."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._few = size

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._few)


@settings(deadline=None)
@given(
    lines=st.lists(
        st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=5), max_size=8
    ),
    end=st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"]),
    few=st.integers(1, 5),
    encoding=st.sampled_from(["utf-8", "utf-16-le"]),
)
def test_lines_are_the_same_however_the_bytes_come(lines: list[str], end: str, few: int, encoding: str) -> None:
    text = "".join(line + end for line in lines)
    found = list(Lines(Slow(text.encode(encoding), few), encoding))
    assert found == [line + "\n" for line in lines]


def test_an_account_must_be_known() -> None:
    with pytest.raises(FileRefused, match="which account"):
        read("date,text,amount\n2023-01-01,a,-1.00\n", hints=Hints(asset="EUR"))


def test_a_currency_must_be_known() -> None:
    with pytest.raises(FileRefused, match="does not say its currency"):
        read("date,text,amount\n2023-01-01,a,-1.00\n", hints=Hints(account="main"))


def test_long_cells_are_not_remembered() -> None:
    data = b"date;text;amount\n" + b"".join(
        b"2023-01-01;a;-1,00\n%d%s;;;\n" % (number, b"x" * 60_000) for number in range(400)
    )
    profile = QUOTED + "balances: none\n"
    tracemalloc.start()
    try:
        reading, records = read_all(data, profile=profile)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(records) == 400
    assert len(reading.notes) == 21
    assert peak < len(data) / 4


def test_a_comma_without_quotes_is_named_with_its_line() -> None:
    head = "Date,Text,Amount,Balance\n"
    rows = [f"2024-01-{day:02d},Shop,-1.00,{100 - day}.00\n" for day in range(1, 10)]
    rows[4] = "2024-01-05,Shop, of a kind,-1.00,95.00\n"
    with pytest.raises(FileRefused, match="line 6: 5 columns where the header has 4: a ',' inside a text needs quotes"):
        read(head + "".join(rows))


def test_a_shifted_row_is_seen_though_all_rows_end_with_a_blank_cell() -> None:
    head = "Date,Text,Amount,Type\n"
    rows = [f"2024-01-{day:02d},Shop,-1.00,Card,\n" for day in range(1, 10)]
    rows[4] = "2024-01-05,Shop, 7,-1.00,,\n"
    with pytest.raises(FileRefused, match="line 6: 6 columns where other rows have 5"):
        read(head + "".join(rows))


def test_a_file_of_which_most_is_not_understood_is_refused_or_said() -> None:
    table = "Date,Text,Amount\n2024-01-01,Shop,-1.00\n2024-01-02,Shop,-2.00\n"
    with pytest.raises(FileRefused, match=r"20 lines were not understood, and only 2 were \(line 4 was left out"):
        read(table + "some other thing,x,y\n" * 20)
    assert len(read(table + "some other thing,x,y\n" * 2)) == 2


def test_a_file_with_the_tables_of_two_accounts_is_refused() -> None:
    head = "\nDatum;Text;Betrag\n"
    one = f"Konto;DE02120300000000202051\n{head}31.01.2024;a;5,00\n30.01.2024;b;-5,00\n\n"
    two = f"Konto;DE89370400440532013000\n{head}31.01.2024;c;7,00\n"
    with pytest.raises(FileRefused, match=r"line 9: here begins the table of another account \(DE893704"):
        read(one + two)
    assert len(read(one + one)) == 4
