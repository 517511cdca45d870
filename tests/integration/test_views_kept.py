"""Documents for interfaces say what the report says, and their version goes up when, and only when, that changes."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from flowd.storage.database import Database
from flowd.storage.views import CHANGED, NAMES, Views
from tests.commanding import CommandHome
from tests.deriving import NOW, SPOT, Store, reading, transaction


def test_versions_go_up_when_content_changes(database: Database, database_url: str) -> None:
    store, views = Store(database), Views(database)
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANGED}".encode())
        assert list(views.refresh(NOW)) == list(NAMES)
        assert list(views.refresh(NOW + timedelta(hours=1))) == []
        store.write("wallet", SPOT, reading("2026-03-14T10:00:00", "0.5", asset="EUR"))
        store.derivation.catch_up()
        changed = views.refresh(NOW + timedelta(hours=2))
        assert {"accounts", "overview"} <= set(changed) < set(NAMES)
        told = [json.loads(word.payload) for word in listener.notifies(timeout=5, stop_after=len(NAMES) + len(changed))]
    assert [(word["name"], word["version"]) for word in told] == [
        *((name, 1) for name in NAMES),
        *((name, 2) for name in changed),
    ]
    assert {word["tenant"] for word in told} == {database.tenant_id}
    (accounts,) = views.read("accounts")
    assert (accounts.version, accounts.changed_at) == (2, NOW + timedelta(hours=2))
    assert accounts.data[0]["quantity"] == "0.5"  # a string, so that no reader makes a float of it
    assert {one.name: one.version for one in views.read()} == {name: 2 if name in changed else 1 for name in NAMES}


def test_an_empty_store_has_documents_too(database: Database) -> None:
    views = Views(database)
    views.refresh(NOW)
    found = {one.name: one.data for one in views.read()}
    assert found["overview"]["base_currency"] == "EUR"
    assert found["overview"]["daily_rate"] is None  # nothing is known: no zero
    assert found["streams"] == []


def test_each_tenant_sees_its_own(database: Database, database_url: str) -> None:
    from flowd.storage.tenants import ensure_tenant

    ensure_tenant(database, "other", base_currency="USD", timezone="UTC")
    with Database(database_url, tenant="other") as other:
        Views(database).refresh(NOW)
        assert Views(other).read() == []
        Views(other).refresh(NOW)
        assert [one.data["base_currency"] for one in Views(other).read("overview")] == ["USD"]


class Home(CommandHome):
    command = "view"

    def fill(self) -> None:
        days = [(self.today - timedelta(days=n)).isoformat() for n in range(1, 61)]
        self.store.write("bank", *[transaction(day, "10", description="Gehalt", counterparty="ACME") for day in days])


def test_the_command_prints_them(database: Database, database_url: str, tmp_path: object) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    home = Home(database, database_url, tmp_path)
    assert [row["name"] for row in home.rows()] == sorted(NAMES)
    overview = json.loads(home.run("overview", "--json"))
    assert overview["version"] == 1
    assert Decimal(overview["data"]["daily_rate"]) == 10
    assert json.loads(home.run("streams"))[0]["stream"] == "bank/salary"
    months = json.loads(home.run("months"))
    assert sum(Decimal(month["received"]) for month in months) == 600
    with pytest.raises(AssertionError, match="there is no document 'nothing'; there are: overview, streams"):
        home.run("nothing")
