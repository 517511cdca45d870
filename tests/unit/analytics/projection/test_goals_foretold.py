"""Goals: whether and when they are reached, where that can be told by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from flowd.analytics.projection.goals import goal_horizon, goal_outlooks, goal_subjects
from flowd.analytics.projection.outlook import outlook
from flowd.api.studies import History, Series
from flowd.domain.studied import Goal, GoalOutlook, Scope
from tests.unit.analytics.projection.made import TODAY, Made, monthly

#: 310 on the first of each month and nothing by chance.
RENT = Made().declared("rent", "310", "month on 1", date(2026, 1, 1))


def goal(kind: str, amount: str, **said: Any) -> Goal:
    return Goal(**{"goal": kind, "currency": "EUR", "since": TODAY, **said}, kind=kind, amount=Decimal(amount))


def reached(history: History, days: int = 730, *, loss: bool = False) -> GoalOutlook:
    keep = goal_subjects(history.goals)
    (found,) = goal_outlooks(history, outlook(history, horizon_days=days, paths=300, loss=loss, keep=keep))
    return found


def test_what_is_saved_is_reached_on_the_day_of_the_payment() -> None:
    found = reached(RENT.history(goals=[goal("saved", "900")]))
    assert (found.reached_p10, found.reached_p50, found.reached_p90) == (date(2026, 10, 1),) * 3
    assert found.probability == 1
    assert found.current == 0
    assert "expense" not in found.reason
    assert "spent is not known" in found.reason


def test_what_came_since_the_goals_day_counts() -> None:
    found = reached(RENT.history(goals=[goal("saved", "900", since=date(2026, 6, 1))]))
    assert found.current == 620
    assert found.reached_p50 == date(2026, 8, 1)


def test_a_day_that_is_too_early_has_no_chance_and_says_what_it_takes() -> None:
    found = reached(RENT.history(goals=[goal("saved", "900", by_day=date(2026, 9, 30))]))
    assert found.probability == 0
    assert found.reached_p50 == date(2026, 10, 1)
    assert found.needed is not None
    # 83 days are 2.727 months
    assert abs(found.needed - Decimal("330.05")) < Decimal("0.05")


def test_what_a_month_has_to_bring_counts_to_the_goals_own_day_however_far_it_is() -> None:
    by_day = TODAY + timedelta(days=1999)
    found = reached(RENT.history(goals=[goal("saved", "20000", by_day=by_day)]))
    assert found.needed is not None
    # 2000 days are 65.71 months
    assert abs(found.needed - Decimal("304.38")) < Decimal("0.05")


def test_a_monthly_goal_is_reached_when_two_of_three_months_bring_it() -> None:
    rent_and_wage = Made().declared("rent", "310", "month on 1", date(2026, 1, 1))
    rent_and_wage.declared("wage", "500", "month on 25", date(2026, 9, 1))
    found = reached(rent_and_wage.history(goals=[goal("monthly", "810")]))
    assert found.current == 310
    assert found.reached_p50 == date(2026, 10, 31)
    # all of it needed, every month
    assert found.needed == 810
    assert reached(RENT.history(goals=[goal("monthly", "300")])).reached_p50 == TODAY


def test_two_paydays_within_thirty_days_are_no_rise() -> None:
    """The last days of January and of February are 28 days apart."""
    wage = Made().declared("wage", "4200", "month on L", date(2025, 1, 1))
    assert reached(wage.history(goals=[goal("monthly", "4300")])).probability == 0
    assert reached(wage.history(goals=[goal("monthly", "4200")])).current == 4200


def test_a_bonus_is_no_rise_until_it_is_one_on_average() -> None:
    wage = Made().declared("wage", "2600", "month on 25", date(2025, 1, 1))
    wage.declared("bonus", "2400", "year on 11-30", date(2026, 1, 1))
    found = wage.history(goals=[goal("monthly", "2801")])
    assert reached(found).probability == 0
    assert reached(wage.history(goals=[goal("monthly", "2800")])).reached_p50 == date(2026, 11, 30)


def test_what_comes_once_a_quarter_counts_by_its_year() -> None:
    dividend = Made().declared("dividend", "300", "quarter on 1", date(2024, 1, 1))
    assert reached(dividend.history(goals=[goal("monthly", "100")])).current == 100
    assert reached(dividend.history(goals=[goal("monthly", "101")])).probability == 0


def test_of_a_short_history_the_months_there_are_count() -> None:
    wage = Made().declared("wage", "500", "month on 5", date(2026, 6, 1))
    assert reached(wage.history(goals=[goal("monthly", "500")])).current == 500
    # of the month under way, what came of it already and what is to come
    begun = Made().declared("wage", "500", "month on 5", date(2026, 7, 1))
    found = reached(begun.history(goals=[goal("monthly", "500")]))
    assert (found.current, found.reached_p10) == (Decimal(0), date(2026, 7, 31))


def test_a_goal_that_is_never_reached_has_no_day() -> None:
    found = reached(RENT.history(goals=[goal("monthly", "5000")]))
    assert found.probability == 0
    assert found.reached_p10 is None


def test_net_worth_takes_off_what_is_spent() -> None:
    spent = Series(first=TODAY - timedelta(days=365), values=np.full(365, 5.0))
    history = RENT.history(goals=[goal("net_worth", "2000")], net_worth=Decimal(1000), expenses=spent)
    found = reached(history)
    # 310 a month, less five a day, is about 158 a month
    assert found.reached_p50 is not None
    assert date(2026, 12, 15) < found.reached_p50 < date(2027, 2, 15)
    assert reached(RENT.history(goals=[goal("net_worth", "2000")])).reason == "the net worth is not known"


def test_chances_of_what_is_not_sure_are_between() -> None:
    values = np.random.default_rng(8).normal(3.0, 40.0, 500)
    history = (
        Made()
        .valued("trading", values)
        .history(goals=[goal("saved", "1000", by_day=TODAY + timedelta(days=180), scope=Scope.STREAM, name="trading")])
    )
    found = reached(history, loss=True)
    assert found.probability is not None
    assert Decimal("0.1") < found.probability < Decimal("0.95")
    assert found.reached_p10 is not None
    assert found.reached_p50 is not None
    assert found.reached_p10 < found.reached_p50


def test_a_goal_in_another_currency_uses_the_rate_of_the_day() -> None:
    def rate(base: str, quote: str, day: date) -> Decimal | None:
        return {("EUR", "EUR"): Decimal(1), ("USD", "EUR"): Decimal("0.5")}.get((base, quote))

    found = reached(RENT.history(goals=[goal("saved", "1800", currency="USD")], rate=rate))
    assert found.reached_p50 == date(2026, 10, 1)
    unknown = reached(RENT.history(goals=[goal("saved", "1800", currency="XYZ")], rate=rate))
    assert unknown.probability is None
    assert "no rate of XYZ" in unknown.reason


def test_a_goal_of_nobody_says_so() -> None:
    found = reached(RENT.history(goals=[goal("saved", "1", scope=Scope.STREAM, name="gone")]))
    assert found.probability is None
    assert "no stream 'gone'" in found.reason


def test_goals_look_two_years_ahead_and_nothing_does_without() -> None:
    assert goal_horizon([goal("saved", "1")]) == 730
    assert goal_horizon([]) == 0


def test_losing_a_stream_lowers_the_chance() -> None:
    wage = Made().paid("wage", monthly(25, 2500, 14))
    goals = [goal("saved", "29000", by_day=TODAY + timedelta(days=365))]
    sure, unsure = reached(wage.history(goals=goals)), reached(wage.history(goals=goals), loss=True)
    assert sure.probability is not None
    assert unsure.probability is not None
    assert unsure.probability < sure.probability
