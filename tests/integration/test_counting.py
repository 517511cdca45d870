"""After a large import the server plans by the rows there are, and not by those it counted before."""

from __future__ import annotations

import time

from flowd.storage.database import Database
from tests.deriving import Store, transaction


def test_a_large_import_is_counted_before_it_is_derived(database: Database) -> None:
    store = Store(database)
    counted = "SELECT reltuples::int FROM pg_class WHERE oid = 'derived.transaction'::regclass"
    store.write("bank", transaction("2026-03-01", "5"))
    store.derivation.catch_up()
    assert store.rows(counted)[0][0] < 10_000
    many = [transaction("2026-03-02", "5", description=f"n{n}", external_id=f"n{n}") for n in range(12_000)]
    store.write("bank", *many)
    told = "SELECT n_mod_since_analyze FROM pg_stat_user_tables WHERE relid = 'derived.transaction'::regclass"
    until = time.monotonic() + 30
    # a session tells what it wrote at most once a second
    while store.rows(told)[0][0] < 12_000:
        assert time.monotonic() < until
        store.write("bank", transaction("2026-03-03", "5"))
        time.sleep(0.1)
    store.derivation.catch_up()
    assert store.rows(counted)[0][0] >= 12_000
    assert len(store.rows("SELECT 1 FROM derived.flow")) >= 12_000
