"""What is known of single exchanges, and what is done with the others."""

from __future__ import annotations

from flowd.api import AccountKind
from flowd_ccxt import unified
from flowd_ccxt.maps.coinbase import COINBASE
from flowd_ccxt.maps.gate import BITGET, GATE
from flowd_ccxt.maps.kraken import KRAKEN
from flowd_ccxt.maps.kucoin import KUCOIN
from flowd_ccxt.maps.okx import OKX
from flowd_ccxt.maps.whole import unified_wallet
from flowd_ccxt.profile import Profile

PROFILES = {one.exchange: one for one in (KRAKEN, COINBASE, OKX, KUCOIN, GATE, BITGET)}


def profile_of(exchange: str) -> Profile:
    """Return what is known of `exchange`; of one that is not known by name, its main wallet and ccxt's histories."""
    if exchange in PROFILES:
        return PROFILES[exchange]
    return Profile(
        exchange=exchange,
        wallets=(
            unified_wallet("spot", "spot", AccountKind.WALLET_SPOT, {}),
            *(
                unified_wallet(name, name, kind, {"type": name}, asked=True)
                for name, kind in (
                    ("funding", AccountKind.WALLET_FUNDING),
                    ("margin", AccountKind.WALLET_MARGIN),
                    ("swap", AccountKind.WALLET_FUTURES),
                    ("future", AccountKind.WALLET_FUTURES),
                )
            ),
        ),
        income=lambda venue: (
            *unified.ledger(venue, "spot", moves=False),
            *unified.funding(venue, "swap"),
        ),
        transfers=lambda venue: unified.deposits_and_withdrawals(venue, "spot"),
        trades=lambda venue: (
            unified.my_trades(symbols=venue.config.symbols or (None,)) if venue.has("fetchMyTrades") else ()
        ),
        contracts="swap",
        unread=(
            "wallets other than the main one, unless they are named in `wallets`",
            "trades, where the exchange wants to be asked for each market: name them in `symbols`",
        ),
    )
