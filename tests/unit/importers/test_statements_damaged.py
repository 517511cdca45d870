"""Damaged and hostile statements: refused with a place, or read; never anything else, in bounded time and memory."""

from __future__ import annotations

import io
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.api import FileRefused, Hints, Transaction
from flowd.domain.keys import data_of

from .stating import CAMT, MT940, Planning, balance, camt, entry, mt940, payment, read

HINTS = Hints(account="main", asset="EUR")
MESSAGE = mt940(
    ":61:2401150116D12,50NTRFNONREF//1\n:86:177?00ONLINE?20EREF+1?21SVWZ+Rent?30GENODEF1?31DE89370400440532013000?32Bob",
    ":61:240117C3,00NMSC\nMore\n:86:/TRTP/SEPA/IBAN/NL91ABNA0417164300/NAME/J. DE V/REMI/Loon",
    closing="C240131EUR990,50",
).encode()
DOCUMENT = camt(
    balance("OPBD", "10.00", "2024-01-14"),
    balance("CLBD", "0.00", "2024-01-15"),
    entry("4.00", ref="R1", details=payment("Rent", name="Bob", inside='<Amt Ccy="EUR">4.00</Amt>')),
    entry("6.00", status="<Cd>PDNG</Cd>"),
).encode()


def try_to_read(importer: Planning, data: bytes) -> None:
    """Read `data` as the store would; a refusal is an answer."""
    try:
        _, records = read(importer, data, HINTS)
    except FileRefused:
        return
    for record in records:
        if isinstance(record, Transaction):
            record.__post_init__()  # built without its own checks: they hold all the same
            data_of(record)


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 5_000), st.sampled_from(["set", "cut", "add", "twice"]), st.binary(min_size=1, max_size=6)
    ),
    min_size=1,
    max_size=8,
)
TAGS = (":20:", ":25:", ":61:", ":86:", ":60F:", ":62F:", ":34F:", "-}", "{4:", "\n", ":", "?20", "//", "240115")
WORDS = ("D1,00", "C240115EUR1,", "NTRF", "/NAME/", "SVWZ+", "-", "99", " ", "é")
PIECES = st.lists(st.sampled_from((*TAGS, *WORDS)), max_size=60)


def changed(data: bytes, changes: list[tuple[int, str, bytes]]) -> bytes:
    for at, how, piece in changes:
        at %= len(data) + 1
        if how == "set":
            data = data[:at] + piece + data[at + len(piece) :]
        elif how == "cut":
            data = data[:at] + data[at + len(piece) * 5 :]
        elif how == "add":
            data = data[:at] + piece + data[at:]
        else:
            data = data[:at] + data[max(0, at - 60) :]
    return data


@settings(max_examples=400, deadline=2_000)
@given(CHANGES)
def test_a_message_with_bytes_changed(changes: list[tuple[int, str, bytes]]) -> None:
    try_to_read(MT940, changed(MESSAGE, changes))


@settings(max_examples=400, deadline=2_000)
@given(PIECES)
def test_a_message_of_any_pieces(pieces: list[str]) -> None:
    try_to_read(MT940, b":20:X\n:25:123\n" + "".join(pieces).encode())


@settings(max_examples=400, deadline=2_000)
@given(CHANGES)
def test_a_document_with_bytes_changed(changes: list[tuple[int, str, bytes]]) -> None:
    data = changed(DOCUMENT, changes)
    CAMT.identify("x", data)
    try_to_read(CAMT, data)


@pytest.mark.parametrize("at", range(60, len(MESSAGE) - 3))
def test_a_message_cut_anywhere_is_refused_or_says_that_it_may_be_cut(at: int) -> None:
    whole = [r for r in read(MT940, MESSAGE)[1] if isinstance(r, Transaction)]
    try:
        reading, records = read(MT940, MESSAGE[:at])
    except FileRefused:
        return
    found = [r for r in records if isinstance(r, Transaction)]
    assert [r.amount for r in found] == [r.amount for r in whole[: len(found)]]
    assert reading.notes or found == whole


class Endless(io.RawIOBase):
    """A file of `size` bytes that begins with `head` and goes on with `again`."""

    def __init__(self, head: bytes, again: bytes, size: int) -> None:
        self.head, self.block, self.size = head, again * (65_536 // len(again) + 1), size

    def seek(self, offset: int, whence: int = 0) -> int:
        del whence
        self.rest, self.left = self.head, self.size
        return offset

    def read(self, size: int = -1) -> bytes:
        if self.rest:
            data, self.rest = self.rest[:size], self.rest[size:]
            return data
        self.left -= len(self.block)
        return self.block if self.left > 0 else b""


START = b":20:X\n:25:123\n:60F:C240101EUR1,00\n"


def read_on(file: Endless) -> None:
    for batch in MT940.parse(file, HINTS):  # type: ignore[arg-type]
        for _ in batch.records:
            pass


@pytest.mark.parametrize(
    ("head", "again", "why"),
    [
        (START + b":61:240115D", b"9", "line 4: longer than"),
        (START + b":61:240115D1,00NTRF\n:86:", b"word ", "line 5: longer than"),
        (START + b":61:240115D1,00NTRF\n:86:", b"word\n", "line .*: the field :86: of line 5 holds more than"),
        (START + b":61:240115D1,00NTRF\n:86:166?20", b"?20", "line 5: longer than"),
        (START, b"\0", "line 4: a NUL byte"),
    ],
)
def test_endless_messages_are_refused_in_bounded_memory(head: bytes, again: bytes, why: str) -> None:
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(FileRefused, match=why):
            read_on(Endless(head, again, 6 << 20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 << 20
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "text",
    [
        "166?20" + "EREF+" * 12_000,
        "166" + "?20x" * 15_000,
        "/REMI/" * 10_000,
        "/" * 60_000,
        "A" * 60_000,
        "DE" + "0" * 60_000,
        " " * 60_000,
        "EREF+" * 12_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.monotonic()
    read(MT940, mt940(f":61:240115D1,00NTRF\n:86:{text}"))
    read(MT940, mt940(f":61:240115D1,00NTRF{text}"))
    assert time.monotonic() - begun < 5


def test_a_posting_line_of_digits_takes_no_time() -> None:
    begun = time.monotonic()
    for line in ("2" * 60_000, "240115" * 10_000, "240115C" + "1" * 60_000, "240115C1," + "1" * 60_000):
        with pytest.raises(FileRefused):
            read(MT940, mt940(f":61:{line}"))
    assert time.monotonic() - begun < 5


def test_memory_does_not_grow_with_the_messages() -> None:
    def peak(count: int) -> int:
        one = b":61:2401150115D1,00NTRFNONREF\n:86:166?20Rent?32Bob\n"
        file = Endless(START, one, count * len(one))
        tracemalloc.start()
        try:
            read_on(file)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(12_000) < 1.3 * peak(6_000)


def test_messages_without_end_and_without_postings_are_refused() -> None:
    with pytest.raises(FileRefused, match="line 200001: the last 200,000 fields are no postings"):
        read(MT940, b":20:X\r\n" * 200_100, HINTS)
