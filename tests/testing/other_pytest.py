"""Runs tests in a pytest of their own process: what they import and break stays there."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[2]


def failures(folder: Path, *nodes: str, more: dict[str, str] | None = None) -> dict[str, str]:
    """Run `nodes` in `folder` and return what failed: node id → text. At least one test has to run."""
    report = folder / "report.xml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", f"--junitxml={report}", *nodes],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(more or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    failed: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        *modules, name = str(case.get("classname")).split(".")
        node = f"{'/'.join(modules)}.py::{name}::{case.get('name')}"
        for problem in (*case.iter("failure"), *case.iter("error")):
            failed[node] = f"{problem.get('message')}\n{problem.text}"
    return failed
