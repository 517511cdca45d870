"""The worked examples of scores and goals in docs/numbers.md are what flowd computes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from flowd.analytics.projection.goals import goal_horizon, goal_outlooks, goal_subjects
from flowd.analytics.projection.outlook import outlook
from flowd.analytics.rounding import decimal
from flowd.analytics.scoring.losses import crps, inside, pinball, share_off, within
from flowd.api import Goal, Method, ScheduleTerm
from flowd.testing.histories import make_history
from tests.unit.test_numbers_documented import EXAMPLES


def test_score_example() -> None:
    example = EXAMPLES["score"]
    said = np.array([float(value) for value in example["quantiles"]])[:, None]
    came = np.array([float(example["came"])])
    losses = pinball(said, came)
    gives: dict[str, Any] = {
        "error": decimal(float(came[0] - said[3, 0])),
        "ape": decimal(float(share_off(came, said[3])[0]), 6),
        "pinball": decimal(float(losses.mean()), 6),
        "crps": decimal(float(crps(losses)[0])),
    }
    for name, value in gives.items():
        assert value == Decimal(example["gives"][name]), name
    flags = {
        "inside_50": inside(said[2], said[4], came),
        "inside_80": inside(said[1], said[5], came),
        "inside_90": inside(said[0], said[6], came),
        "within_20": within(came, said[3]),
    }
    assert {name: str(bool(flag[0])).lower() for name, flag in flags.items()} == {
        name: example["gives"][name] for name in flags
    }


def test_goal_example() -> None:
    example = EXAMPLES["goal"]
    today, since = date.fromisoformat(example["today"]), date.fromisoformat(example["since"])
    goal = Goal(
        goal="house",
        kind="saved",
        amount=Decimal(example["saved"]),
        currency="EUR",
        since=since,
        by_day=date.fromisoformat(example["by"]),
    )
    term = ScheduleTerm(
        stream="pay", amount=Decimal(example["came"]), currency="EUR", every="day", start=since, end=None
    )
    history = make_history(
        until=today - timedelta(days=1),
        received={"pay": [float(example["came"])] * (today - since).days},
        infos={"pay": {"method": Method.SCHEDULE}},
        terms=[term],
        goals=[goal],
    )
    said = outlook(history, horizon_days=goal_horizon([goal]), paths=200, loss=False, keep=goal_subjects([goal]))
    (found,) = goal_outlooks(history, said)
    gives = example["gives"]
    assert found.current == Decimal(gives["current"])
    assert found.probability == Decimal(gives["probability"])
    assert {found.reached_p10, found.reached_p50, found.reached_p90} == {date.fromisoformat(gives["reached"])}
    assert found.needed == Decimal(gives["needed"])


@pytest.mark.parametrize("word", ["coverage", "bias", "skill", "MAPE"])
def test_every_measure_is_explained(word: str) -> None:
    from tests.unit.test_numbers_documented import TEXT

    assert word.lower() in TEXT.lower()
