"""The report schema is a promise: documented column by column, guarded, and readable by those who need it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flowd.storage.database import Database

DOCUMENT = Path(__file__).parents[2] / "docs" / "report.md"

COLUMNS = """
SELECT c.relname, a.attname, col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'report'::regnamespace ORDER BY c.relname, a.attnum
"""
VIEWS = """
SELECT c.relname, obj_description(c.oid), coalesce('security_barrier=true' = ANY (c.reloptions), false), c.relkind::text
FROM pg_class c WHERE c.relnamespace = 'report'::regnamespace ORDER BY 1
"""
FUNCTIONS = """
SELECT p.proname, obj_description(p.oid), p.prosecdef,
    has_function_privilege('public', p.oid, 'EXECUTE'), has_function_privilege('flowd_report', p.oid, 'EXECUTE')
FROM pg_proc p WHERE p.pronamespace = 'report'::regnamespace ORDER BY 1
"""


def rows(database: Database, words: str) -> list[tuple[Any, ...]]:
    with database.owner() as connection:
        return connection.execute(words.encode()).fetchall()


def documented() -> dict[str, list[tuple[str, str]]]:
    """What the document says: its views, and their columns with their meaning."""
    parts = re.split(r"^## report\.(\w+)$", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    row = re.compile(r"^\| `(\w+)` \| (.*) \|$", re.MULTILINE)
    return {
        name: [(column, text.replace("\\|", "|")) for column, text in row.findall(body.split("\n## ")[0])]
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_the_document_lists_every_column_in_order_and_in_the_words_of_the_catalogue(database: Database) -> None:
    there: dict[str, list[tuple[str, str]]] = {}
    for view, column, comment in rows(database, COLUMNS):
        there.setdefault(view, []).append((column, comment))
    said = documented()
    assert sorted(said) == sorted(there)
    for view, columns in there.items():
        assert said[view] == columns, f"docs/report.md, report.{view}"


def test_every_view_is_described_and_a_barrier(database: Database) -> None:
    found = rows(database, VIEWS)
    assert len(found) >= 10
    for name, comment, barrier, kind in found:
        assert kind == "v", name
        assert comment, name
        assert comment in DOCUMENT.read_text(encoding="utf-8"), name
        assert barrier, f"report.{name} is no security_barrier view"


def test_every_function_is_documented_and_widens_nobodys_rights(database: Database) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, comment, definer, public, report in rows(database, FUNCTIONS):
        assert f"`report.{name}(" in text
        assert comment, name
        assert not definer, f"report.{name} runs with its owner's rights"
        assert not public, f"anybody may call report.{name}"
        assert report, f"Grafana may not call report.{name}"


def test_every_view_filters_by_itself(database_url: str) -> None:
    """A superuser passes row-level security; a view must not rely on it."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        definitions: dict[str, str] = dict(
            connection.execute(b"SELECT viewname, definition FROM pg_views WHERE schemaname = 'report'")
        )
    for name, definition in definitions.items():
        if re.search(r"\b(raw|derived|ops)\.(?!visible_tenants)", definition):
            assert "visible_tenants" in definition, f"report.{name}"


@pytest.mark.parametrize("role", ["flowd_app", "flowd_report", "flowd_admin"])
def test_those_who_read_reports_may(database: Database, role: str) -> None:
    words = f"""
        SELECT relname FROM pg_class
        WHERE relnamespace = 'report'::regnamespace AND NOT has_table_privilege('{role}', oid, 'SELECT')
    """
    assert rows(database, words) == []


def test_the_service_sees_its_tenant(database: Database) -> None:
    with database.transaction() as connection:
        found = connection.execute(b"SELECT tenant, base_currency, timezone FROM report.tenant").fetchall()
    assert found == [("home", "EUR", "Europe/Berlin")]
