"""`flowd import`: bank files into an account, once."""

from __future__ import annotations

import difflib
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import click

from flowd.edges.commands.duplicates import DAYS
from flowd.edges.imported import as_row, refused_row, tell, tell_refused
from flowd.edges.opening import Store, load_registry, open_store, read_settings
from flowd.edges.tables import print_json
from flowd.errors import ConfigError, FileRefused

if TYPE_CHECKING:
    from flowd.api import Hints, Importer
    from flowd.config import Settings
    from flowd.engine.imports import Imported, Progress
    from flowd.engine.studying import Studies
    from flowd.importers.files.config import FilesConfig
    from flowd.plugins import Registry

_DASH: Final = Path("-")
#: The connection that imported files belong to where flowd.yaml watches no folder.
_OWN: Final = "import"
#: Of so many rows the ones are looked for that seem to be there already.
_LOOKED_AT: Final = 50_000


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--account", help="The account the files belong to, whatever they say: its id, or the name of one that is there."
)
@click.option("--currency", help="The currency of files that do not say it.")
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
    """Read bank files: the whole of each, or nothing of it; the same file twice changes nothing.

    A folder stands for the files in it, in the order of their names; hidden and unfinished ones are left alone. A dash
    (-) stands for what is piped in.

    What is read belongs to the connection of type files that flowd.yaml names, so that a file may also be put into its
    folder. Formats are flowd's own, and those of the plugins that flowd.yaml lists under plugins, the connection names
    under formats, or --format names. Exits 1 when a file was refused; the others are read all the same.
    """
    settings = read_settings(ctx)
    registry = load_registry(settings)
    name, config = _belongs_to(settings, registry, connection, account)
    config = _with_flags(config, account, currency, profile)
    importers = _importers(registry, config, format_)
    from flowd.importers.files.hints import hints_of

    hints = hints_of(config, insists=account is not None)
    more: Sequence[str] = ()
    given = files
    with _piped_in(given) as paths:
        files = tuple(_files(paths))
        if account is not None and len(files) > 1:
            _check_one_account(files, importers, hints)
        if dry_run:
            results = [_look(path, importers, hints) for path in files]
        else:
            results, more = _import(settings, registry, importers, name, hints, files, as_json=as_json)
    if piped := [str(path) for path in paths if path not in given]:
        results = [{**row, "file": "-"} if row["file"] in piped else row for row in results]
    if as_json:
        print_json(results)
    else:
        for result in results:
            if result["refused"]:
                tell_refused(result)
            else:
                tell(result, dry_run=dry_run)
        for line in more:
            click.echo(line)
    if any(result["refused"] for result in results):
        ctx.exit(1)


@contextmanager
def _piped_in(paths: tuple[Path, ...]) -> Iterator[tuple[Path, ...]]:
    """Put what is piped in into a file, because formats are read in any order, and take that away again."""
    if _DASH not in paths:
        yield paths
        return
    if sys.stdin.isatty():
        raise click.UsageError("- stands for what is piped in, and nothing is: flowd import - < statement.csv")
    with TemporaryDirectory(prefix="flowd-import-") as folder:
        piped = Path(folder) / "stdin"
        with piped.open("xb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield tuple(piped if path == _DASH else path for path in dict.fromkeys(paths))


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


def _look(path: Path, importers: Mapping[str, Importer], hints: Hints) -> dict[str, Any]:
    from flowd.engine.clock import SystemClock
    from flowd.engine.imports import read_file

    try:
        _check_there(path)
        with _progress(path) as progress:
            plan = read_file(path, importers, hints, at=SystemClock().now(), progress=progress)
    except FileRefused as problem:
        return refused_row(path, problem)
    return as_row(plan)


def _check_one_account(files: Sequence[Path], importers: Mapping[str, Importer], hints: Hints) -> None:
    """Refuse files that name different accounts where one account was given for all of them."""
    from flowd.edges.one_account import other_accounts
    from flowd.engine.clock import SystemClock

    found = other_accounts([path for path in files if path.exists()], importers, hints, at=SystemClock().now())
    if found is not None:
        (one, its), (other, another) = found
        raise click.UsageError(
            f"--account {hints.account} would put two accounts into one: {one.name} is of {its}, {other.name} of "
            f"{another}; leave --account out, for they name themselves, or import them one by one"
        )


def _check_there(path: Path) -> None:
    """Say of a file that is not there which one may be meant."""
    if path.exists():
        return
    if any(sign in path.name for sign in "*?["):
        raise FileRefused("no file is called so: the shell found nothing that fits")
    beside = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, n=1)
    where = "" if path.parent.is_dir() else f", and no folder {path.parent}"
    raise FileRefused(f"there is no such file{where}{f'; is it {near[0]}?' if near else ''}")


def _import(
    settings: Settings,
    registry: Registry,
    importers: Mapping[str, Importer],
    name: str,
    hints: Hints,
    files: tuple[Path, ...],
    *,
    as_json: bool,
) -> tuple[list[dict[str, Any]], Sequence[str]]:
    from flowd.edges.deciding import ledger
    from flowd.edges.deriving import derive
    from flowd.edges.same_place import Guarded, called
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation
    from flowd.engine.imports import import_file
    from flowd.engine.seeking import RateSeeker
    from flowd.engine.studying import Studies
    from flowd.storage.rawlog import RawLog

    clock = SystemClock()
    results: list[dict[str, Any]] = []
    with open_store(settings, deadline=60.0) as store:
        log = RawLog(store.database)
        rows = [row for row in ledger(store).accounts() if row["connection"] == name]
        names = {str(row["account"]): str(row["name"]) for row in rows}
        left_out = {str(row["account"]) for row in rows if row["left_out"]}
        if hints.insists and hints.account is not None and hints.account not in left_out:
            counting = {account: name for account, name in names.items() if account not in left_out}
            hints = replace(hints, account=called(hints.account, counting))
        said = hints.account if hints.insists else None
        guarded = Guarded(log=log, known=set(names), left_out=left_out, said=said)
        for path in files:
            began = clock.now()
            try:
                _check_there(path)
                with _progress(path, quiet=as_json) as progress:
                    done = import_file(
                        path,
                        importers,
                        hints,
                        log=guarded,
                        connection=name,
                        at=clock.now(),
                        progress=progress,
                    )
            except FileRefused as problem:
                results.append(refused_row(path, problem))
                continue
            results.append({**as_row(done.plan), "connection": name, **_written(store, name, done, began)})
        seeker = RateSeeker(registry.rate_providers, log, clock)
        derive(Derivation(store.database, registry, settings, clock), seeker)
        if as_json:
            return results, ()
        _warn_of_pairs(store, name, results)
        changed = any(row.get("new") or row.get("revised") for row in results)
        return results, _what_waits(store, Studies(store.database, registry, settings, clock)) if changed else ()


def _written(store: Store, connection: str, done: Imported, began: datetime) -> dict[str, Any]:
    """Return what was new, corrected or there already; and when this very file was read before, under which name."""
    from flowd.domain.keys import subject_of
    from flowd.edges.deciding import ledger
    from flowd.engine.imports import import_event

    written, before = done.written, None
    versions: list[Any] = ledger(store).versions(UUID(bytes=subject_of(connection, import_event(done.plan, began))))
    renamed = len(versions) > 1 and versions[-1]["added_at"] >= began
    if earlier := versions[:-1] if renamed else versions if not written.events_new else []:
        before = {"at": earlier[-1]["added_at"], "file": earlier[-1]["data"].get("file")}
    return {
        "new": written.events_new,
        # that it has another name, or is read in other words, corrects nothing in it
        "revised": written.events_revised - renamed,
        "unchanged": written.unchanged + renamed,
        "read_before": before,
    }


def _what_waits(store: Store, studies: Studies) -> Sequence[str]:
    """Say what is up to date now, and what is not yet."""
    from flowd.storage.listening import daemon_runs

    if not (due := studies.due()):
        return ()
    told = "income, transfers, balances and whatever else follows from each payment is up to date"
    if daemon_runs(store.database):
        return (f"{told}; the daemon does the rest in a few minutes: {', '.join(due)}",)
    return (f"{told}; run `flowd study` for the rest, because no daemon runs: {', '.join(due)}",)


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
        since = first - timedelta(days=3)
        recent = since > today(store) - timedelta(days=DAYS)
        command = "flowd duplicates" if recent else f"flowd duplicates --since {since}"
        click.echo(
            f"{len(found):,} payment{'s' if len(found) > 1 else ''} in these accounts probably stated twice, "
            f"and COUNTED TWICE until you say so: `{command}` shows pairs, with --merge it makes one of each; "
            "an account that is there twice is left out with `flowd account leave-out`",
            err=True,
        )


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
