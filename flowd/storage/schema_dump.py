"""Writes the schema as one file, from a database that all migrations made: what `make schema` and its test compare.

python -m flowd.storage.schema_dump timescale/schema.sql
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from flowd.errors import DatabaseUnusable
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate

HEAD: Final = "-- What all migrations, roles and views together make. Written by `make schema`: do not edit.\n\n"
_NOISE: Final = re.compile(r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)$")


def schema_text(dsn: str, pg_dump: Path) -> str:
    """The schema of a database as pg_dump writes it, without what differs from run to run (versions, settings)."""
    done = subprocess.run(
        [pg_dump, "--schema-only", "--no-owner", "--dbname", dsn],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise DatabaseUnusable(f"pg_dump failed: {done.stderr.strip()}")
    lines = [line.rstrip() for line in done.stdout.splitlines() if not _NOISE.match(line)]
    return HEAD + re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip()) + "\n"


def fresh_schema() -> str:
    """The schema that this flowd makes in an empty database (starts a PostgreSQL for a moment)."""
    with tempfile.TemporaryDirectory(prefix="flowd-schema-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with Embedded(folder / "db", settings={"fsync": "off"}) as server:
            with Database(server.url()) as database:
                migrate(database)
            return schema_text(server.url(), server.program("pg_dump"))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(fresh_schema(), encoding="utf-8")
