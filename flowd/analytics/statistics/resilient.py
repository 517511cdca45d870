"""How income would stand a loss, as one row: what report.resilience shows, computed now."""

from __future__ import annotations

from collections.abc import Mapping

from flowd.analytics.rounding import decimal
from flowd.analytics.statistics.figures import volatility
from flowd.analytics.statistics.survey import MONTHS, resilience, survey
from flowd.api import History


def resilience_row(history: History) -> Mapping[str, object]:
    """Return the newest row of report.resilience as it would be in the currency of `history`."""
    found = survey(history, history.until)
    of = resilience(history, found)
    streams, groups = found.by_stream, found.by_group
    numbers = {
        "hhi_streams": streams.hhi,
        "effective_streams": streams.effective,
        "largest_stream": streams.largest_share,
        "hhi_groups": groups.hhi,
        "effective_groups": groups.effective,
        "largest_group": groups.largest_share,
        "floor": of.floor.amount,
        "floor_recurring": of.recurring.amount,
        "volatility": volatility(found.total.months(MONTHS)[1]),
        "passive": of.crossover.passive,
        "expenses": of.crossover.expenses,
        "covered": of.crossover.covered,
        "runway": of.runway.months,
        "runway_bare": of.bare.months,
    }
    return {
        "as_of": found.as_of,
        **{name: decimal(number) for name, number in numbers.items()},
        "crossover": of.crossover.month,
        "crossover_reason": of.crossover.reason,
        "cash": history.cash,
        "runway_reason": of.runway.reason,
        "currency": history.currency,
    }
