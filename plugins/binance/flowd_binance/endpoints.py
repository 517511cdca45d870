"""Where Binance answers what, and what each request weighs against the limits that Binance publishes.

Limits as of Binance's API documentation (developers.binance.com, "Limits" of each product): spot 6,000 a minute for one
address; USD-M and COIN-M futures 2,400; `sapi` 12,000 for each endpoint and address, or 180,000 for each endpoint and
user; portfolio margin 6,000 for each user. flowd counts them in one coin of which every host gives 2,400 a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import urlsplit

#: What every host gives in a minute, in the coin flowd counts in.
PER_MINUTE: Final = 2400
#: What a request weighs that nobody wrote down here.
_UNKNOWN: Final = 20.0


class Family(Enum):
    """A part of Binance with limits of its own; the value is where its paths begin and what it gives in a minute."""

    SPOT = ("/api/", 6_000)
    SAPI = ("/sapi/", 12_000)
    USER = ("/sapi/", 180_000)
    USDM = ("/fapi/", 2_400)
    COINM = ("/dapi/", 2_400)
    PORTFOLIO = ("/papi/", 6_000)

    @property
    def prefix(self) -> str:
        """Where its paths begin."""
        return self.value[0]

    @property
    def limit(self) -> int:
        """Weight in a minute, as Binance counts."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing that can be asked: its path, its published weight, the limit that weight counts against."""

    path: str
    weight: float
    family: Family
    method: str = "get"
    signed: bool = True

    @property
    def counted(self) -> float:
        """What it weighs in flowd's coin."""
        return self.weight * PER_MINUTE / self.family.limit


SERVER_TIME: Final = Endpoint("/api/v3/time", 1, Family.SPOT, signed=False)
PRICES: Final = Endpoint("/api/v3/ticker/price", 4, Family.SPOT, signed=False)
KLINES: Final = Endpoint("/api/v3/klines", 2, Family.SPOT, signed=False)
SPOT_ACCOUNT: Final = Endpoint("/api/v3/account", 20, Family.SPOT)
SPOT_TRADES: Final = Endpoint("/api/v3/myTrades", 20, Family.SPOT)

PERMISSIONS: Final = Endpoint("/sapi/v1/account/apiRestrictions", 1, Family.SAPI)
WALLETS: Final = Endpoint("/sapi/v1/asset/wallet/balance", 60, Family.SAPI)
DAILY_SNAPSHOT: Final = Endpoint("/sapi/v1/accountSnapshot", 2400, Family.SAPI)
FUNDING: Final = Endpoint("/sapi/v1/asset/get-funding-asset", 1, Family.SAPI, method="post")
CROSS: Final = Endpoint("/sapi/v1/margin/account", 10, Family.SAPI)
ISOLATED: Final = Endpoint("/sapi/v1/margin/isolated/account", 10, Family.SAPI)
FLEXIBLE: Final = Endpoint("/sapi/v1/simple-earn/flexible/position", 150, Family.SAPI)
LOCKED: Final = Endpoint("/sapi/v1/simple-earn/locked/position", 150, Family.SAPI)
FLEXIBLE_REWARDS: Final = Endpoint("/sapi/v1/simple-earn/flexible/history/rewardsRecord", 150, Family.SAPI)
LOCKED_REWARDS: Final = Endpoint("/sapi/v1/simple-earn/locked/history/rewardsRecord", 150, Family.SAPI)
ETH_REWARDS: Final = Endpoint("/sapi/v1/eth-staking/eth/history/rewardsHistory", 150, Family.SAPI)
DIVIDENDS: Final = Endpoint("/sapi/v1/asset/assetDividend", 10, Family.SAPI)
REBATES: Final = Endpoint("/sapi/v1/rebate/taxQuery", 12_000, Family.USER)
MARGIN_INTEREST: Final = Endpoint("/sapi/v1/margin/interestHistory", 1, Family.SAPI)
MARGIN_TRADES: Final = Endpoint("/sapi/v1/margin/myTrades", 10, Family.SAPI)
DEPOSITS: Final = Endpoint("/sapi/v1/capital/deposit/hisrec", 1, Family.SAPI)
WITHDRAWALS: Final = Endpoint("/sapi/v1/capital/withdraw/history", 18_000, Family.USER)
FIAT_ORDERS: Final = Endpoint("/sapi/v1/fiat/orders", 90_000, Family.USER)
FIAT_PAYMENTS: Final = Endpoint("/sapi/v1/fiat/payments", 1, Family.SAPI)
TRANSFERS: Final = Endpoint("/sapi/v1/asset/transfer", 1, Family.SAPI)
SUB_TRANSFERS: Final = Endpoint("/sapi/v1/sub-account/transfer/subUserHistory", 1, Family.SAPI)
PAY: Final = Endpoint("/sapi/v1/pay/transactions", 3_000, Family.USER)
P2P: Final = Endpoint("/sapi/v1/c2c/orderMatch/listUserOrderHistory", 1, Family.SAPI)
DUST: Final = Endpoint("/sapi/v1/asset/dribblet", 1, Family.SAPI)
CONVERSIONS: Final = Endpoint("/sapi/v1/convert/tradeFlow", 3_000, Family.USER)

USDM_ACCOUNT: Final = Endpoint("/fapi/v3/account", 5, Family.USDM)
USDM_INCOME: Final = Endpoint("/fapi/v1/income", 30, Family.USDM)
USDM_TRADES: Final = Endpoint("/fapi/v1/userTrades", 5, Family.USDM)
COINM_ACCOUNT: Final = Endpoint("/dapi/v1/account", 5, Family.COINM)
COINM_INCOME: Final = Endpoint("/dapi/v1/income", 20, Family.COINM)
COINM_TRADES: Final = Endpoint("/dapi/v1/userTrades", 20, Family.COINM)

PORTFOLIO_BALANCE: Final = Endpoint("/papi/v1/balance", 20, Family.PORTFOLIO)
PORTFOLIO_USDM_INCOME: Final = Endpoint("/papi/v1/um/income", 30, Family.PORTFOLIO)
PORTFOLIO_COINM_INCOME: Final = Endpoint("/papi/v1/cm/income", 30, Family.PORTFOLIO)
PORTFOLIO_USDM_TRADES: Final = Endpoint("/papi/v1/um/userTrades", 5, Family.PORTFOLIO)
PORTFOLIO_COINM_TRADES: Final = Endpoint("/papi/v1/cm/userTrades", 20, Family.PORTFOLIO)
PORTFOLIO_TRADES: Final = Endpoint("/papi/v1/margin/myTrades", 5, Family.PORTFOLIO)
PORTFOLIO_INTEREST: Final = Endpoint("/papi/v1/margin/marginInterestHistory", 1, Family.PORTFOLIO)

_BY_PATH: Final = {one.path: one for one in list(globals().values()) if isinstance(one, Endpoint)}


def weight_of(url: str) -> float:
    """Return what a request to `url` weighs in flowd's coin."""
    path = urlsplit(url).path
    for known, endpoint in _BY_PATH.items():
        if path.endswith(known):
            return endpoint.counted
    return _UNKNOWN


def family_of(url: str) -> Family:
    """Return the part of Binance that `url` belongs to."""
    path = urlsplit(url).path
    return next((one for one in Family if one.prefix in path), Family.SPOT)
