"""Histories by ccxt's unified methods, for exchanges of which nothing better is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flowd.api import FlowClass, Record
from flowd_ccxt.history import backward, either_way
from flowd_ccxt.making import is_trade, movement, trade
from flowd_ccxt.profile import Entry, History
from flowd_ccxt.values import amount, asset_code, moment, negative, texts
from flowd_ccxt.venue import Venue
from flowd_ccxt.wording import MOVES, as_signed, classify

_WINDOW: Final = timedelta(days=30)
#: How many lines are asked for where nobody knows how many an exchange answers with.
_LIMIT: Final = 100
#: ccxt's words for what came to nothing, and for what is under way.
FAILED: Final = frozenset({"failed", "fail", "canceled", "cancelled", "rejected", "expired"})
WAITING: Final = frozenset({"pending", "processing", "unknown"})


def deposits_and_withdrawals(
    venue: Venue, account: str, *, window: timedelta = _WINDOW, full: int | None = None
) -> Sequence[History]:
    """Return what came in from and went out to elsewhere, where ccxt can ask for it."""
    found = []
    for method, name in (("fetch_deposits", "deposits"), ("fetch_withdrawals", "withdrawals")):
        if venue.has("fetchDeposits" if name == "deposits" else "fetchWithdrawals"):
            found.append(transactions(method, name, account, window=window, full=full))
    return found


def transactions(
    method: str,
    name: str,
    account: str,
    *,
    window: timedelta = _WINDOW,
    page: Callable[[Venue, int, int], Sequence[Mapping[str, Any]]] | None = None,
    full: int | None = None,
) -> History:
    """Return one history of ccxt's transaction structures; `page` reads them, else the unified method."""

    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def one(begin: int, end: int) -> list[Entry]:
            found = page(venue, begin, end) if page else venue.call(method, None, begin, full or _LIMIT, {"until": end})
            return _entries(found)

        return _whole(one, since, until, full)

    return History(
        name=name,
        read=read,
        records=lambda venue, entry: transaction(venue, entry, account),
        window=window,
        pending=lambda entry: entry.info.get("status") in WAITING,
        gone=lambda entry: entry.info.get("status") in FAILED,
    )


def transaction(venue: Venue, entry: Entry, account: str) -> Iterator[Record]:
    """Yield a deposit or withdrawal, and its fee; what an exchange reports net of its fee stays so."""
    one, where = entry.info, f"{venue.profile.exchange} {entry.info.get('type') or 'transaction'}"
    out = one.get("type") == "withdrawal"
    total = amount(one.get("amount") or 0, f"{where} amount").copy_abs()
    fee = one.get("fee") if isinstance(one.get("fee"), Mapping) else {}
    paid = amount(fee.get("cost") or 0, f"{where} fee").copy_abs() if fee else amount(0, where)
    code = asset_code(one.get("currency"), where)
    network = f" over {one['network']}" if one.get("network") else ""
    yield from movement(
        account=account,
        id=entry.id,
        at=moment(entry.at, where),
        kind=FlowClass.WITHDRAWAL if out else FlowClass.DEPOSIT,
        quantity=negative(total) if out else total,
        asset=code,
        # A deposit's fee was taken from it on the way: the amount is what arrived.
        fee=paid if out else amount(0, where),
        fee_asset=asset_code(fee.get("currency") or code, where) if fee else code,
        pending=one.get("status") in WAITING,
        text=f"{'withdrawal' if out else 'deposit'}{network}",
        raw=texts(dict(one), "txid", "network", "status"),
    )


def my_trades(
    *, symbols: Sequence[str | None] = (None,), params: Mapping[str, object] | None = None,
    name: str = "trades", window: timedelta = _WINDOW, full: int | None = None,
) -> Sequence[History]:  # fmt: skip
    """Return the account's trades, of all markets at once or of one after the other."""
    found = []
    for symbol in symbols:

        def read(venue: Venue, since: int, until: int, symbol: str | None = symbol) -> Iterator[Entry]:
            venue.markets()

            def one(begin: int, end: int) -> list[Entry]:
                return _entries(
                    venue.call("fetch_my_trades", symbol, begin, full or _LIMIT, {**(params or {}), "until": end})
                )

            return _whole(one, since, until, full)

        found.append(
            History(name=f"{name} {symbol}" if symbol else name, read=read, records=trade_records, window=window)
        )
    return found


def trade_records(venue: Venue, entry: Entry) -> Iterator[Record]:
    """Yield a unified trade; funding that is listed among trades is none."""
    info = entry.info.get("info")
    if isinstance(info, Mapping) and not is_trade(info):
        return
    where = f"{venue.profile.exchange} trade"
    market = (venue.exchange.markets or {}).get(str(entry.info.get("symbol")))
    contract = ":" in str(entry.info.get("symbol")) or bool(market and market.get("contract"))
    account = venue.profile.contracts if contract else venue.profile.spot
    yield from trade(
        account=account, parsed=entry.info, at=moment(entry.at, where), where=where,
        by_market=venue.profile.trades_by_market,
    )  # fmt: skip


def ledger(
    venue: Venue, account: str, *, moves: bool, params: Mapping[str, object] | None = None,
    name: str = "ledger", window: timedelta = _WINDOW, full: int | None = None,
    own: Mapping[str, FlowClass] | None = None, asset: str | None = None,
) -> Sequence[History]:  # fmt: skip
    """Return the account's ledger: its moves, or its income, by the exchange's words for each line; `own` go first.

    `asset` is what a line is in that does not name it.
    """
    if not venue.has("fetchLedger"):
        return ()

    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def one(begin: int, end: int) -> list[Entry]:
            found = venue.call("fetch_ledger", None, begin, full or _LIMIT, {**(params or {}), "until": end})
            return _entries(found)

        return _whole(one, since, until, full)

    def records(venue: Venue, entry: Entry) -> Iterator[Record]:
        return ledger_records(venue, entry, account, moves=moves, own=own or {}, asset=asset)

    return (History(name=name, read=read, records=records, window=window),)


_RAW_WORDS: Final = ("bizType", "businessType", "business_type", "subtype", "type", "billType", "remark", "text")


def ledger_records(
    venue: Venue, entry: Entry, account: str, *, moves: bool, own: Mapping[str, FlowClass], asset: str | None = None
) -> Iterator[Record]:
    """Yield a line of a ledger if it is of the wanted sort; its own words decide, then ccxt's."""
    one, where = entry.info, f"{venue.profile.exchange} ledger"
    info = one["info"] if isinstance(one.get("info"), Mapping) else {}
    words = [info.get(name) for name in _RAW_WORDS if isinstance(info.get(name), str)]
    kind = own.get(str(info.get("type"))) or classify(*words, one.get("type"))
    if kind is None or (kind in MOVES) is not moves:
        return
    total = amount(one.get("amount") or 0, f"{where} amount")
    if one.get("direction") == "out":
        total = negative(total.copy_abs())
    kind = as_signed(kind, total) or kind
    fee = one.get("fee") if isinstance(one.get("fee"), Mapping) else {}
    paid = amount(fee.get("cost") or 0, f"{where} fee") if fee else amount(0, where)
    code = asset_code(one.get("currency") or asset, where)
    yield from movement(
        account=account, id=entry.id, at=moment(entry.at, where), kind=kind, quantity=total, asset=code,
        fee=paid, fee_asset=asset_code(fee.get("currency") or code, where) if fee else code,
        text=" ".join(str(word) for word in words) or str(one.get("type") or ""),
    )  # fmt: skip


def funding(venue: Venue, account: str, *, window: timedelta = _WINDOW, full: int | None = None) -> Sequence[History]:
    """Return funding paid and received, where ccxt can ask for all markets at once."""
    if not venue.has("fetchFundingHistory"):
        return ()

    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def one(begin: int, end: int) -> list[Entry]:
            return _entries(venue.call("fetch_funding_history", None, begin, full or _LIMIT, {"until": end}))

        return _whole(one, since, until, full)

    def records(venue: Venue, entry: Entry) -> Iterator[Record]:
        where = f"{venue.profile.exchange} funding"
        yield from movement(
            account=account, id=f"{entry.id}:funding", at=moment(entry.at, where), kind=FlowClass.FUNDING,
            quantity=amount(entry.info.get("amount") or 0, f"{where} amount"),
            asset=asset_code(entry.info.get("code"), where), text=f"funding {entry.info.get('symbol') or ''}".strip(),
        )  # fmt: skip

    return (History(name="funding", read=read, records=records, window=window),)


def _whole(page: Callable[[int, int], Sequence[Entry]], since: int, until: int, full: int | None) -> Iterator[Entry]:
    """Read a window, the newest first where a full page is known, else by trying."""
    return either_way(page, since, until) if full is None else backward(page, since, until, full=full)


def _entries(found: Sequence[Mapping[str, Any]] | None) -> list[Entry]:
    """Return unified structures as lines: without a time it is none, without a name it gets its content's."""
    lines: list[Entry] = []
    for one in found or ():
        if one.get("timestamp") is None:
            continue
        name = one.get("id") or one.get("txid") or _named(one)
        if one.get("side"):
            name = f"{one.get('symbol')}:{name}"
        lines.append(Entry(id=str(name), at=int(one["timestamp"]), info=one))
    return lines


def _named(one: Mapping[str, Any]) -> str:
    from hashlib import blake2b

    said = "|".join(str(one.get(name)) for name in ("timestamp", "currency", "code", "symbol", "amount", "type"))
    return blake2b(said.encode(), digest_size=12).hexdigest()
