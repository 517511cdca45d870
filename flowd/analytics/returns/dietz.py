"""The return of one period in which money came and went: gain over the capital that was at work on average (Dietz)."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from flowd.analytics.returns.arrays import Floats


class Timing(StrEnum):
    """When on its day a flow is taken to happen."""

    START = "start"
    MIDDLE = "middle"
    END = "end"
    #: What comes in counts from the start of its day, what goes out until its end: flowd's own convention.
    BY_SIGN = "by sign"


def weights(day: Floats, length: Floats | float, flow: Floats, timing: Timing) -> Floats:
    """Return the share of a period (n) that each flow was there: 1 for all of it, 0 for none.

    `day` (n) counts the days of the period from 1 to `length`; a flow at the end of the last day has weight 0, one at
    the start of the first has weight 1.

    Source: CFA Institute, GIPS Guidance Statement on Calculation Methodology: (CD - D) / CD for flows at the end of
    day D of a period of CD days, (CD - D + 1) / CD at its start.
    """
    match timing:
        case Timing.START:
            earlier: Floats | float = 1.0
        case Timing.MIDDLE:
            earlier = 0.5
        case Timing.END:
            earlier = 0.0
        case Timing.BY_SIGN:
            earlier = np.where(flow > 0, 1.0, 0.0)
    result: Floats = (length - day + earlier) / length
    return result


def modified_dietz(opening: Floats, closing: Floats, flow: Floats, weighted: Floats) -> Floats:
    """Return (closing - opening - flow) / (opening + weighted) of periods (n): shares, not per year.

    `flow` is the sum of a period's flows (in above zero), `weighted` the sum of each times its weight. NaN where the
    base is not above zero, because a share of nothing or of a debt says nothing; 0 where there was nothing at all.

    Source: P. O. Dietz, "Pension Funds: Measuring Investment Performance" (1966), with the day weights of the Bank
    Administration Institute's study of 1968; GIPS calls it Modified Dietz.
    """
    base = opening + weighted
    gain = closing - opening - flow
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(base > 0, gain / base, np.where((base == 0) & (gain == 0), 0.0, np.nan))
    return result
