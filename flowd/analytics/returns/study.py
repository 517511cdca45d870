"""The study `returns`: what every account, connection, group and everything returned, per window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from pydantic import Field

from flowd.api import Config, History, Portfolio, ReturnWindow


class ReturnsConfig(Config):
    """What the Sharpe and Sortino ratios compare with: rates per year, as shares (0.02 is two per cent)."""

    risk_free: Decimal = Field(default=Decimal(0), gt=-1, le=1)
    target: Decimal = Field(default=Decimal(0), gt=-1, le=1)


class Returns:
    """Fills derived.return_window: TWR, XIRR, gain, drawdown and risk per window, as docs/numbers.md defines them."""

    name = "returns"
    config: type[Config] = ReturnsConfig
    reads: Sequence[str] = ("derived.performance",)
    writes: Sequence[str] = ("derived.return_window",)

    def study(self, history: History, config: Config) -> Iterator[ReturnWindow]:
        """Yield the windows of every portfolio that end on the history's last day, or where its values do."""
        for portfolio in history.portfolios:
            yield from self.windows(portfolio, history.until, config)

    def windows(self, portfolio: Portfolio, until: date, config: Config) -> Sequence[ReturnWindow]:
        """Return the windows of one portfolio that end on `until`, or where its values do."""
        # numpy comes with this, and the daemon, which lists studies, does without it
        from flowd.analytics.returns.rows import window_rows

        assert isinstance(config, ReturnsConfig)
        return window_rows(portfolio, until, risk_free=float(config.risk_free), target=float(config.target))
