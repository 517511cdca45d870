"""Goals as events: what is stated is read back, the rest is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from flowd.config import Settings
from flowd.domain.goals import OWN_WORD, goal_event, goal_of, goals_of, removal_event
from flowd.domain.results import EventRow
from flowd.domain.studied import Goal, Scope

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GOAL = Goal(
    goal="house",
    kind="saved",
    amount=Decimal("20000.50"),
    currency="EUR",
    since=date(2026, 3, 1),
    scope=Scope.STREAM,
    name="salary",
    by_day=date(2027, 12, 31),
)


def row(data: Mapping[str, Any], connection: str = OWN_WORD) -> EventRow:
    return EventRow(connection=connection, key="x", at=NOW, data=data)


def test_a_goal_is_read_back_as_it_was_stated() -> None:
    event = goal_event(GOAL, NOW)
    assert (event.type, event.key, event.data["amount"]) == ("goal", "house", "20000.5")
    assert goal_of(event.data) == GOAL
    whenever = Goal(goal="x", kind="monthly", amount=Decimal(5), currency="USD", since=date(2026, 3, 1))
    assert goal_of(goal_event(whenever, NOW).data) == whenever


def test_its_removal_is_an_event_of_the_same_goal() -> None:
    event = removal_event("house", NOW)
    assert (event.type, event.key) == (goal_event(GOAL, NOW).type, goal_event(GOAL, NOW).key)
    assert goal_of(event.data) is None


@pytest.mark.parametrize(
    "change",
    [{"kind": "lottery"}, {"amount": "many"}, {"currency": "euro"}, {"since": "soon"}, {"scope": "all"}, {"by": "x"}],
)
def test_what_states_no_goal_is_left_out_and_harms_no_other(change: dict[str, str]) -> None:
    good = dict(goal_event(GOAL, NOW).data)
    with pytest.raises(ValueError, match=r".+"):
        goal_of({**good, **change})
    assert goals_of([row({**good, **change}), row({**good, "goal": "a"}), row(good)]) == [
        goal_of({**good, "goal": "a"}),
        GOAL,
    ]
    with pytest.raises(ValueError, match="a goal without its amount"):
        goal_of({name: value for name, value in good.items() if name != "amount"})


def test_only_the_users_own_word_counts() -> None:
    assert goals_of([row(goal_event(GOAL, NOW).data, "some-plugin")]) == []


def test_no_connection_can_be_called_like_the_users_word() -> None:
    tenant, salary = {"base_currency": "EUR", "timezone": "Europe/Berlin"}, {"type": "recurring", "config": {}}
    assert Settings.model_validate({"tenant": tenant, "connections": {"you": salary}}).connections
    with pytest.raises(ValueError, match="cannot be used"):
        Settings.model_validate({"tenant": tenant, "connections": {OWN_WORD: salary}})
