"""What a backup holds: every table that nothing else can be made from, and by which order its rows are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table: its name, where the service reads and writes it, its order, and a column that counts by itself."""

    name: str
    relation: str
    order: str
    counted: str | None = None


def _part(name: str, order: str, *, relation: str | None = None, counted: str | None = None) -> Part:
    return Part(name=name, relation=relation or name, order=order, counted=counted)


#: In the order in which they are written back.
PARTS: Final = (
    _part("raw.series", "id", counted="id"),
    _part("raw.snapshot", "series_id, at", relation="app.snapshot"),
    _part("raw.rate", "base, quote, source, at", relation="app.rate"),
    _part("raw.event", "position", counted="position"),
    _part("raw.projection", "scope, name, made_on, span, for_day", relation="app.projection"),
    _part("ops.run", "id", counted="id"),
    _part("ops.cursor", "connection, feed"),
    _part("ops.connection_state", "connection, feed"),
    _part("ops.consent", "connection"),
    _part("ops.token", "connection"),
    _part("ops.backfill", "connection"),
    _part("ops.budget", "credential, period"),
    _part("ops.view", "name"),  # its versions go on where they were
)

#: Tables of a tenant that are left out: who may log in belongs to a server, the others are made anew.
LEFT_OUT: Final = frozenset({"ops.login", "ops.pending", "ops.derivation", "ops.position_mark"})
