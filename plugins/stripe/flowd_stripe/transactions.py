"""The feed of balance transactions: every row that changed the balance, net of its fees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from flowd.api import AccountInfo, AccountKind, Context, FlowClass, Json, Record, Transaction
from flowd.reading import line
from flowd_stripe.classes import charge_of, class_of
from flowd_stripe.money import currency_of, money
from flowd_stripe.reading import Thing

#: The account of what Stripe owes, available or still to come.
BALANCE: Final = "balance"
_ACCOUNTS: Final = {
    BALANCE: "Stripe balance",
    "issuing": "Stripe Issuing balance",
    "prefunding": "Stripe prefunding for refunds and disputes",
    "reserved": "Stripe reserve",
}
_BY_BALANCE: Final = {
    "payments": BALANCE,
    "issuing": "issuing",
    "refund_and_dispute_prefunding": "prefunding",
    "risk_reserved": "reserved",
}


def accounts(names: Iterator[str] | set[str]) -> list[AccountInfo]:
    """Return what is said of the accounts called `names`."""
    return [
        AccountInfo(account=name, name=_ACCOUNTS.get(name, name), kind=AccountKind.PAYOUT) for name in sorted(names)
    ]


def records(rows: list[Thing], ctx: Context) -> list[Record]:
    """Return what a page of balance transactions says: its accounts, then the transactions, the oldest first."""
    made = [one for row in reversed(rows) for one in _transactions(row, ctx)]
    return [*accounts({one.account for one in made} | {BALANCE}), *made]


def _transactions(row: Thing, ctx: Context) -> Iterator[Transaction]:
    """Yield what a row did to the balance: its net, or for a move of one's own money what was moved and the fee of it.

    The other side of a move knows nothing of the fee, so only what was moved can be matched with it.
    """
    found, fee = _transaction(row, ctx)
    if found.kind is not FlowClass.TRANSFER or not fee:
        yield found
        return
    yield replace(found, amount=found.amount + fee)
    yield replace(
        found, external_id=f"{found.external_id}:fee", amount=-fee, kind=FlowClass.FEE, counterparty="Stripe", raw=None
    )


def _transaction(row: Thing, ctx: Context) -> tuple[Transaction, Decimal]:
    currency = currency_of(row)
    gross, fee = money(row, "amount", currency), money(row, "fee", currency)
    net = money(row, "net", currency)
    if net != gross - fee:
        ctx.log.warning("%s %s: net is not amount - fee; net is what moved", row.where, row.text("id"))
    type_, source = row.text("type"), row.id_of("source")
    thing = row.part("source")
    payout = type_ == "payout" and source.startswith("po_")
    raw: dict[str, Json] = {
        "id": row.text("id"),
        "type": type_,
        "category": row.maybe("reporting_category"),
        "gross": format(gross, "f"),
        "fee": format(fee, "f"),
        "source": source,
        "available_on": _day(row, "available_on"),
        **_fees(row),
        **_conversion(row, thing),
    }
    if thing is not None and type_.startswith("payout"):
        raw |= {"arrival_date": _day(thing, "arrival_date"), "destination": thing.id_of("destination")}
        raw |= {"reference": _trace(thing), "method": thing.maybe("method")}
    charge = charge_of(row)
    if charge is not None:
        raw |= {"charge": charge.maybe("id"), "invoice": charge.id_of("invoice"), "customer": charge.id_of("customer")}
    made = Transaction(
        account=_BY_BALANCE.get(row.maybe("balance_type") or "payments", BALANCE),
        # The bank's side names the payout; what fails or is cancelled names the same one, and is a row of its own.
        external_id=source if payout else row.text("id"),
        booked_at=row.at("created"),
        amount=net,
        asset=currency,
        kind=class_of(row),
        counterparty=_counterparty(thing, charge, type_),
        description=_description(row, thing, charge, type_),
        raw={name: value for name, value in raw.items() if value not in ("", None, [])},
    )
    return made, gross - net


def _fees(row: Thing) -> dict[str, Json]:
    return {
        "fees": [
            {
                "type": detail.maybe("type"),
                "amount": format(money(detail, "amount", currency_of(detail)), "f"),
                "currency": currency_of(detail),
                "description": detail.maybe("description"),
            }
            for detail in row.parts("fee_details")
        ]
    }


def _conversion(row: Thing, thing: Thing | None) -> dict[str, Json]:
    """Say what was charged where the balance is kept in another currency; the amount of the row is the balance's."""
    rate: Decimal | None = row.number("exchange_rate")
    if rate is None:
        return {}
    found: dict[str, Json] = {"exchange_rate": format(rate, "f")}
    if thing is not None and thing.has("currency") and thing.has("amount"):
        currency = currency_of(thing)
        found["charged"] = f"{money(thing, 'amount', currency):f} {currency}"
    return found


def _counterparty(thing: Thing | None, charge: Thing | None, type_: str) -> str:
    if charge is not None:
        billing = charge.part("billing_details")
        named = [billing.maybe("name"), billing.maybe("email")] if billing is not None else []
        return next((name for name in [*named, charge.maybe("receipt_email"), charge.id_of("customer")] if name), "")
    if thing is not None and type_.startswith("payout"):
        return thing.id_of("destination")
    return "Stripe" if "fee" in type_ else ""


def _description(row: Thing, thing: Thing | None, charge: Thing | None, type_: str) -> str:
    said = [one.maybe("description") for one in (row, thing, charge) if one is not None]
    return next((text for text in said if text), line(type_.replace("_", " ")))


def _trace(payout: Thing) -> str:
    trace = payout.part("trace_id")
    return "" if trace is None else trace.maybe("value")


def _day(thing: Thing, name: str) -> str:
    at = thing.maybe_at(name)
    return "" if at is None else at.date().isoformat()
