"""Lines of text from characters on a page: a gap between columns becomes several spaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

#: In heights of a character: from here on a gap parts words, and columns.
_WORD_GAP: Final = 0.18
#: Where a space is written into the gap, less will do.
_SPACE_GAP: Final = 0.08
_COLUMN_GAP: Final = 1.0
_SAME_LINE: Final = 0.4
#: No page is wider, in characters.
_WIDEST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyph:
    """One character and its box on the page; y grows upwards."""

    text: str
    left: float
    right: float
    base: float
    size: float


def lay_out(glyphs: Iterable[Glyph]) -> list[str]:
    """Return the lines of a page from top to bottom.

    Two characters on one height belong to one line even if they were written pages apart in the file, as tables are.
    """
    seen = [glyph for glyph in glyphs if glyph.text and glyph.size > 0]
    if not seen:
        return []
    unit = max(1.0, median(max(glyph.right - glyph.left, 0.5) for glyph in seen))
    seen.sort(key=lambda glyph: (-glyph.base, glyph.left))
    lines: list[list[Glyph]] = []
    for glyph in seen:
        if lines and lines[-1][0].base - glyph.base <= _SAME_LINE * max(glyph.size, lines[-1][0].size * 0.6):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [text for line in lines if (text := _text(sorted(line, key=lambda glyph: glyph.left), unit)).strip()]


def _text(line: Sequence[Glyph], unit: float) -> str:
    parts: list[str] = []
    length = 0
    before: Glyph | None = None
    spaced = False
    for glyph in line:
        if before is not None and glyph.text == before.text and abs(glyph.left - before.left) < 0.15 * glyph.size:
            continue  # bold by printing twice
        if glyph.text.isspace():
            spaced = True
            continue  # gaps say more: some writers put spaces everywhere, others nowhere
        gap = glyph.left - before.right if before is not None else glyph.left
        size = glyph.size if before is None else min(glyph.size, before.size)
        if before is None or gap > _COLUMN_GAP * size:
            wanted = min(int(glyph.left / unit), _WIDEST)
            spaces = max(wanted - length, 2 if before is not None else 0)
        else:
            spaces = 1 if gap > (_SPACE_GAP if spaced else _WORD_GAP) * size else 0
        parts.append(" " * spaces + glyph.text)
        length += spaces + len(glyph.text)
        before, spaced = glyph, False
    return "".join(parts)
