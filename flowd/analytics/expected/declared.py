"""What the user declared to be due: schedules, and streams whose period flowd.yaml names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Final

from flowd.analytics.expected.amounts import amounts
from flowd.analytics.expected.lags import NEWEST, lags, window
from flowd.analytics.expected.payers import payer_key
from flowd.analytics.expected.rhythm import RECEIPTS, Rhythm, kept, merged
from flowd.analytics.expected.series import Paid, Regular, paid_of, usable
from flowd.api import ExpectedReceipt, Receipt, ScheduleTerm, parse_period
from flowd.domain.shares import EXACT, places_of, share

_DAY: Final = timedelta(days=1)
#: How many days before and after the due day a receipt is in time, while too few came to say.
_EARLY: Final = 3
_LATE: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """What a term pays on a due day."""

    due: date
    amount: Decimal


def pays(term: ScheduleTerm, since: date, until: date) -> Iterator[Pay]:
    """Yield what `term` pays from `since` to `until`: a period that is in force in part pays for those days only."""
    period = parse_period(term.every)
    places = places_of(term.currency)
    first_span = period.span(max(term.start, since) - timedelta(days=1))
    for span in period.spans(max(first_span.first, period.span(term.start).first), until):
        first, last = max(span.first, term.start), min(span.last, term.end or span.last)
        due = max(period.due(span), first)
        if first > last or not since <= due <= until:
            continue
        amount = term.amount
        if (first, last) != (span.first, span.last):
            each, at_last = share(term.amount, span.days, places)
            whole = last == span.last
            amount = EXACT.add(each * ((last - first).days + (not whole)), at_last if whole else Decimal(0))
        yield Pay(due=due, amount=amount)


def scheduled(terms: Iterable[ScheduleTerm], today: date, since: date, until: date) -> Iterator[ExpectedReceipt]:
    """Yield what declared schedules pay from `since` to `until`.

    What was due before `today` counts as received, as it does in the stream's income: nobody reads whether it came.
    """
    lines: dict[tuple[str, str], list[list[ScheduleTerm]]] = defaultdict(list)
    for term in sorted(terms, key=lambda one: (one.stream, one.currency, one.start, one.amount, one.every)):
        open_lines = lines[term.stream, term.currency]
        for line in open_lines:
            ended = line[-1].end
            if ended is not None and ended < term.start:
                line.append(term)
                break
        else:
            open_lines.append([term])
    for (stream, currency), found in sorted(lines.items()):
        for series, line in enumerate(found):
            for pay in (pay for term in line for pay in pays(term, since, until)):
                past = pay.due < today
                yield ExpectedReceipt(
                    stream=stream,
                    payer="",
                    series=series,
                    currency=currency,
                    due=pay.due,
                    earliest=pay.due,
                    latest=pay.due,
                    amount=pay.amount,
                    source="declared",
                    state="received" if past else "due" if pay.due == today else "expected",
                    received_on=pay.due if past else None,
                    received=pay.amount if past else None,
                    reason="declared: no source is asked whether it came" if past else "",
                )


def declared(receipts: Iterable[Receipt], every: str) -> list[Regular]:
    """Return the series of a stream whose period the user named: one per payer, in that period.

    A payer whose receipts begin where another's end goes on with them: it was renamed, or took over. One of whom only
    one receipt is known, where others pay again and again, is none.
    """
    groups: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for one in sorted((one for one in receipts if usable(one)), key=lambda one: (one.day, one.payer, one.amount)):
        groups[one.asset, payer_key(one.payer)].append(one)
    lines: list[list[Receipt]] = []
    for group in sorted(groups.values(), key=lambda group: (group[0].day, group[0].payer)):
        before = [line for line in lines if line[-1].asset == group[0].asset and line[-1].day < group[0].day]
        if before:
            max(before, key=lambda line: line[-1].day).extend(group)
        else:
            lines.append(group)
    if any(len(line) > 1 for line in lines):
        lines = [line for line in lines if len(line) > 1]
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for line in lines:
        key = line[-1].payer, line[-1].asset
        paid = tuple(sorted(paid_of(line)))
        found.append(
            Regular(
                payer=key[0],
                account=line[-1].account,
                currency=key[1],
                number=numbers[key],
                paid=paid,
                rhythm=declared_rhythm(paid, every),
            )
        )
        numbers[key] += 1
    return found


def declared_rhythm(paid: Sequence[Paid], every: str) -> Rhythm:
    """Return the rhythm that the period `every` (in words) is; `paid` (not empty) says how punctual and how much."""
    period = parse_period(every)
    days, summed = merged(paid)
    far = timedelta(days=800)
    near = list(period.due_days(days[0] - far, days[-1] + far))
    length = float(median((after - before).days for before, after in pairwise(near))) if len(near) > 1 else 365.2425
    found = lags(days, near)
    most = max(int(length * 0.45), 0)
    early, late = min(_EARLY, most), min(_LATE, most)
    if len(days) >= RECEIPTS:
        early, late = window(found, length)
    return Rhythm(
        step=None,
        words=every,
        beat=period,
        days=length,
        early=early,
        late=late,
        amount=amounts(summed),
        confidence=kept(days[-NEWEST:], near, early, late),
        receipts=len(days),
        first=days[0],
        last=days[-1],
        settled=days[-1] - timedelta(days=found[-1]),
        declared=True,
    )
