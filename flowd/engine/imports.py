"""Importing one file: which importer reads it, what is in it, and all of it as one batch or nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from io import BufferedIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, cast

from flowd.api.formats import Explaining, Reading
from flowd.domain.flows import AccountKind
from flowd.domain.records import AccountInfo, Balance, Batch, Event, Rate, Record, Snapshot
from flowd.engine.filetally import Stated, Tally
from flowd.errors import FileRefused

if TYPE_CHECKING:
    from flowd.api import Hints, Importer
    from flowd.storage.rawlog import Written

#: Bytes of a file's beginning that importers are shown.
HEAD: Final = 1 << 16
#: Below this no importer is believed to know a file.
_LEAST: Final = 0.15
#: How files begin that hold others: ZIP, gzip, 7z, RAR.
_ARCHIVES: Final = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_CHUNK: Final = 1 << 20
_MOST_NAMED: Final = 50
#: UTC at which it is the same day from Hawaii to New Zealand: a balance says its day only.
_ANY_ZONE: Final = time(10, 30)
#: By how much a reading may be ahead of the clock, as the log has it; and how early a day begins somewhere.
_AHEAD: Final = timedelta(minutes=5)
_EASTERNMOST: Final = timedelta(hours=14)
_AT_A_MOMENT: Final = (Snapshot, Rate)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What reading a file showed: who reads it and how, what is in it, and what has to be said of it.

    `accounts` maps each account to its number of rows; `first` and `last` are the days of its transactions, `preview`
    its first records; `fingerprint` stands for its content. `balances` are, for each account and asset, the first and
    the last balance that is stated; `statements` say the same of each with its postings.
    """

    path: Path
    fingerprint: str
    importer: str
    sure: float
    how: str
    label: str
    guessed: bool
    rows: int
    accounts: Mapping[str, int]
    first: date | None
    last: date | None
    notes: Sequence[str]
    preview: Sequence[Record] = ()
    balances: Sequence[tuple[Balance, Balance]] = ()
    statements: Sequence[Stated] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A file's plan, and what writing it changed."""

    plan: ImportPlan
    written: Written


class Log(Protocol):
    """Where batches are written: the raw log."""

    def write_batch(self, connection: str, batch: Batch, *, tick: datetime) -> Written:
        """Write `batch` in one transaction."""


def choose_importer(name: str, head: bytes, importers: Mapping[str, Importer]) -> tuple[Importer, float]:
    """Return the importer that is surest the file is its own, and how sure; FileRefused where none knows it."""
    if not head:
        raise FileRefused("the file is empty: download it again")
    found = [(importer.identify(name, head), key) for key, importer in importers.items()]
    # of those that are equally sure the last one counts: formats that somebody asked for come after flowd's own
    best = max(reversed(found), key=lambda item: item[0], default=(0.0, ""))
    if best[0] < _LEAST:
        if head.startswith(_ARCHIVES):
            raise FileRefused("this is an archive: unpack it, and import what is in it (a whole folder, if you like)")
        if len(importers) == 1:
            raise FileRefused(f"no importer knows this kind of file: it is not {best[1]}; leave the format out")
        known = ", ".join(sorted(importers)) or "none"
        raise FileRefused(
            f"no importer knows this kind of file (there are: {known}); download the account in one of these forms, "
            "CSV if there is no other; a plugin's format is named with --format, or under `formats:` of the connection"
        )
    return importers[best[1]], best[0]


def fingerprint(file: BinaryIO) -> str:
    """Return 32 hexadecimal digits that stand for the content of `file`."""
    file.seek(0)
    digest = blake2b(digest_size=16)
    while data := file.read(_CHUNK):
        digest.update(data)
    return digest.hexdigest()


@contextmanager
def open_file(path: Path, *, follow: bool = True) -> Iterator[BinaryIO]:
    """Open the regular file `path`; FileRefused for anything else (a folder, a pipe; a link unless `follow`)."""
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    except OSError as error:
        raise FileRefused(f"{path.name} cannot be opened: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise FileRefused(f"{path.name} is not a file; give a file")
    with os.fdopen(number, "rb") as file:
        yield cast("BinaryIO", _Named(file, path))


class _Named(BufferedIOBase):
    """A file that knows its path, and tells how far reading has come once somebody wants to know.

    For importers it is a whole binary file: zipfile, csv and readers of spreadsheets take it.
    """

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self.name = str(path)
        self.size = os.fstat(file.fileno()).st_size
        self.progress: Progress | None = None
        self._untold = 0

    def read(self, size: int | None = -1) -> bytes:
        """Read as the file does."""
        data = self._file.read(-1 if size is None else size)
        self._tell()
        return data

    def read1(self, size: int = -1) -> bytes:
        """Read some, as text readers ask for it."""
        return self.read(_CHUNK if size < 0 else size)

    def readline(self, size: int | None = -1) -> bytes:
        """Read up to the end of a line."""
        line = self._file.readline(-1 if size is None else size)
        self._untold += len(line)
        if self._untold >= _CHUNK:
            self._tell()
        return line

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read in any order."""
        return True

    def _tell(self) -> None:
        self._untold = 0
        if self.progress is not None:
            self.progress(min(self._file.tell(), self.size), self.size)

    def state(self) -> tuple[int, int]:
        """Return size and time of change, which differ once somebody wrote to it."""
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns


class FileImport:
    """One open file on its way in at `at`: `records` streams all of it, after which `plan` says what it was."""

    def __init__(
        self, file: BinaryIO, path: Path, importers: Mapping[str, Importer], hints: Hints, at: datetime
    ) -> None:
        # a date that may be read in two ways is not read as one that is yet to come
        hints = replace(hints, today=at.date())
        self._at = at
        self._file = cast("_Named", file)
        self._path = path
        self._tally = Tally()
        self._before = self._file.state()
        self._print = fingerprint(file)
        file.seek(0)
        importer, self._sure = choose_importer(path.name, file.read(HEAD), importers)
        self._name = importer.name
        self._reading: Reading | None = None
        file.seek(0)
        if isinstance(importer, Explaining):
            self._reading = importer.plan(file, hints)
            self._batches: Iterable[Batch] = self._reading.batches()
        else:
            self._batches = importer.parse(file, hints)

    def records(self, progress: Progress | None = None) -> Iterator[Record]:
        """Yield what the file says, then its accounts, then the event that it was imported."""
        self._file.progress = progress
        readings = _Readings()
        for batch in self._batches:
            yield from self._present(readings.beside(self._tally.watch(batch.records)))
        yield from readings.rest()
        # A bank's list of accounts has no rows, but it says how accounts are called.
        if not self._tally.told and not self._tally.balances and not self._tally.described:
            raise FileRefused("the file says nothing that flowd keeps; nothing to import")
        if self._file.state() != self._before:
            raise FileRefused("the file changed while it was read; nothing of it was kept, import it again")
        named = dict.fromkeys([*self._tally.accounts, *(account for account, _ in self._tally.balances)])
        for account in named:
            if account not in self._tally.described:
                yield AccountInfo(account=account, name=account, kind=AccountKind.BANK)
        yield import_event(self.plan(), self._at)

    def _present(self, records: Iterable[Record]) -> Iterator[Record]:
        """Pass `records` on; the log takes no reading of the future, and what it refuses it would refuse every time."""
        latest, today = self._at + _AHEAD, (self._at + _EASTERNMOST).date()
        for record in records:
            if isinstance(record, _AT_A_MOMENT) and record.at > latest:
                if record.at.date() <= today:
                    # of a day without a time, which has begun: so it was known by now
                    yield replace(record, at=self._at)
                    continue
                what = f"the price of {record.base}" if isinstance(record, Rate) else f"what {record.account} held"
                raise FileRefused(
                    f"{what} is dated {record.at:%Y-%m-%d}, which is yet to come: either days and months are the other "
                    "way round than was assumed (a file with a day after the 12th tells), or the clock is wrong"
                )
            yield record

    def plan(self, preview: Sequence[Record] = ()) -> ImportPlan:
        """Return what is known of the file so far."""
        reading, tally = self._reading, self._tally
        days = [day for place in tally.places.values() for day in (place.first, place.last)]
        return ImportPlan(
            path=self._path,
            fingerprint=self._print,
            importer=self._name,
            sure=self._sure if reading is None else min(1.0, reading.sure),
            how=self._name if reading is None else reading.summary,
            label=self._name if reading is None else reading.label,
            guessed=False if reading is None else reading.guessed,
            rows=tally.told,
            accounts=tally.accounts,
            first=min(days, default=None),
            last=max(days, default=None),
            notes=tuple(reading.notes) if reading is not None else (),
            preview=tuple(preview),
            balances=tuple(tally.balances.values()),
            statements=tuple(tally.statements()),
        )


class _Readings:
    """Reads the balances of wallets and brokers as what these held: their transactions alone do not tell it."""

    def __init__(self) -> None:
        self._kinds: dict[str, AccountKind] = {}
        #: Of accounts of which nothing was said yet.
        self._waiting: list[Balance] = []

    def beside(self, records: Iterable[Record]) -> Iterator[Record]:
        """Pass `records` on, with a reading after each balance of such an account."""
        for record in records:
            yield record
            if type(record) is AccountInfo:
                self._kinds[record.account] = record.kind
            elif type(record) is Balance:
                kind = self._kinds.get(record.account)
                if kind is None:
                    self._waiting.append(record)
                elif kind.is_valued:
                    yield _reading(record)

    def rest(self) -> Iterator[Record]:
        """Yield the readings of accounts that were described after their balances."""
        for balance in self._waiting:
            if self._kinds.get(balance.account, AccountKind.BANK).is_valued:
                yield _reading(balance)


def _reading(balance: Balance) -> Snapshot:
    at = datetime.combine(balance.day, _ANY_ZONE, tzinfo=UTC)
    return Snapshot(account=balance.account, asset=balance.asset, quantity=balance.amount, at=at)


def import_event(plan: ImportPlan, at: datetime) -> Event:
    """Return the event that says a file was imported; its key is the content, so importing it again adds nothing."""
    return Event(
        type="import",
        key=plan.fingerprint,
        at=at,
        data={
            "file": plan.path.name,
            "importer": plan.importer,
            "profile": plan.label,
            "guessed": plan.how if plan.guessed else None,
            "rows": plan.rows,
            "accounts": list(plan.accounts)[:_MOST_NAMED],
            "first": plan.first.isoformat() if plan.first is not None else None,
            "last": plan.last.isoformat() if plan.last is not None else None,
            "notes": list(plan.notes),
        },
    )


def read_file(
    path: Path,
    importers: Mapping[str, Importer],
    hints: Hints,
    *,
    at: datetime,
    preview: int = 10,
    follow: bool = True,
    progress: Progress | None = None,
) -> ImportPlan:
    """Read the whole of `path` without keeping anything, and say what is in it; FileRefused with line and reason."""
    with open_file(path, follow=follow) as file:
        coming = FileImport(file, path, importers, hints, at)
        shown: list[Record] = []
        for record in coming.records(progress):
            if len(shown) < preview and not isinstance(record, AccountInfo | Balance | Event):
                shown.append(record)
        return coming.plan(shown)


def import_file(
    path: Path,
    importers: Mapping[str, Importer],
    hints: Hints,
    *,
    log: Log,
    connection: str,
    at: datetime,
    progress: Progress | None = None,
) -> Imported:
    """Write the whole of `path` to `log` as one batch of `connection`; FileRefused means nothing of it was kept.

    Memory does not grow with the file. `progress` is called with bytes read and bytes in all. Importing the same file
    again changes nothing.
    """
    with open_file(path) as file:
        coming = FileImport(file, path, importers, hints, at)
        written = log.write_batch(connection, Batch(records=coming.records(progress)), tick=at)
        return Imported(plan=coming.plan(), written=written)
