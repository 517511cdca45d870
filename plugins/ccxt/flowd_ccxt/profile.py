"""What flowd knows of one exchange: its wallets, where its prices are, its histories, how its answers are marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flowd.api import AccountKind, Record

if TYPE_CHECKING:
    from flowd_ccxt.venue import Venue

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """So much of an asset, as the exchange names it."""

    asset: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A wallet and how it is read: a call of ccxt, the path to its rows, the fields with asset and amount.

    `amount` is the first of these fields that is there, `plus` and `minus` are added and taken off where they are
    there. An `asset` that begins with "=" is the asset itself. `where` keeps only rows with these values. With `read`
    the wallet is read by a function instead. A wallet that not everybody has is `optional`: that it is refused as
    unknown says that it is not there.
    """

    name: str
    label: str
    kind: AccountKind
    call: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    rows: Path = ("data",)
    asset: str = "currency"
    amount: Sequence[str] = ("balance",)
    plus: Sequence[str] = ()
    minus: Sequence[str] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[Venue], Iterable[Holding]] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickers:
    """Where all spot prices come in one call: the fields of a row, and how a market is named from base and quote."""

    call: str
    params: Mapping[str, object] = field(default_factory=dict)
    rows: Path = ("data",)
    market: str = "{base}-{quote}"
    name: str = "instId"
    price: Sequence[str] = ("last",)
    at: str = "ts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a history: its time, its name there, and what it says."""

    id: str
    at: int
    info: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One history of an account, read in windows of time.

    `read` returns everything from `since` to `until` (milliseconds, both included), in any order, repeated or not.
    `records` turns a line into records. `pending` says that a line may still change, so that it is read again;
    `gone` that it came to nothing. The exchange keeps it for as long as `kept`.
    """

    name: str
    read: Callable[[Venue, int, int], Iterable[Entry]]
    records: Callable[[Venue, Entry], Iterator[Record]]
    window: timedelta = timedelta(days=30)
    kept: timedelta | None = None
    pending: Callable[[Entry], bool] = lambda _: False
    gone: Callable[[Entry], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What an exchange says of a key: its rights in words, its end, and what should be said besides."""

    rights: Sequence[str] = ()
    known: bool = True
    expires: int | None = None
    notes: Sequence[str] = ()


def no_histories(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of the others
    """Return nothing: the exchange has no such history."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One exchange."""

    exchange: str
    wallets: Sequence[Wallet] = ()
    #: The wallets of one sub-account, its name in `{sub}` of their parameters; none where the key cannot see them.
    subwallets: Sequence[Wallet] = ()
    tickers: Tickers | None = None
    income: Callable[[Venue], Sequence[History]] = no_histories
    transfers: Callable[[Venue], Sequence[History]] = no_histories
    trades: Callable[[Venue], Sequence[History]] = no_histories
    permits: Callable[[Venue], Permits] | None = None
    #: What no call of the exchange tells.
    unread: Sequence[str] = ()
    #: (field, its values when all is well, fields of which one must be there): what every good answer has.
    marker: tuple[str, frozenset[str], tuple[str, ...]] | None = None
    #: An HTTP 403 is how the exchange turns away too many requests, for so long.
    firewall: timedelta | None = None
    #: The wallets in which spot trades and contracts are settled.
    spot: str = "spot"
    contracts: str = "futures"
    #: Trades are numbered by market, so that two markets have the same number.
    trades_by_market: bool = True
    options: Mapping[str, object] = field(default_factory=dict)
