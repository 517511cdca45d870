"""Scores on a real store: kept while they are, made anew when late receipts come, and the same after a rebuild."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.analytics.scoring.study import Scoring
from flowd.api import About, FlowClass, Projected
from flowd.engine.studying import Studies
from flowd.plugins import Registry
from flowd.storage.database import Database
from tests.deriving import Store, transaction
from tests.studying import Giving

DAY = timedelta(days=1)
TODAY = date(2026, 3, 20)
SCORE = """
    SELECT scope, name, made_on::text, horizon, p50::text, actual::text, inside_80
    FROM report.projection_score ORDER BY 1, 2, 3, 4
"""


def sums(made_on: date, *days: int, name: str = "", middle: int = 100) -> list[Projected]:
    """What somebody foretold on a day: sums over so many days."""
    share = [Decimal(middle) * part / 100 for part in (60, 70, 90, 100, 110, 130, 140)]
    return [
        Projected(
            scope=About.STREAM if name else About.TOTAL,
            name=name,
            made_on=made_on,
            span="sum",
            for_day=made_on + (length - 1) * DAY,
            **dict(zip(("p05", "p10", "p25", "p50", "p75", "p90", "p95"), share, strict=True)),
            mean=share[3],
            method="told",
            confidence=Decimal("0.5"),
        )
        for length in days
    ]


class Years:
    """A store in which ten euros come every day, and a study that foretells whatever it is told to."""

    def __init__(self, database: Database) -> None:
        self.store = Store(database)
        self.told: list[Projected] = []
        self.giving = Giving(lambda _: self.told, "raw.projection")
        records = [
            transaction(str(TODAY - age * DAY), "10", external_id=str(age), kind=FlowClass.PAYOUT)
            for age in range(100, 0, -1)
        ]
        self.store.write("bank", *records)

    def at(self, day: date, *told: Projected) -> None:
        """Let a day come on which this is said, after what was said before is scored."""
        self.store.clock.advance(day - self.today)
        self.told = list(told)
        self.run()

    @property
    def today(self) -> date:
        return self.store.clock.now().date()

    def run(self, *, rebuild: bool = False) -> None:
        self.store.derivation.catch_up()
        registry = Registry(studies={"scores": Scoring(), "giving": self.giving})
        studies = Studies(self.store.database, registry, self.store.settings, self.store.clock)
        assert [one.reason for one in studies.run(rebuild=rebuild)] == ["", ""]

    def everything(self) -> list[list[tuple[Any, ...]]]:
        tables = ("derived.projection_score", "derived.metric", "raw.projection")
        return [self.store.rows(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]


@pytest.fixture
def years(database: Database) -> Years:
    return Years(database)


def test_a_projection_is_scored_when_its_day_has_come(years: Years) -> None:
    years.at(TODAY, *sums(TODAY, 7, 30), *sums(TODAY, 7, name="bank/payout", middle=10))
    assert years.store.rows(SCORE) == []
    for age in range(5):
        years.store.write(
            "bank", transaction(str(TODAY + age * DAY), "15", external_id=f"n{age}", kind=FlowClass.PAYOUT)
        )
    years.at(TODAY + 6 * DAY)
    assert years.store.rows(SCORE) == []
    years.at(TODAY + 7 * DAY, *sums(TODAY + 7 * DAY, 7))
    assert years.store.rows(SCORE) == [
        ("stream", "bank/payout", "2026-03-20", 7, "10", "75", False),
        ("total", "", "2026-03-20", 7, "100", "75", True),
    ]
    said = years.store.rows(
        "SELECT made_on::text, horizon, p50::text, actual::text, label"
        " FROM report.projection_said ORDER BY scope, made_on, horizon"
    )
    assert said == [
        ("2026-03-20", 7, "10", "75", "bank/payout"),
        ("2026-03-20", 7, "100", "75", "Everything"),
        ("2026-03-20", 30, "100", None, "Everything"),
        ("2026-03-27", 7, "100", None, "Everything"),
    ]
    accuracy = years.store.rows(
        "SELECT month::text, scope, name, horizon, scored, coverage_80::text, within_20::text, base_currency, label"
        " FROM report.projection_accuracy ORDER BY scope"
    )
    assert accuracy == [
        ("2026-03-01", "stream", "bank/payout", 7, 1, "0", "0", "EUR", "bank/payout"),
        ("2026-03-01", "total", "", 7, 1, "1", "0", "EUR", "Everything"),
    ]


def test_late_receipts_change_the_scores_of_their_days_and_a_rebuild_ends_in_the_same(years: Years) -> None:
    for age in range(40, 0, -10):
        # what was said then is in the log, as it was said
        years.store.clock.advance(timedelta(days=-age))
        years.told = sums(years.today, 7, 30)
        years.run()
        years.store.clock.advance(timedelta(days=age))
    years.told = []
    years.run()
    before = years.everything()
    assert len(before[0]) == 6
    years.store.write("bank", transaction(str(TODAY - 5 * DAY), "1000", external_id="late", kind=FlowClass.PAYOUT))
    years.run()
    changed = years.everything()
    assert changed[0] != before[0]
    assert changed[2] == before[2]
    late = years.store.rows(
        "SELECT made_on::text, actual::text FROM derived.projection_score WHERE actual > 1000 ORDER BY 1"
    )
    assert late == [("2026-02-18", "1300"), ("2026-03-10", "1070")]
    years.run(rebuild=True)
    assert years.everything() == changed


def test_what_was_said_in_another_base_currency_is_not_scored(years: Years) -> None:
    years.at(TODAY, *sums(TODAY, 7))
    years.store.rows("UPDATE raw.projection SET base_currency = 'USD' RETURNING 1")
    years.at(TODAY + 7 * DAY)
    assert years.store.rows(SCORE) == []


def test_the_newest_word_is_shown_and_older_ones_are_kept(years: Years) -> None:
    years.at(TODAY, *sums(TODAY, 7))
    years.at(TODAY + DAY, *sums(TODAY + DAY, 7, 30, middle=200))
    assert years.store.rows("SELECT horizon, p50::text, made_on::text FROM report.projection_sum ORDER BY 1") == [
        (7, "200", "2026-03-21"),
        (30, "200", "2026-03-21"),
    ]
    assert years.store.rows("SELECT count(*) FROM raw.projection") == [(3,)]
    # said again on the same day, the last word of the day counts
    years.giving = Giving(lambda _: years.told, "raw.projection")
    years.told = sums(TODAY + DAY, 7, middle=300)
    years.run(rebuild=True)
    assert years.store.rows("SELECT horizon, p50::text FROM report.projection_sum ORDER BY 1") == [(7, "300")]
