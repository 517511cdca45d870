"""Serves recorded answers until it is stopped: a source to try a connector on."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from flowd.errors import ConfigError
from flowd.testing.cases import read_cases
from flowd.testing.replay import Asked, Replay, Reply


def serve(folder: Path, port: int) -> None:
    """Answer as the cases in `folder` say, on `port`, and say what was asked; ends on SIGINT and SIGTERM."""
    try:
        count = len(read_cases(folder))
        replay = Replay.load(folder, port=port)
    except (ValueError, OSError) as error:
        raise ConfigError(str(error)) from None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def tell(asked: Asked, reply: Reply) -> Reply:
        click.echo(f"{asked.method} {asked.path} → {reply.status}", err=True)
        return reply

    with replay, replay.altering(tell):
        click.echo(f"{replay.url} answers as {count} exchanges of {folder} say")
        stop.wait()
