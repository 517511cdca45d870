"""Hears what the database says: raw rows arrived, a command asks for something; comes back after an outage."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from flowd.errors import AlreadyRunning, DatabaseAway
from flowd.storage.connections import Session, close_quietly
from flowd.storage.database import Database
from flowd.storage.deadline import Deadlines

log = logging.getLogger(__name__)

#: Said by the writer when raw rows were committed; the payload is the tenant's number.
RAW: Final = "flowd_raw"
#: Said by a command to the running daemon; the payload is a JSON object with the tenant's number.
ASK: Final = "flowd_ask"
_DAEMON_LOCK: Final = 73_101


@dataclass(frozen=True, slots=True)
class Word:
    """One notification: the channel it came on and what was said."""

    channel: str
    payload: str


class Listener:
    """A connection of its own that waits for notifications; while it is open, no second daemon serves the tenant.

    After the connection was lost it comes back by itself; `wait` then returns one empty word, because something may
    have been said meanwhile.
    """

    def __init__(self, database: Database, channels: Sequence[str] = (RAW, ASK), *, patience: float = 5.0) -> None:
        self._database = database
        self._channels = channels
        self._patience = patience
        self._deadlines = Deadlines()
        self._session: Session | None = None
        self._next_try = 0.0

    def open(self) -> None:
        """Connect now; AlreadyRunning where another daemon serves this tenant, DatabaseAway without an answer."""
        try:
            session = Session.connect_within(self._database.dsn, self._patience, self._deadlines, self._prepare)
        except psycopg.Error as problem:
            raise DatabaseAway(f"the database cannot be listened to: {problem}") from problem
        self._session = session

    def close(self) -> None:
        """Stop listening and let another daemon serve the tenant."""
        session, self._session = self._session, None
        if session is not None:
            close_quietly(session)
        self._deadlines.close()

    def wait(self, seconds: float, stop: threading.Event) -> list[Word]:
        """Return what was said, waiting for it up to `seconds`; nothing when nothing was said or `stop` was set."""
        if self._session is None:
            if time.monotonic() < self._next_try or not self._reopen():
                stop.wait(min(seconds, 1.0))
                return []
            return [Word("", "")]
        until = time.monotonic() + seconds
        try:
            while not stop.is_set() and (left := until - time.monotonic()) > 0:
                # In steps of a second, so that a stop is noticed; one notification at a time keeps none back.
                found = self._session.notifies(timeout=min(left, 1.0), stop_after=1)
                words = [Word(note.channel, note.payload) for note in found]
                if words:
                    return words
        except psycopg.Error:
            log.debug("the connection that listens was lost")
            self._drop()
        return []

    def _reopen(self) -> bool:
        try:
            self.open()
        except (DatabaseAway, AlreadyRunning) as problem:
            log.debug("not listening: %s", problem)
            self._next_try = time.monotonic() + 2.0
            return False
        return True

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            close_quietly(session)

    def _prepare(self, session: Session) -> None:
        tenant = self._database.tenant_id
        row = session.execute("SELECT pg_try_advisory_lock(%s, %s)", (_DAEMON_LOCK, tenant)).fetchone()
        if row is None or not row[0]:
            raise AlreadyRunning(
                f"another flowd serves the tenant {self._database.tenant!r} on this database: stop that one first, or "
                "give this one another tenant.name"
            )
        for channel in self._channels:
            session.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))


def daemon_runs(database: Database) -> bool:
    """Whether a daemon serves the tenant now: it holds the tenant's lock as long as it is connected."""
    with database.transaction() as session:
        row = session.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (_DAEMON_LOCK, database.tenant_id)).fetchone()
    return row is not None and not row[0]


def ask(database: Database, **words: object) -> None:
    """Ask the running daemon for something, such as `ask(database, sync=["inbox"])`."""
    with database.transaction() as session:
        session.execute("SELECT pg_notify(%s, %s)", (ASK, json.dumps({"tenant": database.tenant_id, **words})))


def read_ask(word: Word, tenant_id: int) -> dict[str, object]:
    """Return what a word on `ASK` asks of this tenant's daemon; empty when it asks another or makes no sense."""
    with contextlib.suppress(ValueError):
        wish = json.loads(word.payload)
        if isinstance(wish, dict) and wish.get("tenant") == tenant_id:
            return wish
    return {}
