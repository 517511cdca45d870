"""What held assets are worth: each in the first quote it is traded in, and the quotes in fiat money, never 1:1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from flowd.api import Rate, RetryLater
from flowd_ccxt.profile import Tickers
from flowd_ccxt.values import amount, moment
from flowd_ccxt.venue import Venue

#: Money itself; everything else needs a price that leads to one of these.
FIAT: Final = frozenset(
    "USD,EUR,GBP,CHF,JPY,AUD,CAD,BRL,TRY,PLN,CZK,SEK,NOK,DKK,KRW,SGD,HKD,MXN,ZAR,INR,UAH".split(",")  # noqa: SIM905
)
_QUOTES: Final = ("USDT", "USDC", "USD", "EUR", "BTC")
#: A ticker older than this keeps its own time, so that the price of a market that stands still shows its age.
_FRESH: Final = timedelta(minutes=15)
_FEW: Final = 4


@dataclass(slots=True)
class Prices:
    """The rates found, and the assets for which there is none here."""

    rates: list[Rate] = field(default_factory=list)
    unpriced: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    value: Decimal
    at: datetime


def price(venue: Venue, assets: set[str], tick: datetime) -> Prices:
    """Find a rate for each of `assets`, and for each quote that was used; a market that is not there gives no rate."""
    found = Prices()
    if not assets:
        return found
    order = _order(venue)
    wanted = {asset: _pairs(asset, order) for asset in assets if asset not in FIAT or asset != order[0]}
    for quote in order:
        if quote not in FIAT:
            wanted.setdefault(quote, _pairs(quote, order))
    if all(asset in FIAT for asset in assets):
        wanted = {asset: pairs for asset, pairs in wanted.items() if asset in assets}
    source = venue.profile.tickers
    seen = _listed(venue, source, wanted) if source is not None else _asked(venue, wanted, assets, order)
    done: set[str] = set()
    todo = sorted(assets)
    while todo:
        asset = todo.pop()
        if asset in done:
            continue
        done.add(asset)
        hits = [pair for pair in wanted.get(asset, ()) if pair in seen]
        if not hits:
            if asset in assets and asset not in FIAT:
                found.unpriced.append(asset)
            continue
        # A stable coin or major is tied to every fiat there is; other assets to the first quote only.
        for base, quote in hits if asset in order else hits[:1]:
            one = seen[base, quote]
            at = tick if tick - one.at < _FRESH else one.at
            found.rates.append(Rate(base=base, quote=quote, at=min(at, tick), value=one.value))
            todo += [other for other in (base, quote) if other != asset]
    found.rates = sorted({(one.base, one.quote): one for one in found.rates}.values(), key=lambda r: (r.base, r.quote))
    found.unpriced.sort()
    return found


def _order(venue: Venue) -> Sequence[str]:
    first = (venue.config.quote,) if venue.config.quote else ()
    return list(dict.fromkeys((*first, *_QUOTES)))


def _pairs(asset: str, order: Sequence[str]) -> list[tuple[str, str]]:
    """Return the markets that would tell the asset's worth, the best first: majors are tied to fiat, fiat to fiat."""
    quotes = [one for one in order if one != asset]
    if asset in order or asset in FIAT:
        fiat = [one for one in quotes if one in FIAT]
        ahead = [(asset, one) for one in fiat]
        behind = [(one, asset) for one in fiat]
        over = [] if asset in ("USDT", "USD", "EUR") or asset in FIAT else [(asset, "USDT"), (asset, "USDC")]
        return [pair for pair in [*ahead, *behind, *over] if pair[0] != pair[1]]
    return [(asset, one) for one in quotes]


def _listed(
    venue: Venue, source: Tickers, wanted: Mapping[str, Sequence[tuple[str, str]]]
) -> dict[tuple[str, str], _Seen]:
    named = {
        source.market.format(base=base, quote=quote): (base, quote)
        for pairs in wanted.values()
        for base, quote in pairs
    }
    seen: dict[tuple[str, str], _Seen] = {}
    for row in venue.rows(venue.call(source.call, dict(source.params)), source.rows, "tickers"):
        pair = named.get(str(row.get(source.name)))
        value = next((row[name] for name in source.price if row.get(name) not in (None, "")), None)
        if pair is not None and (one := _seen(value, row.get(source.at), venue)) is not None:
            seen[pair] = one
    return seen


def _asked(
    venue: Venue, wanted: Mapping[str, Sequence[tuple[str, str]]], assets: set[str], order: Sequence[str]
) -> dict[tuple[str, str], _Seen]:
    """Ask by way of ccxt: only markets that are listed, in one call where there are many."""
    markets = venue.markets()
    symbols: dict[str, tuple[str, str]] = {}
    todo, done = sorted(assets), set[str]()
    while todo:
        asset = todo.pop()
        if asset in done:
            continue
        done.add(asset)
        listed = [pair for pair in wanted.get(asset, ()) if _is_spot(markets.get(f"{pair[0]}/{pair[1]}"))]
        for base, quote in listed if asset in order or asset in FIAT else listed[:1]:
            symbols[f"{base}/{quote}"] = (base, quote)
            # Only the quotes that are used are asked for in their turn.
            todo += [base, quote]
    if not symbols:
        return {}
    tickers: dict[str, Any] = {}
    if len(symbols) > _FEW and venue.has("fetchTickers"):
        tickers = venue.call("fetch_tickers", sorted(symbols))
    else:
        for symbol in sorted(symbols):
            tickers[symbol] = venue.call("fetch_ticker", symbol)
    seen = {}
    for symbol, pair in symbols.items():
        ticker = tickers.get(symbol) or {}
        value = next((ticker[name] for name in ("last", "close", "average") if ticker.get(name)), None)
        if (one := _seen(value, ticker.get("timestamp"), venue)) is not None:
            seen[pair] = one
    return seen


def _is_spot(market: Any) -> bool:
    return isinstance(market, dict) and market.get("spot") is True and market.get("active") is not False


def _seen(value: object, at: object, venue: Venue) -> _Seen | None:
    """Return a price that is one; a market without trades says 0 or nothing."""
    try:
        read = amount(value, "a price")
        # Tickers of some exchanges are in nanoseconds or have no time at all: those are of now.
        when = moment(at, "a price's time") if at is not None and 11 <= len(str(at)) <= 14 else venue.today()
    except RetryLater:
        return None
    return _Seen(value=read, at=when) if read > 0 else None
