"""Reads what commands about the ledger show: accounts, transactions, events, and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.rows import dict_row

from flowd.domain.duplicates import Line
from flowd.storage.database import Database
from flowd.storage.reports import Row
from flowd.storage.statements import statements

#: Candidates that are compared at once; more of them say little about any.
_MOST_PAIRS: Final = 20_000


class Decisions:
    """The questions that decisions rest on, answered for the database's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accounts(self) -> list[Row]:
        """Every account known from anywhere: connection, account, name, kind, and what is there of each asset."""
        return self._rows("accounts")

    def transactions(
        self,
        *,
        text: str | None = None,
        account: tuple[str, str] | None = None,
        amount: Decimal | None = None,
        since: date | None = None,
        until: date | None = None,
        flow_class: str | None = None,
        category: str | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """The newest transactions that fit, oldest first; a split one has a row for each part."""
        connection, of = account or (None, None)
        return self._rows(
            "transactions",
            text=None if text is None else f"%{_literal(text)}%",
            connection=connection,
            account=of,
            amount=amount,
            since=since,
            until=until,
            flow_class=flow_class,
            category=category,
            limit=limit,
        )[::-1]

    def by_hand(self) -> list[Row]:
        """Money moved by hand, by day."""
        return self._rows("by_hand")

    def named(self, start: str) -> list[UUID]:
        """The transactions whose key begins with `start` (hexadecimal digits), at most twenty."""
        return self._subjects("subjects", start)

    def whole(self, subject: UUID) -> Row:
        """A transaction as its source states it: day, connection, account, amount, asset and texts."""
        return self._rows("whole", subject=subject)[0]

    def rows_of(self, subject: UUID) -> list[Row]:
        """A transaction as it is taken: one row, or one for each of its parts."""
        return self._rows("rows_of", subject=subject)

    def about(self, subject: UUID) -> list[Row]:
        """The decisions in force that are about a transaction, or state it, in the order they were made."""
        return self._rows("about", subject=subject)

    def decisions(self) -> list[Row]:
        """All decisions in force, in the order they were made."""
        return self._rows("decisions")

    def problem(self, subject: UUID) -> str:
        """Why a decision does not apply; empty where it does."""
        return next((str(row["problem"]) for row in self._rows("problem", subject=subject)), "")

    def events(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the word for it
        since: datetime | None = None,
        before: datetime | None = None,
        about: str | None = None,
        account: tuple[str, str] | None = None,
        subject: str | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> list[Row]:
        """The newest events that fit, oldest first; `subject` is how their key begins, `about` a text they have."""
        first, last = bounds(subject) if subject else (None, None)
        connection, of = account or (None, None)
        found = self._rows(
            "events",
            type=type,
            since=since,
            before=before,
            about=None if about is None else f"%{_literal(about)}%",
            connection=connection,
            account=of,
            first=first,
            last=last,
            after=after,
            limit=limit,
        )
        return found[::-1]

    def event_subjects(self, start: str) -> list[UUID]:
        """The keys of events that begin with `start` (hexadecimal digits), at most twenty."""
        return self._subjects("event_subjects", start)

    def versions(self, subject: UUID) -> list[Row]:
        """Everything that was said of one subject, first to last."""
        return self._rows("versions", subject=subject)

    def alike(self, places: Sequence[tuple[str, str, int]], since: date) -> list[tuple[Line, Line]]:
        """Pairs of equal amounts in accounts of one place, at most three days apart, written at different times."""
        fields = {
            "connections": [connection for connection, _, _ in places],
            "accounts": [account for _, account, _ in places],
            "places": [place for _, _, place in places],
            "tenant": self._database.tenant_id,
            "since": since,
            "limit": _MOST_PAIRS,
        }
        with self._database.transaction() as session:
            session.execute(statements("decisions")["lay_out"], fields)
            session.execute("ANALYZE work_alike")
            rows = session.execute(statements("decisions")["alike"], fields).fetchall()
        return [(_line(row[:10]), _line(row[10:])) for row in rows]

    def _subjects(self, statement: str, start: str) -> list[UUID]:
        first, last = bounds(start)
        found = []
        for row in self._rows(statement, first=first, last=last):
            subject = row["subject"]
            assert isinstance(subject, UUID)
            found.append(subject)
        return found

    def _rows(self, statement: str, /, **values: object) -> list[Row]:
        fields = {"tenant": self._database.tenant_id, **values}
        with self._database.transaction() as session, session.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statements("decisions")[statement], fields).fetchall()


def bounds(start: str) -> tuple[UUID, UUID]:
    """Return the first and the last key that begin with `start`; ValueError where that is no beginning of a key."""
    digits = start.replace("-", "").lower()
    if not 1 <= len(digits) <= 32 or set(digits) - set("0123456789abcdef"):
        raise ValueError(f"{start!r} is no id: ids are made of the digits 0 to 9 and a to f")
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def _line(row: tuple[Any, ...]) -> Line:
    subject, connection, account, day, amount, asset, counterparty, description, has_id, by_hand = row
    return Line(
        subject=subject,
        connection=connection,
        account=account,
        day=day,
        amount=amount,
        asset=asset,
        counterparty=counterparty,
        description=description,
        has_id=has_id,
        by_hand=by_hand,
    )


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
