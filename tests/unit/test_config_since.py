"""Since when a connection is read: flowd.yaml's day or the one asked for, whichever is earlier."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from pydantic import Field

from flowd.api import Config, ConnectorType, Past
from flowd.config.binding import Bound, BoundConnection
from flowd.config.models import ConnectionSettings
from flowd.config.since import moved_back, reads_all, since_of, takes_since

DAY = date(2021, 5, 1)


class Maybe(Config):
    since: date | None = None
    other: int = 1


class Fixed(Config):
    since: date = date(2024, 1, 1)


class Late(Config):
    since: date | None = Field(None, ge=date(2022, 1, 1))


class Moment(Config):
    since: datetime | None = None


class Without(Config):
    other: int = 1


def bound(config: Config, past: Past | None = None, **written: object) -> Bound:
    kind: ConnectorType[Config] = ConnectorType(
        name="x",
        config=type(config),
        connect=lambda _: NotImplemented,
        feeds=(),
        past=past,
    )
    one = BoundConnection(
        name="one",
        type=kind,
        config=config,
        feeds={},
        isolation=kind.isolation,
        secrets=(),
        settings=ConnectionSettings(type="x"),
        written=written,
    )
    return Bound(connections={"one": one}, notifiers={}, problems={}, notifier_problems={}, warnings=())


@pytest.mark.parametrize(
    ("config", "past", "since"),
    [
        (Maybe(), Past(), DAY),
        (Maybe(), None, DAY),
        (Maybe(since=date(2025, 1, 1)), None, DAY),
        (Maybe(since=date(2020, 1, 1)), None, date(2020, 1, 1)),
        (Fixed(), None, DAY),
        # All there is would be less with a day.
        (Maybe(), Past(first=None), None),
        (Maybe(since=date(2025, 1, 1)), Past(first=None), DAY),
        (Moment(), None, None),
        (Without(), None, None),
        # A connector that takes no such day is read as it was: nothing else stops for it.
        (Late(), None, None),
    ],
)
def test_the_earlier_day_holds(config: Config, past: Past | None, since: date | None) -> None:
    before = bound(config, past, **({} if type(config) is Fixed else {"other": 7}))
    one = moved_back(before, {"one": DAY, "gone": DAY}).connections["one"]
    assert since_of(one) == since
    if since == DAY:
        # What goes to the connector's own process says the same, and nothing else has changed.
        assert one.written == {**before.connections["one"].written, "since": "2021-05-01"}
        assert one.type.config.model_validate(one.payload()) == one.config
    else:
        assert one is before.connections["one"]
    assert moved_back(before, {}).connections == before.connections


def test_connectors_that_can_be_told() -> None:
    told = [takes_since(bound(config).connections["one"].type) for config in (Maybe(), Fixed(), Moment(), Without())]
    assert told == [True, True, False, False]
    assert reads_all(bound(Maybe(), Past(first=None)).connections["one"])
    assert not reads_all(bound(Maybe(since=DAY), Past(first=None)).connections["one"])
