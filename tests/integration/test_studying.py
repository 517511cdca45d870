"""Studies are made when they are due, what they give is kept as a difference, and one that fails harms no other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import FlowClass, History, Metric, Quality
from flowd.domain.results import IncomeDay
from flowd.engine.studying import Outcome
from flowd.storage.database import Database
from flowd.storage.tenants import ensure_tenant
from tests.deriving import transaction
from tests.studying import Desk, Giving, metric, model, outlook, projected, window

TODAY = date(2026, 3, 20)


def test_rows_are_kept_and_nothing_is_done_twice(database: Database) -> None:
    study = Giving(lambda _: [window(), window("bank", None, quality=Quality.PARTIAL, reason="why"), metric()])
    desk = Desk(database, study)
    [done] = desk.run()
    assert (done.outcome, done.rows, done.changed) == (Outcome.DONE, 3, 3)
    assert desk.store.rows("SELECT scope, name, pnl::text, quality, reason, base_currency FROM derived.return_window"
                           " ORDER BY scope") == [
        ("connection", "bank", None, "partial", "why", "EUR"), ("total", "", "1.5", "exact", "", "EUR")]  # fmt: skip
    assert desk.store.rows("SELECT analytic, subject, value::text FROM derived.metric") == [("giving", "total", "1")]
    assert desk.store.rows("SELECT study, as_of FROM derived.study") == [("giving", TODAY - timedelta(days=1))]
    assert desk.outcomes() == {"giving": "unchanged"}
    assert study.asked == 1


def test_it_is_due_again_on_another_day_with_other_facts_and_with_other_settings(database: Database) -> None:
    study = Giving(lambda _: [])
    desk = Desk(database, study)
    desk.run()
    assert desk.studies.due() == []
    desk.store.clock.advance(timedelta(days=1))
    desk.store.derivation.catch_up()
    assert desk.outcomes() == {"giving": "done"}
    desk.store.write("bank", transaction("2026-03-10", "5", kind=FlowClass.PAYOUT))
    assert desk.outcomes() == {"giving": "done"}
    # what comes on a day that is not over changes no whole day
    desk.store.write("bank", transaction("2026-03-21", "5", kind=FlowClass.PAYOUT))
    assert desk.outcomes() == {"giving": "unchanged"}
    desk.store.write("bank", transaction("2026-03-10", "-5", kind=FlowClass.EXPENSE))
    assert desk.outcomes() == {"giving": "done"}
    desk.store.set(analytics={"giving": {"config": {"number": 2}}})
    desk.use(study)
    assert desk.outcomes() == {"giving": "done"}
    assert desk.outcomes() == {"giving": "unchanged"}
    desk.store.set(analytics={"giving": {"config": {"number": 2}}}, streams={"bank/payout": {"tax": "30%"}})
    desk.use(study)
    assert desk.outcomes() == {"giving": "done"}


def test_what_is_no_longer_given_is_deleted_and_what_is_the_same_is_left_alone(database: Database) -> None:
    rows: list[Any] = [window(), window("bank"), metric("1", "a"), metric("2", "b")]
    desk = Desk(database, Giving(lambda _: rows))
    desk.run()
    versions = dict(desk.store.rows("SELECT name, xmin::text FROM derived.return_window"))
    rows[:] = [window(pnl="1.5000"), metric("3", "b")]
    desk.store.clock.advance(timedelta(days=1))
    [done] = desk.run()
    assert done.changed == 3
    assert desk.store.rows("SELECT name, xmin::text FROM derived.return_window") == [("", versions[""])]
    assert desk.store.rows("SELECT name, value::text FROM derived.metric") == [("b", "3")]


def test_what_was_foretold_is_replaced_on_its_own_day_only(database: Database) -> None:
    said: list[Any] = [projected(TODAY, date(2026, 3, 26)), projected(TODAY, date(2026, 4, 1))]
    desk = Desk(database, Giving(lambda _: said, "raw.projection", "derived.projection_model", "derived.goal"))
    said += [model(), outlook(probability=Decimal("0.50"))]
    desk.run()
    assert desk.store.rows("SELECT probability::text, amount::text, kind FROM derived.goal") == [
        ("0.5", "5000", "saved")
    ]
    assert desk.store.rows("SELECT parts, fit FROM derived.projection_model") == [({"a": 0.5}, {"b": [1, 2]})]
    said[:] = [projected(TODAY, date(2026, 3, 26), "5")]
    desk.store.write("bank", transaction("2026-03-10", "5", kind=FlowClass.PAYOUT))
    desk.run()
    assert desk.store.rows("SELECT for_day, p50::text FROM raw.projection") == [(date(2026, 3, 26), "5")]
    assert desk.store.rows("SELECT count(*) FROM derived.goal") == [(0,)]
    desk.store.clock.advance(timedelta(days=1))
    said[:] = [projected(TODAY + timedelta(days=1), date(2026, 3, 27), "6")]
    desk.run()
    assert desk.store.rows("SELECT made_on, p50::text FROM raw.projection ORDER BY 1") == [
        (TODAY, "5"), (TODAY + timedelta(days=1), "6")]  # fmt: skip
    desk.run(rebuild=True)
    assert len(desk.table("raw.projection")) == 2


def test_a_rebuild_gives_the_same_rows(database: Database) -> None:
    def given(history: History) -> Iterator[Any]:
        for info in history.streams:
            total = history.income[info.stream].received.values.sum()
            yield window(info.connection, str(total), reason=history.digests[info.stream])
            yield metric(str(total), info.connection)

    desk = Desk(database, Giving(given))
    desk.store.write("bank", transaction("2026-03-10", "5.25", kind=FlowClass.PAYOUT, asset="EUR"))
    desk.store.write("shop", transaction("2026-03-11", "7", kind=FlowClass.PAYOUT, asset="EUR"))
    desk.run()
    tables = ("derived.return_window", "derived.metric", "derived.study", "derived.income_daily")
    before = {table: desk.table(table) for table in tables}
    assert len(before["derived.return_window"]) == 2
    desk.store.derivation.rebuild()
    # until they are made anew, their rows stay as they were
    assert desk.table("derived.metric") == before["derived.metric"]
    assert desk.studies.due() == ["giving"]
    desk.run(rebuild=True)
    assert {table: desk.table(table) for table in tables} == before


class _Slow:
    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def __call__(self, _: History) -> list[Any]:
        while time.monotonic() < self._until:
            try:
                time.sleep(0.01)
            except Exception:
                continue
        return []


def _endless() -> Iterator[Metric]:
    yield metric()
    raise RuntimeError("half way")


BAD: dict[str, tuple[Any, str]] = {
    "raises": (lambda _: 1 // 0, "ZeroDivisionError"),
    "half": (lambda _: _endless(), "RuntimeError: half way (integration/test_studying.py:"),
    "twice": (lambda _: [metric(), metric()], "gives two Metric (total, number, 30d, 2026-03-19 12:00:00+00:00)"),
    "infinite": (lambda _: [metric("Infinity")], "value must be finite"),
    "huge": (lambda _: [metric("1e31")], "value is absurdly large"),
    "float": (lambda _: [window(days=1, pnl=None, twr=0.1)], "twr is a float: give a Decimal"),
    "other": (lambda _: [outlook()], "gives a GoalOutlook and does not name derived.goal in `writes`"),
    "strange": (lambda _: [IncomeDay], "gives a type, which is no row that a study may give"),
    "nul": (lambda _: [window("a\0b")], "name has a NUL in it"),
    "naive": (
        lambda _: [Metric(subject="a", name="b", window="c", at=datetime(2026, 3, 1), value=None, unit="")],
        "at has no time zone",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_lesson_4_a_study_that_fails_leaves_its_rows_and_delays_no_other(database: Database, name: str) -> None:
    given, says = BAD[name]
    rows: list[Any] = [metric("7")]
    bad = Giving(lambda history: rows or given(history), "derived.metric", "derived.return_window", name="bad")
    good = Giving(lambda _: [metric("8")], name="good")
    desk = Desk(database, bad, good)
    desk.run()
    rows.clear()
    desk.store.clock.advance(timedelta(days=1))
    first, second = desk.run()
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.DONE)
    assert says in first.reason
    assert desk.store.rows("SELECT analytic, value::text FROM derived.metric ORDER BY 1") == [
        ("bad", "7"),
        ("good", "8"),
    ]
    # it is tried again, and when it is well its rows are replaced
    rows.append(metric("9"))
    assert desk.outcomes() == {"bad": "done", "good": "unchanged"}


def test_a_study_that_takes_too_long_is_ended(database: Database) -> None:
    desk = Desk(database)
    desk.use(Giving(_Slow(20), name="slow"), Giving(lambda _: [metric()], name="quick"), limit=0.1)
    begun = time.monotonic()
    slow, quick = desk.run()
    assert time.monotonic() - begun < 15
    assert (slow.outcome, slow.reason) == (Outcome.FAILED, "it took longer than 0.1 s and was ended")
    assert quick.outcome is Outcome.DONE


def test_a_table_belongs_to_one_study_and_unknown_ones_are_refused(database: Database) -> None:
    desk = Desk(
        database,
        Giving(lambda _: [window()], "derived.return_window", name="first"),
        Giving(lambda _: [], "derived.return_window", name="second"),
        Giving(lambda _: [], "derived.income_daily", name="third"),
    )
    first, second, third = desk.run()
    assert first.outcome is Outcome.DONE
    assert second.reason == "writes to derived.return_window, which belongs to the study first"
    assert third.reason.startswith("writes to derived.income_daily; studies may write to derived.expected, ")


def test_settings_that_do_not_fit_are_named_with_their_place_and_only_that_study_waits(database: Database) -> None:
    settings = {"bad": {"config": {"numbr": 3}}}
    desk = Desk(database, Giving(lambda _: [], name="bad"), Giving(lambda _: [], name="good"), analytics=settings)
    desk.use(Giving(lambda _: [], name="bad"), Giving(lambda _: [], name="good"))
    found = {one.study: one for one in desk.run()}
    assert found["bad"].outcome is Outcome.FAILED
    assert "analytics.bad.config.numbr" in found["bad"].reason
    assert "number" in found["bad"].reason
    assert found["good"].outcome is Outcome.DONE


def test_one_that_is_switched_off_loses_its_rows(database: Database) -> None:
    study = Giving(lambda _: [window(), metric()])
    desk = Desk(database, study)
    desk.run()
    desk.store.set(analytics={"giving": {"enabled": False}})
    desk.use(study)
    assert desk.run() == []
    assert [desk.table(f"derived.{name}") for name in ("return_window", "metric", "study")] == [[], [], []]


def test_only_the_named_ones_are_made(database: Database) -> None:
    desk = Desk(database, Giving(lambda _: [], name="one"), Giving(lambda _: [], name="two"))
    assert desk.outcomes(names=["two"]) == {"two": "done"}
    assert desk.studies.due() == ["one"]


class _WithMethods(Giving):
    def with_methods(self, methods: Any) -> Giving:
        return Giving(lambda _: [metric(str(len(methods)))], *self.writes)


class _Method:
    name = "flat"

    def forecast(self, values: Any, season: int, horizon: int) -> Any:
        return values[-1:].repeat(horizon)


def test_a_study_that_foretells_is_given_the_methods(database: Database) -> None:
    desk = Desk(database, _WithMethods(lambda _: []))
    desk.registry.methods["flat"] = _Method()
    desk.run()
    assert desk.store.rows("SELECT value::text FROM derived.metric") == [("1",)]


def test_a_tenant_sees_and_changes_its_own_rows_only(database: Database) -> None:
    with database.owner():
        ensure_tenant(database, "other", base_currency="USD", timezone="UTC")
    rows: list[Any] = [window(), metric(), model(), outlook(), projected(TODAY, date(2026, 3, 26))]
    writes = ["derived.return_window", "derived.metric", "derived.projection_model", "derived.goal", "raw.projection"]
    with Database(database.dsn, tenant="other") as second:
        here, there = Desk(database, Giving(lambda _: rows, *writes)), Desk(second, Giving(lambda _: rows, *writes))
        assert [here.outcomes(), there.outcomes()] == [{"giving": "done"}] * 2
        assert there.store.rows("SELECT count(*) FROM raw.projection") == [(2,)]
        there.use(Giving(lambda _: [], *writes))
        there.studies.run(rebuild=True)
        with second.transaction() as session:
            for table in ("return_window", "projection_model", "goal", "study"):
                found = session.execute(f"SELECT count(*) FROM derived.{table}".encode()).fetchone()
                assert found == ((1,) if table == "study" else (0,)), table
        with database.transaction() as session:
            for view in ("derived.return_window", "derived.goal", "app.metric", "app.projection"):
                assert session.execute(f"SELECT count(*) FROM {view}".encode()).fetchone() == (1,), view
