"""Adds tenants, and the logins through which Grafana reads one tenant's reports and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

import psycopg
from psycopg import sql

from flowd.errors import DatabaseUnusable
from flowd.storage.database import Database
from flowd.storage.statements import statements

_LIMITS: Final = (
    ("statement_timeout", "15s"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("default_transaction_read_only", "on"),
    ("TimeZone", "UTC"),
)
_CONNECTIONS: Final = 12


class Change(Enum):
    """What happened to a tenant's row: after CHANGED everything derived in base currency or per day is out of date."""

    ADDED = "added"
    CHANGED = "changed"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A tenant as the database has it now."""

    id: int
    name: str
    base_currency: str
    timezone: str
    change: Change


def ensure_tenant(database: Database, name: str, *, base_currency: str, timezone: str) -> Tenant:
    """Add the tenant, or bring its base currency and time zone to these; safe to repeat."""
    values = {"name": name, "base_currency": base_currency, "timezone": timezone}
    with database.owner() as session:
        before = session.execute(statements("tenants")["find"], (name,)).fetchone()
        wrote = session.execute(statements("tenants")["upsert"], values).rowcount
        after = session.execute(statements("tenants")["find"], (name,)).fetchone()
    assert after is not None
    change = Change.NONE if not wrote else Change.ADDED if before is None else Change.CHANGED
    return Tenant(id=after[0], name=name, base_currency=after[1], timezone=after[2], change=change)


def grafana_role(tenant: str) -> str:
    """The login of a tenant's Grafana: `grafana_` and the tenant's name, with other signs than a-z, 0-9 made to _."""
    return f"grafana_{re.sub(r'[^a-z0-9]+', '_', tenant.lower())}"[:63]


def ensure_grafana_login(database: Database, tenant: str, password: str) -> str:
    """Make the login `grafana_<tenant>`, which reads report.* of that tenant, or renew its password; gives its name.

    It may not write, gets 15 s per statement and 12 connections. Raises DatabaseUnusable where the owner may not make
    roles, or where the login already belongs to another tenant.
    """
    role = grafana_role(tenant)
    name = sql.Identifier(role)
    try:
        with database.owner() as session:
            taken = session.execute(statements("tenants")["login_of_other"], (role, tenant)).fetchone()
            if taken is not None:
                raise DatabaseUnusable(
                    f"the login {role} belongs to the tenant {taken[0]!r} already: rename the tenant {tenant!r}"
                )
            if session.execute(statements("tenants")["role_exists"], (role,)).fetchone() is None:
                session.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
            verifier = session.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
            session.execute(
                sql.SQL("ALTER ROLE {} LOGIN INHERIT CONNECTION LIMIT {} PASSWORD {}").format(
                    name, sql.Literal(_CONNECTIONS), sql.Literal(verifier)
                )
            )
            session.execute(sql.SQL("GRANT flowd_report TO {}").format(name))
            for setting, value in _LIMITS:
                session.execute(
                    sql.SQL("ALTER ROLE {} SET {} TO {}").format(name, sql.Identifier(setting), sql.Literal(value))
                )
            session.execute(statements("tenants")["connect_login"], (role, tenant))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseUnusable(
            f"the database login may not make the role {role} ({error.diag.message_primary}): let an administrator "
            f"give it "
            f"CREATEROLE, and ADMIN OPTION on flowd_report"
        ) from error
    return role
