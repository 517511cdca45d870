"""What each customer was worth per month at which moment, put together from states and changes of subscriptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from flowd.api import EventRow, Json
from flowd.reading import maybe_decimal, moment

#: From a moment on a subscription is worth so much per month.
Step = tuple[datetime, Decimal]


@dataclass(slots=True, kw_only=True)
class Subscription:
    """All that was stated of one subscription."""

    customer: str = ""
    currency: str = ""
    state: EventRow | None = None
    changes: list[EventRow] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """Return its worth per month over time, by moment.

        Changes say it exactly. Before the first one it was worth what that one says it had been, since its start or
        the end of its trial; without any, what it is worth now. Where the state tells something else than the last
        change, the change was missed: it is dated to when the state was first seen so.
        """
        changes = sorted(self.changes, key=lambda one: (one.at, str(one.data.get("what")), one.key))
        if not changes:
            return [] if self.state is None else _alone(self.state)
        steps: list[Step] = []
        first = changes[0]
        before = _amount(first.data, "before")
        begin = _begin(first.data)
        if before > 0 and begin is not None and begin < first.at:
            steps.append((begin, before))
        for one, after in pairwise([*changes, None]):
            assert one is not None
            steps.append((one.at, _amount(one.data, "mrr")))
            steps += [step for step in _later(one.data) if step[0] > one.at and (after is None or step[0] < after.at)]
        state = self.state
        if state is not None and state.at > changes[-1].at:
            value = _amount(state.data, "mrr")
            reached = max((step for step in steps if step[0] <= state.at), key=lambda step: step[0])[1]
            if value != reached:
                steps = [step for step in steps if step[0] <= state.at]
                steps += [(state.at, value), *(step for step in _later(state.data) if step[0] > state.at)]
        return steps


def subscriptions(states: Iterable[EventRow], changes: Iterable[EventRow]) -> Mapping[tuple[str, str], Subscription]:
    """Return what was stated, by connection and the subscription's id; rows that do not name one are left out."""
    found: dict[tuple[str, str], Subscription] = {}
    for row, is_state in [*((row, True) for row in states), *((row, False) for row in changes)]:
        name, currency = row.data.get("id"), row.data.get("currency")
        if not isinstance(name, str) or not isinstance(currency, str):
            continue
        one = found.setdefault((row.connection, name), Subscription())
        customer = row.data.get("customer")
        one.customer = customer if isinstance(customer, str) and customer else one.customer or name
        one.currency = currency
        if is_state:
            one.state = row
        else:
            one.changes.append(row)
    return found


def _alone(state: EventRow) -> list[Step]:
    """Return the steps of a subscription of which no change is known."""
    data = state.data
    begin, ended = _begin(data), moment(data.get("ended"))
    if begin is None:
        return []
    if ended is not None:
        full = _amount(data, "full")
        return [(begin, full), (ended, Decimal(0))] if begin < ended and full > 0 else []
    value = _amount(data, "mrr")
    if value <= 0:
        return []
    later = [step for step in _later(data) if step[0] > begin]
    return [(begin, value), *later]


def _begin(data: Mapping[str, Json]) -> datetime | None:
    """Return when it began to be worth something: at its start, or at the end of a trial that is over."""
    start, trial = moment(data.get("start")), moment(data.get("trial_end"))
    return max(start, trial) if start is not None and trial is not None else start


def _later(data: Mapping[str, Json]) -> list[Step]:
    listed = data.get("later")
    steps = []
    for one in listed if isinstance(listed, list) else ():
        at = moment(one.get("at")) if isinstance(one, dict) else None
        if at is not None:
            steps.append((at, _amount(one, "mrr")))
    return steps


def _amount(data: Mapping[str, Json], name: str) -> Decimal:
    return max(maybe_decimal(data.get(name)) or Decimal(0), Decimal(0))
