"""Text that is put together of cells: what the lines above a table say, and a description of several columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from flowd.importers.delimited.making import NAME_LIMIT
from flowd.importers.delimited.profile import Above, Profile
from flowd.importers.delimited.sheet import Row
from flowd.importers.stated import iban

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[ A-Z0-9]{11,36}")


def said_above(profile: Profile, rows: Sequence[Row]) -> Above:
    """Return what the lines above the table say of account and currency."""
    wanted = profile.above
    if wanted.account is None and wanted.currency is None:
        return wanted
    text = "\n".join(profile.delimiter.join(cell.strip() for cell in row) for row in rows)[:20_000]

    def find(pattern: str | None) -> str | None:
        found = re.search(pattern, text, re.MULTILINE) if pattern is not None else None
        return found[1].strip()[:NAME_LIMIT] or None if found is not None and found[1] else None

    return Above.model_construct(account=find(wanted.account), currency=find(wanted.currency))


def ibans(rows: Sequence[Row]) -> set[str]:
    """Return the valid IBANs that stand in `rows`, compact."""
    cells = [cell for row in rows for cell in row[:100] if len(cell) < 60]
    found = {iban(match[0]) for cell in cells if (match := _IBAN.search(cell)) is not None}
    return {text for text in found if text is not None and _is_valid(text)}


def _is_valid(text: str) -> bool:
    digits = "".join(str(int(sign, 36)) for sign in text[4:] + text[:4])
    return int(digits) % 97 == 1


def joiner(places: Sequence[int]) -> Callable[[Row], str]:
    """Return a function that joins the non-blank cells of `places`."""
    if not places:
        return lambda _row: ""
    if len(places) == 1:
        only = places[0]
        return lambda row: row[only].strip()
    if len(places) == 2:
        one, two = places
        return lambda row: f"{row[one].strip()} {row[two].strip()}".strip()
    return lambda row: " ".join([text for place in places if (text := row[place].strip())])
