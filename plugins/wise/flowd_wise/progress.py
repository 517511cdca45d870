"""Where reading transactions has got to: per balance or profile, and which of the two ways was taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from flowd.api import Cursor, Json

_VERSION: Final = 1


@dataclass(slots=True, kw_only=True)
class Walk:
    """How far the activities of a profile were read.

    The next window begins `at`; with `page` one that ends at `end` is under way. `done` says that the last pass got
    to the present, `waiting` since when something was not final in it, `until` how far any pass got.
    """

    at: datetime
    until: datetime | None = None
    end: datetime | None = None
    page: str | None = None
    done: bool = False
    waiting: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Progress:
    """What a cursor says, to be changed while reading goes on."""

    #: First moment that is read at all.
    begin: datetime
    #: Until when a balance's statement was read.
    statements: dict[str, datetime] = field(default_factory=dict)
    #: How far a profile's activities were read, of those that are read this way.
    activities: dict[str, Walk] = field(default_factory=dict)
    #: Until when the other way had read: a balance's statement, a profile's activities. Nothing is read both ways.
    before: dict[str, datetime] = field(default_factory=dict)

    def to_activities(self, profile: str, balances: Iterable[str]) -> None:
        """Read a profile by its activities from now on, behind what its statements said."""
        if profile in self.activities:
            return
        for one in balances:
            if one in self.statements:
                self.before[one] = self.statements.pop(one)
        self.activities[profile] = Walk(at=max(self.begin, self.before.get(profile, self.begin)))

    def to_statements(self, profile: str) -> None:
        """Read a profile by its statements from now on, behind what its activities said."""
        walk = self.activities.pop(profile, None)
        if walk is not None and walk.until is not None:
            self.before[profile] = walk.until

    def cursor(self) -> Cursor:
        """Return what flowd keeps."""
        data: dict[str, Json] = {
            "begin": _told(self.begin),
            "statements": {name: _told(at) for name, at in sorted(self.statements.items())},
            "activities": {name: _walk(walk) for name, walk in sorted(self.activities.items())},
            "before": {name: _told(at) for name, at in sorted(self.before.items())},
        }
        return Cursor(data=data, version=_VERSION)


def progress(cursor: Cursor | None, since: datetime | None, first: datetime) -> Progress:
    """Read a cursor. From another day on than it began with, all is read anew, each profile the way it was.

    Without a wish (`since`) reading began with `first`, as the cursor keeps it.
    """
    data = cursor.data if cursor is not None and cursor.version == _VERSION else None
    if not isinstance(data, dict):
        return Progress(begin=since or first)
    kept = _read(data.get("begin"))
    begin = since or kept
    found = Progress(begin=begin, before={name: _read(at) for name, at in _map(data.get("before")).items()})
    walks = {name: _map(told) for name, told in _map(data.get("activities")).items()}
    if begin != kept:
        for name, one in walks.items():
            found.to_activities(name, ())
            found.activities[name].until = _maybe(one.get("until"))
        return found
    found.statements = {name: _read(at) for name, at in _map(data.get("statements")).items()}
    found.activities = {
        name: Walk(
            at=_read(one.get("at")),
            until=_maybe(one.get("until")),
            end=_maybe(one.get("end")),
            page=None if one.get("page") is None else str(one["page"]),
            done=one.get("done") is True,
            waiting=_maybe(one.get("waiting")),
        )
        for name, one in walks.items()
    }
    return found


def _walk(walk: Walk) -> Json:
    told: dict[str, Json] = {"at": _told(walk.at), "done": walk.done}
    if walk.page is not None:
        told["page"] = walk.page
    for name, at in (("until", walk.until), ("end", walk.end), ("waiting", walk.waiting)):
        if at is not None:
            told[name] = _told(at)
    return told


def _told(at: datetime) -> Json:
    """Write a moment short, in milliseconds: there may be hundreds of balances, and a cursor has little room."""
    return round(at.timestamp() * 1000)


def _read(told: object) -> datetime:
    return datetime.fromtimestamp(int(str(told)) / 1000, UTC)


def _maybe(told: Json) -> datetime | None:
    return None if told is None else _read(told)


def _map(told: object) -> Mapping[str, Json]:
    return told if isinstance(told, dict) else {}
