"""The markets whose trades matter, for exchanges that want to be asked for each of them."""

from __future__ import annotations

from collections.abc import Sequence

from flowd_ccxt.balances import read_wallets
from flowd_ccxt.prices import FIAT
from flowd_ccxt.venue import Venue

_QUOTES = ("USDT", "USDC", "EUR", "USD", "BTC")


def markets_that_matter(venue: Venue) -> Sequence[str]:
    """Return the spot markets of what is held now, and those that the settings name."""
    held = read_wallets(venue).assets - venue.config.ignore - FIAT
    listed = venue.markets()
    found = [f"{asset}/{quote}" for asset in sorted(held) for quote in _QUOTES if asset != quote]
    spot = [one for one in found if one in listed and listed[one].get("spot") is True]
    return list(dict.fromkeys((*venue.config.symbols, *spot)))
