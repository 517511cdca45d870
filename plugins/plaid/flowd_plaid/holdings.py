"""Reads what is in investment accounts: units of each security, and what the institution says they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from flowd.api import Batch, Context, Covers, PartlyRead, Rate, Record, RetryLater, Snapshot
from flowd.reading import line
from flowd_plaid.accounts import Account, accounts, maybe_currency
from flowd_plaid.balances import tell_item
from flowd_plaid.client import Client
from flowd_plaid.securities import price, securities, unlisted
from flowd_plaid.shape import Shape

#: Digits with which units are added up: all that flowd keeps.
_DIGITS: Final = 80


def holdings(client: Client, ctx: Context) -> Iterator[Batch]:
    """Yield all holdings as one batch, the whole truth of the investment accounts in it.

    PartlyRead names accounts that are worth something and whose holdings are missing: they keep their last ones.
    """
    answer = client.of_item("/investments/holdings/get")
    tell_item(answer.maybe_inner("item"), ctx)
    own = {account.id: account for account in accounts(answer) if account.is_investment}
    try:
        units, rates = _sums(answer, own, ctx)
        records: list[Record] = []
        missing: list[str] = []
        for id, account in own.items():  # noqa: A001 - it is nothing else
            held = {code: quantity for (owner, code), quantity in units.items() if owner == id}
            if not held and account.quantity() != 0:
                missing.append(account.info.name)
                continue
            records.append(account.info)
            records += (Snapshot(account=id, asset=code, quantity=held[code], at=ctx.tick) for code in held)
    except (TypeError, ValueError) as error:
        raise RetryLater(
            f"Plaid's answer to /investments/holdings/get cannot be kept: {line(str(error), 200)}"
        ) from None
    if not records:
        raise RetryLater("Plaid's answer to /investments/holdings/get holds nothing")
    yield Batch(records=[*records, *rates], covers=Covers.ITS_ACCOUNTS)
    if missing:
        raise PartlyRead(f"Plaid gives no holdings of {', '.join(missing[:5])}")


def _sums(answer: Shape, own: dict[str, Account], ctx: Context) -> tuple[dict[tuple[str, str], Decimal], list[Rate]]:
    """Return the units by account and code, and what they are worth."""
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
    return units, list(rates.values())
