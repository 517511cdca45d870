"""What each panel of a dashboard gets from its data sources, in the form tests/reading/frames.mjs takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import psycopg

from tests.panels import BOOLEAN, NUMBERS, TIMES, Range, Value, expand, flat, opened

Connection = psycopg.Connection[tuple[Any, ...]]
Asked = Callable[[Mapping[str, Any], Range], list[Any]]

_STEP: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def span_of(document: Mapping[str, Any], now: datetime) -> Range:
    """The time range a dashboard opens with."""
    since, until = (_moment(document["time"][end], now) for end in ("from", "to"))
    return Range(since=since, until=until)


def _moment(text: str, now: datetime) -> datetime:
    found = re.fullmatch(r"now(?:([+-]\d+)([mhdwMy]))?", text)
    if found is None:
        raise ValueError(f"no moment: {text!r}")
    if found[1] is None:
        return now
    count, unit = int(found[1]), found[2]
    return now + count * _STEP.get(unit, timedelta(days=30 if unit == "M" else 365))


def answered(
    document: Mapping[str, Any],
    connection: Connection,
    *,
    now: datetime | None = None,
    metrics: Asked | None = None,
    chosen: Mapping[str, Value] | None = None,
) -> dict[str, Any]:
    """One dashboard as it opens, or with other values `chosen` at the top, and what each of its panels gets."""
    span = span_of(document, now or datetime.now(UTC))

    def ask(sql: str) -> Sequence[Sequence[Any]]:
        return connection.execute(sql.encode()).fetchall()

    values = {**opened(document, ask), **(chosen or {})}
    answers: dict[str, list[dict[str, Any]]] = {}
    for panel in flat(document["panels"]):
        for target in panel.get("targets", []):
            own = answers.setdefault(str(panel["id"]), [])
            if "rawSql" in target:
                own.append(_rows(target, connection.execute(expand(target["rawSql"], values, span).encode())))
            elif metrics is not None:
                own.append(
                    {
                        "from": "prometheus",
                        "ref": target["refId"],
                        "legend": target.get("legendFormat", ""),
                        "shape": target.get("format", "time_series"),
                        "result": metrics(target, span),
                    }
                )
    return {
        "document": document,
        "range": [_milliseconds(span.since), _milliseconds(span.until)],
        "values": values,
        "chosen": _shown(document, values, lambda sql: ask(expand(sql, values, span))),
        "answers": answers,
    }


def _rows(target: Mapping[str, Any], cursor: psycopg.Cursor[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "from": "postgres",
        "ref": target["refId"],
        "shape": target["format"],
        "columns": [{"name": each.name, "type": _type(each.type_code)} for each in cursor.description or ()],
        "rows": [[_plain(value) for value in row] for row in cursor.fetchall()],
    }


def _shown(document: Mapping[str, Any], values: Mapping[str, Value], ask: Callable[[str], Any]) -> list[list[str]]:
    """What stands at the top: the label of each choice and the text of what is chosen."""
    shown = []
    for variable in document["templating"]["list"]:
        value = values[variable["name"]]
        if variable["current"]["value"] == ["$__all"] and value == variable["allValue"]:
            text = "All"
        elif variable["type"] == "query":
            texts = {str(row[-1]): str(row[0]) for row in ask(variable["query"])}
            text = ", ".join(texts.get(one, one) for one in ([value] if isinstance(value, str) else value))
        else:
            text = next((str(each["text"]) for each in variable["options"] if each["value"] == value), str(value))
        shown.append([variable["label"], text])
    return shown


def _type(number: int) -> str:
    if number in TIMES:
        return "time"
    return "number" if number in NUMBERS else "boolean" if number == BOOLEAN else "string"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return _milliseconds(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return _milliseconds(datetime(value.year, value.month, value.day, tzinfo=UTC))
    return value


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
