"""What-if: changes that are laid upon a projection, so that its answer can be shown beside the base case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flowd.analytics.projection.subjects import TOTAL, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """As if `stream` ended before the first day."""

    stream: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """As if `stream` brought `factor` times as much from the first day on."""

    stream: str
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Add:
    """As if there were another income: `amount` of `currency` for every period `every`, such as `month on 1`.

    In force from `start` to `end` (for ever); without a start it is paid whole from its next due
    day on. Shown as the stream `name`.
    """

    amount: Decimal
    currency: str
    every: str
    start: date | None = None
    end: date | None = None
    name: str = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """As if everything that `stream` is to bring came `days` later."""

    stream: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """As if a stream, a group or everything brought `factor` times as much for `days` days from `start` on."""

    factor: float
    start: date
    days: int
    subject: Subject = TOTAL


Change = Without | Scale | Add | Delay | Shock
