"""Reads accounts and transactions, some weeks at a time, and again where something was not whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from flowd.api import AuthError, Batch, Context, Covers, Cursor, PartlyRead, Record, Removal, RetryLater, Transaction
from flowd_simplefin.access import Access
from flowd_simplefin.complaints import Complaints, complaints
from flowd_simplefin.config import SimpleFinConfig
from flowd_simplefin.progress import Key, Progress, fitting, names, progress, short
from flowd_simplefin.shape import Shape
from flowd_simplefin.statement import Statement, statements

#: The bridge caps a request at 90 days and advises 45 (it says so among its errors).
WINDOW: Final = timedelta(days=44)
#: Few banks give more than 90 days of history.
_HISTORY: Final = timedelta(days=89)
#: Transactions come in late, and are corrected: so much is read again each time.
_AGAIN: Final = timedelta(days=14)
_SHORT: Final = timedelta(seconds=5)


@dataclass(slots=True)
class _Found:
    """What the answers of a run said that concerns more than one of them."""

    texts: dict[str, None] = field(default_factory=dict)
    needs_login: bool = False


def ask(access: Access, ctx: Context, **parameters: str) -> Shape:
    """Ask for accounts; AuthError where access was revoked or is not paid for."""
    answer = ctx.http.get(
        f"{access.base}/accounts",
        params={"version": "2", **{name.replace("_", "-"): value for name, value in parameters.items()}},
        headers={"authorization": access.header},
        allow=(402, 403),
    )
    if answer.status == 402:
        raise AuthError("SimpleFIN wants to be paid: renew the subscription on its page")
    if answer.status == 403 and "cloudflare" in answer.text.lower():
        # The guard at the door, not the server: the access is as good as before.
        raise RetryLater("SimpleFIN's front door turned flowd away for asking too often", after=timedelta(hours=1))
    if answer.status == 403:
        raise AuthError("SimpleFIN refused the access (HTTP 403): it was disabled there, or is not paid for")
    content = answer.json()
    if not isinstance(content, dict):
        raise RetryLater("SimpleFIN's answer is not understood: it is not an object")
    return Shape(content, "")


def read(access: Access, config: SimpleFinConfig, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield what is new since `cursor`, one batch for each request; PartlyRead says whose data were not whole."""
    reader = _Reader(access, config, ctx)
    state = reader.begun(progress(cursor))
    start = reader.earliest() if state.until is None else state.until - _AGAIN
    while ctx.tick - start > WINDOW:
        batch, state = reader.past(start, start + WINDOW, state)
        yield batch
        start += WINDOW
        if ctx.time_left() < _SHORT:
            return
    batch, state = reader.present(start, state)
    yield batch
    yield from reader.missed(start, state)
    reader.tell()


class _Reader:
    def __init__(self, access: Access, config: SimpleFinConfig, ctx: Context) -> None:
        self._access = access
        self._config = config
        self._ctx = ctx
        self._found = _Found()

    def earliest(self) -> datetime:
        """Return from when on the past is wanted."""
        if self._config.since is None:
            return self._ctx.tick - _HISTORY
        return min(datetime.combine(self._config.since, time(0), tzinfo=UTC), self._ctx.tick)

    def begun(self, state: Progress) -> Progress:
        """Return the progress with the day on which the past begins: an earlier one than before is still to be read."""
        first = self.earliest()
        if state.until is None or (state.since is not None and state.since <= first) or self._config.since is None:
            return state if state.since is not None else replace(state, since=first if state.until is None else None)
        return replace(state, since=first, behind=min(state.behind or first, first))

    def past(self, start: datetime, end: datetime, state: Progress) -> tuple[Batch, Progress]:
        """Return what was booked in a window before the last one, and the progress after it."""
        listed, said = self._ask(start, end)
        state = replace(self._after(listed, said, start, state), until=end)
        records = [record for one in listed for record in (*one.standing(self._ctx.tick), *self._booked(one))]
        return Batch(records=records, cursor=state.cursor(), covers=Covers.ITS_ACCOUNTS), state

    def present(self, start: datetime, state: Progress) -> tuple[Batch, Progress]:
        """Return the window up to now, with what is pending and what is so no more, and the progress after it."""
        listed, said = self._ask(start, None)
        tick, known = self._ctx.tick, state.known
        rows = {one.key: list(one.transactions(tick)) for one in listed}
        seen: dict[Key, Transaction] = {
            (row.account, str(row.external_id)): row for found in rows.values() for row in found
        }
        whole = {one.key for one in listed if not said.touches(one.item.text("id"), one.connection)}
        kept = {key for key in state.pending if key[0] not in whole and key not in seen}
        gone = sorted(key for key in state.pending if key[0] in whole and key not in seen)
        waiting = [key for key, row in seen.items() if row.pending]
        # Those known before come first: they are told of already.
        pending = fitting([*sorted(kept), *sorted(waiting, key=lambda key: key not in state.pending)])
        records: list[Record] = [record for one in listed for record in one.standing(tick)]
        records += (row for key, row in seen.items() if self._wanted(row) and (not row.pending or key in pending))
        records += (Removal(account=key[0], external_id=key[1], at=tick) for key in gone)
        after = replace(self._after(listed, said, start, state), until=tick, pending=pending)
        if known and any(short(one.key) not in known for one in listed):
            # A bank that was connected since: its past is still to be read.
            after = replace(after, behind=min(after.behind or self.earliest(), self.earliest()))
        return Batch(records=records, cursor=after.cursor(), covers=Covers.ITS_ACCOUNTS), after

    def missed(self, until: datetime, state: Progress) -> Iterator[Batch]:
        """Yield what was not whole when it was read, once everything is."""
        if state.behind is None or self._found.texts:
            return
        start = max(state.behind - _AGAIN, self._ctx.tick - _HISTORY if self._config.since is None else self.earliest())
        while start < until:
            if self._ctx.time_left() < _SHORT:
                return
            end = min(start + WINDOW, until)
            listed, said = self._ask(start, end)
            records = [record for one in listed for record in self._booked(one)]
            if said.texts:
                yield Batch(records=records)
                return
            state = replace(state, behind=end)
            yield Batch(records=records, cursor=state.cursor())
            start = end
        yield Batch(cursor=replace(state, behind=None).cursor())

    def tell(self) -> None:
        """Raise what the server complained of."""
        if self._found.texts:
            said = "; ".join(list(self._found.texts)[:5])
            raise (AuthError if self._found.needs_login else PartlyRead)(f"SimpleFIN: {said}")

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _ask(self, start: datetime, end: datetime | None) -> tuple[list[Statement], Complaints]:
        parameters = {"start_date": str(int(start.timestamp()))}
        if end is not None:
            parameters["end_date"] = str(int(end.timestamp()))
        if self._config.pending:
            parameters["pending"] = "1"
        answer = ask(self._access, self._ctx, **parameters)
        said = complaints(answer)
        for note in said.notes:
            self._ctx.log.warning("SimpleFIN: %s", note)
        listed = statements(answer, self._config.accounts)
        if not listed:
            raise said.error()
        self._found.texts |= dict.fromkeys(said.texts)
        # Where every bank wants its login there is nothing to be read any more.
        self._found.needs_login = said.log_in and all(one.connection in said.connections for one in listed)
        return listed, said

    def _after(self, listed: list[Statement], said: Complaints, start: datetime, state: Progress) -> Progress:
        whole = not said.texts
        behind = state.behind if whole else min(state.behind or start, start if state.until is None else state.until)
        return replace(state, behind=behind, known=state.known | names(one.key for one in listed))

    def _booked(self, one: Statement) -> list[Transaction]:
        return [row for row in one.transactions(self._ctx.tick) if not row.pending and self._wanted(row)]

    def _wanted(self, row: Transaction) -> bool:
        since, at = self._config.since, row.booked_at
        return since is None or (at.date() if isinstance(at, datetime) else at) >= since
