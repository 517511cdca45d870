"""The study `scores` under the suite that every study has to pass, on a history in which something was foretold."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from flowd.analytics.scoring.study import Scoring
from flowd.api import About, History
from flowd.api.studies import Said
from flowd.testing import StudySuite
from flowd.testing.histories import UNTIL, make_history

DAYS = 120


class TestScores(StudySuite):
    study = Scoring()
    module = "flowd.analytics"

    def history(self) -> History:
        made = np.array([(UNTIL - timedelta(days=age)).toordinal() for age in range(90, 30, -1)] * 3, dtype=np.int64)
        level = np.linspace(0.5, 1.5, 7)[:, None] * 70.0
        return make_history(
            received={"salary": np.arange(DAYS) % 20, "shop": np.arange(DAYS) % 3},
            infos={"salary": {"group": "work"}, "shop": {"group": "work"}},
            said=Said(
                subjects=[(About.GROUP, "work"), (About.STREAM, "shop"), (About.TOTAL, "")],
                subject=np.repeat(np.arange(3, dtype=np.int64), 60),
                made_on=made,
                for_day=made + 6,
                quantiles=np.repeat(level, len(made), axis=1),
            ),
        )
