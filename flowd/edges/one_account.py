"""Keeps files of several accounts from being put into one, where `--account` was given for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flowd.edges.same_place import same_place
from flowd.errors import FileRefused

if TYPE_CHECKING:
    from flowd.api import Hints, Importer

#: A name with fewer digits is what somebody called an account; two files may call one account differently.
_DIGITS: Final = 5


def other_accounts(
    files: Sequence[Path], importers: Mapping[str, Importer], hints: Hints, *, at: datetime
) -> tuple[tuple[Path, str], tuple[Path, str]] | None:
    """Return two of `files` that name different accounts of their own, and these; files that are refused name none."""
    named = list(_named(files, importers, hints, at))
    return next((pair for pair in combinations(named, 2) if _differ(pair[0][1], pair[1][1])), None)


def _named(
    files: Sequence[Path], importers: Mapping[str, Importer], hints: Hints, at: datetime
) -> Iterator[tuple[Path, str]]:
    from flowd.engine.imports import read_file

    # what each file says of itself, without other names for it
    own = replace(hints, account=None, options={**hints.options, "accounts": {}})
    for path in files:
        try:
            plan = read_file(path, importers, own, at=at, preview=0)
        except FileRefused:
            continue
        # one that has several is refused when it is read
        if len(plan.accounts) == 1:
            yield path, next(iter(plan.accounts))


def _differ(one: str, other: str) -> bool:
    numbers = ["".join(filter(str.isdigit, account)) for account in (one, other)]
    if one.casefold() == other.casefold() or min(map(len, numbers)) < _DIGITS:
        return False
    return numbers[0] not in numbers[1] and numbers[1] not in numbers[0] and same_place(one, [other]) is None
