"""The study `projection`: what every stream, every group and everything will bring, and when goals are reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import Field, field_validator

from flowd.analytics.holidays import calendar
from flowd.api import Config, GoalOutlook, History, Projected, ProjectionMethod, ProjectionModel

#: Goals are counted on so many paths at most.
GOAL_PATHS: Final = 5_000


class ProjectionConfig(Config):
    """How far is foretold and by how many paths."""

    horizon: int = Field(default=180, ge=1, le=730, description="How many days are foretold.")
    paths: int = Field(default=10_000, ge=100, le=100_000, description="How many joint paths are drawn.")
    loss: bool = Field(default=True, description="Whether a stream may end by chance in a path.")
    holidays: str | None = Field(
        default=None,
        description="Whose holidays are no working days: a country (DE), a part of one (DE-BY) or a market (ECB).",
    )

    @field_validator("holidays")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        calendar(name)
        return name


class Projection:
    """Writes what is foretold, how, and the chances of goals; `methods` are compared beside the built-in ones."""

    name: Final = "projection"
    config: Final = ProjectionConfig
    reads: Sequence[str] = ("derived.income_daily", "derived.flow", "derived.schedule_term", "raw.rate")
    writes: Sequence[str] = ("raw.projection", "derived.projection_model", "derived.goal")

    def __init__(self, methods: Sequence[ProjectionMethod] = ()) -> None:
        self._methods = tuple(methods)

    def with_methods(self, methods: Sequence[ProjectionMethod]) -> Projection:
        """Return the study that also compares `methods`, those that plugins bring."""
        return Projection(methods)

    def study(self, history: History, config: ProjectionConfig) -> Iterator[Projected | ProjectionModel | GoalOutlook]:
        """Yield every quantile that is kept, every model, and the outlook of every goal."""
        # the daemon lists studies, and never imports numpy
        from flowd.analytics.projection.goals import goal_horizon, goal_outlooks, goal_subjects
        from flowd.analytics.projection.outlook import outlook
        from flowd.analytics.projection.rows import projected

        holidays, keep = calendar(config.holidays), goal_subjects(history.goals)
        said = outlook(
            history,
            horizon_days=config.horizon,
            paths=config.paths,
            methods=self._methods,
            holidays=holidays,
            loss=config.loss,
            keep=keep,
        )
        yield from projected(said)
        yield from said.models.values()
        further = goal_horizon(history.goals)
        if further > config.horizon:
            said = outlook(
                history,
                horizon_days=further,
                # chances to the hundredth need no more, and two years of paths are large
                paths=min(config.paths, GOAL_PATHS),
                methods=self._methods,
                models=said.models,
                holidays=holidays,
                loss=config.loss,
                keep=keep,
            )
        yield from goal_outlooks(history, said)
