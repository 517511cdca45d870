"""What Plaid's personal finance categories say of a transaction, where they say it clearly."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from flowd.api import FlowClass
from flowd_plaid.shape import Shape

#: Plaid's own word for "we are not sure": flowd's classifier then judges by the text.
_UNSURE: Final = frozenset({"LOW", "UNKNOWN"})
#: Both taxonomies: v1 says WAGES, v2 tells salaries from gigs and contracts.
_INCOME: Final = {
    "INCOME_WAGES": FlowClass.SALARY,
    "INCOME_SALARY": FlowClass.SALARY,
    "INCOME_MILITARY": FlowClass.SALARY,
    "INCOME_RETIREMENT_PENSION": FlowClass.SALARY,
    "INCOME_CONTRACTOR": FlowClass.PAYOUT,
    "INCOME_GIG_ECONOMY": FlowClass.PAYOUT,
    "INCOME_DIVIDENDS": FlowClass.DIVIDEND,
    "INCOME_INTEREST_EARNED": FlowClass.INTEREST,
    "INCOME_RENTAL": FlowClass.RENT,
    "INCOME_UNEMPLOYMENT": FlowClass.OTHER,
    "INCOME_LONG_TERM_DISABILITY": FlowClass.OTHER,
    "INCOME_CHILD_SUPPORT": FlowClass.OTHER,
    "INCOME_TAX_REFUND": FlowClass.REFUND,
}
#: Money by cheque, cash, wire or app (Zelle, Venmo) may be anybody's: it is left to flowd's classifier.
_MOVES: Final = {
    "TRANSFER_IN_ACCOUNT_TRANSFER": FlowClass.TRANSFER,
    "TRANSFER_IN_SAVINGS": FlowClass.TRANSFER,
    "TRANSFER_IN_INVESTMENT_AND_RETIREMENT_FUNDS": FlowClass.TRANSFER,
    "TRANSFER_IN_CASH_ADVANCES_AND_LOANS": FlowClass.LOAN,
    "TRANSFER_OUT_ACCOUNT_TRANSFER": FlowClass.TRANSFER,
    "TRANSFER_OUT_SAVINGS": FlowClass.TRANSFER,
    "TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS": FlowClass.TRANSFER,
    "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT": FlowClass.TRANSFER,
}
_PRIMARY: Final = {"LOAN_PAYMENTS": FlowClass.LOAN, "LOAN_DISBURSEMENTS": FlowClass.LOAN}


def flow_class(category: Shape | None, account_type: str, amount: Decimal) -> FlowClass | None:
    """Return what a transaction is, None where Plaid is not sure or its category says only what was bought.

    `amount` has flowd's sign. What comes into a loan account pays it off and is never income; what comes into a card
    account is left to flowd, which knows cards.
    """
    primary = category.maybe_text("primary") if category is not None else None
    detailed = category.maybe_text("detailed") if category is not None else None
    if category is not None and category.maybe_text("confidence_level") in _UNSURE:
        primary = detailed = None
    if primary == "BANK_FEES" and amount:
        return FlowClass.FEE if amount < 0 else FlowClass.REFUND
    if account_type == "loan":
        return FlowClass.LOAN
    if detailed in _INCOME and account_type != "credit":
        return _INCOME[detailed]
    if detailed in _MOVES:
        return _MOVES[detailed]
    return _PRIMARY.get(primary or "")
