"""Postings printed side by side, as lists of checks are: "Number Date Amount  Number Date Amount"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from flowd.importers.pdf.lines import Line
from flowd.importers.pdf.pieces import Piece
from flowd.importers.pdf.vocabulary import is_heading


def one_below_the_other(seen: Sequence[Piece]) -> list[Line] | None:
    """Return the lines with one posting each where headings name their columns twice; None where none does."""
    lines: list[Line] = []
    beside = 0
    for item in seen:
        if is_heading(item.folded) and not item.sums:
            beside = _times(re.findall(r"[^\W\d]+", item.folded))
        if beside > 1 and 1 < len(item.sums) == len(item.days) <= beside and _alternate(item):
            cuts = [0, *(money.end for money in item.sums[:-1]), len(item.text)]
            lines += [replace(item.line, text=item.text[start:end].strip()) for start, end in pairwise(cuts)]
        else:
            lines.append(item.line)
    return lines if len(lines) > len(seen) else None


def _times(words: Sequence[str]) -> int:
    """Return how often a heading says the same columns."""
    return next(
        (times for times in (4, 3, 2) if len(words) > times and list(words) == [*words[: len(words) // times]] * times),
        1,
    )


def _alternate(item: Piece) -> bool:
    ends = [(day.start, money.start) for day, money in zip(item.days, item.sums, strict=True)]
    return all(day < money for day, money in ends) and all(a[1] < b[0] for a, b in pairwise(ends))
