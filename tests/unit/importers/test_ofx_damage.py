"""Damaged and hostile OFX: refused with its line in bounded time and memory, never half, never a crash."""

from __future__ import annotations

import contextlib
import io
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.ofx.importer import OfxImporter

from .ofx_files import HEADER, SIGNON, Endless, bank, broker, ofx, posting, read

OFX = OfxImporter()
GOOD = ofx(bank(posting("a1"), posting("a2", "1,500.00", "20240116", "<NAME>Work<MEMO>January"), posting("a3", "-3")))
HEAD = HEADER + f"<OFX>{SIGNON}" + bank().partition("<BANKTRANLIST>")[0] + "<BANKTRANLIST>"


@pytest.mark.parametrize("at", range(0, len(GOOD), 3))
def test_a_file_cut_anywhere_is_refused(at: int) -> None:
    if GOOD[:at].rstrip().endswith("</OFX>"):
        return
    with pytest.raises(FileRefused):
        read(OFX, GOOD[:at])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("</STMTRS>", "</STMTRX>"), "line 15: </STMTRX> ends nothing that is open"),
        (GOOD.replace("-12.50", "$12.50"), r"line 12: <TRNAMT> '\$12.50' is not an amount"),
        (GOOD.replace("-12.50", ""), "line 12: a posting without <TRNAMT>"),
        (GOOD.replace("20240116", "20241316"), "line 13: <DTPOSTED> '20241316' is not a date"),
        (GOOD.replace("<DTPOSTED>20240116", ""), "a posting without <DTPOSTED>"),
        (GOOD.replace("<ACCTID>12345678", ""), "names no account"),
        (GOOD.replace("BANKACCTFROM", "BANKACCTFRAU"), "outside of any account's statement"),
        (GOOD.replace("<TRNAMT>-3", "<TRNAMT>-3<TRNAMT>-4"), "two <TRNAMT>"),
        (GOOD.replace("<BANKMSGSRSV1>", "<OFX><BANKMSGSRSV1>"), "begins again before it ended"),
        (GOOD.replace("<SIGNONMSGSRSV1>", "<STATUS><CODE>0</STATUS><SIGNONMSGSRSV1>"), "stands directly in <OFX>"),
        (GOOD.replace("Grocer", "Gro\0cer", 1), "a NUL byte"),
        (GOOD.replace("COMPRESSION:NONE", "COMPRESSION:GZIP"), "compressed"),
        ('<!DOCTYPE OFX [<!ENTITY a "b">]>' + GOOD.removeprefix(HEADER), "declares a document type"),
        (GOOD.replace("<STMTTRN>", '<!ENTITY a "b"><STMTTRN>', 1), "declares a document type"),
        (GOOD.replace("Grocer", "<![CDATA[Grocer", 1), "CDATA section that does not end"),
        (GOOD.replace("Grocer", "<!-- Grocer", 1), "a comment that does not end"),
        ("<STATUS>\n<<OFX>\n<STATUS>\n<OFX>\n</STATUS>\n>\n", "stands directly in <OFX>"),
        ("%PDF-1.7 <OFX>", "a PDF"),
    ],
)
def test_damage_is_named(text: str, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        read(OFX, text)


HOSTILE = [
    pytest.param(HEAD + "<STMTTRN><DTPOSTED>20240101<FITID>x<TRNAMT>", "9", 100_000_000, "without a tag", id="digits"),
    pytest.param(HEADER + "<OFX", "A", 20_000_000, "no <OFX>", id="a root that does not end"),
    pytest.param(HEAD + "<", "A", 20_000_000, "without a tag|damaged", id="a tag that does not end"),
    pytest.param(HEAD + "<!--", "-", 20_000_000, "a comment that does not end|without a tag", id="a comment"),
    pytest.param(HEAD + "<STMTTRN><MEMO><![CDATA[", "x", 20_000_000, "does not end|without a tag", id="CDATA"),
    pytest.param(HEAD, "<STMTTRN>", 9_000_000, "more than 1,000 end tags are missing", id="a million openings"),
    pytest.param(HEAD, "<X>", 3_000_000, "inside each other", id="a million unknown aggregates"),
    pytest.param(HEAD, "</X>", 4_000_000, "ends nothing", id="a million ends"),
    pytest.param(HEAD + "<PAYEE>", "<NAME>x", 9_000_000, "holds more than a bank writes", id="a million elements"),
    pytest.param(HEAD + "<A ", "a=1 ", 20_000_000, "without a tag|damaged", id="attributes"),
    pytest.param(HEAD, "< ", 20_000_000, "without a tag", id="signs"),
    pytest.param(HEAD, "<a ", 5_000_000, "without a tag|damaged", id="tags that begin"),
    pytest.param(HEADER, "x: y\n", 20_000_000, "no <OFX>", id="a header that does not end"),
    pytest.param(HEAD + posting() + "</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>", "x\n", 5_000_000,
                 "without a tag|no OFX", id="much behind the end"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "again", "size", "says"), HOSTILE)
def test_hostile_files_are_refused_in_bounded_time_and_memory(head: str, again: str, size: int, says: str) -> None:
    file = Endless(head.encode(), again.encode(), size)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(FileRefused, match=says):
        consume(file)
    spent = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32_000_000
    assert spent < 20


def consume(file: io.RawIOBase | io.BytesIO) -> None:
    for batch in OFX.parse(file, Hints()):  # type: ignore[arg-type]
        for _ in batch.records:
            pass


def test_memory_does_not_grow_with_the_file() -> None:
    def peak(count: int) -> int:
        long = "<MEMO>" + "what it was for " * 20
        data = ofx(bank("".join(posting(f"n{number}", f"-{number}.10", more=long) for number in range(count)))).encode()
        file = io.BytesIO(data)
        tracemalloc.start()
        consume(file)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    # Eight bytes three times for each id, and their arrays' room to grow.
    assert peak(8_000) - peak(4_000) < 4_000 * 48


BROKER = broker(
    "<INCOME><INVTRAN><FITID>i<DTTRADE>20240101</INVTRAN><SECID><UNIQUEID>1</SECID><INCOMETYPE>DIV<TOTAL>1</INCOME>"
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([GOOD.encode(), BROKER.encode()]),
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 30), st.binary(max_size=20)), min_size=1, max_size=5),
)
def test_mutated_bytes_are_read_or_refused(data: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    for at, length, new in changes:
        at %= len(data) or 1
        data = data[:at] + new + data[at + length :]
    try:
        records, _ = read(OFX, data, Hints(asset="EUR"))
    except FileRefused:
        return
    assert all(record.amount.is_finite() for record in records if isinstance(record, Transaction))


TAGS = (
    "<OFX> </OFX> <BANKMSGSRSV1> </BANKMSGSRSV1> <STMTRS> </STMTRS> <STMTTRN> </STMTTRN> <TRNAMT>1 <DTPOSTED>20240101 "
    "<ACCTID>1 <BANKACCTFROM> </BANKACCTFROM> <CURDEF>EUR <X> </X> <LEDGERBAL> <BALAMT>5 <![CDATA[ ]]> <!-- --> &amp; "
    "<SECLIST> <INVTRANLIST> <BUYMF>"
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TAGS.split()), max_size=40))
def test_any_order_of_tags_is_read_or_refused(tags: list[str]) -> None:
    with contextlib.suppress(FileRefused):
        read(OFX, "<OFX>" + "".join(tags) + "</OFX>")
