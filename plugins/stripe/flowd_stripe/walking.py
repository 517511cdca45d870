"""Walks a list that has the newest first so that no row is lost: the place it has got to fits into a cursor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from flowd.api import Context, Json
from flowd_stripe.api import Api, Page, Refused

#: A long history is read in stretches, the oldest first, so that what is there has no holes.
STRETCH: Final = timedelta(days=30)
#: What was read last is read again, because a row may turn up a little after its own time.
AGAIN: Final = timedelta(hours=1)
#: A stretch has an end only if that is well past: nobody's clock is a day wrong.
_PAST: Final = timedelta(days=1)
#: A run stops at the next page when so little time is left.
SHORT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a walk has got to, in seconds since 1970.

    All before `since` is read; of the stretch from there to `until` (None: to now) the rows newer than the one with the
    id `after` are; the newest of them is of `newest`.
    """

    since: int
    first: int
    until: int | None = None
    after: str | None = None
    newest: int = 0

    @staticmethod
    def of(data: object, since: datetime) -> Place:
        """Return the place that `data` (from a cursor) tells; the beginning, `since`, if it tells none.

        A beginning that lies before the one of the cursor is new: then all is read again from there.
        """
        start = int(since.timestamp())
        found = data if isinstance(data, Mapping) else {}
        numbers = [found.get(name) for name in ("since", "first")]
        if not all(isinstance(number, int) for number in numbers) or start < found["first"]:
            return Place(since=start, first=start)
        until, after, newest = found.get("until"), found.get("after"), found.get("newest")
        return Place(
            since=found["since"],
            first=found["first"],
            until=until if isinstance(until, int) else None,
            after=after if isinstance(after, str) else None,
            newest=newest if isinstance(newest, int) else 0,
        )

    @property
    def data(self) -> Json:
        """What a cursor keeps of it."""
        kept: dict[str, Json] = {"since": self.since, "first": self.first}
        if self.after is not None:
            kept |= {"until": self.until, "after": self.after, "newest": self.newest}
        return kept


def walk(api: Api, path: str, params: Mapping[str, str], place: Place, ctx: Context) -> Iterator[tuple[Page, Place]]:
    """Yield each page of `path` from `place` on, with the place after it; ends where little time is left."""
    while True:
        open_end = False
        if place.after is None:
            end = place.since + int(STRETCH.total_seconds())
            open_end = end > int((ctx.tick - _PAST).timestamp())
            place = replace(place, until=None if open_end else end, newest=0)
        else:
            open_end = place.until is None
        bounds = {"created[gte]": str(max(place.since - int(AGAIN.total_seconds()), place.first))}
        if place.until is not None:
            bounds["created[lte]"] = str(place.until)
        try:
            for page in api.pages(path, {**params, **bounds}, place.after):
                newest = max([place.newest, *(int(row.at("created").timestamp()) for row in page.rows)])
                if page.after is not None:
                    place = replace(place, after=page.after, newest=newest)
                else:
                    reached = max(place.since, newest) if place.until is None else place.until
                    place = Place(since=reached, first=place.first)
                yield page, place
                if ctx.time_left() < SHORT:
                    return
        except Refused as error:
            if place.after is None or error.param != "starting_after":
                raise
            # the row to go on after is not there any more: the stretch is read again
            place = replace(place, after=None)
            continue
        if open_end:
            return
