"""Exponential smoothing with error, trend and season each added, multiplied or left out, by the information criterion.

Sources: R. J. Hyndman, A. B. Koehler, R. D. Snyder and S. Grose, A state space framework for automatic forecasting
using exponential smoothing methods, International Journal of Forecasting 18 (2002); the computation is statsforecast's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    # the daemon asks plugins what they have, and imports no numpy for it
    import numpy as np
    from numpy.typing import NDArray

#: So many of the newest values are looked at: smoothing forgets older ones, and the time it takes grows with each.
LONGEST: Final = 200
#: With fewer there is nothing to choose a form by.
LEAST: Final = 8


class AutoEts:
    """Exponential smoothing whose form and parameters are chosen for each series."""

    name = "auto-ets"

    def forecast(self, values: NDArray[np.float64], season: int, horizon: int) -> NDArray[np.float64]:
        """Return the most likely path, shape (horizon,), after `values`, shape (n,); the last value where n < 8."""
        import numpy as np

        if len(values) < LEAST:
            return np.full(horizon, values[-1], dtype=np.float64)
        from statsforecast.models import AutoETS

        newest = np.asarray(values[-LONGEST:], dtype=np.float64)
        # Its seasons need two whole ones; with fewer they would be made up.
        period = season if len(newest) > 2 * season + 2 else 1
        with np.errstate(all="ignore"):  # it divides by zero on the forms that it then leaves out
            found = AutoETS(season_length=period).forecast(y=newest, h=horizon)
        return np.asarray(found["mean"], dtype=np.float64)
