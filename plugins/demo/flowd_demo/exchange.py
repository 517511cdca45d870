"""The made-up exchange: prices that wander, a spot and a futures wallet that earn, and money that comes and goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from flowd.api import FlowClass, Transaction
from flowd_demo.chance import between, swings

#: The world begins here, whoever looks at it and whenever, so that a day has the same numbers for all.
BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)
STEP: Final = timedelta(hours=6)
SPOT, FUTURES = "spot", "futures"
BTC, ETH, USDT, USD = "DEMO-BTC", "DEMO-ETH", "DEMO-USDT", "DEMO-USD"

_START: Final = {BTC: Decimal(55_000), ETH: Decimal(2_600), USD: Decimal("0.91")}
#: How far a price goes in six hours: Bitcoin some 1.2 % a day, the dollar a thirtieth of a percent.
_PACE: Final = {BTC: Decimal("0.006"), ETH: Decimal("0.008"), USD: Decimal("0.00015")}
_PULL: Final = Decimal("0.998")
_PEG: Final = Decimal("0.9996")
_WORKING: Final = Decimal(12_000)
_KEPT: Final = Decimal(14_000)
_INTEREST: Final = Decimal("0.00011")
_CENT: Final = Decimal("0.01")
_FINE: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How things stood at one moment: what each asset was worth, what each wallet held, what was booked just before."""

    at: datetime
    prices: Mapping[str, Decimal]
    held: Mapping[tuple[str, str], Decimal]
    booked: Sequence[Transaction]


@dataclass(slots=True)
class _State:
    """What wanders, as shares of where it began, and what the wallets hold."""

    drift: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(_START, Decimal(0)))
    mood: Decimal = Decimal(0)
    spot: Decimal = _KEPT
    futures: Decimal = _WORKING


def moments(seed: int, since: datetime, until: datetime) -> Iterator[Moment]:
    """Yield the moments from `since` to `until`, every six hours; the same seed gives the same ones at any time."""
    state = _State()
    at = BEGIN
    while at <= until:
        chance = swings(seed, at.isoformat())
        for asset, swing in zip(_START, chance, strict=False):
            state.drift[asset] = (state.drift[asset] * _PULL + _PACE[asset] * swing).quantize(Decimal("1e-9"))
        state.mood = (state.mood * Decimal("0.999") + Decimal("0.12") * chance[3]).quantize(_FINE)
        _earn(state, seed, at, chance[4])
        booked = list(_money(state, seed, at)) if at.hour == 12 else []
        if at >= since:
            yield Moment(at=at, prices=_prices(state), held=_held(state), booked=booked)
        at += STEP


def _earn(state: _State, seed: int, at: datetime, chance: Decimal) -> None:
    """Trading earns some 44 a day, more or less; one day in thirty it loses more than that. Savings bear interest."""
    state.futures += (11 + state.mood + 8 * chance).quantize(_CENT)
    if at.hour == 12 and between(seed, f"loss {at.date()}", 1, 30) == 1:
        state.futures -= between(seed, f"size {at.date()}", 60, 160)
    if at.hour == 0:
        state.spot += (state.spot * _INTEREST).quantize(_FINE)


def _money(state: _State, seed: int, at: datetime) -> Iterator[Transaction]:
    """Gains move from one wallet to the other and out each month; now and then money is paid in. Nothing is income."""
    month = f"{at:%Y-%m}"
    if at.day == 1 and (gain := (state.futures - _WORKING) // 10 * 10) > 0:
        state.futures -= gain
        state.spot += gain
        moved = at - timedelta(hours=2)
        yield _booking(FUTURES, f"transfer-{month}-out", moved, -gain, FlowClass.TRANSFER, "to the spot wallet")
        yield _booking(SPOT, f"transfer-{month}-in", moved, gain, FlowClass.TRANSFER, "from the futures wallet")
    if at.day == 5 and (rest := (state.spot - _KEPT) // 10 * 10) > 0:
        state.spot -= rest
        out = at - timedelta(minutes=90)
        yield _booking(SPOT, f"withdrawal-{month}", out, -rest, FlowClass.WITHDRAWAL, "to a made-up bank")
    if at.day == 20 and between(seed, f"deposit {month}", 1, 3) == 1:
        amount = Decimal(between(seed, f"deposited {month}", 10, 30) * 50)
        state.spot += amount
        came = at - timedelta(hours=1)
        yield _booking(SPOT, f"deposit-{month}", came, amount, FlowClass.DEPOSIT, "from a made-up bank")


def _booking(account: str, name: str, at: datetime, amount: Decimal, kind: FlowClass, text: str) -> Transaction:
    return Transaction(
        account=account, external_id=name, booked_at=at, amount=amount, asset=USDT, kind=kind, description=text
    )


def _prices(state: _State) -> dict[str, Decimal]:
    prices = {asset: (start * (1 + state.drift[asset])).quantize(Decimal("1e-6")) for asset, start in _START.items()}
    prices[USDT] = (prices[USD] * _PEG).quantize(Decimal("1e-6"))
    return prices


def _held(state: _State) -> dict[tuple[str, str], Decimal]:
    return {
        (SPOT, USDT): state.spot,
        (SPOT, BTC): Decimal("0.02"),
        (SPOT, ETH): Decimal("0.3"),
        (FUTURES, USDT): state.futures,
    }
