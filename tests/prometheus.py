"""Debian's own prometheus, promtool and amtool for tests: those of the system, or fetched into tests/.tools."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

#: Where fetched programs are kept; git does not see it, `make clean` removes it.
KEPT: Final = Path(__file__).parent / ".tools"
#: The programs; Alertmanager itself is none of them, because Debian's reads templates from where it is installed.
PROGRAMS: Final = ("prometheus", "promtool", "amtool")
_PACKAGES: Final = ("prometheus", "prometheus-alertmanager")
_NO_DELAY: Final = ("-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20")
_UPDATE, _DOWNLOAD = 150.0, 120.0


class Unavailable(Exception):
    """The programs are not here and cannot be fetched; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Where the programs are."""

    prometheus: Path
    promtool: Path
    amtool: Path

    def run(self, program: str, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of them to its end and return what it said, whatever its exit code."""
        path: Path = getattr(self, program)
        return subprocess.run(
            [path, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120, check=False, env=_environ()
        )

    @cached_property
    def version(self) -> str:
        """What prometheus says of itself."""
        said = self.run("prometheus", "--version")
        return (said.stdout + said.stderr).splitlines()[0]


def tools() -> Tools:
    """Return the programs, fetched if need be; raises Unavailable where that is impossible."""
    if (installed := _found(os.environ.get("PATH", "").split(os.pathsep))) is not None:
        return installed
    folder = KEPT / "bin"
    if (kept := _found([str(folder)])) is not None:
        return kept
    for needed in ("apt-get", "dpkg-deb"):
        if shutil.which(needed) is None:
            raise Unavailable(f"prometheus is not installed, and there is no {needed} to fetch it with")
    try:
        KEPT.mkdir(exist_ok=True)
        lock = (KEPT / "lock").open("w")
    except OSError as problem:
        raise Unavailable(f"prometheus is not installed, and {KEPT} cannot be written: {problem}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # another test run may have fetched them while we waited
        if (kept := _found([str(folder)])) is None:
            with tempfile.TemporaryDirectory(dir=KEPT, prefix="fetching-") as work:
                _extract(_fetch(Path(work)), Path(work), folder)
            kept = _found([str(folder)])
    if kept is None:
        raise Unavailable(f"{folder} does not hold what was fetched into it: remove it and try again")
    return kept


def _found(folders: Sequence[str]) -> Tools | None:
    """Return the programs where all are there and run."""
    found: dict[str, Path] = {}
    for program in PROGRAMS:
        path = shutil.which(program, path=os.pathsep.join(folders))
        if path is None:
            return None
        found[program] = Path(path)
    return Tools(**found)


def _fetch(work: Path) -> list[Path]:
    """Download both packages: by the system's lists of packages, or by lists of our own where these do not do."""
    shelf = work / "packages"
    shelf.mkdir()
    plain = _apt("download", *_PACKAGES, cwd=shelf, seconds=_DOWNLOAD)
    if plain.returncode != 0 or not _complete(shelf):
        own = _own_folders(work / "apt")
        update = _apt("update", options=own, cwd=shelf, seconds=_UPDATE)
        again = _apt("download", *_PACKAGES, options=own, cwd=shelf, seconds=_DOWNLOAD)
        if again.returncode != 0 or not _complete(shelf):
            said = [line for done in (again, update) for line in done.stderr.splitlines() if line.startswith("E:")]
            raise Unavailable(f"prometheus is not installed and could not be fetched with apt: {' '.join(said[:3])}")
    return sorted(shelf.glob("*.deb"))


def _complete(shelf: Path) -> bool:
    return all(list(shelf.glob(f"{name}_*.deb")) for name in _PACKAGES)


def _own_folders(folder: Path) -> list[str]:
    """Options by which apt writes into `folder` only, whoever runs it, and reads no more than needed."""
    for name in ("state/lists/partial", "cache/archives/partial", "log"):
        (folder / name).mkdir(parents=True)
    settings = {
        "Dir::State": folder / "state",
        "Dir::State::Lists": folder / "state" / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::Log": folder / "log",
        "Debug::NoLocking": "true",
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
        "Acquire::IndexTargets::deb-src::Sources::DefaultEnabled": "false",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _apt(*words: str, options: Sequence[str] = (), cwd: Path, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run apt-get; what takes too long has failed."""
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", *_NO_DELAY, *options, *words]
    try:
        return subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False, env=_environ()
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"E: apt-get {words[0]} took longer than {seconds:g} s")


def _extract(packages: Sequence[Path], work: Path, folder: Path) -> None:
    """Take the programs out of the packages, and put them in place at once: half of them is never there."""
    ready = work / "bin"
    ready.mkdir()
    for package in packages:
        tree = work / package.stem
        done = subprocess.run(
            ["dpkg-deb", "-x", package, tree], capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != 0:
            raise Unavailable(f"{package.name} cannot be unpacked: {done.stderr.strip()}")
        for program in PROGRAMS:
            if (path := tree / "usr" / "bin" / program).is_file():
                path.rename(ready / program)
    if _found([str(ready)]) is None:
        there = ", ".join(sorted(path.name for path in ready.iterdir()))
        raise Unavailable(f"Debian's packages hold other programs than expected: {there}")
    if folder.exists():
        shutil.rmtree(folder)
    ready.rename(folder)


def _environ() -> dict[str, str]:
    """Our environment, in the language apt's messages are looked for in."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}
