"""Days that stand elsewhere than before their posting: below it, or once above all postings of the day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from flowd.importers.delimited.months import fold
from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.pieces import Piece, trailing_sums
from flowd.importers.pdf.vocabulary import Role, is_aside, role_of

_TITLE: Final = re.compile(r"[^\W\d]{0,20}[\s:,.]*")
_BOOKED: Final = re.compile(r"(?:buchungs|booking|posting) ?(?:datum|tag|date|day)\b|date de comptabilisation")


def days_first(seen: Sequence[Piece]) -> list[Line] | None:
    """Return the lines with each posting's day before it; None where the days stand there already."""
    if _dated_below(seen):
        return _from_below(seen)
    return _from_above(seen)


def _dated_below(seen: Sequence[Piece]) -> bool:
    """Return whether the bank prints a posting's day at the beginning of the line below its sums."""
    leading = sum(bool(item.lead and item.sums) for item in seen)
    alone = sum(_undated(item) for item in seen)
    below = sum(_pair(first, second) for first, second in pairwise(seen))
    if below < 2 or below * 5 < alone * 3 or leading * 4 > below:
        return False
    # Where sums stand below the days instead, a day comes first.
    first = next(at for at, (one, two) in enumerate(pairwise(seen)) if _pair(one, two))
    return not any(item.lead and not item.sums for item in seen[max(0, first - 3) : first])


def _undated(item: Piece) -> bool:
    return not item.lead and bool(trailing_sums(item.text, item.sums, item.days))


def _pair(first: Piece, second: Piece) -> bool:
    undated = not first.days and _undated(first)
    return undated and role_of(first.rest) is None and second.lead == 1 and not second.sums


def _from_below(seen: Sequence[Piece]) -> list[Line]:
    lines = [item.line for item in seen]
    for at, (first, second) in enumerate(pairwise(seen)):
        if _pair(first, second):
            end = second.days[0].end
            lines[at] = replace(first.line, text=f"{second.text[:end].strip()} {first.text.strip()}")
            lines[at + 1] = replace(second.line, text=second.text[end:].strip() or "-")
    return lines


def _from_above(seen: Sequence[Piece]) -> list[Line] | None:
    """Give each posting the day that titles its group: "Booked on 4 March 2024", "Monday, 4 March 2024"."""
    groups: list[tuple[Piece, list[int]]] = []
    open_here = False
    for at, item in enumerate(seen):
        if _titles(item) is not None:
            groups.append((item, []))
            open_here = True
        elif role_of(item.rest) is not None:
            open_here = False
        elif open_here and _in_group(item):
            groups[-1][1].append(at)
    if not _are_groups(seen, groups):
        return None
    days = {at: _titles(title) for title, places in groups for at in places}
    balances = {id(title): title for title, _ in groups if title.sums}
    lines = []
    for at, item in enumerate(seen):
        text = item.line.text
        if at in days:
            text = f"{days[at]} {text.strip()}"
        elif id(item) in balances:
            text = text[item.days[0].end :].strip(" ,:")
        lines.append(replace(item.line, text=text))
    return lines


def _are_groups(seen: Sequence[Piece], groups: Sequence[tuple[Piece, Sequence[int]]]) -> bool:
    """Return whether days alone title groups: some hold several postings, and most the first right below."""
    filled = [(title, places) for title, places in groups if places]
    grouped = sum(len(places) for _, places in filled)
    leading = sum(bool(item.lead and item.sums) and _titles(item) is None for item in seen)
    if any(_BOOKED.search(title.folded) for title, _ in filled) and not leading:
        return True
    # A day alone above a text with its sum further down is a posting broken over lines.
    direct = sum(seen[places[0] - 1] is title for title, places in filled)
    return direct * 4 >= len(groups) * 3 and grouped > len(filled) > 1 and leading * 4 <= grouped


def _titles(item: Piece) -> str | None:
    """Return the day of a line that holds nothing else but a weekday, what the day is called, or its balance."""
    if len(item.days) != 1 or len(item.sums) > 1 or not _TITLE.fullmatch(item.text[: item.days[0].start].strip()):
        return None
    day = item.days[0]
    after = fold(item.text[day.end :])
    alone = role_of(after) is Role.BALANCE if item.sums else not re.search(r"\w", after)
    return item.text[day.start : day.end] if alone else None


def _in_group(item: Piece) -> bool:
    return _undated(item) and role_of(item.rest) is None and not is_aside(item.rest)
