"""The `qif` importer: records of accounts as Quicken and its followers export them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import Batch, Hints
from flowd.importers.delimited.encoding import decide_encoding
from flowd.importers.planned import Planned
from flowd.importers.qif.records import Records
from flowd.importers.qif.survey import Survey, survey

_MARK: Final = re.compile(rb"^\s{0,9}!\s?(?:type|account|option|clear)\b", re.IGNORECASE | re.MULTILINE)
#: Below this what was found counts as a guess, and is said to be one.
_KNOWN: Final = 0.75


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

    def plan(self, file: BinaryIO, hints: Hints) -> Planned:
        """Say how `file` (seekable) will be read; FileRefused where it is damaged or leaves too much open."""
        encoding = decide_encoding(file)
        found = survey(file, encoding.name, hints.asset, hints.today)
        records = Records(file=file, survey=found, hints=hints)
        records.prepare()
        return Planned(
            summary=_words(found),
            label="qif",
            records=lambda: records,
            said=lambda: records.notes,
            sure=found.sure,
            guessed=found.sure < _KNOWN,  # the order of dates or the decimal sign had to be assumed
        )


def _words(found: Survey) -> str:
    titles = ", ".join(list(found.titles)[:6]) or "prices"
    accounts = f" of {', '.join(found.named[:5])}" if found.named else ""
    return f"QIF ({found.encoding}): {titles}{accounts}; {'; '.join(found.words)}"
