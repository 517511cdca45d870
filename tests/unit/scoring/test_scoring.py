"""What was foretold is scored against what came: losses, bands, months, and what is not known."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowd.analytics.scoring.came import Came
from flowd.analytics.scoring.losses import LEVELS, WIDTHS, crps, inside, pinball, share_off, within
from flowd.analytics.scoring.study import MEASURES, Scoring, ScoringConfig
from flowd.api import About, Metric, ProjectionScore
from flowd.api.studies import Said
from flowd.testing.histories import UNTIL, make_history

DAY = timedelta(days=1)
TOTAL = (About.TOTAL, "")


def column(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)[:, None]


def said(*rows: tuple[tuple[About, str], date, int, tuple[float, ...]]) -> Said:
    """What was said: subject, the day on which, over how many days, the seven quantiles."""
    subjects = list(dict.fromkeys(row[0] for row in rows))
    made = [row[1].toordinal() for row in rows]
    return Said(
        subjects=subjects,
        subject=np.array([subjects.index(row[0]) for row in rows], dtype=np.int64),
        made_on=np.array(made, dtype=np.int64),
        for_day=np.array([day + row[2] - 1 for day, row in zip(made, rows, strict=True)], dtype=np.int64),
        quantiles=np.array([row[3] for row in rows], dtype=np.float64).T.reshape(7, len(rows)),
    )


BAND = (60.0, 70.0, 90.0, 100.0, 110.0, 130.0, 140.0)


def test_pinball_by_hand() -> None:
    losses = pinball(column(*BAND), np.array([115.0]))[:, 0]
    assert losses.tolist() == pytest.approx([0.05 * 55, 0.10 * 45, 0.25 * 25, 0.5 * 15, 0.75 * 5, 0.10 * 15, 0.05 * 25])


def test_a_forecast_without_a_band_scores_as_its_absolute_error() -> None:
    losses = pinball(column(*[100.0] * 7), np.array([88.0]))
    assert crps(losses)[0] == pytest.approx(12.0)
    assert sum(WIDTHS) == pytest.approx(1)


def test_the_score_is_near_that_of_the_whole_distribution() -> None:
    """CRPS of a standard normal at x is x(2F(x) - 1) + 2f(x) - 1/sqrt(pi) (Gneiting and Raftery 2007, equation 5)."""
    levels = column(-1.6448536, -1.2815516, -0.6744898, 0.0, 0.6744898, 1.2815516, 1.6448536)
    for x in (-1.5, 0.0, 0.3, 1.0):
        whole = (
            x * math.erf(x / math.sqrt(2)) + 2 * math.exp(-x * x / 2) / math.sqrt(2 * math.pi) - 1 / math.sqrt(math.pi)
        )
        assert crps(pinball(levels, np.array([x])))[0] == pytest.approx(whole, abs=0.05)


@given(st.floats(1, 1e6), st.floats(0.5, 2.0))
def test_saying_what_one_believes_scores_best(scale: float, lie: float) -> None:
    """A proper score: over what comes as foretold, quantiles that are stretched lose."""
    comes = scale * (np.arange(1, 200) / 200)
    honest = np.quantile(comes, LEVELS, method="inverted_cdf")
    stretched = honest.mean() + (honest - honest.mean()) * lie

    def mean(quantiles: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return float(pinball(np.repeat(quantiles[:, None], len(comes), axis=1), comes).mean())

    assert mean(honest) <= mean(stretched) * (1 + 1e-9)


def test_bands_include_their_ends_and_shrug_off_what_floats_lose() -> None:
    came = np.array([0.1 + 0.2, 0.2999, 0.0])
    assert inside(np.array([0.3, 0.3, 0.0]), np.array([0.3, 0.4, 0.0]), came).tolist() == [True, False, True]
    assert within(np.array([120.0, 121.0, 80.0]), np.array([100.0] * 3)).tolist() == [True, False, True]
    assert share_off(np.array([50.0, 0.0, -50.0]), np.array([40.0, 5.0, -40.0])).tolist()[::2] == [0.2, 0.2]
    assert np.isnan(share_off(np.array([0.0]), np.array([5.0]))[0])


def test_what_came_is_summed_per_subject_and_never_in_part() -> None:
    history = make_history(
        received={"salary": [100.0] * 10, "shop": [1.0, np.nan, *[1.0] * 8], "young": [5.0, 5.0]},
        infos={"salary": {"group": "work"}, "shop": {"group": "side"}, "young": {"group": "work"}},
    )
    first = UNTIL - 9 * DAY
    asked = said(
        ((About.STREAM, "salary"), first, 10, BAND),
        ((About.STREAM, "shop"), first, 10, BAND),
        ((About.STREAM, "shop"), first + 2 * DAY, 8, BAND),
        ((About.STREAM, "young"), first, 10, BAND),
        ((About.GROUP, "work"), first, 10, BAND),
        (TOTAL, first + 2 * DAY, 8, BAND),
        (TOTAL, first, 3, BAND),
        ((About.STREAM, "gone"), first, 3, BAND),
        ((About.STREAM, "salary"), UNTIL, 2, BAND),
    )
    sums = Came(history).sums(asked).tolist()
    assert [None if math.isnan(one) else one for one in sums] == [1000, None, 8, 10, 1010, 818, None, None, None]


def rows_of(
    history_said: Said | None, received: list[float], days: int = 800
) -> tuple[list[ProjectionScore], list[Metric]]:
    history = make_history(received={"salary": received}, said=history_said)
    found = list(Scoring().study(history, ScoringConfig(days=days)))
    return [row for row in found if isinstance(row, ProjectionScore)], [row for row in found if isinstance(row, Metric)]


def test_the_study_scores_each_sum_and_every_month() -> None:
    first = UNTIL - 59 * DAY
    rows, metrics = rows_of(said(*[(TOTAL, first + at * DAY, 7, BAND) for at in range(54)]), [16.0] * 30 + [100.0] * 30)
    assert len(rows) == 54
    one = rows[0]
    assert (one.made_on, one.horizon, one.for_day) == (first, 7, first + 6 * DAY)
    assert (one.p50, one.actual, one.error, one.ape) == tuple(map(Decimal, ("100", "112", "12", "0.107143")))
    assert (one.inside_50, one.inside_80, one.inside_90, one.within_20) == (False, True, True, True)
    assert one.pinball == Decimal("3.28571429")
    february = {row.name: row for row in metrics if row.at == datetime(2026, 1, 31, 23, tzinfo=UTC)}
    assert list(february) == list(MEASURES)
    assert {(row.subject, row.window) for row in metrics} == {("total", "7d")}
    assert february["scored"].value == 23
    assert february["coverage_80"].value == 1
    assert february["coverage_80"].unit == "share"
    assert february["crps"].unit == "EUR"
    march = {row.name: row.value for row in metrics if row.at == datetime(2026, 2, 28, 23, tzinfo=UTC)}
    assert march["scored"] == 31
    assert (march["coverage_80"] or 0) < Decimal("0.1")
    assert (march["bias"] or 0) > Decimal("0.8")


def test_a_day_that_is_not_known_leaves_its_sums_without_a_score() -> None:
    first = UNTIL - 9 * DAY
    asked = said((TOTAL, first, 3, BAND), (TOTAL, first + DAY, 3, BAND))
    assert len(rows_of(asked, [math.nan, *[1.0] * 9])[0]) == 1
    assert rows_of(asked, [*[1.0] * 3, math.nan, *[1.0] * 6])[0][0].made_on == first
    assert len(rows_of(asked, [1.0] * 10)[0]) == 2


def test_single_scores_go_after_their_days_and_monthly_figures_stay() -> None:
    asked = said(*[(TOTAL, UNTIL - at * DAY, 7, BAND) for at in range(399, 10, -1)])
    rows, metrics = rows_of(asked, [10.0] * 400, days=100)
    assert min(row.for_day for row in rows) == UNTIL - 99 * DAY
    assert sum(row.value or 0 for row in metrics if row.name == "scored") == len(asked.subject)


def test_nothing_said_gives_nothing() -> None:
    assert rows_of(None, [1.0]) == ([], [])
    assert rows_of(said(), [1.0]) == ([], [])


def test_what_comes_late_gives_the_scores_that_it_would_have_given() -> None:
    first = UNTIL - 9 * DAY
    asked = said((TOTAL, first, 7, BAND))
    before, _ = rows_of(asked, [10.0] * 10)
    after, _ = rows_of(asked, [10.0, 30.0, *[10.0] * 8])
    assert [before[0].actual, after[0].actual] == [Decimal(70), Decimal(90)]
    assert before[0].inside_80
    assert after[0].inside_50
