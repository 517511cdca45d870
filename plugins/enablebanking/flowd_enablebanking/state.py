"""What a feed's cursor keeps: how often the bank was asked, how far each account was read, a place in a list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from flowd.api import Cursor, Json
from flowd.unattended import mark, next_read
from flowd_enablebanking.records import Account
from flowd_enablebanking.settings import EnableBankingConfig

#: Banks book late and correct what they booked: so many days are read again.
_AGAIN: Final = timedelta(days=10)
_FIRST: Final = timedelta(days=365)
#: A longer key would not fit: that list begins anew instead.
_LONGEST_KEY: Final = 8_000


class State:
    """A cursor being changed."""

    def __init__(self, cursor: Cursor | None, config: EnableBankingConfig, consent: str, tick: datetime) -> None:
        data = cursor.data if cursor is not None and isinstance(cursor.data, Mapping) else {}
        self._today = tick.date()
        self._from = None if config.since is None else config.since.isoformat()
        self._first = config.since or self._today - _FIRST
        # Each consent may be used so often, and a new one is used at once: its history is open for minutes only.
        self._consent = mark(consent)
        before = data.get("reads") if data.get("consent") == self._consent else ()
        self._reads = next_read(before, tick, config.reads_per_day)
        # Asked to begin on another day: every account from there on.
        same = data.get("from") == self._from
        known, page = data.get("since"), data.get("page")
        self._since = {name: str(day) for name, day in known.items()} if same and isinstance(known, Mapping) else {}
        self._page: dict[str, str] = (
            {name: str(value) for name, value in page.items()} if same and isinstance(page, Mapping) else {}
        )

    def order(self, one: Account) -> tuple[bool, date]:
        """Return what accounts are sorted by: the one that was broken off, then those read longest ago."""
        return self._page.get("unit") != one.unit, self.since(one)

    def is_new(self, one: Account) -> bool:
        """Say whether an account was never read to the end."""
        return one.unit not in self._since

    def since(self, one: Account) -> date:
        """Return the first day to be read of an account."""
        known = self._since.get(one.unit)
        return self._first if known is None else date.fromisoformat(known)

    def key(self, one: Account) -> str | None:
        """Return the place where reading an account was broken off in this session; None where it was not."""
        page = self._page
        return page["key"] if page.get("unit") == one.unit and page.get("uid") == one.uid else None

    def broken_off(self, one: Account, key: str) -> None:
        """Note the place from which an account's list goes on."""
        until = self._page.get("until", "") if self.key(one) is not None else ""
        if len(key) > _LONGEST_KEY:
            self._page = {}
            return
        self._page = {"unit": one.unit, "uid": one.uid, "key": key, "until": until or self._today.isoformat()}

    def read(self, one: Account) -> None:
        """Note that an account was read to the end: up to the day on which reading it began."""
        begun = self._page.get("until") if self.key(one) is not None else None
        until = date.fromisoformat(begun) if begun else self._today
        self._since[one.unit] = max(until - _AGAIN, self._first).isoformat()
        if self._page.get("unit") == one.unit:
            self._page = {}

    def cursor(self) -> Cursor:
        """Return it as it is to be kept."""
        data: dict[str, Json] = {
            "from": self._from,
            "consent": self._consent,
            "reads": self._reads,
            "since": dict(self._since),
        }
        return Cursor(data={**data, "page": dict(self._page)} if self._page else data)
