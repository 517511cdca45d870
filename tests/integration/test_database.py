from __future__ import annotations

from decimal import Decimal

from psycopg.types.json import Jsonb

from flowd.storage.database import Database


def test_a_transaction_is_the_service_for_its_tenant(database: Database) -> None:
    with database.transaction() as session:
        row = session.execute("SELECT current_user, ops.visible_tenants(), current_setting('TimeZone')").fetchone()
    assert row == ("flowd_app", [database.tenant_id], "UTC")


def test_amounts_come_back_as_they_went(database: Database) -> None:
    with database.transaction() as session:
        row = session.execute(
            "SELECT %s::numeric, %s::jsonb", (Decimal("0.10"), Jsonb({"amount": Decimal("1.10")}))
        ).fetchone()
    assert row is not None
    assert str(row[0]) == "0.10"
    assert row[1] == {"amount": "1.10"}
