"""Reads the balances of all profiles, and their transactions by statements or, where Wise gives none, activities."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Final

from flowd.api import (
    AccountInfo,
    AuthError,
    Batch,
    Check,
    Context,
    Covers,
    Cursor,
    OverTime,
    PartlyRead,
    RetryLater,
    Snapshot,
)
from flowd_wise.balances import Balance, balances, profiles
from flowd_wise.client import Client
from flowd_wise.progress import progress
from flowd_wise.reading import Reading
from flowd_wise.settings import WiseConfig

_YEAR: Final = timedelta(days=365)


class Wise:
    """The connector for one token."""

    def __init__(self, config: WiseConfig) -> None:
        self._config = config
        self._client = Client(config.url, config.token)

    def check(self, ctx: Context) -> Check:
        """Ask for the profiles."""
        found = profiles(self._client, self._config.profile, ctx)
        names = [f"{one.kind} ({one.id})" for one in found]
        return Check(summary=f"Wise profiles: {', '.join(names)}", permissions=("read",), covers=names)

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield the balances, or the transactions since the last run and some days before."""
        return self._balances(ctx) if feed == "balances" else self._transactions(cursor, ctx)

    def _balances(self, ctx: Context) -> Iterator[Batch]:
        found = profiles(self._client, self._config.profile, ctx)
        records: list[AccountInfo | Snapshot] = []
        failures: list[AuthError | RetryLater] = []
        whole = True
        for one in found:
            try:
                read = balances(self._client, one, len(found) > 1, ctx)
            except OverTime:
                raise
            except (AuthError, RetryLater) as problem:
                failures.append(problem)
                continue
            # A profile without any balance may be one that Wise does not show just now.
            whole = whole and bool(read)
            records += [record for balance in read for record in _told(balance, ctx)]
        if len(failures) == len(found):
            raise failures[0]
        covers = Covers.CONNECTION if whole and not failures else Covers.ITS_ACCOUNTS
        yield Batch(records=records, covers=covers)
        if failures:
            raise PartlyRead(_said(failures))

    def _transactions(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        since = None if self._config.since is None else datetime.combine(self._config.since, time(), UTC)
        found = profiles(self._client, self._config.profile, ctx)
        reading = Reading(self._client, self._config.read, progress(cursor, since, ctx.tick - _YEAR), ctx)
        for one in found:
            try:
                reading.add(one, balances(self._client, one, len(found) > 1, ctx))
            except OverTime:
                raise
            except (AuthError, RetryLater) as problem:
                reading.failures.append(problem)
        yield from reading.batches()
        if reading.failures:
            if not reading.gave:
                raise reading.failures[0]
            raise PartlyRead(_said(reading.failures))


def _told(balance: Balance, ctx: Context) -> tuple[AccountInfo, Snapshot]:
    reading = Snapshot(account=balance.id, asset=balance.currency, quantity=balance.worth, at=ctx.tick)
    return balance.account, reading


def _said(failures: list[AuthError | RetryLater]) -> str:
    """Say each reason once."""
    return "; ".join(dict.fromkeys(str(one) for one in failures))
