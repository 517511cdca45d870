"""Payments that were probably stated twice: finding them, and making one of each pair."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from flowd.edges.deciding import decide, ledger

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.domain.duplicates import Likeness
    from flowd.edges.opening import Store


def proposed(
    store: Store,
    since: date | None,
    until: date | None = None,
    *,
    score: float = 0.0,
    among: Collection[tuple[str, str]] | None = None,
) -> list[Likeness]:
    """Return the pairs of this score or more from `since` to `until`; of `among` and their like."""
    from flowd.domain.duplicates import places, propose

    rows = ledger(store).accounts()
    # what is left out counts once at most
    known = sorted({(str(row["connection"]), str(row["account"])) for row in rows if not row["left_out"]})
    numbered = [(*key, place) for key, place in zip(known, places(known), strict=True)]
    if among is not None:
        wanted = {place for connection, account, place in numbered if (connection, account) in among}
        numbered = [one for one in numbered if one[2] in wanted]
    found = propose(ledger(store).alike(numbered, since or date.min))
    return [pair for pair in found if pair.score >= score and (until is None or pair.kept.day <= until)]


def merge_all(store: Store, settings: Settings, found: Sequence[Likeness]) -> None:
    """Decide that of each pair the one that says less is a duplicate, and derive what follows."""
    from flowd.domain.decisions import DuplicateDecision

    originals = {pair.dropped.subject: pair.kept.subject for pair in found}
    decisions = [
        (DuplicateDecision(of=pair.dropped.subject, other=pair.kept.subject), pair.dropped.day) for pair in found
    ]
    # what was the same as one that is a duplicate itself from now on is the same as its original
    for row in ledger(store).decisions():
        other = row["other"]
        if row["kind"] == "duplicate" and isinstance(other, UUID) and other in originals:
            whole = ledger(store).whole(UUID(str(row["about"])))
            decision = DuplicateDecision(of=UUID(str(row["about"])), other=originals[other])
            decisions.append((decision, date.fromisoformat(str(whole["day"]))))
    decide(store, settings, decisions)
