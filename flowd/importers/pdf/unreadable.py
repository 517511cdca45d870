"""Rows of which only the balance could be read, so that it is not taken for their amount."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from flowd.importers.pdf.chain import Chain, follow
from flowd.importers.pdf.decided import Decided
from flowd.importers.pdf.table import Entry, Mark, Row, Table
from flowd.importers.pdf.vocabulary import Role

#: More such rows are a table of another kind.
_MOST: Final = 20
#: Where three of four rows show amount and balance, one that shows a single sum lacks one of them.
_USUAL: Final = 3
#: What is left of an amount that could not be read: letters among digits, or signs for what is not shown.
_BROKEN: Final = re.compile(
    r"(?:^|\s)[-+€£$(]{0,3}(?:(?=\S*[OoIlSB#?*])\d[\d.,'OoIlSB#?*]*[.,][\dOoIlSB#?*]{1,3}|#{3,}[.,#]*)\W{0,3}(?:[A-Z]{3})?$"
)


def standing_for(row: Row) -> Mark:
    """Return a row as the balance that it shows."""
    return Mark(line=row.line, role=Role.BALANCE, days=row.days, sums=row.sums, heading=())


def only_balances(rows: Sequence[Decided], table: Table, standing: Mapping[int, Mark]) -> dict[int, Mark]:
    """Return the rows, by identity, whose only sum is their balance, as balances; `standing` are such already.

    Only rows whose sum does not lead from one balance to the next are looked at.
    """
    known = dict(standing)
    found: dict[int, Mark] = {}
    hits, proved = _proof(rows, table, known)
    suspects = [row for row in rows if not row.row.maybe and len(row.row.sums) == 1 and id(row.row) not in proved]
    if not 0 < len(suspects) <= _MOST:
        return found
    whole = [row for row in rows if not row.row.maybe and row.balance is not None]
    single = sum(not row.row.maybe and row.balance is None for row in rows)
    usual = bool(whole) and len(whole) >= _USUAL * single
    # What an account holds after its very first posting is that posting's amount.
    begun = bool(whole) or any(mark.role is Role.OPENING for mark in table.marks)
    closings = {mark.sums[-1].signed for mark in table.marks if mark.role is Role.CLOSING} if begun else set()
    for row in suspects:
        mark = standing_for(row.row)
        kept = [other for other in rows if other is not row and id(other.row) not in found]
        more, _ = _proof(kept, table, {**known, id(row.row): mark})
        if more > hits or usual or row.amount.signed in closings or _BROKEN.search(row.row.text.rstrip()):
            found[id(row.row)] = mark
            if more >= hits:
                known[id(row.row)], hits = mark, more
    return found


def _proof(rows: Sequence[Decided], table: Table, standing: Mapping[int, Mark]) -> tuple[int, set[int]]:
    """Return how many rows follow from the balances, in the better direction, and which."""
    by_line = {id(row.row): row for row in rows}
    entries: list[Entry] = [standing.get(id(entry), entry) for entry in table.entries]
    best = Chain()
    for ordered in (entries, entries[::-1]):
        chain = follow(ordered, by_line)
        if chain.hits > best.hits:
            best = chain
    return best.hits, set(best.signs)
