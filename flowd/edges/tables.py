"""Shows rows as a table for people or as JSON for programs: the same rows, stable keys."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import click

from flowd.domain.json import to_json

Row = Mapping[str, object]


def print_json(value: object) -> None:
    """Print `value` as indented JSON."""
    click.echo(json.dumps(to_json(value), indent=2, ensure_ascii=False))


def money(value: Decimal | None, places: int = 2) -> str:
    """Write an amount for people: thousands apart, `places` decimals, an em dash where it is unknown."""
    return "—" if value is None else f"{value:,.{places}f}"


def units(value: Decimal | None, places: int = 8) -> str:
    """Write how much of an asset there is, with all its decimals and two at least: coins are not counted in cents."""
    if value is None:
        return "—"
    shown = f"{round(value, places):,.{places}f}"
    return shown[: max(len(shown.rstrip("0")), len(shown) - places + 2)]


def many(count: object, word: str) -> str:
    """Write how many there are of what `word` names."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def cell(value: object) -> str:
    """Write one value for people."""
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return money(value)
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
        case list() | tuple():
            return ", ".join(str(item) for item in value)
        case _:
            return str(value)


def show(
    rows: Sequence[Row], columns: Sequence[str], *, as_json: bool, empty: str, exact: Collection[str] = ()
) -> None:
    """Print `rows`: as JSON with all their keys, or as a table of `columns`; `empty` is said when there is none.

    Amounts in the columns `exact` are shown with all their decimals.
    """
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo(empty)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numbers = all(isinstance(row.get(column), Decimal | int | None) for row in rows)
        table.add_column(column.replace("_", " "), justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        cells = [
            units(value) if column in exact and isinstance(value, Decimal) else cell(value)
            for column, value in ((column, row.get(column)) for column in columns)
        ]
        styles = [_style(column, row.get(column)) for column in columns]
        table.add_row(*(Text(text, style=style) for text, style in zip(cells, styles, strict=True)))
    # A pipe has no width of its own: give the table all it needs instead of folding it to 80 characters.
    wide = None if sys.stdout.isatty() else 200
    Console(width=wide, highlight=False, soft_wrap=False).print(table)


_COLOURS = {
    "broken": "red",
    "failed": "red",
    "failing": "red",
    "misconfigured": "red",
    "needs_reauth": "red",
    "auth": "red",
    "config": "red",
    "over_time": "red",
    "interrupted": "yellow",
    "retry": "yellow",
    "stale": "yellow",
    "partial": "yellow",
    "done": "green",
    "healthy": "green",
    "loaded": "green",
}


def _style(column: str, value: object) -> str:
    return _COLOURS.get(str(value), "") if column in {"state", "outcome", "quality", "health"} else ""
