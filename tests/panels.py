"""Reads the dashboards as Grafana does, and fills in macros and variables as Grafana does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[1] / "grafana" / "dashboards"
FILES: Final = sorted(FOLDER.glob("*.json"))

# what Grafana takes for a time, a number and a name, by PostgreSQL's type numbers
TIMES: Final = {1082, 1114, 1184}
NUMBERS: Final = {20, 21, 23, 700, 701, 1700}
NAMES: Final = {19, 25, 1042, 1043}

_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)|\[\[(\w+)\]\]")
_MACRO: Final = re.compile(r"\$(__[A-Za-z]+)\(([^)]*)\)")

Value = str | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One query of one panel."""

    dashboard: str
    title: str
    kind: str
    shape: str
    sql: str
    named: frozenset[str]
    body: Mapping[str, Any] = field(repr=False)

    @property
    def label(self) -> str:
        """How a test calls it."""
        return f"{self.dashboard}: {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The time range of a dashboard."""

    since: datetime
    until: datetime

    @classmethod
    def last(cls, days: int) -> Range:
        """From so many days ago to now."""
        now = datetime.now(UTC)
        return cls(since=now - timedelta(days=days), until=now)


def documents() -> list[dict[str, Any]]:
    """Every dashboard."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in FILES]


def panels() -> list[Panel]:
    """Every query of every panel of every dashboard, those inside rows too."""
    found = []
    for document in documents():
        for panel in flat(document["panels"]):
            named = frozenset(
                override["matcher"]["options"]
                for override in panel.get("fieldConfig", {}).get("overrides", [])
                if override["matcher"]["id"] == "byName"
            )
            for target in panel.get("targets", []):
                found.append(
                    Panel(
                        dashboard=document["title"],
                        title=panel["title"],
                        kind=panel["type"],
                        shape=target["format"],
                        sql=target["rawSql"],
                        named=named,
                        body=panel,
                    )
                )
    return found


def flat(panels: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The panels, with those of collapsed rows."""
    return [each for panel in panels for each in (panel, *flat(panel.get("panels", [])))]


def first_values(document: Mapping[str, Any]) -> dict[str, Value]:
    """What each variable is before anyone chooses; All is what Grafana puts for it."""
    values: dict[str, Value] = {}
    for variable in document["templating"]["list"]:
        value = variable["current"]["value"]
        if value == ["$__all"]:
            values[variable["name"]] = _All(variable["allValue"])
        else:
            values[variable["name"]] = value
    return values


class _All(str):
    """The text for All: put in as it is, whatever the format."""

    __slots__ = ()


def expand(
    sql: str,
    values: Mapping[str, Value],
    span: Range,
    *,
    interval: timedelta = timedelta(days=1),
    timescale: bool = False,
) -> str:
    """The SQL that reaches the database: the browser fills in variables, then the server macros.

    Unknown variables and macros are left as they are, as Grafana leaves them, so that the database refuses them.
    """
    seconds = interval.total_seconds()
    globals_: dict[str, str] = {
        "__interval": f"{seconds:g}s",
        "__interval_ms": f"{seconds * 1000:g}",
        "__from": f"{span.since.timestamp() * 1000:.0f}",
        "__to": f"{span.until.timestamp() * 1000:.0f}",
    }

    def variable(match: re.Match[str]) -> str:
        name = match[1] or match[3] or match[4]
        if name in globals_:
            return globals_[name]
        if name not in values:
            return match[0]
        value = values[name]
        return str(value) if isinstance(value, _All) else _formatted(value, match[2])

    def macro(match: re.Match[str]) -> str:
        arguments = [argument.strip() for argument in match[2].split(",")]
        return _macro(match[1], arguments, span, timescale) or match[0]

    filled = _VARIABLE.sub(variable, sql)
    for name, text in globals_.items():
        filled = re.sub(rf"\${name}(?!\w)", text, filled)
    return _MACRO.sub(macro, filled)


def _formatted(value: Value, how: str | None) -> str:
    single = isinstance(value, str)
    texts = [value] if isinstance(value, str) else list(value)
    quoted = ",".join("'" + text.replace("'", "''") + "'" for text in texts)
    match how:
        case "sqlstring":
            return quoted
        case "raw":
            return ",".join(texts)
        case None:
            # the data source's own way: several values are quoted, a single one only escaped
            return texts[0].replace("'", "''") if single else quoted
    raise ValueError(f"no format {how!r}")


def _macro(name: str, arguments: Sequence[str], span: Range, timescale: bool) -> str | None:
    since, until = (moment.astimezone(UTC).isoformat().replace("+00:00", "Z") for moment in (span.since, span.until))
    match name:
        case "__timeFilter":
            return f"{arguments[0]} BETWEEN '{since}' AND '{until}'"
        case "__timeFrom":
            return f"'{since}'"
        case "__timeTo":
            return f"'{until}'"
        case "__timeGroup" | "__timeGroupAlias":
            seconds = _seconds(arguments[1].strip("'\""))
            group = (
                f"time_bucket('{seconds:.3f}s',{arguments[0]})"
                if timescale
                else f"floor(extract(epoch from {arguments[0]})/{seconds:g})*{seconds:g}"
            )
            return group + (' AS "time"' if name.endswith("Alias") else "")
        case "__unixEpochFilter":
            return f"{arguments[0]} >= {span.since.timestamp():.0f} AND {arguments[0]} <= {span.until.timestamp():.0f}"
    return None


def _seconds(text: str) -> float:
    found = re.fullmatch(r"([\d.]+)(ms|s|m|h|d|w)", text)
    if found is None:
        raise ValueError(f"no interval: {text!r}")
    return float(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[found[2]]
