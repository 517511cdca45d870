"""The feed `income`: what Binance itself books as gain, funding, fee, interest, reward or rebate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Final

from flowd.api import FlowClass, Transaction
from flowd_binance import endpoints
from flowd_binance.assets import code
from flowd_binance.endpoints import Endpoint
from flowd_binance.paging import by_halves, by_page, by_time
from flowd_binance.reading import Row, amount, moment, negative, optional, text
from flowd_binance.settings import COINM_PART, USDM_PART, BinanceConfig, Wallet
from flowd_binance.windows import Reader, Source

_DAY: Final = timedelta(days=1)
#: Rewards are entered a day after the day they are for.
_LATE: Final = 3 * _DAY
_HOURLY: Final = timedelta(hours=1)
#: What a futures account's income history calls its rows, and what they are. COMMISSION and the like are negative.
FUTURES_KINDS: Final = {
    "REALIZED_PNL": FlowClass.REALISED_PNL,
    "FUNDING_FEE": FlowClass.FUNDING,
    "SPECIAL_FUNDING_FEE": FlowClass.FUNDING,
    "COMMISSION": FlowClass.FEE,
    "POSITION_LIMIT_INCREASE_FEE": FlowClass.FEE,
    "OPTIONS_PREMIUM_FEE": FlowClass.REALISED_PNL,
    "OPTIONS_SETTLE_PROFIT": FlowClass.REALISED_PNL,
    "DELIVERED_SETTELMENT": FlowClass.REALISED_PNL,
    "DELIVERED_SETTLEMENT": FlowClass.REALISED_PNL,
    "INSURANCE_CLEAR": FlowClass.REALISED_PNL,
    "COMMISSION_REBATE": FlowClass.REBATE,
    "API_REBATE": FlowClass.REBATE,
    "FEE_RETURN": FlowClass.REBATE,
    "REFERRAL_KICKBACK": FlowClass.REBATE,
    "WELCOME_BONUS": FlowClass.REBATE,
    "CONTEST_REWARD": FlowClass.OTHER,
    "BFUSD_REWARD": FlowClass.INTEREST,
    "AUTO_EXCHANGE": FlowClass.FX,
    "CROSS_COLLATERAL_TRANSFER": FlowClass.TRANSFER,
    "INTERNAL_TRANSFER": FlowClass.TRANSFER,
    "STRATEGY_UMFUTURES_TRANSFER": FlowClass.TRANSFER,
    "TRANSFER": FlowClass.TRANSFER,
    "COIN_SWAP_DEPOSIT": FlowClass.FX,
    "COIN_SWAP_WITHDRAW": FlowClass.FX,
}
_WORDS: Final = {
    "REALIZED_PNL": "realised gain or loss",
    "FUNDING_FEE": "funding",
    "COMMISSION": "trading fee",
    "INSURANCE_CLEAR": "taken over by the insurance fund",
    "COMMISSION_REBATE": "share of the fees of people you referred",
    "REFERRAL_KICKBACK": "part of your own fees, for you were referred",
}


def futures_row(row: Row, account: str, where: str = "income") -> Iterator[Transaction]:
    """Read one row of a futures account's income history.

    Its number is shared by the rows of one event, so the key is made of it, the kind, the market, the asset and the
    time.
    """
    kind = text(row, "incomeType", where)
    asset = code(text(row, "asset", where))
    symbol = optional(row, "symbol")
    when = moment(row, "time", where)
    stamp = text(row, "time", where)
    # Without a number of the booking, the trade's tells two rows of one moment apart.
    number = optional(row, "tranId") or f"0-{optional(row, 'tradeId')}".removesuffix("-")
    yield Transaction(
        account=account,
        external_id=":".join((number, kind, symbol, asset, stamp))[:200],
        booked_at=when,
        amount=amount(row, "income", where),
        asset=asset,
        kind=FUTURES_KINDS.get(kind),
        counterparty=symbol,
        description=f"{_WORDS.get(kind, kind.replace('_', ' ').lower())} {symbol}".strip(),
        raw={"type": kind, "trade": optional(row, "tradeId"), "info": optional(row, "info")[:200]},
    )


def flexible_reward(row: Row, kind: str, where: str = "flexible rewards") -> Iterator[Transaction]:
    """Read one reward of flexible earn; a bonus of another asset is the same to Binance."""
    yield _reward(row, "rewards", f"flexible:{optional(row, 'type') or kind}:{optional(row, 'projectId')}", where)


def locked_reward(row: Row, where: str = "locked rewards") -> Iterator[Transaction]:
    """Read one reward of locked earn."""
    yield _reward(row, "amount", f"locked:{optional(row, 'positionId')}", where)


def staking_reward(row: Row, where: str = "staking rewards") -> Iterator[Transaction]:
    """Read one reward of staked ether, which is paid in BETH."""
    if optional(row, "status").upper() in ("", "SUCCESS"):
        yield _reward(row, "amount", "staking", where, kind=FlowClass.STAKING, account=Wallet.SPOT)


def _reward(
    row: Row,
    name: str,
    what: str,
    where: str,
    *,
    kind: FlowClass = FlowClass.INTEREST,
    account: str = Wallet.EARN,
) -> Transaction:
    asset = code(text(row, "asset", where))
    paid = amount(row, name, where)
    return Transaction(
        account=str(account),
        external_id=f"{what}:{asset}:{text(row, 'time', where)}:{text(row, name, where)}"[:200],
        booked_at=moment(row, "time", where),
        amount=paid,
        asset=asset,
        kind=kind,
        counterparty="Binance",
        description=f"{what.partition(':')[0]} earn reward" if kind is FlowClass.INTEREST else "staking reward",
    )


def dividend(row: Row, where: str = "assetDividend") -> Iterator[Transaction]:
    """Read one distribution; rewards of earn and staking are left out, being read from their own lists."""
    said = optional(row, "enInfo")
    lower = said.lower()
    if lower in ("flexible", "locked", "flexible savings", "locked savings", "eth 2.0 staking", "eth2.0 staking"):
        return
    paid = amount(row, "amount", where)
    staked = "staking" in lower or "launchpool" in lower
    yield Transaction(
        account=Wallet.SPOT,
        external_id=f"dividend:{optional(row, 'id') or optional(row, 'tranId')}",
        booked_at=moment(row, "divTime", where),
        amount=negative(paid) if optional(row, "direction") == "-1" else paid,
        asset=code(text(row, "asset", where)),
        kind=FlowClass.STAKING if staked else FlowClass.DIVIDEND,
        counterparty="Binance",
        description=said[:300],
        raw={"tranId": optional(row, "tranId")},
    )


def rebate(row: Row, where: str = "taxQuery") -> Iterator[Transaction]:
    """Read one rebate of spot trading: of the fees of people you referred (1), or of your own, being referred (2)."""
    kind = optional(row, "type")
    asset = code(text(row, "asset", where))
    yield Transaction(
        account=Wallet.SPOT,
        external_id=f"rebate:{kind}:{asset}:{text(row, 'updateTime', where)}:{text(row, 'amount', where)}",
        booked_at=moment(row, "updateTime", where),
        amount=amount(row, "amount", where),
        asset=asset,
        kind=FlowClass.REBATE,
        counterparty="Binance",
        description="rebate of your trading fees" if kind == "2" else "share of the fees of people you referred",
    )


def margin_interest(row: Row, account: str | None = None, where: str = "interestHistory") -> Iterator[Transaction]:
    """Read the interest paid on one loan for one hour, or at its beginning: it is added to what is owed."""
    symbol = optional(row, "isolatedSymbol")
    asset = code(text(row, "asset", where))
    stamp = text(row, "interestAccuredTime", where)
    made = ":".join(("interest", symbol, asset, optional(row, "type"), stamp))
    yield Transaction(
        account=account or (Wallet.ISOLATED if symbol else Wallet.CROSS),
        external_id=optional(row, "txId") or made,
        booked_at=moment(row, "interestAccuredTime", where),
        amount=negative(amount(row, "interest", where)),
        asset=asset,
        kind=FlowClass.INTEREST,
        counterparty=symbol,
        description=f"interest on a margin loan {symbol}".strip(),
        raw={name: optional(row, name) for name in ("principal", "interestRate", "type")},
    )


def sources(config: BinanceConfig) -> Iterator[Source]:
    """Yield the histories that are income, for the wallets that are read."""
    asked = config.asked
    for wallet, endpoint, account in (
        (Wallet.USDM, endpoints.USDM_INCOME, str(Wallet.USDM)),
        (Wallet.COINM, endpoints.COINM_INCOME, str(Wallet.COINM)),
        (Wallet.PORTFOLIO, endpoints.PORTFOLIO_USDM_INCOME, f"{Wallet.PORTFOLIO}{USDM_PART}"),
        (Wallet.PORTFOLIO, endpoints.PORTFOLIO_COINM_INCOME, f"{Wallet.PORTFOLIO}{COINM_PART}"),
    ):
        if wallet in asked:
            yield futures_source(endpoint, account)
    if config.testnet:
        return
    if Wallet.EARN in asked:
        for kind in ("BONUS", "REALTIME", "REWARDS"):
            yield Source(
                name=f"flexible {kind.lower()}",
                read=by_page(endpoints.FLEXIBLE_REWARDS, partial(flexible_reward, kind=kind), type=kind),
                span=30 * _DAY,
                again=_LATE,
                every=_HOURLY,
            )
        yield _daily("locked rewards", by_page(endpoints.LOCKED_REWARDS, locked_reward), again=_LATE)
        yield _daily("staking rewards", by_page(endpoints.ETH_REWARDS, staking_reward), again=_LATE)
    if Wallet.SPOT in asked:
        yield _daily("dividends", by_halves(endpoints.DIVIDENDS, dividend, inside=("rows",), size=500), again=_LATE)
        pages = by_page(endpoints.REBATES, rebate, inside=("data", "data"), names=("page", "limit"), size=200)
        yield Source(name="rebates", read=pages, span=29 * _DAY, again=_LATE, every=6 * _HOURLY)
    if Wallet.CROSS in asked or Wallet.ISOLATED in asked:
        yield _daily("margin interest", by_page(endpoints.MARGIN_INTEREST, margin_interest), reach=180 * _DAY)
    if Wallet.PORTFOLIO in asked:
        read = by_page(endpoints.PORTFOLIO_INTEREST, partial(margin_interest, account=str(Wallet.PORTFOLIO)))
        yield _daily("portfolio interest", read, reach=180 * _DAY)


def futures_source(endpoint: Endpoint, account: str, kind: str | None = None) -> Source:
    """Return a futures account's income history, all of it or the rows of one kind; Binance keeps three months."""
    parse = partial(futures_row, account=account, where=endpoint.path)
    read = by_time(endpoint, parse, time="time", incomeType=kind) if kind else by_time(endpoint, parse, time="time")
    return Source(name=f"{account} {(kind or 'income').lower()}", read=read, span=30 * _DAY, reach=89 * _DAY)


def _daily(name: str, read: Reader, *, again: timedelta = _DAY, reach: timedelta | None = None) -> Source:
    return Source(name=name, read=read, span=29 * _DAY, again=again, reach=reach, every=_HOURLY)
