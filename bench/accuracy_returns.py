"""Are returns what other programs and textbooks publish?

Prints a table of every published case beside the project (../shared/data/returns): how many, how many right, the
largest error, and what is allowed. Files of pyxirr count as right within 1e-6, and where no rate exists only if none
is given.

    python -m bench.accuracy_returns

Cost, realised gains and percentages on the average investment (Portfolio Performance's cost cases, Ghostfolio's) are a
matter of the ledger of positions and not of returns: they are not in this table.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from flowd.analytics.returns.arrays import Days, Floats
from flowd.analytics.returns.dietz import Timing, modified_dietz, weights
from flowd.analytics.returns.risk import deepest, downside, volatility
from flowd.analytics.returns.twr import chain
from flowd.analytics.returns.xirr import xirr, xirr_batch, xnpv

DATA = Path(__file__).parents[2] / "shared" / "data" / "returns"


class Case(NamedTuple):
    """One published number: None where none exists; `found` is nearest to one of those that fit."""

    expected: float | None
    found: float | None
    allowed: float

    @property
    def error(self) -> float:
        """How far it is off; infinite where there is one that should not be, or none that should."""
        if self.expected is None or self.found is None:
            return 0.0 if self.expected is self.found else math.inf
        return abs(self.expected - self.found)


def read(name: str) -> Any:
    """Return a JSON file of the published cases."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def flows(name: str) -> tuple[Days, Floats]:
    """Return the days and amounts of a file of pyxirr."""
    with (DATA / "pyxirr" / name).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    days = np.array([date.fromisoformat(day.strip()).toordinal() for day, _ in rows])
    return days, np.array([float(amount) for _, amount in rows])


def pyxirr_files(*, none: bool) -> Iterator[Case]:
    """Yield the files with a rate, or those where none exists; where several rates fit, the one published is meant."""
    for name, case in read("pyxirr/expected.json")["xirr"].items():
        if (case["expected"] is None) != none:
            continue
        found = xirr(*flows(name)).rate
        fitting = [case["expected"], case.get("other_root", case["expected"])]
        if found is not None and not none:
            fitting.sort(key=lambda rate, found=found: abs(rate - found))  # type: ignore[misc]
        yield Case(fitting[0], found, 1e-6)


def pyxirr_at_once() -> Iterator[Case]:
    """Yield all files in one batch."""
    cases = read("pyxirr/expected.json")["xirr"]
    loaded = [flows(name) for name in cases]
    offsets = np.concatenate(([0], np.cumsum([len(days) for days, _ in loaded])))
    days, amounts = (np.concatenate(column) for column in zip(*loaded, strict=True))
    rates, _ = xirr_batch(days, amounts, offsets)
    for case, rate in zip(cases.values(), rates.tolist(), strict=True):
        yield Case(case["expected"], None if math.isnan(rate) else rate, 1e-6)


def present_values() -> Iterator[Case]:
    """Yield pyxirr's net present values, of the files that are there."""
    for name, expected in read("pyxirr/expected.json")["xnpv_rate_0.1"].items():
        if (DATA / "pyxirr" / name).exists():
            yield Case(expected, xnpv(0.1, *flows(name)), 1e-6)


def mathworks() -> Iterator[Case]:
    """Yield MathWorks' example by act/365."""
    case = read("pyxirr/expected.json")["xirr_day_count"]
    days = np.array([date.fromisoformat(day).toordinal() for day in case["dates"]])
    yield Case(case["expected"]["act/365F"], xirr(days, case["amounts"]).rate, 1e-9)


def portfolio_irr() -> Iterator[Case]:
    """Yield Portfolio Performance's internal rates of return."""
    for case in read("portfolio_performance_vectors.json")["irr"]:
        days = np.array([date.fromisoformat(day).toordinal() for day, _ in case["flows"]])
        yield Case(case["expected"], xirr(days, [amount for _, amount in case["flows"]]).rate, case["tol"])


def portfolio_ttwror() -> Iterator[Case]:
    """Yield Portfolio Performance's true time-weighted returns, day by day and accumulated."""
    for case in read("portfolio_performance_vectors.json")["ttwror"]:
        first = date.fromisoformat(case["events"][0][0])
        flow, gain = np.zeros(len(case["daily"])), np.zeros(len(case["daily"]))
        for day, kind, amount in case["events"]:
            into = flow if kind in ("deposit", "withdraw") else gain
            into[(date.fromisoformat(day) - first).days] += amount if kind in ("deposit", "interest") else -amount
        found = chain(np.cumsum(flow + gain), flow, Timing.BY_SIGN)
        for expected, value in zip(case["daily"][1:], found.returns[1:].tolist(), strict=True):
            yield Case(expected, value, case["tol"])
        for expected, value in zip(case["accumulated"], (found.index() - 1).tolist(), strict=True):
            yield Case(expected, value, case["tol"])


def portfolio_risk() -> Iterator[Case]:
    """Yield its volatility and semideviation (of log returns, over the whole time, n - 1) and its drawdown."""
    spread, fall = read("portfolio_performance_vectors.json")["risk"]
    logs = np.log1p(spread["returns"])
    scale = math.sqrt(len(logs))
    yield Case(spread["standard_deviation"], volatility(logs) * scale, 1e-9)
    below = downside(logs, float(logs.mean())) * math.sqrt(len(logs) / (len(logs) - 1))
    yield Case(spread["semi_deviation"], below * scale, 1e-9)
    found = deepest(1 + np.array(fall["accumulated"]))
    yield Case(fall["max_drawdown"], -found.depth if found else None, 1e-9)


def dietz() -> Iterator[Case]:
    """Yield the worked examples of Modified Dietz."""
    exam, linked, article = read("dietz_vectors.json")["cases"]
    begin, end = (date.fromisoformat(exam[side]) for side in ("begin", "end"))
    money = np.array([float(amount) for _, amount in exam["flows"]])
    day = np.array([float((date.fromisoformat(when) - begin).days) for when, _ in exam["flows"]])
    share = weights(day, (end - begin).days, money, Timing.END)
    yield Case(exam["expected_exact"], one_period(exam, money, share), 1e-12)
    linked_return = float(np.prod(1 + np.array(linked["monthly"]))) - 1
    yield Case(linked["expected_quarter"], linked_return, linked["tol"])
    money = np.array([float(amount) for _, amount in article["flows"]])
    share = 1 - np.array([year for year, _ in article["flows"]]) / article["years"]
    yield Case(article["expected_modified_dietz"], one_period(article, money, share), 1e-9)
    rate = xirr(np.array([0, 365, 730]), [-article["begin_value"], -money[0], article["end_value"]])
    yield Case(article["expected_irr_annual"], rate.rate, 1e-9)
    yield Case(article["expected_irr_holding"], rate.period, 1e-9)


def one_period(case: Any, money: Floats, share: Floats) -> float:
    """Return Modified Dietz of one period."""
    opening, closing = np.array([float(case["begin_value"])]), np.array([float(case["end_value"])])
    return float(modified_dietz(opening, closing, np.array([money.sum()]), np.array([money @ share]))[0])


TABLE: tuple[tuple[str, Callable[[], Iterator[Case]]], ...] = (
    ("pyxirr, files with a rate", lambda: pyxirr_files(none=False)),
    ("pyxirr, files without any", lambda: pyxirr_files(none=True)),
    ("pyxirr, all files at once", pyxirr_at_once),
    ("pyxirr, present values", present_values),
    ("MathWorks, XIRR act/365", mathworks),
    ("Portfolio Performance, IRR", portfolio_irr),
    ("Portfolio Performance, TTWROR", portfolio_ttwror),
    ("Portfolio Performance, risk", portfolio_risk),
    ("Modified Dietz and linking", dietz),
)


def main() -> None:
    """Print the table."""
    if not DATA.is_dir():
        print(f"skipped: there is no {DATA}")
        return
    print(f"{'returns':<32}{'cases':>7}{'right':>7}{'wrong':>7}{'largest error':>16}{'allowed':>10}")
    for name, cases in TABLE:
        found = list(cases())
        right = sum(case.error <= case.allowed for case in found)
        print(
            f"{name:<32}{len(found):>7}{right:>7}{len(found) - right:>7}{max(case.error for case in found):>16.1e}"
            f"{max(case.allowed for case in found):>10.0e}"
        )
    print("cost and gain cases (Portfolio Performance, Ghostfolio): part of the ledger of positions, not of returns")


if __name__ == "__main__":
    main()
