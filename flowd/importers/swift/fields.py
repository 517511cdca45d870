"""Lines to fields: which line begins a field of a message, which goes on with the one before, where a message ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from flowd.api import FileRefused

#: A field: its tag, the number of its first line, its lines. `{` begins an envelope, `-` ends a message.
Field = tuple[str, int, list[str]]

#: SWIFT allows six lines of 65 characters; banks write more, but not this much.
FIELD_LIMIT: Final = 64 * 1024
_TAGS: Final = frozenset(
    ("13", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M", "61", "62F", "62M", "64", "65")
) | {"86", "90C", "90D", "NS", "940", "942"}
_TAG: Final = re.compile(r":(\d{2,3}[A-Z]?|NS):").match
_BROKEN_TAG: Final = re.compile(r":(\d{1,2}[A-Z]?)?\s*\n").fullmatch
_ENVELOPE: Final = re.compile(r"[\x01\x02\x03\s]*(-\}.*)?\{[1-5]:")
_CLOCK: Final = re.compile(r"[0-5]\d(\D|$)").match
_HOUR: Final = re.compile(r"(?:^|\D)(?:[01]?\d|2[0-3])$").search
_ENDING: Final = re.compile(r"-[A-Z]{0,3}\s*\n").fullmatch
_OF_A_POSTING: Final = frozenset(("61", "86", "NS"))
_OF_THE_END: Final = frozenset(("62F", "62M", "64", "65"))


def split(lines: Iterable[str]) -> Iterator[Field]:
    """Yield the fields that `lines` (each ending in a line feed) make up."""
    tag, at, text, size = "", 0, [""], 0
    held = ""
    number = 0
    ending = False
    for number, line in enumerate(lines, 1):
        if held:
            found = _TAG(held + line)
            if found is not None and found[1] in _TAGS:
                line = held + line
            else:
                text.append(held)
            held = ""
        first = line[0]
        if first == ":":
            found = _TAG(line)
            if found is not None:
                name = found[1]
                if name in _TAGS and not (name[0] == "2" and tag in _OF_A_POSTING and _is_time(text[-1], line)):
                    if tag:
                        yield tag, at, text
                    tag, at, size = name, number, 0
                    text = [line[found.end() : -1]]
                    if name in _OF_THE_END:
                        ending = True
                    elif name == "20" or name == "25":
                        ending = False
                    continue
            elif _BROKEN_TAG(line) is not None:
                # a line end fell into the tag itself
                held = line[:-1].rstrip()
                continue
        elif first == "-" and (line[1] == "}" or (_ENDING(line) and (ending or tag not in _OF_A_POSTING))):
            if tag:
                yield tag, at, text
            tag, ending = "", False
            yield "-", number, [line[:-1]]
            if "{4:" not in line:
                continue
        if "{" in line and _ENVELOPE.match(line) is not None:
            if tag:
                yield tag, at, text
            tag, ending = "", False
            yield "{", number, [line[:-1]]
            _, _, rest = line.rpartition("{4:")
            found = _TAG(rest)
            if found is not None:
                tag, at, size, text = found[1], number, 0, [rest[found.end() : -1]]
            continue
        if tag:
            size += len(line)
            if size > FIELD_LIMIT:
                raise FileRefused(
                    f"line {number}: the field :{tag}: of line {at} holds more than {FIELD_LIMIT:,} characters; this "
                    "is not a bank's message: download it again"
                )
            text.append(line[:-1])
    if tag:
        yield tag, at, text


def _is_time(before: str, line: str) -> bool:
    """Whether `:20:37` goes on with a time of day whose hour ends the line `before`, and begins no field."""
    return _CLOCK(line, 4) is not None and _HOUR(before) is not None
