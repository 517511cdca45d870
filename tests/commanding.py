"""What tests of commands share: a flowd.yaml beside a store that was written to, and commands run on it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from click.testing import CliRunner

from flowd.edges.cli import flowd
from flowd.storage.database import Database
from flowd.testing.fakes import FakeClock
from tests.deriving import Store

ZONE = ZoneInfo("Europe/Berlin")


class CommandHome:
    """A store whose day is today, and a flowd.yaml for it; `command` is run on what `fill` wrote."""

    command: ClassVar[str]

    def __init__(self, database: Database, url: str, folder: Path) -> None:
        self.now = datetime.now(ZONE)
        self.today = self.now.date()
        self.store = Store(database)
        self.store.clock = FakeClock(self.now.astimezone(UTC))
        self.store.set()
        self.fill()
        self.store.derivation.catch_up()
        self.config = folder / "flowd.yaml"
        self.config.write_text(
            "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
            f"database: {{url: {json.dumps(url)}}}\nstate: {json.dumps(str(folder / 'var'))}\n"
        )

    def fill(self) -> None:
        raise NotImplementedError

    def flowd(self, *arguments: str) -> str:
        result = CliRunner().invoke(flowd, ["-c", str(self.config), *arguments])
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    def run(self, *arguments: str) -> str:
        return self.flowd(self.command, *arguments)

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("--json", *arguments))
        return found

    def study(self) -> None:
        self.flowd("study", self.command)
