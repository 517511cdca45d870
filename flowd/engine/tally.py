"""Counts what a round of derivation changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowd.storage.connections import Session


@dataclass(slots=True)
class Tally:
    """Rows that changed, and those among them of other days than today: whole histories are others then."""

    rows: int = 0
    whole: int = 0

    def run(self, session: Session, statement: str, fields: Mapping[str, object]) -> int:
        """Run a statement that tells both counts, add them, and return the first."""
        row = session.execute(statement, fields).fetchone()
        assert row is not None
        self.rows += row[0]
        self.whole += row[1]
        return int(row[0])
