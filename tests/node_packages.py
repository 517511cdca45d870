"""Node packages for tests and pictures: installed outside the repository, once per lock file, and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

FILES = ("package.json", "package-lock.json", ".npmrc")


class Unavailable(Exception):
    """The packages are not here and cannot be fetched; the text says why."""


def installed(source: Path, name: str, *beside: str, seconds: float = 400) -> Path:
    """The folder in which what `source` asks for is installed, with the files that have to lie `beside` it."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise Unavailable(f"there is no {program} on this machine: Node 20 or newer is needed")
    wanted = (*FILES, *beside)
    text = b"".join((source / each).read_bytes() for each in wanted)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowd" / name
    folder = cache / hashlib.sha256(text).hexdigest()[:16]
    if (folder / "node_modules").is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=cache))
    try:
        for each in wanted:
            shutil.copy(source / each, making / each)
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts"], cwd=making, capture_output=True, text=True, timeout=seconds
        )
        if done.returncode != 0:
            raise Unavailable(f"npm could not install {name}: {done.stderr.strip()[-300:]}")
        try:
            making.rename(folder)
        except OSError:  # another run was quicker
            if not (folder / "node_modules").is_dir():
                raise
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"npm took longer than {seconds:g} s to install {name}") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder
