"""What the lines of ledgers are, from the words that exchanges use for them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from flowd.api import FlowClass

_RULES: Final[tuple[tuple[re.Pattern[str], FlowClass], ...]] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"funding.?fee|fundingfee|settle_fee|funding rate|^funding$|funding_payment", FlowClass.FUNDING),
        (r"rebate|referral|refund|commission|cash.?back|kickback|affiliate|brokerage", FlowClass.REBATE),
        (r"liquidation.?fee", FlowClass.FEE),
        (r"interest|lend.*(income|profit|earning)", FlowClass.INTEREST),
        (r"reward|profit|dividend|yield|mining|inflation|(stak|earn|voting).*(income|earning|payment|payout|distribut)",
         FlowClass.STAKING),
        (r"airdrop|bonus|gift|incentive|promotion|credit", FlowClass.OTHER),
        (r"realised|realized|pnl|close_long|close_short|delivery|liquidat|burst|adl", FlowClass.REALISED_PNL),
        (r"deposit", FlowClass.DEPOSIT),
        (r"withdraw", FlowClass.WITHDRAWAL),
        # What is staked or lent, and comes back, is the owner's own money.
        (r"stak|lend|principal|transfer|trans_|subscri|redeem|redempt|purchase|allocation|^earn$|bonding",
         FlowClass.TRANSFER),
        (r"(?<!re)fee|charge", FlowClass.FEE),
    )
)  # fmt: skip


def classify(*words: object) -> FlowClass | None:
    """Return what a line is called by its exchange's words for it, the first that says something; None for trades."""
    for word in words:
        text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(word or "")).lower()
        for pattern, kind in _RULES:
            if pattern.search(text):
                return kind
    return None


def as_signed(kind: FlowClass | None, quantity: Decimal) -> FlowClass | None:
    """Return what a line is by its sign too: a "commission" that goes out is a fee, one that comes in a rebate."""
    return FlowClass.FEE if kind is FlowClass.REBATE and quantity < 0 else kind


#: What belongs in the feed `transfers`; all other classes are the feed `income`.
MOVES: Final = frozenset({FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.TRANSFER})
