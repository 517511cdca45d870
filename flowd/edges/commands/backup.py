"""`flowd backup` and `flowd restore`: everything that cannot be derived, in one file and back."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowd import __version__
from flowd.edges.opening import load_registry, open_store, read_settings
from flowd.edges.tables import print_json
from flowd.errors import BackupRefused

if TYPE_CHECKING:
    from flowd.storage.backup import Manifest, Progress


@click.command()
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="In a FOLDER: keep so many of this tenant's backups, and delete older ones once this one is whole.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def backup(ctx: click.Context, target: Path, keep: int | None, as_json: bool) -> None:
    """Write everything that was read, stated and decided into one FILE, or into a new file in FOLDER.

    May be used while the daemon runs: all of it is as it was at one moment. What is derived is left out, it is made
    again from the rest. flowd.yaml, the keys it names and your files are not in it. The file can be read by you only.
    """
    from flowd.engine.clock import SystemClock
    from flowd.storage.backup import write_backup

    if keep is not None and not target.is_dir():
        raise click.UsageError(f"--keep counts backups in a folder, and {target} is none")
    settings = read_settings(ctx)
    now = SystemClock().now()
    path = target / _name(settings.tenant.name, now) if target.is_dir() else target
    with open_store(settings, deadline=60.0) as store, _telling(quiet=as_json) as progress:
        manifest = write_backup(store.database, path, made_at=now, version=__version__, progress=progress)
    deleted = [] if keep is None else _thin_out(target, settings.tenant.name, keep)
    size = path.stat().st_size
    if as_json:
        print_json({"file": path, "bytes": size, **_row(manifest), "deleted": deleted})
        return
    click.echo(f"{path}: {manifest.rows:,} rows, {size / 1e6:,.1f} MB")
    for old in deleted:
        click.echo(f"deleted {old}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Only read FILE and compare its checksums.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def restore(ctx: click.Context, file: Path, only_check: bool, as_json: bool) -> None:
    """Write the backup FILE into an empty store, all of it or nothing, and derive everything from it.

    The store is the one of flowd.yaml; it must have no data yet, and no daemon. Sources go on where they were.
    """
    from flowd.storage.restoring import check_backup, restore_backup

    if only_check:
        with _telling(quiet=as_json) as progress:
            manifest = check_backup(file, progress)
        _tell(manifest, f"{file} is whole", as_json=as_json)
        return
    from flowd.engine.clock import SystemClock
    from flowd.engine.derivation import Derivation
    from flowd.engine.studying import Outcome, Studies
    from flowd.storage.listening import daemon_runs

    settings, clock = read_settings(ctx), SystemClock()
    registry = load_registry(settings)
    with open_store(settings, alone=True, deadline=60.0) as store:
        if daemon_runs(store.database):
            raise BackupRefused("a daemon runs on this store: stop it first")
        with _telling(quiet=as_json) as progress:
            manifest = restore_backup(store.database, file, progress)
        Derivation(store.database, registry, settings, clock).rebuild()
        studied = Studies(store.database, registry, settings, clock).run(rebuild=True)
    _tell(manifest, f"restored {file}", as_json=as_json)
    failed = [one for one in studied if one.outcome is Outcome.FAILED]
    for one in failed:
        click.echo(f"failed: the study {one.study}: {one.reason}", err=True)
    if failed:
        ctx.exit(1)


def _row(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at,
        "flowd": manifest.flowd,
        "tenant": manifest.tenant,
        "rows": manifest.rows,
        "parts": [{"name": part.name, "rows": part.rows, "sha256": part.sha256} for part in manifest.parts],
    }


def _tell(manifest: Manifest, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_row(manifest))
        return
    made = manifest.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
    click.echo(f"{words}: {manifest.rows:,} rows of {manifest.tenant}, made on {made} by flowd {manifest.flowd}")


def _name(tenant: str, now: datetime) -> str:
    return f"flowd-{tenant}-{now.astimezone().strftime('%Y%m%d-%H%M%S')}.zip"


def _thin_out(folder: Path, tenant: str, keep: int) -> list[Path]:
    """Delete all but the newest `keep` files that are called as a backup of `tenant` is."""
    named = re.compile(rf"flowd-{re.escape(tenant)}-\d{{8}}-\d{{6}}\.zip")
    found = sorted((path for path in folder.iterdir() if named.fullmatch(path.name)), key=lambda path: path.name)
    for path in found[:-keep]:
        path.unlink()
    return found[:-keep]


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Progress]:
    """Show what is under way: a line that changes on a terminal, one line for each table that takes long elsewhere."""
    if quiet:
        yield lambda _part, _size: None
        return
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("…") as status:
            yield lambda part, size: status.update(f"{part}: {size / 1e6:,.0f} MB")
        return
    told: dict[str, int] = {}

    def tell(part: str, size: int) -> None:
        # small tables are done before anybody would read the line
        if size > 100_000_000 and size // 100_000_000 > told.get(part, 0):
            told[part] = size // 100_000_000
            click.echo(f"{part}: {size / 1e6:,.0f} MB", err=True)

    yield tell
