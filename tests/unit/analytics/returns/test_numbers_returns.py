"""The worked examples of returns in docs/numbers.md are what flowd computes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from flowd.analytics.returns.risk import DAYS_A_YEAR, FEWEST, deepest, drawdowns, sharpe, sortino, volatility
from flowd.analytics.returns.study import ReturnsConfig
from flowd.analytics.returns.twr import chain
from flowd.analytics.returns.windows import Track, windows
from flowd.analytics.returns.xirr import xirr

TEXT = (Path(__file__).parents[4] / "docs" / "numbers.md").read_text(encoding="utf-8")
BLOCKS: list[dict[str, Any]] = [
    yaml.load(block, yaml.BaseLoader) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
]


def example(name: str) -> dict[str, Any]:
    (found,) = [block for block in BLOCKS if block.get("example") == name]
    return found


def near(text: str) -> Any:
    """The number as it is printed: to its last digit."""
    places = len(text.partition(".")[2])
    return pytest.approx(float(text), abs=0.5001 * 10**-places)


def by_day(numbers: dict[str, str]) -> dict[date, float]:
    return {date.fromisoformat(day): float(number) for day, number in numbers.items()}


def test_time_weighted() -> None:
    told = example("twr")
    values, flows = by_day(told["values"]), by_day(told["flows"])
    first, count = min(values), (max(values) - min(values)).days + 1
    value, flow = np.full(count, np.nan), np.zeros(count)
    for day, number in values.items():
        value[(day - first).days] = number
    for day, number in flows.items():
        flow[(day - first).days] = number
    found = chain(value, flow)
    for day, said in told["gives"].items():
        assert found.returns[(date.fromisoformat(day) - first).days] == near(said)
    assert found.total == near(told["twr"])


def test_money_weighted() -> None:
    told = example("xirr")
    flows = by_day(told["flows"])
    assert xirr(np.array([day.toordinal() for day in flows]), list(flows.values())).rate == near(told["xirr"])


def test_gain() -> None:
    told = example("gain")
    count = int(told["days"])
    flow = np.zeros(count + 1)
    for day, number in told["flows"].items():
        flow[int(day)] = float(number)
    value = float(told["opening"]) + np.cumsum(flow)
    value[-1] = float(told["closing"])
    first = date(2026, 1, 1)
    track = Track(first=first, value=value, flow=flow, qualities=["exact"] * len(value))
    (found,) = windows(track, track.day(count), names=["30d"])
    assert found.pnl == near(told["pnl"])
    assert found.pnl_pct == near(told["pnl_pct"])
    assert found.pnl is not None
    assert found.pnl_pct is not None
    assert found.pnl / found.pnl_pct == near(told["base"])


def test_drawdown() -> None:
    told = example("drawdown")
    index = np.array([float(level) for level in told["index"]])
    found = deepest(index)
    assert found is not None
    assert found.depth == near(told["max_drawdown"])
    assert [found.peak, found.trough, found.recovered] == [int(told[name]) for name in ("peak", "trough", "recovered")]
    assert drawdowns(index)[-1] == near(told["drawdown"])


def test_risk() -> None:
    told = example("risk")
    returns = np.concatenate([np.full(int(days), float(gained)) for gained, days in told["returns"].items()])
    assert len(returns) == FEWEST
    assert volatility(returns) * DAYS_A_YEAR**0.5 == near(told["volatility"])
    assert sharpe(returns) == near(told["sharpe"])
    assert sortino(returns) == near(told["sortino"])
    (set_as,) = [block["analytics"]["returns"]["config"] for block in BLOCKS if "returns" in block.get("analytics", {})]
    assert sharpe(returns, float(ReturnsConfig(**set_as).risk_free)) == near(told["sharpe_at_two_per_cent"])
