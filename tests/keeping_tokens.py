"""A flowd that keeps tokens on a real database, and a connection that spends them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from flowd.engine.access import Access
from flowd.engine.connections import Connection
from flowd.engine.running import RunResult
from flowd.engine.target import Target
from flowd.engine.tokens import TokenKeeper
from flowd.storage.aside import Aside
from flowd.storage.database import Database
from flowd.storage.sealing import Keyring, new_key
from flowd.storage.tokens import TokenStore
from flowd.testing.replay import Replay
from tests.engine_rig import TICK, Rig, engine
from tests.oauth import OAuth
from tests.plugins.linked import flowd_test_links

NAME = "my-bank"
#: Ends every session of flowd's that may hold tokens, in this database.
CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'flowd-tokens' AND datname = current_database()"
)


@dataclass
class Flowd:
    """What one flowd has of its own: a pool, keys, a state folder."""

    database: Database
    folder: Path
    keys: list[SecretStr]
    away: bool = False
    patience: float = 10.0
    deadline: float = 5.0
    tokens: TokenKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.aside = Aside(self.folder / "tokens", "home")
        self.tokens = TokenKeeper(
            store=TokenStore(self.database, patience=self.patience, deadline=self.deadline),
            aside=self.aside,
            keys=lambda: Keyring(self.keys[0], self.keys[1:]),
            away=lambda: self.away,
        )

    def files(self) -> list[Path]:
        return sorted((self.folder / "tokens").glob("*")) if (self.folder / "tokens").exists() else []


def serving() -> Iterator[OAuth]:
    with Replay() as replay:
        yield OAuth(replay)


def unlinked(database_url: str, tmp_path: Path) -> Iterator[Flowd]:
    """A flowd whose connection is not linked yet."""
    with Database(database_url, tenant="home", application_name="flowd-tokens") as database:
        yield Flowd(database, tmp_path, [SecretStr(new_key())])


def connection(source: OAuth, **config: object) -> Connection:
    kind = flowd_test_links.LINKS
    (feed,) = kind.feeds
    return Connection(
        name=NAME,
        type=kind,
        target=Target("tests.plugins.linked.flowd_test_links", kind.name),
        feeds={feed.name: feed},
        isolation=kind.isolation,
        settings=json.dumps({"url": source.url, **config}, default=str).encode(),
        secrets=[],
    )


@contextmanager
def running(flowd: Flowd, folder: Path, *connections: Connection) -> Iterator[Rig]:
    folder.mkdir(exist_ok=True)
    with engine(folder, access=Access(flowd.tokens)) as rig:
        rig.add(*connections)
        yield rig


def run(rig: Rig) -> RunResult:
    return rig.runner.run_once(NAME, "balances", TICK)


def refreshes(source: OAuth) -> int:
    return source.grants.count("refresh_token")


def wait_until(what: str, done: Callable[[], bool], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.01)


def rows(database: Database, words: str) -> list[tuple[Any, ...]]:
    with database.transaction() as session:
        return session.execute(words.encode()).fetchall()
