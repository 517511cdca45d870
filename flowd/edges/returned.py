"""Gets what portfolios returned: as it is stored, or computed now where another currency is asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from flowd.api import History, Portfolio
    from flowd.config import Settings
    from flowd.plugins import Registry
    from flowd.storage.reports import Reports

#: The windows in the order in which they are shown.
WINDOWS = ("7d", "30d", "90d", "365d", "ytd", "total")
SCOPES = ("total", "group", "connection", "account")


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The windows of portfolios as rows with the columns of report.return_window, and the returns of their days."""

    currency: str
    rows: Sequence[Mapping[str, Any]]
    #: By (scope, name): the return of each day, None where there is none.
    days: Mapping[tuple[str, str], Mapping[date, float | None]]

    def index(self, row: Mapping[str, Any]) -> list[float | None]:
        """Return what 1 at a window's opening became by the end of each of its days; None where that is not known."""
        returns = self.days.get((row["scope"], row["name"]), {})
        level = 1.0
        index: list[float | None] = [level]
        for ago in range(row["days"]):
            gained = returns.get(row["since"] + timedelta(days=ago + 1))
            level *= 1 + (gained or 0.0)
            index.append(None if gained is None else level)
        return index


def stored(reports: Reports, currency: str, scope: str) -> Returned | None:
    """Return what the last study said of portfolios of `scope`, in base currency `currency`; None where nothing."""
    rows = reports.returns(scope)
    if not rows:
        return None
    since = min(cast("date", row["since"]) for row in rows)
    days: dict[tuple[str, str], dict[date, float | None]] = {}
    for day in reports.day_returns(scope, since):
        gained = day["day_return"]
        key = (scope, cast("str", day["name"]))
        days.setdefault(key, {})[cast("date", day["day"])] = None if gained is None else float(cast("float", gained))
    return Returned(currency=currency, rows=rows, days=days)


def computed(history: History, settings: Settings, registry: Registry, scope: str) -> Returned:
    """Return what portfolios of `scope` returned by this history, in its currency, and as the study is set."""
    from flowd.analytics.returns.study import Returns, ReturnsConfig
    from flowd.config.binding import bind_studies

    study = Returns()
    config = bind_studies(settings, registry)[0].get(study.name, ReturnsConfig())
    portfolios = [portfolio for portfolio in history.portfolios if portfolio.scope.value == scope]
    rows = [
        {
            **asdict(row),
            "scope": scope,
            "quality": row.quality.value,
            "base_currency": history.currency,
            "label": row.name or "Everything",
        }
        for portfolio in portfolios
        for row in study.windows(portfolio, history.until, config)
    ]
    return Returned(
        currency=history.currency,
        rows=rows,
        days={(scope, portfolio.name): _days(portfolio) for portfolio in portfolios},
    )


def _days(portfolio: Portfolio) -> dict[date, float | None]:
    return {
        portfolio.first + timedelta(days=place): float(gained) if math.isfinite(gained) else None
        for place, gained in enumerate(portfolio.day_return)
    }
