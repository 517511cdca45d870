"""Day first or month first: decided by every date of the file, and marked where only habit can tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from flowd.api import Hints
from flowd.importers.delimited.amounts import StyleFound
from flowd.importers.delimited.dates import compile_date
from flowd.importers.delimited.names import currency_in_amount, currency_in_header
from flowd.importers.delimited.sheet import ColumnSeen, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesFound:
    """The date format of a file (None if its dates contradict each other), how sure, and why in words."""

    format: str | None
    sure: float
    why: str


def decide_dates(
    texts: Sequence[str], formats: Sequence[str], sheet: Sheet, column: ColumnSeen, style: StyleFound, hints: Hints
) -> DatesFound:
    """Return the format of `texts`, of which the sheet's own all fit each of `formats`."""
    left = []
    for form in formats:
        read = compile_date([form])
        unread = sum(read(text) is None for text in texts)
        # A footer's word or a damaged date does not speak for or against a format; the reader deals with it.
        if unread <= max(3, len(texts) // 20):
            left.append((unread, form))
    if not left:
        return DatesFound(format=None, sure=0.0, why="the dates of the file fit no single format")
    fewest = min(unread for unread, _ in left)
    fitting = [form for unread, form in left if unread == fewest]
    fitting = _without_year_first(fitting)
    if len(fitting) == 1:
        return DatesFound(format=fitting[0], sure=1.0, why=f"dates as {fitting[0]}, like {texts[0]!r}")
    return _between(fitting, texts, sheet, column, style, hints)


def _without_year_first(formats: list[str]) -> list[str]:
    """Two digits at the end are the year where that can be: `01.02.18` is not of the year 2001."""
    last = [form for form in formats if form.find("%y") > 0]
    separated = [form for form in last if not form.startswith(("%d%m", "%m%d"))]
    return separated or formats


def _between(
    formats: list[str],
    texts: Sequence[str],
    sheet: Sheet,
    column: ColumnSeen,
    style: StyleFound,
    hints: Hints,
) -> DatesFound:
    for other in sheet.columns:
        if other.index != column.index and other.formats:
            shared = [form for form in formats if form in other.formats]
            if len(shared) == 1:
                return DatesFound(
                    format=shared[0], sure=0.95, why=f"dates as {shared[0]}, as the other dates ({other.name}) show"
                )
    ordered = sorted((_disorder(form, column.filled), form) for form in formats)
    (best, first), (second, _) = ordered[0], ordered[1]
    if best[0] + 0.1 < second[0]:
        return DatesFound(format=first, sure=0.9, why=f"dates as {first}, because the rows are then in order")
    if best[1] * 5 < second[1] and len(set(texts)) > 2:
        return DatesFound(format=first, sure=0.8, why=f"dates as {first}, because they then lie close together")
    day_first = next((form for form in formats if form.find("%d") < form.find("%m")), formats[0])
    month_first = next((form for form in formats if form.find("%m") < form.find("%d")), formats[0])
    if "." in day_first or (style.style is not None and style.style.decimal == "," and style.sure >= 1):
        return DatesFound(format=day_first, sure=0.85, why=f"dates as {day_first}, as is usual with such numbers")
    past = [form for form in formats if hints.today is None or _latest(form, column.filled) <= hints.today]
    if len(past) == 1:
        return DatesFound(format=past[0], sure=0.7, why=f"dates as {past[0]}, because none is then yet to come")
    currency = hints.asset or _seen_currency(sheet)
    if currency == "USD":
        return DatesFound(
            format=month_first,
            sure=0.55,
            why=f"dates as {month_first}: ASSUMED month first, as no date tells",
        )
    return DatesFound(format=day_first, sure=0.55, why=f"dates as {day_first}: ASSUMED day first, as no date tells")


def _seen_currency(sheet: Sheet) -> str | None:
    for column in sheet.columns:
        code = currency_in_header(column.name)
        if code:
            return code
        for cell in list(column.distinct)[:3]:
            if len(cell) <= 16 and (code := currency_in_amount(cell)):
                return code
            if "$" in cell and column.is_amount:
                return "USD"
    return None


def _days(form: str, texts: Sequence[str]) -> list[date]:
    read = compile_date([form])
    return [_day(value) for text in texts if (value := read(text)) is not None]


def _latest(form: str, texts: Sequence[str]) -> date:
    return max(_days(form, texts), default=date.min)


def _disorder(form: str, texts: Sequence[str]) -> tuple[float, int]:
    """Return the share of steps against the column's main direction, and the days it spans."""
    days = _days(form, texts)
    if len(days) < 2:
        return 0.0, 0
    ups = sum(one < two for one, two in pairwise(days))
    downs = sum(one > two for one, two in pairwise(days))
    return min(ups, downs) / (len(days) - 1), (max(days) - min(days)).days


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
