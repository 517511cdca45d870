"""Workbooks: cells as tables of text, several sheets, protected and hostile files; each in a process of its own."""

from __future__ import annotations

import io
import time
from datetime import date
from decimal import Decimal

import pytest

from flowd.api import Balance, FileRefused, Hints, Transaction
from flowd.importers.delimited.catalogue import Catalogue, read_profile
from flowd.importers.delimited.importer import CsvImporter
from flowd.importers.sheets.importer import Reading, SheetsImporter
from tests.unit.importers.workbooks import Cell, ods, xlsx, xlsx_of

GUESSING = SheetsImporter(CsvImporter(Catalogue([])))
HINTS = Hints(account="main", asset="EUR")
HEADER: list[Cell] = ["Date", "Text", "Amount", "Balance"]
ROWS: list[list[Cell]] = [
    HEADER,
    [date(2023, 1, 30), "Shop", -20.1, 79.9],
    [date(2023, 1, 31), "Pay", 0.1 + 0.2, 80.2],
    [date(2023, 2, 1), "Rent", -1000, -919.8],
]


NO_TABLE: list[list[Cell]] = [["a", "b"], ["c", "d"]]
ONE = '<c r="{}"><v>1</v></c>'


def read(data: bytes, importer: SheetsImporter = GUESSING, hints: Hints = HINTS) -> tuple[Reading, list[Transaction]]:
    plan = importer.plan(io.BytesIO(data), hints)
    return plan, [r for batch in plan.batches() for r in batch.records if isinstance(r, Transaction)]


def said(records: list[Transaction]) -> list[str]:
    return [f"{record.booked_at} {record.amount} {record.description}" for record in records]


@pytest.mark.parametrize("make", [lambda rows: xlsx({"Konto": rows}), ods], ids=["xlsx", "ods"])
def test_cells_are_read_as_they_are_shown(make: object) -> None:
    data = make([["My Bank"], [], ["Account", "12"], *ROWS])  # type: ignore[operator]
    plan, records = read(data)
    assert said(records) == ["2023-01-30 -20.1 Shop", "2023-01-31 0.3 Pay", "2023-02-01 -1000 Rent"]
    assert "sheet 'Konto'" in plan.summary
    assert plan.notes == []
    held = [
        r for batch in GUESSING.plan(io.BytesIO(data), HINTS).batches() for r in batch.records if type(r) is Balance
    ]
    assert (held[0].day, held[0].amount) == (date(2023, 1, 29), Decimal(100))
    assert (held[-1].day, held[-1].amount) == (date(2023, 2, 1), Decimal("-919.8"))
    assert GUESSING.identify("a.xlsx", data) == GUESSING.identify("download", data) == 0.95


def test_a_profile_written_for_text_reads_cells() -> None:
    profile = read_profile(
        'name: t\nmatch: {header: [Datum, Text, Betrag]}\ndelimiter: ";"\ndates: "%d.%m.%Y"\nnumbers: {decimal: ","}\n'
        "columns: {date: Datum, amount: Betrag, description: Text}\n",
        "t.yaml",
    )
    importer = SheetsImporter(CsvImporter(Catalogue([profile])))
    typed: list[list[Cell]] = [
        ["Datum", "Text", "Betrag"],
        [date(2023, 1, 30), "a", -1234.567],
        [date(2023, 2, 1), "b", 1.5],
    ]
    plan, records = read(xlsx({"s": typed}), importer)
    assert plan.label == "t"
    assert [record.amount for record in records] == [Decimal("-1234.567"), Decimal("1.5")]
    texts: list[list[Cell]] = [["Datum", "Text", "Betrag"], ["30.01.2023", "a", "-1.234,56"]]
    assert said(read(xlsx({"s": texts}), importer)[1]) == ["2023-01-30 -1234.56 a"]


def test_sheets_alike_are_read_and_others_are_told() -> None:
    more: list[list[Cell]] = [HEADER, [date(2022, 1, 30), "Old", -1.5, 100], [date(2022, 1, 31), "Older", -2.5, 97.5]]
    below: list[list[Cell]] = [[], [], [None, "x"]]
    deep: list[list[Cell]] = [*below, *ROWS]
    assert read(xlsx({"s": deep}))[0].sheets[0][1].summary.count("header in row 4") == 1
    summary: list[list[Cell]] = [["Month", "Sum"], ["Jan", 5]]
    data = xlsx(
        {"2023": ROWS, "2022": more, "January": ROWS[:3], "Sums": summary, "Notes": ROWS}, hidden=["Notes"]
    )  # fmt: skip
    plan, records = read(data)
    assert [record.description for record in records] == ["Shop", "Pay", "Rent", "Old", "Older"]
    assert any("'January' shows rows of another sheet" in note for note in plan.notes)
    assert any("'Sums' holds no table" in note for note in plan.notes)


def test_a_bad_cell_refuses_with_sheet_and_row() -> None:
    rows: list[list[Cell]] = [*ROWS, [date(2023, 2, 2), "x", "12,34,56", 1.0]]
    with pytest.raises(FileRefused, match=r"sheet 'Konto', line 5: the amount '12,34,56' cannot be read"):
        read(xlsx({"Konto": rows}))


def test_a_page_named_as_a_workbook_is_read() -> None:
    rows = "".join(f"<tr><td>{day}.01.2023<td>Shop &amp; Co<td>-{day},50</tr>" for day in (13, 14))
    page = f"<html><meta charset=utf-8><table><tr><th>Datum<th>Text<th>Betrag</tr>{rows}</table></html>".encode()
    assert GUESSING.identify("umsatz.xls", page) == 0.7
    _, records = read(page)
    assert said(records) == ["2023-01-13 -13.50 Shop & Co", "2023-01-14 -14.50 Shop & Co"]
    cells = "".join(
        f'<Row><Cell><Data ss:Type="DateTime">2023-01-{day}T00:00:00.000</Data></Cell><Cell ss:Index="3">'
        f'<Data ss:Type="Number">-{day}.5</Data></Cell></Row>'
        for day in (13, 14)
    )
    head = "".join(f"<Cell><Data>{name}</Data></Cell>" for name in ("Date", "Text", "Amount"))
    xml = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        f"<Row>{head}</Row>{cells}</Table></Worksheet></Workbook>"
    )
    _, records = read(xml.encode())
    assert said(records) == ["2023-01-13 -13.5 ", "2023-01-14 -14.5 "]


def old_workbook(stream: str) -> bytes:
    """Return the shell of an OLE file whose directory names `stream`; its content is nothing."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016 + stream.encode("utf-16-le") + b"\0" * 1000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (xlsx({"s": NO_TABLE}), "sheet 's': no table"),
        (xlsx({}), "no visible cells|no workbook"),
        (xlsx({"s": ROWS})[:-200], "damaged"),
        (old_workbook("EncryptedPackage"), "protected by a password"),
        (old_workbook("Workbook"), "no workbook that can be read"),
        (
            xlsx_of({"s": f'<row r="1">{ONE.format("A1")}</row><row r="1048576">{ONE.format("XFD1048576")}</row>'}),
            "claims 16,384 columns|more memory",
        ),
        (xlsx_of({"s": f'<row r="1">{ONE.format("A1").replace("v>1", "v>" + "9" * 50_000_000)}</row>'}), "unpacks to"),
        (b"<table><tr><td>" + b"x" * 100_000, "one cell holds more than"),
        (b"<table><!--" + b"x" * 3_000_000, "too large for a bank's"),
        (b"<table><tr>" + b"<td>1</td>" * 1000, "more than 200 columns"),
    ],
    ids=["no-table", "empty", "cut", "protected", "broken", "huge-claim", "zip-bomb", "cell", "open-comment", "wide"],
)  # fmt: skip
def test_what_is_no_banks_workbook_is_refused_quickly(data: bytes, says: str) -> None:
    begun = time.monotonic()
    with pytest.raises(FileRefused, match=says):
        read(data)
    assert time.monotonic() - begun < 20


def test_an_xml_bomb_in_a_workbook_is_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(9))
    data = xlsx_of({"s": '<row r="1"><c r="A1" t="inlineStr"><is><t>&e8;</t></is></c></row>'})
    out = io.BytesIO()
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == "xl/sheet1.xml":
                text = text.replace("<worksheet", f"<!DOCTYPE worksheet [{bomb}]><worksheet", 1)
            new.writestr(name, text)
    with pytest.raises(FileRefused):
        read(out.getvalue())


def test_sheets_of_two_accounts_are_not_put_into_one() -> None:
    ibans = ("DE89370400440532013000", "DE02120300000000202051")
    months: list[list[list[Cell]]] = [[HEADER, [date(2023, month, 20), "Shop", -20.1, 79.9]] for month in (1, 2)]
    data = xlsx({f"S{n}": [["IBAN", iban], [], *months[n]] for n, iban in enumerate(ibans)})
    own = read(data, hints=Hints(asset="EUR"))[1]
    assert sorted(record.account for record in own) == sorted(ibans)
    with pytest.raises(FileRefused, match=r"'S0' is of DE89370400440532013000, sheet 'S1' is of DE02"):
        read(data)
    one = xlsx({f"S{n}": [["IBAN", ibans[0]], [], *months[n]] for n in (0, 1)})
    assert {record.account for record in read(one)[1]} == {"main"}
    assert len(read(one)[1]) == 2


def test_sheets_with_one_header_are_read_alike() -> None:
    head: list[Cell] = ["Datum", "Text", "Umsatz"]
    sheets: dict[str, list[list[Cell]]] = {
        "Jan": [head, [date(2024, 1, 2), "Kauf", 3.25], [date(2024, 1, 5), "Erstattung", -1.5]],
        "Feb": [head, [date(2024, 2, 2), "A", -2.25]],
        "Mar": [head],
        "Apr": [head, [date(2024, 4, 2), "B", 2.25], ["Summe", None, 2.25]],
        "Notes": [["Date", "Amount"], [date(2024, 4, 2), 99]],
    }
    plan, records = read(xlsx(sheets))
    assert said(records) == [
        "2024-01-02 3.25 Kauf", "2024-01-05 -1.5 Erstattung", "2024-02-02 -2.25 A", "2024-04-02 2.25 B",
    ]  # fmt: skip
    assert [note for note in plan.notes if "'Notes'" in note] == ["sheet 'Notes' holds no table of dates and amounts"]
