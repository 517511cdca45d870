"""Until when sources answer without somebody logging in again, as it is stored, and what was told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowd.storage.database import Database
from flowd.storage.statements import statements


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """When a connection's access ends, and the last warning given: so many days before, None before the first."""

    connection: str
    expires_at: datetime
    told: int | None = None


class ConsentStore:
    """The consents of one tenant; DatabaseAway while the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = statements("tokens")

    def load(self) -> list[Consent]:
        """Return all that is known."""
        with self._database.transaction() as session:
            rows = session.execute(self._sql["consents"], {"tenant": self._database.tenant_id}).fetchall()
        return [Consent(connection=name, expires_at=at, told=told) for name, at, told in rows]

    def save(self, consent: Consent) -> None:
        """Note a consent."""
        fields = {"connection": consent.connection, "expires_at": consent.expires_at, "told": consent.told}
        with self._database.transaction() as session:
            session.execute(self._sql["save_consent"], {"tenant": self._database.tenant_id, **fields})

    def tell(self, connection: str, days: int) -> bool:
        """Note that the warning `days` before the end is given; False if it was given before."""
        fields = {"tenant": self._database.tenant_id, "connection": connection, "told": days}
        with self._database.transaction() as session:
            return session.execute(self._sql["tell_consent"], fields).rowcount == 1

    def remove(self, connection: str) -> None:
        """Forget a connection's consent."""
        fields = {"tenant": self._database.tenant_id, "connection": connection}
        with self._database.transaction() as session:
            session.execute(self._sql["remove_consent"], fields)
