"""What is wrong with a configuration: place, finding and fix, collected so that all of it is said at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flowd.errors import ConfigError

#: A path into the configuration: keys of groups and positions in lists.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a setting was written: line and column (from 1) of a file, or the environment variable that set it."""

    file: str
    line: int = 0
    column: int = 0
    variable: str | None = None

    def __str__(self) -> str:
        if self.variable is not None:
            return f"environment {self.variable}"
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: `where` is the setting (`connections.salary.type`), `fix` what to write instead.

    `line` and `column` count from 1; they are 0 where there is no line (an unreadable file, an environment variable,
    whose name is then in `variable`).
    """

    file: str
    line: int
    column: int
    where: str
    message: str
    fix: str = ""
    variable: str | None = None

    @classmethod
    def at(cls, place: Place, where: str, message: str, fix: str = "") -> Problem:
        """Make a problem of what stands at `place`."""
        return cls(
            file=place.file,
            line=place.line,
            column=place.column,
            where=where,
            message=message,
            fix=fix,
            variable=place.variable,
        )

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(file=self.file, line=self.line, column=self.column, variable=self.variable)

    def __str__(self) -> str:
        what = f"{self.where} {self.message}" if self.where else self.message
        stop = "" if what.endswith("?") else "."
        return f"{self.place}: {what}" + (f"{stop} Fix: {self.fix}" if self.fix else "")


class ConfigProblems(ConfigError):
    """The configuration cannot be used; `problems` holds every reason, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(f"{head} in the configuration:\n" + "\n".join(f"  {problem}" for problem in self.problems))


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return `problems` once each, by file, line and column; those of the environment come last."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (p.variable is not None, p.file, p.line, p.column, p.where))


def dotted(path: Sequence[str | int]) -> str:
    """Write a path as users read it: `rules[2].match.text`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `, did you mean 'x'?` for the known word most like `word`, or nothing when none is like it."""
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f", did you mean {names[near[0]]!r}?" if near else ""


def known_words(known: Iterable[str], limit: int = 12) -> str:
    """List known words for a message, shortened when there are many."""
    names = sorted(known)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
