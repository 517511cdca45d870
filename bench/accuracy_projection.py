"""Do the bands of projections hold on daily income made from real statements: by kind of income and by horizon.

Credits of a bank's accounts (../shared/data/berka) are streams; random ones are put together to households; each is
foretold as of several days of its past, knowing nothing after them, and held against what came.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from flowd.analytics.projection.outlook import outlook
from flowd.analytics.projection.subjects import LEVELS, TOTAL
from flowd.api.studies import History, StreamInfo
from flowd.domain.flows import FlowClass
from flowd.domain.results import Method, Receipt
from flowd.domain.studied import Scope

STATEMENTS = Path(__file__).parents[1] / ".." / "shared" / "data" / "berka" / "trans.first3MiB.asc.gz"
#: As of which days, and sums over how many days from there, so that what came is known.
AS_OF = ((date(1993, 9, 15), (30, 90, 180)), (date(1993, 12, 3), (30, 90)), (date(1994, 2, 10), (30,)))
LAST = date(1994, 3, 31)
#: A stream is foretold from the second receipt on.
RECEIPTS = 2
LOW, HIGH = LEVELS.index(0.10), LEVELS.index(0.90)
Credits = Mapping[str, Sequence[tuple[date, Decimal]]]


def credits_of(path: Path) -> Credits:
    """Return what came in, by account, operation and purpose, in time order."""
    found: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="latin-1") as lines:
        next(lines)
        for line in lines:
            row = [field.strip('"') for field in line.rstrip("\n").split(";")]
            if len(row) < 10 or row[3] != "PRIJEM":
                continue
            day = date(1900 + int(row[2][:2]), int(row[2][2:4]), int(row[2][4:]))
            purpose = {"UROK": "interest", "DUCHOD": "pension"}.get(
                row[7], {"VKLAD": "cash", "PREVOD Z UCTU": "transfer"}.get(row[4], "other")
            )
            found[f"{purpose}/{row[1]}/{row[9]}"].append((day, Decimal(row[5])))
    return {name: sorted(rows) for name, rows in sorted(found.items())}


def household(streams: Sequence[str], booked: Credits, today: date, seed: int) -> History:
    """Return the history of a household with `streams`, as it was known when `today` began."""
    receipts = {
        name: [
            Receipt(
                account="a",
                payer=name,
                flow_class=FlowClass.OTHER,
                asset="CZK",
                day=day,
                amount=amount,
                guessed=False,
            )
            for day, amount in booked[name]
            if day < today
        ]
        for name in streams
    }
    infos = [
        StreamInfo(stream=name, method=Method.TRANSACTIONS, connection=name, name=name, group=name.partition("/")[0])
        for name in streams
    ]
    return History(
        currency="CZK", zone=ZoneInfo("Europe/Prague"), today=today, seed=seed, streams=infos, receipts=receipts
    )


def households(booked: Credits, today: date, count: int, seed: int) -> Iterator[list[str]]:
    """Yield `count` random sets of two to five streams that are known on `today`."""
    draw = np.random.Generator(np.random.PCG64(seed))
    known = [name for name, rows in booked.items() if sum(day < today for day, _ in rows) >= RECEIPTS]
    for _ in range(count):
        yield [known[int(at)] for at in draw.choice(len(known), size=int(draw.integers(2, 6)), replace=False)]


def coverage(booked: Credits, *, count: int, paths: int = 1000, seed: int = 1) -> dict[tuple[str, int], list[bool]]:
    """Return whether what came was within the 80 per cent band, by (kind of income, horizon)."""
    inside: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for today, horizons in AS_OF:
        for number, streams in enumerate(households(booked, today, count, seed)):
            said = outlook(household(streams, booked, today, number), horizon_days=max(max(horizons), 180), paths=paths)
            for (scope, name), one in said.subjects.items():
                if scope is Scope.GROUP:
                    continue
                members = streams if scope is Scope.TOTAL else [name]
                kind = "household" if (scope, name) == TOTAL else name.partition("/")[0]
                for horizon in horizons:
                    end = said.horizon_day(horizon)
                    came = sum(float(amount) for each in members for day, amount in booked[each] if today <= day <= end)
                    at = said.horizons.index(horizon)
                    low, high = one.sums.quantiles[LOW, at], one.sums.quantiles[HIGH, at]
                    # a cent is not outside of a band that has no width
                    inside[kind, horizon].append(low - 0.01 * abs(low) - 0.01 <= came <= high + 0.01 * abs(high) + 0.01)
    return inside


def main() -> None:
    """Print the share of sums that fell within their 80 per cent band."""
    if not STATEMENTS.exists():
        print("accuracy of projections: skipped, the statements (shared data) are not here")
        return
    inside = coverage(credits_of(STATEMENTS), count=150)
    horizons = sorted({horizon for _, horizon in inside})
    print("80 % band of sums of income holds in so many per cent (number of sums)")
    print(f"{'kind':<12}" + "".join(f"{f'{horizon} days':>18}" for horizon in horizons) + f"{'all':>18}")
    for kind in sorted({kind for kind, _ in inside}):
        row = [inside.get((kind, horizon), []) for horizon in horizons]
        print(f"{kind:<12}" + "".join(_cell(one) for one in [*row, [hit for one in row for hit in one]]))
    for horizon in (*horizons, None):
        streams = [
            hit
            for (kind, days), hits in inside.items()
            if kind not in {"household", "pension"} and horizon in {days, None}
            for hit in hits
        ]
        over = "any horizon" if horizon is None else f"{horizon} days"
        print(f"all streams but pensions, {over}: {_cell(streams).strip()}")
    # a pension that never changes is hit each time: a band without width holds, too
    uncertain = [one for one in inside if one[0] != "pension"]
    weakest = min(uncertain, key=lambda one: float(np.mean(inside[one])))
    print(f"weakest: {weakest[0]} over {weakest[1]} days")


def _cell(hits: Sequence[bool]) -> str:
    return f"{f'{np.mean(hits):.1%} ({len(hits)})':>18}" if hits else f"{'-':>18}"


if __name__ == "__main__":
    main()
