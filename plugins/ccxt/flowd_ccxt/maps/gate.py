"""Gate and Bitget: the wallets they have, each at its equity."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from flowd.api import AccountKind, FlowClass
from flowd_ccxt import unified
from flowd_ccxt.markets import markets_that_matter
from flowd_ccxt.profile import Holding, Profile, Tickers, Wallet
from flowd_ccxt.values import amount, asset_code, negative, total
from flowd_ccxt.venue import Venue


def _pairs(venue: Venue) -> Iterator[Holding]:
    """Yield Gate's isolated margin, market by market: what is there, less what is owed."""
    for pair in venue.rows(venue.call("privateMarginGetAccounts"), (), "margin"):
        for row in venue.rows(pair, ("base",), "margin") + venue.rows(pair, ("quote",), "margin"):
            held = [amount(row.get(name) or 0, "gate margin") for name in ("available", "locked")]
            owed = [negative(amount(row.get(name) or 0, "gate margin")) for name in ("borrowed", "interest")]
            code = asset_code(venue.code(row.get("currency")), "gate margin")
            yield Holding(asset=code, quantity=total(*held, *owed))


_GATE_FUTURES: Final = tuple(
    Wallet(name=f"{sort}-{settle}", label=f"{sort} in {settle.upper()}", kind=AccountKind.WALLET_FUTURES,
           call=call, params={"settle": settle}, rows=(), amount=("total",), plus=("unrealised_pnl",), optional=True)
    for sort, call, settles in (
        ("futures", "privateFuturesGetSettleAccounts", ("usdt", "btc")),
        ("delivery", "privateDeliveryGetSettleAccounts", ("usdt",)),
    )
    for settle in settles
)  # fmt: skip

#: Gate's words in the books of its futures accounts, which elsewhere mean other things.
_BOOK: Final = {
    "dnw": FlowClass.TRANSFER, "pnl": FlowClass.REALISED_PNL, "fee": FlowClass.FEE, "refr": FlowClass.REBATE,
    "fund": FlowClass.FUNDING,
}  # fmt: skip

GATE = Profile(
    exchange="gate",
    wallets=(
        Wallet(name="spot", label="spot", kind=AccountKind.WALLET_SPOT, call="privateSpotGetAccounts", rows=(),
               amount=("available",), plus=("locked",)),
        Wallet(name="margin", label="isolated margin", kind=AccountKind.WALLET_MARGIN, read=_pairs, optional=True),
        *_GATE_FUTURES,
        Wallet(name="earn", label="lend and earn", kind=AccountKind.WALLET_EARN, call="privateEarnGetUniLends",
               rows=(), amount=("amount",), optional=True),
    ),
    tickers=Tickers(call="publicSpotGetTickers", rows=(), market="{base}_{quote}", name="currency_pair", at=""),
    income=lambda venue: (
        *unified.ledger(venue, "spot", moves=False, params={"type": "spot"}, full=100),
        *unified.ledger(venue, "futures-usdt", moves=False, params={"type": "swap"}, name="futures ledger", full=100,
                        own=_BOOK, asset="USDT"),
    ),
    transfers=lambda venue: (
        *unified.deposits_and_withdrawals(venue, "spot", window=timedelta(days=29), full=100),
        *unified.ledger(venue, "futures-usdt", moves=True, params={"type": "swap"}, name="futures ledger", full=100,
                        own=_BOOK, asset="USDT"),
    ),
    trades=lambda _: unified.my_trades(params={"type": "spot"}, window=timedelta(days=29), full=100),
    unread=("copy trading, bots, structured products and unified accounts, whose parts Gate does not state apart",),
    contracts="futures-usdt",
    options={"unifiedAccount": False, "fetchMarkets": {"types": ["spot", "swap"]}},
)  # fmt: skip

_BITGET_FUTURES: Final = tuple(
    Wallet(name=name, label=label, kind=AccountKind.WALLET_FUTURES, call="privateMixGetV2MixAccountAccounts",
           params={"productType": sort}, asset="marginCoin", amount=("accountEquity",), optional=True)
    for name, label, sort in (
        ("futures-usdt", "futures in USDT", "USDT-FUTURES"),
        ("futures-usdc", "futures in USDC", "USDC-FUTURES"),
        ("futures-coin", "futures in coins", "COIN-FUTURES"),
    )
)  # fmt: skip

BITGET = Profile(
    exchange="bitget",
    wallets=(
        Wallet(name="spot", label="spot", kind=AccountKind.WALLET_SPOT, call="privateSpotGetV2SpotAccountAssets",
               asset="coin", amount=("available",), plus=("frozen", "locked")),
        *_BITGET_FUTURES,
        Wallet(name="margin", label="cross margin", kind=AccountKind.WALLET_MARGIN, asset="coin", amount=("net",),
               call="privateMarginGetV2MarginCrossedAccountAssets", optional=True),
        Wallet(name="isolated", label="isolated margin", kind=AccountKind.WALLET_MARGIN, asset="coin",
               call="privateMarginGetV2MarginIsolatedAccountAssets", amount=("net",), optional=True),
        Wallet(name="earn", label="earn", kind=AccountKind.WALLET_EARN, call="privateEarnGetV2EarnAccountAssets",
               asset="coin", amount=("amount",), optional=True),
    ),
    tickers=Tickers(call="publicSpotGetV2SpotMarketTickers", market="{base}{quote}", name="symbol",
                    price=("lastPr",)),
    income=lambda venue: (
        *unified.ledger(venue, "spot", moves=False, params={"type": "spot"}, full=100),
        *unified.ledger(venue, "futures-usdt", moves=False, name="futures ledger",
                        params={"type": "swap", "productType": "USDT-FUTURES"}, full=100),
    ),
    transfers=lambda venue: (
        *unified.deposits_and_withdrawals(venue, "spot", full=100),
        *unified.ledger(venue, "futures-usdt", moves=True, name="futures ledger",
                        params={"type": "swap", "productType": "USDT-FUTURES"}, full=100),
    ),
    trades=lambda venue: [
        *unified.my_trades(symbols=markets_that_matter(venue), full=100),
        *unified.my_trades(params={"productType": "USDT-FUTURES", "type": "swap"}, name="futures trades", full=100),
    ],
    unread=("bots, copy trading and unified accounts, whose parts Bitget does not state apart",
            "spot trades of what is not held any more, unless `symbols` names the market"),
    marker=("code", frozenset({"00000"}), ("data",)),
    contracts="futures-usdt",
    options={"uta": False, "fetchMarkets": {"types": ["spot", "swap"]}},
)  # fmt: skip
