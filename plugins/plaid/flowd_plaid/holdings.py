"""Reads what is in investment accounts: units of each security, and what the institution says they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from flowd.api import Batch, Context, Covers, Rate, Record, RetryLater, Snapshot
from flowd_plaid.accounts import Account, accounts, maybe_currency
from flowd_plaid.balances import tell_item
from flowd_plaid.client import Client
from flowd_plaid.securities import price, securities, unlisted
from flowd_plaid.shape import Shape, clean

#: Digits with which units are added up: all that flowd keeps.
_DIGITS: Final = 80


def holdings(client: Client, ctx: Context) -> Iterator[Batch]:
    """Yield all holdings as one batch, the whole truth of the investment accounts in it."""
    answer = client.of_item("/investments/holdings/get")
    tell_item(answer.maybe_inner("item"), ctx)
    own = {account.id: account for account in accounts(answer) if account.is_investment}
    try:
        records = list(_records(answer, own, ctx))
    except (TypeError, ValueError) as error:
        raise RetryLater(
            f"Plaid's answer to /investments/holdings/get cannot be kept: {clean(str(error), 200)}"
        ) from None
    yield Batch(records=records, covers=Covers.ITS_ACCOUNTS)


def _records(answer: Shape, own: dict[str, Account], ctx: Context) -> Iterator[Record]:
    listed = securities(answer)
    units: dict[tuple[str, str], Decimal] = {}
    rates: dict[tuple[str, str, datetime], Rate] = {}
    for item in answer.each("holdings"):
        account = item.text("account_id")
        if account not in own:
            raise RetryLater(f"Plaid's answer to {item.where} is not understood: no investment account has this id")
        quote = maybe_currency(item) or own[account].asset
        if quote is None:
            raise RetryLater(f"Plaid's answer to {item.where} is not understood: it has no currency")
        id = item.text("security_id")  # noqa: A001 - it is nothing else
        security = listed.get(id) or unlisted(id)
        code, quantity = security.code, item.amount("quantity")
        if not quantity and (worth := item.maybe_amount("institution_value")):
            # Worth something, of which nobody says how many: then it is kept as the money it is worth.
            code, quantity = quote, worth
        elif (rate := price(item, security, quantity, quote, ctx.tick)) is not None:
            rates[rate.base, rate.quote, rate.at] = rate
        with localcontext(prec=_DIGITS):
            units[account, code] = units.get((account, code), Decimal(0)) + quantity
    yield from (account.info for account in own.values())
    for (account, code), quantity in units.items():
        yield Snapshot(account=account, asset=code, quantity=quantity, at=ctx.tick)
    yield from rates.values()
