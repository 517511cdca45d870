"""Months of readings are rolled up in pieces, and each hour and day is what it would be at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from flowd.api import Snapshot
from flowd.storage.database import Database
from flowd.storage.tenants import ensure_tenant
from tests.deriving import NOW, SPOT, Store

EXPECTED = """
SELECT count(*)::int, bool_and((d.first, d.last, d.low, d.high, d.count, d.first_at, d.last_at) =
    (e.first, e.last, e.low, e.high, e.count, e.first_at, e.last_at)) AND count(d.*) = count(e.*)
FROM (
    SELECT s.series_id, {bucket} AS bucket, (array_agg(s.quantity ORDER BY s.at))[1] AS first,
        (array_agg(s.quantity ORDER BY s.at DESC))[1] AS last, min(s.quantity) AS low, max(s.quantity) AS high,
        count(*) AS count, min(s.at) AS first_at, max(s.at) AS last_at
    FROM raw.snapshot s GROUP BY 1, 2
) e
FULL JOIN derived.{table} d ON d.series_id = e.series_id AND d.{column} = e.bucket
"""


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_pieces_add_up_to_the_whole(database: Database, zone: str) -> None:
    with database.owner():
        ensure_tenant(database, "home", base_currency="EUR", timezone=zone)
    store = Store(database)
    begin = datetime(2025, 11, 3, tzinfo=UTC)
    for number, connection in enumerate(("first", "second", "third")):
        # one every 47 minutes, over more than four pieces, each from another day on
        moments = [begin + timedelta(days=9 * number, minutes=47 * step) for step in range(4000 - 700 * number)]
        readings = [
            Snapshot(account="spot", asset="EUR", quantity=Decimal(step * 7919 % 1000), at=at)
            for step, at in enumerate(moments)
            if at < NOW
        ]
        store.write(connection, SPOT, *readings)
    store.derivation.catch_up()
    days = EXPECTED.format(bucket=f"(s.at AT TIME ZONE '{zone}')::date", table="snapshot_daily", column="day")
    hours = EXPECTED.format(bucket="date_trunc('hour', s.at, 'UTC')", table="snapshot_hourly", column="hour")
    before = store.everything()
    [(count, same)] = store.rows(days)
    assert (count > 300, same) == (True, True)
    [(count, same)] = store.rows(hours)
    assert (count > 5000, same) == (True, True)
    store.derivation.rebuild()
    assert store.everything() == before
