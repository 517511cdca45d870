"""Reads histories in windows of time, oldest first: one batch per window, and a cursor that never skips a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowd.api import Batch, Context, Cursor, PartlyRead, Record, Removal, RetryLater, Transaction
from flowd_ccxt.balances import nonce_of
from flowd_ccxt.faults import SAID, Unreadable
from flowd_ccxt.profile import Entry, History
from flowd_ccxt.values import moment, to_ms
from flowd_ccxt.venue import Venue

#: With less time than this left, the next window is another run's.
_ENOUGH: Final = timedelta(seconds=10)
#: What is pending is waited for this long, and so many at most; then it counts as it was last seen.
_PATIENCE: Final = timedelta(days=30)
_MOST_PENDING: Final = 100
#: Lines appear at some exchanges up to minutes after their time.
_LATE: Final = timedelta(minutes=10)
_LEAST_WINDOW: Final = timedelta(hours=1)
_A_DAY: Final = timedelta(days=1)
_MOST_PAGES: Final = 2_000


@dataclass(slots=True)
class _Place:
    """Where one history has got to: read up to `at`, in windows of `window`, with lines that were still pending."""

    at: int
    window: int
    pending: list[str]


def sync_histories(venue: Venue, histories: Sequence[History], cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield what is new of all `histories`; one that fails does not keep the others from being read."""
    places = _places(venue, cursor)
    nonce = nonce_of(cursor)
    trouble: list[str] = []
    errors: list[Exception] = []
    read = 0
    for number, history in enumerate(histories):
        if number and ctx.time_left() < _ENOUGH:
            ctx.log.info("no time is left for %s, which comes next time", history.name)
            break
        place = places.setdefault(history.name, _first(venue, history, ctx.tick))
        place.window = min(place.window, _ms(history.window)) or _ms(history.window)
        _forgotten(history, place, ctx)
        try:
            finished = False
            while not finished:
                batch, finished = _window(venue, history, place, ctx)
                after = _cursor(venue, places, nonce)
                if batch or cursor is None or after.data != cursor.data:
                    yield Batch(records=batch, cursor=after)
                    cursor = after
                if not finished and ctx.time_left() < _ENOUGH:
                    ctx.log.info("%s is read up to %s, the rest comes later", history.name, _day(place.at))
                    break
            read += 1
        except Unreadable as error:
            ctx.log.info("%s cannot be read: %s", history.name, error)
            read += 1
        except SAID as error:
            # The smaller window is kept, so that a window too full for one run comes to an end in parts.
            if (after := _cursor(venue, places, nonce)) != cursor:
                yield Batch(cursor=after)
                cursor = after
            if ctx.time_left() < _ENOUGH:
                raise
            errors.append(error)
            trouble.append(f"{history.name}: {venue.told(str(error))}")
    if errors and read == 0:
        raise errors[0]
    if errors:
        raise PartlyRead("; ".join(trouble))


def _window(venue: Venue, history: History, place: _Place, ctx: Context) -> tuple[list[Record], bool]:
    """Read one window, and put `place` after it; say whether it was the last."""
    now = to_ms(ctx.tick)
    since, until = place.at, min(place.at + place.window, now)
    last = until >= now
    try:
        # A line dated after the tick is the next run's: what is seen twice costs nothing, what is passed is lost.
        entries = _sorted(history.read(venue, since, until), since, until)
    except Unreadable:
        # Many exchanges answer for a week or a day at most, and call anything longer a wrong request.
        if place.window <= _ms(_A_DAY):
            raise
        place.window = max(_ms(_A_DAY), place.window // 4)
        return _window(venue, history, place, ctx)
    except RetryLater:
        # A window that is too full for one run is read in parts.
        place.window = max(_ms(_LEAST_WINDOW), place.window // 4)
        raise
    records: list[Record] = []
    waiting: list[Entry] = []
    for entry in entries:
        if history.gone(entry):
            if entry.id in place.pending:
                records += _taken_back(history.records(venue, entry))
            continue
        if history.pending(entry) and now - entry.at < _ms(_PATIENCE):
            waiting.append(entry)
        records += history.records(venue, entry)
    held = {entry.id for entry in waiting}
    seen = {entry.id for entry in entries}
    place.pending = [*held, *(one for one in place.pending if one not in seen)][:_MOST_PENDING]
    reached = until - _ms(_LATE) if last else until
    # Held back to the oldest line that may still change, else where this window ends.
    place.at = max(since, min([reached, *(entry.at for entry in waiting)]))
    stuck = bool(waiting) and place.at <= since
    if stuck and not last:
        # Nothing newer may wait for it: the window grows until it reaches beyond.
        place.window = min(place.window * 2, max(_ms(history.window), now - since))
    elif not waiting and place.window < _ms(_LEAST_WINDOW) * 16:
        # Read in parts because it was too full: the next one may be as long as ever.
        place.window = _ms(history.window)
    return records, last


def backward(page: Callable[[int, int], Sequence[Entry]], since: int, until: int, *, full: int) -> Iterator[Entry]:
    """Yield a window page by page, for exchanges that answer the newest first: `full` lines say that there is more.

    Pages are asked for up to the oldest line of the one before, that line included; a page that brings nothing new
    ends it, or is passed by where it is full of one moment.
    """
    seen: set[str] = set()
    end, idle = until, False
    for _ in range(_MOST_PAGES):
        entries = page(since, end)
        fresh = [one for one in entries if one.id not in seen]
        yield from fresh
        seen.update(one.id for one in fresh)
        if len(entries) < full or (idle and not fresh):
            return
        idle = not fresh
        end = min(one.at for one in entries) - (1 if idle else 0)
        if end < since:
            return
    raise RetryLater(f"more than {_MOST_PAGES} pages between {_day(since)} and {_day(until)}: is the paging stuck?")


def either_way(page: Callable[[int, int], Sequence[Entry]], since: int, until: int) -> Iterator[Entry]:
    """Yield a window of an exchange of which nobody knows how many lines it answers with, nor which end first.

    What is beyond a page on both its sides is asked for, until nothing new comes.
    """
    seen: set[str] = set()
    todo = [(since, until)]
    for _ in range(_MOST_PAGES):
        if not todo:
            return
        begin, end = todo.pop()
        entries = page(begin, end)
        fresh = [one for one in entries if one.id not in seen]
        yield from fresh
        seen.update(one.id for one in fresh)
        if fresh:
            first, last = min(one.at for one in entries), max(one.at for one in entries)
            todo += [(low, high) for low, high in ((begin, first), (last, end)) if begin <= low < high <= end]
    raise RetryLater(f"more than {_MOST_PAGES} pages between {_day(since)} and {_day(until)}: is the paging stuck?")


def by_cursor(
    page: Callable[[str | None], tuple[Sequence[Entry], str | None]],
) -> Iterator[Entry]:
    """Yield page after page, as long as the exchange names a next one that it has not named before."""
    named: set[str] = set()
    after: str | None = None
    for _ in range(_MOST_PAGES):
        entries, after = page(after)
        yield from entries
        if not after or not entries:
            return
        if after in named:
            raise RetryLater("the exchange names the same next page again and again")
        named.add(after)
    raise RetryLater(f"more than {_MOST_PAGES} pages in one window: is the paging stuck?")


def _taken_back(records: Iterator[Record]) -> Iterator[Removal]:
    for one in records:
        if isinstance(one, Transaction) and one.external_id and isinstance(one.booked_at, datetime):
            yield Removal(account=one.account, external_id=one.external_id, at=one.booked_at)


def _sorted(entries: Any, since: int, until: int) -> list[Entry]:
    known = {entry.id: entry for entry in entries if since <= entry.at <= until}
    return sorted(known.values(), key=lambda one: (one.at, one.id))


def _first(venue: Venue, history: History, tick: datetime) -> _Place:
    begin = _begin(venue)
    at = to_ms(tick - timedelta(days=365)) if begin is None else min(begin, to_ms(tick))
    return _Place(at=at, window=_ms(history.window), pending=[])


def _forgotten(history: History, place: _Place, ctx: Context) -> None:
    """Begin where the exchange still remembers."""
    if history.kept is not None:
        place.at = max(place.at, to_ms(ctx.tick - history.kept))


def _begin(venue: Venue) -> int | None:
    """Return the moment since which history is asked for; None where nobody said it."""
    day = venue.config.since
    return None if day is None else to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _places(venue: Venue, cursor: Cursor | None) -> dict[str, _Place]:
    """Read a cursor; asked for more than before, histories are at their beginning again, with what is pending."""
    data = cursor.data if cursor is not None else None
    read = data.get("read") if isinstance(data, Mapping) else None
    begin, begun = _begin(venue), data.get("since") if isinstance(data, Mapping) else None
    older = begin is not None and not (isinstance(begun, int) and begun <= begin)
    places: dict[str, _Place] = {}
    for name, one in read.items() if isinstance(read, Mapping) else ():
        if isinstance(one, Mapping) and isinstance(at := one.get("at"), int):
            window, pending = one.get("window"), one.get("pending")
            places[name] = _Place(
                at=min(at, begin) if begin is not None and older else at,
                window=window if isinstance(window, int) and not older else 0,
                pending=[str(item) for item in pending] if isinstance(pending, list | tuple) else [],
            )
    return places


def _cursor(venue: Venue, places: Mapping[str, _Place], nonce: int) -> Cursor:
    read: dict[str, Any] = {}
    for name, one in places.items():
        read[name] = {"at": one.at, "window": one.window, **({"pending": one.pending} if one.pending else {})}
    since = {} if (begin := _begin(venue)) is None else {"since": begin}
    return Cursor(data={"read": read, **since, **({"nonce": max(nonce, venue.nonce)} if venue.counts else {})})


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _day(at: int) -> str:
    return moment(at, "a time").date().isoformat()
