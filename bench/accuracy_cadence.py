"""How well regular series are found in real statements whose payees are hidden, and how right their windows are.

Data: the PKDD'99 bank in ../shared/data/berka (1993 and early 1994). Truth are its standing orders; credits from one
account of another bank are a salary or a pension; statement fees and interest are regular too and stand apart. What is
paid in in cash is regular as well (wages were paid in cash), but nobody says so: it counts neither way.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Final, TypeVar

from flowd.analytics.expected import find, next_due, rhythm
from flowd.analytics.expected.anchors import Anchor, Beat, Months, Place, Shift, Weeks
from flowd.analytics.expected.rhythm import merged
from flowd.analytics.holidays import calendar
from flowd.api import FlowClass, Receipt

DATA: Final = Path(__file__).parents[2] / "shared" / "data" / "berka"
_TRUTH: Final = "recurring_truth.pkdd99_first3MiB.jsonl.gz"
#: A found series is right when it shares so much with a true one (intersection over union).
ALIKE: Final = 0.8
KINDS: Final = ("standing orders", "salaries", "pensions", "statement fees", "interest")

Ids = frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One transaction; `kind` is what it is in truth, hidden from those who look for series."""

    number: int
    account: str
    day: date
    credit: bool
    amount: Decimal
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Transactions, and the true series of three or more."""

    rows: Sequence[Row]
    series: Sequence[Ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many series of a kind were found, are right, are exactly right, and there are."""

    found: int
    right: int
    exact: int
    true: int
    met: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what there is that was found."""
        return self.met / self.true if self.true else 1.0


T = TypeVar("T")
Finder = Callable[[Sequence[Row]], Iterator[Ids]]


def bank(accounts: int | None = None) -> Bank:
    """Read the bank, or its first `accounts` accounts."""
    with gzip.open(DATA / _TRUTH, "rt") as file:
        orders = [json.loads(line) for line in file]
    ordered = {number for order in orders for number in order["trans_ids"]}
    rows: list[Row] = []
    groups: dict[tuple[str, ...], set[int]] = defaultdict(set)
    with gzip.open(DATA / "trans.first3MiB.asc.gz", "rt", errors="replace") as file:
        for line in file:
            cells = [cell.strip('"') for cell in line.rstrip("\n").split(";")]
            if len(cells) < 10 or not cells[0].isdigit():
                continue
            number, account, day, kind, how, amount, _, what, *payer = cells
            credit = kind == "PRIJEM"
            name = _kind(credit, how, what.strip(), ordered=int(number) in ordered)
            if credit and how == "PREVOD Z UCTU":
                groups[account, *payer].add(int(number))
            elif name in {"statement fees", "interest"}:
                groups[account, name].add(int(number))
            when = date(1900 + int(day[:2]), int(day[2:4]), int(day[4:]))
            rows.append(
                Row(number=int(number), account=account, day=when, credit=credit, amount=Decimal(amount), kind=name)
            )
    kept = set(sorted({row.account for row in rows}, key=int)[:accounts])
    rows = [row for row in rows if row.account in kept]
    here = {row.number for row in rows}
    series = [frozenset(order["trans_ids"]) for order in orders] + [frozenset(group) for group in groups.values()]
    return Bank(rows=rows, series=[one for one in series if len(one) >= 3 and one <= here])


def _kind(credit: bool, how: str, what: str, *, ordered: bool) -> str:
    if what in {"UROK", "SLUZBY", "DUCHOD"}:
        return {"UROK": "interest", "SLUZBY": "statement fees", "DUCHOD": "pensions"}[what]
    if ordered:
        return "standing orders"
    return "salaries" if credit and how == "PREVOD Z UCTU" else "cash"


def by_flowd(rows: Sequence[Row]) -> Iterator[Ids]:
    """Find series in one account's credits or debits as flowd does, with nothing but day and amount."""
    return _found(rows, {})


def by_flowd_with_classes(rows: Sequence[Row]) -> Iterator[Ids]:
    """Find series as flowd does where it knows which credits are interest, as it mostly does."""
    return _found(rows, {"interest": FlowClass.INTEREST})


def _found(rows: Sequence[Row], classes: Mapping[str, FlowClass]) -> Iterator[Ids]:
    numbers: dict[tuple[date, Decimal], list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.day, row.amount].append(row.number)
    receipts = [
        Receipt(account="a", payer="", flow_class=classes.get(row.kind, FlowClass.OTHER), asset="CZK", day=row.day,
                amount=row.amount, guessed=row.kind not in classes)
        for row in rows
    ]  # fmt: skip
    for one in find(receipts).series:
        yield frozenset(numbers[paid].pop() for paid in one.paid)


def by_amount(rows: Sequence[Row]) -> Iterator[Ids]:
    """Find series the simple way: the same amount three times or more, all a month apart."""
    groups: dict[Decimal, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.amount].append(row)
    for group in groups.values():
        days = sorted(row.day for row in group)
        if len(days) >= 3 and all(25 <= (after - before).days <= 36 for before, after in pairwise(days)):
            yield frozenset(row.number for row in group)


def score(data: Bank, finder: Finder) -> dict[str, Score]:
    """Compare what `finder` finds with the truth, per kind."""
    kinds = {row.number: row.kind for row in data.rows}
    owner = {number: place for place, one in enumerate(data.series) for number in one}
    groups: dict[tuple[str, bool], list[Row]] = defaultdict(list)
    for row in data.rows:
        groups[row.account, row.credit].append(row)
    found, right, exact, met = Counter[str](), Counter[str](), Counter[str](), set[int]()
    for group in groups.values():
        for series in finder(group):
            kind = _most(kinds[number] for number in sorted(series))
            found[kind] += 1
            place = _most(owner.get(number, -1) for number in sorted(series))
            if place < 0:
                continue
            true = data.series[place]
            exact[kind] += series == true
            if len(series & true) >= ALIKE * len(series | true):
                right[kind] += 1
                met.add(place)
    there = Counter(_most(kinds[number] for number in sorted(one)) for one in data.series)
    seen = Counter(_most(kinds[number] for number in sorted(data.series[place])) for place in met)
    return {
        kind: Score(found=found[kind], right=right[kind], exact=exact[kind], true=there[kind], met=seen[kind])
        for kind in KINDS
    }


def _most(items: Iterator[T]) -> T:
    return Counter(items).most_common(1)[0][0]


def punctual(data: Bank, kinds: Sequence[str], known: int) -> tuple[int, int, int, int]:
    """Learn each true series from its first receipts (`known` or more), and say when the next one comes.

    Returns (foretold, on the very day, within the window, within 2 per cent of the amount).
    """
    rows = {row.number: row for row in data.rows}
    foretold = same_day = within = amount = 0
    for series in data.series:
        _, paid = merged((rows[number].day, rows[number].amount) for number in series)
        if rows[min(series)].kind not in kinds:
            continue
        for count in range(known, len(paid)):
            learnt = rhythm(paid[:count])
            if learnt is None:
                continue
            [due] = next_due(learnt, paid[count - 1][0], 1)
            day, came = paid[count]
            if day - due.day > timedelta(days=20):
                continue  # the order was suspended: no window could know
            foretold += 1
            same_day += day == due.day
            within += due.earliest <= day <= due.latest
            amount += abs(due.amount - came) <= Decimal("0.02") * came
    return foretold, same_day, within, amount


def habits() -> Mapping[str, Beat]:
    """Return habits that payers have, made up: what is due by each. Two of them know the holidays of Bavaria."""
    bavaria = calendar("DE-BY")
    return {
        "25th, or before it": Months(count=1, anchors=(Anchor(place=Place.DAY, n=25, shift=Shift.BEFORE),)),
        "25th, or after it": Months(count=1, anchors=(Anchor(place=Place.DAY, n=25, shift=Shift.AFTER),)),
        "first working day": Months(
            count=1, anchors=(Anchor(place=Place.DAY, n=1, shift=Shift.AFTER),), calendar=bavaria
        ),
        "last working day": Months(count=1, anchors=(Anchor(place=Place.LAST, shift=Shift.BEFORE),), calendar=bavaria),
        "third working day": Months(count=1, anchors=(Anchor(place=Place.WORKING, n=3),)),
        "second Tuesday": Months(count=1, anchors=(Anchor(place=Place.WEEKDAY, n=2, weekday=1),)),
        "quarter, 15th or after": Months(count=3, anchors=(Anchor(place=Place.DAY, n=15, shift=Shift.AFTER),)),
        "every second Friday": Weeks(count=2, origin=date(2024, 1, 5)),
    }


def habit(beat: Beat, known: range, off: int, holidays: str = "", seeds: int = 6) -> tuple[float, float]:
    """Foretell receipts of a made-up habit, up to `off` days off, from so many as are `known`, at random beginnings.

    Returns the shares within the window and on the very day.
    """
    foretold = within = same_day = 0
    for seed in range(seeds):
        chance = random.Random(seed)
        begin = date(2018, 1, 1) + timedelta(days=chance.randint(0, 400))
        due = list(beat.due_days(begin, begin + timedelta(days=3300)))[: known.stop]
        days = sorted({day + timedelta(days=chance.randint(-off, off)) for day in due})
        for count in known:
            learnt = rhythm([(day, Decimal(100)) for day in days[:count]], calendar(holidays))
            foretold += 1
            if learnt is None or count >= len(days):
                continue
            [one] = next_due(learnt, days[count - 1], 1)
            within += one.earliest <= days[count] <= one.latest
            same_day += one.day == days[count]
    return within / foretold, same_day / foretold


def main() -> None:
    """Print precision and recall per kind, for flowd and for the simple way, and how punctual its windows are."""
    if not DATA.is_dir():
        print(f"skipped: there is no {DATA}")
        return
    data = bank()
    for name, finder in (
        ("flowd", by_flowd),
        ("flowd, interest known as such", by_flowd_with_classes),
        ("same amount, a month apart", by_amount),
    ):
        began = perf_counter()
        scores = score(data, finder)
        print(f"{name} ({len(data.rows)} transactions, payees and purposes hidden, {perf_counter() - began:.1f} s)")
        print(f"  {'series of three or more':24}{'true':>6}{'found':>7}{'exact':>7}{'precision':>11}{'recall':>8}")
        for kind, one in scores.items():
            print(f"  {kind:24}{one.true:6}{one.found:7}{one.exact:7}{one.precision:11.3f}{one.recall:8.3f}")
    print("the next receipt, by flowd from those before it (orders that were suspended left out)")
    print(f"  {'':24}{'foretold':>9}{'same day':>10}{'in window':>11}{'amount':>8}")
    for kinds, known in ((("standing orders",), 3), (("salaries", "pensions"), 3), (("interest",), 6)):
        total, same_day, within, amount = punctual(data, kinds, known)
        print(f"  {', '.join(kinds):24}{total:9}{same_day / total:10.3f}{within / total:11.3f}{amount / total:8.3f}")
    print("made-up habits: the share of next receipts in the window (on the very day)")
    columns = ("3 to 5 known", "6 to 24", "2 days off", "holidays named")
    print(f"  {'':24}" + "".join(f"{column:>16}" for column in columns))
    for name, beat in habits().items():
        cells = (
            habit(beat, range(3, 6), 0), habit(beat, range(6, 25), 0), habit(beat, range(6, 25), 2),
            habit(beat, range(6, 25), 0, "DE-BY"),
        )  # fmt: skip
        print(f"  {name:24}" + "".join(f"{f'{within:.3f} ({day:.3f})':>16}" for within, day in cells))


if __name__ == "__main__":
    main()
