"""Amounts, dates and names as OFX files write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple

#: A number with at most two kinds of separators; nothing with letters, exponents or signs of money.
_NUMBER: Final = re.compile(r"([+-]?)\s?(\d{0,29}(?:[.,' ]\d{1,29}){0,9}[.,]?)(-?)", re.ASCII).fullmatch
_PLAIN: Final = re.compile(r"[+-]?\d{1,24}(?:\.\d{1,18})?", re.ASCII).fullmatch
_MOST: Final = 29
_MINUS: Final = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " "})

_WHEN: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ]?(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.:,]?(\d{1,9}))?)?)?)?"
    r"\s?(?:\[\s?:?([+-]?\d{1,2}(?:[.:]\d{1,2})?)?\s?(?::?[^\]\d][^\]]{0,30})?\]?|Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
).fullmatch
#: Times that stand for a day: nobody books at noon to the second.
_NO_TIMES: Final = frozenset({(12, 0, 0), (23, 59, 59), (11, 59, 59), (8, 0, 0)})
_KNOWN: Final = 1 << 15


class When(NamedTuple):
    """A day as the bank counts it; the time of day if stated, its distance from UTC, and if it tells anything."""

    day: date
    time: tuple[int, int, int] | None
    offset: timedelta | None
    telling: bool = False

    @property
    def moment(self) -> datetime:
        """The instant: noon where only a day is stated, and UTC where no zone is, as the standard says.

        Midnight is how a day without a time is written, so it counts as none.
        """
        if self.time is None:
            return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)
        zone = timezone(self.offset) if self.offset is not None else UTC
        return datetime(self.day.year, self.day.month, self.day.day, *self.time, tzinfo=zone).astimezone(UTC)


_whens: dict[str, When | None] = {}


def read_when(text: str) -> When | None:
    """Read a date such as `20240131`, `20240131143000.000[-5:EST]`; None if it is none between 1900 and 2200."""
    try:
        return _whens[text]
    except KeyError:
        pass
    if len(text) > 64:
        return None
    value = _when(text.strip())
    if len(_whens) < _KNOWN:
        _whens[text] = value
    return value


def _when(text: str) -> When | None:
    found = _WHEN(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, _, shift = found.groups()
    try:
        on = date(int(year), int(month), int(day))
    except ValueError:
        return None
    if not 1900 < on.year < 2200:
        return None
    clock = int(hour or 0), int(minute or 0), int(second or 0)
    offset = _offset(shift) if shift else None
    # A time that no clock shows does not make the day wrong.
    if clock == (0, 0, 0) or clock[0] > 23 or clock[1] > 59 or clock[2] > 59:
        return When(on, None, offset)
    return When(on, clock, offset, clock not in _NO_TIMES)


def _offset(text: str) -> timedelta | None:
    hours, _, rest = text.replace(":", ".").partition(".")
    # Half hours come as decimals and as minutes.
    minutes = {"": 0, "5": 30, "50": 30, "75": 45, "25": 15, "0": 0}.get(rest, int(rest or 0))
    if abs(int(hours)) > 15 or minutes > 59:
        return None
    shift = timedelta(hours=abs(int(hours)), minutes=minutes)
    return -shift if hours.startswith("-") else shift


def read_number(text: str, *, points: bool = False) -> Decimal | None:
    """Read an amount, a price or a quantity; None if it is not one.

    A single comma before three digits is a decimal comma, as the standard says, unless `points` says that the file
    writes decimal points.

    >>> read_number("-200,00"), read_number("1.234,56"), read_number("1,234", points=True), read_number("$120")
    (Decimal('-200.00'), Decimal('1234.56'), Decimal('1234'), None)
    """
    if _PLAIN(text):
        return Decimal(text)
    found = _NUMBER(text.translate(_MINUS).strip()) if len(text) < 200 else None
    if found is None or (found[1] and found[3]):
        return None
    body = found[2]
    whole, fraction = _split(body, points=points)
    if whole is None or not (whole or fraction) or len(whole.lstrip("0")) > _MOST or len(fraction) > _MOST:
        return None
    value = Decimal(f"{whole or '0'}.{fraction}" if fraction else whole)
    return -value if "-" in (found[1], found[3]) else value


def _split(body: str, *, points: bool) -> tuple[str | None, str]:
    """Return the digits before and behind the decimal sign; None where the groups of thousands are none."""
    last = max(body.rfind("."), body.rfind(","))
    if last < 0:
        return _groups(body), ""
    mark = body[last]
    head, tail = body[:last], body[last + 1 :]
    if mark in head:  # several of a kind separate thousands
        return _groups(body), ""
    if mark == "," and points and len(tail) == 3 and re.fullmatch(r"[1-9]\d{0,2}", head):
        return head + tail, ""
    return _groups(head), tail


def _groups(text: str) -> str | None:
    groups = re.split(r"[.,' ]", text)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) not in {2, 3} for group in groups[1:])):
        return None
    return "".join(groups)


def asset_code(text: str) -> str:
    """Return `text` as an asset code (`BRK B` -> `BRK.B`), `""` where nothing of it can be one."""
    bare = re.sub(r"[^A-Z0-9._:/-]+", ".", text.strip().upper())
    return re.sub(r"^[^A-Z0-9]+|\.+$", "", bare)[:40]
