"""What a reload has to do: the difference between two configurations."""

from __future__ import annotations

from dataclasses import dataclass

from flowd.config.binding import Bound
from flowd.config.models import ConnectionSettings, Settings

#: Sections that are in force from the next use on, without anything being stopped.
_LIVE = ("log", "streams", "rules", "analytics", "alerts", "notifiers", "importers", "secrets")
#: Sections that are built into the running daemon.
_FIXED = ("tenant", "database", "http", "state", "plugins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Connections to start, stop, restart and leave alone; sections to read anew; sections that need a restart."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    sections: tuple[str, ...]
    needs_restart: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing differs."""
        return not (self.added or self.removed or self.changed or self.sections or self.needs_restart)


def diff(old: Settings, new: Settings, *, before: Bound | None = None, after: Bound | None = None) -> Changes:
    """Return what differs between two configurations; switched-off connections count as not there.

    With the bound connections of both, one whose secret has another value now, or whose problem came or went, counts
    as changed too.
    """
    was = {name: one for name, one in old.connections.items() if one.enabled}
    now = {name: one for name, one in new.connections.items() if one.enabled}
    both = [name for name in now if name in was]
    changed = {name for name in both if not _same(was[name], now[name]) or _differs(name, before, after)}
    if old.folder != new.folder:
        changed = set(both)
    return Changes(
        added=tuple(name for name in now if name not in was),
        removed=tuple(name for name in was if name not in now),
        changed=tuple(name for name in both if name in changed),
        unchanged=tuple(name for name in both if name not in changed),
        sections=tuple(name for name in _LIVE if getattr(old, name) != getattr(new, name)),
        needs_restart=tuple(name for name in _FIXED if getattr(old, name) != getattr(new, name)),
    )


def _same(one: ConnectionSettings, other: ConnectionSettings) -> bool:
    """Compare what was written, not on which line."""
    return all(getattr(one, name) == getattr(other, name) for name in ConnectionSettings.model_fields)


def _differs(name: str, before: Bound | None, after: Bound | None) -> bool:
    if before is None or after is None:
        return False
    one, other = before.connections.get(name), after.connections.get(name)
    if one is None or other is None:
        return (one is None) != (other is None)
    return one.written != other.written or one.feeds != other.feeds
