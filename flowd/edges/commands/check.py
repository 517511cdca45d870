"""`flowd check`: is the configuration right, and does every source let flowd in?"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from flowd.edges.check_lines import show_found, with_end
from flowd.edges.opening import load_registry, open_store, read_settings

if TYPE_CHECKING:
    from flowd.engine.running import Runner


@click.command()
@click.option("--offline", is_flag=True, help="Check the configuration only; ask no source, start no database.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(ctx: click.Context, offline: bool, as_json: bool) -> None:
    """Check flowd.yaml, then make one cheap call to every source: does the key work, what may it do?

    Shown of each connection: what it reaches and what it cannot read, what its key may do and until when, and how many
    requests its budget has left where the source allows so many only.

    Keys that may trade or withdraw are reported: flowd needs to read only. Exits 1 when something is wrong, 2 when
    flowd.yaml itself is.
    """
    from flowd.config.binding import bind_connections
    from flowd.storage.sealing import key_problems, key_warnings

    settings = read_settings(ctx)
    registry = load_registry(settings)
    bound = bind_connections(settings, registry)
    rows: list[Mapping[str, object]] = [
        _row(problem.where, "wrong", f"{problem.place}: {problem.message}", fix=problem.fix)
        for problem in bound.all_problems
    ]
    said = set(settings.warnings)  # read_settings has printed these
    for warning in [*(one for one in bound.warnings if one not in said), *key_warnings(settings)]:
        click.echo(f"warning: {warning}", err=True)
    rows += [
        _row(problem.where, "wrong", f"{problem.place}: {problem.message}", fix=problem.fix)
        for problem in key_problems(settings)
    ]
    if offline:
        rows += [
            _row(f"connections.{name}", "ok", f"{one.type.name}, as configured")
            for name, one in bound.connections.items()
        ]
    else:
        from flowd.edges.assembly import Assembly
        from flowd.engine.clock import SystemClock
        from flowd.storage.listening import daemon_runs

        with open_store(settings) as store:
            rows.append(_row("database", "ok", "answers, and its schema is up to date"))
            parts = Assembly.of(settings, registry, bound, store.database, clock=SystemClock())
            parts.start(alone=not daemon_runs(store.database))
            try:
                with ThreadPoolExecutor(8, thread_name_prefix="flowd-check") as pool:
                    found = list(pool.map(lambda name: ask(parts.runner, name), parts.connections))
                ends = parts.consents.known()
                for name, row in zip(parts.connections, found, strict=True):
                    # What was said when it was linked, where the check itself does not tell.
                    links = parts.connections[name].type.links
                    end = row.get("expires_at") or ends.get(name)
                    rows.append(with_end(row, end, name, links=links, now=datetime.now(UTC)))
            finally:
                parts.stop()
    show_found(rows, as_json=as_json)
    if any(row["state"] == "wrong" for row in rows):
        ctx.exit(1)


#: Words in a key's permissions that mean it can do more than read.
_MORE_THAN_READING = ("trade", "withdraw", "transfer", "order", "write")


def ask(runner: Runner, name: str) -> Mapping[str, object]:
    """Make one connection's cheap call, and return what it found as a row."""
    from flowd.errors import FlowdError

    try:
        found = runner.check(name)
    except FlowdError as problem:
        row = _row(f"connections.{name}", "wrong", str(problem))
        return {**row, "error": type(problem).__name__, **_budget(runner, name)}
    warnings = list(found.warnings)
    more = [one for one in found.permissions if any(word in one.lower() for word in _MORE_THAN_READING)]
    if more:
        warnings.append(f"this key may {', '.join(more)}: make one that can only read")
    return {
        **_row(f"connections.{name}", "ok", found.summary),
        "covers": list(found.covers),
        "unread": list(found.unread),
        "permissions": list(found.permissions),
        "expires_at": found.expires_at,
        "warnings": warnings,
        **_budget(runner, name),
    }


def _budget(runner: Runner, name: str) -> Mapping[str, object]:
    """Return what is left of a connection's budget; nothing where it has none, or nobody knows just now."""
    from flowd.errors import DatabaseAway

    with suppress(DatabaseAway):
        if (budget := runner.budget_left(name)) is not None:
            return {"budget_left": budget.left, "budget": budget.of, "budget_renewed_at": budget.renewed_at}
    return {}


def _row(what: str, state: str, says: str, *, fix: str = "") -> dict[str, object]:
    return {"what": what, "state": state, "says": says, "fix": fix}
