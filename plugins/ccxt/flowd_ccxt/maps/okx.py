"""OKX: the trading account at its equity, funding, savings and staking, and its bills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flowd.api import AccountKind, FlowClass, Record
from flowd_ccxt import unified
from flowd_ccxt.history import by_cursor
from flowd_ccxt.making import gain, movement
from flowd_ccxt.profile import Entry, History, Permits, Profile, Tickers, Wallet
from flowd_ccxt.values import amount, asset_code, moment, negative
from flowd_ccxt.venue import Venue

_PAGE: Final = 100
#: Types of the trading account's bills whose gain and fee are income: trades, delivery, liquidation, ADL, clawback,
#: block trades.
_FILLS: Final = frozenset({"2", "3", "5", "9", "10", "14"})
_BILLS: Final[Mapping[str, FlowClass]] = {
    "1": FlowClass.TRANSFER,
    "6": FlowClass.TRANSFER,
    "7": FlowClass.INTEREST,
    "8": FlowClass.FUNDING,
}


def _bills(*, moves: bool) -> Any:
    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        def page(after: str | None) -> tuple[Sequence[Entry], str | None]:
            asked = {"begin": since, "end": until, "limit": _PAGE, **({"after": after} if after else {})}
            rows = venue.rows(venue.call("privateGetAccountBillsArchive", asked), ("data",), "bills")
            entries = [Entry(id=str(row["billId"]), at=int(row["ts"]), info=row) for row in rows]
            return entries, entries[-1].id if len(entries) >= _PAGE else None

        return by_cursor(page)

    def histories(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of the others
        def records(venue: Venue, entry: Entry) -> Iterator[Record]:
            return _bill(venue, entry, moves=moves)

        # OKX keeps bills for three months.
        return (History(name="bills", read=read, records=records, window=timedelta(days=7), kept=timedelta(days=89)),)

    return histories


def _bill(venue: Venue, entry: Entry, *, moves: bool) -> Iterator[Record]:
    row, sort, at = entry.info, str(entry.info.get("type")), moment(entry.at, "okx bill")
    asset = asset_code(venue.code(row.get("ccy")), "okx bill")
    text = str(row.get("instId") or "")
    if sort in _FILLS and not moves:
        contract = str(row.get("instType")) in ("SWAP", "FUTURES", "OPTION")
        if contract:
            gross, fee = amount(row.get("pnl") or 0, "okx pnl"), negative(amount(row.get("fee") or 0, "okx fee"))
            yield from gain(account="trading", id=entry.id, at=at, gross=gross, fee=fee, asset=asset, text=text)
        return
    kind = _BILLS.get(sort)
    if kind is None or (kind is FlowClass.TRANSFER) is not moves:
        return
    yield from movement(
        account="trading", id=entry.id, at=at, kind=kind, asset=asset, text=f"{kind.value} {text}".strip(),
        quantity=amount(row.get("balChg") or 0, "okx balChg"),
    )  # fmt: skip


def _permits(venue: Venue) -> Permits:
    row = venue.one(venue.call("privateGetAccountConfig"), ("data", 0), "config")
    said = str(row.get("perm") or "")
    words = {"read_only": "read"}
    return Permits(
        rights=[words.get(one, one) for one in said.split(",") if one],
        known=bool(said),
        notes=() if row.get("ip") else ("the key is not tied to an address",),
    )


_EARN: Final = (
    Wallet(name="savings", label="simple earn", kind=AccountKind.WALLET_EARN, call="privateGetFinanceSavingsBalance",
           asset="ccy", amount=("amt",), optional=True),
    Wallet(name="staking", label="on-chain earn", kind=AccountKind.WALLET_EARN,
           call="privateGetFinanceStakingDefiOrdersActive", rows=("data", "*", "investData"), asset="ccy",
           amount=("amt",), optional=True),
)  # fmt: skip

OKX = Profile(
    exchange="okx",
    wallets=(
        Wallet(name="trading", label="trading", kind=AccountKind.WALLET_FUTURES, call="privateGetAccountBalance",
               rows=("data", 0, "details"), asset="ccy", amount=("eq",)),
        Wallet(name="funding", label="funding", kind=AccountKind.WALLET_FUNDING, call="privateGetAssetBalances",
               asset="ccy", amount=("bal",)),
        *_EARN,
    ),
    subwallets=(
        Wallet(name="trading", label="trading", kind=AccountKind.WALLET_FUTURES,
               call="privateGetAccountSubaccountBalances", params={"subAcct": "{sub}"}, rows=("data", 0, "details"),
               asset="ccy", amount=("eq",)),
        Wallet(name="funding", label="funding", kind=AccountKind.WALLET_FUNDING,
               call="privateGetAssetSubaccountBalances", params={"subAcct": "{sub}"}, asset="ccy", amount=("bal",)),
    ),
    tickers=Tickers(call="publicGetMarketTickers", params={"instType": "SPOT"}),
    income=_bills(moves=False),
    transfers=lambda venue: (
        *unified.deposits_and_withdrawals(venue, "funding", full=100),
        *_bills(moves=True)(venue),
    ),
    trades=lambda _: [
        one
        for sort in ("SPOT", "SWAP", "FUTURES")
        for one in unified.my_trades(
            params={"instType": sort, "method": "privateGetTradeFillsHistory"}, name=f"trades {sort}", full=100
        )
    ],
    permits=_permits,
    unread=("trading bots and structured products, of which OKX states no balance",),
    marker=("code", frozenset({"0"}), ("data",)),
    spot="trading",
    contracts="trading",
    options={"fetchMarkets": {"types": ["spot", "swap", "future"]}},
)  # fmt: skip
