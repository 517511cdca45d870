"""`flowd run`: the daemon, or every feed once."""

from __future__ import annotations

import os

import click

from flowd.edges.opening import read_settings


@click.command()
@click.option("--once", is_flag=True, help="Run every feed once, derive, and end; exit 1 if a feed failed.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print JSON.")
@click.pass_context
def run(ctx: click.Context, once: bool, as_json: bool) -> None:
    """Run the daemon in the foreground until Ctrl-C or SIGTERM; SIGHUP reads flowd.yaml again."""
    if once:
        from flowd.edges.logs import set_up_logging
        from flowd.edges.once import run_feeds

        settings = read_settings(ctx)
        set_up_logging(settings.log.format.value, settings.log.level.value)
        ctx.exit(run_feeds(settings, None, alone=True, as_json=as_json))
    from flowd.edges.daemon import Daemon
    from flowd.errors import ConfigError

    path = ctx.find_root().params["config"]
    if not path.exists():
        raise ConfigError(f"there is no {path}: make one with `flowd init`, or name yours with `flowd -c FILE run`")
    Daemon(path, os.environ, say=lambda line: click.echo(line)).run()
