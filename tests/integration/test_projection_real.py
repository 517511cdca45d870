"""Bands of projections hold on a real bank's statements."""

from __future__ import annotations

import numpy as np
import pytest

from bench.accuracy_projection import STATEMENTS, coverage, credits_of


@pytest.mark.skipif(not STATEMENTS.exists(), reason="the statements (shared data) are not here")
def test_bands_hold_on_random_households() -> None:
    inside = coverage(credits_of(STATEMENTS), count=30, paths=400, seed=11)
    streams = [hit for (kind, _), hits in inside.items() if kind not in {"household", "pension"} for hit in hits]
    households = [hit for (kind, _), hits in inside.items() if kind == "household" for hit in hits]
    # 80 per cent is aimed at; the sample is small and its sums overlap
    assert 0.74 <= np.mean(streams) <= 0.90
    assert 0.74 <= np.mean(households) <= 0.92
    long = [hit for (kind, days), hits in inside.items() if kind != "pension" and days == 180 for hit in hits]
    assert np.mean(long) >= 0.70
