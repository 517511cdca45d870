"""Returns are those that other programs and textbooks publish, on files kept beside the project."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowd.analytics.returns.dietz import Timing, modified_dietz, weights
from flowd.analytics.returns.risk import deepest, volatility
from flowd.analytics.returns.twr import chain
from flowd.analytics.returns.xirr import xirr, xirr_batch, xnpv

DATA = Path(__file__).parents[3] / "shared" / "data" / "returns"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published returns are not on this machine")


def read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def flows(name: str) -> tuple[np.ndarray, np.ndarray]:
    with (DATA / "pyxirr" / name).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    return (
        np.array([date.fromisoformat(day.strip()).toordinal() for day, _ in rows]),
        np.array([float(amount) for _, amount in rows]),
    )


def test_every_file_of_pyxirr() -> None:
    cases = read("pyxirr/expected.json")["xirr"]
    assert len(cases) >= 30
    for name, case in cases.items():
        found = xirr(*flows(name))
        if case["expected"] is None:
            assert found.rate is None, name
            assert found.why.words
            continue
        assert found.rate is not None, name
        fitting = [case["expected"], *([case["other_root"]] if "other_root" in case else [])]
        assert min(abs(found.rate - rate) for rate in fitting) < 1e-6, name
        # what is told of several rates is told of all of them
        for rate in fitting:
            assert min(abs(told - rate) for told in (found.rate, *found.others)) < 1e-6, name


def test_all_files_of_pyxirr_at_once() -> None:
    cases = read("pyxirr/expected.json")["xirr"]
    loaded = [flows(name) for name in cases]
    offsets = np.concatenate(([0], np.cumsum([len(days) for days, _ in loaded])))
    rates, _ = xirr_batch(
        np.concatenate([days for days, _ in loaded]), np.concatenate([amounts for _, amounts in loaded]), offsets
    )
    expected = np.array([np.nan if case["expected"] is None else case["expected"] for case in cases.values()])
    assert np.allclose(rates, expected, rtol=0, atol=1e-6, equal_nan=True)


def test_net_present_values_of_pyxirr() -> None:
    checked = 0
    for name, expected in read("pyxirr/expected.json")["xnpv_rate_0.1"].items():
        if (DATA / "pyxirr" / name).exists():
            assert xnpv(0.1, *flows(name)) == pytest.approx(expected, abs=1e-6)
            checked += 1
    assert checked


def test_the_day_count_of_mathworks() -> None:
    case = read("pyxirr/expected.json")["xirr_day_count"]
    days = np.array([date.fromisoformat(day).toordinal() for day in case["dates"]])
    assert xirr(days, case["amounts"]).rate == pytest.approx(case["expected"]["act/365F"], abs=1e-9)


def test_irr_of_portfolio_performance() -> None:
    for case in read("portfolio_performance_vectors.json")["irr"]:
        days = np.array([date.fromisoformat(day).toordinal() for day, _ in case["flows"]])
        found = xirr(days, [amount for _, amount in case["flows"]])
        assert found.rate == pytest.approx(case["expected"], abs=case["tol"]), case["name"]


def test_ttwror_of_portfolio_performance() -> None:
    for case in read("portfolio_performance_vectors.json")["ttwror"]:
        first = date.fromisoformat(case["events"][0][0])
        count = len(case["daily"])
        flow, gain = np.zeros(count), np.zeros(count)
        for day, kind, amount in case["events"]:
            at = (date.fromisoformat(day) - first).days
            if kind in ("deposit", "withdraw"):
                flow[at] += amount if kind == "deposit" else -amount
            else:
                gain[at] += amount if kind == "interest" else -amount
        found = chain(np.cumsum(flow + gain), flow, Timing.BY_SIGN)
        assert found.returns[1:] == pytest.approx(case["daily"][1:], abs=case["tol"])
        assert found.index() - 1 == pytest.approx(case["accumulated"], abs=case["tol"])


def test_risk_of_portfolio_performance() -> None:
    spread, fall = read("portfolio_performance_vectors.json")["risk"]
    logs = np.log1p(spread["returns"])
    assert volatility(logs) * len(logs) ** 0.5 == pytest.approx(spread["standard_deviation"], abs=1e-9)
    found = deepest(1 + np.array(fall["accumulated"]))
    assert found is not None
    assert -found.depth == pytest.approx(fall["max_drawdown"])


def test_modified_dietz() -> None:
    exam, linked, article = read("dietz_vectors.json")["cases"]
    begin, end = (date.fromisoformat(exam[side]) for side in ("begin", "end"))
    day = np.array([float((date.fromisoformat(day) - begin).days) for day, _ in exam["flows"]])
    money = np.array([float(amount) for _, amount in exam["flows"]])
    share = weights(day, (end - begin).days, money, Timing.END)
    found = modified_dietz(
        np.array([exam["begin_value"]]),
        np.array([exam["end_value"]]),
        np.array([money.sum()]),
        np.array([money @ share]),
    )
    assert found[0] == pytest.approx(exam["expected_exact"], abs=1e-12)

    assert np.prod(1 + np.array(linked["monthly"])) - 1 == pytest.approx(linked["expected_quarter"], abs=linked["tol"])

    flow = np.array([float(amount) for _, amount in article["flows"]])
    share = 1 - np.array([year for year, _ in article["flows"]]) / article["years"]
    found = modified_dietz(
        np.array([article["begin_value"]]),
        np.array([article["end_value"]]),
        np.array([flow.sum()]),
        np.array([flow @ share]),
    )
    assert found[0] == pytest.approx(article["expected_modified_dietz"])
    rate = xirr(np.array([0, 365, 730]), [-article["begin_value"], -flow[0], article["end_value"]])
    assert rate.rate == pytest.approx(article["expected_irr_annual"])
    assert rate.period == pytest.approx(article["expected_irr_holding"])


def test_the_same_as_a_gap_over_days() -> None:
    # the exam's month as a portfolio valued at its ends only: flows at the end of the day
    exam = read("dietz_vectors.json")["cases"][0]
    begin, end = (date.fromisoformat(exam[side]) for side in ("begin", "end"))
    count = (end - begin) // timedelta(days=1) + 1
    value, flow = np.full(count, np.nan), np.zeros(count)
    value[0], value[-1] = exam["begin_value"], exam["end_value"]
    for day, amount in exam["flows"]:
        flow[(date.fromisoformat(day) - begin).days] = amount
    assert chain(value, flow, Timing.END).total == pytest.approx(exam["expected_exact"], abs=1e-12)
