"""The feed of balances: what Stripe owes now, in each currency."""

from __future__ import annotations

from decimal import Decimal

from flowd.api import Batch, Context, Covers, RetryLater, Snapshot
from flowd_stripe.api import Api
from flowd_stripe.money import currency_of, money
from flowd_stripe.reading import Thing
from flowd_stripe.transactions import BALANCE, accounts


def batch(api: Api, ctx: Context) -> Batch:
    """Return the balance: pending money is there already, it only cannot be paid out yet.

    What could be paid out at once (`instant_available`) is part of the rest and not added again.
    """
    answer = api.get("balance")
    if not isinstance(answer.value.get("available"), list) or not isinstance(answer.value.get("pending"), list):
        raise RetryLater("balance answered without what is available and what is pending")
    held: dict[tuple[str, str], Decimal] = {}
    _add(held, BALANCE, answer, "available", "pending")
    _add(held, "reserved", answer, "connect_reserved")
    for name, account in (
        ("issuing", "issuing"),
        ("refund_and_dispute_prefunding", "prefunding"),
        ("risk_reserved", "reserved"),
    ):
        inside = answer.part(name)
        if inside is not None:
            _add(held, account, inside, "available", "pending")
    found = [
        Snapshot(account=account, asset=asset, quantity=quantity, at=ctx.tick)
        for (account, asset), quantity in sorted(held.items())
    ]
    return Batch(records=[*accounts({one.account for one in found}), *found], covers=Covers.CONNECTION)


def _add(held: dict[tuple[str, str], Decimal], account: str, answer: Thing, *names: str) -> None:
    for name in names:
        for one in answer.parts(name):
            currency = currency_of(one)
            key = (account, currency)
            held[key] = held.get(key, Decimal(0)) + money(one, "amount", currency)
