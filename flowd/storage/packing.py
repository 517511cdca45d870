"""Turns a batch into frames: the bytes that travel from a connector's process, through the spool, into PostgreSQL.

Rows of a kind are gathered into columns, so the daemon hands them on without rebuilding a single record. Any number of
records passes in constant memory. What a frame says is not trusted: the tenant and the connection come from whoever
writes it, and PostgreSQL checks every value.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final, Protocol

from flowd.domain.flows import Covers
from flowd.domain.json import canonical
from flowd.domain.keys import data_of, occurred_at, subject_of, type_of
from flowd.domain.money import LIMIT
from flowd.domain.records import AccountInfo, Batch, Event, Rate, Record, Snapshot, Trade, Transaction
from flowd.errors import BatchRefused
from flowd.storage.arrays import BOOL, INT4, JSONB, TEXT, TIMESTAMPTZ, UUID, fixed, varying
from flowd.storage.transactions import TransactionWriter

#: Rows in a frame, at most: enough that what a statement costs by itself does not show.
ROWS: Final = 10_000
#: Bytes of values in a frame at which it is closed whatever its rows; one value may go over it by its own size.
FULL: Final = 4 * 1024 * 1024
#: Bytes of one event's content, at most.
LARGEST_EVENT: Final = 1024 * 1024
#: Bytes of a whole frame, at most.
LARGEST_FRAME: Final = 64 * 1024 * 1024
#: Accounts that one batch may speak for.
MOST_ACCOUNTS: Final = 10_000
#: The time that stands for "no time" in a column of times.
NO_TIME: Final = struct.pack(">q", -(1 << 63))

_MAGIC: Final = b"flowd\x01"
_SIZES: Final = struct.Struct(">6sII")
_LENGTH: Final = struct.Struct(">I")
_MOMENT: Final = struct.Struct(">q")
_NUMBER: Final = struct.Struct(">i")
_PG_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_BAD_VALUES: Final = (
    AttributeError,
    TypeError,
    ValueError,
    InvalidOperation,
    OverflowError,
    RecursionError,
    struct.error,
)


class Kind(StrEnum):
    """What a frame holds; the closing frame ends every batch, and a batch without one is not whole."""

    SNAPSHOTS = "snapshots"
    RATES = "rates"
    EVENTS = "events"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A part of a batch: what it is, facts about it (JSON), and its columns, each behind its length."""

    kind: Kind
    head: Mapping[str, Any]
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the frame as one piece of bytes; `from_bytes` reads it back."""
        head = canonical({**self.head, "kind": self.kind.value}).encode()
        return b"".join((_SIZES.pack(_MAGIC, len(head), len(self.body)), head, self.body))

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview) -> Frame:
        """Read a frame; BatchRefused when it is cut off, too long or not a frame."""
        view = memoryview(data)
        if not _SIZES.size <= len(view) <= LARGEST_FRAME:
            raise BatchRefused(f"a frame of {len(view)} bytes: from {_SIZES.size} to {LARGEST_FRAME} are allowed")
        magic, head_size, body_size = _SIZES.unpack_from(view)
        if magic != _MAGIC:
            raise BatchRefused("bytes that are not a frame of this version of flowd")
        if _SIZES.size + head_size + body_size != len(view):
            raise BatchRefused(f"a frame cut off or added to: {len(view)} bytes do not match the sizes it states")
        body = _SIZES.size + head_size
        try:
            head = json.loads(bytes(view[_SIZES.size : body]))
            return cls(kind=Kind(head.pop("kind")), head=head, body=bytes(view[body:]))
        except (ValueError, AttributeError, KeyError, RecursionError) as error:
            raise BatchRefused(f"a frame whose head cannot be read: {error}") from None

    def columns(self, count: int) -> list[memoryview]:
        """Return the frame's columns; BatchRefused when there are not exactly `count`."""
        view = memoryview(self.body)
        found: list[memoryview] = []
        at = 0
        while at + 4 <= len(view) and len(found) <= count:
            (size,) = _LENGTH.unpack_from(view, at)
            found.append(view[at + 4 : at + 4 + size])
            at += 4 + size
        if at != len(view) or len(found) != count:
            raise BatchRefused(f"a frame of {self.kind} whose columns are not the {count} it must have")
        return found


def pack(batch: Batch, *, connection: str, rows: int = ROWS) -> Iterator[Frame]:
    """Yield the frames of `batch`, at most `rows` rows in each, the closing frame last.

    Records are taken one at a time as frames are asked for. BatchRefused names the first record that cannot be kept;
    what the batch's own generator raises passes through.
    """
    snapshots, rates, events = _Snapshots(), _Rates(), _Events(connection)
    adders: dict[type, tuple[_Builder, Callable[[Any], None]]] = {
        Snapshot: (snapshots, snapshots.add),
        Rate: (rates, rates.add),
        Transaction: (events, events.add_transaction),
        Trade: (events, events.add),
        AccountInfo: (events, events.add),
        Event: (events, events.add),
    }
    covers = Covers(batch.covers)
    accounts: dict[str, None] = {}
    number = 0
    for number, record in enumerate(batch.records, 1):
        entry = adders.get(type(record))
        if entry is None:
            raise BatchRefused(
                f"record {number} of the batch is a {type(record).__name__}, which is not a record of flowd.api"
            )
        builder, add = entry
        try:
            add(record)
        except _BAD_VALUES as error:
            raise BatchRefused(f"record {number} of the batch, {_shown(record)}: {error}") from None
        if covers is Covers.ITS_ACCOUNTS and isinstance(record, Snapshot | AccountInfo):
            accounts[record.account] = None
            if len(accounts) > MOST_ACCOUNTS:
                raise BatchRefused(f"the batch speaks for more than {MOST_ACCOUNTS} accounts: send several batches")
        if builder.rows >= rows or builder.size >= FULL:
            yield builder.flush()
    for builder in (snapshots, rates, events):
        if builder.rows:
            yield builder.flush()
    cursor = None if batch.cursor is None else {"data": batch.cursor.data, "version": batch.cursor.version}
    yield Frame(
        kind=Kind.CLOSE,
        head={"records": number, "covers": covers.value, "accounts": list(accounts), "cursor": cursor},
    )


class _Builder(Protocol):
    rows: int
    size: int

    def flush(self) -> Frame:
        """Return what was gathered as a frame, and begin anew."""


def _frame(kind: Kind, rows: int, *columns: bytes, **head: Any) -> Frame:
    parts: list[bytes] = []
    for column in columns:
        parts += (_LENGTH.pack(len(column)), column)
    body = b"".join(parts)
    if len(body) > LARGEST_FRAME - 65_536:
        raise BatchRefused(f"a frame of {len(body)} bytes: the records are too large")
    return Frame(kind=kind, head={"rows": rows, **head}, body=body)


def _moment(at: datetime) -> bytes:
    return _MOMENT.pack((at - _PG_EPOCH) // _MICROSECOND)


def _amount(value: Decimal) -> bytes:
    # as text: PostgreSQL reads it quicker than Python writes its binary form; comparing refuses what is not a number
    if not -LIMIT < value < LIMIT or type(value) is not Decimal:
        raise ValueError(f"{value!r} is not an amount")
    return str(value).encode()


class _Numbered:
    """Gives each different pair of texts in a frame a number, so that it travels once."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], bytes] = {}

    def number(self, pair: tuple[str, str]) -> bytes:
        found = self._numbers.get(pair)
        if found is None:
            found = self._numbers[pair] = _NUMBER.pack(len(self._numbers) + 1)
        return found

    def columns(self) -> tuple[bytes, bytes]:
        first = varying(TEXT, [pair[0].encode() for pair in self._numbers])
        return first, varying(TEXT, [pair[1].encode() for pair in self._numbers])


class _Readings:
    """What snapshots and rates have in common: a pair of texts, a time and a number."""

    kind: Kind

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.rows = self.size = 0
        self._pairs = _Numbered()
        self._pair: list[bytes] = []
        self._at: list[bytes] = []
        self._value: list[bytes] = []
        self._last: tuple[datetime | None, bytes] = (None, b"")

    def _add(self, pair: tuple[str, str], at: datetime, value: Decimal) -> None:
        # polled readings share their tick: most times are the very object that came before
        last, moment = self._last
        if at is not last:
            moment = _moment(at)
            self._last = (at, moment)
        amount = _amount(value)
        self._pair.append(self._pairs.number(pair))
        self._at.append(moment)
        self._value.append(amount)
        self.rows += 1
        self.size += 24 + len(amount)

    def flush(self) -> Frame:
        frame = _frame(
            self.kind,
            self.rows,
            *self._pairs.columns(),
            fixed(INT4, self._pair),
            fixed(TIMESTAMPTZ, self._at),
            varying(TEXT, self._value),
        )
        self._begin()
        return frame


class _Snapshots(_Readings):
    kind = Kind.SNAPSHOTS

    def add(self, record: Snapshot) -> None:
        self._add((record.account, record.asset), record.at, record.quantity)


class _Rates(_Readings):
    kind = Kind.RATES

    def add(self, record: Rate) -> None:
        self._add((record.base, record.quote), record.at, record.value)


@dataclass(slots=True)
class _EventColumns:
    types: dict[str, bytes] = field(default_factory=dict)
    type: list[bytes] = field(default_factory=list)
    subject: list[bytes] = field(default_factory=list)
    key: list[bytes] = field(default_factory=list)
    numbered: list[bytes] = field(default_factory=list)
    at: list[bytes] = field(default_factory=list)
    data: list[bytes] = field(default_factory=list)


class _Events:
    def __init__(self, connection: str) -> None:
        self._connection = connection
        self._transactions = TransactionWriter(connection)
        self._begin()

    def _begin(self) -> None:
        self.rows = self.size = 0
        self._columns = _EventColumns()
        self._any_numbered = False

    def add_transaction(self, record: Transaction) -> None:
        subject, data, at = self._transactions.write(record)
        self._append("transaction", subject, data, _moment(at), numbered=record.external_id is None)

    def add(self, record: Trade | AccountInfo | Event) -> None:
        at = occurred_at(record)
        type_ = type_of(record)
        if isinstance(record, Event) and type_ in {"transaction", "trade", "account"}:
            raise ValueError(f"an event may not be of the type {type_!r}: there is a record for that in flowd.api")
        moment = NO_TIME if at is None else _moment(at)
        self._append(type_, subject_of(self._connection, record), data_of(record).encode(), moment)

    def _append(self, type_: str, subject: bytes, data: bytes, at: bytes, *, numbered: bool = False) -> None:
        if len(data) > LARGEST_EVENT:
            raise ValueError(f"its content is {len(data)} bytes long, the limit is {LARGEST_EVENT}")
        columns = self._columns
        number = columns.types.get(type_)
        if number is None:
            number = columns.types[type_] = _NUMBER.pack(len(columns.types) + 1)
        columns.type.append(number)
        columns.subject.append(subject)
        columns.key.append(blake2b(subject + data, digest_size=16).digest())
        columns.numbered.append(b"\x01" if numbered else b"\x00")
        columns.at.append(at)
        columns.data.append(b"\x01" + data)
        self._any_numbered |= numbered
        self.rows += 1
        self.size += 72 + len(data)

    def flush(self) -> Frame:
        columns = self._columns
        frame = _frame(
            Kind.EVENTS,
            self.rows,
            fixed(INT4, columns.type),
            fixed(UUID, columns.subject),
            fixed(UUID, columns.key),
            fixed(BOOL, columns.numbered),
            fixed(TIMESTAMPTZ, columns.at),
            varying(JSONB, columns.data),
            types=list(columns.types),
            numbered=self._any_numbered,
        )
        self._begin()
        return frame


def _shown(record: Record) -> str:
    """Name a record that may be broken without showing what is private in it."""
    name = type(record).__name__
    for part in ("external_id", "key", "account", "base"):
        value = getattr(record, part, None)
        if isinstance(value, str):
            return f"{name} ({part} {value[:80]!r})"
    return name
