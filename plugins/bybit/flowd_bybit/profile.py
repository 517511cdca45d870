"""Bybit's wallets, prices and rights, as the version 5 of its API states them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from flowd.api import AccountKind
from flowd_bybit.histories import income, trades, transfers
from flowd_ccxt.profile import Permits, Profile, Tickers, Wallet
from flowd_ccxt.venue import Venue

#: Groups of rights with which orders can be given; the others only show something.
_TRADING: Final[Mapping[str, str]] = {
    "ContractTrade": "trade contracts",
    "Spot": "trade spot",
    "Options": "trade options",
    "Derivatives": "trade derivatives",
    "BlockTrade": "trade blocks",
    "CopyTrading": "trade for copiers",
    "Exchange": "trade (convert)",
    "Earn": "transfer to earn",
}
_WALLET: Final[Mapping[str, str]] = {
    "AccountTransfer": "transfer between wallets",
    "SubMemberTransfer": "transfer to sub-accounts",
    "SubMemberTransferList": "see transfers of sub-accounts",
    "Withdraw": "withdraw",
}


def _permits(venue: Venue) -> Permits:
    """Return what Bybit says of a key: its rights by group, until when it is good, and its addresses."""
    row = venue.one(venue.call("privateGetV5UserQueryApi"), ("result",), "key")
    groups = row.get("permissions")
    rights = ["read"]
    if str(row.get("readOnly")) != "1" and isinstance(groups, dict):
        for group, single in groups.items():
            if not isinstance(single, list) or not single:
                continue
            rights += [_WALLET.get(str(one), str(one)) for one in single] if group == "Wallet" else []
            if group in _TRADING:
                rights.append(_TRADING[group])
    ends = str(row.get("expiredAt") or "")
    tied = isinstance(row.get("ips"), list) and [one for one in row["ips"] if one != "*"]
    return Permits(
        rights=rights,
        known="readOnly" in row,
        expires=_ms(ends),
        notes=() if tied else ("the key is not tied to an address: such keys end after 90 days",),
    )


def _ms(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A key without an end is given as one that ended in 1970.
    return int(at.timestamp() * 1000) if at.year > 2000 else None


def _coins(name: str, label: str, kind: AccountKind, sort: str, *, optional: bool = True) -> Wallet:
    """Return a wallet at its equity: cash, less what is borrowed, with the gain of open positions."""
    return Wallet(
        name=name,
        label=label,
        kind=kind,
        call="privateGetV5AccountWalletBalance",
        params={"accountType": sort},
        rows=("result", "list", "*", "coin"),
        asset="coin",
        amount=("equity", "walletBalance"),
        optional=optional,
    )


def _earn(name: str, label: str, category: str) -> Wallet:
    return Wallet(
        name=name,
        label=label,
        kind=AccountKind.WALLET_EARN,
        call="privateGetV5EarnPosition",
        params={"category": category},
        rows=("result", "list"),
        asset="coin",
        amount=("amount",),
        optional=True,
    )


BYBIT = Profile(
    exchange="bybit",
    wallets=(
        _coins("unified", "unified trading", AccountKind.WALLET_FUTURES, "UNIFIED"),
        Wallet(
            name="funding",
            label="funding",
            kind=AccountKind.WALLET_FUNDING,
            call="privateGetV5AssetTransferQueryAccountCoinsBalance",
            params={"accountType": "FUND"},
            rows=("result", "balance"),
            asset="coin",
            amount=("walletBalance",),
        ),
        # Before the unified account: still there for inverse contracts of some, and for those who never upgraded.
        _coins("contract", "contract (classic)", AccountKind.WALLET_FUTURES, "CONTRACT"),
        _coins("spot", "spot (classic)", AccountKind.WALLET_SPOT, "SPOT"),
        _earn("earn-flexible", "flexible savings", "FlexibleSaving"),
        _earn("earn-onchain", "on-chain earn", "OnChain"),
    ),
    tickers=Tickers(
        call="publicGetV5MarketTickers",
        params={"category": "spot"},
        rows=("result", "list"),
        market="{base}{quote}",
        name="symbol",
        price=("lastPrice",),
        at="",
    ),
    income=income,
    transfers=transfers,
    trades=trades,
    permits=_permits,
    unread=(
        "trading bots and copy trading, of which Bybit's API states no balance",
        "earn products other than flexible savings and on-chain earn",
        "income of the funding wallet as single lines: it is part of the wallet's change in value",
        "sub-accounts: each needs a key and a connection of its own",
    ),
    marker=("retCode", frozenset({"0"}), ("result",)),
    # Bybit answers 403 to an address that asks too often.
    firewall=timedelta(minutes=10),
    spot="unified",
    contracts="unified",
    trades_by_market=False,
    options={"fetchMarkets": {"types": ["spot", "linear", "inverse"]}},
)
