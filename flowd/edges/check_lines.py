"""Shows what `flowd check` found: a line for each thing, and under it what is worth reading."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import click

from flowd.edges.tables import Row, cell, print_json

#: An end that is nearer is warned of, as notifiers do for the first time.
_SOON = timedelta(days=14)


def show_found(rows: Sequence[Row], *, as_json: bool) -> None:
    """Print what was found: as JSON with all keys, or as lines that fold at the terminal's width."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo("nothing is configured yet: `flowd init` writes a first flowd.yaml")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(overflow="fold")
    for row in rows:
        style = "red" if row["state"] == "wrong" else "green"
        title = Text.assemble((str(row["state"]), style), " ", _name(str(row["what"])))
        table.add_row(title, Text(str(row["says"])))
        for label, text in _details(row):
            table.add_row(Text(f"  {label}", style="yellow" if label == "warning" else "dim"), Text(text))
    # A pipe has no width of its own: fold late, so that what is searched for stays on one line.
    wide = None if sys.stdout.isatty() else 200
    Console(width=wide, highlight=False, soft_wrap=False).print(table)
    wrong = sum(row["state"] == "wrong" for row in rows)
    click.echo(f"\n{wrong} of {len(rows)} wrong" if wrong else "\nall is well")


def with_end(row: Row, ends: object, name: str, *, links: bool, now: datetime) -> Row:
    """Return the row with the end of the access, and a warning where that is near or past."""
    if not isinstance(ends, datetime):
        return {**row, "expires_at": None}
    left = ends - now
    warnings = _texts(row, "warnings")
    again = f"run `flowd link {name}`" if links else "make a new key in time"
    if left <= timedelta(0):
        warnings.append(f"by what the source said, the access has ended: {again}")
    elif left <= _SOON:
        warnings.append(f"the access ends in {left.days} days: {again}")
    return {**row, "expires_at": ends, "warnings": warnings}


def _name(what: str) -> str:
    return what.removeprefix("connections.")


def _details(row: Row) -> Iterator[tuple[str, str]]:
    if covers := _texts(row, "covers"):
        yield "reads", ", ".join(covers)
    for one in _texts(row, "unread"):
        yield "does not read", one
    if permissions := _texts(row, "permissions"):
        yield "key may", ", ".join(permissions)
    if row.get("expires_at") is not None:
        yield "ends", cell(row["expires_at"])
    if row.get("budget_left") is not None:
        renewed = row.get("budget_renewed_at")
        yield (
            "requests left",
            f"{row['budget_left']} of {row['budget']}" + (f" until {cell(renewed)}" if renewed is not None else ""),
        )
    for one in _texts(row, "warnings"):
        yield "warning", one
    if row.get("fix"):
        yield "fix", str(row["fix"])


def _texts(row: Row, key: str) -> list[str]:
    found = row.get(key)
    return [str(one) for one in found] if isinstance(found, list) else []
