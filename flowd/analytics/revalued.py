"""Why what was held is worth more or less than before: its price, or the currency it is quoted in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from flowd.analytics.converting import in_base
from flowd.analytics.valued import Held
from flowd.api import View
from flowd.domain.shares import EXACT, is_currency

_ZERO: Final = Decimal(0)
#: Coins that exchanges keep accounts in: they are cash, as currencies are.
_STABLE: Final = frozenset({"USDT", "USDC"})


def is_cash(asset: str) -> bool:
    """Say whether `asset` is money itself: a currency, or a coin that exchanges keep accounts in."""
    return is_currency(asset) or asset in _STABLE


def revalued(
    view: View, held: Mapping[str, Held], known: Mapping[str, Held], before: date, day: date
) -> tuple[Decimal, Decimal]:
    """Return (price, fx): what the assets `held` at the end of `before` gained until the end of `day`, in base.

    An asset's rate is its price in the asset it is quoted in, times what that was worth in base currency: the first and
    the rest of the way `View.rate` takes on `day`. price = quantity * change of the price * the old worth of the
    quote; fx = the rest of the change, so both together are the whole. Cash has no price: all its change is fx. `known`
    is what is held on `day`: an asset that is gone and has no rate any more counts as neither.
    """
    price, fx = _ZERO, _ZERO
    for asset, one in sorted(held.items()):
        if not one.quantity or asset == view.base_currency:
            continue
        gone = asset not in known or not known[asset].quantity
        now = view.rate(asset, view.base_currency, day)
        worth = in_base(one.quantity, now)
        if worth is None:
            assert gone, "what is held and valued has a rate"
            continue
        whole = EXACT.subtract(worth, one.worth)
        part = _ZERO if is_cash(asset) else _price(view, asset, one.quantity, before, day)
        part = whole if part is None else part
        price, fx = EXACT.add(price, part), EXACT.add(fx, EXACT.subtract(whole, part))
    return price, fx


def _price(view: View, asset: str, quantity: Decimal, before: date, day: date) -> Decimal | None:
    """Return what the price in its quote currency did; None where that is all there is, or cannot be told."""
    quote = view.quoted_in(asset, view.base_currency, day)
    if quote == view.base_currency:
        return None
    old, new = view.rate(asset, quote, before), view.rate(asset, quote, day)
    worth = view.rate(quote, view.base_currency, before)
    if old is None or new is None or worth is None:
        return None
    return in_base(quantity, EXACT.multiply(EXACT.subtract(new, old), worth))
