"""How often is a trend seen where there is none, how often missed where there is one, and what are real incomes called?

Prints, from one run:

1. False alarms: the share of random series without any trend that are called growing or declining at p < 5 %, by how
   much each value leans on the one before. Next to the test without correction, and with that of Hamed and Rao (1998).
2. Found: the share of incomes that grow by so much a month, with noise around that, which are called growing.
3. Real incomes: labels of the accounts of a Czech bank (PKDD'99) with a year of receipts, spread by their rhythm.
4. Seconds for the whole study of 50 streams over five years.

    python -m bench.accuracy_trend [--series 1000]
"""

from __future__ import annotations

import argparse
import gzip
import math
import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.cadence import detect, spans
from flowd.analytics.spread import Spread
from flowd.analytics.statistics.mann_kendall import mann_kendall
from flowd.analytics.statistics.study import Statistics, StatisticsConfig
from flowd.analytics.statistics.survey import survey
from flowd.analytics.statistics.theil_sen import theil_sen
from flowd.analytics.statistics.trend import MONTHS, WEEKS, Direction, trend
from flowd.testing.histories import make_history

Floats = NDArray[np.float64]
BERKA = Path(__file__).parents[2] / "shared" / "data" / "berka" / "trans.first3MiB.asc.gz"


def leaning(count: int, by: float, random: np.random.Generator) -> Floats:
    """Return a series without trend, each value of which leans on the one before."""
    values = np.zeros(count + 50)
    for index, shock in enumerate(random.standard_normal(count + 49), 1):
        values[index] = by * values[index - 1] + shock
    return values[50:]


def chance(s: int, variance: float) -> float:
    """Return the two-sided p of S."""
    return math.erfc(abs(s - np.sign(s)) / math.sqrt(2 * variance))


def hamed_rao(values: Floats) -> float:
    """Return n/n* of Hamed and Rao: by the significant autocorrelations of the ranks of what the line leaves."""
    n = len(values)
    times = np.arange(n, dtype=np.float64)
    line = theil_sen(times, values)
    assert line is not None
    ranks = np.argsort(np.argsort(values - line[0] * times)).astype(np.float64)
    ranks -= ranks.mean()
    lags = np.arange(1, n)
    found = np.array([ranks[:-lag] @ ranks[lag:] for lag in lags]) / (ranks @ ranks)
    counted = np.where(np.abs(found) > 1.96 / math.sqrt(n), found, 0.0)
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    return max(float(1 + 2 / (n * (n - 1) * (n - 2)) * (weights * counted).sum()), 1e-9)


def false_alarms(series: int) -> None:
    """Print one line per length and lean."""
    random = np.random.Generator(np.random.PCG64(1))
    print("seen where there is none, at p < 5 %")
    print("  values  leaning   plain   Hamed and Rao   flowd")
    for count in (12, 24, 52):
        for by in (0.0, 0.3, 0.5, 0.7):
            wrong = np.zeros(3)
            for _ in range(series):
                values = leaning(count, by, random)
                test = mann_kendall(values)
                assert test is not None
                wide = test.variance * hamed_rao(values)
                wrong += [chance(test.s, test.variance) < 0.05, chance(test.s, wide) < 0.05, test.p < 0.05]
            plain, theirs, ours = wrong / series
            print(f"  {count:>6}  {by:>7}  {plain:>6.1%}  {theirs:>14.1%}  {ours:>6.1%}")


def found(series: int) -> None:
    """Print how often growth is seen through noise: of an income by the day, and of one by the month."""
    random = np.random.Generator(np.random.PCG64(2))
    print("called growing, over a year")
    for growth in (0.0, 0.01, 0.02, 0.03, 0.05):
        level = (1 + growth) ** (np.arange(360) / 30)
        by_day = by_month = 0
        for _ in range(series // 4):
            daily = level * (1 + random.normal(0, 0.5, 360))
            monthly = level * np.repeat(1 + random.normal(0, 0.1, 12), 30)
            by_day += trend(daily, WEEKS, "EUR").direction is Direction.GROWING
            by_month += trend(monthly, MONTHS, "EUR").direction is Direction.GROWING
        share = 4 / series
        print(
            f"  {growth:>4.0%} a month: {by_day * share:>6.1%} where days differ by a half, "
            f"{by_month * share:>6.1%} where months differ by a tenth"
        )


def real_incomes() -> None:
    """Print what accounts of real people are called at the end of a year."""
    if not BERKA.exists():
        print("real incomes: skipped, ../shared/data/berka is not there")
        return
    accounts: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with gzip.open(BERKA, "rt", encoding="latin-1") as lines:
        for fields in ([field.strip('"') for field in line.split(";")] for line in lines.read().splitlines()[1:-1]):
            if fields[3] == "PRIJEM" and fields[7] != "UROK":
                at = fields[2]
                accounts[fields[1]][date(1900 + int(at[:2]), int(at[2:4]), int(at[4:]))] += Decimal(fields[5])
    until = max(max(days) for days in accounts.values())
    health: Counter[str] = Counter()
    for name, received in sorted(accounts.items()):
        if (until - min(received)).days >= 250:
            health[labelled(name, received, until)] += 1
    print(f"real incomes: {health.total()} accounts of a bank over eight months to a year:", dict(health.most_common()))


def labelled(name: str, received: dict[date, Decimal], until: date) -> str:
    """Return the health of one account's receipts, spread over the days they pay for where they have a rhythm."""
    days = sorted(received)
    earned: dict[date, Decimal] = received
    last, rhythm = until, detect(days)
    if rhythm is not None:
        spread = Spread(2)
        for day, span in zip(days, spans(days, rhythm), strict=True):
            spread.add(span, received[day])
        earned = dict(spread.daily())
        last = max(earned) if (until - days[-1]).days <= rhythm.longest else until
    first = min(earned)
    every = [first + timedelta(days=index) for index in range((until - first).days + 1)]
    history = make_history(
        until=until,
        streams={name: [float(earned.get(day, 0)) if day <= last else math.nan for day in every]},
        received={name: [float(received.get(day, 0)) for day in every]},
    )
    return survey(history, until).parts[name].health.condition.value


def whole_study() -> None:
    """Print how long everything takes for a large household."""
    random = np.random.Generator(np.random.PCG64(3))
    streams = {f"s{index}": random.gamma(2, 20, 1825) for index in range(50)}
    infos = {name: {"group": f"g{index % 5}"} for index, name in enumerate(streams)}
    history = make_history(streams=streams, infos=infos, expenses=random.gamma(2, 30, 1825))
    begun = time.perf_counter()
    rows = sum(1 for _ in Statistics().study(history, StatisticsConfig()))
    print(f"the study of 50 streams over five years: {rows:,} rows in {time.perf_counter() - begun:.1f} s")


def main(series: int = 1000) -> None:
    """Print the tables."""
    false_alarms(series)
    found(series)
    real_incomes()
    whole_study()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=int, default=1000)
    main(parser.parse_args().series)
