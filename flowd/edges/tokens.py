"""What keeps tokens, put together for a command or for the daemon."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowd.config.models import Settings
from flowd.engine.tokens import TokenKeeper
from flowd.errors import ConfigError
from flowd.storage.aside import Aside
from flowd.storage.database import Database
from flowd.storage.sealing import keyring_of
from flowd.storage.tokens import TokenStore

if TYPE_CHECKING:
    from flowd.edges.assembly import Assembly

_log = logging.getLogger(__name__)


def keeper_of(settings: Settings, database: Database, away: Callable[[], bool]) -> TokenKeeper:
    """Return what keeps the tokens of the tenant of `settings`; `database` is for nothing else.

    A transaction is held while a source exchanges tokens: with a pool of its own that keeps nobody else waiting.
    """
    return TokenKeeper(
        store=TokenStore(database),
        aside=Aside(settings.state / "tokens", settings.tenant.name),
        keys=lambda: keyring_of(settings),
        away=away,
    )


def pool_for(database: Database, size: int) -> Database:
    """Return another pool of connections to the same database, for tokens."""
    return Database(database.dsn, tenant=database.tenant, pool_size=size, deadline=5.0, application_name="flowd-tokens")


@contextmanager
def token_keeper(settings: Settings, database: Database) -> Iterator[TokenKeeper]:
    """Open what keeps tokens, for a command."""
    with pool_for(database, 4) as pool:
        yield keeper_of(settings, pool, lambda: False)


def take_in(parts: Assembly, wish: Mapping[str, object], reload: Callable[[], Settings]) -> None:
    """Do what `flowd link`, `flowd unlink` and `flowd key rotate` ask a running daemon for."""
    linked, unlinked = wish.get("linked"), wish.get("unlinked")
    for name in linked if isinstance(linked, list) else ():
        parts.runner.resume(str(name))
    for name in unlinked if isinstance(unlinked, list) else ():
        parts.tokens.forget(str(name))
    if linked or unlinked:
        parts.consents.load()
    if wish.get("keys"):
        try:
            settings = reload()
        except ConfigError as problem:
            _log.error("the keys in flowd.yaml were not taken up: %s", problem)
        else:
            parts.tokens.use(lambda: keyring_of(settings))
