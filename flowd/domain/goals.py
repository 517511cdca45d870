"""How a goal is told to the raw log as an event of its user's, and read back from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from flowd.domain.json import Json
from flowd.domain.money import check_asset, parse_plain, plain
from flowd.domain.records import Event
from flowd.domain.results import EventRow
from flowd.domain.studied import Goal, Scope

#: The type of the events that state goals.
GOAL: Final = "goal"
#: The connection under which decisions of the user stand; no connection of flowd.yaml can be called so.
OWN_WORD: Final = "(you)"
#: What a goal may be about.
KINDS: Final = ("monthly", "saved", "net_worth")


def goal_event(goal: Goal, at: datetime) -> Event:
    """Return the event that states `goal`; with the same name again it replaces what was stated before."""
    data: dict[str, Json] = {
        "goal": goal.goal,
        "kind": goal.kind,
        "amount": plain(goal.amount),
        "currency": goal.currency,
        "since": goal.since.isoformat(),
        "scope": goal.scope.value,
        "name": goal.name,
    }
    if goal.by_day is not None:
        data["by"] = goal.by_day.isoformat()
    return Event(type=GOAL, key=goal.goal, at=at, data=data)


def removal_event(name: str, at: datetime) -> Event:
    """Return the event that takes the goal `name` away; what was stated before stays in the log."""
    return Event(type=GOAL, key=name, at=at, data={"goal": name, "removed": True})


def goal_of(data: Mapping[str, Json]) -> Goal | None:
    """Read the newest event of a goal; None where it was taken away, ValueError where it says no goal."""
    if data.get("removed") is True:
        return None
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    try:
        kind = texts["kind"]
        if kind not in KINDS:
            raise ValueError(f"a goal of the kind {kind!r}; known are {', '.join(KINDS)}")
        return Goal(
            goal=texts["goal"],
            kind=kind,
            amount=parse_plain(texts["amount"], "a goal's amount"),
            currency=check_asset(texts["currency"], "a goal's currency"),
            since=date.fromisoformat(texts["since"]),
            scope=Scope(texts.get("scope", "total")),
            name=texts.get("name", ""),
            by_day=date.fromisoformat(texts["by"]) if "by" in texts else None,
        )
    except KeyError as missing:
        raise ValueError(f"a goal without its {missing.args[0]}") from None


def goals_of(events: Iterable[EventRow]) -> list[Goal]:
    """Return the goals among the newest `events` of the type goal, by name; what states no goal is left out."""
    found = {}
    for event in events:
        if event.connection != OWN_WORD:
            continue
        with suppress(ValueError):
            goal = goal_of(event.data)
            if goal is not None:
                found[goal.goal] = goal
    return [found[name] for name in sorted(found)]


def share(goal: Goal, current: Decimal | None) -> Decimal | None:
    """Return how much of the goal is there, from 0 to 1 (more where it is passed); None where nobody knows."""
    if current is None or goal.amount <= 0:
        return None
    return max(current / goal.amount, Decimal(0))
