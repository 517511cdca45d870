"""BloFin's wallets, prices and rights, as its API states them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flowd.api import AccountKind
from flowd_blofin.histories import income, trades, transfers
from flowd_ccxt.balances import wallet_holdings
from flowd_ccxt.faults import Unreadable
from flowd_ccxt.profile import Holding, Permits, Profile, Tickers, Wallet
from flowd_ccxt.venue import Venue


def _permits(venue: Venue) -> Permits:
    """Return what BloFin says of a key: whether it can only read, and until when it is good."""
    row = venue.one(venue.call("privateGetUserQueryApikey"), ("data",), "key")
    said, ends = str(row.get("readOnly")), str(row.get("expireTime") or "")
    notes = [] if row.get("ips") else ["the key is not tied to an address: such keys end after 90 days"]
    if str(row.get("parentUid") or "0") != "0":
        notes.append("this is the key of a sub-account: the main account needs a connection of its own")
    return Permits(
        rights={"0": ("read", "trade or transfer (BloFin does not say which)"), "1": ("read",)}.get(said, ()),
        known=said in ("0", "1"),
        expires=int(ends) if ends.isdigit() and int(ends) > 0 else None,
        notes=notes,
    )


def _assets(name: str, label: str, kind: AccountKind, *, there: str) -> Wallet:
    return Wallet(
        name=name, label=label, kind=kind, call="privateGetAssetBalances", params={"accountType": there}, optional=True
    )


def _inverse(venue: Venue) -> Iterator[Holding]:
    """Yield the inverse futures account, unless the account is a unified one, of which it would be said again."""
    found = list(wallet_holdings(venue, _COIN_FUTURES))
    if found:
        row = venue.one(venue.call("privateGetAccountConfig"), ("data",), "config")
        if str(row.get("accountLevel", "0")) != "0":
            raise Unreadable("the account is a unified one: what is in it is read as futures")
    yield from found


_EQUITY = ("data", "details")
_COIN_FUTURES = Wallet(
    name="inverse_contract",
    label="inverse futures",
    kind=AccountKind.WALLET_FUTURES,
    call="privateGetAccountBalance",
    params={"productType": "COIN-FUTURES"},
    rows=_EQUITY,
    amount=("equity",),
)

BLOFIN = Profile(
    exchange="blofin",
    wallets=(
        _assets("funding", "funding", AccountKind.WALLET_FUNDING, there="funding"),
        # At its equity: cash and the gain of open positions. A unified account is read here as well.
        Wallet(
            name="futures",
            label="futures",
            kind=AccountKind.WALLET_FUTURES,
            call="privateGetAccountBalance",
            params={"productType": "USDT-FUTURES"},
            rows=_EQUITY,
            amount=("equity",),
        ),
        Wallet(
            name="copy_trading",
            label="copy trading",
            kind=AccountKind.WALLET_COPY,
            call="privateGetCopytradingAccountBalance",
            rows=_EQUITY,
            amount=("equity",),
            optional=True,
        ),
        _assets("earn", "earn", AccountKind.WALLET_EARN, there="earn"),
        _assets("spot", "spot", AccountKind.WALLET_SPOT, there="spot"),
        Wallet(
            name="inverse_contract",
            label="inverse futures",
            kind=AccountKind.WALLET_FUTURES,
            read=_inverse,
            optional=True,
        ),
    ),
    tickers=Tickers(call="publicGetSpotMarketTickers"),
    income=income,
    transfers=transfers,
    trades=trades,
    permits=_permits,
    unread=(
        "trading bots, of which BloFin's API states no balance",
        "a total over all wallets: BloFin has none, so it is the sum of the wallets asked for",
        "funding, earn and rebate payments as single lines: they are part of the wallets' change in value",
        "sub-accounts: each needs a key and a connection of its own",
    ),
    marker=("code", frozenset({"0"}), ("data",)),
    # BloFin answers 403 where its firewall turns away too many requests, not where a key is refused.
    firewall=timedelta(minutes=5),
    trades_by_market=False,
)
