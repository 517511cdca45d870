"""Histories that a test writes down, for studies without a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flowd.api import (
    About,
    FlowClass,
    Goal,
    History,
    IncomeSeries,
    Method,
    Portfolio,
    ProjectionModel,
    Receipt,
    ScheduleTerm,
    Series,
    StreamInfo,
)
from flowd.api.studies import Said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

#: The last whole day of a history of which nothing else is said.
UNTIL = date(2026, 3, 31)


def make_history(
    *,
    until: date = UNTIL,
    streams: Mapping[str, ArrayLike] | None = None,
    received: Mapping[str, ArrayLike] | None = None,
    estimated: Mapping[str, ArrayLike] | None = None,
    infos: Mapping[str, Mapping[str, Any]] | None = None,
    receipts: Mapping[str, Iterable[Receipt]] | None = None,
    terms: Sequence[ScheduleTerm] = (),
    expenses: ArrayLike | None = None,
    portfolios: Sequence[Portfolio] = (),
    cash: Decimal | None = None,
    net_worth: Decimal | None = None,
    goals: Sequence[Goal] = (),
    said: Said | None = None,
    models: Iterable[ProjectionModel] = (),
    rates: Mapping[tuple[str, str], Decimal] | None = None,
    currency: str = "EUR",
    zone: str = "Europe/Berlin",
    seed: int = 0,
) -> History:
    """Return a history whose series end on `until`: what each stream earned per day, its last number that of `until`.

    `received` is the same as what was earned where nothing is said, or the sum of its `receipts` per day where there
    are some (in `currency`); `estimated` False. `infos` holds what is to be said of a stream beside its name, such as
    {"salary": {"group": "work", "every": "month on 25"}}. `rates` holds one rate for all days per (base, quote).
    """
    streams, received, estimated = dict(streams or {}), dict(received or {}), dict(estimated or {})
    infos, rates = infos or {}, dict(rates or {})
    booked = {name: sorted(rows, key=_order) for name, rows in (receipts or {}).items()}
    names = list(dict.fromkeys([*streams, *received, *booked, *infos]))
    income: dict[str, IncomeSeries] = {}
    for name in names:
        rows = booked.get(name, [])
        came = received.get(name)
        if came is None and rows:
            came = _per_day(rows, until)
        earned = streams.get(name, came if came is not None else [])
        income[name] = make_income(earned, received=came, estimated=estimated.get(name), until=until)

    def rate(base: str, quote: str, day: date) -> Decimal | None:  # noqa: ARG001 - one rate for all days
        return Decimal(1) if base == quote else rates.get((base, quote))

    return History(
        currency=currency,
        zone=ZoneInfo(zone),
        today=until + timedelta(days=1),
        seed=seed,
        streams=[_info(name, infos.get(name, {}), booked.get(name, ())) for name in names],
        income=income,
        receipts={name: booked.get(name, []) for name in names},
        terms=terms,
        expenses=None if expenses is None else make_series(expenses, until),
        portfolios=portfolios,
        cash=cash,
        net_worth=net_worth,
        goals=goals,
        said=said,
        models={(model.scope, model.name): model for model in models},
        digests={name: _digest(income[name], booked.get(name, ())) for name in names},
        rate=rate,
    )


def make_series(values: ArrayLike, until: date = UNTIL) -> Series:
    """Return a series of these numbers, the last one that of `until`."""
    import numpy as np

    numbers = np.array(values, dtype=np.float64)
    return Series(first=until - timedelta(days=len(numbers) - 1), values=numbers)


def make_income(
    earned: ArrayLike, *, received: ArrayLike | None = None, estimated: ArrayLike | None = None, until: date = UNTIL
) -> IncomeSeries:
    """Return what a stream brought in; the shorter series begins with zeros."""
    import numpy as np

    first, second = make_series(earned, until), make_series(earned if received is None else received, until)
    length = max(len(first.values), len(second.values))

    def filled(values: NDArray[np.float64]) -> Series:
        return make_series(np.concatenate([np.zeros(length - len(values)), values]), until)

    flags = np.zeros(length, dtype=np.bool_)
    if estimated is not None and length:
        given = np.array(estimated, dtype=np.bool_)
        flags[length - len(given) :] = given
    return IncomeSeries(earned=filled(first.values), received=filled(second.values), estimated=flags)


def make_portfolio(
    value: ArrayLike,
    *,
    flow: ArrayLike | None = None,
    scope: About = About.TOTAL,
    name: str = "",
    until: date = UNTIL,
    parts: Mapping[str, ArrayLike] | None = None,
) -> Portfolio:
    """Return a portfolio worth `value` at the end of each day up to `until`, of which `flow` came from outside.

    What it gained is the change in value less the flow (nothing on the first day), all of it price unless `parts` has
    income, price, fx, fees or other; the day's return is the gain as a share of the value before and the flow.
    """
    import numpy as np

    worth = np.array(value, dtype=np.float64)
    moved = np.zeros(len(worth)) if flow is None else np.array(flow, dtype=np.float64)
    before = np.concatenate([[np.nan], worth[:-1]]) if len(worth) else worth
    pnl = worth - before - moved
    pnl[:1] = 0.0
    base = before + np.maximum(moved, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gained = np.where(base > 0, pnl / base, np.nan)
    given = {name: np.array(numbers, dtype=np.float64) for name, numbers in (parts or {}).items()}
    zero = np.zeros(len(worth))
    split = {part: given.get(part, zero) for part in ("income", "price", "fx", "fees", "other")}
    if not given:
        split["price"] = pnl
    reasons = ["" if np.isfinite(one) else "not known" for one in worth]
    return Portfolio(
        scope=scope,
        name=name,
        first=until - timedelta(days=len(worth) - 1),
        value=worth,
        flow=moved,
        pnl=pnl,
        day_return=gained,
        qualities=["exact" if not reason else "partial" for reason in reasons],
        reasons=reasons,
        **split,
    )


def make_receipt(
    day: date,
    amount: str | Decimal,
    payer: str = "employer",
    *,
    asset: str = "EUR",
    flow_class: FlowClass = FlowClass.SALARY,
    account: str = "bank/main",
    guessed: bool = False,
) -> Receipt:
    """Return what one payer paid on one day."""
    return Receipt(
        account=account,
        payer=payer,
        flow_class=flow_class,
        asset=asset,
        day=day,
        amount=Decimal(amount),
        guessed=guessed,
    )


def _order(one: Receipt) -> tuple[object, ...]:
    return (one.day, one.asset, one.flow_class.value, one.account, one.payer)


def _per_day(rows: Sequence[Receipt], until: date) -> list[float]:
    first = min(row.day for row in rows)
    days = [0.0] * max((until - first).days + 1, 0)
    for row in rows:
        if row.day <= until:
            days[(row.day - first).days] += float(row.amount)
    return days


def _info(name: str, said: Mapping[str, Any], rows: Sequence[Receipt]) -> StreamInfo:
    values: dict[str, Any] = {
        "stream": name,
        "method": Method.TRANSACTIONS,
        "connection": name.partition("/")[0],
        "name": name,
        "group": "",
        "classes": frozenset(row.flow_class.value for row in rows),
        **said,
    }
    return StreamInfo(**values)


def _digest(income: IncomeSeries, rows: Sequence[Receipt]) -> str:
    state = blake2b(digest_size=12)
    for part in (income.earned.values, income.received.values, income.estimated):
        state.update(part.tobytes())
    state.update(f"{income.earned.first} {[(*_order(row), row.amount) for row in rows]}".encode())
    return state.hexdigest()
