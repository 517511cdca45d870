"""What a row of Stripe's balance is: a sale, a fee, a payout, or something that is no income."""

from __future__ import annotations

import re
from typing import Final

from flowd.api import FlowClass
from flowd_stripe.reading import Thing

#: Payments and what takes them back: income, negative when it is taken back.
SALES: Final = frozenset(
    ["charge", "payment", "refund", "payment_refund", "refund_failure", "payment_failure_refund", "payment_reversal"]
)
#: An adjustment is what its reporting category says: money that a customer's bank takes back, or gives again.
SALE_CATEGORIES: Final = frozenset(
    ["charge", "dispute", "dispute_reversal", "refund", "refund_failure", "partial_capture_reversal", "charge_failure"]
)
# Stripe's documentation "Balance transaction types".
_CLASSES: Final = {
    FlowClass.TRANSFER: (
        "payout payout_cancel payout_failure topup topup_reversal inbound_transfer inbound_transfer_reversal "
        "reserve_transaction reserved_funds reserve_hold reserve_release payment_network_reserve_hold "
        "payment_network_reserve_release payout_minimum_balance_hold payout_minimum_balance_release "
        "connect_collection_transfer issuing_authorization_hold issuing_authorization_release"
    ),
    FlowClass.FEE: "stripe_fee stripe_fx_fee tax_fee network_cost fee_credit_funding",
    # A platform's share of others' sales; and what it hands on of sales that came in under its own name.
    FlowClass.OTHER: (
        "application_fee application_fee_refund transfer transfer_cancel transfer_failure transfer_refund"
    ),
    FlowClass.LOAN: "advance advance_funding anticipation_repayment",
    FlowClass.EXPENSE: "issuing_transaction contribution climate_order_purchase stripe_balance_payment_debit",
    FlowClass.REFUND: "issuing_dispute climate_order_refund stripe_balance_payment_debit_reversal",
}
_BY_TYPE: Final = {name: found for found, names in _CLASSES.items() for name in names.split()}
_BY_CATEGORY: Final = {
    "fee": FlowClass.FEE,
    "tax": FlowClass.FEE,
    "network_cost": FlowClass.FEE,
    "risk_reserved_funds": FlowClass.TRANSFER,
    "connect_reserved_funds": FlowClass.TRANSFER,
    "payout_reversal": FlowClass.TRANSFER,
}
#: How Stripe itself describes the charges of a subscription, and the refunds of them.
_SUBSCRIBED: Final = re.compile(r"\bSubscription (?:creation|update|cycle)\b")


def class_of(row: Thing) -> FlowClass | None:
    """Return what a balance transaction is; None where Stripe's word for it is not known, so that flowd judges."""
    type_, category = row.text("type"), row.maybe("reporting_category")
    if type_ in SALES or (type_ not in _BY_TYPE and category in SALE_CATEGORIES):
        return FlowClass.MRR if is_subscribed(row) else FlowClass.OTHER
    return _BY_TYPE.get(type_) or _BY_CATEGORY.get(category)


def is_subscribed(row: Thing) -> bool:
    """Say whether a sale, or what takes it back, belongs to a subscription.

    The invoice of its charge says so; where the key may not read that, the words that Stripe puts into the description.
    """
    charge = charge_of(row)
    if charge is not None:
        invoice = charge.part("invoice")
        if invoice is not None:
            return bool(invoice.id_of("subscription")) or _names_subscription(invoice.part("parent"))
        if _SUBSCRIBED.search(charge.maybe("description")):
            return True
    return _SUBSCRIBED.search(row.maybe("description")) is not None


def charge_of(row: Thing) -> Thing | None:
    """Return the charge that a balance transaction is about, if it was written out."""
    source = row.part("source")
    if source is None or source.maybe("object") in {"charge", "payment"}:
        return source
    return source.part("charge")


def _names_subscription(parent: Thing | None) -> bool:
    details = None if parent is None else parent.part("subscription_details")
    return details is not None and bool(details.id_of("subscription"))
