"""`flowd plugin`: make a plugin, see what it yields, test it, record what its source answers."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path

import click

from flowd.edges.plugin_making import KINDS


@click.group()
def plugin() -> None:
    """Write a plugin: make one, see what it yields, test it, record what its source answers."""


@plugin.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="connector", show_default=True, help="What it is to be.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to; flowd-NAME in this folder by default."
)
def new(name: str, kind: str, folder: Path | None) -> None:
    """Make a plugin that can be installed and passes its own tests; NAME is the `type` people write in flowd.yaml."""
    from flowd.edges.plugin_making import make_plugin

    folder = folder or Path(f"flowd-{name}")
    for path in make_plugin(name, kind, folder):
        click.echo(path)
    click.echo(f"Next: cd {folder} && pip install -e '.[dev]' && flowd plugin test", err=True)


@plugin.command()
@click.argument("sample", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry", "--dry-run", is_flag=True, help="Print the records and keep nothing; there is no other way yet.")
@click.option("--feed", "feeds", multiple=True, help="Read this feed only; may be given several times.")
@click.option(
    "--cursor",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Go on from this file's cursors, and put the new ones there.",
)
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S"]), help="The run's moment in UTC; now by default.")
@click.option(
    "--tokens", type=click.Path(path_type=Path, dir_okay=False), help="A file with what flowd link would have stored."
)
@click.option("--check", "only_check", is_flag=True, help="Make the cheap call only, and print what it found.")
def run(
    sample: Path,
    dry: bool,
    feeds: tuple[str, ...],
    cursor: Path | None,
    at: datetime | None,
    tokens: Path | None,
    only_check: bool,
) -> None:
    """Read one connection, described in SAMPLE (type and config), and print its records as lines of JSON.

    No database is used. Log and progress go to standard error. Exits 1 when the source could not be read, 2 when the
    sample is wrong.
    """
    if not dry and not only_check:
        raise click.UsageError("say --dry; to keep what is read, name the connection in flowd.yaml and use flowd sync")
    from flowd.edges.plugin_running import run_dry

    sys.exit(run_dry(sample, feeds, cursor_file=cursor, at=at, only_check=only_check, tokens_file=tokens))


@plugin.command(context_settings={"ignore_unknown_options": True})
@click.option("--update", is_flag=True, help="Write what is yielded now as the expected records (cases/expected).")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[PATH] [-- PYTEST…]")
def test(update: bool, words: tuple[str, ...]) -> None:
    """Run the tests of the plugin in PATH (this folder by default); what stands behind -- goes to pytest."""
    named = bool(words) and Path(words[0]).exists()
    path, more = (Path(words[0]), words[1:]) if named else (Path(), words)
    environ = {**os.environ, **({"FLOWD_UPDATE_CASES": "1"} if update else {})}
    folder = path if path.is_dir() else path.parent
    target = "." if path.is_dir() else path.name
    try:
        import_module("pytest")
    except ModuleNotFoundError:
        raise click.ClickException("pytest is not installed: pip install pytest") from None
    done = subprocess.run([sys.executable, "-m", "pytest", target, *more], cwd=folder, env=environ, check=False)
    # pytest's own: 2 interrupted, 4 wrong usage, 5 no tests; here 1 is "failed" and 2 "wrong usage".
    sys.exit(0 if done.returncode == 0 else 2 if done.returncode == 4 else 1)


@plugin.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("cases"))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="On this port of 127.0.0.1; a free one by default."
)
def serve(folder: Path, port: int) -> None:
    """Answer as the recorded cases in FOLDER (cases by default) say, until it is stopped: a source to try things on."""
    # By name, as every command is loaded: the kit is above the command line, and imports it.
    import_module("flowd.testing.serving").serve(folder, port)


@plugin.command()
@click.argument("sample", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--feed", "feeds", multiple=True, help="Read this feed only; may be given several times.")
def record(sample: Path, file: Path, feeds: tuple[str, ...]) -> None:
    """Read the connection of SAMPLE and write what its source answers to FILE (cases/NAME.json), secrets taken out.

    Names, account numbers and amounts stay in it: replace them before you publish the file.
    """
    recording = import_module("flowd.testing.recording")
    sys.exit(recording.record(sample, file, feeds))
