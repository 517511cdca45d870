"""How far the reading of updates has got, as it is kept in the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from flowd.api import Cursor, Json, RetryLater

#: An account and the id of a transaction in it.
Key = tuple[str, str]
#: So many keys fit into a cursor; nobody has that many pending payments.
MOST_KEYS: Final = 120
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an Item's updates are read from, and what is open if one of them was kept in part.

    `at` is Plaid's cursor, empty before the first page; `began` the one with which the update began that is read in
    part, None between two updates. `pending` was kept from the pages of that update, `doubtful` from its pages before
    it had to be begun anew: what of that is not named again is gone. Days up to `floor` were read of an earlier Item.
    Nothing before the day `since` was kept; where it is empty, all was.
    """

    item: str | None
    at: str = ""
    began: str | None = None
    pending: frozenset[Key] = frozenset()
    doubtful: frozenset[Key] = frozenset()
    newest: date | None = None
    floor: date | None = None
    since: str = ""

    @property
    def start(self) -> str:
        """The cursor with which the update that is being read began."""
        return self.at if self.began is None else self.began

    def anew(self) -> Progress:
        """Return the progress with which the update is read from its beginning again."""
        return replace(self, at=self.start, began=None, pending=frozenset(), doubtful=self.doubtful | self.pending)

    def within(self, at: str, pending: Iterable[Key], doubtful: frozenset[Key], newest: date | None) -> Progress:
        """Return the progress after some pages of the update; RetryLater if too much is open to be kept."""
        kept = self.pending | frozenset(pending)
        if len(kept) + len(doubtful) > MOST_KEYS:
            raise RetryLater("the run's time was over before Plaid's update was read, and too much of it is pending")
        return replace(self, at=at, began=self.start, pending=kept, doubtful=doubtful, newest=newest)

    def after(self, at: str, newest: date | None) -> Progress:
        """Return the progress after the last page of the update."""
        return Progress(item=self.item, at=at, newest=newest, floor=self.floor, since=self.since)

    def cursor(self) -> Cursor:
        """Return it as a cursor."""
        data: dict[str, Json] = {
            "item": self.item,
            "at": self.at,
            "began": self.began,
            "pending": [list(key) for key in sorted(self.pending)],
            "doubtful": [list(key) for key in sorted(self.doubtful)],
            "newest": None if self.newest is None else self.newest.isoformat(),
            "floor": None if self.floor is None else self.floor.isoformat(),
            "since": self.since or None,
        }
        # An update that began before the first page began with an empty text, which says something; None does not.
        return Cursor(data={name: value for name, value in data.items() if value not in (None, [])}, version=_VERSION)


def progress(cursor: Cursor | None, item: str | None) -> Progress:
    """Return the progress that `cursor` keeps; another Item than the cursor's is read from its first transaction.

    A new Item of the same bank brings the same payments under new ids, so its days up to the newest one that was read
    are left out: they would count twice.
    """
    if cursor is None or cursor.version != _VERSION or not isinstance(cursor.data, dict):
        return Progress(item=item)
    data = cursor.data
    newest, floor = _day(data.get("newest")), _day(data.get("floor"))
    was = data.get("item")
    if item is not None and isinstance(was, str) and was != item:
        return Progress(item=item, newest=newest, floor=newest or floor)
    at, began = data.get("at"), data.get("began")
    return Progress(
        item=item,
        at=at if isinstance(at, str) else "",
        began=began if isinstance(began, str) else None,
        pending=_keys(data.get("pending")),
        doubtful=_keys(data.get("doubtful")),
        newest=newest,
        floor=floor,
        since=since if isinstance(since := data.get("since"), str) else "",
    )


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _keys(value: object) -> frozenset[Key]:
    listed = value if isinstance(value, list) else []
    return frozenset((str(one[0]), str(one[1])) for one in listed if isinstance(one, list) and len(one) == 2)
