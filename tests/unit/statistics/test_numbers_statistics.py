"""The worked examples of docs/numbers.md on statistics are what flowd computes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from flowd.analytics.rounding import decimal
from flowd.analytics.statistics.coming import coming
from flowd.analytics.statistics.concentration import concentration
from flowd.analytics.statistics.crossover import crossover, runway
from flowd.analytics.statistics.describe import describe, variation
from flowd.analytics.statistics.mann_kendall import mann_kendall
from flowd.analytics.statistics.months import floor_of
from flowd.analytics.statistics.tax import received_sum, reserve
from flowd.analytics.statistics.trend import MONTHS, trend
from flowd.api import Series
from flowd.config.values import parse_share

TEXT = (Path(__file__).parents[3] / "docs" / "numbers.md").read_text(encoding="utf-8")


def example(name: str) -> dict[str, Any]:
    for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL):
        found: dict[str, Any] = yaml.load(block, yaml.BaseLoader)
        if found.get("example") == name:
            return found
    raise AssertionError(f"docs/numbers.md has no example {name}")


def numbers(values: list[str]) -> NDArray[np.float64]:
    return np.array([float("nan") if value == "null" else float(value) for value in values])


def same(said: dict[str, str], **found: object) -> None:
    """Everything said is found: numbers to eight places, other things as they are written."""
    assert set(said) == set(found)
    for name, value in found.items():
        if isinstance(value, float | int):
            assert decimal(float(value)) == Decimal(said[name]), name
        else:
            assert str(value) == said[name], name


def test_statistics() -> None:
    told = example("statistics")
    of = describe(numbers(told["days"]))
    same(told["gives"], **{name: getattr(of, name) for name in told["gives"]})


def test_trend() -> None:
    told = example("trend")
    means = numbers(told["stretches"])
    test = mann_kendall(means)
    assert test is not None
    found = trend(np.repeat(means, int(told["step"])), MONTHS, "EUR")
    same(
        told["gives"],
        slope=found.slope,
        slope_pct=found.slope_pct,
        s=test.s,
        variance=test.variance,
        correction=test.correction,
        p=found.p,
        trend=found.direction.value,
    )
    times = np.arange(len(means)) * float(told["step"])
    least_squares = float(np.polyfit(times, means, 1)[0])
    assert f"{least_squares:.2f} a day" in TEXT


def test_pauses() -> None:
    told = example("pauses")
    days = np.zeros(sum(map(int, told["pauses"])) + 1)
    days[np.cumsum([0, *map(int, told["pauses"])])] = 1
    found = coming(Series(first=date(2026, 1, 1), values=days), date(2026, 1, 1) + timedelta(days=len(days) - 1))
    same(told["gives"], usual=found.usual, longest=found.longest, patience=found.patience)


def test_concentration() -> None:
    told = example("concentration")
    found = concentration({name: float(amount) for name, amount in told["earned"].items()})
    same(
        told["gives"],
        hhi=found.hhi,
        effective=found.effective,
        largest=found.largest,
        share=found.largest_share,
    )


def test_floor() -> None:
    told = example("floor")
    months = numbers(told["months"])
    same(told["gives"], floor=floor_of(months).amount, volatility=variation(months))


def test_tax() -> None:
    told = example("tax")
    until = date.fromisoformat(told["until"])
    days = np.zeros(until.timetuple().tm_yday)
    for day, amount in told["received"].items():
        days[date.fromisoformat(day).timetuple().tm_yday - 1] = float(amount)
    series, rate = Series(first=date(2026, 1, 1), values=days), float(parse_share(told["tax"]))
    starts = {"1mo": until.replace(day=1), "ytd": date(2026, 1, 1)}
    same(told["gives"], **{name: reserve(received_sum(series, since, until), rate) for name, since in starts.items()})


def test_crossover() -> None:
    told = example("crossover")
    found = crossover(numbers(told["passive"]), numbers(told["expenses"]), date.fromisoformat(told["last"]))
    same(told["gives"], passive=found.passive, expenses=found.expenses, covered=found.covered, month=found.month)


def test_runway() -> None:
    told = example("runway")
    cash, expenses, floor = (float(told[name]) for name in ("cash", "expenses", "floor"))
    same(told["gives"], runway=runway(cash, expenses, floor).months, bare=runway(cash, expenses, None).months)


@pytest.mark.parametrize("word", ["growing", "flat", "declining", "unknown", "stable", "volatile", "stalled", "stale"])
def test_every_label_is_explained(word: str) -> None:
    assert re.search(rf"(\| |\*|, ){word}", TEXT.split("## Trend")[1].split("## What hangs")[0], re.IGNORECASE)
