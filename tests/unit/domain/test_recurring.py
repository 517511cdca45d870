"""Monthly recurring revenue adds up: by customer, by day, by month."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flowd.api import Metric, recurring_revenue
from flowd.domain.recurring import MOVEMENTS, Step
from flowd.domain.time import day_start

BERLIN = ZoneInfo("Europe/Berlin")


def step(at: str, amount: str) -> Step:
    return datetime.fromisoformat(f"{at}:00+00:00"), Decimal(amount)


def metrics(*worth: tuple[str, list[Step]], today: str = "2026-04-10") -> list[Metric]:
    return list(recurring_revenue(worth, subject="shop/EUR", unit="EUR", zone=BERLIN, today=date.fromisoformat(today)))


def moved(found: list[Metric], window: str = "1d") -> dict[tuple[str, str], Decimal | None]:
    """What moved on which day of the tenant's, other than nothing."""
    return {
        (one.at.astimezone(BERLIN).date().isoformat(), one.name.removeprefix("mrr_")): one.value
        for one in found
        if one.window == window and one.name not in ("mrr", "mrr_customers") and one.value
    }


def test_a_customer_is_new_once_and_comes_back_as_a_reactivation() -> None:
    found = metrics(
        ("ada", [step("2026-03-01T10:00", "10"), step("2026-03-05T10:00", "25"), step("2026-03-09T10:00", "5")]),
        ("ada", [step("2026-03-09T11:00", "7")]),
        ("bob", [step("2026-03-02T10:00", "3"), step("2026-03-20T10:00", "0"), step("2026-04-02T10:00", "4")]),
    )
    assert moved(found) == {
        ("2026-03-01", "new"): Decimal(10),
        ("2026-03-02", "new"): Decimal(3),
        ("2026-03-05", "expansion"): Decimal(15),
        ("2026-03-09", "contraction"): Decimal(-13),
        ("2026-03-20", "churn"): Decimal(-3),
        ("2026-04-02", "reactivation"): Decimal(4),
    }
    assert moved(found, "1mo")["2026-03-01", "contraction"] == Decimal(-13)
    ends = {one.at.astimezone(BERLIN).date(): one.value for one in found if one.name == "mrr" and one.window == "1mo"}
    assert ends == {date(2026, 3, 1): Decimal(12), date(2026, 4, 1): Decimal(16)}
    last = [one.value for one in found if one.name == "mrr_customers"][-1]
    assert last == 2


def test_the_day_is_the_tenants_and_what_cancels_out_within_it_is_no_movement() -> None:
    found = metrics(("ada", [step("2026-03-28T23:30", "10"), step("2026-03-29T15:00", "0")]), today="2026-03-30")
    # 23:30 UTC is the next day in Berlin, when the clocks go forward
    assert moved(found) == {}
    assert [one.value for one in found if (one.name, one.window) == ("mrr", "1d")] == [0, 0]
    assert found[0].at == day_start(date(2026, 3, 29), BERLIN)


def test_nothing_is_said_of_what_is_yet_to_come_or_never_was() -> None:
    assert metrics() == []
    assert metrics(("ada", [step("2026-05-01T10:00", "10")])) == []
    assert metrics(("ada", [step("2026-03-01T10:00", "0")])) == []


def test_movements_add_up_to_mrr_whatever_happens() -> None:
    chance = random.Random(20260401)
    worth = []
    for number in range(60):
        at = datetime(2025, 6, 1, tzinfo=UTC)
        steps = []
        for _ in range(chance.randrange(6)):
            at += timedelta(hours=chance.randrange(1, 1500))
            steps.append((at, Decimal(chance.choice([0, 0, 1, 5, 9, 12])) / 4))
        worth.append((f"c{number % 40}", steps))
    found = metrics(*worth)
    for window in ("1d", "1mo"):
        before = Decimal(0)
        rows: dict[datetime, dict[str, Decimal]] = {}
        for one in found:
            if one.window == window:
                rows.setdefault(one.at, {})[one.name] = one.value or Decimal(0)
        assert len(rows) > 9
        for at in sorted(rows):
            change = sum(rows[at].get(f"mrr_{name}", Decimal(0)) for name in MOVEMENTS)
            assert before + change == rows[at]["mrr"]
            before = rows[at]["mrr"]
        assert before == sum(steps[-1][1] for _, steps in worth if steps)
