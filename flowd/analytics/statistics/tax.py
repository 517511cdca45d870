"""What to set aside for tax of what came in."""

from __future__ import annotations

from datetime import date

import numpy as np

from flowd.api import Series


def received_sum(received: Series, since: date, until: date) -> float:
    """Return what came in between two days, both included; days that are not known add nothing."""
    days = received.between(since, until)
    return float(days[np.isfinite(days)].sum())


def reserve(received: float, rate: float) -> float:
    """Return the part of `received` to set aside at `rate` (0.3 is 30 %); 0 where more was paid back than came."""
    return max(received, 0.0) * rate
