"""Keeps files from bringing an account twice, under two numbers: an IBAN here, bank code and number there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from flowd.domain.duplicates import places
from flowd.domain.records import Batch, Record
from flowd.errors import FileRefused

if TYPE_CHECKING:
    from flowd.engine.imports import Log
    from flowd.storage.rawlog import Written

#: With more accounts than that they are no household's, and comparing them all would take longer than reading.
_HOUSEHOLD: Final = 200


@dataclass(kw_only=True)
class Guarded:
    """A raw log that refuses a file where an account new to its connection is one that is there already."""

    log: Log
    #: Accounts of the connection; those of files that were kept are added.
    known: set[str]
    #: Those of them that do not count: nothing counts twice with them.
    left_out: Collection[str] = frozenset()
    #: What the user said is the account of these files: that is taken at its word.
    said: str | None = None
    _new: set[str] = field(default_factory=set)

    def write_batch(self, connection: str, batch: Batch, *, tick: datetime) -> Written:
        """Write `batch` in one transaction; FileRefused where it has an account under another number."""
        self._new.clear()
        written = self.log.write_batch(connection, Batch(records=self._watched(batch.records)), tick=tick)
        self.known |= self._new
        return written

    def _watched(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            account = getattr(record, "account", None)
            if account is not None and account not in self._new and account not in self.known:
                few = len(self.known) <= _HOUSEHOLD and len(self._new) <= _HOUSEHOLD
                if few and account != self.said and (same := same_place(account, self.known.difference(self.left_out))):
                    raise FileRefused(
                        f"its account {account} seems to be {same}, which is here already, and would count twice: say "
                        f"--account {same}; if it is another one, --account {account} (for a folder that is watched, "
                        f"`accounts: {{{account}: {same}}}` of the connection); what is there twice already is mended "
                        f"with flowd account leave-out"
                    )
                self._new.add(account)
            yield record


def twice(accounts: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs of accounts (connection, id), as CONNECTION/ACCOUNT, that are probably one and the same."""
    keys = sorted(set(accounts))
    first: dict[int, str] = {}
    found = []
    for (connection, account), number in zip(keys, places(keys), strict=True):
        path = f"{connection}/{account}"
        if number in first:
            found.append((first[number], path))
        first.setdefault(number, path)
    return found


def called(wanted: str, names: Mapping[str, str]) -> str:
    """Return the id of the only account that is called `wanted` (`names` by id), else `wanted` itself: a new one."""
    found = [account for account, name in names.items() if name.casefold() == wanted.casefold()]
    return found[0] if wanted not in names and len(found) == 1 else wanted


def same_place(account: str, known: Collection[str]) -> str | None:
    """Return the only one of `known` that is the same account as `account`, written otherwise."""
    others = sorted(known)
    here, *numbers = places([("", account), *(("", other) for other in others)])
    found = [other for other, number in zip(others, numbers, strict=True) if number == here and other != account]
    return found[0] if len(found) == 1 else None
