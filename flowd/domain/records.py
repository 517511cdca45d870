"""The records a source may state: readings and events, checked when they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from flowd.domain.flows import AccountKind, Covers, FlowClass, Side
from flowd.domain.json import Json, check_json
from flowd.domain.money import check_amount, check_asset
from flowd.domain.time import check_aware, check_moment

_TEXT_LIMIT: Final = 4_000
_NAME_LIMIT: Final = 200
CURSOR_BYTES: Final = 16 * 1024


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{what} must be a non-empty string, got {value!r}")
    if len(value) > _NAME_LIMIT:
        raise ValueError(f"{what} is longer than {_NAME_LIMIT} characters: {value[:40]!r}…")
    return _text(value, what)


def _text(value: object, what: str) -> str:
    # what can be printed holds neither NUL nor half a character
    if type(value) is str and len(value) <= _TEXT_LIMIT and value.isprintable():
        return value
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, got {type(value).__name__}")
    if len(value) > _TEXT_LIMIT:
        raise ValueError(f"{what} is longer than {_TEXT_LIMIT} characters: {value[:40]!r}…")
    if "\x00" in value:
        raise ValueError(f"{what} holds a NUL character: {value[:40]!r}")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{what} holds half a character (a lone surrogate): {value[:40]!r}") from None
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How much of one asset an account held at one moment; the key is (connection, account, asset, at)."""

    account: str
    asset: str
    quantity: Decimal
    at: datetime

    def __post_init__(self) -> None:
        _name(self.account, "Snapshot.account")
        check_asset(self.asset, "Snapshot.asset")
        check_amount(self.quantity, "Snapshot.quantity")
        object.__setattr__(self, "at", check_aware(self.at, "Snapshot.at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One movement of money named by its source; positive comes in, negative goes out.

    `external_id` is the source's own name for it. Where the source has none, leave it None: flowd then keys the row by
    account, day, amount, asset, text and how often the same row came before it in the batch.
    `booked_at` is an aware datetime, or a date where the source states only the day: that day then counts in every time
    zone. `kind` is the source's statement of what it is, if it makes one; the user's rules still win.
    """

    account: str
    external_id: str | None
    booked_at: datetime | date
    amount: Decimal
    asset: str
    kind: FlowClass | None = None
    counterparty: str = ""
    description: str = ""
    pending: bool = False
    raw: Mapping[str, Json] | None = None

    def __post_init__(self) -> None:
        _name(self.account, "Transaction.account")
        if self.external_id is not None:
            _name(self.external_id, "Transaction.external_id")
        booked = check_moment(self.booked_at, "Transaction.booked_at")
        if booked is not self.booked_at:
            object.__setattr__(self, "booked_at", booked)
        check_amount(self.amount, "Transaction.amount")
        check_asset(self.asset, "Transaction.asset")
        if self.kind is not None and not isinstance(self.kind, FlowClass):
            raise TypeError(f"Transaction.kind must be a FlowClass or None, got {self.kind!r}")
        _text(self.counterparty, "Transaction.counterparty")
        _text(self.description, "Transaction.description")
        if self.raw is not None:
            check_json(self.raw, "Transaction.raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A transaction that its source took back: it counts no more, though what was said of it stays in the log."""

    account: str
    external_id: str
    at: datetime

    def __post_init__(self) -> None:
        _name(self.account, "Removal.account")
        _name(self.external_id, "Removal.external_id")
        object.__setattr__(self, "at", check_aware(self.at, "Removal.at"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """An exchange of `quantity` of `base` at `price` (in `quote` per unit), with its fee."""

    account: str
    external_id: str
    at: datetime
    base: str
    quote: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str

    def __post_init__(self) -> None:
        _name(self.account, "Trade.account")
        _name(self.external_id, "Trade.external_id")
        object.__setattr__(self, "at", check_aware(self.at, "Trade.at"))
        for what in ("base", "quote", "fee_asset"):
            check_asset(getattr(self, what), f"Trade.{what}")
        if not isinstance(self.side, Side):
            raise TypeError(f"Trade.side must be a Side, got {self.side!r}")
        check_amount(self.fee, "Trade.fee")
        if check_amount(self.quantity, "Trade.quantity") <= 0:
            raise ValueError(f"Trade.quantity must be above zero (the side says the direction), got {self.quantity}")
        if check_amount(self.price, "Trade.price") < 0:
            raise ValueError(f"Trade.price must not be negative, got {self.price}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One unit of `base` was worth `value` units of `quote` at `at`."""

    base: str
    quote: str
    at: datetime
    value: Decimal

    def __post_init__(self) -> None:
        check_asset(self.base, "Rate.base")
        check_asset(self.quote, "Rate.quote")
        if self.base == self.quote:
            raise ValueError(f"a rate needs two different assets, got {self.base}/{self.quote}")
        object.__setattr__(self, "at", check_aware(self.at, "Rate.at"))
        if check_amount(self.value, "Rate.value") <= 0:
            raise ValueError(f"Rate.value must be above zero, got {self.value} for {self.base}/{self.quote}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountInfo:
    """What a source says of one of its accounts: a name to show, its kind, its main asset if it has one."""

    account: str
    name: str
    kind: AccountKind
    asset: str | None = None

    def __post_init__(self) -> None:
        _name(self.account, "AccountInfo.account")
        _name(self.name, "AccountInfo.name")
        if not isinstance(self.kind, AccountKind):
            raise TypeError(f"AccountInfo.kind must be an AccountKind, got {self.kind!r}")
        if self.asset is not None:
            check_asset(self.asset, "AccountInfo.asset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account held of one asset at the end of `day`, after everything booked on it, as its statement says.

    Transactions are checked against it, and balances between are told from both. A balance before the first posting of
    a statement is that of the end of the day before it. One account, asset and day has one: the last word counts.
    """

    account: str
    asset: str
    day: date
    amount: Decimal

    def __post_init__(self) -> None:
        _name(self.account, "Balance.account")
        check_asset(self.asset, "Balance.asset")
        if isinstance(self.day, datetime) or not isinstance(self.day, date):
            raise TypeError(f"Balance.day must be a date without a time, got {self.day!r}")
        check_amount(self.amount, "Balance.amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything else that happened, by type and natural key: a schedule declared, a decision made.

    The same `type` and `key` with other `data` is a revision of the same event. Amounts in `data` are strings.
    """

    type: str
    key: str
    at: datetime
    data: Mapping[str, Json]

    def __post_init__(self) -> None:
        _name(self.type, "Event.type")
        _name(self.key, "Event.key")
        object.__setattr__(self, "at", check_aware(self.at, "Event.at"))
        check_json(self.data, "Event.data")


Record = Snapshot | Transaction | Removal | Trade | Rate | Balance | AccountInfo | Event
#: The records that are kept as events.
EventRecord = Transaction | Removal | Trade | Balance | AccountInfo | Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a feed has got to: JSON owned by the plugin, at most 16 KiB, kept by flowd with the batch it belongs to."""

    data: Json
    version: int = 1

    def __post_init__(self) -> None:
        size = len(check_json(self.data, "Cursor.data").encode())
        if size > CURSOR_BYTES:
            raise ValueError(
                f"Cursor.data is {size} bytes, the limit is {CURSOR_BYTES}: keep a position, not what was seen"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records that become durable in one transaction, together with the cursor that follows them.

    `records` may be a generator: a whole file is one batch, streamed in constant memory. `covers` says for what the
    snapshots in it are the whole truth.
    """

    records: Iterable[Record] = ()
    cursor: Cursor | None = None
    covers: Covers = Covers.NOTHING
