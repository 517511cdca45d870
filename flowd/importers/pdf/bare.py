"""Days without any sign that they are days (04.03 or 0403) where sums have a decimal point, so that both look alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flowd.importers.pdf.lines import Line

#: A line of a list: its day, perhaps the value day, a text, and a sum at its end.
_POINTED: Final = re.compile(r"(\s*)(\d\d)\.(\d\d)(\s+)(?:(\d\d)\.(\d\d)(\s+))?(?=[^\W\d_]).*\d[.]\d\d\D{0,6}$")
_JOINED: Final = re.compile(r"(\s*)(\d\d)(\d\d)(\s+)(?:(\d\d)(\d\d)(\s+))?(?=[^\W\d_]).*\d[.]\d\d\D{0,6}$")
#: With fewer lines chance could make days of numbers.
_LEAST: Final = 3
_MONTHS: Final = 4


def mark_bare_days(lines: Sequence[Line]) -> list[Line] | None:
    """Return `lines` with a point behind such days; None where they do not all stand in the order of a list."""
    for pattern in (_POINTED, _JOINED):
        found = {at: match for at, line in enumerate(lines) if (match := pattern.match(line.text)) is not None}
        days = [(int(match[3]), int(match[2])) for match in found.values()]
        if len(days) < _LEAST or not all(1 <= month <= 12 and 1 <= day <= 31 for month, day in days):
            continue
        if _in_order(days) or _in_order(days[::-1]):
            return [_marked(line, found.get(at)) for at, line in enumerate(lines)]
    return None


def _in_order(days: Sequence[tuple[int, int]]) -> bool:
    """Return whether days follow each other over a few months, perhaps over the end of a year."""
    begin = days[0][0]
    turned = [((month - begin) % 12, day) for month, day in days]
    return turned == sorted(turned) and turned[-1][0] < _MONTHS and len(set(turned)) > 1


def _marked(line: Line, match: re.Match[str] | None) -> Line:
    if match is None:
        return line
    said = f"{match[1]}{match[2]}.{match[3]}.{match[4]}"
    if match[5] is not None:
        said += f"{match[5]}.{match[6]}.{match[7]}"
    return replace(line, text=said + line.text[match.end(7) if match[5] is not None else match.end(4) :])
