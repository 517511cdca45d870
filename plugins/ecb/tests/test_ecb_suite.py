"""The ECB's rates do what every connector must, as far as a source without a login can."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar

from flowd.api import Cursor, RetryLater
from flowd.errors import FlowdError
from flowd.testing import ConnectorSuite, Harness, Replay, Reply
from flowd_ecb import CONNECTOR, history

NEWEST = next(history.days(history.bundled())).day
#: A day whose rates have to be fetched, with working days between.
DAY = NEWEST + timedelta(days=9)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>{}</Cube></gesmes:Envelope>'
)


def rates(*days: date) -> Reply:
    values = {name: value for name, value in next(history.days(history.bundled())).values.items() if name in "USD CHF"}
    cubes = "".join(f"<Cube currency='{name}' rate='{value}'/>" for name, value in values.items())
    return Reply(
        body=XML.format("".join(f"<Cube time='{day}'>{cubes}</Cube>" for day in days)),
        headers={"content-type": "text/xml"},
    )


def later() -> Cursor:
    """The cursor after a first run."""
    config = {"since": NEWEST - timedelta(days=20), "currencies": ["CHF", "USD"]}
    ran = Harness(CONNECTOR, config).sync("rates", tick=datetime.combine(NEWEST, time(12), tzinfo=UTC))
    assert ran.cursor is not None
    return ran.cursor


class TestFirstRun(ConnectorSuite):
    connector = CONNECTOR
    config = {"since": NEWEST - timedelta(days=20), "currencies": ["CHF", "USD"]}
    tick = datetime.combine(DAY, time(20), tzinfo=UTC)
    #: The first run does with what comes with the package.
    faults: ClassVar[Mapping[str, type[FlowdError] | None]] = dict.fromkeys(
        ("401", "403", "429", "500", "503", "timeout", "broken", "truncated", "html", "half", "tls")
    )

    def source(self) -> Replay:
        replay = Replay()
        days = [NEWEST + timedelta(days=n) for n in range(1, 10)]
        for name in ("eurofxref-hist-90d.xml", "eurofxref-daily.xml"):
            replay.on("GET", f"/stats/eurofxref/{name}", rates(*(day for day in days if day.weekday() < 5)))
        return replay


class TestLaterRun(TestFirstRun):
    begin = {"rates": later()}
    #: Nobody logs in at the ECB: a refusal passes.
    faults = {"401": RetryLater, "403": RetryLater}
