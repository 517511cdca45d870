"""Where batches wait, on disk and in order, while the database is away."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from flowd.domain.json import canonical
from flowd.errors import BatchRefused, RetryLater, SpoolDamaged
from flowd.storage.statements import statements

_log = logging.getLogger(__name__)
LARGEST: Final = 1 << 30


class SpoolFull(RetryLater):
    """The spool has no room (its limit, or the disk's): nothing was dropped, the source is read again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One batch that waits, or the end of a run (without frames): in the order in which they came."""

    id: int
    connection: str
    feed: str
    tick: datetime
    run: Mapping[str, Any]
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What a drain did: entries written, entries the database refused, and whether the spool is empty now."""

    written: int = 0
    refused: int = 0
    empty: bool = True


class Spool:
    """A queue of batches in one SQLite file, each entry durable when `put` returns.

    A file that cannot be read is set aside under another name, said in the log, and a new one is begun. `limit` is in
    bytes of frames. Safe to use from several threads.
    """

    def __init__(self, path: Path, *, limit: int = LARGEST, now: Callable[[], datetime]) -> None:
        self._path = path
        #: How many bytes of frames it may hold.
        self.limit = limit
        self._now = now
        self._lock = threading.RLock()
        self._draining = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._depth = 0
        self._bytes = 0
        self.damaged: Path | None = None

    # --- life --------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the file, or begin it; a damaged one is set aside."""
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connect()
            except sqlite3.DatabaseError as error:
                if _is_place(error):
                    raise SpoolFull(f"the spool {self._path} cannot be opened: {error}: check the folder") from error
                self._set_aside(error)
                self._connect()

    def close(self) -> None:
        """Close the file; what waits in it waits on."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None

    # --- in ----------------------------------------------------------------------------------------------------------

    def put(
        self, connection: str, feed: str, tick: datetime, frames: Iterable[bytes], run: Mapping[str, Any] | None = None
    ) -> int:
        """Keep a batch (its packed frames) or, without frames, the end of a run; return its number.

        Raises SpoolFull when there is no room, whatever `frames` raises, and keeps nothing in either case.
        """
        with self._lock:
            try:
                return self._put(connection, feed, tick, frames, run or {})
            except sqlite3.DatabaseError as error:
                if _is_place(error):
                    raise SpoolFull(f"the spool {self._path} cannot be written: {error}: free space there") from error
                self._set_aside(error)
                self._connect()
                raise SpoolFull("the spool was damaged and has been begun anew: the source is read again") from error

    def _put(self, connection: str, feed: str, tick: datetime, frames: Iterable[bytes], run: Mapping[str, Any]) -> int:
        sql = statements("spool")
        size = count = 0
        with self._transaction() as db:
            when = (tick.isoformat(), self._now().isoformat())
            added = db.execute(sql["add_entry"], (connection, feed, *when, canonical(run)))
            number = int(added.lastrowid or 0)
            for frame in frames:
                size += len(frame)
                if self._bytes + size > self.limit:
                    raise SpoolFull(
                        f"the spool {self._path} has reached its limit of {self.limit >> 20} MiB: bring the database "
                        f"back; nothing was dropped, sources are read again"
                    )
                db.execute(sql["add_frame"], (number, count, frame, crc32(frame)))
                count += 1
            db.execute(sql["complete_entry"], {"entry": number, "frames": count, "bytes": size})
        self._depth += 1
        self._bytes += size
        return number

    # --- out ---------------------------------------------------------------------------------------------------------

    def drain(self, write: Callable[[Entry, Iterator[bytes]], None]) -> Drained:
        """Hand every entry to `write`, oldest first, and forget it once it is written.

        What `write` refuses (BatchRefused) is set apart in the file, never dropped. Any other error ends the drain and
        goes to the caller: the entry stays first in the queue. SpoolDamaged when the file cannot be read any more.
        """
        try:
            return self._drain(write)
        except sqlite3.DatabaseError as error:
            if _is_place(error):
                raise SpoolFull(f"the spool {self._path} cannot be read or written: {error}") from error
            with self._lock:
                self._set_aside(error)
                self._connect()
            raise SpoolDamaged(f"the spool was damaged and is set aside as {self.damaged}: {error}") from error

    def _drain(self, write: Callable[[Entry, Iterator[bytes]], None]) -> Drained:
        written = refused = 0
        with self._draining:
            while (entry := self._first()) is not None:
                try:
                    write(entry, self._frames(entry.id))
                except BatchRefused as error:
                    refused += 1
                    _log.error(
                        "the database refused a spooled batch of %s/%s (%s): kept apart in %s, table refused",
                        entry.connection,
                        entry.feed,
                        error,
                        self._path,
                    )
                    self._forget(entry, refusal=str(error))
                else:
                    written += 1
                    self._forget(entry)
        return Drained(written=written, refused=refused, empty=True)

    def last_cursors(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Return the newest cursor that waits here, by connection and feed: it is newer than the database's."""
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for entry in self.entries():
            if (cursor := entry.run.get("cursor")) is not None:
                found[entry.connection, entry.feed] = cursor
        return found

    def entries(self) -> list[Entry]:
        """Return what waits, oldest first, without the frames."""
        with self._lock:
            return [_entry(row) for row in self._open().execute(statements("spool")["entries"])]

    # --- how it is ---------------------------------------------------------------------------------------------------

    def depth(self) -> int:
        """Return how many entries wait."""
        return self._depth

    def size(self) -> int:
        """Return how many bytes of frames wait."""
        return self._bytes

    def refused(self) -> int:
        """Return how many entries the database refused and are kept apart."""
        with self._lock:
            row = self._open().execute(statements("spool")["count_refused"]).fetchone()
            return int(row[0])

    # --- inside ------------------------------------------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            raise SpoolFull(f"the spool {self._path} is closed")
        return self._db

    def _connect(self) -> None:
        sql = statements("spool")
        db = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            # Durable when put() returns, also through a power cut.
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA auto_vacuum = INCREMENTAL")
            db.execute("PRAGMA foreign_keys = ON")
            db.executescript(sql["begin"])
            check = db.execute("PRAGMA quick_check(1)").fetchone()
            if check is None or check[0] != "ok":
                raise sqlite3.DatabaseError(f"the check found: {check[0] if check else 'nothing'}")
            depth, size = db.execute(sql["measure"]).fetchone()
        except BaseException:
            db.close()
            raise
        self._db, self._depth, self._bytes = db, int(depth), int(size)

    def _set_aside(self, error: Exception) -> None:
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
            self._db = None
        stamp = self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
        aside = self._path.with_name(f"{self._path.name}.damaged-{stamp}")
        for suffix in ("", "-wal", "-shm"):
            part = self._path.with_name(self._path.name + suffix)
            if part.exists():
                part.rename(aside.with_name(aside.name + suffix))
        self.damaged = aside
        _log.error("the spool %s cannot be read (%s): set aside as %s, a new one is begun", self._path, error, aside)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
            raise

    def _first(self) -> Entry | None:
        with self._lock:
            row = self._open().execute(statements("spool")["first_entry"]).fetchone()
            return None if row is None else _entry(row)

    def _frames(self, entry: int) -> Iterator[bytes]:
        number = 0
        while True:
            # One at a time, the lock free in between: new batches may come in while old ones are written.
            with self._lock:
                row = self._open().execute(statements("spool")["frame"], (entry, number)).fetchone()
            if row is None:
                return
            data, checksum = row
            # SQLite notices damage to its own structure, not to what is kept in it.
            if crc32(data) != checksum:
                raise BatchRefused("it was damaged on disk")
            yield data
            number += 1

    def _forget(self, entry: Entry, refusal: str | None = None) -> None:
        sql = statements("spool")
        with self._lock, self._transaction() as db:
            size = int(db.execute(sql["entry_bytes"], (entry.id,)).fetchone()[0])
            if refusal is None:
                db.execute(sql["drop_frames"], (entry.id,))
                db.execute(sql["drop_entry"], (entry.id,))
            else:
                db.execute(sql["refuse_entry"], {"entry": entry.id, "reason": refusal, "at": self._now().isoformat()})
            self._depth -= 1
            self._bytes -= size
        if self._depth == 0:
            with self._lock, suppress(sqlite3.Error):
                self._open().execute("PRAGMA incremental_vacuum")


def _entry(row: tuple[Any, ...]) -> Entry:
    number, connection, feed, tick, run, frames = row
    return Entry(
        id=number,
        connection=connection,
        feed=feed,
        tick=datetime.fromisoformat(tick),
        run=json.loads(run),
        frames=frames,
    )


def _is_place(error: sqlite3.Error) -> bool:
    """Say whether it is the place (disk, rights, lock) that is wrong, not the file's content."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return primary in {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PERM,
    }


def waiting_in(path: Path) -> int | None:
    """Return how many entries wait in the spool file `path`, which another process may be using; None if unreadable."""
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as db:
            return int(db.execute(statements("spool")["measure"]).fetchone()[0])
    except sqlite3.Error:
        return None
