"""Keeps JSON documents ready for interfaces: made of report views, with a version that goes up when content changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from flowd.domain.json import canonical, to_json
from flowd.storage.database import Database
from flowd.storage.statements import statements

#: Said when a document changed; the payload is a JSON object with tenant, name and version.
CHANGED: Final = "flowd_view"
#: The documents there are; the first is one object, the others are lists.
NAMES: Final = (
    "overview", "streams", "accounts", "months", "expected", "projections", "goals", "returns", "net_worth",
    "positions", "transfers", "gaps", "connections", "warnings",
)  # fmt: skip
_ONE: Final = frozenset({"overview"})
_DEADLINE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One document as it is kept."""

    name: str
    version: int
    data: Any
    changed_at: datetime


class Views:
    """The documents of the database's tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refresh(self, now: datetime) -> Sequence[str]:
        """Make all documents anew, keep those whose content changed, and tell who listens; return their names.

        What is written is of one moment. Raises DatabaseAway: nothing changed then.
        """
        words, changed = statements("views"), []
        with self._database.transaction(_DEADLINE) as session:
            fields: dict[str, Any] = {"tenant": self._database.tenant_id}
            session.execute(words["refreshing"], fields)
            known: dict[str, str] = dict(session.execute(words["known"], fields).fetchall())
            for name in NAMES:
                with session.cursor(row_factory=dict_row) as cursor:
                    rows = [to_json(row) for row in cursor.execute(words[name]).fetchall()]
                data = next(iter(rows), {}) if name in _ONE else rows
                digest = blake2b(canonical(data).encode(), digest_size=16).hexdigest()
                if known.get(name) == digest:
                    continue
                keep = {**fields, "name": name, "digest": digest, "data": Jsonb(data), "now": now}
                ((version,),) = session.execute(words["keep"], keep).fetchall()
                told = json.dumps({"tenant": fields["tenant"], "name": name, "version": version})
                session.execute(words["tell"], {"words": told})
                changed.append(name)
        return changed

    def read(self, name: str | None = None) -> list[View]:
        """Return the document called `name`, or all; empty where none was made yet."""
        with self._database.transaction() as session:
            rows = session.execute(statements("views")["read"], {"name": name}).fetchall()
        return [View(name=name, version=version, data=data, changed_at=at) for name, version, data, at in rows]
