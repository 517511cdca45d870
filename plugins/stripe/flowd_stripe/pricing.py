"""What a subscription is worth per month: prices, tiers, periods and discounts, as Stripe states them.

Stripe, "Monthly recurring revenue": the sum of the monthly amounts of all subscriptions, each normalised to a month and
less its discounts; what is billed by usage, paid once or taxed on top is not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from flowd_stripe.money import currency_of, places
from flowd_stripe.reading import Thing

#: Wide enough for whatever Stripe states, so that sums are exact; results are rounded to millionths.
_EXACT: Final = Context(prec=80, rounding=ROUND_HALF_EVEN)
_MILLIONTH: Final = Decimal("0.000001")
_LIMIT: Final = Decimal("1e27")
#: How many periods of one length a month has: a year has 12 months, 365 days, 365/7 weeks.
_PER_MONTH: Final = {
    "month": (Decimal(1), Decimal(1)),
    "year": (Decimal(1), Decimal(12)),
    "week": (Decimal(365), Decimal(84)),
    "day": (Decimal(365), Decimal(12)),
}

#: Looks up the tiers of a price, and a discount, by id; None where that cannot be read.
Tiers = Callable[[str], Sequence[Thing] | None]
Discounts = Mapping[str, Thing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a subscription brings per month: now, and after each moment at which a discount ends.

    `lines` says how that came about, item by item; `unknown` names what could not be found out.
    """

    now: Decimal
    later: Sequence[tuple[datetime, Decimal]]
    lines: Sequence[Mapping[str, str]]
    unknown: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Discount:
    percent: Decimal
    amount: Decimal
    end: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    monthly: Decimal
    periods: Decimal
    discounts: Sequence[_Discount]


def worth(subscription: Thing, tiers: Tiers, discounts: Discounts) -> Worth:
    """Return what `subscription` is worth per month while it runs, whatever its status is now."""
    currency = currency_of(subscription)
    unknown: list[str] = []
    items, lines = [], []
    listed = subscription.part("items")
    for thing in listed.parts("data") if listed is not None else ():
        item, line = _item(thing, currency, tiers, discounts, unknown)
        items.append(item)
        lines.append(line)
    whole = _discounts(subscription, currency, discounts, unknown)
    ends = sorted(
        {one.end for group in (whole, *(item.discounts for item in items)) for one in group if one.end is not None}
    )
    steps = [(end, _sum(items, whole, end)) for end in ends]
    return Worth(now=_sum(items, whole, None), later=steps, lines=lines, unknown=unknown)


def _sum(items: Sequence[_Item], whole: Sequence[_Discount], at: datetime | None) -> Decimal:
    """Add the items up, less the discounts that still hold at `at`, at the earliest if None."""
    total = Decimal(0)
    for item in items:
        total = _EXACT.add(total, _less(item.monthly, item.discounts, item.periods, at))
    periods = items[0].periods if items else Decimal(1)
    rounded = _less(total, whole, periods, at).quantize(_MILLIONTH, context=_EXACT)
    return min(rounded, _LIMIT)


def _less(monthly: Decimal, discounts: Sequence[_Discount], periods: Decimal, at: datetime | None) -> Decimal:
    for one in discounts:
        if at is not None and one.end is not None and one.end <= at:
            continue
        share = _EXACT.divide(_EXACT.multiply(monthly, one.percent), Decimal(100))
        off = _EXACT.multiply(one.amount, periods)
        monthly = max(_EXACT.subtract(_EXACT.subtract(monthly, share), off), Decimal(0))
    return monthly


def _item(
    thing: Thing, currency: str, tiers: Tiers, discounts: Discounts, unknown: list[str]
) -> tuple[_Item, Mapping[str, str]]:
    price = thing.part("price") or thing.part("plan") or thing
    recurring = price.part("recurring") or price
    interval, count = recurring.maybe("interval"), max(recurring.maybe_whole("interval_count") or 1, 1)
    name = price.maybe("id") or thing.maybe("id")
    periods = Decimal(0)
    if interval in _PER_MONTH:
        above, below = _PER_MONTH[interval]
        periods = _EXACT.divide(above, _EXACT.multiply(below, Decimal(count)))
    else:
        unknown.append(f"the period of {name}")
    quantity = thing.maybe_whole("quantity")
    quantity = 1 if quantity is None else max(quantity, 0)
    each = Decimal(0)
    if recurring.maybe("usage_type") != "metered":
        found = _price(price, quantity, currency, tiers)
        if found is None:
            unknown.append(f"the price {name}")
        each = found or Decimal(0)
    monthly = _EXACT.multiply(each, periods)
    line = {
        "price": name,
        "interval": f"{count} {interval}",
        "quantity": str(quantity),
        "amount": format(min(each, _LIMIT), "f"),
        "usage": recurring.maybe("usage_type"),
    }
    return _Item(monthly=monthly, periods=periods, discounts=_discounts(thing, currency, discounts, unknown)), line


def _price(price: Thing, quantity: int, currency: str, tiers: Tiers) -> Decimal | None:
    """Return what `quantity` costs per period, in units of `currency`; None if the price's tiers are not known."""
    count = Decimal(quantity)
    transform = price.part("transform_quantity")
    if transform is not None and (by := transform.maybe_whole("divide_by") or 0) > 0:
        whole, rest = divmod(quantity, by)
        count = Decimal(whole + (1 if rest and transform.maybe("round") == "up" else 0))
    if price.maybe("billing_scheme") != "tiered":
        unit = _unit(price, "unit_amount") if price.has("unit_amount") or price.has("unit_amount_decimal") else None
        unit = _unit(price, "amount") if unit is None else unit
        return None if unit is None else _major(_EXACT.multiply(unit, count), currency)
    steps = list(price.parts("tiers")) or tiers(price.maybe("id"))
    if not steps:
        return None
    minor = _volume(steps, count) if price.maybe("tiers_mode") == "volume" else _graduated(steps, count)
    return _major(minor, currency)


def _graduated(tiers: Sequence[Thing], count: Decimal) -> Decimal:
    """Each tier's units at its own price, its flat amount as soon as one unit falls into it."""
    total, below = Decimal(0), Decimal(0)
    for number, tier in enumerate(tiers):
        top = tier.maybe_whole("up_to")
        units = (count if top is None else min(count, Decimal(top))) - below
        if units > 0 or number == 0:
            total = _EXACT.add(total, _tier(tier, max(units, Decimal(0))))
        if top is None or count <= top:
            break
        below = Decimal(top)
    return total


def _volume(tiers: Sequence[Thing], count: Decimal) -> Decimal:
    """All units at the price of the tier into which the last one falls."""
    for tier in tiers:
        top = tier.maybe_whole("up_to")
        if top is None or count <= top:
            return _tier(tier, count)
    return _tier(tiers[-1], count)


def _tier(tier: Thing, units: Decimal) -> Decimal:
    unit, flat = _unit(tier, "unit_amount") or Decimal(0), _unit(tier, "flat_amount") or Decimal(0)
    return _EXACT.add(_EXACT.multiply(unit, units), flat)


def _unit(thing: Thing, name: str) -> Decimal | None:
    """Return an amount in the smallest unit, with the parts of it that only the decimal field has."""
    found = thing.number(f"{name}_decimal")
    return thing.number(name) if found is None else found


def _major(minor: Decimal, currency: str) -> Decimal:
    return minor.scaleb(-places(currency), context=_EXACT)


def _discounts(thing: Thing, currency: str, known: Discounts, unknown: list[str]) -> list[_Discount]:
    """Return the discounts on a subscription or an item; what counts only once is not recurring and left out."""
    stated = list(thing.parts("discounts"))
    for name in thing.ids("discounts"):
        if name in known:
            stated.append(known[name])
        elif (single := thing.part("discount")) is not None and single.maybe("id") == name:
            stated.append(single)
        else:
            unknown.append(f"the discount {name}")
    if not stated and not list(thing.ids("discounts")) and (single := thing.part("discount")) is not None:
        stated.append(single)
    found = []
    for one in stated:
        source = one.part("source")
        coupon = one.part("coupon") or (source.part("coupon") if source is not None else None)
        if coupon is None:
            unknown.append(f"the coupon of the discount {one.maybe('id')}")
        elif coupon.maybe("duration") != "once":
            off = coupon.number("amount_off") if coupon.maybe("currency").upper() == currency else None
            found.append(
                _Discount(
                    percent=min(coupon.number("percent_off") or Decimal(0), Decimal(100)),
                    amount=_major(off or Decimal(0), currency),
                    end=one.maybe_at("end"),
                )
            )
    return found
