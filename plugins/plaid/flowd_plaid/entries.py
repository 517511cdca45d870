"""Reads what happened in investment accounts, two months at a time, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from flowd.api import Batch, Context, Cursor, Json, Record, RetryLater, Trade, Transaction
from flowd_plaid.accounts import Account, accounts
from flowd_plaid.client import Client
from flowd_plaid.securities import Security, securities
from flowd_plaid.trading import entry

_DAY: Final = timedelta(days=1)
_WINDOW: Final = timedelta(days=60)
#: Plaid keeps two years of entries.
_MOST: Final = timedelta(days=730)
#: Entries come in late, by their settlement day: so much is read again each time.
_AGAIN: Final = timedelta(days=14)
_COUNT: Final = 500
_SHORT: Final = timedelta(seconds=5)
#: So often the entries of a window may change under the reader's eyes.
_TRIES: Final = 3


def entries(client: Client, since: date | None, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield the entries since `cursor`, one batch for each window of days, with the cursor after it."""
    # Where the day begins earlier than here it is tomorrow already.
    last = ctx.tick.date() + _DAY
    first = _first(since, cursor, last)
    while True:
        until = min(first + _WINDOW, last)
        records = _window(client, first, until, ctx)
        yield Batch(records=records, cursor=Cursor(data={"until": until.isoformat(), **_since(since, cursor)}))
        if until >= last or ctx.time_left() < _SHORT:
            return
        # The last day is read again, with its successor.
        first = until


def _first(since: date | None, cursor: Cursor | None, last: date) -> date:
    earliest = max(last - _MOST, since) if since is not None else last - _MOST
    data = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
    until = data.get("until")
    if not isinstance(until, str) or _is_older(since, data.get("since")):
        return min(earliest, last)
    return min(max(date.fromisoformat(until) - _AGAIN, last - _MOST), last)


def _is_older(since: date | None, before: object) -> bool:
    """Say whether more is asked for than before: since an earlier day, or all where it was since a day."""
    return isinstance(before, str) and (since is None or since.isoformat() < before)


def _since(since: date | None, cursor: Cursor | None) -> dict[str, Json]:
    """Return what a cursor says of the day since which all is read; nothing where that is all there is."""
    data = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
    if since is None or ("until" in data and "since" not in data):
        return {}
    before = data.get("since")
    return {"since": min(since.isoformat(), before) if isinstance(before, str) else since.isoformat()}


def _window(client: Client, first: date, until: date, ctx: Context) -> list[Record]:
    for _ in range(_TRIES):
        found = _pages(client, first, until, ctx)
        if found is not None:
            return found
    raise RetryLater("Plaid's investment transactions changed while they were read, again and again")


def _pages(client: Client, first: date, until: date, ctx: Context) -> list[Record] | None:
    """Return what the pages of a window hold, None if their number changed while they were read."""
    own: dict[str, Account] = {}
    listed: dict[str, Security] = {}
    seen: dict[str, Trade | Transaction | None] = {}
    offset, total = 0, None
    while True:
        page = client.of_item(
            "/investments/transactions/get",
            {
                "start_date": first.isoformat(),
                "end_date": until.isoformat(),
                "options": {"count": _COUNT, "offset": offset},
            },
        )
        own |= {account.id: account for account in accounts(page) if account.is_investment}
        listed |= securities(page)
        before, now = len(seen), int(page.amount("total_investment_transactions"))
        if total is not None and now != total:
            return None
        total = now
        for item in page.each("investment_transactions"):
            offset += 1
            seen[item.text("investment_transaction_id")] = entry(item, own, listed)
        if offset >= total:
            break
        if len(seen) == before:
            ctx.log.warning("Plaid speaks of %s investment transactions and gives %s", total, len(seen))
            break
    return [*(account.info for account in own.values()), *(one for one in seen.values() if one is not None)]
