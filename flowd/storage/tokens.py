"""The table of sealed tokens: one row per connection, changed by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Final

import psycopg

from flowd.errors import RetryLater
from flowd.storage.aside import Sealed
from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.sealing import Keyring
from flowd.storage.statements import statements

#: How long one process waits for another that renews the same tokens.
PATIENCE: Final = 10.0


class TokenStore:
    """The sealed tokens of one tenant; DatabaseAway while the database does not answer."""

    def __init__(self, database: Database, *, deadline: float = 5.0, patience: float = PATIENCE) -> None:
        self._database = database
        self._deadline = deadline
        self._patience = patience
        self._sql = statements("tokens")

    @property
    def tenant(self) -> str:
        """The name of the tenant whose tokens these are."""
        assert self._database.tenant is not None
        return self._database.tenant

    def load(self, connection: str) -> Sealed | None:
        """Return what is stored of a connection; None if it was never linked."""
        with self._database.transaction(self._deadline) as session:
            return self._load(session, "load", connection)

    def linked(self) -> list[str]:
        """Return the connections of which tokens are stored."""
        with self._database.transaction(self._deadline) as session:
            return [name for (name,) in session.execute(self._sql["linked"], {"tenant": self._tenant}).fetchall()]

    @contextmanager
    def change(self, connection: str, *, seconds: float = 0.0) -> Iterator[Change]:
        """Hold a connection's tokens for `seconds` and a little more: nobody else changes them; commits at the end.

        RetryLater if another process holds them for longer than this one waits.
        """
        with self._database.transaction(self._deadline, statement=self._deadline + self._patience) as session:
            self._lock(session, connection, seconds)
            now = self._load(session, "load_to_change", connection)
            # Only now: a server that is silent is to be found out soon, not after all the time the tokens are held.
            session.prolong(self._deadline + seconds)
            yield Change(session, now, self._tenant, self._deadline)

    def seal_anew(self, ring: Keyring) -> list[str]:
        """Seal all tokens with the newest key, all or none of them; return the connections. KeyTrouble changes none."""
        done = []
        with self._database.transaction(60.0 + self._patience) as session:
            rows = session.execute(self._sql["linked"], {"tenant": self._tenant}).fetchall()
            for (connection,) in rows:
                self._lock(session, connection, 0.0)
            session.prolong(60.0)
            for connection, _, key, sealed in session.execute(
                self._sql["load_all_to_change"], {"tenant": self._tenant}
            ).fetchall():
                tokens = ring.open(self.tenant, connection, bytes(sealed), key)
                fields = {"ciphertext": ring.seal(self.tenant, connection, tokens), "key_id": ring.current}
                session.execute(self._sql["seal_anew"], {"tenant": self._tenant, "connection": connection, **fields})
                done.append(connection)
        return done

    @property
    def _tenant(self) -> int:
        return self._database.tenant_id

    def _load(self, session: Session, name: str, connection: str) -> Sealed | None:
        row = session.execute(self._sql[name], {"tenant": self._tenant, "connection": connection}).fetchone()
        if row is None:
            return None
        return Sealed(connection=connection, version=row[0], key_id=row[1], ciphertext=bytes(row[2]))

    def _lock(self, session: Session, connection: str, seconds: float) -> None:
        # A number of its own for each tenant's connection; two that share one by chance only wait for each other.
        text = f"flowd token {self._tenant}/{connection}".encode()
        number = int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)
        idle = round((seconds + self._deadline + 60) * 1000)
        session.execute(self._sql["impatient"], {"lock": f"{round(self._patience * 1000)}", "idle": f"{idle}"})
        session.prolong(self._deadline + self._patience)
        try:
            session.execute(self._sql["lock"], {"number": number})
            session.prolong(self._deadline)
        except psycopg.errors.LockNotAvailable:
            raise RetryLater(f"another flowd has been renewing the tokens of {connection} for a while") from None


class Change:
    """One connection's tokens while nobody else may change them; `now` is what is stored."""

    def __init__(self, session: Session, now: Sealed | None, tenant: int, deadline: float) -> None:
        self._session = session
        self._tenant = tenant
        self._deadline = deadline
        self.now = now

    def hurry(self) -> None:
        """Wait no longer for the database than for any other write: what was held long enough is to be stored now."""
        self._session.prolong(self._deadline)

    def save(self, sealed: Sealed) -> None:
        """Store `sealed`, unless what is stored is newer."""
        fields = {
            "connection": sealed.connection,
            "ciphertext": sealed.ciphertext,
            "key_id": sealed.key_id,
            "version": sealed.version,
        }
        self._session.execute(statements("tokens")["save"], {"tenant": self._tenant, **fields})
        if self.now is None or self.now.version < sealed.version:
            self.now = sealed

    def remove(self, connection: str) -> None:
        """Remove the tokens."""
        self._session.execute(statements("tokens")["remove"], {"tenant": self._tenant, "connection": connection})
        self.now = None
