"""The built-in analytics, registered by the same door as anybody's."""

from __future__ import annotations

from collections.abc import Callable

from flowd.api import Analytic, ProjectionMethod, Study, hookimpl


@hookimpl
def register_analytics(register: Callable[[Analytic | Study | ProjectionMethod], None]) -> None:
    """Register what flowd derives itself; the daemon comes by here too, so nothing named here may import numpy."""
    from flowd.analytics.attribution import Attribution
    from flowd.analytics.expected.study import Expected
    from flowd.analytics.income import Income
    from flowd.analytics.performance import DailyPerformance
    from flowd.analytics.portfolios import Portfolios
    from flowd.analytics.positions.study import Positions
    from flowd.analytics.projection.study import Projection
    from flowd.analytics.returns.study import Returns
    from flowd.analytics.scoring.study import Scoring
    from flowd.analytics.statistics.study import Statistics

    register(Income())
    register(Attribution())
    register(DailyPerformance())
    register(Portfolios())
    register(Positions())
    register(Returns())
    register(Statistics())
    register(Scoring())
    register(Projection())
    register(Expected())
