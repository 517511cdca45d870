"""The `ofx` importer: OFX and QFX, which programs and banks have exchanged since 1997."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import Batch, Hints
from flowd.importers.ofx.header import read_header
from flowd.importers.ofx.statements import Records
from flowd.importers.ofx.survey import Survey, survey
from flowd.importers.planned import Planned

_MARK: Final = re.compile(rb"OFXHEADER|<\?OFX|<(?:\w{0,20}:)?OF[XC]>", re.IGNORECASE)


class OfxImporter:
    """Reads OFX and QFX of any bank, card or broker."""

    name = "ofx"

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file called `name`, beginning with `head`, is OFX."""
        # In UTF-16 every other byte is NUL.
        if _MARK.search(head.replace(b"\0", b"") if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else head):
            return 1.0
        return 0.5 if Path(name).suffix.lower() in {".ofx", ".qfx"} else 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> Planned:
        """Say what `file` (seekable) holds; FileRefused where it is damaged or holds no statement."""
        found = survey(file, read_header(file))
        records = Records(file=file, survey=found, hints=hints)
        records.prepare()
        return Planned(summary=_words(found, records), label="ofx", records=lambda: records, said=lambda: records.notes)


def _words(found: Survey, records: Records) -> str:
    header = found.header
    parts = [f"{header.words} ({'XML' if header.xml else 'SGML'}, {header.encoding})"]
    if found.bank:
        parts.append(f"of {found.bank}")
    accounts = ", ".join(records.name(place) for place in found.places[:5])
    count = len(found.statements)
    text = " ".join(parts) + f": {count} statement{'' if count == 1 else 's'}"
    more = f" and {len(found.places) - 5} more" if len(found.places) > 5 else ""
    return f"{text} of {accounts}{more}" if accounts else f"{text}, {len(found.described)} accounts listed"
