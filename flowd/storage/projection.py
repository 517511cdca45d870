"""Keeps the readable tables (transactions, balances, accounts, …) in step with the event log they are made of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, LiteralString

import psycopg

from flowd.storage.statements import statements

#: The event types that have a table; others are only logged.
PROJECTED: Final = ("transaction", "trade", "balance", "account", "schedule", "decision")


def projecting(types: Collection[str], *, distinct: bool) -> list[LiteralString]:
    """Return the parts of a WITH that project the newest of the events `added`, which are of `types`.

    `distinct` says that no subject comes twice among them. Nothing where none of the types has
    a table. The parts belong to the very statement that adds the events.
    """
    sql = statements("projection")
    wanted = [sql[name] for name in PROJECTED if name in types]
    if not wanted:
        return []
    said = [sql["said_added"]] if "account" in types else []
    return [sql["newest_distinct" if distinct else "newest_added"], *said, *wanted]


def project_all(connection: psycopg.Connection[tuple[object, ...]], tenant: int) -> None:
    """Make the tenant's readable tables anew from its whole event log, in the transaction of `connection`.

    Ends in the same rows as the batches did when they were written; after a change of the tenant's time zone, in the
    rows for that zone.
    """
    sql = statements("projection")
    for name in PROJECTED:
        connection.execute(sql[f"clear_{name}"], {"tenant": tenant})
    for name in PROJECTED:
        # one type at a time: the statement streams from the log's key and holds nothing
        said = [sql["said_all"]] if name == "account" else []
        parts = ",\n".join([sql["newest_all"], *said, sql[name]])
        connection.execute(f"WITH {parts}\nSELECT 1".encode(), {"tenant": tenant})
