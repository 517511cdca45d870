"""Since when connections are read: what flowd.yaml says, or an earlier day that somebody asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from flowd.api import ConnectorType
from flowd.config.binding import Bound, BoundConnection

#: The setting by which connectors are told since when to read.
SINCE: Final = "since"
_log = logging.getLogger(__name__)


def takes_since(kind: ConnectorType[Any]) -> bool:
    """Say whether a connector can be told since when to read."""
    field = kind.config.model_fields.get(SINCE)
    # A datetime is no day, though its class comes from that of days.
    return field is not None and field.annotation in (date, date | None)


def since_of(one: BoundConnection) -> date | None:
    """Return the day a connection's settings name; None where they leave it to the connector."""
    found = getattr(one.config, SINCE, None)
    return found if isinstance(found, date) else None


def reads_all(one: BoundConnection) -> bool:
    """Say whether a connection reads all there is as it is set."""
    past = one.type.past
    return since_of(one) is None and past is not None and past.first is None


def read_since(one: BoundConnection, day: date) -> BoundConnection:
    """Return a connection that is read since `day`; itself, where it is read since then, or all of it, anyhow.

    ValidationError where its connector takes no such day.
    """
    said = since_of(one)
    if not takes_since(one.type) or reads_all(one) or (said is not None and said <= day):
        return one
    written = {**one.written, SINCE: day.isoformat()}
    return replace(one, config=one.type.config.model_validate(written), written=written)


def moved_back(bound: Bound, days: Mapping[str, date]) -> Bound:
    """Return the connections with those that are asked for since an earlier day read since then."""
    connections = dict(bound.connections)
    for name in connections.keys() & days.keys():
        try:
            connections[name] = read_since(connections[name], days[name])
        except ValidationError:
            _log.warning("%s is read as flowd.yaml says: its connector does not take %s any more", name, days[name])
    return replace(bound, connections=connections)
