"""What PayPal's event codes say a transaction is. Source: PayPal's documentation "Transaction event codes"."""

from __future__ import annotations

from typing import Final

from flowd.api import FlowClass

#: A payment of a subscription or by a billing agreement: recurring revenue where it comes in.
_SUBSCRIPTION: Final = frozenset({"T0002", "T0003"})
#: What takes a payment back, or gives it again after all.
_TAKEN_BACK: Final = frozenset(
    {
        "T1100",
        "T1101",
        "T1106",
        "T1107",
        "T1112",
        "T1113",
        "T1114",
        "T1115",
        "T1116",
        "T1119",
        "T1201",
        "T1202",
        "T1203",
    }
)
#: Fees that PayPal gives back.
_FEE_BACK: Final = frozenset({"T1102", "T1108", "T1109", "T1117"})
#: Holds and their release: the money stays in the account.
_HOLDS: Final = frozenset({"T1104", "T1105", "T1110", "T1111"})
#: By the first three signs.
_GROUPS: Final = {
    "T01": FlowClass.FEE,
    "T02": FlowClass.FX,
    "T03": FlowClass.TRANSFER,
    "T04": FlowClass.TRANSFER,
    "T05": FlowClass.EXPENSE,
    "T06": FlowClass.TRANSFER,
    "T07": FlowClass.TRANSFER,
    "T08": FlowClass.REBATE,
    "T09": FlowClass.REBATE,
    "T10": FlowClass.EXPENSE,
    "T14": FlowClass.DIVIDEND,
    "T15": FlowClass.TRANSFER,
    "T16": FlowClass.LOAN,
    "T17": FlowClass.TRANSFER,
    "T18": FlowClass.LOAN,
    "T20": FlowClass.TRANSFER,
    "T21": FlowClass.TRANSFER,
    "T22": FlowClass.TRANSFER,
    "T30": FlowClass.TRANSFER,
}
#: Authorisations, and lines that are only for show: no money moved.
NOTHING_MOVED: Final = ("T13", "T98")


def class_of(code: str, *, comes_in: bool) -> FlowClass | None:
    """Return what a transaction of event `code` is; None where flowd is to judge by its text."""
    if code in _HOLDS:
        return FlowClass.TRANSFER
    if code in _FEE_BACK:
        return FlowClass.FEE
    if code in _TAKEN_BACK:
        # What a seller gives back takes back income; what a buyer gets back is a refund.
        return FlowClass.REFUND if comes_in else FlowClass.OTHER
    if code.startswith("T00"):
        if not comes_in:
            return FlowClass.EXPENSE
        return FlowClass.MRR if code in _SUBSCRIPTION else FlowClass.OTHER
    return _GROUPS.get(code[:3])
