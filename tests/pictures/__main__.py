"""Draws the dashboards for the documentation from a made-up household: `make pictures`.

    python -m tests.pictures [income trends …]

Needs Node, Chromium, faketime and Debian's Prometheus, none of which flowd needs. The household is kept in
var/pictures: remove that folder to make it anew.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg

from tests.answers import answered
from tests.panels import documents
from tests.pictures import household, living, shooting

ROOT: Final = Path(__file__).parents[2]
HOME: Final = ROOT / "var" / "pictures"
TARGET: Final = ROOT / "docs" / "images"
MINUTES: Final = 4.0
FRAMES: Final = {"internals": f"now-{MINUTES:.0f}m", "activity": "now-30m"}


def main(names: list[str]) -> int:
    """Draw the named dashboards, or all of them."""
    living.live(HOME, datetime.now(UTC).date())
    wanted = [each for each in documents() if not names or _name(each) in names]
    with ExitStack() as stack:
        page = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shooting.built(page)
        needs = any(_name(each) == "internals" for each in wanted)
        metrics = stack.enter_context(living.watched(HOME, minutes=MINUTES if needs else 0.3))
        address = living.flowd(HOME, "db", "url", "--role", "grafana")
        connection = stack.enter_context(psycopg.connect(address, autocommit=True))
        for document in wanted:
            path = TARGET / f"{_name(document)}.png"
            given = answered(
                _framed(document), connection, metrics=metrics, chosen=household.CHOSEN.get(_name(document))
            )
            shooting.shoot(page, given | {"menu": [each["title"] for each in documents()]}, path)
            print(f"wrote {path.relative_to(ROOT)} ({path.stat().st_size // 1000} kB)")
    return 0


def _name(document: dict[str, Any]) -> str:
    return str(document["uid"]).removeprefix("flowd-")


def _framed(document: dict[str, Any]) -> dict[str, Any]:
    """The dashboard with the little time that somebody watched, where it is about that."""
    since = FRAMES.get(_name(document))
    return {**document, "time": {"from": since, "to": "now"}} if since else document


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
