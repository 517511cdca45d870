"""Reads whole tables for an export, streamed, all of them as they were at one moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flowd.storage.connections import Session
from flowd.storage.database import Database
from flowd.storage.statements import statements

#: The tables of an export, in the order in which they are written.
TABLES: Final = (
    "accounts", "transactions", "trades", "balances", "readings", "rates", "income", "worth", "projections", "events",
)  # fmt: skip
_SILENCE: Final = 600.0
_AT_ONCE: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table's column names, and its rows as they come."""

    columns: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


class Whole:
    """One moment of one tenant's data, to be read table by table; each is read to its end before the next."""

    def __init__(self, session: Session, tenant: int, zone: str) -> None:
        self._session = session
        self._fields = {"tenant": tenant, "zone": zone}

    @contextmanager
    def table(self, name: str) -> Iterator[Rows]:
        """Yield the rows of the statement `name` of export.sql."""
        with self._session.cursor(name=f"export_{name}") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(statements("export")[name], self._fields)
            columns = [column.name for column in cursor.description or ()]
            yield Rows(columns=columns, rows=self._prolonged(cursor))

    def rows(self, name: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of the statement `name` of export.sql, without their columns' names."""
        with self.table(name) as table:
            yield from table.rows

    def _prolonged(self, cursor: Any) -> Iterator[tuple[Any, ...]]:
        for number, row in enumerate(cursor):
            if not number % _AT_ONCE:
                self._session.prolong(_SILENCE)
            yield row


@contextmanager
def one_moment(database: Database, zone: str) -> Iterator[Whole]:
    """Open everything of the database's tenant as it is now; `zone` decides which day a trade is booked on."""
    tenant = database.tenant_id
    with database.transaction(_SILENCE) as session:
        session.execute(statements("backup")["one_view"])
        yield Whole(session, tenant, zone)
