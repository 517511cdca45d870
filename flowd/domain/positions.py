"""What is known of units that are held (coins, shares): the facts they follow from, and the rows made of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from flowd.domain.flows import FlowClass, Quality


class Basis(StrEnum):
    """Which units leave first: the oldest, or a share of all that are there."""

    FIFO = "fifo"
    AVERAGE = "average"


class Part(StrEnum):
    """What a disposal gave away: units that were held, units that were owed, or units nobody saw coming."""

    LONG = "long"
    SHORT = "short"
    UNKNOWN = "unknown"


class TradeFact(NamedTuple):
    """A trade as it is stored, with the tenant's day; a plain tuple, because there may be a million."""

    at: datetime
    day: date
    connection: str
    account: str
    id: str
    base: str
    quote: str
    side: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str


class MoveFact(NamedTuple):
    """Units that came (above zero) or left without a trade; `origin` is the movement by which they left elsewhere.

    Where the source states only the day, `at` is the day's begin for what came and its end for what left.
    """

    at: datetime
    day: date
    connection: str
    account: str
    id: str
    asset: str
    amount: Decimal
    flow_class: FlowClass
    origin: str | None = None


class SplitFact(NamedTuple):
    """From this day on, `numerator` units stand for `denominator` of before; empty names stand for all accounts."""

    at: datetime
    day: date
    connection: str
    account: str
    id: str
    asset: str
    numerator: Decimal
    denominator: Decimal


class DividendFact(NamedTuple):
    """Money that came because something is held: `amount` of `currency` for `asset`, all of one day together."""

    day: date
    connection: str
    account: str
    asset: str
    amount: Decimal
    currency: str


UnitFact = TradeFact | MoveFact | SplitFact


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDay:
    """What was held of one asset in one account at the end of `day`, and what it had cost."""

    connection: str
    account: str
    asset: str
    method: Basis
    day: date
    quantity: Decimal
    cost: Decimal | None
    quote: str
    cost_base: Decimal | None
    value_base: Decimal | None
    quality: Quality
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Realised:
    """What one day's disposals of one asset gained, of units acquired on `acquired` (None: of more than one day).

    gain = proceeds - fee - cost in both currencies, and gain_base = price + fx, exactly.
    """

    connection: str
    account: str
    asset: str
    method: Basis
    day: date
    part: Part
    acquired: date | None
    disposals: int
    quantity: Decimal
    quote: str
    proceeds: Decimal | None
    fee: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    proceeds_base: Decimal | None
    fee_base: Decimal | None
    cost_base: Decimal | None
    gain_base: Decimal | None
    price: Decimal | None
    fx: Decimal | None
    quality: Quality
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Units that are held and came on one day; `number` counts the lots of an asset from the oldest on."""

    connection: str
    account: str
    asset: str
    number: int
    acquired: date | None
    quantity: Decimal
    cost: Decimal | None
    quote: str
    cost_base: Decimal | None
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How one asset of one account stands now: what is held, what it cost and is worth, and all it ever brought."""

    connection: str
    account: str
    asset: str
    method: Basis
    quote: str
    quantity: Decimal
    unexplained: Decimal
    opened: date | None
    changed: date
    cost: Decimal | None
    cost_fees: Decimal | None
    cost_base: Decimal | None
    price: Decimal | None
    price_day: date | None
    value: Decimal | None
    value_base: Decimal | None
    unrealised: Decimal | None
    unrealised_base: Decimal | None
    unrealised_price: Decimal | None
    unrealised_fx: Decimal | None
    realised: Decimal | None
    realised_base: Decimal | None
    realised_price: Decimal | None
    realised_fx: Decimal | None
    dividends_base: Decimal
    interest_base: Decimal
    staking_base: Decimal
    other_base: Decimal
    fees_base: Decimal
    trades: int
    quality: Quality
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Everything the books say at the end of `day`, from which they can be kept on without what came before."""

    day: date
    data: str


BookRow = PositionDay | Realised | Lot | Position | Mark
