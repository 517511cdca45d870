"""The list of streams: the lines of income there are, how each is made and how it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from flowd.config import Settings
from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.results import Method, Stream
from flowd.engine.view import Facts, kind_of
from flowd.plugins import Registry
from flowd.storage.connections import Session
from flowd.storage.statements import statements

_CLASSES: Final = frozenset(FlowClass)
_GROUPS: Final = {Method.VALUE: "investments", Method.SCHEDULE: "declared"}
#: A reading tells the value at the end of the day for a day, where readings are rarer for a quarter more than their
#: interval.
FRESH: Final = timedelta(days=1)
SLACK: Final = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One stream and how it is shown."""

    stream: str
    method: Method
    connection: str
    name: str
    group: str
    color: str | None
    target: object

    def row(self) -> tuple[object, ...]:
        """Return it as a row of derived.stream."""
        return (self.stream, self.method.value, self.connection, self.name, self.group, self.color, self.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The streams of one tenant within one transaction."""

    session: Session
    facts: Facts
    settings: Settings
    fresh: Mapping[str, timedelta] = field(default_factory=dict)

    def valued(self) -> list[str]:
        """Return the connections with readings of valued accounts."""
        return self._valued(self.facts)

    def holdings(self) -> list[Stream]:
        """Return the connections with readings of accounts that are worth something, whatever their income is from."""
        found = [self.stream(name, Method.VALUE, name) for name in self._valued(self.facts.worth())]
        # a connection by ledger has no stream of its own; it is shown where it would be by value
        return [replace(one, group=self._line(one.stream, Method.VALUE, one.stream, "").group) for one in found]

    def _valued(self, facts: Facts) -> list[str]:
        fields = {"tenant": facts.tenant}
        rows = self.session.execute(statements("derived")["reading_accounts"], fields).fetchall()
        return sorted(
            {
                connection
                for connection, account, kind in rows
                if facts.is_valued(connection, account, None if kind is None else kind_of(kind))
            }
        )

    def scheduled(self) -> list[str]:
        """Return the connections that declared a schedule."""
        fields = {"tenant": self.facts.tenant}
        return [row[0] for row in self.session.execute(statements("derived")["schedule_streams"], fields).fetchall()]

    def stored(self) -> dict[str, Stream]:
        """Return the streams as they are listed now, by name."""
        rows = self.session.execute(statements("derived")["streams"], {"tenant": self.facts.tenant}).fetchall()
        return {name: self.stream(name, Method(method), connection) for name, method, connection in rows}

    def stream(self, name: str, method: Method, connection: str) -> Stream:
        """Return what an analytic has to know of a stream."""
        return Stream(
            stream=name,
            method=method,
            connection=connection,
            fresh=self.fresh.get(connection, FRESH),
            every=shown.every if (shown := self.settings.streams.get(name)) is not None else None,
        )

    def store(self, touched: Iterable[str]) -> dict[str, Stream]:
        """List the streams anew, looking at transactions only for those listed before and `touched`; return them."""
        sql = statements("derived")
        fields: dict[str, Any] = {"tenant": self.facts.tenant}
        candidates = {name for name, stream in self.stored().items() if stream.method is Method.TRANSACTIONS}
        lines = {
            name: self._line(name, Method.TRANSACTIONS, connection, flow_class)
            for name, connection, flow_class in self._sources(candidates.union(touched))
        }
        for connection in self.scheduled():
            lines[connection] = self._line(connection, Method.SCHEDULE, connection, "")
        for connection in self.valued():
            lines[connection] = self._line(connection, Method.VALUE, connection, "")
        with self.session.cursor() as cursor, cursor.copy(sql["copy_streams"]) as copy:
            for line in lines.values():
                copy.write_row(line.row())
        self.session.execute(sql["delete_streams"], fields)
        self.session.execute(sql["upsert_streams"], fields)
        return {name: self.stream(name, line.method, line.connection) for name, line in lines.items()}

    def _sources(self, names: Collection[str]) -> Iterator[tuple[str, str, str]]:
        """Yield those of the streams `names` that have transactions, with a connection and a class they come from.

        A stream that flowd named says both itself; one that a user named may have many.
        """
        sql, fields = statements("derived"), {"tenant": self.facts.tenant}
        rows = self.session.execute(sql["streams_in_use"], {**fields, "streams": sorted(names)}).fetchall()
        named = []
        for (name,) in rows:
            connection, _, flow_class = name.rpartition("/")
            if connection and flow_class in _CLASSES:
                yield name, connection, flow_class
            else:
                named.append(name)
        if named:
            for name, connection, flow_class in self.session.execute(
                sql["stream_sources"], {**fields, "streams": named}
            ):
                yield name, connection, flow_class

    def _line(self, name: str, method: Method, connection: str, flow_class: str) -> Line:
        """Return how a stream is shown: as the user says of it, else of the stream it is part of, else plainly."""
        own = self.settings.streams.get(name)
        parents = [item for item in self.settings.streams.items() if name in (item[1].of or ())]
        parent_name, parent = parents[0] if parents else (None, None)
        shown = [settings for settings in (own, parent) if settings is not None]
        return Line(
            stream=name,
            method=method,
            connection=connection,
            name=next((one.name for one in shown if one.name), parent_name or name),
            group=next((one.group for one in shown if one.group), _GROUPS.get(method, flow_class)),
            color=next((one.color for one in shown if one.color), None),
            target=next((one.target for one in shown if one.target is not None), None),
        )


def default_kinds(settings: Settings, registry: Registry) -> dict[str, AccountKind]:
    """Return what accounts of each connection are where the source does not say, by its connector."""
    return {
        name: registry.connectors[connection.type].accounts
        for name, connection in settings.connections.items()
        if connection.type in registry.connectors
    }


def freshness(settings: Settings, registry: Registry) -> dict[str, timedelta]:
    """Return how old a reading of each connection may be at the end of a day: a day, or 1.25 times its slowest feed."""
    found = {}
    for name, connection in settings.connections.items():
        connector = registry.connectors.get(connection.type)
        if connector is None:
            continue
        configured = {feed: said.every for feed, said in connection.feeds.items() if said.every is not None}
        slowest = max((configured.get(feed.name, feed.every) for feed in connector.feeds), default=FRESH)
        found[name] = max(FRESH, slowest * SLACK)
    return found
