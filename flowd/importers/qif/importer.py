"""The `qif` importer: records of accounts as Quicken and its followers export them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import Batch, Hints
from flowd.importers.delimited.encoding import decide_encoding
from flowd.importers.qif.records import Records
from flowd.importers.qif.survey import Survey, survey

_MARK: Final = re.compile(rb"^\s{0,9}!\s?(?:type|account|option|clear)\b", re.IGNORECASE | re.MULTILINE)
#: Below this what was found counts as a guess, and is said to be one.
_KNOWN: Final = 0.75


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a QIF file is read: what was found out about it, and its records; `notes` is complete once they were read."""

    summary: str
    records: Records
    sure: float
    label: str = "qif"

    @property
    def guessed(self) -> bool:
        """Whether the order of dates or the decimal sign had to be assumed."""
        return self.sure < _KNOWN

    @property
    def notes(self) -> Sequence[str]:
        """What had to be said while the records were read."""
        return self.records.notes

    def batches(self) -> Iterator[Batch]:
        """Yield the whole file as one batch, streamed."""
        yield Batch(records=self.records)


class QifImporter:
    """Reads QIF of banks and of programs."""

    name = "qif"

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file called `name`, beginning with `head`, is QIF."""
        bare = head[2:].replace(b"\0", b"") if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else head
        bare = bare.removeprefix(b"\xef\xbb\xbf")
        if _MARK.search(bare.replace(b"\r", b"\n")[: 1 << 14]):
            return 1.0
        return 0.5 if Path(name).suffix.lower() == ".qif" else 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say how `file` (seekable) will be read; FileRefused where it is damaged or leaves too much open."""
        encoding = decide_encoding(file)
        found = survey(file, encoding.name, hints.asset)
        records = Records(file=file, survey=found, hints=hints)
        records.prepare()
        return Reading(summary=_words(found), records=records, sure=found.sure)


def _words(found: Survey) -> str:
    titles = ", ".join(list(found.titles)[:6]) or "prices"
    accounts = f" of {', '.join(found.named[:5])}" if found.named else ""
    return f"QIF ({found.encoding}): {titles}{accounts}; {'; '.join(found.words)}"
