"""Reads the dashboards as Grafana does, and fills in macros and variables as Grafana does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
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
BOOLEAN: Final = 16

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
    ref: str
    named: frozenset[str]
    body: Mapping[str, Any] = field(repr=False)

    @property
    def label(self) -> str:
        """How a test calls it."""
        return f"{self.dashboard}: {self.title}" + (f" ({self.ref})" if self.ref != "A" else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One PromQL expression of one panel."""

    dashboard: str
    title: str
    kind: str
    expression: str
    body: Mapping[str, Any] = field(repr=False)

    @property
    def label(self) -> str:
        """How a test calls it."""
        return f"{self.dashboard}: {self.title}: {self.expression[:40]}"


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
    """Every SQL query of every panel of every dashboard, those inside rows too."""
    return [
        Panel(
            dashboard=document["title"],
            title=panel["title"],
            kind=panel["type"],
            shape=target["format"],
            sql=target["rawSql"],
            ref=target["refId"],
            named=frozenset(
                override["matcher"]["options"]
                for override in panel.get("fieldConfig", {}).get("overrides", [])
                if override["matcher"]["id"] == "byName"
            ),
            body=panel,
        )
        for document, panel, target in _targets()
        if "rawSql" in target
    ]


def expressions() -> list[Expression]:
    """Every PromQL expression of every panel of every dashboard."""
    return [
        Expression(
            dashboard=document["title"],
            title=panel["title"],
            kind=panel["type"],
            expression=target["expr"],
            body=panel,
        )
        for document, panel, target in _targets()
        if "expr" in target
    ]


def _targets() -> list[tuple[dict[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    return [
        (document, panel, target)
        for document in documents()
        for panel in flat(document["panels"])
        for target in panel.get("targets", [])
    ]


def flat(panels: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The panels, with those of collapsed rows."""
    return [each for panel in panels for each in (panel, *flat(panel.get("panels", [])))]


def opened(document: Mapping[str, Any], run: Callable[[str], Sequence[Sequence[Any]]]) -> dict[str, Value]:
    """What each variable is when the dashboard opens, as Grafana finds it.

    All is what stands for it; a single value that the database does not offer gives way to the first it does.
    """
    values: dict[str, Value] = {}
    for variable in document["templating"]["list"]:
        value = variable["current"]["value"]
        if value == ["$__all"]:
            values[variable["name"]] = _All(variable["allValue"])
        elif variable["type"] == "query":
            offered = [str(row[-1]) for row in run(expand(variable["query"], values, Range.last(90)))]
            values[variable["name"]] = value if value in offered or not offered else offered[0]
        else:
            values[variable["name"]] = value
    return values


def check_shape(panel: Panel, names: Sequence[str], types: Sequence[int], found: Sequence[Sequence[Any]]) -> None:
    """What the kind of panel needs in order to draw, told by PostgreSQL's type numbers."""
    kinds = dict(zip(names, types, strict=True))
    assert len(kinds) == len(names), "two columns have one name"
    assert set(types) <= NUMBERS | NAMES | TIMES | {BOOLEAN}
    assert panel.named <= set(names) | series_named(panel, found), "an override names what the query does not give"
    if panel.shape == "time_series":
        assert names[0] == "time"
        assert kinds["time"] in TIMES
        labels = [place for place, kind in enumerate(types) if kind in NAMES]
        values = [name for name, kind in kinds.items() if kind in NUMBERS]
        assert values
        if labels:
            assert kinds.get("metric") in NAMES
            assert values == ["value"]
            assert set(names) <= {"time", "metric", "paint", "value"}
        if "paint" in names:
            assert any(each["matcher"]["id"] == "byRegexp" for each in panel.body["fieldConfig"]["overrides"])
        moments = [row[0] for row in found]
        assert moments == sorted(moments)
        assert len({(row[0], *(row[place] for place in labels)) for row in found}) == len(found)
    elif panel.kind == "stat":
        assert len(found) <= 1
    elif panel.kind in ("bargauge", "barchart", "piechart"):
        assert types[0] in NAMES
        assert set(types[1:]) <= NUMBERS
        assert len(types) > 1
        assert len({row[0] for row in found}) == len(found), "two bars have one name"
    else:
        assert panel.kind in ("table", "gauge"), f"{panel.kind} cannot show rows"


def series_named(panel: Panel, found: Sequence[Sequence[Any]]) -> set[str]:
    """The names Grafana gives to lines whose names are in the rows."""
    return {str(row[1]) for row in found} if panel.shape == "time_series" and found and len(found[0]) > 2 else set()


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
