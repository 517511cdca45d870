"""Turns a batch into frames: the bytes that travel from a connector's process, through the spool, into PostgreSQL.

Rows of a kind are gathered into columns, so the daemon hands them on without rebuilding a single record. Any number of
records passes in constant memory. What a frame says is not trusted: the tenant and the connection come from whoever
writes it, and PostgreSQL checks every value.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from flowd.domain.flows import Covers
from flowd.domain.keys import data_of, empty_hash, occurred_at, subject_of, type_of
from flowd.domain.money import LIMIT
from flowd.domain.records import (
    AccountInfo,
    Balance,
    Batch,
    Event,
    EventRecord,
    Rate,
    Record,
    Removal,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.errors import BatchRefused
from flowd.storage.arrays import BOOL, INT4, JSONB, TEXT, TIMESTAMPTZ, UUID, fixed, varying
from flowd.storage.frames import LARGEST_FRAME, LENGTH, Frame, Kind
from flowd.storage.transactions import TransactionWriter, moment

__all__ = ["Frame", "Kind", "pack"]

#: Rows in a frame, at most: enough that what a statement costs by itself does not show.
ROWS: Final = 10_000
#: Bytes of values in a frame at which it is closed whatever its rows; one value may go over it by its own size.
FULL: Final = 4 * 1024 * 1024
#: Bytes of one event's content, at most.
LARGEST_EVENT: Final = 1024 * 1024
#: Accounts that one batch may speak for.
MOST_ACCOUNTS: Final = 10_000
#: The time that stands for "no time" in a column of times.
NO_TIME: Final = struct.pack(">q", -(1 << 63))

_NUMBER: Final = struct.Struct(">i")
_FRONT: Final = struct.Struct(">I").unpack_from
_TRUE: Final = b"\x01"
_FALSE: Final = b"\x00"
#: 2**25 bits: of a million rows 1.5 % are looked up for nothing.
_SEEN_BITS: Final = 25
_RECORDS_OF_THEIR_OWN: Final = frozenset({"transaction", "trade", "balance", "account"})
_BAD_VALUES: Final = (
    AttributeError,
    TypeError,
    ValueError,
    InvalidOperation,
    OverflowError,
    RecursionError,
    struct.error,
)


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
        Removal: (events, events.add),
        Trade: (events, events.add),
        Balance: (events, events.add),
        AccountInfo: (events, events.add),
        Event: (events, events.add),
    }
    covers = Covers(batch.covers)
    speaks_for_accounts = covers is Covers.ITS_ACCOUNTS
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
        if speaks_for_accounts and isinstance(record, Snapshot | AccountInfo):
            accounts[record.account] = None
            if len(accounts) > MOST_ACCOUNTS:
                raise BatchRefused(f"the batch speaks for more than {MOST_ACCOUNTS} accounts: send several batches")
        if builder.rows >= rows or builder.size >= FULL:
            yield from builder.flush()
    for builder in (snapshots, rates, events):
        if builder.rows:
            yield from builder.flush(last=True)
    cursor = None if batch.cursor is None else {"data": batch.cursor.data, "version": batch.cursor.version}
    yield Frame(
        kind=Kind.CLOSE,
        head={"records": number, "covers": covers.value, "accounts": list(accounts), "cursor": cursor},
    )


class _Builder(Protocol):
    @property
    def rows(self) -> int:
        """Rows of the frame being gathered."""

    @property
    def size(self) -> int:
        """Bytes of its values."""

    def flush(self, *, last: bool = False) -> Iterator[Frame]:
        """Yield what was gathered as a frame and begin anew; `last` at the end of the batch."""


def _frame(kind: Kind, rows: int, *columns: bytes, **head: Any) -> Frame:
    parts: list[bytes] = []
    for column in columns:
        parts += (LENGTH.pack(len(column)), column)
    body = b"".join(parts)
    if len(body) > LARGEST_FRAME - 65_536:
        raise BatchRefused(f"a frame of {len(body)} bytes: the records are too large")
    return Frame(kind=kind, head={"rows": rows, **head}, body=body)


def _amount(value: Decimal) -> bytes:
    # as text: PostgreSQL reads it quicker than Python writes its binary form; comparing refuses what is not a number
    if not -LIMIT < value < LIMIT or type(value) is not Decimal:
        raise ValueError(f"{value!r} is not an amount")
    return str(value).encode()


class _Numbered:
    """Gives each different pair of texts in a frame a number, so that it travels once."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], bytes] = {}
        self._texts: tuple[list[bytes], list[bytes]] = ([], [])

    def number(self, pair: tuple[str, str]) -> bytes:
        found = self._numbers.get(pair)
        if found is None:
            first, second = pair[0].encode(), pair[1].encode()
            self._texts[0].append(first)
            self._texts[1].append(second)
            found = self._numbers[pair] = _NUMBER.pack(len(self._texts[0]))
        return found

    def __len__(self) -> int:
        return len(self._numbers)

    def columns(self) -> tuple[bytes, bytes]:
        return varying(TEXT, self._texts[0]), varying(TEXT, self._texts[1])


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
        last, written = self._last
        if at is not last:
            written = moment(at)
            self._last = (at, written)
        amount = _amount(value)
        self._pair.append(self._pairs.number(pair))
        self._at.append(written)
        self._value.append(amount)
        self.rows += 1
        self.size += 24 + len(amount)

    def flush(self, *, last: bool = False) -> Iterator[Frame]:  # noqa: ARG002
        yield _frame(
            self.kind,
            self.rows,
            *self._pairs.columns(),
            fixed(INT4, self._pair),
            fixed(TIMESTAMPTZ, self._at),
            varying(TEXT, self._value),
            # how many readings there would be if each pair had one at each moment
            spread=len(self._pairs) * len(set(self._at)),
        )
        self._begin()


class _Snapshots(_Readings):
    kind = Kind.SNAPSHOTS

    def add(self, record: Snapshot) -> None:
        self._add((record.account, record.asset), record.at, record.quantity)


class _Rates(_Readings):
    kind = Kind.RATES

    def add(self, record: Rate) -> None:
        self._add((record.base, record.quote), record.at, record.value)


class _EventRows:
    """The rows of one frame of events, being gathered."""

    def __init__(self) -> None:
        self.types: dict[str, bytes] = {}
        self.rows: list[tuple[bytes, bytes, bytes, bytes, bytes, bytes]] = []
        self.size = 0

    def number(self, type_: str) -> bytes:
        """Return the number that stands for a type in these rows."""
        found = self.types.get(type_)
        if found is None:
            found = self.types[type_] = _NUMBER.pack(len(self.types) + 1)
        return found

    def take(self, other: _EventRows) -> None:
        """Take over the rows of another frame, whose types have numbers of their own."""
        numbers = {number: self.number(type_) for type_, number in other.types.items()}
        self.rows += [(numbers[row[0]], *row[1:]) for row in other.rows]
        self.size += other.size

    def frame(self, *, repeats: bool) -> Frame:
        type_, subject, key, numbered, at, data = zip(*self.rows, strict=True)
        return _frame(
            Kind.EVENTS,
            len(type_),
            fixed(INT4, type_),
            fixed(UUID, subject),
            fixed(UUID, key),
            fixed(BOOL, numbered),
            fixed(TIMESTAMPTZ, at),
            varying(JSONB, data),
            types=list(self.types),
            distinct=len(set(subject)) == len(subject),
            numbered=_TRUE in numbered,
            repeats=repeats,
        )


class _Events:
    """Gathers events; rows without a name that may repeat an earlier one of the batch are held back, for a frame apart.

    How many equal rows came before decides the name of such a row, and PostgreSQL counts them. It has to look only for
    the few that may be repeats: a bit for every fingerprint seen says which are certainly not, in four megabytes for a
    batch of any length.
    """

    def __init__(self, connection: str) -> None:
        self._connection = connection
        self._write = TransactionWriter(connection).write
        self._gathered = _EventRows()
        self._repeats = _EventRows()
        self._seen: bytearray | None = None
        self._flushed = False
        # of the larger of the two
        self.rows = self.size = 0

    def add_transaction(self, record: Transaction) -> None:
        subject, data, at = self._write(record)
        if record.external_id is not None:
            self._gather(self._gathered, "transaction", subject, data, at, _FALSE)
            return
        seen = self._seen
        if seen is None:
            seen = self._seen = bytearray(1 << (_SEEN_BITS - 3))
        (front,) = _FRONT(subject)
        place = front >> (32 - _SEEN_BITS)
        byte, bit = place >> 3, 1 << (place & 7)
        bits = seen[byte]
        seen[byte] = bits | bit
        self._gather(self._repeats if bits & bit else self._gathered, "transaction", subject, data, at, _TRUE)

    def add(self, record: EventRecord) -> None:
        at = occurred_at(record)
        type_ = type_of(record)
        if isinstance(record, Event) and type_ in _RECORDS_OF_THEIR_OWN:
            raise ValueError(f"an event may not be of the type {type_!r}: there is a record for that in flowd.api")
        subject, data = subject_of(self._connection, record), data_of(record).encode()
        self._gather(self._gathered, type_, subject, data, NO_TIME if at is None else moment(at), _FALSE)

    def _gather(self, into: _EventRows, type_: str, subject: bytes, data: bytes, at: bytes, numbered: bytes) -> None:
        if len(data) > LARGEST_EVENT:
            raise ValueError(f"its content is {len(data)} bytes long, the limit is {LARGEST_EVENT}")
        key = empty_hash()
        key.update(subject + data)
        into.rows.append((into.types.get(type_) or into.number(type_), subject, key.digest(), numbered, at, data))
        into.size += 72 + len(data)
        if len(into.rows) > self.rows:
            self.rows = len(into.rows)
        if into.size > self.size:
            self.size = into.size

    def flush(self, *, last: bool = False) -> Iterator[Frame]:
        """Yield what is full; with `last`, everything: what was held back within the only frame of a short batch."""
        gathered, repeats = self._gathered, self._repeats
        if last and not self._flushed and len(gathered.rows) + len(repeats.rows) <= ROWS:
            gathered.take(repeats)
            repeats = _EventRows()
        held_back_goes = last or len(repeats.rows) >= len(gathered.rows) or repeats.size >= FULL
        # what was held back comes after everything it may repeat
        if gathered.rows:
            yield gathered.frame(repeats=False)
            self._gathered = _EventRows()
        if repeats.rows and held_back_goes:
            yield repeats.frame(repeats=True)
            self._repeats = _EventRows()
        self.rows, self.size = len(self._repeats.rows), self._repeats.size
        self._flushed = True


def _shown(record: Record) -> str:
    """Name a record that may be broken without showing what is private in it."""
    name = type(record).__name__
    for part in ("external_id", "key", "account", "base"):
        value = getattr(record, part, None)
        if isinstance(value, str):
            return f"{name} ({part} {value[:80]!r})"
    return name
