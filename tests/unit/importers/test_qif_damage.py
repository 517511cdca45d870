"""Damaged and hostile QIF: refused with its line in bounded time and memory, never a crash."""

from __future__ import annotations

import contextlib
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.api import FileRefused, Hints, Transaction
from flowd.importers.qif.importer import QifImporter

from .ofx_files import Endless, read

QIF = QifImporter()
HINTS = Hints(account="main", asset="EUR")
GOOD = (
    "!Account\nNGiro\nTBank\n^\n!Type:Bank\nD1/31/20\nT1,234.50\nPShop\nLFood\nSFood\n$1,200.00\nSHome\n$34.50\n^\n"
    "D2/1/20\nT-5.00\nL[Savings]\n^\n!Type:Invst\nD2/1/20\nNBuyX\nYAcme\nI5\nQ4\nT20.00\nL[Giro]\n^\n"
    '!Type:Prices\n"ACM",5.25,"2/14/20"\n^\n'
)


@pytest.mark.parametrize("at", range(0, len(GOOD), 3))
def test_a_file_cut_anywhere_is_refused_or_whole_up_to_there(at: int) -> None:
    whole = [record for record in read(QIF, GOOD, HINTS)[0] if isinstance(record, Transaction)]
    try:
        records, _ = read(QIF, GOOD[:at], HINTS)
    except FileRefused:
        return
    found = [record for record in records if isinstance(record, Transaction)]
    # A last record may have lost a line of its text, which is said; its date and its amount are whole.
    assert [(one.booked_at, one.amount) for one in found] == [
        (one.booked_at, one.amount) for one in whole[: len(found)]
    ]


HOSTILE = [
    pytest.param("!Type:Bank\nD1/31/20\nT", "9", 60_000_000, "longer than", id="digits"),
    pytest.param("!Type:Bank\n", "PShop\n", 20_000_000, "a record that does not end", id="a record that does not end"),
    pytest.param("!Type:Bank\n", "S" * 1000 + "\n", 20_000_000, "a record that does not end", id="long lines"),
    pytest.param("", "#\n", 400_000, "no QIF", id="comments"),
    pytest.param("!Type:Bank\n", "^", 9_000_000, "longer than", id="ends"),
    pytest.param("!Type:Bank\n", "!Type:Bank\n", 100_000, "no record of any account", id="headers"),
    pytest.param("!Type:", "Bank", 9_000_000, "longer than", id="a header that does not end"),
]


@pytest.mark.parametrize(("head", "again", "size", "says"), HOSTILE)
def test_hostile_files_are_refused_in_bounded_time_and_memory(head: str, again: str, size: int, says: str) -> None:
    file = Endless(head.encode(), again.encode(), size)
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(FileRefused, match=says):
        list(QIF.parse(file, HINTS))  # type: ignore[arg-type]
    spent = time.process_time() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32_000_000
    assert spent < 20


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 20), st.binary(max_size=20)), min_size=1, max_size=5))
def test_mutated_bytes_are_read_or_refused(changes: list[tuple[int, int, bytes]]) -> None:
    data = GOOD.encode()
    for at, length, new in changes:
        at %= len(data) or 1
        data = data[:at] + new + data[at + length :]
    with contextlib.suppress(FileRefused):
        read(QIF, data, Hints(asset="EUR"))


LINES = (
    "!Type:Bank !Type:Invst !Type:Prices !Type:Cat !Account !Option:AutoSwitch ^ D1/31/20 D31/1/20 T5.00 T5,00 T "
    "U1 PShop POpening#Balance L[Giro] LFood SFood $5.00 NBuy "
    'NStkSplit NDivX NShrsIn YAcme I5 Q4 Q-1 O1 N TBank "ACM",5,"1/1/20"'
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(LINES.split()), max_size=40))
def test_any_order_of_lines_is_read_or_refused(lines: list[str]) -> None:
    with contextlib.suppress(FileRefused):
        read(QIF, "\n".join(lines).replace("#", " ") + "\n", HINTS)
