"""How far the reading has got, as it is kept in the cursor."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

from flowd.api import Cursor, Json

#: An account and the id of a transaction in it.
Key = tuple[str, str]
#: Bytes of pending transactions that are kept track of: what cannot be taken back later is not told at all.
_MOST_BYTES: Final = 10_000
_MOST_ACCOUNTS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is read: all up to `until`, except since `behind` where some account was not whole; and what is pending.

    `known` are the accounts whose past was read, by a short name; `since` is the day on which their past began.
    """

    since: datetime | None = None
    until: datetime | None = None
    behind: datetime | None = None
    pending: frozenset[Key] = frozenset()
    known: frozenset[str] = frozenset()

    def cursor(self) -> Cursor:
        """Return it as a cursor."""
        data: dict[str, Json] = {
            "since": None if self.since is None else int(self.since.timestamp()),
            "until": None if self.until is None else int(self.until.timestamp()),
            "behind": None if self.behind is None else int(self.behind.timestamp()),
            "pending": [list(key) for key in sorted(self.pending)],
            "known": sorted(self.known),
        }
        return Cursor(data={name: value for name, value in data.items() if value})


def progress(cursor: Cursor | None) -> Progress:
    """Return the progress that `cursor` keeps."""
    data = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
    pending, known = data.get("pending"), data.get("known")
    return Progress(
        since=_moment(data.get("since")),
        until=_moment(data.get("until")),
        behind=_moment(data.get("behind")),
        pending=frozenset(
            (str(one[0]), str(one[1]))
            for one in (pending if isinstance(pending, list) else [])
            if isinstance(one, list) and len(one) == 2
        ),
        known=frozenset(str(one) for one in (known if isinstance(known, list) else [])),
    )


def short(account: str) -> str:
    """Return a short name for an account."""
    return blake2b(account.encode("utf-8", "replace"), digest_size=6).hexdigest()


def names(accounts: Iterable[str]) -> frozenset[str]:
    """Return the short names of accounts, so many as fit into a cursor."""
    return frozenset(sorted(short(account) for account in accounts)[:_MOST_ACCOUNTS])


def fitting(keys: Collection[Key]) -> frozenset[Key]:
    """Return the first of `keys`, so many as fit into a cursor."""
    kept: list[Key] = []
    size = 0
    for key in keys:
        size += len(json.dumps(key)) + 2
        if size > _MOST_BYTES:
            break
        kept.append(key)
    return frozenset(kept)


def _moment(value: object) -> datetime | None:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and not isinstance(value, bool) else None
