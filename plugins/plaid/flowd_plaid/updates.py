"""Reads what was added, modified and removed since the last time, one whole update of Plaid at a time.

Plaid may change the data while its pages are read, and then wants the update read again from its beginning. What a page
said may not be true then, and need not be named again: so the pages of an update are gathered and become durable
together. Only a run whose time is over keeps what it has, with a note of what to take back should that happen later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from flowd.api import Batch, Context, Cursor, Record, Removal, RetryLater, Transaction
from flowd_plaid.accounts import Account, accounts
from flowd_plaid.client import Client
from flowd_plaid.config import PlaidConfig
from flowd_plaid.errors import PlaidFault, RefusedRequest
from flowd_plaid.progress import Key, Progress, progress
from flowd_plaid.shape import Shape
from flowd_plaid.transactions import replaced, transaction

#: Transactions on a page, at most, and days of history, at most: as many as Plaid gives.
_COUNT: Final = 500
MOST_DAYS: Final = 730
_SHORT: Final = timedelta(seconds=5)
_MOST_RESTARTS: Final = 3
_MUTATION: Final = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


def days_wanted(since: date | None, today: date) -> int:
    """Return how many days of history are asked for: back to `since`, or as many as there are."""
    return MOST_DAYS if since is None else min(MOST_DAYS, max(30, (today - since).days + 1))


@dataclass(slots=True)
class _Update:
    """What the pages of one update say so far: the last word on each transaction."""

    accounts: dict[str, Account] = field(default_factory=dict)
    changes: dict[Key, Transaction | Removal] = field(default_factory=dict)
    replaced: dict[Key, None] = field(default_factory=dict)
    newest: date | None = None

    def pending(self) -> list[Key]:
        return [key for key, one in self.changes.items() if isinstance(one, Transaction) and one.pending]


def updates(client: Client, config: PlaidConfig, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield the update since `cursor` as one batch; in two or more over several runs if it takes longer than a run.

    Where an earlier day is asked for than before, all of it again follows: what Plaid removed is told to `cursor` only.
    """
    state = progress(cursor, client.item())
    wanted = "" if config.since is None else config.since.isoformat()
    if state.floor is not None and not state.at:
        ctx.log.warning("this is another Plaid Item than before: only its transactions after %s are read", state.floor)
    if not state.at:
        state = replace(state, since=wanted)
    reached = cursor
    for batch in _to_its_end(client, config, state, ctx):
        reached = batch.cursor
        yield batch
    state = progress(reached, client.item())
    if wanted < state.since and state.began is None and ctx.time_left() >= _SHORT:
        ctx.log.info("all of it is read again, since an earlier day than before")
        yield from _to_its_end(client, config, replace(state, at="", since=wanted), ctx)


def _to_its_end(client: Client, config: PlaidConfig, state: Progress, ctx: Context) -> Iterator[Batch]:
    for _ in range(_MOST_RESTARTS + 1):
        try:
            yield from _update(client, config, state, ctx)
            return
        except PlaidFault as error:
            if error.code != _MUTATION:
                raise
            last: RetryLater = error
            state = state.anew()
        except RefusedRequest as error:
            # A cursor that Plaid no longer knows, or of another Item under the same settings: all is read again.
            if not state.at or "cursor" not in error.said.lower():
                raise
            ctx.log.warning("Plaid does not know the cursor any more: all transactions are read again")
            state = replace(state, at="", began=None, pending=frozenset())
    raise last


def _update(client: Client, config: PlaidConfig, state: Progress, ctx: Context) -> Iterator[Batch]:
    update = _Update(newest=state.newest)
    floor = max((day for day in (config.since, _after(state.floor)) if day is not None), default=None)
    doubtful, at = set(state.doubtful), state.at
    options = {"include_original_description": True, "days_requested": days_wanted(config.since, ctx.tick.date())}
    while True:
        body: dict[str, object] = {"count": _COUNT, "options": options}
        page = client.of_item("/transactions/sync", {**body, "cursor": at} if at else body)
        _take(page, update, floor, ctx)
        doubtful.difference_update(update.changes)
        following, more = page.data.get("next_cursor"), page.flag("has_more")
        if following == "":
            raise RetryLater("Plaid has not fetched this Item's transactions yet", after=timedelta(minutes=2))
        following = page.text("next_cursor")
        if not more:
            gone = dict.fromkeys((*update.replaced, *sorted(doubtful)))
            yield Batch(records=_records(update, gone, ctx), cursor=state.after(following, update.newest).cursor())
            return
        if following == at:
            raise RetryLater("Plaid's answer to /transactions/sync is not understood: it says that there is more, here")
        at = following
        if ctx.time_left() < _SHORT:
            kept = state.within(at, update.pending(), frozenset(doubtful), update.newest)
            yield Batch(records=_records(update, update.replaced, ctx), cursor=kept.cursor())
            return


def _take(page: Shape, update: _Update, floor: date | None, ctx: Context) -> None:
    update.accounts |= {account.id: account for account in accounts(page)}
    for key in ("added", "modified"):
        for item in page.each(key):
            record = transaction(item, update.accounts)
            day = item.day("date")
            if floor is not None and day < floor:
                continue
            if not record.pending:
                update.newest = max(day, update.newest or day)
            assert record.external_id is not None
            update.changes[record.account, record.external_id] = record
            if (before := replaced(item)) is not None:
                update.replaced[record.account, before] = None
    for item in page.each("removed"):
        gone = item.text("account_id"), item.text("transaction_id")
        update.changes[gone] = _removal(gone, ctx)


def _records(update: _Update, gone: dict[Key, None], ctx: Context) -> list[Record]:
    """Return what is to be kept: accounts, then the last word on each transaction, with what is `gone` taken back."""
    changes = {**update.changes, **{key: _removal(key, ctx) for key in gone}}
    return [*(account.info for account in update.accounts.values()), *changes.values()]


def _removal(key: Key, ctx: Context) -> Removal:
    try:
        return Removal(account=key[0], external_id=key[1], at=ctx.tick)
    except (TypeError, ValueError) as error:
        raise RetryLater(f"Plaid's answer to /transactions/sync cannot be kept: {error}") from None


def _after(day: date | None) -> date | None:
    return None if day is None else day + timedelta(days=1)
