"""The connector: what `flowd check`, `flowd link` and the three feeds do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

from flowd.api import (
    Batch,
    BudgetSpent,
    Check,
    ConfigError,
    Context,
    Cursor,
    Linked,
    LinkStep,
    OverTime,
    PartlyRead,
    RetryLater,
)
from flowd.reading import line
from flowd_plaid import linking
from flowd_plaid.accounts import accounts
from flowd_plaid.balances import balances, institution, tell_item
from flowd_plaid.client import Client
from flowd_plaid.config import PlaidConfig, Product
from flowd_plaid.entries import entries
from flowd_plaid.holdings import holdings
from flowd_plaid.updates import updates


class Plaid:
    """One institution (Plaid: Item), linked over Plaid."""

    def __init__(self, config: PlaidConfig, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._config = config
        self._wait = wait

    def check(self, ctx: Context) -> Check:
        """Ask for the Item and its accounts; AuthError if somebody has to log in again."""
        client = Client(self._config, ctx)
        item = client.of_item("/item/get").inner("item")
        tell_item(item, ctx)
        found = list(accounts(client.of_item("/accounts/get")))
        investments = Product.INVESTMENTS in self._config.products
        totals = [one.info.name for one in found if one.is_investment and not investments]
        allowed = item.data.get("consented_products") or item.data.get("billed_products")
        names = [line(str(name), 60) for name in allowed] if isinstance(allowed, list) else []
        missing = [one.value for one in self._config.products if names and one.value not in names]
        return Check(
            summary=f"{institution(item)}, {len(found)} accounts",
            permissions=names,
            expires_at=item.maybe_moment("consent_expiration_time"),
            covers=[one.info.name for one in found],
            unread=[f"{name}: its total only, as investments is not among products" for name in totals],
            warnings=[f"{name} is wanted and was not consented to: run `flowd link`" for name in missing],
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Read one feed: `transactions`, `balances` or `investments`; nothing where the settings leave it out."""
        client = Client(self._config, ctx)
        if feed == "balances":
            return balances(client, self._config, ctx)
        if feed == "transactions":
            return self._if(Product.TRANSACTIONS, updates(client, self._config, cursor, ctx))
        if feed == "investments":
            return self._if(Product.INVESTMENTS, self._investments(client, cursor, ctx))
        raise ConfigError(f"plaid has no feed {feed!r}: it has transactions, balances and investments")

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        """Return Plaid's page on which somebody logs in at their bank."""
        return linking.begin(self._config, redirect, state, ctx)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        """Turn the finished page into tokens."""
        return linking.finish(self._config, answer, step, ctx, self._wait)

    def _if(self, product: Product, batches: Iterator[Batch]) -> Iterator[Batch]:
        return batches if product in self._config.products else iter(())

    def _investments(self, client: Client, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield holdings and entries; where one of them cannot be read, the other one lands, and the run says so."""
        parts = {
            "holdings": holdings(client, ctx),
            "investment transactions": entries(client, self._config.since, cursor, ctx),
        }
        failed: dict[str, RetryLater | PartlyRead] = {}
        for name, batches in parts.items():
            try:
                yield from batches
            except (OverTime, BudgetSpent):
                raise
            except (RetryLater, PartlyRead) as error:
                failed[name] = error
        if len(failed) == len(parts):
            raise next(iter(failed.values()))
        if failed:
            raise PartlyRead("; ".join(f"{name}: {error}" for name, error in failed.items()))
