"""KuCoin: funding (main), trading, margin, futures at their equity, earn, and the accounts' ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flowd.api import AccountKind, FlowClass, Record
from flowd_ccxt import unified
from flowd_ccxt.history import by_cursor
from flowd_ccxt.making import movement
from flowd_ccxt.profile import Entry, History, Holding, Permits, Profile, Tickers, Wallet
from flowd_ccxt.values import amount, asset_code, moment, negative, total
from flowd_ccxt.venue import Venue
from flowd_ccxt.wording import MOVES, as_signed, classify

_PAGE: Final = 500
#: Futures are kept apart by what they are settled in.
_SETTLED: Final = ("USDT", "XBT", "USDC")
#: Lines that only move money within the account or exchange it.
_NO_INCOME: Final = frozenset({"exchange", "transfer", "deposit", "withdrawal", "withdraw", "sub-transfer"})


def _isolated(venue: Venue) -> Iterator[Holding]:
    answer = venue.call("privateGetIsolatedAccounts")
    for pair in venue.rows(answer, ("data", "assets"), "isolated"):
        for row in venue.rows(pair, ("baseAsset",), "isolated") + venue.rows(pair, ("quoteAsset",), "isolated"):
            held = amount(row.get("total", row.get("totalBalance", 0)), "kucoin isolated")
            owed = amount(row.get("liability") or 0, "kucoin liability")
            code = asset_code(venue.code(row.get("currency")), "kucoin isolated")
            yield Holding(asset=code, quantity=total(held, negative(owed)))


def _future(row: Mapping[str, Any]) -> str:
    """Return the futures wallet in which a line's asset is kept."""
    asset = str(row.get("currency") or "")
    return f"futures-{'XBT' if asset == 'BTC' else asset}"


def _ledger(*, moves: bool) -> Any:
    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def page(after: str | None) -> tuple[Sequence[Entry], str | None]:
            number = int(after or 1)
            asked = {"startAt": since, "endAt": until, "currentPage": number, "pageSize": _PAGE}
            answer = venue.call("privateGetAccountsLedgers", asked)
            data = venue.one(answer, ("data",), "ledger")
            rows = venue.rows(data, ("items",), "ledger")
            entries = [Entry(id=str(row["id"]), at=int(row["createdAt"]), info=row) for row in rows]
            return entries, str(number + 1) if number < int(data.get("totalPage") or 0) else None

        return by_cursor(page)

    def histories(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of the others
        def records(venue: Venue, entry: Entry) -> Iterator[Record]:
            return _line(venue, entry, moves=moves)

        # One call may span a day; KuCoin keeps a year.
        return (History(name="ledger", read=read, records=records, window=timedelta(days=1), kept=timedelta(days=364)),)

    return histories


def _line(venue: Venue, entry: Entry, *, moves: bool) -> Iterator[Record]:
    row, said = entry.info, str(entry.info.get("bizType") or "")
    kind = FlowClass.TRANSFER if "transfer" in said.lower() else classify(said)
    if kind in (FlowClass.DEPOSIT, FlowClass.WITHDRAWAL) or (said.lower() in _NO_INCOME and kind not in MOVES):
        # Deposits and withdrawals have histories of their own, with their fees.
        return
    if kind is None or (kind in MOVES) is not moves:
        return
    moved = amount(row.get("amount") or 0, "kucoin amount").copy_abs()
    signed = negative(moved) if row.get("direction") == "out" else moved
    held = {"MAIN": "funding", "TRADE": "spot", "TRADE_HF": "spot", "MARGIN": "margin", "CONTRACT": _future(row)}
    yield from movement(
        account=held.get(str(row.get("accountType")), "funding"), id=entry.id, at=moment(entry.at, "kucoin ledger"),
        kind=as_signed(kind, signed) or kind, quantity=signed,
        asset=asset_code(venue.code(row.get("currency")), "kucoin ledger"), text=said,
    )  # fmt: skip


def _futures() -> Sequence[History]:
    """Return the gains of the futures account, which KuCoin states net of fees and with funding in them."""
    found = []
    for settled in _SETTLED:

        def read(venue: Venue, since: int, until: int, settled: str = settled) -> Iterator[Entry]:
            def page(after: str | None) -> tuple[Sequence[Entry], str | None]:
                asked: dict[str, object] = {"startAt": since, "endAt": until, "maxCount": 50, "currency": settled}
                if after:
                    asked["offset"] = after
                answer = venue.call("futuresPrivateGetTransactionHistory", {**asked, "type": "RealisedPNL"})
                data = venue.one(answer, ("data",), "futures history")
                rows = venue.rows(data, ("dataList",), "futures history")
                entries = [Entry(id=f"futures-{row['offset']}", at=int(row["time"]), info=row) for row in rows]
                return entries, str(rows[-1]["offset"]) if data.get("hasMore") and rows else None

            return by_cursor(page)

        found.append(
            History(name=f"futures {settled}", read=read, records=_gain, window=timedelta(days=1),
                    kept=timedelta(days=364), pending=lambda entry: entry.info.get("status") == "Pending")
        )  # fmt: skip
    return found


def _gain(venue: Venue, entry: Entry) -> Iterator[Record]:
    row = entry.info
    yield from movement(
        account=_future(row), id=entry.id, at=moment(entry.at, "kucoin futures"), kind=FlowClass.REALISED_PNL,
        quantity=amount(row.get("amount") or 0, "kucoin futures amount"), pending=row.get("status") == "Pending",
        asset=asset_code(venue.code(row.get("currency")), "kucoin futures"), text=str(row.get("remark") or ""),
    )  # fmt: skip


def _permits(venue: Venue) -> Permits:
    row = venue.one(venue.call("privateGetUserApiKey"), ("data",), "key")
    said = str(row.get("permission") or "")
    ends = row.get("expiredAt") or row.get("expireAt")
    names = [word.strip() for word in said.split(",") if word.strip()]
    words = {"general": "read", "spot": "trade spot", "futures": "trade futures", "margin": "trade margin",
             "withdrawal": "withdraw", "innertransfer": "transfer", "transfer": "transfer",
             "earn": "transfer to earn"}  # fmt: skip
    return Permits(
        rights=[words.get(one.lower(), one) for one in names],
        known=bool(names),
        expires=int(ends) if ends and str(ends).isdigit() else None,
        notes=() if row.get("ipWhitelist") else ("the key is not tied to an address and ends after 90 days unused",),
    )


KUCOIN = Profile(
    exchange="kucoin",
    wallets=(
        Wallet(name="funding", label="funding", kind=AccountKind.WALLET_FUNDING, call="privateGetAccounts",
               params={"type": "main"}, where={"type": "main"}),
        Wallet(name="spot", label="trading", kind=AccountKind.WALLET_SPOT, call="privateGetAccounts",
               params={"type": "trade"}, where={"type": "trade"}),
        Wallet(name="margin", label="cross margin", kind=AccountKind.WALLET_MARGIN, call="privateGetMarginAccounts",
               rows=("data", "accounts"), amount=("total", "totalBalance"), minus=("liability",), optional=True),
        Wallet(name="isolated", label="isolated margin", kind=AccountKind.WALLET_MARGIN, read=_isolated, optional=True),
        *(
            Wallet(name=f"futures-{settled}", label=f"futures in {settled}", kind=AccountKind.WALLET_FUTURES,
                   call="futuresPrivateGetAccountOverview", params={"currency": settled}, rows=("data",),
                   amount=("accountEquity",), optional=True)
            for settled in _SETTLED
        ),
        Wallet(name="earn", label="earn", kind=AccountKind.WALLET_EARN, call="earnGetEarnHoldAssets",
               rows=("data", "items"), amount=("holdAmount",), optional=True),
    ),
    tickers=Tickers(call="publicGetMarketAllTickers", rows=("data", "ticker"), name="symbol", at=""),
    income=lambda venue: (*_ledger(moves=False)(venue), *_futures()),
    transfers=lambda venue: (
        *unified.deposits_and_withdrawals(venue, "funding", window=timedelta(days=7), full=100),
        *_ledger(moves=True)(venue),
    ),
    trades=lambda _: unified.my_trades(window=timedelta(days=7), full=100),
    permits=_permits,
    unread=("trading bots and copy trading, of which KuCoin states no balance",
            "trades in high-frequency and futures accounts before they are asked for by `symbols`"),
    marker=("code", frozenset({"200000"}), ("data",)),
    contracts="futures-USDT",
    options={"uta": False, "fetchMarkets": {"types": ["spot"]}},
)  # fmt: skip
