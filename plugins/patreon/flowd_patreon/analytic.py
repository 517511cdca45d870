"""The analytic `patreon_mrr`: what memberships are worth per month, and why that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from flowd.api import EventRow, Json, Metric, View, recurring_revenue
from flowd.reading import maybe_decimal, moment
from flowd_patreon.members import MEMBER, PLEDGE


@dataclass(slots=True)
class _Member:
    state: EventRow | None = None
    pledges: list[EventRow] = field(default_factory=list)

    def steps(self) -> Mapping[str, list[tuple[datetime, Decimal]]]:
        """Return its monthly worth over time, by currency: a patron may go over to another one."""
        points = [
            (one.at, _text(one.data, "currency"), _amount(one.data))
            for one in sorted(self.pledges, key=lambda one: (one.at, one.key))
        ]
        state = self.state
        if state is not None:
            status, start = _text(state.data, "status"), moment(state.data.get("start"))
            if not points and status in {"active_patron", "declined_patron"}:
                points.append((start or state.at, _text(state.data, "currency"), _amount(state.data)))
            elif points and status == "former_patron" and points[-1][2] > 0 and state.at > points[-1][0]:
                # it ended and the history does not say when: at the latest when it was seen
                points.append((state.at, points[-1][1], Decimal(0)))
        currencies = dict.fromkeys(currency for _, currency, _ in points if currency)
        return {
            currency: [(at, amount if named == currency else Decimal(0)) for at, named, amount in points]
            for currency in currencies
        }


class PatreonMrr:
    """What all memberships of a connection in one currency are worth per month, at the end of each day."""

    name = "patreon_mrr"
    reads: Sequence[str] = ("raw.event",)
    writes: Sequence[str] = ("derived.metric",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:  # noqa: ARG002 - always all
        """Return all days: a member who is read for the first time may have begun years ago."""
        return date.min, max(until, view.today)

    def compute(self, view: View, since: date, until: date) -> Iterator[Metric]:
        """Yield `mrr`, `mrr_customers`, `mrr_new` and so on, see flowd.api.recurring_revenue."""
        lines: dict[tuple[str, str], list[tuple[str, Sequence[tuple[datetime, Decimal]]]]] = {}
        for (connection, member), one in _members(view).items():
            for currency, steps in one.steps().items():
                lines.setdefault((connection, currency), []).append((member, steps))
        for (connection, currency), worth in sorted(lines.items(), key=lambda line: line[0]):
            subject, today = f"{connection}/{currency}", min(until, view.today)
            found = recurring_revenue(worth, subject=subject, unit=currency, zone=view.zone, today=today)
            yield from (metric for metric in found if metric.at.astimezone(view.zone).date() >= since)


def _members(view: View) -> Mapping[tuple[str, str], _Member]:
    found: dict[tuple[str, str], _Member] = {}
    for row in view.events(MEMBER):
        found.setdefault((row.connection, _text(row.data, "id")), _Member()).state = row
    for row in view.events(PLEDGE):
        found.setdefault((row.connection, _text(row.data, "member")), _Member()).pledges.append(row)
    return found


def _text(data: Mapping[str, Json], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _amount(data: Mapping[str, Json]) -> Decimal:
    return max(maybe_decimal(data.get("monthly")) or Decimal(0), Decimal(0))
