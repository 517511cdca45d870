"""How often something came in, and for how long a pause is nothing unusual."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from flowd.api import Series

#: So far back pauses are looked at.
REACH: Final = 730
#: Shorter pauses are never unusual.
_LEAST: Final = 7
#: What came only once is missed after so many days.
_ONCE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """When something came in last, how long the pauses between receipts usually were, and the longest usual one.

    `usual` and `longest` (the 95th percentile) are in days, None below two receipts. `patience` is the pause in days
    beyond which something is wrong.
    """

    last: date | None
    usual: float | None
    longest: int | None
    patience: int


def coming(received: Series, as_of: date) -> Coming:
    """Return how often a stream received something in the two years to `as_of`.

    Patience ends at one and a half times the median pause, or three days after the 95th percentile of the pauses,
    whichever is later, and never within a week; after 60 days for what came only once.
    """
    since = as_of - timedelta(days=REACH - 1)
    days = received.between(since, as_of)
    came = np.flatnonzero(np.isfinite(days) & (days != 0))
    if not len(came):
        return Coming(last=None, usual=None, longest=None, patience=_ONCE)
    last = since + timedelta(days=int(came[-1]))
    if len(came) < 2:
        return Coming(last=last, usual=None, longest=None, patience=_ONCE)
    pauses = np.diff(came)
    usual = float(np.median(pauses))
    longest = int(np.quantile(pauses, 0.95, method="higher"))
    patience = max(math.ceil(1.5 * usual), longest + 3, _LEAST)
    return Coming(last=last, usual=usual, longest=longest, patience=patience)


def every(pause: float) -> str:
    """Write how often something comes, such as `every 30 days`."""
    return "every day" if round(pause) <= 1 else f"every {round(pause)} days"
