"""Studies and ways of projecting that each do one thing wrong, but for the two they are made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flowd.analytics.rounding import decimal
from flowd.api import (
    Config,
    History,
    Metric,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


class Total:
    """A study as it should be."""

    name = "total"
    config: type[Config] = Config
    reads: Sequence[str] = ("derived.income_daily",)
    writes: Sequence[str] = ("derived.metric",)

    def study(self, history: History, config: Any) -> Iterable[Metric]:
        for stream in sorted(history.income):
            yield self.total(history, stream, self.of(history, stream))

    def of(self, history: History, stream: str) -> Decimal | None:
        value = float(history.income[stream].earned.values.sum())
        return decimal(value)

    def total(self, history: History, stream: str, value: Decimal | None) -> Metric:
        at = datetime.combine(history.until, time(12), history.zone)
        return Metric(subject=f"stream:{stream}", name="total", window="total", at=at, value=value, unit="EUR")


class Silent(Total):
    """Knows nothing."""

    def study(self, history: History, config: Any) -> Iterable[Metric]:
        return []


class Overlapping(Total):
    """Says it twice."""

    def study(self, history: History, config: Any) -> Iterable[Metric]:
        return [*super().study(history, config), *super().study(history, config)]


class Restless(Total):
    """Says another thing each time."""

    def __init__(self) -> None:
        self._asked = 0

    def of(self, history: History, stream: str) -> Decimal | None:
        self._asked += 1
        return Decimal(self._asked)


class Partial(Total):
    """Takes the first stream for the most important one."""

    def study(self, history: History, config: Any) -> Iterable[Metric]:
        return list(super().study(history, config)) and [self.total(history, next(iter(history.income)), None)]


class Rounding(Total):
    """Rounds the numbers it was lent."""

    def of(self, history: History, stream: str) -> Decimal | None:
        values = history.income[stream].earned.values
        values.round(0, values)
        return super().of(history, stream)


class Needy(Total):
    """Wants to know the last day of every stream."""

    def of(self, history: History, stream: str) -> Decimal | None:
        return decimal(float(history.income[stream].earned.values[-1]))


class Certain(Total):
    """Has a number for everything."""

    def of(self, history: History, stream: str) -> Decimal | None:
        return Decimal(float(history.income[stream].earned.values.sum()))


class Punctual(Total):
    """Believes that every stream was read until yesterday."""

    def of(self, history: History, stream: str) -> Decimal | None:
        series = history.income[stream].earned
        if len(series.values) and series.last != history.until:
            raise ValueError("not up to date")
        return super().of(history, stream)


class Level:
    """A projection method as it should be."""

    name = "level"

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        return self.repeated(float(values.mean()), horizon)

    def repeated(self, value: float, horizon: int) -> Numbers:
        import numpy as np  # while it registers, a method imports nothing as large

        return np.full(horizon, value)


class Brief(Level):
    """Looks one step ahead only."""

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        return values[-1:]


class Growing(Level):
    """Believes in growth without end."""

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        return self.repeated(float("inf") if values[-1] > values[0] else 0.0, horizon)


class Demure(Level):
    """Wants a whole season."""

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        if len(values) < season:
            raise ValueError("too short")
        return self.repeated(float(values.mean()), horizon)


class Moody(Level):
    """Says another thing each time."""

    def __init__(self) -> None:
        self._asked = 0

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        self._asked += 1
        return self.repeated(float(values.mean()) + self._asked, horizon)


class Tidying(Level):
    """Sorts the history it was lent."""

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        values.sort()
        return self.repeated(float(values.mean()), horizon)


class Capped(Level):
    """Cannot believe in more than a thousand."""

    def forecast(self, values: Numbers, season: int, horizon: int) -> Numbers:
        return self.repeated(min(float(values.mean()), 1000.0), horizon)
