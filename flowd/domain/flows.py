"""The words for what money does: flow classes, account kinds, quality, coverage."""

from __future__ import annotations

from enum import StrEnum


class FlowClass(StrEnum):
    """What a transaction is: income of one sort, or one of the things that are not income."""

    SALARY = "salary"
    PAYOUT = "payout"
    DIVIDEND = "dividend"
    INTEREST = "interest"
    RENT = "rent"
    REALISED_PNL = "realised_pnl"
    FUNDING = "funding"
    STAKING = "staking"
    REBATE = "rebate"
    MRR = "mrr"
    OTHER = "other"
    EXPENSE = "expense"
    TRANSFER = "transfer"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FEE = "fee"
    REFUND = "refund"
    LOAN = "loan"
    FX = "fx"

    @property
    def is_income(self) -> bool:
        """Say whether amounts of this class count as income (a reversal of income counts too, negative)."""
        return self in INCOME


INCOME = frozenset(
    {
        FlowClass.SALARY,
        FlowClass.PAYOUT,
        FlowClass.DIVIDEND,
        FlowClass.INTEREST,
        FlowClass.RENT,
        FlowClass.REALISED_PNL,
        FlowClass.FUNDING,
        FlowClass.STAKING,
        FlowClass.REBATE,
        FlowClass.MRR,
        FlowClass.OTHER,
    }
)


class AccountKind(StrEnum):
    """What kind of place holds the money."""

    BANK = "bank"
    CARD = "card"
    CASH = "cash"
    WALLET_SPOT = "wallet_spot"
    WALLET_FUNDING = "wallet_funding"
    WALLET_FUTURES = "wallet_futures"
    WALLET_MARGIN = "wallet_margin"
    WALLET_EARN = "wallet_earn"
    WALLET_COPY = "wallet_copy"
    WALLET_BOT = "wallet_bot"
    BROKER = "broker"
    PAYOUT = "payout"
    MANUAL = "manual"

    @property
    def is_valued(self) -> bool:
        """Say whether income of such an account is, by default, its change in value rather than its transactions."""
        return self is AccountKind.BROKER or self.value.startswith("wallet_")


class Quality(StrEnum):
    """How far a number can be trusted; worst wins when numbers are added (see `worst`)."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    SPREAD = "spread"
    PARTIAL = "partial"
    STALE = "stale"


_ORDER = list(Quality)


def worst(*qualities: Quality) -> Quality:
    """Return the least trustworthy of `qualities` (exact when there is none)."""
    return max(qualities, key=_ORDER.index, default=Quality.EXACT)


class Covers(StrEnum):
    """What a batch is the whole truth for at its tick, so that what vanished becomes an explicit zero."""

    NOTHING = "nothing"
    ITS_ACCOUNTS = "its_accounts"
    CONNECTION = "connection"


class Side(StrEnum):
    """Whether a trade bought or sold its base asset."""

    BUY = "buy"
    SELL = "sell"


class Maturity(StrEnum):
    """How far a connector can be trusted, as its author says."""

    ALPHA = "alpha"
    BETA = "beta"
    STABLE = "stable"
