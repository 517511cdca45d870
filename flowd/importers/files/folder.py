"""Looking at a watched folder: which files are whole, and putting them away without losing one."""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Names under which programs write what is not whole yet.
_UNFINISHED: Final = (".part", ".crdownload", ".tmp", ".temp", ".download", ".partial", ".filepart", ".swp", "~")
_OWN: Final = ".why.txt"
#: An empty file may be a name kept for a download that is under way: only after this many seconds is it just empty.
_EMPTY_WAITS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file in the folder, with what changes when somebody writes to it (times in nanoseconds)."""

    path: Path
    size: int
    changed: int
    touched: int
    inode: int

    @property
    def sign(self) -> tuple[str, int, int]:
        """Name, size and time of change."""
        return self.path.name, self.size, self.changed


def is_unfinished(name: str) -> bool:
    """Say whether a file called `name` is hidden, still being written, or flowd's own note on another."""
    lowered = name.lower()
    return lowered.startswith(".") or lowered.endswith((*_UNFINISHED, _OWN))


class Folder:
    """The folder `path`; `now` is the time in seconds since 1970, `pause` waits."""

    def __init__(
        self,
        path: Path,
        patterns: Sequence[str],
        settle: float,
        *,
        now: Callable[[], float],
        pause: Callable[[float], None],
    ) -> None:
        self.path = path
        self._patterns = [pattern.lower() for pattern in patterns]
        self._settle = settle
        self._now = now
        self._pause = pause

    def whole(self, time_left: float) -> list[Found]:
        """Return the files nobody is writing to any more, the oldest first; OSError if the folder cannot be read.

        A file touched within the settling time is looked at a second time after it, so that one that was put here just
        now, or is dated in the future, is read in this very look.
        """
        files = self._files()
        now = self._now()
        quiet: list[Found] = []
        young: list[Found] = []
        for file in files:
            age = now - max(file.changed, file.touched) / 1e9
            if not file.size and 0 <= age < _EMPTY_WAITS:
                continue
            (quiet if age >= self._settle else young).append(file)
        if young and self._settle < time_left:
            self._pause(self._settle)
            again = set(self._files())
            quiet += [file for file in young if file in again]
        return sorted(quiet, key=lambda file: (file.changed, file.path.name))

    def _files(self) -> list[Found]:
        out = []
        with os.scandir(self.path) as entries:
            listed = list(entries)
        names = {entry.name for entry in listed}
        for entry in listed:
            name = entry.name.lower()
            if is_unfinished(name):
                continue
            if any(entry.name + ending in names for ending in _UNFINISHED):
                continue
            if not any(fnmatch.fnmatchcase(name, pattern) for pattern in self._patterns):
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue  # it was taken away in between
            if stat.S_ISREG(status.st_mode):
                out.append(
                    Found(
                        path=Path(entry.path),
                        size=status.st_size,
                        changed=status.st_mtime_ns,
                        touched=status.st_ctime_ns,
                        inode=status.st_ino,
                    )
                )
        return out

    def put_away(self, file: Path, name: str, why: str | None = None) -> Path:
        """Move `file` into the folder `name` beside it, with a note if there is a `why`; OSError if it cannot be.

        A file already there is never overwritten. The note is written first: whatever happens in between, no file lies
        there without its reason.
        """
        target_folder = self.path / name
        target_folder.mkdir(exist_ok=True)
        target = target_folder / file.name
        number = 1
        while target.exists() or target.is_symlink():
            number += 1
            target = target_folder / f"{file.stem} ({number}){file.suffix}"
        if why is not None:
            note = target.with_name(target.name + _OWN)
            if note.is_symlink():
                note.unlink()
            note.write_text(why, encoding="utf-8")
        file.rename(target)
        return target
