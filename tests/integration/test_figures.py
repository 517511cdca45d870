"""What alerts watch of the derived numbers: read from the reports as it stands there, and stated to Prometheus."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flowd.edges.figures import state_figures
from flowd.engine.telemetry import Telemetry
from flowd.storage.database import Database
from flowd.storage.reports import Reports
from tests import rows

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = datetime.now(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
LINE = re.compile(r"^(flowd_\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def stated(database: Database, telemetry: Telemetry) -> dict[str, dict[str, float]]:
    """Every metric as it is shown: by name, then by its labels."""
    state_figures(Reports(database), telemetry)
    found: dict[str, dict[str, float]] = {}
    for name, labels, value in LINE.findall(telemetry.text().decode()):
        found.setdefault(name, {})[labels] = float(value)
    return found


def run(database: Database, *statements: str) -> None:
    with database.transaction(role="owner") as session:
        session.execute("SELECT set_config('flowd.tenant', %s, true)", (str(database.tenant_id),))
        for statement in statements:
            session.execute(statement.encode())


@pytest.fixture
def filled(database: Database) -> Database:
    """Six streams over a hundred days, with returns, a goal, projections and a receipt that is late."""
    with database.transaction(deadline=60) as connection:
        words = rows.income(database.tenant_id, "home", streams=6, days=100, today=TODAY.date())
        connection.execute(words.encode())
    return database


def test_the_figures_are_those_of_the_reports(filled: Database) -> None:
    shown = stated(filled, Telemetry())
    rates = {str(row["stream"]): row for row in Reports(filled).rates()}
    for metric, column in (("flowd_daily_rate", "rate"), ("flowd_daily_rate_before", "rate_before")):
        known = {name: row[column] for name, row in rates.items() if row[column] is not None}
        assert known
        assert shown[metric] == {
            f'currency="EUR",stream="{name}"': pytest.approx(float(str(rate))) for name, rate in known.items()
        }
    drawdowns = {'name="",scope="total"': 0.125, 'name="c2",scope="connection"': 0.125}
    assert shown["flowd_drawdown_ratio"].items() >= drawdowns.items()
    assert shown["flowd_goal_probability"].items() >= {'goal="house",kind="saved"': 0.75}.items()
    # 30 days of `total` come to 150 in the median: five a day
    assert shown["flowd_projected_daily_rate"] == {
        'currency="EUR",quantile="0.1"': 3.125,
        'currency="EUR",quantile="0.5"': 5,
        'currency="EUR",quantile="0.9"': 7.5,
    }
    late = 'state="late",stream="s1"'
    assert shown["flowd_expected_receipts"][late] == 1
    assert shown["flowd_expected_newest_timestamp_seconds"][late] == (TODAY - timedelta(days=10)).timestamp()
    assert shown["flowd_rate_disagreement_ratio"] == {'base="BTC",quote="EUR"': 0.125}


def test_what_is_not_known_is_left_out_and_what_is_gone_is_no_longer_said(filled: Database) -> None:
    telemetry = Telemetry()
    before = stated(filled, telemetry)
    assert before.keys() >= {"flowd_drawdown_ratio", "flowd_goal_probability", "flowd_projected_daily_rate"}
    run(
        filled,
        "UPDATE derived.return_window SET quality = 'stale' WHERE scope = 'total'",
        """UPDATE derived.return_window SET drawdown = NULL WHERE "window" = '90d' """,
        "UPDATE derived.return_window SET drawdown = -0.5 WHERE \"window\" = 'total'",
        "UPDATE derived.goal SET probability = NULL",
        "DELETE FROM derived.expected",
        "DELETE FROM derived.projection_score",
        "TRUNCATE raw.projection",
    )
    after = stated(filled, telemetry)
    # younger than 90 days: as far below its highest point as it is known
    assert after["flowd_drawdown_ratio"] == {'name="c2",scope="connection"': 0.5}
    gone = {"flowd_goal_probability", "flowd_expected_receipts", "flowd_expected_newest_timestamp_seconds"}
    assert after.keys() & (gone | {"flowd_projected_daily_rate"}) == set()


def test_an_empty_database_states_nothing_and_fails_at_nothing(database: Database) -> None:
    shown = stated(database, Telemetry())
    assert shown.keys() & {"flowd_daily_rate", "flowd_drawdown_ratio", "flowd_goal_probability"} == set()
    assert shown["flowd_missing_rates"] == {"": 0}
