"""Has the server count tables that grew much since it last did: it plans by what it counted, and it counts late."""

from __future__ import annotations

from psycopg import sql

from flowd.storage.connections import Session
from flowd.storage.statements import statements


def count_anew(session: Session) -> None:
    """Bring the server's statistics up to date within the transaction of `session`, where they are far off.

    After a large import nobody has counted the new rows yet, and a plan made for few of them took minutes. Counting
    reads a sample only. It is the login that may do so, which owns the tables.
    """
    words = statements("derived")
    tables = session.execute(words["uncounted"]).fetchall()
    if not tables:
        return
    session.execute(words["as_owner"])
    for schema, table in tables:
        session.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))
    session.execute(words["as_service"])
