"""What tests of positions share: facts written down by hand, and the rows that books make of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from flowd.analytics.positions.study import Positions
from flowd.api import AccountKind, FlowClass
from flowd.domain.positions import (
    Basis,
    BookRow,
    DividendFact,
    Lot,
    Mark,
    MoveFact,
    Position,
    PositionDay,
    Realised,
    SplitFact,
    TradeFact,
)
from flowd.domain.shares import EXACT

T = TypeVar("T", bound=BookRow)


@dataclass(slots=True, kw_only=True)
class Facts:
    """The facts of one tenant; `rates` maps (base, quote) to rates by day, one that holds on every day under None."""

    base_currency: str = "EUR"
    today: date = date(2026, 3, 20)
    all_trades: Sequence[TradeFact] = ()
    all_moves: Sequence[MoveFact] = ()
    all_splits: Sequence[SplitFact] = ()
    all_dividends: Sequence[DividendFact] = ()
    rates: Mapping[tuple[str, str], Mapping[Any, Decimal]] = field(default_factory=dict)
    kinds: Mapping[str, AccountKind] = field(default_factory=dict)

    def trades(self, after: date | None) -> Iterable[TradeFact]:
        found = (one for one in self.all_trades if after is None or one.day > after)
        return sorted(found, key=lambda one: (one.at, one.side, one.connection, one.account, one.id))

    def moves(self, after: date | None) -> Iterable[MoveFact]:
        found = (one for one in self.all_moves if after is None or one.day > after)
        return sorted(found, key=lambda one: (one.at, one.amount < 0, one.connection, one.account, one.id))

    def splits(self, after: date | None) -> Iterable[SplitFact]:
        return sorted((one for one in self.all_splits if after is None or one.day > after), key=lambda one: one.at)

    def dividends(self) -> Iterable[DividendFact]:
        return self.all_dividends

    def quotes(self, after: date | None) -> Mapping[tuple[str, str, str], str]:
        found: dict[tuple[str, str, str], str] = {}
        for one in self.trades(after):
            found.setdefault((one.connection, one.account, one.base), one.quote)
        return found

    def departures(self) -> frozenset[str]:
        return frozenset(one.origin for one in self.all_moves if one.origin is not None)

    def kind(self, connection: str, account: str) -> AccountKind:
        return self.kinds.get(account, AccountKind.WALLET_SPOT)

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        if base == quote:
            return Decimal(1)
        for pair, turned in (((base, quote), False), ((quote, base), True)):
            found = self.rates.get(pair, {})
            value = found.get(day, found.get(None))
            if value is not None:
                return EXACT.divide(1, value).quantize(Decimal("1e-24"), context=EXACT) if turned else value
        return None

    def latest(self, base: str, quote: str) -> tuple[date, Decimal] | None:
        dated = {day: rate for day, rate in self.rates.get((base, quote), {}).items() if day is not None}
        return max(dated.items(), default=None)

    def price(self, base: str, quote: str, day: date) -> Decimal | None:
        return self.rate(base, quote, day)

    def rows(self, mark: Mark | None = None) -> list[BookRow]:
        return list(Positions().book(self, mark))


def trade(day: str, side: str, quantity: str, price: str, **more: Any) -> TradeFact:
    """A trade of X for EUR at noon of `day`, in the order of their ids."""
    said: dict[str, Any] = {
        "at": datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC),
        "day": date.fromisoformat(day),
        "connection": "exchange",
        "account": "spot",
        "id": "1",
        "base": "X",
        "quote": "EUR",
        "fee": "0",
        "fee_asset": "EUR",
        **more,
    }
    return TradeFact(
        side=side, quantity=Decimal(quantity), price=Decimal(price), **{**said, "fee": Decimal(said["fee"])}
    )


def move(day: str, amount: str, kind: FlowClass, **more: Any) -> MoveFact:
    """Units of X that came or left at noon of `day` without a trade."""
    said: dict[str, Any] = {
        "at": datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC),
        "day": date.fromisoformat(day),
        "connection": "exchange",
        "account": "spot",
        "id": f"{day}/{amount}",
        "asset": "X",
        **more,
    }
    return MoveFact(amount=Decimal(amount), flow_class=kind, **said)


def split(day: str, numerator: str, denominator: str, **more: Any) -> SplitFact:
    """A split of X at the begin of `day`, in all accounts."""
    said = {"connection": "", "account": "", "id": "s", "asset": "X", **more}
    at = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=1)
    return SplitFact(
        at=at, day=date.fromisoformat(day), numerator=Decimal(numerator), denominator=Decimal(denominator), **said
    )


def of(rows: Iterable[BookRow], kind: type[T], method: Basis | None = Basis.FIFO, asset: str = "X") -> list[T]:
    """The rows of one kind, by one method, of one asset."""
    return [
        row
        for row in rows
        if isinstance(row, kind)
        and getattr(row, "asset", asset) == asset
        and (method is None or getattr(row, "method", method) == method)
    ]


def told(row: object, *names: str) -> tuple[Any, ...]:
    """Some of what a row says."""
    return tuple(getattr(row, name) for name in names)


def position(rows: Iterable[BookRow], method: Basis = Basis.FIFO, asset: str = "X") -> Position:
    """How the asset stands now."""
    (found,) = of(rows, Position, method, asset)
    return found


__all__ = ["Facts", "Lot", "PositionDay", "Realised", "move", "of", "position", "split", "told", "trade"]
