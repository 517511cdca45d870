"""`flowd export`: all data as tables for spreadsheets and programs, or as a ledger for beancount."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from flowd.edges.opening import open_store, read_settings
from flowd.edges.tables import print_json
from flowd.errors import ExportRefused

if TYPE_CHECKING:
    from flowd.storage.exporting import Whole


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "jsonl", "beancount"]),
    default="csv",
    show_default=True,
    help="Tables as CSV or JSON lines, or a ledger for beancount.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: what was written.")
@click.pass_context
def export(ctx: click.Context, target: Path, format_: str, as_json: bool) -> None:
    """Write all data to TARGET: a new folder with one file per table, or one new file for beancount.

    All of it is as it was at one moment. What is there already is never overwritten; the files can be read by you only.
    """
    from flowd.storage.exporting import one_moment

    settings = read_settings(ctx)
    if target.exists():
        raise ExportRefused(f"{target} exists already: an export never overwrites; name another one")
    with open_store(settings, deadline=60.0) as store, one_moment(store.database, settings.tenant.timezone) as whole:
        written = _ledger(target, whole) if format_ == "beancount" else _tables(target, whole, format_)
    if as_json:
        print_json({"target": target, "format": format_, "rows": written})
        return
    for name, rows in written.items():
        click.echo(f"{name}: {rows:,}")
    click.echo(f"written to {target}")


def _tables(target: Path, whole: Whole, format_: str) -> dict[str, int]:
    from flowd.edges.exporting.tables import WRITERS
    from flowd.storage.exporting import TABLES

    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    with _kept_whole(target, unfinished):
        unfinished.mkdir(mode=0o700)
        written = {}
        for name in TABLES:
            with _new_file(unfinished / f"{name}.{format_}") as file, whole.table(name) as table:
                written[name] = WRITERS[format_](file, table)
        unfinished.rename(target)
    return written


def _ledger(target: Path, whole: Whole) -> dict[str, int]:
    from flowd.edges.exporting.beancount import write_beancount

    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    with _kept_whole(target, unfinished):
        with _new_file(unfinished) as file:
            written = {"transactions": write_beancount(file, whole)}
        os.link(unfinished, target)
    return written


@contextmanager
def _new_file(path: Path) -> Iterator[TextIO]:
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
        yield file


@contextmanager
def _kept_whole(target: Path, unfinished: Path) -> Iterator[None]:
    """Leave nothing half behind, and say what the system says of a place that cannot be written."""
    try:
        yield
    except FileExistsError:
        raise ExportRefused(f"{target} exists already: an export never overwrites; name another one") from None
    except OSError as error:
        raise ExportRefused(f"{target} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            unfinished.unlink() if unfinished.is_file() else shutil.rmtree(unfinished)
