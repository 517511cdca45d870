"""The analytic `stripe_mrr`: monthly recurring revenue and its movements, per currency, day and month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flowd.api import Metric, View, recurring_revenue
from flowd_stripe.subscriptions import CHANGE, STATE
from flowd_stripe.timeline import Step, subscriptions


class StripeMrr:
    """What all subscriptions of a connection in one currency are worth per month, at the end of each day."""

    name = "stripe_mrr"
    reads: Sequence[str] = ("raw.event",)
    writes: Sequence[str] = ("derived.metric",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:  # noqa: ARG002 - always all
        """Return all days: a subscription that is read for the first time may have begun years ago."""
        return date.min, max(until, view.today)

    def compute(self, view: View, since: date, until: date) -> Iterator[Metric]:
        """Yield `mrr`, `mrr_customers`, `mrr_new` and so on, see flowd.api.recurring_revenue."""
        lines: dict[tuple[str, str], list[tuple[str, Sequence[Step]]]] = {}
        for (connection, _), one in subscriptions(view.events(STATE), view.events(CHANGE)).items():
            lines.setdefault((connection, one.currency), []).append((one.customer, one.steps()))
        for (connection, currency), worth in sorted(lines.items(), key=lambda line: line[0]):
            subject = f"{connection}/{currency}"
            found = recurring_revenue(
                worth, subject=subject, unit=currency, zone=view.zone, today=min(until, view.today)
            )
            yield from (metric for metric in found if metric.at.astimezone(view.zone).date() >= since)
