"""How long joint paths take: 10,000 of 20 streams over 180 days, against drawing so many random numbers alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from flowd.analytics.projection.outlook import outlook
from flowd.api.studies import History, IncomeSeries, Series, StreamInfo
from flowd.domain.flows import FlowClass
from flowd.domain.results import Method, Receipt

STREAMS, PATHS, DAYS, PAST = 20, 10_000, 180, 730
TODAY = date(2026, 7, 1)


def made_up(streams: int, *, seed: int = 1, today: date = TODAY, past: int = PAST) -> History:
    """Return a history of `streams` streams with `past` days each: values, salaries, and lumps in turn."""
    draw = np.random.Generator(np.random.PCG64(seed))
    first = today - timedelta(days=past)
    infos: list[StreamInfo] = []
    income: dict[str, IncomeSeries] = {}
    receipts: dict[str, list[Receipt]] = {}
    for number in range(streams):
        name = f"stream-{number:03}"
        method = Method.VALUE if number % 3 == 0 else Method.TRANSACTIONS
        if number % 3 == 0:
            daily = draw.normal(5, 40, past).round(2)
        elif number % 3 == 1:
            daily = np.zeros(past)
            for day in range(past):
                if (first + timedelta(days=day)).day == 1 + number % 28:
                    daily[day] = 1000 + 10 * number + (number % 2) * round(float(draw.normal(0, 80)), 2)
        else:
            daily = np.where(draw.random(past) < 0.1, draw.gamma(2, 60, past), 0.0).round(2)
        if method is Method.TRANSACTIONS:
            receipts[name] = [
                Receipt(
                    account="a",
                    payer=f"payer {number}",
                    flow_class=FlowClass.OTHER,
                    asset="EUR",
                    day=first + timedelta(days=int(day)),
                    amount=Decimal(str(daily[day])),
                    guessed=False,
                )
                for day in np.flatnonzero(daily > 0)
            ]
        series = Series(first=first, values=daily)
        income[name] = IncomeSeries(earned=series, received=series, estimated=np.zeros(past, dtype=bool))
        infos.append(StreamInfo(stream=name, method=method, connection=name, name=name, group=f"g{number % 4}"))
    return History(
        currency="EUR",
        zone=ZoneInfo("Europe/Berlin"),
        today=today,
        seed=seed,
        streams=infos,
        income=income,
        receipts=receipts,
        digests={info.stream: f"{seed}-{info.stream}" for info in infos},
    )


def timed(work: Callable[[], object], times: int = 3) -> float:
    """Return the seconds of the quickest of several runs."""
    found = []
    for _ in range(times):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


def main() -> None:
    """Print seconds of one core and the ratio to the random numbers alone."""
    history = made_up(STREAMS)
    first = time.process_time()
    learnt = outlook(history, horizon_days=DAYS, paths=PATHS)
    first = time.process_time() - first
    again = timed(lambda: outlook(history, horizon_days=DAYS, paths=PATHS, models=learnt.models))
    out = np.empty((STREAMS * DAYS, PATHS), dtype=np.float32)
    alone = timed(lambda: np.random.Generator(np.random.SFC64(1)).standard_normal(out=out, dtype=np.float32))
    print(f"{PATHS:,} joint paths of {STREAMS} streams over {DAYS} days: seconds of one core")
    print(f"  paths, sums, months and quantiles of all streams, groups and the total  {again:6.2f}")
    print(f"  as many normal random numbers alone (SFC64, float32)                    {alone:6.2f}")
    print(f"  ratio                                                                   {again / alone:6.2f}")
    print(f"  with comparing methods and foretelling the past of every stream         {first:6.2f}")


if __name__ == "__main__":
    main()
