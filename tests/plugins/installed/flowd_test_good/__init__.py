"""A good plugin: one object of every kind there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, BinaryIO

import click

from flowd.api import (
    Analytic,
    Batch,
    Check,
    Config,
    ConnectorType,
    Context,
    Cursor,
    Feed,
    Hints,
    History,
    Http,
    Importer,
    IncomeDay,
    Maturity,
    Metric,
    Notice,
    Notifier,
    ProjectionMethod,
    Rate,
    RateProvider,
    RateQuery,
    ReturnWindow,
    Secret,
    Study,
    View,
    hookimpl,
)


class GoodConfig(Config):
    """Its settings."""

    key: Secret


class Good:
    """Its connector."""

    def __init__(self, config: GoodConfig) -> None:
        self.config = config

    def check(self, ctx: Context) -> Check:
        return Check(summary="fine")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        yield Batch()


class GoodFormat:
    name = "good-format"

    def identify(self, name: str, head: bytes) -> float:
        return 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        yield Batch()


class GoodRates:
    name = "good-rates"

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        return []


class GoodAnalytic:
    name = "good-analytic"
    reads: Sequence[str] = ("derived.flow",)
    writes: Sequence[str] = ("derived.metric",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        return since, until

    def compute(self, view: View, since: date, until: date) -> Iterable[IncomeDay | Metric]:
        return []


class GoodStudy:
    name = "good-study"
    config: type[Config] = Config
    reads: Sequence[str] = ("derived.income_daily",)
    writes: Sequence[str] = ("derived.return_window",)

    def study(self, history: History, config: Any) -> Iterable[ReturnWindow]:
        return []


class GoodMethod:
    name = "good-method"

    def forecast(self, values: Any, season: int, horizon: int) -> Any:
        return values[-1:].repeat(horizon)


class GoodNotifier:
    name = "good-notifier"

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
        return None


@click.command()
def good() -> None:
    """Do good."""


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    feed = Feed(name="all", every=timedelta(hours=1))
    register(ConnectorType(name="good", config=GoodConfig, connect=Good, feeds=[feed], maturity=Maturity.BETA))
    register(ConnectorType(name="good-too", config=GoodConfig, connect=Good, feeds=[feed], maturity=Maturity.STABLE))


@hookimpl
def register_importers(register: Callable[[Importer], None]) -> None:
    register(GoodFormat())


@hookimpl
def register_rate_providers(register: Callable[[RateProvider], None]) -> None:
    register(GoodRates())


@hookimpl
def register_analytics(register: Callable[[Analytic | Study | ProjectionMethod], None]) -> None:
    register(GoodAnalytic())
    register(GoodStudy())
    register(GoodMethod())


@hookimpl
def register_notifiers(register: Callable[[Notifier], None]) -> None:
    register(GoodNotifier())


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    register(good)
