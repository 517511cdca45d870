"""The suite of projection methods: whatever the history, a path of the length asked for, and the same one again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flowd.api import ProjectionMethod
from flowd.testing.suite_plugin import PluginChecks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LENGTHS = (1, 2, 3, 7, 15, 40, 200)


class MethodSuite(PluginChecks):
    """What every projection method must do."""

    kind = "projection method"
    method: ClassVar[ProjectionMethod]

    def subject(self) -> ProjectionMethod:
        """Return the method."""
        return self.method

    def test_any_history_gives_a_path(self) -> None:
        """As many finite numbers as steps were asked for, whatever the history and however short."""
        for name, values in _histories().items():
            for season, horizon in ((1, 1), (7, 12), (12, 180)):
                for length in LENGTHS:
                    path = self._path(values[:length], season, horizon)
                    what = f"after {length} values ({name}), season {season}"
                    assert path.shape == (horizon,), f"{what}: its path has the shape {path.shape}, not ({horizon},)"
                    assert all(abs(one) < float("inf") for one in path), f"{what}: its path is not finite"

    def test_the_same_history_gives_the_same_path(self) -> None:
        """Asked again it says the same, and it leaves the history as it was."""
        for name, values in _histories().items():
            before = values.copy()
            first = self._path(values, 7, 12)
            assert (values == before).all(), f"it changes the history it is given ({name})"
            assert (self._path(before, 7, 12) == first).all(), f"asked again, it says otherwise ({name})"

    def test_the_unit_of_money_does_not_matter(self) -> None:
        """Of a history a thousand times as large it says a thousand times as much: flowd asks in a unit of its own."""
        values = _histories()["noise"]
        one, other = self._path(values, 7, 12), self._path(values * 1000, 7, 12)
        near = abs(one * 1000 - other) <= 0.01 * abs(other)
        assert near.all(), f"of a history 1000 times as large it says {other[0]:g}, not {one[0] * 1000:g}"

    def _path(self, values: NDArray[np.float64], season: int, horizon: int) -> NDArray[np.float64]:
        import numpy as np

        try:
            return np.asarray(self.method.forecast(values, season, horizon), dtype=np.float64)
        except Exception as error:
            what = f"after {len(values)} values, season {season}, horizon {horizon}"
            raise AssertionError(f"{what}: it raised {type(error).__name__}: {error}") from error


def _histories() -> dict[str, NDArray[np.float64]]:
    """Histories of every kind, all as long as the longest that is asked for."""
    import numpy as np

    dice, days = np.random.Generator(np.random.SFC64(1)), np.arange(LENGTHS[-1])
    return {
        "noise": dice.normal(100, 10, len(days)),
        "always the same": np.full(len(days), 7.0),
        "always nothing": np.zeros(len(days)),
        "rising": 10 + 0.5 * days,
        "weeks": np.where(days % 7 < 5, 80.0, 0.0),
        "now and then": np.where(dice.random(len(days)) < 0.1, 500.0, 0.0),
        "losses": dice.normal(0, 50, len(days)),
    }
