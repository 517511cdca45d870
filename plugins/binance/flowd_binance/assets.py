"""Binance's names for assets and markets, in flowd's form."""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9._:/-]{0,39}")
_OTHER: Final = re.compile(r"[^A-Z0-9._:/-]")
_NAMED: Final = """
    USDT USDC FDUSD TUSD BUSD USDP DAI PAX USDS USD1 BFUSD RLUSD BTC ETH BNB TRX XRP DOGE DOT SOL EUR TRY BRL GBP AUD
    RUB UAH ZAR PLN RON ARS JPY MXN CZK IDRT BIDR BKRW NGN VAI COP IDR USD U
"""
#: What markets are quoted in, for a symbol whose two halves nobody told apart; longer names first.
QUOTES: Final = tuple(sorted(_NAMED.split(), key=lambda one: (-len(one), one)))


def code(name: str) -> str:
    """Return the asset code of what Binance calls `name`; a name in another script keeps its characters' numbers."""
    upper = name.strip().upper()
    if _CODE.fullmatch(upper):
        return upper
    spelled = _OTHER.sub(lambda found: f"U{ord(found[0]):X}", upper)[:40]
    return spelled if _CODE.fullmatch(spelled) else f"U{spelled}"[:40]


def split(symbol: str) -> tuple[str, str]:
    """Return base and quote of a spot symbol such as LTCUSDT; the whole and USD where no quote is known.

    >>> split("LTCUSDT"), split("LTC/BTC")
    (('LTC', 'USDT'), ('LTC', 'BTC'))
    """
    if "/" in symbol:
        base, _, quote = symbol.partition("/")
        return base, quote
    for quote in QUOTES:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol[: -len(quote)], quote
    return symbol, "USD"


def contract(symbol: str, settled: str) -> tuple[str, str]:
    """Return a futures contract as an asset of its own, and what it is quoted in.

    A contract is not the coin it is named after: it is written BTC/USDT:USDT, or BTC/USD:BTC-241227 where it ends.

    >>> contract("BTCUSDT", "USDT"), contract("BTCUSD_PERP", "BTC"), contract("BTCUSDT_241227", "USDT")
    (('BTC/USDT:USDT', 'USDT'), ('BTC/USD:BTC', 'USD'), ('BTC/USDT:USDT-241227', 'USDT'))
    """
    pair, _, ends = symbol.partition("_")
    base, quote = split(pair)
    ended = f"-{ends}" if ends and ends != "PERP" else ""
    return code(f"{base}/{quote}:{settled}{ended}"), code(quote)


def is_share(asset: str, traded: frozenset[str]) -> bool:
    """Say whether a spot asset is a share in flexible earn, such as LDBTC, and no coin of its own, such as LDO.

    The same money is in the earn wallet. `traded` holds the spot symbols: what has a market of its own is a coin, and
    what has none is a share where it is named after one that has. Without symbols, what may be a share is one.
    """
    if not may_be_share(asset):
        return False
    if not traded:
        return True
    coin = asset.removeprefix("LD")
    return not _has_market(asset, traded) and (coin in QUOTES or _has_market(coin, traded))


def may_be_share(asset: str) -> bool:
    """Say whether an asset is named as shares in flexible earn are."""
    return asset.startswith("LD") and len(asset) > len("LDO")


def _has_market(coin: str, traded: frozenset[str]) -> bool:
    return any(f"{coin}{quote}" in traded for quote in QUOTES)
