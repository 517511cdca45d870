"""Whatever a history holds, the study gives rows that can be kept, and no number that cannot be."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from flowd.analytics.statistics.study import Statistics, StatisticsConfig
from flowd.analytics.statistics.survey import survey
from flowd.api import History, Method, StreamState
from flowd.testing.histories import UNTIL, make_history

KINDS = ("zeros", "steady", "noise", "spikes", "losing", "huge", "tiny", "unknown")


def days_of(kind: str, count: int, seed: int) -> NDArray[np.float64]:
    random = np.random.Generator(np.random.PCG64(seed))
    match kind:
        case "zeros":
            return np.zeros(count)
        case "steady":
            return np.full(count, 135.48)
        case "noise":
            return random.normal(0, 50, count)
        case "spikes":
            return np.where(random.random(count) < 0.03, random.gamma(2, 500, count), 0.0)
        case "losing":
            return np.full(count, -3.0)
        case "huge":
            return random.gamma(2, 1e20, count)
        case "tiny":
            return random.gamma(2, 1e-9, count)
        case _:
            return np.full(count, np.nan)


@st.composite
def histories(draw: st.DrawFn) -> History:
    streams, received = {}, {}
    infos: dict[str, dict[str, Any]] = {}
    for index in range(draw(st.integers(0, 4))):
        name, count = f"s{index}", draw(st.sampled_from([0, 1, 7, 29, 45, 120, 400]))
        days = days_of(draw(st.sampled_from(KINDS)), count, index)
        received[name] = np.nan_to_num(days) if draw(st.booleans()) else np.zeros(count)
        for _ in range(draw(st.integers(0, 2)) if count else 0):
            begin = draw(st.integers(0, count - 1))
            days[begin : begin + draw(st.integers(1, 60))] = np.nan
        streams[name] = days
        infos[name] = {
            "method": draw(st.sampled_from(list(Method))),
            "group": draw(st.sampled_from(["a", "b"])),
            "tax": draw(st.sampled_from([None, Decimal("0.3")])),
            "passive": draw(st.sampled_from([None, True, False])),
            "every": draw(st.sampled_from([None, "month on 25"])),
            "read_at": draw(
                st.sampled_from([None, datetime(2026, 3, 31, 12, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
            ),
        }
    return make_history(
        streams=streams,
        received=received,
        infos=infos,
        expenses=draw(st.sampled_from([None, np.full(400, 50.0), np.zeros(400), np.full(100, np.nan)])),
        cash=draw(st.sampled_from([None, Decimal(0), Decimal(-5), Decimal(10000)])),
    )


@settings(deadline=None, max_examples=60)
@given(histories())
def test_every_row_can_be_kept(history: History) -> None:
    rows = list(Statistics().study(history, StatisticsConfig()))
    states = [row for row in rows if isinstance(row, StreamState)]
    assert {row.name for row in states if row.scope.value == "stream"} == {info.stream for info in history.streams}
    keys = [
        (row.scope.value, row.name) if isinstance(row, StreamState) else (row.subject, row.name, row.window, row.at)
        for row in rows
    ]
    assert len(keys) == len(set(keys))
    for row in states:
        assert row.trend in {"growing", "flat", "declining", "unknown"}
        assert row.health in {"growing", "stable", "volatile", "declining", "stalled", "stale", "unknown"}
        assert row.trend_reason
        assert row.health_reason
        assert row.p_value is None or 0 <= row.p_value <= 1
        assert row.share is None or 0 <= row.share <= 1
        assert row.floor is None or row.floor >= 0
    shares = [row.share for row in states if row.scope.value == "stream" and row.share is not None]
    assert not shares or math.isclose(sum(shares), 1, abs_tol=1e-6)


@settings(deadline=None, max_examples=25)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_streams_does_not_matter(history: History, random: Any) -> None:
    mixed = list(history.streams)
    random.shuffle(mixed)
    other = History(
        currency=history.currency,
        zone=history.zone,
        today=history.today,
        streams=mixed,
        income={info.stream: history.income[info.stream] for info in mixed},
        expenses=history.expenses,
        cash=history.cash,
    )
    one, two = survey(history, UNTIL), survey(other, UNTIL)
    assert one.total.trend == two.total.trend
    assert one.by_stream == two.by_stream
    assert one.floor() == two.floor()
    assert {name: part.health for name, part in one.parts.items()} == {
        name: part.health for name, part in two.parts.items()
    }


@settings(deadline=None, max_examples=25)
@given(histories())
def test_what_is_known_later_does_not_change_what_was_said_of_a_day(history: History) -> None:
    """Figures as of a past day are those of a history that ends there, but for what one learns of its days later."""
    past = UNTIL - timedelta(days=40)
    cut = make_history(
        until=past,
        streams={
            name: income.earned.values[: max(len(income.earned.values) - 40, 0)]
            for name, income in history.income.items()
        },
        received={
            name: income.received.values[: max(len(income.received.values) - 40, 0)]
            for name, income in history.income.items()
        },
        infos={
            info.stream: {"method": info.method, "group": info.group, "every": info.every} for info in history.streams
        },
    )
    whole, then = survey(history, past), survey(cut, past)
    assert whole.total.trend == then.total.trend
    assert whole.by_group == then.by_group
