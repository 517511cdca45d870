"""`flowd key`: the key that seals stored tokens."""

from __future__ import annotations

from contextlib import suppress

import click

from flowd.edges.opening import open_store, read_settings
from flowd.errors import FlowdError

_HOW = """\
This is a fresh key, which nobody else has: keep it out of flowd.yaml, out of the database, and in a safe place. Without
it the stored tokens cannot be read, and every linked connection must be linked again. Put it into a file and name that:

  umask 077; flowd key new 2>/dev/null > ./secrets/flowd-key

  secrets:
    key: {file: ./secrets/flowd-key}     # or {env: FLOWD_KEY}, or {credential: flowd-key} under systemd

To replace a key that is in use, name the one before as well, reload or restart the daemon, then run `flowd key rotate`:

  secrets:
    key: {file: ./secrets/flowd-key-2}
    old_keys: [{file: ./secrets/flowd-key}]
"""


@click.group()
def key() -> None:
    """The key that seals the tokens of linked connections: make one, replace one."""


@key.command()
def new() -> None:
    """Print a fresh key; what to do with it is said beside it (on standard error)."""
    from flowd.storage.sealing import new_key

    click.echo(new_key())
    click.echo(f"\n{_HOW}", err=True)


@key.command()
@click.pass_context
def rotate(ctx: click.Context) -> None:
    """Seal all stored tokens with secrets.key, all of them or none; afterwards secrets.old_keys can go.

    Works while the daemon runs and while it does not.
    """
    from flowd.edges.tokens import token_keeper
    from flowd.storage.listening import ask

    settings = read_settings(ctx)
    with open_store(settings) as store, token_keeper(settings, store.database) as tokens:
        done = tokens.rotate()
        with suppress(FlowdError):
            ask(store.database, keys=True)
        current = tokens.ring().current
    click.echo(
        f"sealed with the key {current} are the tokens of {', '.join(done)}"
        if done
        else f"no tokens are stored yet: the key {current} will seal them"
    )
    if settings.secrets.old_keys:
        click.echo("secrets.old_keys can go from flowd.yaml now, once backups sealed with them are not needed any more")
