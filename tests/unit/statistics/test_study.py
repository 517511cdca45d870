"""The study: what it makes of whole histories, and that unknown days, young and dead streams mislead nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from flowd.analytics.statistics.earning import Earning, sum_window
from flowd.analytics.statistics.figures import moments
from flowd.analytics.statistics.study import Statistics, StatisticsConfig
from flowd.analytics.statistics.survey import resilience, survey
from flowd.api import About, History, Method, Metric, ScheduleTerm, StreamState
from flowd.testing.histories import UNTIL, make_history, make_receipt

NAN = float("nan")


def study(history: History) -> tuple[dict[tuple[str, str], StreamState], list[Metric]]:
    rows = list(Statistics().study(history, StatisticsConfig()))
    states = {(one.scope.value, one.name): one for one in rows if isinstance(one, StreamState)}
    return states, [one for one in rows if isinstance(one, Metric)]


def figure(history: History, subject: str, name: str, window: str) -> Decimal | None:
    """Return a figure as of the newest moment."""
    found = sorted(
        (one.at, one.value)
        for one in study(history)[1]
        if (one.subject, one.name, one.window) == (subject, name, window)
    )
    return found[-1][1]


def steady(days: int, amount: float = 100.0, seed: int = 1) -> NDArray[np.float64]:
    return amount + np.random.Generator(np.random.PCG64(seed)).normal(0, amount / 50, days)


def test_the_mean_of_30_days_is_the_daily_rate_also_while_a_payment_is_awaited() -> None:
    """19 days that nobody is paid for yet: the rate is that of the 30 days before them."""
    earned = np.concatenate([np.full(60, 40.0), np.full(19, NAN)])
    history = make_history(streams={"shop": earned}, received={"shop": np.nan_to_num(earned)})
    assert figure(history, "stream:shop", "mean", "30d") == 40
    assert figure(history, "stream:shop", "days", "30d") == 30
    assert figure(history, "total", "mean", "30d") == 40


def unpriced(every: int, days: int, *, lacking: int, amount: float = 500.0) -> NDArray[np.float64]:
    """Something every so many days, the worth of which is not known in the last `lacking` days."""
    earned = np.zeros(days)
    earned[every - 1 :: every] = amount
    earned[-lacking:][earned[-lacking:] > 0] = NAN
    return earned


@pytest.mark.parametrize("every", [1, 7, 12])
def test_what_came_in_without_a_rate_is_neither_nothing_nor_a_standstill(every: int) -> None:
    """Money that came goes on coming, whatever is known of its worth: no health, trend or total says less."""
    history = make_history(
        streams={"abroad": unpriced(every, 420, lacking=90), "home": np.full(420, 50.0)},
        infos={"abroad": {"tax": Decimal("0.3")}},
    )
    states, _ = study(history)
    abroad, total = states["stream", "abroad"], states["total", ""]
    assert (abroad.health, abroad.trend) == ("stable", "flat")
    assert "has no rate and is left out" in abroad.health_reason
    assert (total.health, total.trend) == ("stable", "flat")
    assert abroad.share is None
    for window in ("7d", "30d"):
        assert figure(history, "stream:abroad", "mean", window) is None
        assert figure(history, "total", "mean", window) == 50
    # to set aside too little would be worse than to set aside nobody knows what
    assert abroad.tax_reserve is total.tax_reserve is None
    assert figure(history, "stream:abroad", "tax_reserve", "7d") is None


def test_months_of_which_something_has_no_rate_are_no_poor_months() -> None:
    """Passive income nobody knows the worth of is not nothing, and no month with it is the floor."""
    coins = unpriced(30, 420, lacking=420)
    history = make_history(
        streams={"coins": coins, "home": np.full(420, 50.0)},
        infos={"coins": {"passive": True}},
        expenses=np.full(420, 40.0),
    )
    standing = resilience(history, survey(history, history.until))
    assert (standing.crossover.passive, standing.crossover.covered) == (None, None)
    assert standing.crossover.reason == "passive income of three whole months is needed"
    # of 13 months the second poorest
    assert standing.floor.amount == 30 * 50
    assert list(standing.floor.left_out) == ["coins"]
    lately = make_history(streams={"abroad": unpriced(10, 420, lacking=45)})
    floor = resilience(lately, survey(lately, lately.until)).floor
    # three a month; February and March, of which not all is known, are not among them
    assert (floor.amount, floor.months) == (1500, 11)


def test_a_year_in_which_most_is_known_counts_what_is() -> None:
    history = make_history(streams={"abroad": unpriced(1, 400, lacking=14, amount=20)})
    assert figure(history, "stream:abroad", "mean", "30d") == 20
    assert figure(history, "stream:abroad", "days", "30d") == 16
    assert figure(history, "stream:abroad", "unknown_days", "30d") == 14
    assert figure(history, "total", "mean", "365d") == 20


def test_one_payment_is_no_rate_of_its_own() -> None:
    history = make_history(streams={"gigs": [900.0]})
    for window in ("30d", "90d", "365d"):
        assert figure(history, "stream:gigs", "mean", window) == 30
    assert figure(history, "stream:gigs", "mean", "7d") == Decimal("128.57142857")


def test_a_declared_income_that_began_lately_is_not_watered_down() -> None:
    history = make_history(streams={"job": np.full(12, 145.5)}, infos={"job": {"method": Method.SCHEDULE}})
    assert figure(history, "stream:job", "mean", "30d") == Decimal("145.5")
    assert figure(history, "stream:job", "days", "30d") == 12


def test_unknown_days_of_a_value_are_left_out_and_counted() -> None:
    earned = np.full(60, 6.0)
    earned[35:45] = NAN
    history = make_history(streams={"wallet": earned}, infos={"wallet": {"method": Method.VALUE}})
    assert figure(history, "stream:wallet", "mean", "30d") == 6
    assert figure(history, "stream:wallet", "days", "30d") == 20
    assert figure(history, "stream:wallet", "unknown_days", "30d") == 10


def test_a_window_without_a_known_day_has_no_numbers() -> None:
    earned = np.concatenate([np.full(30, 6.0), np.full(40, NAN)])
    history = make_history(streams={"wallet": earned}, infos={"wallet": {"method": Method.VALUE}})
    assert figure(history, "stream:wallet", "mean", "30d") is None
    assert figure(history, "stream:wallet", "unknown_days", "30d") == 30


def part(name: str, values: list[float], last: date = UNTIL) -> Earning:
    return Earning(stream=name, first=last - timedelta(days=len(values) - 1), values=np.array(values))


def test_a_sum_begins_with_its_oldest_stream() -> None:
    found = sum_window([part("old", [1.0] * 10), part("young", [5.0] * 3)], 30, UNTIL)
    assert list(found.days) == [1] * 7 + [6] * 3
    assert found.left_out == ()


def test_a_sum_is_not_unknown_for_as_long_as_one_source_is() -> None:
    dead = part("dead", [*[1.0] * 4, *[NAN] * 6])
    found = sum_window([part("job", [5.0] * 10), dead], 10, UNTIL)
    assert list(found.days) == [5] * 10
    assert found.left_out == ("dead",)
    found = sum_window([part("job", [5.0] * 10), part("gap", [1.0] * 4 + [NAN] + [1.0] * 5)], 10, UNTIL)
    assert np.isnan(found.days[4])
    assert np.nansum(found.days) == 54
    assert np.isnan(sum_window([dead], 6, UNTIL).days).all()


def test_a_sum_goes_on_at_the_rate_of_what_is_awaited() -> None:
    awaited = part("shop", [4.0] * 30, UNTIL - timedelta(days=5))
    assert list(sum_window([part("job", [5.0] * 40), awaited], 7, UNTIL).days) == [9] * 7
    assert list(sum_window([awaited], 3, UNTIL).days) == [4] * 3
    assert len(sum_window([], 3, UNTIL).days) == 0


def test_every_stream_group_and_the_total_have_a_state() -> None:
    history = make_history(
        streams={"salary": np.full(400, 140.0), "wallet": steady(400, 20.0), "new": []},
        infos={
            "salary": {"group": "work", "method": Method.SCHEDULE, "tax": Decimal("0.3")},
            "wallet": {"group": "crypto", "method": Method.VALUE},
            "new": {"group": "work", "tax": Decimal("0.1")},
        },
        received={"salary": np.where(np.arange(400) % 30 == 29, 4200.0, 0.0), "wallet": steady(400, 20.0)},
        terms=[
            ScheduleTerm(
                stream="salary",
                amount=Decimal(4200),
                currency="EUR",
                every="month on L",
                start=date(2020, 1, 1),
                end=None,
            )
        ],
    )
    states, _ = study(history)
    assert list(states) == [
        ("stream", "salary"),
        ("stream", "wallet"),
        ("stream", "new"),
        ("group", "crypto"),
        ("group", "work"),
        ("total", ""),
    ]
    salary, new, total = states["stream", "salary"], states["stream", "new"], states["total", ""]
    assert (salary.health, salary.trend, salary.passive) == ("stable", "flat", False)
    assert salary.share == pytest.approx(Decimal("0.875"), abs=Decimal("0.002"))
    assert (salary.cadence, salary.next_due) == ("month on L", date(2026, 4, 30))
    assert salary.next_amount == 4200
    assert salary.tax_reserve == Decimal("0.3") * 4200 * 3
    assert (new.health, new.trend, new.share) == ("unknown", "unknown", None)
    assert new.tax_reserve == 0
    assert total.share == 1
    assert total.tax_reserve == salary.tax_reserve
    assert (states["group", "work"].share, states["group", "work"].tax_rate) == (salary.share, Decimal("0.3"))
    assert total.tax_rate is None


def test_what_is_regular_says_when_it_comes_next() -> None:
    days = [date(2025, month, 25) for month in range(4, 13)] + [date(2026, month, 25) for month in (1, 2, 3)]
    history = make_history(receipts={"salary": [make_receipt(day, "2800", asset="USD") for day in days]})
    assert study(history)[0]["stream", "salary"].next_due == date(2026, 4, 25)
    assert study(history)[0]["stream", "salary"].next_amount is None, "no rate, no amount"
    rated = make_history(
        receipts={"salary": [make_receipt(day, "2800", asset="USD") for day in days]},
        rates={("USD", "EUR"): Decimal("0.5")},
    )
    assert study(rated)[0]["stream", "salary"].next_amount == 1400


def test_a_rhythm_that_ended_has_no_next() -> None:
    days = [date(2025, month, 25) for month in range(1, 10)]
    receipts = {"salary": [make_receipt(day, "2800") for day in days]}
    read = {"salary": {"read_at": datetime(2026, 3, 31, 22, tzinfo=UTC)}}
    state = study(make_history(receipts=receipts, infos=read))[0]["stream", "salary"]
    assert state.next_due is None
    assert state.health == "stalled"
    assert state.health_reason.startswith("something last came in 187 days ago (2025-09-25); usually every 31 days")


@pytest.mark.parametrize(
    ("info", "health"),
    [
        # nothing is received yet of what is declared to come once a year
        ({"method": Method.SCHEDULE}, "stable"),
        ({"every": "year on 12-31"}, "stable"),
        ({"every": "quarter on L"}, "stalled"),
        ({}, "stalled"),
    ],
)
def test_what_is_declared_is_waited_for_as_long_as_its_period_says(info: dict[str, Any], health: str) -> None:
    history = make_history(streams={"x": steady(200)}, received={"x": np.zeros(200)}, infos={"x": info})
    assert study(history)[0]["stream", "x"].health == health


def test_figures_of_another_century_are_not_kept() -> None:
    history = make_history(streams={"x": np.full(9000, 3.0)})
    kept = moments(history)
    assert (len(kept), kept[0], kept[-1]) == (120, date(2016, 4, 30), UNTIL)


def test_a_floor_forgets_what_is_gone_and_does_not_trust_what_is_new() -> None:
    months = 24 * 31
    gone = np.concatenate([np.full(months - 120, 50.0), np.zeros(120)])
    came = np.concatenate([np.where(np.arange(months - 120) % 30 == 0, 1500.0, 0.0), np.zeros(120)])
    history = make_history(
        streams={"job": steady(months), "gone": gone, "new": np.full(40, 500.0)},
        received={"gone": came},
        infos={"job": {"method": Method.VALUE}},
    )
    found = survey(history, history.until)
    floor = found.floor()
    assert found.parts["gone"].health.condition.value == "stalled"
    # two Februaries are the two smallest of 24 months: the third is one of 30 days
    assert floor.amount == pytest.approx(30 * 100, rel=0.02)
    assert floor.left_out == ("gone", "new")
    assert found.floor(recurring=True).amount is None


def test_a_floor_counts_since_its_youngest_weighty_stream() -> None:
    history = make_history(
        streams={"old": np.full(700, 10.0), "young": np.full(150, 100.0), "tiny": np.full(100, 1.0)},
        received={"old": np.full(700, 10.0), "young": np.full(150, 100.0), "tiny": np.full(100, 1.0)},
    )
    found = survey(history, history.until).floor()
    # since December, the first whole month of the weighty one: the least is February, with all three
    assert found.months == 4
    assert found.amount == pytest.approx(28 * 111)


def test_crossover_and_runway_of_a_history() -> None:
    history = make_history(
        streams={"job": steady(400, 60.0), "interest": 5 + 0.01 * np.arange(400)},
        infos={"interest": {"classes": frozenset({"interest"})}, "job": {"method": Method.VALUE}},
        expenses=np.full(400, 50.0),
        cash=Decimal(1000),
    )
    found = resilience(history, survey(history, history.until))
    assert found.crossover.expenses == 50 * 31
    assert found.crossover.covered == pytest.approx(0.14, abs=0.01)
    assert found.crossover.month is not None
    assert found.crossover.month > date(2027, 1, 1)
    assert found.runway.months is None
    assert "lasts for ever" in found.runway.reason
    assert found.bare.months == pytest.approx(1000 / 1550)
    past = resilience(history, survey(history, UNTIL - timedelta(days=31)))
    assert past.runway.reason == "no balance of a bank, card or cash account is known"


@pytest.mark.parametrize(
    ("said", "classes", "passive"),
    [
        (None, {"interest", "dividend"}, True),
        (None, {"interest", "salary"}, False),
        (None, set(), False),
        (True, {"salary"}, True),
        (False, {"rent"}, False),
    ],
)
def test_passive_is_what_its_user_says_else_its_classes(said: bool | None, classes: set[str], passive: bool) -> None:
    infos: dict[str, dict[str, Any]] = {"x": {"passive": said, "classes": frozenset(classes)}}
    assert study(make_history(streams={"x": [1.0] * 40}, infos=infos))[0]["stream", "x"].passive is passive


def test_without_a_passive_stream_nothing_is_covered() -> None:
    history = make_history(streams={"job": steady(200)}, expenses=np.full(200, 50.0))
    found = resilience(history, survey(history, history.until)).crossover
    assert (found.passive, found.covered, found.reason) == (0, 0, "no stream is passive")


def test_figures_are_kept_as_of_every_months_end_and_now() -> None:
    history = make_history(streams={"job": steady(100)}, until=date(2026, 3, 20))
    assert moments(history) == [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 20)]
    # what was so at the end of February is what a history that ends there says
    cut = make_history(streams={"job": steady(100)[:-20]}, until=date(2026, 2, 28))
    february = datetime(2026, 2, 28, tzinfo=history.zone)
    whole, until_then = ({one for one in study(each)[1] if one.at == february} for each in (history, cut))
    assert len(whole) > 50
    # what is in the accounts is known for the last day only
    assert whole == {one for one in until_then if one.window != "now"}


def test_the_same_history_gives_the_same_rows() -> None:
    def rows() -> list[object]:
        streams = {"b": steady(500), "a": steady(500, 20.0, 2), "c": np.full(300, 3.0)}
        return list(Statistics().study(make_history(streams=streams, expenses=np.full(400, 9.0)), StatisticsConfig()))

    assert rows() == rows()


def test_no_metric_is_given_twice() -> None:
    history = make_history(streams={"a": steady(200), "b": steady(90)}, infos={"a": {"tax": Decimal("0.2")}})
    keys = [(one.subject, one.name, one.window, one.at) for one in study(history)[1]]
    assert len(keys) == len(set(keys))


def test_nothing_at_all_has_a_total_and_no_figures() -> None:
    states, metrics = study(make_history())
    assert list(states) == [("total", "")]
    assert (states["total", ""].health, states["total", ""].floor, metrics) == ("unknown", None, [])


def test_amounts_scale_with_the_currency_and_nothing_else_does() -> None:
    euros = study(make_history(streams={"a": steady(400), "b": steady(400, 30.0, 4)}))[0]
    yen = study(make_history(streams={"a": 160 * steady(400), "b": 160 * steady(400, 30.0, 4)}, currency="JPY"))[0]
    for key, one in euros.items():
        other = yen[key]
        assert (one.trend, one.health) == (other.trend, other.health)
        assert one.floor is not None
        assert other.floor == pytest.approx(160 * one.floor)
        assert other.share == pytest.approx(one.share)
        assert other.volatility == pytest.approx(one.volatility)
    assert euros["stream", "a"].scope is About.STREAM
