"""How right the numbers are, against published figures and what really happened: every table, one after the other."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

TABLES: Final = ("returns", "cadence", "trend", "forecast", "projection")


def main(names: list[str]) -> None:
    """Print the tables called `names`, all by default."""
    for name in names or TABLES:
        print(f"== accuracy of {name}", flush=True)
        import_module(f"bench.accuracy_{name}").main()
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
