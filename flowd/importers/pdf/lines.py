"""The lines of a statement: text in which a gap of several spaces is a gap between columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flowd.api import FileRefused

#: More than any statement has; a year of a busy business account is some 20,000 lines.
MOST_LINES: Final = 200_000
LONGEST_LINE: Final = 4_000
_SIGNS: Final = str.maketrans(
    {
        "\u2212": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2007": " ",
        "\t": " ",
        "\u00ad": "",
        "\u2019": "'",
        "\u00b4": "'",
        "\ufeff": "",
    }
)
_FENCE: Final = re.compile(r"^`{3,}|`{3,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a page."""

    page: int
    number: int
    text: str

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"page {self.page}, line {self.number}" if self.page else f"line {self.number}"


def lines_of_pages(pages: Sequence[Sequence[str]]) -> list[Line]:
    """Return the lines of a document's pages, tidied; FileRefused where there are too many or one is endless."""
    found: list[Line] = []
    for page, texts in enumerate(pages, 1):
        for number, text in enumerate(texts, 1):
            _take(found, page, number, text)
    return found


def lines_of_text(text: str) -> list[Line]:
    """Return the lines of a text that was taken out of a PDF before."""
    found: list[Line] = []
    for number, line in enumerate(re.split(r"\r\n|[\n\r\f\v]", text), 1):
        _take(found, 0, number, line)
    return found


def _take(found: list[Line], page: int, number: int, text: str) -> None:
    if len(text) > LONGEST_LINE:
        raise FileRefused(f"line {number} holds more than {LONGEST_LINE:,} characters: this is no statement's text")
    tidy = _FENCE.sub("", text.translate(_SIGNS).rstrip())
    if not tidy.strip():
        return
    if len(found) >= MOST_LINES:
        raise FileRefused(f"more than {MOST_LINES:,} lines: split the file")
    found.append(Line(page=page, number=number, text=tidy))
