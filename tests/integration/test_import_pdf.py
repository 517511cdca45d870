"""PDFs through the real extractor: pages of our own making, a real one, and files made to break it."""

from __future__ import annotations

import io
import random
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowd.api import Balance, FileRefused, Hints, Importer, Transaction
from flowd.engine.imports import Imported, import_file
from flowd.importers import register_importers
from flowd.importers.pdf.child import answer_for
from flowd.importers.pdf.importer import PdfImporter
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from tests.unit.importers.printed import LAYOUTS, Printed, assemble, make_pdf, plan, posted, read, stream

DATA = Path(__file__).parents[3] / "shared" / "data" / "statements"


def _table(rows: list[tuple[str, str, str, str]]) -> list[tuple[float, float, str]]:
    """Lay a table out in columns, one column after the other as many programs write them; sums end at one edge."""
    page: list[tuple[float, float, str]] = [
        (50, 50, "Musterbank   Kontoauszug vom 01.02.2024 bis 29.02.2024"),
        (50, 65, "IBAN DE89 3704 0044 0532 0130 00"),
        (50, 80, "Alter Kontostand in EUR 1.000,00"),
    ]
    headings = ((50.0, "Datum"), (110.0, "Buchungstext"), (330.0, "Belastung"), (440.0, "Gutschrift"))
    page += [(x, 100, text) for x, text in headings]
    for column, (x, _) in enumerate(headings):
        for at, row in enumerate(rows):
            if row[column]:
                shift = 42 - 4.6 * len(row[column]) if column > 1 else 0
                page.append((x + shift, 115 + 14 * at, row[column]))
    return page


ROWS = [
    ("01.02.", "Miete Musterweg", "450,00", ""),
    ("05.02.", "Erika Muster", "", "1.200,50"),
    ("29.02.", "Strom", "85,10", ""),
]


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "plain"])
def test_columns_of_a_page_say_which_way_the_money_went(packed: bool) -> None:
    # No closing balance: only the place of a sum under its heading tells.
    data = make_pdf([_table(ROWS)], packed=packed)
    records = [record for batch in plan(data, Hints()).batches() for record in batch.records]
    assert [(str(r.booked_at), str(r.amount), r.description) for r in records if isinstance(r, Transaction)] == [
        ("2024-02-01", "-450.00", "Miete Musterweg"),
        ("2024-02-05", "1200.50", "Erika Muster"),
        ("2024-02-29", "-85.10", "Strom"),
    ]
    balances = [(str(r.day), r.amount) for r in records if isinstance(r, Balance)]
    assert balances == [("2024-01-31", Decimal("1000.00"))]


@pytest.mark.parametrize("printed", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_every_layout_as_a_pdf(printed: Printed) -> None:
    lines = [line for line in printed.text.splitlines() if line.strip()]
    page = [(40.0, 40.0 + 12 * at, line) for at, line in enumerate(lines)]
    # The process of its own costs half a second each time; what it runs is the same.
    pages = answer_for(make_pdf([page]))["pages"]
    assert isinstance(pages, list)
    assert posted("\n".join(pages[0])) == printed.posted


def test_pages_follow_each_other() -> None:
    first, second = _table(ROWS[:2]), [(50.0, 50.0, "29.02.2024 Strom -85,10")]
    last = plan(make_pdf([first, second])).postings[-1]
    assert (last.amount, last.place) == (Decimal("-85.10"), "page 2, line 1")


def test_a_real_programs_card_bill() -> None:
    path = DATA / "pdf" / "example_statement.pdf"
    if not path.exists():
        pytest.skip("the real statements are not on this machine")
    expected = []
    for line in (DATA / "pdf" / "raw.csv").read_text("utf-8").splitlines()[1:]:
        day, text, amount = line.split(",")
        if "BALANCE" not in text:
            expected.append((f"2023-{day[3:]}-{day[:2]}", Decimal(amount).quantize(Decimal("0.01"))))
    found = [
        (str(posting.booked_at), posting.amount)
        for posting in read(path.read_bytes(), Hints(account="card", asset="SGD"))
    ]
    assert sorted(found) == sorted(expected)


# ---- into the raw log


def test_twice_is_once_and_overlapping_statements_are_their_union(database: Database, tmp_path: Path) -> None:
    found: list[Importer] = []
    register_importers(found.append)
    importers = {importer.name: importer for importer in found}
    log = RawLog(database)

    def put(rows: list[tuple[str, str, str, str]]) -> Imported:
        path = tmp_path / "auszug.pdf"
        path.write_bytes(make_pdf([_table(rows)]))
        return import_file(path, importers, Hints(), log=log, connection="inbox", at=datetime(2024, 3, 1, tzinfo=UTC))

    first = put(ROWS[:2])
    assert (first.plan.importer, first.plan.rows) == ("pdf", 2)
    again = put(ROWS[:2])
    assert (again.written.events_new, again.written.events_revised) == (0, 0)
    put(ROWS)
    put(ROWS[1:])
    with database.transaction() as session:
        rows = session.execute("SELECT t.amount::text FROM derived.transaction t ORDER BY t.day").fetchall()
    assert [str(row[0]) for row in rows] == ["-450", "1200.5", "-85.1"]


def test_trades_on_a_statement_come_once_too(database: Database, tmp_path: Path) -> None:
    found: list[Importer] = []
    register_importers(found.append)
    importers = {importer.name: importer for importer in found}
    path = tmp_path / "auszug.txt"
    path.write_text(
        "Kontoauszug 01.03.2024 - 31.03.2024 EUR\nDatum Valuta Buchungstext Betrag\nAlter Saldo 1.000,00\n"
        "04.03. 05.03. Wertpapierkauf BEISPIEL ETF STK 2,5 ISIN IE00B4L5Y983 -302,50\n"
        "04.03. 05.03. Wertpapierkauf BEISPIEL ETF STK 2,5 ISIN IE00B4L5Y983 -302,50\nNeuer Saldo 395,00\n"
    )
    at, hints = datetime(2024, 4, 1, tzinfo=UTC), Hints(account="main")
    told = [
        import_file(path, importers, hints, log=RawLog(database), connection="inbox", at=at).written.events_new
        for _ in range(2)
    ]
    assert told[1] == 0
    with database.transaction() as session:
        trades = session.execute("SELECT base, quantity, price FROM derived.trade").fetchall()
        kinds = session.execute("SELECT kind, amount FROM derived.transaction").fetchall()
    assert trades == [("IE00B4L5Y983", Decimal("2.5"), Decimal(121))] * 2
    assert kinds == [("transfer", Decimal("-302.50"))] * 2


# ---- files that hold nothing to read


def _refused(data: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        plan(data)
    return str(refused.value)


def test_a_locked_file_says_how_to_open_it() -> None:
    locked = make_pdf([_table(ROWS)], trailer=(
        "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
        f"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{'ab' * 32}> /U <{'cd' * 32}> >> "
    ))  # fmt: skip
    assert "locked with a password: open it, print it into a new PDF" in _refused(locked)


def test_a_scan_says_that_it_is_one() -> None:
    assert "pictures, without text" in _refused(make_pdf([[]]))


def test_a_broken_download() -> None:
    whole = make_pdf([_table(ROWS)])
    assert "the PDF cannot be read" in _refused(whole[:200])
    for size in (9, 20, len(whole) // 3):
        assert "refused" in answer_for(whole[:size])


def test_text_with_nul_bytes() -> None:
    assert "NUL" in _refused(b"Datum Betrag\0\n")


# ---- files made to do harm


def _bomb() -> bytes:
    """Return a page that unpacks to 400 MB: one packed piece again and again."""
    piece = b"(0) Tj " * 1_500_000
    packer = zlib.compressobj(9)
    begin = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    check = zlib.adler32(b"")
    for _ in range(40):
        check = zlib.adler32(piece, check)
    packed = begin + again * 40 + b"\x03\x00" + check.to_bytes(4, "big")
    page = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]
    return assemble(page)


def _endless_text() -> bytes:
    """Return a page that shows one text of 8 MB: small enough to unpack, too long to read."""
    return assemble([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>",
        stream(b"BT (" + b"9" * (8 << 20) + b") Tj ET"),
    ])  # fmt: skip


def _pages_of_themselves() -> bytes:
    return assemble([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>",
    ])  # fmt: skip


def _deep() -> bytes:
    return assemble([b"<< /Type /Catalog /Pages " + b"[" * 100_000 + b"]" * 100_000 + b" >>"])


def _form_of_itself() -> bytes:
    return assemble([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /XObject << /X 5 0 R >> >> >>",
        stream(b"/X Do /X Do"),
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >> /Length 11 >>\n"
        b"stream\n/X Do /X Do\nendstream",
    ])  # fmt: skip


@pytest.mark.parametrize("make", [_bomb, _endless_text, _pages_of_themselves, _deep, _form_of_itself])
def test_harm_is_refused_in_bounded_time(make: Callable[[], bytes]) -> None:
    data = make()
    begun = time.monotonic()
    assert "the PDF" in _refused(data)
    assert time.monotonic() - begun < 20


def test_a_line_without_end_and_lines_without_end() -> None:
    assert "characters" in _refused(b"Kontoauszug 01.02.2024 " + b"9" * 1_000_000)
    assert "lines" in _refused(b"x\n" * 200_001)


# ---- fuzz

_SEED = make_pdf([_table(ROWS)], packed=False)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 30))
def test_a_mutated_pdf_is_read_or_refused(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    data = bytearray(_SEED)
    for _ in range(changes):
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(3)] = bytes(chance.randrange(256) for _ in range(chance.randrange(4)))
    answer = answer_for(bytes(data))
    if "refused" in answer:
        assert len(str(answer["refused"])) > 20
        return
    pages = answer["pages"]
    assert isinstance(pages, list)
    _read_or_refuse("\n".join(line for page in pages for line in page).encode())


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_a_mutated_statement_is_read_or_refused(seed: int, changes: int) -> None:
    chance = random.Random(seed)
    text = chance.choice(list(LAYOUTS.values())).text
    for _ in range(changes):
        at = chance.randrange(len(text))
        piece = chance.choice(
            ["", "\n", " ", "9", ",", ".", "-", "31.02.", "1.000,00", "S", "€", "Saldo 5,00", "\t", "ß"]
        )
        text = text[:at] + piece + text[at + chance.randrange(4) :]
    _read_or_refuse(text.encode())


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet=st.sampled_from("0123456789.,-/' \n€SHabJanSaldoDatumBetrag"), max_size=600))
def test_any_text_is_read_or_refused(text: str) -> None:
    _read_or_refuse(text.encode())


def _read_or_refuse(data: bytes) -> None:
    try:
        reading = PdfImporter().plan(io.BytesIO(data), Hints(account="main", asset="EUR"))
    except FileRefused:
        return
    for batch in reading.batches():
        for record in batch.records:
            if isinstance(record, Transaction):
                assert 1900 <= record.booked_at.year <= 2100
                assert record.amount
