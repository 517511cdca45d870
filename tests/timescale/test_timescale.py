"""What only a TimescaleDB can show: hypertables, columnstore, and that tenants stay apart on them."""

from __future__ import annotations

import pytest

from flowd.storage.statements import statements
from flowd.storage.study_rows import TABLES, statement
from tests.timescale.pglite import OWNER, Pglite, Refused

HYPERTABLES = {
    ("raw", "snapshot"),
    ("raw", "rate"),
    ("derived", "snapshot_hourly"),
    ("derived", "snapshot_daily"),
    ("derived", "income_daily"),
    ("derived", "metric"),
    ("derived", "performance"),
    ("raw", "projection"),
}


def serve(server: Pglite, tenant: int) -> None:
    """Become the service for one tenant, until the end of the transaction."""
    server.script(f"SET LOCAL ROLE flowd_app; SELECT set_config('flowd.tenant', '{tenant}', true)")


def a_tenant(server: Pglite, name: str) -> int:
    found = server.query(
        "INSERT INTO ops.tenant (name, base_currency, timezone) VALUES ($1, 'EUR', 'Europe/Berlin') RETURNING id", name
    )
    return int(found.rows[0][0])


def test_readings_and_derived_series_are_hypertables(pglite: Pglite) -> None:
    found = pglite.query("SELECT hypertable_schema, hypertable_name FROM timescaledb_information.hypertables").rows
    assert set(found) == HYPERTABLES


def test_old_readings_go_to_the_columnstore_by_policy(pglite: Pglite) -> None:
    found = pglite.query(
        "SELECT hypertable_name, config ->> 'compress_after' FROM timescaledb_information.jobs"
        " WHERE proc_name = 'policy_compression'"
    ).rows
    assert dict(found) == {"snapshot": "90 days", "snapshot_hourly": "365 days", "projection": "90 days"}


def test_nothing_drops_readings_unasked(pglite: Pglite) -> None:
    found = pglite.query("SELECT * FROM timescaledb_information.jobs WHERE proc_name = 'policy_retention'").rows
    assert found == []


def test_the_files_can_be_applied_again(pglite: Pglite) -> None:
    from flowd.storage.migrate import _numbered, migrations_folder

    with pglite.login(OWNER):
        for step in _numbered(migrations_folder(), "timescaledb"):
            pglite.script(step.text)
    test_readings_and_derived_series_are_hypertables(pglite)
    test_old_readings_go_to_the_columnstore_by_policy(pglite)


@pytest.mark.parametrize(
    ("view", "columns", "row", "key", "changed"),
    [
        (
            "snapshot",
            "tenant_id, series_id, at, quantity",
            "{tenant}, 7, timestamptz '2020-01-01Z' + n * INTERVAL '1 hour', n",
            "tenant_id, series_id, at",
            "quantity",
        ),
        (
            "snapshot_hourly",
            "tenant_id, series_id, hour, first, last, low, high, mean, count, first_at, last_at",
            "{tenant}, 7, timestamptz '2020-01-01Z' + n * INTERVAL '1 hour', n, n, n, n, n, 1, now(), now()",
            "tenant_id, series_id, hour",
            "last",
        ),
    ],
)
def test_late_rows_reach_compressed_chunks(
    pglite: Pglite, view: str, columns: str, row: str, key: str, changed: str
) -> None:
    """The service repeats, corrects and adds readings of a time that is in the columnstore already."""
    schema = "raw" if view == "snapshot" else "derived"
    with pglite.undone():
        tenant = a_tenant(pglite, "columns")
        values = row.format(tenant=tenant)

        def put(since: int, until: int, extra: str) -> None:
            pglite.script(
                f"INSERT INTO app.{view} ({columns}) SELECT {values} FROM generate_series({since}, {until}) n"
                f" ON CONFLICT ({key}) DO UPDATE SET {changed} = excluded.{changed} + {extra}"
            )

        pglite.script(f"SET LOCAL SESSION AUTHORIZATION {OWNER}")
        serve(pglite, tenant)
        put(1, 500, "0")
        pglite.script("RESET ROLE; SET LOCAL SESSION AUTHORIZATION postgres")
        compressed = pglite.query(f"SELECT count(compress_chunk(c)) FROM show_chunks('{schema}.{view}') c").rows
        assert compressed[0][0] >= 1
        pglite.script(f"SET LOCAL SESSION AUTHORIZATION {OWNER}")
        serve(pglite, tenant)
        put(400, 600, "1000")
        found = pglite.query(f"SELECT count(*), max({changed}), sum({changed}) FROM app.{view}").rows
        # 1…399 as they were, 400…500 corrected, 501…600 new
        assert found == [
            (600, 1500, sum(range(1, 400)) + sum(n + 1000 for n in range(400, 501)) + sum(range(501, 601)))
        ]


def test_what_was_foretold_is_kept_by_its_statements(pglite: Pglite) -> None:
    """As on plain PostgreSQL: the difference is written, and only the word of the same day is replaced."""
    [table] = [one for one in TABLES if one.name == "raw.projection"]

    def run(name: str, day: str, tenant: int) -> None:
        text = statement(table, name).as_string(None)
        pglite.query(text.replace("%(tenant_id)s", str(tenant)).replace("%(made_on)s", f"DATE '{day}'"))

    def say(day: str, tenant: int, *sums: tuple[str, int]) -> None:
        run("work", day, tenant)
        for for_day, middle in sums:
            pglite.script(
                "INSERT INTO work_study (tenant_id, made_on, made_at, base_currency, scope, name, span, for_day, p05,"
                f" p10, p25, p50, p75, p90, p95, mean, method) SELECT {tenant}, '{day}', now(), 'EUR', 'total', '',"
                f" 'sum', '{for_day}', 1, 1, 1, {middle}, 9, 9, 9, 5, 'naive'"
            )
        for name in ("delete_gone", "upsert", "drop_work"):
            run(name, day, tenant)

    with pglite.undone():
        tenant = a_tenant(pglite, "mine")
        pglite.script(f"SET LOCAL SESSION AUTHORIZATION {OWNER}")
        serve(pglite, tenant)
        say("2026-03-19", tenant, ("2026-03-26", 4), ("2026-04-01", 7))
        say("2026-03-20", tenant, ("2026-03-26", 5), ("2026-04-01", 8))
        say("2026-03-20", tenant, ("2026-03-26", 6))
        found = pglite.query("SELECT made_on::text, for_day::text, p50::text FROM app.projection ORDER BY 1, 2").rows
    assert found == [
        ("2026-03-19", "2026-03-26", "4"),
        ("2026-03-19", "2026-04-01", "7"),
        ("2026-03-20", "2026-03-26", "6"),
    ]


def test_performance_is_kept_in_step_by_its_statements(pglite: Pglite) -> None:
    """What is the same is left alone, what changed is written, what is no longer given goes."""
    sql = statements("performance")

    def run(name: str, **fields: object) -> list[tuple[object, ...]]:
        text: str = sql[name]
        for field, value in fields.items():
            text = text.replace(f"%({field})s", str(value))
        return pglite.query(text.replace("%%", "%")).rows

    with pglite.undone():
        tenant = a_tenant(pglite, "columns")
        pglite.script(f"SET LOCAL SESSION AUTHORIZATION {OWNER}")
        serve(pglite, tenant)
        pglite.script(sql["work"])
        for days, value, expected in [
            (800, 1, [(0, 0), (800, 799)]),
            (800, 1, [(0, 0), (0, 0)]),
            (790, 2, [(10, 10), (790, 789)]),
        ]:
            pglite.script(sql["clear"])
            pglite.script(
                "INSERT INTO work_performance (scope, name, day, value, quality, reason)"
                f" SELECT 'account', 'a', date '2024-01-01' + n, {value}, 'exact', ''"
                f" FROM generate_series(0, {days - 1}) n"
            )
            asked = {"tenant": tenant, "base": "'EUR'", "today": "date '2024-01-02'", "scope": "'account'"}
            bounds = {"names": "ARRAY['a']", "since": "date '2024-01-01'", "until": "date '2030-01-01'"}
            assert [*run("delete_gone", **asked, **bounds), *run("upsert", **asked)] == expected


@pytest.mark.parametrize("view", sorted(name for _, name in HYPERTABLES))
def test_the_service_reads_and_writes_one_tenant_only(pglite: Pglite, view: str) -> None:
    with pglite.undone():
        mine, other = a_tenant(pglite, "mine"), a_tenant(pglite, "other's")
        # every hypertable at once, so that each has a row of the other tenant
        pglite.script(
            f"INSERT INTO raw.snapshot VALUES ({other}, 1, now(), 1);"
            f"INSERT INTO raw.rate VALUES ({other}, 'USD', 'EUR', 'test', now(), 1);"
            f"INSERT INTO derived.snapshot_hourly VALUES ({other}, 1, now(), 1, 1, 1, 1, 1, 1, now(), now());"
            f"INSERT INTO derived.snapshot_daily VALUES ({other}, 1, now(), 1, 1, 1, 1, 1, 1, now(), now());"
            f"INSERT INTO derived.income_daily VALUES ({other}, 's', 'EUR', now(), 1, 1, 1, 1, 'EUR', 'exact');"
            f"INSERT INTO derived.metric VALUES ({other}, 'a', 's', 'm', '30d', now(), 1, 'EUR');"
            "INSERT INTO derived.performance (tenant_id, scope, name, day, base_currency, quality)"
            f" VALUES ({other}, 'total', '', now(), 'EUR', 'exact');"
            f"INSERT INTO raw.projection VALUES ({other}, 'total', '', now(), now(), 'day', now(), 1, 1, 1, 1, 1, 1, 1,"
            " 1, 'x', 0.5, 'EUR')"
        )
        pglite.script(f"SET LOCAL SESSION AUTHORIZATION {OWNER}")
        serve(pglite, mine)
        assert pglite.query(f"SELECT count(*) FROM app.{view}").rows == [(0,)]
        assert pglite.query(f"UPDATE app.{view} SET tenant_id = {mine}").affected == 0
        assert pglite.query(f"DELETE FROM app.{view}").affected == 0
        serve(pglite, other)
        assert pglite.query(f"SELECT count(*) FROM app.{view}").rows == [(1,)]
        with pytest.raises(Refused, match="check option"):
            pglite.query(f"UPDATE app.{view} SET tenant_id = {mine}")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM raw.snapshot",
        "SELECT * FROM derived.income_daily",
        "SELECT * FROM app.income_daily",
        "SELECT * FROM derived.stream",
        "SELECT * FROM raw.event",
        "SELECT * FROM ops.login",
        "SELECT * FROM ops.tenant",
        "SELECT * FROM {chunk}",
        "SELECT * FROM pg_catalog.pg_statistic",
        "SET ROLE flowd_app",
        "SET ROLE flowd_owner",
        "UPDATE report.income SET earned = 1",
        "DELETE FROM report.income",
        "CREATE TABLE report.mine (a int)",
        "CREATE TABLE public.mine (a int)",
    ],
)
def test_a_tenants_grafana_gets_no_further_than_reports(pglite: Pglite, statement: str) -> None:
    with pglite.undone():
        tenant = a_tenant(pglite, "nosy")
        pglite.script(
            f"INSERT INTO derived.income_daily VALUES ({tenant}, 's', 'EUR', now(), 1, 1, 1, 1, 'EUR', 'exact')"
        )
        chunk = pglite.query("SELECT show_chunks('derived.income_daily')::text LIMIT 1").rows[0][0]
        pglite.script(
            "CREATE ROLE grafana_nosy LOGIN IN ROLE flowd_report;"
            f"INSERT INTO ops.login VALUES ('grafana_nosy', {tenant});"
            "SET LOCAL SESSION AUTHORIZATION grafana_nosy"
        )
        assert pglite.query("SELECT count(*) FROM report.income").rows == [(1,)]
        with pytest.raises(Refused) as refused:
            pglite.query(statement.format(chunk=chunk))
        assert refused.value.code in {"42501", "55000"}


def test_no_setting_shows_a_grafana_another_tenant(pglite: Pglite) -> None:
    with pglite.undone():
        mine, other = a_tenant(pglite, "mine"), a_tenant(pglite, "other's")
        for tenant in (mine, other):
            pglite.script(
                f"INSERT INTO derived.income_daily VALUES ({tenant}, 's', 'EUR', now(), 1, 1, 1, 1, 'EUR', 'exact')"
            )
        pglite.script(
            "CREATE ROLE grafana_mine LOGIN IN ROLE flowd_report;"
            f"INSERT INTO ops.login VALUES ('grafana_mine', {mine});"
            "SET LOCAL SESSION AUTHORIZATION grafana_mine;"
            f"SET LOCAL flowd.tenant = '{other}'"
        )
        assert pglite.query("SELECT DISTINCT tenant FROM report.income").rows == [("mine",)]
        # a predicate that fails on what it must not be given is not given it
        assert pglite.query("SELECT count(*) FROM report.income WHERE 1 / (tenant = 'mine')::int = 1").rows == [(1,)]


def test_the_statistics_of_chunks_tell_a_grafana_nothing(pglite: Pglite) -> None:
    with pglite.undone():
        tenant = a_tenant(pglite, "counted")
        pglite.script(
            "INSERT INTO derived.income_daily"
            f" SELECT {tenant}, 's' || n, 'EUR', now(), 1, 1, 1, 1, 'EUR', 'exact' FROM generate_series(1, 100) n;"
            "ANALYZE derived.income_daily;"
            "CREATE ROLE grafana_counted LOGIN IN ROLE flowd_report;"
            f"INSERT INTO ops.login VALUES ('grafana_counted', {tenant})"
        )
        seen = "SELECT count(*) FROM pg_stats WHERE attname IN ('stream', 'received', 'tenant_id')"
        assert pglite.query(seen).rows[0][0] > 0
        pglite.script("SET LOCAL SESSION AUTHORIZATION grafana_counted")
        assert pglite.query(seen).rows == [(0,)]


def test_a_tables_room_counts_its_chunks_and_what_is_compressed_is_in_the_rest(pglite: Pglite) -> None:
    def room() -> dict[str, tuple[int, int | None]]:
        found = pglite.query("SELECT what, bytes, rows FROM report.storage").rows
        return {what: (size, rows) for what, size, rows in found}

    with pglite.undone():
        tenant = a_tenant(pglite, "alone")
        pglite.script(
            "INSERT INTO raw.snapshot"
            f" SELECT {tenant}, 1, timestamptz '2020-01-01Z' + n * INTERVAL '1 hour', n"
            " FROM generate_series(1, 4000) n;"
            "ANALYZE raw.snapshot;"
            "CREATE ROLE grafana_alone LOGIN IN ROLE flowd_report;"
            f"INSERT INTO ops.login VALUES ('grafana_alone', {tenant});"
            "SET LOCAL SESSION AUTHORIZATION grafana_alone"
        )
        before = room()
        assert before["Readings"][1] == 4000
        assert before["Readings"][0] > 4000 * 50
        pglite.script("SET LOCAL SESSION AUTHORIZATION postgres")
        pglite.query("SELECT count(compress_chunk(c)) FROM show_chunks('raw.snapshot') c")
        pglite.script("SET LOCAL SESSION AUTHORIZATION grafana_alone")
        after = room()
        assert after["Readings"][0] < before["Readings"][0] / 2
        assert after["The rest"][0] > before["The rest"][0]
        for found in (before, after):
            assert found["Everything"][0] == sum(size for what, (size, _) in found.items() if what != "Everything")
