"""On the M3 competition's series flowd foretells better than the methods that won it, and its bands hold."""

from __future__ import annotations

import pytest

from bench.accuracy_forecast import BANDS, DATA, coverage, foretold, paths_of, rivals_of, series_of, smape

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the M3 series are not on this machine")


def test_every_fifth_series() -> None:
    """All of them are in `python -m bench.accuracy_forecast`; these take some ten seconds."""
    series = series_of(every=5)
    assert len(series) == 301
    said = foretold(series)
    assert not any(one.short for one in said.values())
    ours = smape(series, paths_of(said))
    rivals = {name: smape(series, paths) for name, paths in rivals_of().items()}
    assert ours["all"] < 13.2, "12.9 when this was written"
    for name in ("THETA", "COMB S-H-D"):
        assert ours["all"] < 0.985 * rivals[name]["all"], name
        assert ours["per series"] < 0.985 * rivals[name]["per series"], name
    covered = coverage(series, said, BANDS["80 %"])
    assert 77 < covered["all"] < 84
    assert all(72 < covered[period] < 90 for period in covered)
    narrow, wide = coverage(series, said, BANDS["50 %"]), coverage(series, said, BANDS["90 %"])
    assert 47 < narrow["all"] < 58
    assert 87 < wide["all"] < 94
