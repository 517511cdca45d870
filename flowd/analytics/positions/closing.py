"""Closes books: the rows of a day that is over, and how things stand at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.analytics.positions.amounts import UNKNOWN, ZERO, rounded, told
from flowd.analytics.positions.book import CONTRACT, ELSEWHERE, OVERSOLD, Book, Tally
from flowd.analytics.positions.pricing import Prices
from flowd.domain.flows import Quality
from flowd.domain.positions import Basis, Lot, Part, Position, PositionDay, Realised

_NAMED: Final = frozenset({"dividend", "interest", "staking"})
_NO_PRICE: Final = "nobody has a price of it"


def gains_of(book: Book, prices: Prices, base_currency: str) -> Iterator[Realised]:
    """Yield what the day's disposals gained, add it to the book's gains, and forget it.

    The price part is the gain in `quote` at the day's rate; what the base currency gained beyond that is the FX part.
    """
    day = prices.day
    rate = prices.rate(book.quote, base_currency)
    for (basis, acquired, part), row in sorted(book.rows.items(), key=_order):
        if book.contract:
            continue
        short = part is Part.SHORT
        proceeds, cost = (-row.cost, row.value) if short else (row.value, row.cost)
        proceeds_base, cost_base = (-row.cost_base, row.value_base) if short else (row.value_base, row.cost_base)
        gain = proceeds - row.fee - cost
        gain_base = proceeds_base - row.fee_base - cost_base
        price = gain_base if book.quote == base_currency else rounded(gain * rate)
        fx = gain_base - price
        gains = book.gains[basis]
        gains.add(gain, gain_base, price, fx)
        quality, reason = _trust(book, row, part, gain + gain_base)
        connection, account, asset = book.key
        yield Realised(
            connection=connection,
            account=account,
            asset=asset,
            method=basis,
            day=day,
            part=part,
            acquired=acquired,
            disposals=row.count,
            quantity=row.quantity,
            quote=book.quote,
            proceeds=told(proceeds),
            fee=told(row.fee),
            cost=told(cost),
            gain=told(gain),
            proceeds_base=told(proceeds_base),
            fee_base=told(row.fee_base),
            cost_base=told(cost_base),
            gain_base=told(gain_base),
            price=told(price),
            fx=told(fx),
            quality=quality,
            reason=reason,
        )
    book.rows.clear()


def days_of(book: Book, prices: Prices, base_currency: str) -> Iterator[PositionDay]:
    """Yield what is held at the end of the day, by both methods."""
    worth = _worth(book, prices, base_currency)
    connection, account, asset = book.key
    for basis, state in book.states:
        held = state.totals()
        cost, cost_base = (UNKNOWN, UNKNOWN) if book.contract else (held.cost, held.cost_base)
        quality, reason = _standing(book, held.guessed, cost + cost_base)
        yield PositionDay(
            connection=connection,
            account=account,
            asset=asset,
            method=basis,
            day=prices.day,
            quantity=book.quantity,
            cost=told(cost),
            quote=book.quote,
            cost_base=told(cost_base),
            value_base=told(worth),
            quality=quality,
            reason=reason,
        )


def lots_of(book: Book) -> Iterator[Lot]:
    """Yield the lots that are open, those of one day as one, from the oldest on."""
    connection, account, asset = book.key
    number = 0
    quantity = cost = cost_base = ZERO
    guessed = False
    lots = list(book.fifo.lots)
    for place, lot in enumerate(lots):
        quantity, cost, cost_base = quantity + lot.quantity, cost + lot.cost, cost_base + lot.cost_base
        guessed = guessed or lot.guessed
        if place + 1 < len(lots) and lots[place + 1].acquired == lot.acquired:
            continue
        number += 1
        yield Lot(
            connection=connection,
            account=account,
            asset=asset,
            number=number,
            acquired=lot.acquired,
            quantity=quantity,
            cost=None if book.contract else told(cost),
            quote=book.quote,
            cost_base=None if book.contract else told(cost_base),
            quality=Quality.PARTIAL if cost_base.is_nan() else Quality.ESTIMATED if guessed else Quality.EXACT,
        )
        quantity = cost = cost_base = ZERO
        guessed = False


def positions_of(book: Book, prices: Prices, base_currency: str, today: date) -> Iterator[Position]:
    """Yield how the asset stands today, by both methods: at the latest price there is, however old."""
    connection, account, asset = book.key
    price, price_base, price_day = _latest(book, prices, base_currency, today)
    rate = prices.price(book.quote, base_currency)
    for basis, state in book.states:
        held, gains = state.totals(), book.gains[basis]
        cost, cost_base = (UNKNOWN, UNKNOWN) if book.contract else (held.cost, held.cost_base)
        value = UNKNOWN if book.contract else rounded(book.quantity * price) if book.quantity else ZERO
        value_base = UNKNOWN if book.contract else rounded(book.quantity * price_base) if book.quantity else ZERO
        unrealised, unrealised_base = value - cost, value_base - cost_base
        part = unrealised_base if book.quote == base_currency else rounded(unrealised * rate)
        if not book.quantity:
            unrealised = unrealised_base = part = ZERO
        quality, reason = _standing(book, held.guessed, cost + cost_base)
        if gains.lacking and quality is not Quality.PARTIAL:
            quality, reason = Quality.PARTIAL, book.no_rate or OVERSOLD
        if book.quantity and not book.contract and price_day != today:
            late = _NO_PRICE if price_day is None else f"at its last known price, of {price_day}"
            quality, reason = max((quality, Quality.STALE), key=list(Quality).index), _both(reason, late)
        brought = book.incomes
        yield Position(
            connection=connection,
            account=account,
            asset=asset,
            method=basis,
            quote=book.quote,
            quantity=book.quantity,
            unexplained=book.unexplained,
            opened=held.acquired if book.quantity else None,
            changed=book.changed,
            cost=told(cost),
            cost_fees=told(UNKNOWN if book.contract else held.fees),
            cost_base=told(cost_base),
            price=told(price),
            price_day=price_day,
            value=told(value),
            value_base=told(value_base),
            unrealised=told(unrealised),
            unrealised_base=told(unrealised_base),
            unrealised_price=told(part),
            unrealised_fx=told(unrealised_base - part),
            realised=None if book.contract else gains.gain,
            realised_base=None if book.contract else gains.gain_base,
            realised_price=None if book.contract else gains.price,
            realised_fx=None if book.contract else gains.fx,
            dividends_base=brought.get("dividend", ZERO),
            interest_base=brought.get("interest", ZERO),
            staking_base=brought.get("staking", ZERO),
            other_base=sum(
                (amount for kind, amount in sorted(brought.items()) if kind not in _NAMED),
                ZERO,
            ),
            fees_base=book.fees_base,
            trades=book.trades,
            quality=quality,
            reason=reason,
        )


def _order(item: tuple[tuple[Basis, date | None, Part], Tally]) -> tuple[str, str, date]:
    (basis, acquired, part), _ = item
    return basis.value, part.value, acquired or date.min


def _worth(book: Book, prices: Prices, base_currency: str) -> Decimal:
    if book.contract:
        return UNKNOWN
    return rounded(book.quantity * prices.price(book.key[2], base_currency)) if book.quantity else ZERO


def _latest(book: Book, prices: Prices, base_currency: str, today: date) -> tuple[Decimal, Decimal, date | None]:
    """Return the price in `quote`, that in base currency, and of which day it is."""
    asset = book.key[2]
    price, price_base = prices.price(asset, book.quote), prices.price(asset, base_currency)
    if not price.is_nan() and not price_base.is_nan():
        return price, price_base, today
    if not book.quantity or book.contract:
        return UNKNOWN, UNKNOWN, None
    # what a statement said of it, or the last trade, whichever is newer
    traded = None if book.last_price is None else (book.price_day, book.last_price)
    stated = prices.latest(asset, book.quote)
    known = stated if traded is None or (stated is not None and stated[0] >= traded[0]) else traded
    if known is None:
        return UNKNOWN, UNKNOWN, None
    return known[1], known[1] * prices.price(book.quote, base_currency), known[0]


def _trust(book: Book, row: Tally, part: Part, gain: Decimal) -> tuple[Quality, str]:
    if part is Part.UNKNOWN:
        return Quality.PARTIAL, OVERSOLD
    if gain.is_nan():
        return Quality.PARTIAL, book.no_rate
    return (Quality.ESTIMATED, ELSEWHERE) if row.guessed else (Quality.EXACT, "")


def _standing(book: Book, guessed: bool, cost: Decimal) -> tuple[Quality, str]:
    if book.contract:
        return Quality.PARTIAL, CONTRACT
    if cost.is_nan():
        return Quality.PARTIAL, _both(book.no_rate, OVERSOLD if book.unexplained else "")
    if book.unexplained:
        return Quality.PARTIAL, OVERSOLD
    return (Quality.ESTIMATED, ELSEWHERE) if guessed else (Quality.EXACT, "")


def _both(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)
