"""Reads what each account holds or owes, as Plaid has it: no call to the bank, no charge per call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flowd.api import AccountKind, Batch, Context, Covers, PartlyRead, Record, RetryLater, Snapshot
from flowd.reading import line
from flowd_plaid.accounts import Account, accounts
from flowd_plaid.client import Client
from flowd_plaid.config import PlaidConfig, Product
from flowd_plaid.errors import meaning
from flowd_plaid.shape import Shape


def balances(client: Client, config: PlaidConfig, ctx: Context) -> Iterator[Batch]:
    """Yield the accounts with their balances; PartlyRead if some institution states none for some of them."""
    answer = client.of_item("/accounts/get")
    tell_item(answer.maybe_inner("item"), ctx)
    wanted = {
        account.id: account
        for account in accounts(answer)
        # The holdings say more than their sum, and both would count twice.
        if not (account.is_investment and Product.INVESTMENTS in config.products)
    }
    records: list[Record] = []
    unread: list[str] = []
    for account in wanted.values():
        try:
            found = _snapshot(account, ctx)
        except ValueError as error:
            raise RetryLater(f"Plaid's answer to {account.balances.where} cannot be kept: {error}") from None
        if found is None:
            unread.append(account.info.name)
        else:
            # Nobody says what was paid into it: valued, every contribution to it would be income.
            records += (replace(account.info, kind=AccountKind.BANK) if account.is_investment else account.info, found)
    if records:
        yield Batch(records=records, covers=Covers.ITS_ACCOUNTS)
    if unread:
        said = f"no balance, or none with a currency, is stated of {', '.join(unread[:5])}"
        raise PartlyRead(said) if records else RetryLater(said)
    if not records and Product.INVESTMENTS not in config.products:
        raise RetryLater("Plaid's answer to /accounts/get names no account")


def tell_item(item: Shape | None, ctx: Context) -> None:
    """Tell until when the consent lasts; raise what the Item's own error means, as cached balances would hide it."""
    if item is None:
        return
    if (until := item.maybe_moment("consent_expiration_time")) is not None:
        ctx.expires(until)
    if (error := item.maybe_inner("error")) is not None and error.has("error_code"):
        raise meaning(error)


def institution(item: Shape) -> str:
    """Return the name of an Item's institution, its id if it has none."""
    return line(item.maybe_text("institution_name") or item.maybe_text("institution_id") or "an institution", 120)


def _snapshot(account: Account, ctx: Context) -> Snapshot | None:
    quantity = account.quantity()
    if quantity is None or account.asset is None:
        return None
    return Snapshot(account=account.id, asset=account.asset, quantity=quantity, at=ctx.tick)
