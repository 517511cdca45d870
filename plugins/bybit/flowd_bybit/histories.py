"""Bybit's histories: deposits, withdrawals, moves between wallets, executions, and the unified account's log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from flowd.api import FlowClass, Record, RetryLater
from flowd_ccxt.history import by_cursor
from flowd_ccxt.making import gain, is_trade, move, movement, trade
from flowd_ccxt.profile import Entry, History
from flowd_ccxt.unified import FAILED, WAITING, transaction
from flowd_ccxt.values import amount, asset_code, moment
from flowd_ccxt.venue import Venue
from flowd_ccxt.wording import MOVES, classify

#: The longest stretch of time each call may span, and the most lines it answers with.
_WEEK: Final = timedelta(days=7)
_MONTH: Final = timedelta(days=30)
KEPT: Final = timedelta(days=729)
_PAGE: Final = 50
_WALLETS: Final[Mapping[str, str]] = {
    "UNIFIED": "unified", "FUND": "funding", "CONTRACT": "contract", "SPOT": "spot", "INVESTMENT": "earn-flexible",
}  # fmt: skip
_CONTRACTS: Final = frozenset({"linear", "inverse"})
#: Lines that settle a position: their cash is gain, their fee is taken from it.
_SETTLES: Final = frozenset({"TRADE", "DELIVERY", "LIQUIDATION", "ADL"})
_KINDS: Final[Mapping[str, FlowClass]] = {
    "INTEREST": FlowClass.INTEREST,
    "FEE_REFUND": FlowClass.REBATE,
    "AIRDROP": FlowClass.OTHER,
    "AIRDRP": FlowClass.OTHER,
    "BONUS": FlowClass.OTHER,
    "BONUS_RECOLLECT": FlowClass.OTHER,
    "TOKENS_SUBSCRIPTION": FlowClass.TRANSFER,
    "CURRENCY_BUY": FlowClass.FX,
    "CURRENCY_SELL": FlowClass.FX,
}


def income(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of every exchange's
    """Return the unified account's transaction log: gains net of fees, funding, interest, rebates."""
    read = _listed(
        "privateGetV5AccountTransactionLog", {"accountType": "UNIFIED"}, ("result", "list"), "id", "transactionTime"
    )
    return (History(name="log", read=read, records=_logged, window=_WEEK, kept=KEPT),)


def transfers(venue: Venue) -> Sequence[History]:  # noqa: ARG001
    """Return deposits, withdrawals, what other users sent, and moves between the account's wallets."""
    return (
        History(
            name="deposits",
            read=_parsed("privateGetV5AssetDepositQueryRecord", {}),
            records=lambda venue, entry: transaction(venue, entry, "funding"),
            window=_MONTH,
            pending=lambda entry: entry.info.get("status") in WAITING,
            gone=lambda entry: entry.info.get("status") in FAILED,
        ),
        History(
            name="withdrawals",
            read=_parsed("privateGetV5AssetWithdrawQueryRecord", {"withdrawType": 2}),
            records=lambda venue, entry: transaction(venue, entry, "funding"),
            window=_MONTH,
            pending=lambda entry: entry.info.get("status") in WAITING,
            gone=lambda entry: entry.info.get("status") in FAILED,
        ),
        History(
            name="received",
            read=_listed("privateGetV5AssetDepositQueryInternalRecord", {}, ("result", "rows"), "id", "createdTime"),
            records=_received,
            window=_MONTH,
            pending=lambda entry: str(entry.info.get("status")) == "1",
            gone=lambda entry: str(entry.info.get("status")) == "3",
        ),
        History(
            name="moves",
            read=_listed(
                "privateGetV5AssetTransferQueryInterTransferList", {}, ("result", "list"), "transferId", "timestamp"
            ),
            records=_moved,
            window=_WEEK,
            kept=KEPT,
            pending=lambda entry: entry.info.get("status") == "PENDING",
            gone=lambda entry: entry.info.get("status") == "FAILED",
        ),
    )


def trades(venue: Venue) -> Sequence[History]:  # noqa: ARG001
    """Return executions of spot and contracts; funding and settlements among them are no trades."""
    found = []
    for category in ("spot", "linear", "inverse"):
        read = _listed("privateGetV5ExecutionList", {"category": category}, ("result", "list"), "execId", "execTime")

        def records(venue: Venue, entry: Entry, category: str = category) -> Iterator[Record]:
            return _executed(venue, entry, category)

        found.append(History(name=f"{category} trades", read=read, records=records, window=_WEEK, kept=KEPT))
    return found


def _listed(
    call: str, asked: Mapping[str, object], path: Sequence[str], name: str, at: str
) -> Callable[[Venue, int, int], Iterator[Entry]]:
    """Return a reader of one of Bybit's lists, which are paged by a cursor."""

    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def page(after: str | None) -> tuple[Sequence[Entry], str | None]:
            answer = venue.call(call, _span(asked, since, until, after))
            rows = venue.rows(answer, path, call)
            return [_line(row, name, at, call) for row in rows], _next(answer)

        return by_cursor(page)

    return read


def _parsed(call: str, asked: Mapping[str, object]) -> Callable[[Venue, int, int], Iterator[Entry]]:
    """Return a reader of deposits or withdrawals in ccxt's structure."""

    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def page(after: str | None) -> tuple[Sequence[Entry], str | None]:
            answer = venue.call(call, _span(asked, since, until, after))
            entries = []
            for row in venue.rows(answer, ("result", "rows"), call):
                parsed = venue.exchange.parse_transaction(row)
                parsed["type"] = "withdrawal" if "Withdraw" in call else "deposit"
                # A deposit has no number of its own: a chain's transaction may pay in several times.
                name = row.get("withdrawId") or f"{row.get('txID')}:{row.get('txIndex') or 0}:{row.get('coin')}"
                if parsed.get("timestamp") is not None:
                    entries.append(Entry(id=str(name), at=int(parsed["timestamp"]), info=parsed))
            return entries, _next(answer)

        return by_cursor(page)

    return read


def _span(asked: Mapping[str, object], since: int, until: int, after: str | None) -> dict[str, object]:
    found = {**asked, "startTime": since, "endTime": until, "limit": _PAGE}
    return {**found, "cursor": after} if after else found


def _next(answer: Mapping[str, Any]) -> str | None:
    return str(answer["result"].get("nextPageCursor") or "") or None


def _line(row: Mapping[str, Any], name: str, at: str, where: str) -> Entry:
    time = str(row.get(at) or "")
    if row.get(name) in (None, "") or not time.isdigit():
        raise RetryLater(f"bybit {where} answered a row without {name!r} or {at!r}")
    # Ten digits are seconds, thirteen milliseconds: Bybit has both.
    return Entry(id=str(row[name]), at=int(time) * (1000 if len(time) <= 10 else 1), info=row)


def _amount(row: Mapping[str, Any], name: str) -> Decimal:
    return amount(row.get(name) or 0, f"bybit {name}")


def _logged(venue: Venue, entry: Entry) -> Iterator[Record]:
    row, said, at = entry.info, str(entry.info.get("type") or ""), moment(entry.at, "bybit log")
    asset = asset_code(venue.code(row.get("currency")), "bybit log")
    text = f"{said.lower()} {row.get('symbol') or ''}".strip()
    cash, paid, received = _amount(row, "cashFlow"), _amount(row, "fee"), _amount(row, "funding")
    if said in _SETTLES or said == "SETTLEMENT":
        # Of spot and options the cash is a price that was paid, not a gain; delivery of an option is one.
        if row.get("category") in _CONTRACTS or said == "DELIVERY":
            yield from gain(account="unified", id=entry.id, at=at, gross=cash, fee=paid, asset=asset, text=text)
        yield from movement(
            account="unified", id=f"{entry.id}:funding", at=at, kind=FlowClass.FUNDING, quantity=received, asset=asset,
            text=text,
        )  # fmt: skip
        return
    kind = _KINDS.get(said) or classify(said)
    # Moves have lists of their own; an exchange of one asset for another is a trade.
    if kind is None or kind in MOVES or kind is FlowClass.FX:
        return
    yield from movement(
        account="unified", id=entry.id, at=at, kind=kind, quantity=_amount(row, "change"), asset=asset, text=text
    )


def _moved(venue: Venue, entry: Entry) -> Iterator[Record]:
    row = entry.info
    names = [str(row.get(name) or "") for name in ("fromAccountType", "toAccountType")]
    source, target = (_WALLETS.get(name, name.lower()) or None for name in names)
    yield from move(
        source=source, target=target, id=entry.id, at=moment(entry.at, "bybit transfer"),
        quantity=_amount(row, "amount"), asset=asset_code(venue.code(row.get("coin")), "bybit transfer"),
        text=f"from {source} to {target}",
    )  # fmt: skip


def _received(venue: Venue, entry: Entry) -> Iterator[Record]:
    row = entry.info
    yield from movement(
        account="funding", id=f"received-{entry.id}", at=moment(entry.at, "bybit deposit"), kind=FlowClass.DEPOSIT,
        quantity=_amount(row, "amount"), asset=asset_code(venue.code(row.get("coin")), "bybit deposit"),
        pending=str(row.get("status")) == "1", text="from another user of Bybit",
    )  # fmt: skip


def _executed(venue: Venue, entry: Entry, category: str) -> Iterator[Record]:
    row = entry.info
    if not is_trade(row):
        return
    name = str(row.get("symbol") or "")
    found = [one for one in venue.markets().values() if one.get("id") == name and one.get(category) is True]
    market = found[0] if found else None
    if market is not None:
        symbol, settle = str(market["symbol"]), market.get("settle")
    else:
        symbol, settle = _unlisted(name, category)
    base, _, quote = symbol.partition(":")[0].partition("/")
    bought = str(row.get("side")).lower() == "buy"
    charged = row.get("feeCurrency") or (settle if category != "spot" and settle else base if bought else quote)
    parsed = {
        "id": entry.id,
        "symbol": symbol,
        "side": str(row.get("side") or "").lower(),
        "price": row.get("execPrice"),
        "amount": row.get("execQty"),
        "fee": {"cost": row.get("execFee") or "0", "currency": charged},
    }
    account = venue.profile.spot if category == "spot" else venue.profile.contracts
    yield from trade(account=account, parsed=parsed, at=moment(entry.at, "bybit trade"), where="bybit trade")


def _unlisted(name: str, category: str) -> tuple[str, str | None]:
    """Return ccxt's symbol, and what settles it, of a market that is listed no more, as far as its name tells."""
    pair, dash, ends = name.partition("-")
    quote = next((one for one in ("USDT", "USDC", "USD", "EUR") if pair.endswith(one) and pair != one), "")
    base = pair.removesuffix(quote or "PERP")
    if category == "spot":
        return f"{base}/{quote or 'USDT'}", None
    # Contracts in USDC do without it in their names: BTCPERP, BTC-26DEC25.
    settle = base if category == "inverse" else quote or "USDC"
    return f"{base}/{quote or settle}:{settle}{dash}{ends}", settle
