"""When income ends: how often that happens to a kind of it, and whether one that is overdue has ended already.

Ends are taken for a Poisson process. What is believed beforehand is a Gamma distribution of its rate: so many ends in
so many years of income of that kind; each payer whose rhythm stopped and each year of history count on top of it (the
conjugate update: A. Gelman et al., Bayesian Data Analysis, 3rd edition, 2.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flowd.analytics.projection.payments import Kind

_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """How many of such incomes end in how many years of them."""

    ends: float
    years: float

    @property
    def per_year(self) -> float:
        """Ends in a year."""
        return self.ends / self.years

    def seen(self, ends: int, days: float) -> Hazard:
        """Return what is to be believed after `ends` in `days` days of income."""
        return Hazard(ends=self.ends + ends, years=self.years + days / _YEAR)


#: One end in 20 years of a wage, rent or pension that somebody declared; in 12 years of one that was found by its
#: rhythm; in 8 years of one without; in 10 of an account that is worth something. All worth five years of data.
BELIEVED: Final = {
    Kind.DECLARED: Hazard(ends=0.25, years=5),
    Kind.REGULAR: Hazard(ends=0.42, years=5),
    Kind.IRREGULAR: Hazard(ends=0.62, years=5),
    Kind.VALUE: Hazard(ends=0.5, years=5),
}


def ends(draw: np.random.Generator, hazard: Hazard, paths: int) -> NDArray[np.float64]:
    """Return after how many days the income ends in each path, shape (paths,)."""
    days: NDArray[np.float64] = draw.exponential(_YEAR / hazard.per_year, size=paths)
    return days


def alive(hazard: Hazard, skips: float, period: float, overdue: float) -> float:
    """Return how likely an income still runs whose last `overdue` payments did not come.

    Bayes: either it ended (by the hazard, in one of those periods) or it runs and skipped each of them, as it does with
    the probability `skips` of any payment.
    """
    if overdue <= 0:
        return 1.0
    ended = 1 - np.exp(-hazard.per_year * period * overdue / _YEAR)
    skipped = max(skips, 1e-4) ** overdue * (1 - ended)
    return float(skipped / (skipped + ended))
