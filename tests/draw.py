"""Draws the dashboard Income from its own queries, for the documentation: a stand-in for a picture of a Grafana.

    python -m tests.draw "$(flowd db url --role grafana)" docs/images/income.png

Needs matplotlib, which flowd does not.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import psycopg

from tests.panels import Range, documents, expand, opened, panels

PAGE, CARD, INK, FAINT = "#111217", "#181b1f", "#ccccdc", "#8e8e9c"
LINES = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d", "#fade2a"]
GOOD = {"exact": "#73bf69", "estimated": "#f2cc0c", "spread": "#8ab8ff", "partial": "#ff780a", "stale": "#f2495c"}

Rows = list[tuple[Any, ...]]


def answers(address: str) -> dict[str, tuple[list[str], Rows]]:
    """What each panel gets, by its title: the names of the columns and the rows."""
    document = next(each for each in documents() if each["title"] == "Income")
    found: dict[str, tuple[list[str], Rows]] = {}
    with psycopg.connect(address, autocommit=True) as connection:
        values = opened(document, lambda sql: connection.execute(sql.encode()).fetchall())
        for panel in panels():
            if panel.dashboard == "Income":
                cursor = connection.execute(expand(panel.sql, values, Range.last(90)).encode())
                found[panel.title] = ([column.name for column in cursor.description or ()], cursor.fetchall())
    return found


def draw(found: dict[str, tuple[list[str], Rows]], target: str) -> None:
    """Put the panels on one page, where Grafana would put them."""
    # by name, because the type checker runs where it is not installed
    import_module("matplotlib").use("agg")
    plt = import_module("matplotlib.pyplot")

    plt.rcParams.update({"text.color": INK, "axes.labelcolor": INK, "xtick.color": FAINT, "ytick.color": FAINT})
    plt.rcParams.update({"font.size": 9, "font.family": "DejaVu Sans", "axes.edgecolor": "#2c3235"})
    page = plt.figure(figsize=(15, 14), facecolor=PAGE)
    grid = page.add_gridspec(
        5,
        24,
        height_ratios=[1.0, 3.1, 2.3, 2.2, 1.2],
        hspace=0.34,
        wspace=1.2,
        left=0.04,
        right=0.985,
        top=0.94,
        bottom=0.02,
    )
    page.text(0.04, 0.975, "flowd  /  Income", fontsize=13, color=INK)
    page.text(0.985, 0.975, "Last 90 days   ·   Earned   ·   per Day   ·   every 10 s", ha="right", color=FAINT)

    def card(place: Any, title: str) -> Any:
        axes = page.add_subplot(place, facecolor=CARD)
        axes.set_title(title, loc="left", fontsize=10, color=INK, pad=7)
        for side in axes.spines.values():
            side.set_visible(False)
        return axes

    tiles = [
        ("You earn per day", slice(0, 6)),
        ("Against the 30 days before", slice(6, 10)),
        ("This month so far", slice(10, 15)),
        ("Last month", slice(15, 20)),
        ("Quality of the daily rate", slice(20, 24)),
    ]
    for title, columns in tiles:
        axes = card(grid[0, columns], title)
        axes.set(xticks=[], yticks=[])
        big, small, colour = _tile(title, found[title][1])
        axes.text(0.5, 0.56, big, ha="center", va="center", fontsize=27 if columns.start == 0 else 21, color=colour)
        axes.text(0.5, 0.14, small, ha="center", va="center", fontsize=9, color=FAINT)

    moments, series = _wide(found["Income by stream"][1])
    axes = card(grid[1, :], "Income by stream")
    _stack(axes, moments, series, LINES, 1.0)
    axes.grid(axis="y", color="#2c3235", linewidth=0.6)
    axes.margins(x=0)
    axes.legend(loc="upper left", ncols=4, frameon=False, labelcolor=INK, fontsize=8.5)
    axes.set_ylim(top=axes.get_ylim()[1] * 1.18)

    moments, series = _wide(found["Income by group"][1])
    axes = card(grid[2, :12], "Income by group")
    _stack(axes, moments, series, LINES[::-1], 0.8)
    axes.grid(axis="y", color="#2c3235", linewidth=0.6)
    axes.margins(x=0)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, -0.2), ncols=6, frameon=False, labelcolor=INK, fontsize=8.5)

    weeks, days = _wide(found["Income by day"][1], missing=float("nan"))
    axes = card(grid[2, 12:], "Income by day")
    axes.imshow(list(days.values()), cmap="Greens_r", aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(days)), [name.split()[1] for name in days])
    axes.set_xticks(range(0, len(weeks), 2), [f"{week:%d %b}" for week in weeks[::2]])
    axes.set_xticks([place - 0.5 for place in range(len(weeks))], minor=True)
    axes.set_yticks([place - 0.5 for place in range(len(days))], minor=True)
    axes.grid(which="minor", color=CARD, linewidth=2.5)
    axes.tick_params(which="both", length=0)

    _table(card(grid[3, :], "Streams"), *found["Streams"], widths=[5, 3, 2.4, 2, 2.8, 2.8, 1.2, 2.6, 2.2])
    _table(
        card(grid[4, :], "What to know about these numbers"),
        *found["What to know about these numbers"],
        widths=[1.4, 4, 9, 9.6],
        limit=3,
    )
    page.savefig(target, dpi=100, facecolor=PAGE)


def _stack(axes: Any, moments: list[Any], series: dict[str, list[float]], colours: list[str], width: float) -> None:
    """Bars on top of each other, losses downwards."""
    floor, ceiling = [0.0] * len(moments), [0.0] * len(moments)
    for place, (name, values) in enumerate(series.items()):
        under = [ceiling[k] if value >= 0 else floor[k] for k, value in enumerate(values)]
        axes.bar(moments, values, bottom=under, width=width, color=colours[place % len(colours)], label=name)
        ceiling = [top + max(value, 0) for top, value in zip(ceiling, values, strict=True)]
        floor = [low + min(value, 0) for low, value in zip(floor, values, strict=True)]


def _tile(title: str, rows: Rows) -> tuple[str, str, str]:
    if not rows or rows[0][-1] is None:
        return "–", "", FAINT
    value = rows[0][-1]
    if title.startswith("Quality"):
        return str(value), "", GOOD[value]
    if title.startswith("Against"):
        return f"{value:+.1%}", "", "#73bf69" if value >= 0 else "#f2495c"
    return f"{value:,.2f}", str(rows[0][1]), "#73bf69" if value >= 0 else "#f2495c"


def _wide(rows: Rows, missing: float = 0.0) -> tuple[list[Any], dict[str, list[float]]]:
    """One list of values per name, over all moments."""
    moments = sorted({row[0] for row in rows})
    names = sorted({row[1] for row in rows})
    values = {(row[0], row[1]): missing if row[2] is None else float(row[2]) for row in rows}
    return moments, {name: [values.get((moment, name), missing) for moment in moments] for name in names}


def _table(axes: Any, names: list[str], rows: Rows, *, widths: list[float], limit: int = 7) -> None:
    axes.set(xlim=(0, sum(widths)), ylim=(limit + 1, -0.3), xticks=[], yticks=[])
    for line, row in enumerate([tuple(names), *rows[:limit]]):
        left = 0.0
        for name, value, width in zip(names, row, widths, strict=True):
            text, colour = _cell(name, value, head=line == 0)
            axes.text(left + 0.12, line + 0.3, text, color=colour, va="center", fontsize=9)
            left += width
        axes.axhline(line + 0.8, color="#2c3235", linewidth=0.6)


def _cell(name: str, value: Any, *, head: bool) -> tuple[str, str]:
    if head:
        return str(value), "#6e9fff"
    if value is None:
        return "–", FAINT
    if name == "Change":
        return f"{value:+.1%}", "#73bf69" if value >= 0 else "#f2495c"
    if name in {"Quality", "How bad"}:
        return str(value), GOOD.get(value, "#f2495c" if value == "bad" else "#8ab8ff")
    if isinstance(value, str):
        return value if len(value) < 84 else value[:82] + "…", INK
    return f"{value:,.2f}", INK


if __name__ == "__main__":
    draw(answers(sys.argv[1]), sys.argv[2])
