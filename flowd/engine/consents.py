"""Until when each connection's access lasts: shown, measured, and told in time, each warning once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from flowd.api import Notice, Severity
from flowd.engine.clock import Clock
from flowd.engine.telemetry import Telemetry
from flowd.errors import DatabaseAway, DatabaseUnusable
from flowd.storage.consents import Consent

_log = logging.getLogger(__name__)
#: Somebody is told when so many days are left, and when none are.
WARNINGS: Final = (14, 7, 1, 0)
#: How old what is remembered of the database may be: other commands note consents, too.
_LOOK_EVERY: Final = 60.0
#: An end that moves by less than this is the same consent: some sources count it anew with every call.
_SAME: Final = timedelta(days=1)


class Store(Protocol):
    """Where consents are noted."""

    def load(self) -> list[Consent]:
        """Return all that is known."""

    def save(self, consent: Consent) -> None:
        """Note a consent."""

    def tell(self, connection: str, days: int) -> bool:
        """Note that a warning is given; False if it was given before."""

    def remove(self, connection: str) -> None:
        """Forget a connection's consent."""


def warning_due(expires_at: datetime, now: datetime) -> int | None:
    """Return the latest warning whose time has come: so many days before the end; None if it is too early for any."""
    left = expires_at - now
    return min((days for days in WARNINGS if left <= timedelta(days=days)), default=None)


def noted(known: Consent | None, fresh: Consent, now: datetime) -> Consent:
    """Return `fresh` with what was told of `known`, as far as it still holds of an end that moved."""
    due = warning_due(fresh.expires_at, now)
    if known is None or known.told is None or due is None:
        return fresh
    if fresh.expires_at - known.expires_at > _SAME:
        return replace(fresh, told=due if due > known.told else known.told)
    return replace(fresh, told=known.told)


class Consents:
    """Takes note of ends as connectors tell them, and tells people 14, 7 and 1 days before, and when it is over."""

    def __init__(
        self,
        *,
        store: Store,
        telemetry: Telemetry,
        clock: Clock,
        notify: Callable[[Notice], None],
        away: Callable[[], bool],
    ) -> None:
        self._store = store
        self._telemetry = telemetry
        self._clock = clock
        self._notify = notify
        self._away = away
        self._lock = threading.Lock()
        self._known: dict[str, Consent] = {}
        self._unsaved: set[str] = set()
        self._looked = float("-inf")

    def known(self) -> Mapping[str, datetime]:
        """Return the end of each connection's access, where it is known."""
        with self._lock:
            return {name: consent.expires_at for name, consent in self._known.items()}

    def note(self, connection: str, expires_at: datetime) -> None:
        """Take note of an end; it is written down as soon as the database is there."""
        with self._lock:
            known = self._known.get(connection)
            if known is not None and known.expires_at == expires_at:
                return
            self._known[connection] = noted(
                known, Consent(connection=connection, expires_at=expires_at), self._clock.now()
            )
            self._unsaved.add(connection)
        self._telemetry.consent(connection, expires_at)
        self._save()

    def forget(self, connection: str) -> None:
        """Forget a connection's end: it was linked anew, or not at all any more. Raises DatabaseAway."""
        self._store.remove(connection)
        with self._lock:
            self._known.pop(connection, None)
            self._unsaved.discard(connection)
        self._telemetry.forget_consent(connection)

    def load(self) -> None:
        """Learn what the database knows; nothing is learned while it is away."""
        if self._away():
            return
        self._save()
        with suppress(DatabaseAway, DatabaseUnusable):
            stored = {consent.connection: consent for consent in self._store.load()}
            with self._lock:
                gone = self._known.keys() - stored.keys() - self._unsaved
                self._known.update({name: one for name, one in stored.items() if name not in self._unsaved})
                for name in gone:
                    del self._known[name]
            for name in gone:
                self._telemetry.forget_consent(name)
            self._looked = self._clock.monotonic()

    def look(self, connections: Mapping[str, bool]) -> None:
        """Tell people of those of `connections` whose access ends soon, or has ended; call it every few seconds.

        The values say whether a connection is linked with `flowd link`.
        """
        if self._clock.monotonic() - self._looked > _LOOK_EVERY:
            self.load()
        with self._lock:
            known = {name: one for name, one in self._known.items() if name in connections}
            waiting = [one for name, one in known.items() if name not in self._unsaved]
        for name, consent in known.items():
            self._telemetry.consent(name, consent.expires_at)
        if self._away():
            return
        now = self._clock.now()
        for consent in waiting:
            due = warning_due(consent.expires_at, now)
            if due is None or (consent.told is not None and consent.told <= due):
                continue
            try:
                first = self._store.tell(consent.connection, due)
            except (DatabaseAway, DatabaseUnusable):
                # Told when it can be noted, so that it is told once.
                return
            with self._lock:
                if self._known.get(consent.connection) == consent:
                    self._known[consent.connection] = replace(consent, told=due)
            if first:
                self._notify(_notice(consent, due, now, linked=connections[consent.connection]))

    def _save(self) -> None:
        if self._away():
            return
        with self._lock:
            unsaved = [one for name, one in self._known.items() if name in self._unsaved]
        for consent in unsaved:
            try:
                self._store.save(consent)
            except (DatabaseAway, DatabaseUnusable) as error:
                _log.debug("when the access of %s ends is noted later: %s", consent.connection, error)
                return
            with self._lock:
                if self._known.get(consent.connection) == consent:
                    self._unsaved.discard(consent.connection)


def _notice(consent: Consent, due: int, now: datetime, *, linked: bool) -> Notice:
    name = consent.connection
    end = consent.expires_at.strftime("%Y-%m-%d %H:%M UTC")
    fix = f"run `flowd link {name}`" if linked else "renew the key or the consent at the source"
    if due == 0:
        title, severity = f"{name}: the access has ended", Severity.ERROR
        body = f"It was good until {end}. To go on reading, {fix}."
    else:
        days = -(-(consent.expires_at - now) // timedelta(days=1))
        title = f"{name}: the access ends in {days} day{'' if days == 1 else 's'}"
        severity, body = Severity.WARNING, f"It is good until {end}. To go on reading after that, {fix}."
    return Notice(key=f"consent/{name}", severity=severity, at=now, title=title, body=body)
