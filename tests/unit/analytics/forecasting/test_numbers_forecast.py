"""The worked examples of docs/numbers.md on foretelling are what flowd computes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from flowd.analytics.forecasting.choosing import choose, score
from flowd.analytics.forecasting.foretelling import forecast
from flowd.analytics.forecasting.intermittent import SPARSE as SPARSE_FROM
from flowd.analytics.forecasting.method import LEVELS, Backtest
from flowd.analytics.forecasting.methods import DENSE
from flowd.analytics.forecasting.rolling import ORIGINS

TEXT = (Path(__file__).parents[4] / "docs" / "numbers.md").read_text(encoding="utf-8")
SECTION = TEXT.split("## How a series is foretold\n")[1].split("\n## ")[0]
EXAMPLES: dict[str, dict[str, Any]] = {
    example["example"]: example
    for example in (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL))
}


def test_weights_of_methods() -> None:
    example = EXAMPLES["method weights"]
    errors = {name: np.array(rows, dtype=np.float64) for name, rows in example["errors"].items()}
    assert {name: score(rows) for name, rows in errors.items()} == pytest.approx(example["scores"])
    found = choose(Backtest(origins=(4, 5), errors=errors, scale=1.0, failed={}))
    assert found.weights == pytest.approx(example["gives"], abs=5e-5)


def test_a_forecast() -> None:
    example = EXAMPLES["foretold"]
    found = forecast(np.array(example["values"], dtype=np.float64), 1, 3, nonnegative=True)
    assert found.method == example["method"]
    assert f"most of all {example['most']} (" in found.reason
    gives = example["gives"]
    assert found.points == pytest.approx(gives["point"], abs=0.006)
    for name in ("p10", "p50", "p90"):
        row = found.quantiles[LEVELS.index(int(name[1:]) / 100)]
        assert row == pytest.approx(gives[name], abs=0.006)


def test_every_method_and_limit_is_named_as_it_is() -> None:
    for method in DENSE:
        assert f"`{method.name}`" in SECTION
    assert f"up to {ORIGINS} moments" in SECTION
    assert 0.75 < 1 / SPARSE_FROM < 0.76  # "fewer than three of four"
