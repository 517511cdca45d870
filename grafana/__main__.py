"""Writes `grafana/dashboards/*.json` from the modules beside it; with --check it only says which are out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from grafana import accounts, activity, income, internals, ledger, positions, projection, returns, stream, trends

FOLDER: Final = Path(__file__).parent / "dashboards"
DASHBOARDS: Final[dict[str, Callable[[], Dashboard]]] = {
    "income": income.dashboard,
    "trends": trends.dashboard,
    "projection": projection.dashboard,
    "returns": returns.dashboard,
    "accounts": accounts.dashboard,
    "positions": positions.dashboard,
    "ledger": ledger.dashboard,
    "stream": stream.dashboard,
    "activity": activity.dashboard,
    "internals": internals.dashboard,
}


def rendered(folder: Path = FOLDER) -> dict[Path, str]:
    """What every file in `folder` should hold."""
    encoder = JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False)
    return {folder / f"{name}.json": encoder.encode(build()) + "\n" for name, build in sorted(DASHBOARDS.items())}


def stale(folder: Path = FOLDER) -> list[Path]:
    """The files that do not hold what they should, and those nobody makes any more."""
    wanted = rendered(folder)
    wrong = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    return wrong + sorted(set(folder.glob("*.json")) - set(wanted))


def main() -> int:
    """Write the files, or check them; gives the exit code."""
    wrong = stale()
    if "--check" in sys.argv[1:]:
        for path in wrong:
            print(f"{path.name} is out of date: make dashboards")
        return 1 if wrong else 0
    FOLDER.mkdir(exist_ok=True)
    wanted = rendered()
    for path in wrong:
        if path in wanted:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {path.name}")
        else:
            path.unlink()
            print(f"removed {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
