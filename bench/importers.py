"""How well and how fast are bank files of every kind read, and what becomes of files made to hurt?

Runs, each in a process of its own, the parts below, then has every format read the files of `tests/hostile_files.py`
(what is long in them is --big MB long, what unpacks up to sixteen times as much) and prints the slowest, the largest
and whatever was not refused.

    python -m bench.importers [--only csv|statements|ofx_qif|pdf|hostile] [--big 64]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from flowd.importers import FORMATS

PARTS: Final = ("csv", "statements", "ofx_qif", "pdf")


def hostile(big: int) -> None:
    """Have every format read every hostile file, and print what came of it."""
    from tests.hostile_files import write

    print(f"{'format':<8}{'files':>6}{'refused':>9}{'its own':>9}{'slowest':>10}{'peak':>9}")
    with tempfile.TemporaryDirectory(prefix="flowd-bench-") as name:
        write(Path(name), big)
        for format_ in FORMATS:
            command = [sys.executable, "-m", "tests.hostile_files", format_, name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            told = [json.loads(line) for line in done.stdout.splitlines()]
            refused = [one for one in told if one["said"].startswith("refused")]
            own = [one for one in told if "no importer knows" not in one["said"]]
            slowest = max(told, key=lambda one: one["seconds"])
            peak = max(one["megabytes"] for one in told)
            print(
                f"{format_:<8}{len(told):>6}{len(refused):>9}{len(own):>9}{slowest['seconds']:>8.1f} s{peak:>6} MB"
                f"  {slowest['file']}"
            )
            for one in told:
                if one not in refused:
                    print(f"        {one['file']}: {one['said']}")


def main() -> None:
    """Print what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", choices=[*PARTS, "hostile"], action="append", help="one part (several times: several)"
    )
    parser.add_argument("--big", type=int, default=64, help="MB that hostile files are long")
    chosen = parser.parse_args()
    for part in chosen.only or [*PARTS, "hostile"]:
        print(f"\n--- {part}", flush=True)
        if part == "hostile":
            hostile(chosen.big)
        else:
            subprocess.run([sys.executable, "-m", f"bench.importers_{part}"], check=False)


if __name__ == "__main__":
    main()
