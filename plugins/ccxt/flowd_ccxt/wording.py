"""What the lines of ledgers are, from the words that exchanges use for them."""

from __future__ import annotations

import re
from typing import Final

from flowd.api import FlowClass

_RULES: Final[tuple[tuple[re.Pattern[str], FlowClass], ...]] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"funding.?fee|fundingfee|settle_fee|funding rate|^funding$|funding_payment", FlowClass.FUNDING),
        (r"rebate|referral|refund|commission|cash.?back|kickback|affiliate|brokerage", FlowClass.REBATE),
        (r"interest|lend|loan.?interest", FlowClass.INTEREST),
        (r"staking|stake.?reward|earn.?(reward|profit|yield|income)|reward|profit|dividend|savings.?yield|yield|mining"
         r"|inflation", FlowClass.STAKING),
        (r"airdrop|bonus|gift|incentive|promotion|credit", FlowClass.OTHER),
        (r"realised|realized|pnl|close_long|close_short|delivery|liquidat|burst|adl", FlowClass.REALISED_PNL),
        (r"deposit", FlowClass.DEPOSIT),
        (r"withdraw", FlowClass.WITHDRAWAL),
        (r"transfer|trans_|subscri|redeem|redempt|purchase|allocation|deallocation|^earn$|bonding", FlowClass.TRANSFER),
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


#: What belongs in the feed `transfers`; all other classes are the feed `income`.
MOVES: Final = frozenset({FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.TRANSFER})
