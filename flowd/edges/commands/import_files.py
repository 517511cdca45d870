"""`flowd import`: bank files into an account, once."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flowd.edges.commands.duplicates import DAYS
from flowd.edges.opening import Store, load_registry, open_store, read_settings
from flowd.edges.tables import print_json, show, units
from flowd.errors import ConfigError, FileRefused

if TYPE_CHECKING:
    from flowd.api import Importer
    from flowd.config import Settings
    from flowd.domain.records import Record
    from flowd.engine.filetally import Stated
    from flowd.engine.imports import ImportPlan, Progress
    from flowd.importers.files.config import FilesConfig
    from flowd.plugins import Registry

#: The connection that imported files belong to where flowd.yaml watches no folder.
_OWN: Final = "import"
#: Up to so many accounts are named; a file may hold thousands.
_NAMED: Final = 5
#: Of so many rows the ones are looked for that seem to be there already.
_LOOKED_AT: Final = 50_000


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--account", help="The account the files belong to, where they do not say it themselves.")
@click.option("--currency", help="The currency, where the files do not say it.")
@click.option("--profile", help="How to read CSV files: a profile's name, or a YAML file with one.")
@click.option(
    "--format", "format_", help="The format of the files: csv, xlsx, …, or a plugin's name; recognised if not given."
)
@click.option("--connection", help="A connection of type files, to which what is read belongs.")
@click.option("--dry-run", is_flag=True, help="Say what is in the files and keep nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def import_files(
    ctx: click.Context,
    files: tuple[Path, ...],
    account: str | None,
    currency: str | None,
    profile: str | None,
    format_: str | None,
    connection: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read bank FILES: the whole of each, or nothing of it; the same file twice changes nothing.

    A folder stands for the files in it, in the order of their names; hidden and unfinished ones are left alone.

    What is read belongs to the connection of type files that flowd.yaml names, so that a file may also be put into its
    folder. Formats are flowd's own, and those of the plugins that flowd.yaml lists under plugins, the connection names
    under formats, or --format names. Exits 1 when a file was refused; the others are read all the same.
    """
    settings = read_settings(ctx)
    registry = load_registry(settings)
    name, config = _belongs_to(settings, registry, connection, account)
    config = _with_flags(config, account, currency, profile)
    importers = _importers(registry, config, format_)
    files = tuple(_files(files))
    if dry_run:
        results = [_look(path, importers, config) for path in files]
    else:
        results = _import(settings, registry, importers, name, config, files, as_json=as_json)
    if as_json:
        print_json([{key: value for key, value in result.items() if key != "plan"} for result in results])
    else:
        for result in results:
            _tell(result, dry_run=dry_run)
    if any(result["refused"] for result in results):
        ctx.exit(1)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield files as they are, and those of a folder by name: statement 2 before statement 10."""
    from flowd.importers.files.folder import is_unfinished

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = [file for file in path.iterdir() if file.is_file() and not is_unfinished(file.name)]
        if not inside:
            raise ConfigError(f"the folder {path} has no files to read")
        yield from sorted(inside, key=lambda file: [_number(part) for part in re.split(r"(\d+)", file.name.lower())])


def _number(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isdecimal() and len(part) < 30 else (0, part)


def _belongs_to(
    settings: Settings, registry: Registry, wanted: str | None, account: str | None
) -> tuple[str, FilesConfig]:
    """Return the connection that files are read for, and its settings."""
    from flowd.config.binding import bind_connections
    from flowd.importers.files.config import FilesConfig

    bound = bind_connections(settings, registry).connections
    watched = {name: one.config for name, one in bound.items() if isinstance(one.config, FilesConfig)}
    if wanted is not None:
        if wanted not in watched:
            raise ConfigError(
                f"there is no connection {wanted!r} of type files; flowd.yaml has: {', '.join(watched) or 'none'}"
            )
        return wanted, watched[wanted]
    fitting = [name for name, config in watched.items() if account is not None and config.account == account]
    choice = fitting or list(watched)
    if len(choice) > 1:
        raise ConfigError(f"several connections watch folders: say which with --connection ({', '.join(choice)})")
    if choice:
        return choice[0], watched[choice[0]]
    return _OWN, FilesConfig(folder=settings.folder)


def _with_flags(config: FilesConfig, account: str | None, currency: str | None, profile: str | None) -> FilesConfig:
    changes: dict[str, Any] = {"account": account, "currency": currency, "profile": profile}
    if profile is not None and Path(profile).is_file():
        import yaml

        changes["profile"] = yaml.safe_load(Path(profile).read_text("utf-8"))
    given = {name: value for name, value in changes.items() if value is not None}
    return type(config).model_validate({**config.model_dump(), **given})


def _importers(registry: Registry, config: FilesConfig, only: str | None) -> Mapping[str, Importer]:
    """Return the formats to read with: all that flowd.yaml names, or `only` that one, or those of that plugin."""
    from flowd.importers.files.formats import find_formats

    if only is None:
        if not config.formats:
            return registry.importers
        return {**registry.importers, **find_formats(config.formats).importers}
    if only in registry.importers:
        return {only: registry.importers[only]}
    try:
        found = find_formats([only]).importers
    except ConfigError as problem:
        raise ConfigError(f"--format: flowd itself reads {', '.join(sorted(registry.importers))}; {problem}") from None
    return {name: importer for name, importer in found.items() if name not in find_formats(()).importers}


def _look(path: Path, importers: Mapping[str, Importer], config: FilesConfig) -> dict[str, Any]:
    from flowd.engine.clock import SystemClock
    from flowd.engine.imports import read_file
    from flowd.importers.files.hints import hints_of

    try:
        with _progress(path) as progress:
            plan = read_file(path, importers, hints_of(config), at=SystemClock().now(), progress=progress)
    except FileRefused as problem:
        return _refused(path, problem)
    return _row(plan)


def _import(
    settings: Settings,
    registry: Registry,
    importers: Mapping[str, Importer],
    name: str,
    config: FilesConfig,
    files: tuple[Path, ...],
    *,
    as_json: bool,
) -> list[dict[str, Any]]:
    from flowd.edges.deriving import derive
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation
    from flowd.engine.imports import import_file
    from flowd.engine.seeking import RateSeeker
    from flowd.importers.files.hints import hints_of
    from flowd.storage.rawlog import RawLog

    clock = SystemClock()
    results: list[dict[str, Any]] = []
    with open_store(settings, deadline=60.0) as store:
        log = RawLog(store.database)
        for path in files:
            try:
                with _progress(path, quiet=as_json) as progress:
                    done = import_file(
                        path,
                        importers,
                        hints_of(config),
                        log=log,
                        connection=name,
                        at=clock.now(),
                        progress=progress,
                    )
            except FileRefused as problem:
                results.append(_refused(path, problem))
                continue
            # The event that says a file was imported is not a row of it.
            written = done.written
            changed = {
                "connection": name,
                "new": written.events_new,
                "revised": written.events_revised,
                "unchanged": written.unchanged,
            }
            results.append({**_row(done.plan), **changed})
        seeker = RateSeeker(registry.rate_providers, log, clock)
        derive(Derivation(store.database, registry, settings, clock), seeker)
        if not as_json:
            _warn_of_pairs(store, name, results)
    return results


def _warn_of_pairs(store: Store, connection: str, results: Iterable[Mapping[str, Any]]) -> None:
    """Say it where what was read is probably there already, from a file of another format or another connection."""
    from flowd.edges.alike import proposed
    from flowd.edges.deciding import today

    read = [row for row in results if not row["refused"] and row["new"] and row["first"]]
    # looking would take longer than reading
    if not read or sum(row["rows"] for row in read) > _LOOKED_AT:
        return
    first = min(date.fromisoformat(str(row["first"])[:10]) for row in read)
    accounts = {(connection, account) for row in read for account in row["accounts"]}
    if found := proposed(store, first - timedelta(days=3), among=accounts):
        back = (today(store) - first).days + 3
        command = "flowd duplicates" if back <= DAYS else f"flowd duplicates --days {back}"
        click.echo(
            f"{len(found):,} payment{'s' if len(found) > 1 else ''} in these accounts probably stated twice, "
            f"and COUNTED TWICE until you say so: `{command}` shows pairs, with --merge it makes one of each",
            err=True,
        )


def _row(plan: ImportPlan) -> dict[str, Any]:
    return {
        "file": str(plan.path),
        "refused": None,
        "importer": plan.importer,
        "label": plan.label,
        "how": plan.how,
        "guessed": plan.guessed,
        "sure": round(plan.sure, 2),
        "accounts": dict(plan.accounts),
        "rows": plan.rows,
        "first": plan.first,
        "last": plan.last,
        "statements": [_statement(stated) for stated in plan.statements],
        "notes": list(plan.notes),
        "preview": [_preview(record) for record in plan.preview],
        "plan": plan,
    }


def _statement(stated: Stated) -> dict[str, object]:
    opening, closing = stated.opening, stated.closing
    return {
        "account": stated.account,
        "asset": stated.asset,
        "rows": stated.rows,
        "first": stated.first,
        "last": stated.last,
        "opening_day": None if opening is None else opening.day,
        "opening": None if opening is None else opening.amount,
        "closing_day": None if closing is None else closing.day,
        "closing": None if closing is None else closing.amount,
        "fits": stated.fits,
    }


def _preview(record: Record) -> dict[str, object]:
    names = ("account", "booked_at", "amount", "asset", "kind", "counterparty", "description", "external_id")
    return {name: getattr(record, name, None) for name in names}


def _refused(path: Path, problem: FileRefused) -> dict[str, Any]:
    return {"file": str(path), "refused": str(problem)}


def _tell(result: dict[str, Any], *, dry_run: bool) -> None:
    """Say in a few lines what was understood of a file, and what came of it."""
    if result["refused"]:
        click.echo(f"{result['file']}: refused, nothing of it was kept: {result['refused']}", err=True)
        return
    days = f"{result['first']} to {result['last']}" if result["first"] else "no days"
    counts = result["accounts"]
    whose = (
        "account " + ", ".join(f"{name} ({count:,})" for name, count in counts.items())
        if len(counts) <= _NAMED
        else f"{len(counts):,} accounts"
    )
    click.echo(f"{result['file']}: {result['rows']:,} rows, {days}, {whose}")
    click.echo(
        f"  read as {result['importer']}, {result['how']}"
        + (f" (sure: {result['sure']:.0%})" if result["guessed"] else "")
    )
    for stated in result["statements"][:_NAMED]:
        click.echo(f"  {_in_words(stated)}")
    if len(result["statements"]) > _NAMED:
        click.echo(f"  … and {len(result['statements']) - _NAMED:,} more")
    for note in result["notes"]:
        click.echo(f"  note: {note}")
    if dry_run:
        rows = [{**row, "amount": units(row["amount"])} for row in result["preview"]]
        columns = ["booked_at", "amount", "asset", "counterparty", "description"]
        show(rows, columns, as_json=False, empty="  nothing in it")
        click.echo("  nothing was kept: leave --dry-run out to import it")
    else:
        if not result["new"] and not result["revised"]:
            click.echo(f"  nothing new: all {result['unchanged']:,} were there already")
            return
        revised = f"{result['revised']:,} corrected, " if result["revised"] else ""
        changed = f"{result['new']:,} new, {revised}{result['unchanged']:,} already there"
        click.echo(f"  {changed} (postings, balances, accounts, and that the file was read)")


def _in_words(stated: Mapping[str, Any]) -> str:
    """Say of one account what it had before and after, and whether its postings lead from one to the other."""
    count = f"{stated['account']}: {stated['rows']:,} postings in {stated['asset']}"
    if stated["closing"] is None:
        return f"{count}; no balance is stated"
    fits = {True: "; they follow from each other", False: "; they DO NOT follow from each other", None: ""}[
        stated["fits"]
    ]
    after = f"{units(stated['closing'])} at the end of {stated['closing_day']}"
    if stated["opening_day"] == stated["closing_day"]:
        return f"{count}, {after}{fits}"
    return f"{count}, {units(stated['opening'])} at the end of {stated['opening_day']}, {after}{fits}"


@contextmanager
def _progress(path: Path, *, quiet: bool = False) -> Iterator[Progress | None]:
    """Show how far reading `path` has come: a bar on a terminal, a line for every tenth of a long file elsewhere."""
    if quiet:
        yield None
        return
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(path.name, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        # Short files are read before anybody would read the line.
        if total > 10_000_000 and done * 10 // total > told:
            told = done * 10 // total
            click.echo(f"{path.name}: {told * 10} % read", err=True)

    yield tell
