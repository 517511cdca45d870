"""Tells Prometheus what was derived: daily rates, receipts in trouble, drawdowns, goals, what is foretold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, cast

from flowd.engine.telemetry import Telemetry
from flowd.storage.reports import Reports, Row

#: Quantiles of what is foretold, as labels, and the columns they are in.
_QUANTILES: Final[Mapping[str, str]] = {"0.1": "p10", "0.5": "p50", "0.9": "p90"}


def state_figures(reports: Reports, telemetry: Telemetry) -> None:
    """Read once what alerts watch, and state it; what is not known is left out. Raises DatabaseAway."""
    rates = reports.rates()
    telemetry.daily_rates(_amounts(rates, "rate"), _amounts(rates, "rate_before"))
    telemetry.disagreements(
        {_two(row, "base", "quote"): _decimal(row, "disagreement") for row in reports.rate_disagreements()}
    )
    telemetry.expected(
        {
            _two(row, "stream", "state"): (cast("int", row["receipts"]), cast("datetime", row["newest"]))
            for row in reports.in_trouble()
        }
    )
    telemetry.balance_gaps({str(row["connection"]): cast("int", row["gaps"]) for row in reports.balance_gaps()})
    telemetry.transfers_proposed(reports.transfers_proposed())
    telemetry.missing_rates(sum(cast("int", row["days"]) for row in reports.missing_rates()))
    telemetry.drawdowns({_two(row, "scope", "name"): _decimal(row, "drawdown") for row in reports.drawdowns()})
    telemetry.goals({_two(row, "goal", "kind"): _decimal(row, "probability") for row in reports.goal_chances()})
    telemetry.projected(
        {
            (str(row["base_currency"]), quantile): _decimal(row, column)
            for row in reports.foretold_rate()
            for quantile, column in _QUANTILES.items()
        }
    )


def _amounts(rows: list[Row], column: str) -> dict[tuple[str, str], Decimal | None]:
    return {_two(row, "stream", "base_currency"): cast("Decimal | None", row[column]) for row in rows}


def _two(row: Row, first: str, second: str) -> tuple[str, str]:
    return str(row[first]), str(row[second])


def _decimal(row: Row, column: str) -> Decimal:
    return cast("Decimal", row[column])
