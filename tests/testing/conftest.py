"""A clean virtual environment with flowd in it, made once for the tests that need one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Venv:
    """A virtual environment."""

    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """The environment of this process, without what belongs to its own virtual environment."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "FLOWD", "VIRTUAL"))
        }
        return {
            **kept,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{kept['PATH']}",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def run(self, *words: str | Path, cwd: Path, more: dict[str, str] | None = None) -> str:
        """Run a program of the environment and return what it printed; fail with all it said if it fails."""
        done = subprocess.run(
            [self.folder / "bin" / words[0], *words[1:]],
            cwd=cwd,
            env={**self.environ, **(more or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (
            f"{words} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return done.stdout

    def install(self, *what: str | Path) -> None:
        """Install packages, folders with their build tools from here."""
        self.run("pip", "install", "--quiet", "--no-build-isolation", *what, cwd=self.folder)


def checkout(into: Path) -> Path:
    """Copy what makes the package flowd-daemon, so that building it leaves nothing in this folder."""
    for name in ("flowd", "pyproject.toml", "README.md", "LICENSE"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, into / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, into / name)
    return into


@pytest.fixture(scope="session")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Venv:
    """flowd, pytest, mypy and ruff from the package index, nothing else."""
    folder = tmp_path_factory.mktemp("venv")
    made = Venv(folder)
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, env=made.environ)
    made.install("setuptools>=77")
    source = tmp_path_factory.mktemp("checkout")
    tools: Sequence[str] = ("pytest", "mypy", "ruff")
    made.install(checkout(source), *tools)
    return made
