"""How fast the numbers are made, as ratios against a named reference in the same run: one table after the other."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

TABLES: Final = ("returns", "paths", "nightly", "scale")


def main(names: list[str]) -> None:
    """Print the tables called `names`, all by default."""
    for name in names or TABLES:
        print(f"== speed of {name}", flush=True)
        import_module(f"bench.analytics_{name}").main()
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
