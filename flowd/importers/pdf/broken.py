"""Days that a narrow column broke over several lines, or a gap within a line, put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flowd.importers.delimited.months import MONTHS, fold
from flowd.importers.pdf.days import Order, find_days
from flowd.importers.pdf.lines import Line

_DAY_ALONE: Final = re.compile(r"\s*(\d{1,2})\.?\s*$")
_DAY_MONTH: Final = re.compile(r"\s*(\d{1,2})\.?\s+([A-Za-zÀ-ž]{3,10})\.?(?=\s|$)")
_MONTH: Final = re.compile(r"\s*([A-Za-zÀ-ž]{3,10})\.?(?=\s|$)")
_YEAR: Final = re.compile(r"\s*((?:19|20)\d\d)(?=\s|$)")
_GAP: Final = re.compile(r"(?<![\d.,/])([0-3]) (\d[./]\d\d[./](?:19|20)\d\d)(?!\d)")
_SHORT: Final = re.compile(r"(?<!\d)(?<![0-3] )\d[./]\d\d[./](?:19|20)\d\d(?!\d)")


def close_gaps(lines: Sequence[Line]) -> Sequence[Line]:
    """Put together days like "2 4.11.2017", where the document writes no day with one digit."""
    if not any(_GAP.search(line.text) for line in lines) or any(_SHORT.search(line.text) for line in lines):
        return lines
    return [replace(line, text=_GAP.sub(r"\1\2", line.text)) for line in lines]


def join_broken_days(lines: Sequence[Line]) -> list[Line]:
    """Put days together that a narrow column broke over lines: "20", "Sept. text", "2024 text"."""
    found: list[Line] = []
    skip: dict[int, str] = {}
    for at, line in enumerate(lines):
        text = skip.pop(at, line.text)
        alone = _DAY_ALONE.match(text)
        whole = _DAY_MONTH.match(text)
        start: str | None = None
        year_from = at + 1
        if alone and 1 <= int(alone[1]) <= 31:
            for later in range(at + 1, min(at + 4, len(lines))):
                month = _MONTH.match(lines[later].text)
                if month and fold(month[1]) in MONTHS:
                    start = f"{alone[1]}. {month[1]}"
                    skip[later] = lines[later].text[month.end() :]
                    year_from = later + 1
                    break
                if find_days(lines[later].text[:14], Order.DAY_FIRST):
                    break
        elif whole and fold(whole[2]) in MONTHS and not _YEAR.match(text[whole.end() :]):
            start = f"{whole[1]}. {whole[2]}"
            text = text[whole.end() :]
        if start is not None:
            for later in range(year_from, min(year_from + 3, len(lines))):
                year = _YEAR.match(lines[later].text)
                if year:
                    start += f" {year[1]}"
                    skip[later] = lines[later].text[year.end() :]
                    break
                if _DAY_ALONE.match(lines[later].text) or _DAY_MONTH.match(lines[later].text):
                    break
            if alone and not whole:
                text = ""
            text = f"{start} {text.strip()}"
        if text.strip():
            found.append(Line(page=line.page, number=line.number, text=text))
    return found
