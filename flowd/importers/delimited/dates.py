"""Dates as banks write them: a format's reader, and the formats that fit a column's every value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product
from typing import Final

from flowd.importers.delimited.months import MONTHS, fold

Moment = date | datetime
_CACHE: Final = 1 << 15

#: Zones that reports name by letters, in hours from UTC; letters that mean several zones are not among them.
ZONES: Final = {
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CDT": -5, "EST": -5, "EDT": -4, "WET": 0, "WEST": 1, "CET": 1,
    "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip

#: What each code of a format stands for, as in Python's strptime (a subset; `%z` reads Z, UTC, +01:00 and
#: +0100); `%*` is anything, such as the second date of `04/17/2023 as of 04/15/2023`.
CODES: Final = {
    "%d": r"(?P<d>\d{1,2})",
    "%m": r"(?P<m>\d{1,2})",
    "%Y": r"(?P<Y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%b": r"(?P<b>[^\W\d_]{3,12})\.?",
    "%H": r"(?P<H>\d{1,2})",
    "%I": r"(?P<I>\d{1,2})",
    "%M": r"(?P<M>\d{2})",
    "%S": r"(?P<S>\d{2})(?:[.,]\d{1,9})?",
    "%p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "%z": rf"(?P<z>Z|UTC|GMT|[+-]\d{{2}}:?\d{{2}}|[+-]\d{{2}}|{'|'.join(ZONES)})",
    "%a": r"[^\W\d_]{2,12}\.?,?",
    "%*": r".{0,60}",
    "%%": "%",
}
_CODE: Final = re.compile(r"%.")
_TIGHT: Final = {"%d": r"(?P<d>\d{2})", "%m": r"(?P<m>\d{2})", "%H": r"(?P<H>\d{2})"}


def check_format(text: str) -> str:
    """Return `text` if it is a date format flowd can read, else ValueError with what is wrong in it."""
    codes = ["%b" if code == "%B" else code for code in _CODE.findall(text)]
    unknown = [code for code in codes if code not in CODES]
    if unknown:
        raise ValueError(f"date format {text!r}: {unknown[0]} is not known; use {' '.join(sorted(CODES))}")
    doubled = [code for code in codes if codes.count(code) > 1 and code not in {"%%", "%a", "%*"}]
    if doubled:
        raise ValueError(f"date format {text!r}: {doubled[0]} comes twice")
    if "%d" not in codes or not {"%m", "%b"} & set(codes) or not {"%Y", "%y"} & set(codes):
        raise ValueError(f"date format {text!r} needs a day (%d), a month (%m or %b) and a year (%Y or %y)")
    return text


def _pattern(text: str) -> re.Pattern[str]:
    text = text.replace("%B", "%b")
    tokens = re.findall(r"%.|\s+|[^%\s]+", text)
    parts = []
    for index, token in enumerate(tokens):
        if token.startswith("%"):
            # Codes that touch each other, as in 20180131, need their full width.
            tight = any(
                0 <= near < len(tokens) and tokens[near].startswith("%") and tokens[near] not in {"%z", "%p", "%b"}
                for near in (index - 1, index + 1)
            )
            parts.append(_TIGHT.get(token, CODES[token]) if tight else CODES[token])
        else:
            parts.append(r"\s+" if token.isspace() else re.escape(token))
    return re.compile("".join(parts), re.ASCII if "%b" not in text and "%a" not in text else 0)


def _zone(text: str) -> timezone:
    if text in {"Z", "UTC", "GMT"}:
        return UTC
    if text in ZONES:
        return timezone(timedelta(hours=ZONES[text]))
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def compile_date(formats: Sequence[str]) -> Callable[[str], Moment | None]:
    """Return a reader for a column in one of `formats`: a date, or an aware datetime where time and zone are given.

    A time of day without a zone is not a moment, so such a value gives its date.
    """
    patterns = [_pattern(check_format(text)) for text in formats]
    known: dict[str, Moment | None] = {}

    def read(text: str) -> Moment | None:
        try:
            return known[text]
        except KeyError:
            pass
        bare = text.strip() if len(text) < 500 else ""
        value: Moment | None = None
        for pattern in patterns:
            found = pattern.fullmatch(bare)
            if found is not None:
                value = _moment(found.groupdict())
                if value is not None:
                    break
        # A long text is no date: keeping many of those would be keeping the file.
        if len(text) < 64 and len(known) < _CACHE:
            known[text] = value
        return value

    return read


def _moment(part: dict[str, str | None]) -> Moment | None:
    name = part.get("b")
    month = MONTHS.get(fold(name)) if name else int(part["m"] or 0)
    if month is None:
        return None
    short = part.get("y")
    # The century turns at 69, as everywhere else in computing.
    year = int(part["Y"] or 0) if short is None else int(short) + (2000 if int(short) < 69 else 1900)
    try:
        day = date(year, month, int(part["d"] or 0))
        hours = part.get("H") or part.get("I")
        zone = part.get("z")
        if hours is None:
            return day
        hour = int(hours)
        half = part.get("p")
        if half is not None:
            hour = hour % 12 + (12 if half in "Pp" else 0)
        moment = datetime(
            day.year, day.month, day.day, hour, int(part.get("M") or 0), int(part.get("S") or 0), tzinfo=UTC
        )
        if zone is None:
            return day
        return moment.replace(tzinfo=_zone(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_DATE: Final = re.compile(
    r"(?P<a>\d{1,8}|[^\W\d_]{3,12}\.?)(?P<s1>\.?\s*[-/.\s,]?\s*)"
    r"(?:(?P<b>\d{1,2}|[^\W\d_]{3,12}\.?)(?P<s2>\s*[-/.\s,]\s*)(?P<c>\d{1,4}))?"
    r"(?P<end>\.)?(?P<time>[T\s,].*|\d{2}:.*|[-;/]\s?\d{1,2}:\d.*)?"
)
_WEEKDAY: Final = re.compile(r"[^\W\d_]{2,12}\.?,?\s+")
_TIME: Final = re.compile(
    r"(?P<gap>\s?[-;/]\s?|[T\s,]+)(?P<clock>\d{1,2}:\d{2})(?P<seconds>:\d{2}(?:[.,]\d{1,9})?)?"
    r"(?P<half>\s?[AaPp]\.?[Mm]\.?)?(?P<zone>\s?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}|[A-Z]{3,4}))?"
)
_COMPACT: Final = {8: ("%Y%m%d", "%d%m%Y", "%m%d%Y"), 6: ("%y%m%d", "%d%m%y", "%m%d%y")}


def formats_of(text: str) -> list[str]:
    """Return every format in which `text` may be read as a date, the likelier ones first; none if it is no date."""
    bare = text.strip()
    if not 6 <= len(bare) <= 45:
        return []
    weekday = _WEEKDAY.match(bare)
    formats = _formats(bare)
    if not formats and weekday is not None:
        formats = ["%a " + form for form in _formats(bare[weekday.end() :])]
    return formats


def _formats(bare: str) -> list[str]:
    found = _DATE.fullmatch(bare)
    if found is None:
        return []
    tail = _time_format(found["time"] or "")
    if tail is None:
        return []
    if found["b"] is None:
        if found["s1"].strip() or found["end"] or not found["a"].isdigit():
            return []
        formats = [form + tail for form in _COMPACT.get(len(found["a"]), ())]
    else:
        formats = [
            form + (found["end"] or "") + tail
            for form in _separated(found["a"], found["s1"], found["b"], found["s2"], found["c"])
        ]
    return [form for form in formats if _sane(compile_date([form])(bare), tight=found["b"] is None)]


def _sane(value: Moment | None, *, tight: bool = False) -> bool:
    """Tell dates from other numbers: digits without separators are a date only in living memory."""
    return value is not None and (1900 <= value.year <= 2100 if tight else value.year >= 1000)


def _separated(first: str, gap1: str, second: str, gap2: str, third: str) -> Iterable[str]:
    gap1, gap2 = (re.sub(r"\s+", " ", gap) for gap in (gap1, gap2))
    if not gap1:
        return []
    codes = [_codes(first), _codes(second), _codes(third)]
    orders = [("d", "m", "y"), ("m", "d", "y"), ("y", "m", "d")]
    if len(first) == 4 and first.isdigit():
        orders = [("y", "m", "d")]
    out = []
    for order in orders:
        options = [codes[index].get(part, ()) for index, part in enumerate(order)]
        out += [f"{one}{gap1}{two}{gap2}{three}" for one, two, three in product(*options)]
    return out


def _codes(part: str) -> dict[str, tuple[str, ...]]:
    if not part.isdigit():
        return {"m": ("%b",)} if fold(part.rstrip(".")) in MONTHS else {}
    if len(part) == 4:
        return {"y": ("%Y",)}
    if len(part) > 2:
        return {}
    return {"d": ("%d",), "m": ("%m",), "y": ("%y",) if len(part) == 2 else ()}


def _time_format(text: str) -> str | None:
    if not text.strip():
        return ""
    found = _TIME.fullmatch(text.rstrip())
    if found is None:
        return None
    half, zone = found["half"], found["zone"]
    if zone and zone.strip().isalpha() and zone.strip() not in {"Z", "UTC", "GMT", *ZONES}:
        return None
    return (
        re.sub(r"\s+", " ", found["gap"])
        + ("%I:%M" if half else "%H:%M")
        + (":%S" if found["seconds"] else "")
        + ((" " if half[0].isspace() else "") + "%p" if half else "")
        + ((" " if zone[0].isspace() else "") + "%z" if zone else "")
    )


def common_formats(texts: Iterable[str]) -> list[str]:
    """Return the formats in which every one of `texts` can be read, the likelier ones first."""
    left: list[str] | None = None
    readers: dict[str, Callable[[str], Moment | None]] = {}
    for text in texts:
        if left is None:
            left = formats_of(text)
            readers = {form: compile_date([form]) for form in left}
        else:
            left = [form for form in left if _sane(readers[form](text))]
        if not left:
            return []
    return left or []
