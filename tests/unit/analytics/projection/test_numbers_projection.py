"""The worked examples of "Where it will be" in docs/numbers.md are what flowd computes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowd.analytics.projection.confidence import counted, together
from flowd.analytics.projection.ending import BELIEVED, Hazard, alive
from flowd.analytics.projection.outlook import outlook
from flowd.analytics.projection.payments import Kind
from flowd.analytics.projection.rehearsal import Said
from flowd.domain.periods import parse_period
from tests.unit.analytics.projection.made import Made

TEXT = (Path(__file__).parents[4] / "docs" / "numbers.md").read_text(encoding="utf-8")


def example(name: str) -> dict[str, Any]:
    (found,) = (
        one
        for one in (yaml.load(block, yaml.BaseLoader) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
        if one.get("example") == name
    )
    assert isinstance(found, dict)
    return found


def test_the_risk_of_ending() -> None:
    given = example("ending")
    believed = Hazard(ends=float(given["believed"]["ends"]), years=float(given["believed"]["years"]))
    assert believed == BELIEVED[Kind.REGULAR]
    hazard = believed.seen(int(given["seen"]["ends"]), float(given["seen"]["days"]))
    assert hazard.per_year == pytest.approx(float(given["per_year"]), abs=5e-5)
    overdue = given["overdue"]
    chance = alive(hazard, float(overdue["skips"]), float(overdue["period"]), float(overdue["payments"]))
    assert chance == pytest.approx(float(given["alive"]), abs=5e-5)


def test_a_schedule_and_a_wage() -> None:
    given = example("projected")
    schedule, wage = given["schedule"], given["wage"]
    today = date.fromisoformat(given["today"])
    made = Made(today=today).declared(
        "rent",
        schedule["amount"],
        schedule["every"],
        date.fromisoformat(schedule["start"]),
        date.fromisoformat(schedule["end"]),
    )
    days = parse_period(wage["every"]).due_days(date.fromisoformat(wage["since"]), today - timedelta(days=1))
    made.paid("wage", dict.fromkeys(days, float(wage["amount"])))
    said = outlook(made.history(), paths=4000, loss=False)
    for what, amount in given["gives"].items():
        span, _, last = what.partition(" ")
        if span == "month":
            found = said.total.monthly.at(0.5)[said.months.index(date.fromisoformat(last))]
        else:
            found = said.total.sums.at(0.5)[said.horizons.index(int(last.split()[1]))]
        # a wage may be a little off, even where it always was the same
        assert found == pytest.approx(float(amount), rel=0.01)


def test_confidence_is_counted() -> None:
    given = example("confidence")
    said = [
        Said(
            origin=date(2025, number, 1),
            horizon=180,
            mean=float(median),
            median=float(median),
            deviation=1.0,
            low=0.0,
            high=0.0,
            came=float(came),
        )
        for number, (median, came) in enumerate(given["projections"], 1)
    ]
    assert counted(said).value == pytest.approx(float(given["confidence"]), abs=5e-5)
    parts = given["together"]
    streams = [
        [
            Said(
                origin=date(2025, 1, 1),
                horizon=180,
                mean=float(mean),
                median=float(median),
                deviation=float(deviation),
                low=0.0,
                high=0.0,
                came=0.0,
            )
        ]
        for mean, median, deviation in (parts["wage"], parts["jobs"])
    ]
    assert together(streams)[0].median == pytest.approx(float(parts["median"]), abs=0.005)
