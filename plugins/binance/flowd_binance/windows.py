"""Walks histories window by window: closed, without gap or overlap lost, and taken up again where a run ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Final

from flowd.api import (
    AuthError,
    Batch,
    BudgetSpent,
    Context,
    Cursor,
    Json,
    OverTime,
    PartlyRead,
    Record,
    RetryLater,
    Transaction,
)
from flowd_binance.asking import Asking
from flowd_binance.endpoints import SPOT_ACCOUNT
from flowd_binance.reading import since_epoch
from flowd_binance.refusals import PERMANENT, Crowded
from flowd_binance.settings import BinanceConfig, described

#: With less time left than this a run ends at the page it has.
_SHORT: Final = timedelta(seconds=3)
#: Read back on a first run, where `since` does not say.
_YEAR: Final = timedelta(days=365)
#: What said no is asked again after so long: a key may be given more rights.
_REFUSED: Final = timedelta(hours=6)
#: What is pending is looked at again for so long, then no more.
_PATIENCE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of a window's records: everything before the millisecond `upto` is in it or came before it."""

    records: Sequence[Record]
    upto: int


#: Reads one window, both ends included, given in milliseconds.
Reader = Callable[[Asking, int, int], Iterator[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One history: how long a window may be, how far back it goes, how late things may still be entered in it.

    `again` is read once more on every run; no run comes sooner than `every` after the one before.
    """

    name: str
    read: Reader
    span: timedelta
    reach: timedelta | None = None
    again: timedelta = timedelta(hours=1)
    every: timedelta = timedelta(0)


def walk(
    sources: Iterable[Source], client: Asking, config: BinanceConfig, cursor: Cursor | None, ctx: Context
) -> Iterator[Batch]:
    """Yield what is new in every source, a batch a page; PartlyRead where some fail, the first error where all do.

    The cursor holds for each source the millisecond up to which it was read, and when it was last asked.
    """
    state = _State(cursor, config, ctx)
    failed: dict[str, RetryLater] = {}
    refused: dict[str, Exception] = {}
    answered = 0
    ended: Source | None = None
    listed = [source for source in state.in_turn(list(sources)) if not state.rests(source)]
    for source, following in zip_longest(listed, listed[1:]):
        if (answered or failed or refused) and ctx.time_left() < _SHORT:
            # Taken up here by the next run.
            ended = source
            break
        try:
            yield from _walk(source, following, client, state, ctx)
            answered += 1
        except Crowded:
            yield Batch(cursor=state.cursor(source))
            raise
        except (BudgetSpent, OverTime):
            if not answered:
                raise
            # Enough for this run, by flowd's own count: no failure.
            ended = source
            break
        except PERMANENT as error:
            if isinstance(error, AuthError) and not answered and not refused:
                # The key, or only this part? Asking on with a refused key gets the address banned.
                client.ask(SPOT_ACCOUNT, omitZeroBalances="true")
            refused[source.name] = error
            ctx.log.info("%s: not read: %s", source.name, error)
        except RetryLater as error:
            failed[source.name] = error
    if failed and not answered:
        raise next(iter(failed.values()))
    state.put_off(refused)
    yield Batch(cursor=state.cursor(ended))
    if failed:
        raise PartlyRead("; ".join(f"{name}: {error}" for name, error in failed.items()))


def _walk(source: Source, following: Source | None, client: Asking, state: _State, ctx: Context) -> Iterator[Batch]:
    """Read one source to its end; the cursor then points to the one that follows."""
    now = since_epoch(ctx.tick)
    begin = state.begin(source)
    hold: int | None = None
    while begin <= now:
        end = min(begin + source.span // timedelta(milliseconds=1) - 1, now)
        for page in source.read(client, begin, end):
            waits = _oldest_pending(page.records, now)
            hold = waits if hold is None else hold if waits is None else min(hold, waits)
            state.reached(source, min(page.upto, now), hold)
            done = page.upto > now
            if done:
                state.finished(source)
            if page.records:
                records = [*_accounts(page.records), *page.records]
                yield Batch(records=records, cursor=state.cursor(following if done else source))
            if not done and ctx.time_left() < _SHORT:
                return
        begin = end + 1


class _State:
    """How far each source was read."""

    def __init__(self, cursor: Cursor | None, config: BinanceConfig, ctx: Context) -> None:
        data = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
        self._tick = since_epoch(ctx.tick)
        self._read: dict[str, int] = _numbers(data.get("read"))
        self._asked: dict[str, int] = _numbers(data.get("asked"))
        self._refused: dict[str, int] = _numbers(data.get("refused"))
        #: The source that a run before was reading when it ended.
        self._at = data.get("at")
        began = data.get("since")
        day = config.since or (ctx.tick - _YEAR).date()
        first = since_epoch(datetime(day.year, day.month, day.day, tzinfo=ctx.tick.tzinfo))
        self._since = first if config.since is not None or not isinstance(began, int) else began
        if isinstance(began, int) and self._since < began:
            # Asked to go further back than before: what is known is read again, which changes nothing.
            self._read, self._asked = {}, {}

    def begin(self, source: Source) -> int:
        """Return the first millisecond to be read."""
        first = self._since
        if source.reach is not None:
            first = max(first, self._tick - _count(source.reach))
        known = self._read.get(source.name)
        if known is not None and source.name == self._at:
            return max(first, known)
        return first if known is None else max(first, min(known, self._tick - _count(source.again)))

    def in_turn(self, sources: list[Source]) -> list[Source]:
        """Return the sources in order, beginning with the one that a run before did not get through."""
        names = [source.name for source in sources]
        start = names.index(self._at) if self._at in names else 0
        return [*sources[start:], *sources[:start]]

    def reached(self, source: Source, position: int, hold: int | None) -> None:
        """Note that everything before `position` was read, but for what is pending since `hold`."""
        self._read[source.name] = position if hold is None else min(position, hold)

    def finished(self, source: Source) -> None:
        """Note when a source was read to its end, where it is not asked on every run."""
        self._refused.pop(source.name, None)
        if source.every:
            self._asked[source.name] = self._tick

    def put_off(self, names: Iterable[str]) -> None:
        """Leave sources that said no alone for a while."""
        self._refused |= dict.fromkeys(names, self._tick)

    def rests(self, source: Source) -> bool:
        """Say whether a source is not to be asked yet."""
        asked, refused = self._asked.get(source.name), self._refused.get(source.name)
        return (asked is not None and self._tick < asked + _count(source.every)) or (
            refused is not None and self._tick < refused + _count(_REFUSED)
        )

    def cursor(self, within: Source | None = None) -> Cursor:
        """Return where all sources have got to; `within` is the one that is being read."""
        data: dict[str, Json] = {
            "since": self._since,
            "read": dict(self._read),
            "asked": dict(self._asked),
            "refused": dict(self._refused),
            "at": None if within is None else within.name,
        }
        return Cursor(data=data)


def _accounts(records: Iterable[Record]) -> list[Record]:
    """Return what is known of the accounts that records belong to, so that they are named before they are read."""
    return [
        described(account) for account in dict.fromkeys(getattr(one, "account", None) for one in records) if account
    ]


def _oldest_pending(records: Iterable[Record], now: int) -> int | None:
    pending = [
        since_epoch(one.booked_at)
        for one in records
        if isinstance(one, Transaction) and one.pending and isinstance(one.booked_at, datetime)
    ]
    recent = [when for when in pending if when >= now - _count(_PATIENCE)]
    return min(recent, default=None)


def _numbers(value: object) -> dict[str, int]:
    return {str(name): one for name, one in value.items() if isinstance(one, int)} if isinstance(value, dict) else {}


def _count(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
