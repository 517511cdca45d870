"""What tests of studies share: studies that give what they are told to, and the store they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flowd.api import (
    About,
    Config,
    Goal,
    GoalOutlook,
    History,
    Metric,
    Projected,
    ProjectionModel,
    Quality,
    ReturnWindow,
)
from flowd.domain.studied import StudyRow
from flowd.engine.studying import Studied, Studies
from flowd.plugins import Registry
from flowd.storage.database import Database
from tests.deriving import Store

Given = Callable[[History], Iterable[StudyRow | Metric]]


class GivenConfig(Config):
    """One number to change."""

    number: int = 1


class Giving:
    """A study that gives what it was told to, and counts how often it was asked."""

    config: type[Config] = GivenConfig
    reads: Sequence[str] = ("derived.income_daily",)

    def __init__(self, given: Given, *writes: str, name: str = "giving") -> None:
        self.name = name
        both = ("derived.return_window", "derived.metric")
        self.writes: Sequence[str] = writes or (both if name == "giving" else ("derived.metric",))
        self.asked = 0
        self._given = given

    def study(self, history: History, config: Any) -> Iterable[StudyRow | Metric]:
        self.asked += 1
        return self._given(history)


class Desk:
    """A store whose studies are these."""

    def __init__(self, database: Database, *studies: Giving, **settings: Any) -> None:
        self.store = Store(database, **settings)
        self.use(*studies)

    def use(self, *studies: Giving, limit: float = 60.0) -> None:
        self.registry = Registry(studies={one.name: one for one in studies})
        self.studies = Studies(self.store.database, self.registry, self.store.settings, self.store.clock, limit=limit)

    def run(self, **options: Any) -> list[Studied]:
        self.store.derivation.catch_up()
        return self.studies.run(**options)

    def outcomes(self, **options: Any) -> dict[str, str]:
        return {one.study: one.outcome.value for one in self.run(**options)}

    def table(self, name: str) -> list[str]:
        return [row[0] for row in self.store.rows(f"SELECT t::text FROM {name} t ORDER BY 1")]


def window(name: str = "", pnl: str | None = "1.50", **more: Any) -> ReturnWindow:
    values: dict[str, Any] = {
        "scope": About.TOTAL if not name else About.CONNECTION,
        "name": name,
        "window": "30d",
        "since": date(2026, 2, 17),
        "until": date(2026, 3, 19),
        "days": 30,
        "quality": Quality.EXACT,
        "pnl": None if pnl is None else Decimal(pnl),
    }
    return ReturnWindow(**{**values, **more})


def metric(value: str | None = "1", name: str = "number", day: int = 19) -> Metric:
    at = datetime(2026, 3, day, 12, tzinfo=UTC)
    return Metric(
        subject="total", name=name, window="30d", at=at, value=None if value is None else Decimal(value), unit="EUR"
    )


def projected(made_on: date, for_day: date, p50: str = "4", **more: Any) -> Projected:
    middle = Decimal(p50)
    values: dict[str, Any] = {
        **{f"p{level:02}": middle + level - 50 for level in (5, 10, 25, 50, 75, 90, 95)},
        "scope": About.TOTAL,
        "name": "",
        "span": "sum",
        "mean": middle,
        "method": "naive",
    }
    return Projected(**{**values, **more}, made_on=made_on, for_day=for_day)


def model(**more: Any) -> ProjectionModel:
    values: dict[str, Any] = {
        "scope": About.TOTAL,
        "name": "",
        "as_of": date(2026, 3, 19),
        "method": "naive",
        "reason": "short",
        "history_days": 10,
        "short": True,
        "origins": 3,
        "digest": "x",
        "parts": {"a": 0.5},
        "fit": {"b": [1, 2]},
    }
    return ProjectionModel(**{**values, **more})


def outlook(**more: Any) -> GoalOutlook:
    goal = Goal(goal="house", kind="saved", amount=Decimal("5000.00"), currency="EUR", since=date(2026, 1, 1))
    return GoalOutlook(goal=goal, as_of=date(2026, 3, 19), reason="", **more)
