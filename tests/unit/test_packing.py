"""Packing: frames say exactly what the records say, and what is not a record of sense is refused by name."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.domain.flows import AccountKind, Covers, FlowClass
from flowd.domain.keys import data_of, occurred_at, subject_of
from flowd.domain.records import AccountInfo, Batch, Cursor, Event, Rate, Record, Snapshot, Transaction
from flowd.errors import BatchRefused
from flowd.storage.arrays import INT4, JSONB, TEXT, fixed, length, varying
from flowd.storage.frames import Frame, Kind
from flowd.storage.packing import LARGEST_EVENT, pack
from flowd.storage.transactions import TransactionWriter

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def elements(column: bytes | memoryview) -> list[bytes]:
    """Read a binary array the way PostgreSQL does."""
    view = memoryview(column)
    dimensions, _, _, count, _ = struct.unpack_from(">iiIii", view)
    assert dimensions == 1
    found, at = [], 20
    for _ in range(count):
        (size,) = struct.unpack_from(">i", view, at)
        found.append(bytes(view[at + 4 : at + 4 + size]))
        at += 4 + size
    assert at == len(view)
    return found


def frames_of(*records: Record, rows: int = 10_000, **more: Any) -> list[Frame]:
    return list(pack(Batch(records=records, **more), connection="bank", rows=rows))


def snapshot(quantity: str = "1.5", asset: str = "BTC", at: datetime = AT) -> Snapshot:
    return Snapshot(account="spot", asset=asset, quantity=Decimal(quantity), at=at)


def spent(amount: str = "-3", name: str | None = None) -> Transaction:
    return Transaction(
        account="main", external_id=name, booked_at=date(2026, 2, 3), amount=Decimal(amount), asset="EUR"
    )


text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=8)
moments = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
names = text.filter(str.strip)


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    return Transaction(
        account=draw(names),
        external_id=draw(st.none() | names),
        booked_at=draw(moments | st.dates(date(1900, 1, 1), date(2200, 12, 31))),
        amount=draw(amounts),
        asset=draw(st.sampled_from(["EUR", "BTC", "US0378331005"])),
        kind=draw(st.none() | st.sampled_from(FlowClass)),
        counterparty=draw(text),
        description=draw(text),
        pending=draw(st.booleans()),
        raw=draw(st.dictionaries(text, json_values, max_size=3)),
    )


@given(st.lists(transactions(), max_size=5))
def test_transactions_are_written_as_the_domain_states_them(records: list[Transaction]) -> None:
    writer = TransactionWriter("bänk")
    for record in records:
        subject, data, at = writer.write(record)
        assert subject == subject_of("bänk", record)
        assert data.decode() == data_of(record)
        (microseconds,) = struct.unpack(">q", at)
        assert datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds) == occurred_at(record)


def test_readings_travel_as_columns_and_each_pair_of_names_once() -> None:
    frames = frames_of(snapshot("1.5"), snapshot("2", "ETH"), snapshot("1E+3", at=AT + timedelta(microseconds=1)))
    assert [frame.kind for frame in frames] == [Kind.SNAPSHOTS, Kind.CLOSE]
    accounts, assets, pairs, moments_, values = map(elements, frames[0].columns(5))
    assert (accounts, assets) == ([b"spot", b"spot"], [b"BTC", b"ETH"])
    assert pairs == [struct.pack(">i", n) for n in (1, 2, 1)]
    first, _, last = (struct.unpack(">q", moment)[0] for moment in moments_)
    assert first == (AT - datetime(2000, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert last == first + 1
    assert values == [b"1.5", b"2", b"1E+3"]


def test_a_long_batch_is_packed_as_it_is_read_in_frames_of_the_size_asked_for() -> None:
    taken = 0

    def records() -> Iterator[Record]:
        nonlocal taken
        for taken in range(1, 1_001):
            yield snapshot(str(taken))

    frames = pack(Batch(records=records()), connection="bank", rows=100)
    assert next(frames).head["rows"] == 100
    assert taken == 100
    rest = list(frames)
    assert [frame.head["rows"] for frame in rest[:-1]] == [100] * 9
    assert rest[-1].head["records"] == 1_000


def test_large_records_close_a_frame_early() -> None:
    events = [Event(type="note", key=str(n), at=AT, data={"text": "x" * 900_000}) for n in range(9)]
    assert [frame.head.get("rows") for frame in frames_of(*events)] == [5, 4, None]


def test_the_closing_frame_says_what_belongs_to_the_whole_batch() -> None:
    info = AccountInfo(account="earn", name="Earn", kind=AccountKind.WALLET_EARN)
    *_, close = frames_of(snapshot(), info, cursor=Cursor(data={"since": 5}, version=3), covers=Covers.ITS_ACCOUNTS)
    assert dict(close.head) == {
        "records": 2,
        "covers": "its_accounts",
        "accounts": ["spot", "earn"],
        "cursor": {"data": {"since": 5}, "version": 3},
    }
    assert dict(frames_of()[0].head) == {"records": 0, "covers": "nothing", "accounts": [], "cursor": None}


def test_rows_that_may_repeat_an_earlier_one_come_last_in_a_frame_of_their_own() -> None:
    frames = frames_of(spent("-1"), spent("-2"), spent("-1"), spent("-3"), spent("-1"), rows=2)
    facts = [(frame.head["rows"], frame.head["distinct"], frame.head["repeats"]) for frame in frames[:-1]]
    assert facts == [(2, True, False), (1, True, False), (2, False, True)]


def test_a_short_batch_keeps_its_repeats_in_its_only_frame() -> None:
    (frame, _) = frames_of(spent("-1"), spent("-1"), spent("-1", "7"))
    assert (frame.head["rows"], frame.head["distinct"], frame.head["repeats"]) == (3, False, False)
    numbered = elements(frame.columns(6)[3])
    assert sorted(numbered) == [b"\x00", b"\x01", b"\x01"]


class TestBytes:
    @given(st.lists(transactions(), max_size=3), st.lists(st.sampled_from([snapshot(), snapshot("2")]), max_size=3))
    def test_frames_come_back_as_they_were(self, events: list[Record], readings: list[Record]) -> None:
        for frame in pack(Batch(records=events + readings), connection="bank"):
            assert Frame.from_bytes(frame.to_bytes()) == frame

    @pytest.fixture(params=[Kind.SNAPSHOTS, Kind.CLOSE])
    def sent(self, request: pytest.FixtureRequest) -> bytes:
        return next(frame for frame in frames_of(snapshot()) if frame.kind is request.param).to_bytes()

    def test_a_frame_cut_off_anywhere_is_refused(self, sent: bytes) -> None:
        for size in range(len(sent)):
            with pytest.raises(BatchRefused):
                Frame.from_bytes(sent[:size])
        with pytest.raises(BatchRefused):
            Frame.from_bytes(sent + b"\x00")

    def test_a_frame_with_any_byte_changed_is_refused_or_still_a_frame(self, sent: bytes) -> None:
        for at in range(len(sent)):
            damaged = sent[:at] + bytes([sent[at] ^ 0x55]) + sent[at + 1 :]
            try:
                frame = Frame.from_bytes(damaged)
                frame.columns(5)
            except BatchRefused:
                continue
            assert isinstance(frame, Frame)

    def test_columns_that_are_missing_or_too_many_are_refused(self) -> None:
        body = frames_of(snapshot())[0].body
        for broken in (body[:-1], body + b"\x00\x00\x00\x00", body + body, b""):
            with pytest.raises(BatchRefused, match="columns"):
                Frame(kind=Kind.SNAPSHOTS, head={}, body=broken).columns(5)


class TestRefused:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("quantity", Decimal("NaN")),
            ("quantity", Decimal("Infinity")),
            ("quantity", Decimal("sNaN")),
            ("quantity", Decimal("1e30")),
            ("quantity", 1.5),
            ("at", datetime(2026, 1, 1)),
            ("at", "2026-01-01"),
            ("account", None),
            ("account", "half \ud800"),
        ],
    )
    def test_values_slipped_past_the_record_are_refused_with_its_place(self, field: str, value: object) -> None:
        broken = snapshot()
        object.__setattr__(broken, field, value)
        with pytest.raises(BatchRefused, match=r"Snapshot|the batch"):
            frames_of(snapshot("2", "ETH"), broken)

    @pytest.mark.parametrize("record", [None, 5, "text", {"account": "a"}, (1, 2)])
    def test_what_is_no_record_is_refused(self, record: Any) -> None:
        with pytest.raises(BatchRefused, match=r"record 2 of the batch is a \w+, which is not a record"):
            frames_of(snapshot(), record)

    def test_an_event_that_poses_as_a_transaction(self) -> None:
        with pytest.raises(BatchRefused, match="there is a record for that"):
            frames_of(Event(type="transaction", key="1", at=AT, data={}))

    def test_an_event_too_large(self) -> None:
        with pytest.raises(BatchRefused, match=f"the limit is {LARGEST_EVENT}"):
            frames_of(Event(type="note", key="1", at=AT, data={"text": "x" * LARGEST_EVENT}))

    def test_errors_of_the_source_are_not_taken_for_errors_in_a_record(self) -> None:
        def records() -> Iterator[Record]:
            yield snapshot()
            raise ValueError("a bug in the plugin")

        with pytest.raises(ValueError, match="a bug in the plugin"):
            list(pack(Batch(records=records()), connection="bank"))


def test_columns_are_postgresqls_binary_arrays() -> None:
    words = [b"", b"a", "ä".encode() * 2000]
    assert elements(varying(TEXT, words)) == words
    for said in ([b"{}", b'{"a":1}'], [b"{}", b'"' + b"a" * 2000 + b'"']):
        assert elements(varying(JSONB, said)) == [b"\x01" + value for value in said]
    numbers = fixed(INT4, [struct.pack(">i", n) for n in (1, -1, 7)])
    assert [struct.unpack(">i", n)[0] for n in elements(numbers)] == [1, -1, 7]
    assert length(INT4, numbers) == 3


def test_heads_are_plain_json() -> None:
    for frame in frames_of(snapshot(), spent(), Rate(base="BTC", quote="EUR", at=AT, value=Decimal(5))):
        assert json.loads(json.dumps(dict(frame.head))) == dict(frame.head)
