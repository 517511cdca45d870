"""BloFin's histories: deposits, withdrawals, moves between wallets, and fills with the gain they realised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flowd.api import Record, RetryLater
from flowd_ccxt.history import backward
from flowd_ccxt.making import gain, move
from flowd_ccxt.profile import Entry, History
from flowd_ccxt.unified import trade_records, transactions
from flowd_ccxt.values import amount, asset_code, moment
from flowd_ccxt.venue import Venue

#: The most lines BloFin answers with.
_PAGE: Final = 100
_WINDOW: Final = timedelta(days=90)
#: What BloFin calls its wallets in transfers, and what they are called here.
_WALLETS: Final[Mapping[str, str]] = {
    name: name for name in ("funding", "futures", "copy_trading", "earn", "spot", "inverse_contract")
} | {"copytrading": "copy_trading", "inverse": "inverse_contract"}


def transfers(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of every exchange's
    """Return deposits, withdrawals, and moves between the account's wallets."""
    return (
        transactions(
            "", "deposits", "funding", page=_moved("privateGetAssetDepositHistory"), window=_WINDOW, full=_PAGE
        ),
        transactions(
            "", "withdrawals", "funding", page=_moved("privateGetAssetWithdrawalHistory"), window=_WINDOW, full=_PAGE
        ),
        History(name="moves", read=_bills, records=_bill, window=_WINDOW),
    )


def trades(venue: Venue) -> Sequence[History]:  # noqa: ARG001
    """Return fills of the spot and the futures account."""
    return (
        History(name="spot trades", read=_fills(spot=True), records=trade_records, window=_WINDOW),
        History(name="futures trades", read=_fills(spot=False), records=trade_records, window=_WINDOW),
    )


def income(venue: Venue) -> Sequence[History]:  # noqa: ARG001
    """Return what fills of futures realised, net of their fees."""
    return (History(name="futures fills", read=_fills(spot=False), records=_realised, window=_WINDOW),)


def _moved(call: str) -> Callable[[Venue, int, int], Sequence[Mapping[str, Any]]]:
    def page(venue: Venue, since: int, until: int) -> Sequence[Mapping[str, Any]]:
        # Both ends are excluded there: "newer than" and "earlier than".
        asked = {"before": max(since - 1, 0), "after": until + 1, "limit": _PAGE}
        rows = venue.rows(venue.call(call, asked), ("data",), call)
        name = "depositId" if "Deposit" in call else "withdrawId"
        return [venue.exchange.parse_transaction(_line(row, name, call).info) for row in rows]

    return page


def _bills(venue: Venue, since: int, until: int) -> Iterator[Entry]:
    def page(begin: int, end: int) -> list[Entry]:
        asked = {"before": max(begin - 1, 0), "after": end + 1, "limit": _PAGE}
        rows = venue.rows(venue.call("privateGetAssetBills", asked), ("data",), "bills")
        return [_line(row, "transferId", "bills") for row in rows]

    return backward(page, since, until, full=_PAGE)


def _bill(venue: Venue, entry: Entry) -> Iterator[Record]:
    row, where = entry.info, "blofin bills"
    names = [str(row.get(name) or "") for name in ("fromAccount", "toAccount")]
    source, target = (_WALLETS.get(name, name) or None for name in names)
    yield from move(
        source=source,
        target=target,
        id=entry.id,
        at=moment(entry.at, where),
        quantity=amount(row.get("amount") or 0, f"{where} amount"),
        asset=asset_code(venue.code(row.get("currency")), where),
        text=f"from {names[0] or 'elsewhere'} to {names[1] or 'elsewhere'}",
    )


def _fills(*, spot: bool) -> Callable[[Venue, int, int], Iterator[Entry]]:
    call = "privateGetSpotTradeFillsHistory" if spot else "privateGetTradeFillsHistory"

    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def page(begin: int, end: int) -> list[Entry]:
            asked = {"begin": begin, "end": end, "limit": _PAGE, **({"instType": "SPOT"} if spot else {})}
            rows = venue.rows(venue.call(call, asked), ("data",), call)
            # What settles a contract is asked for only if there are any.
            markets = venue.markets() if rows and not spot else {}
            return [_fill(venue, row, markets, spot=spot) for row in rows]

        return backward(page, since, until, full=_PAGE)

    return read


def _fill(venue: Venue, row: Mapping[str, Any], markets: Mapping[str, Any], *, spot: bool) -> Entry:
    line = _line(row, "tradeId", "fills")
    base, _, quote = str(row.get("instId") or "").partition("-")
    if not base or not quote:
        raise RetryLater("blofin fills answered a row without 'instId'")
    if spot:
        named = dict(row)
        named.setdefault("feeCurrency", "base_currency" if row.get("side") == "buy" else "quote_currency")
        pair = {"base": venue.code(base), "quote": venue.code(quote)}
        return Entry(id=line.id, at=line.at, info=_spot(named, pair))
    listed = [one for one in markets.values() if one.get("id") == row["instId"] and one.get("contract")]
    market = listed[0] if listed else None
    parsed = venue.exchange.parse_trade(dict(row), market)
    if market is None:
        # Not traded any more: contracts in dollars were settled in their coin.
        settle = base if quote == "USD" else quote
        symbol = f"{base}/{quote}:{settle}"
        return Entry(id=line.id, at=line.at, info={**parsed, "symbol": symbol, "settle": settle})
    return Entry(id=line.id, at=line.at, info={**parsed, "settle": market.get("settle") or quote})


def _spot(row: Mapping[str, Any], market: Mapping[str, Any]) -> dict[str, Any]:
    """Return a spot fill in ccxt's structure; ccxt itself would need a list of spot markets, which it does not load."""
    charged = str(row["feeCurrency"])
    asset = {"base_currency": market["base"], "quote_currency": market["quote"]}.get(charged, charged)
    return {
        "info": row,
        "timestamp": int(row["ts"]),
        "symbol": f"{market['base']}/{market['quote']}",
        "id": str(row["tradeId"]),
        "side": row.get("side"),
        "price": row.get("fillPrice"),
        "amount": row.get("fillSize"),
        "fee": {"cost": row.get("fee"), "currency": asset},
    }


def _realised(venue: Venue, entry: Entry) -> Iterator[Record]:
    row, where = entry.info["info"], "blofin fill"
    yield from gain(
        account=venue.profile.contracts,
        id=entry.id,
        at=moment(entry.at, where),
        gross=amount(row.get("fillPnl") or 0, f"{where} fillPnl"),
        fee=amount(row.get("fee") or 0, f"{where} fee"),
        asset=asset_code(venue.code(entry.info["settle"]), where),
        text=str(row.get("instId") or ""),
    )


def _line(row: Mapping[str, Any], name: str, where: str) -> Entry:
    if row.get(name) in (None, "") or not str(row.get("ts") or "").isdigit():
        raise RetryLater(f"blofin {where} answered a row without {name!r} or 'ts'")
    return Entry(id=str(row[name]), at=int(row["ts"]), info=row)
