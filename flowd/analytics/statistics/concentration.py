"""How much hangs on one stream: shares, the Herfindahl-Hirschman index, the effective number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """How unevenly income is divided: `hhi` from 1/n (evenly among n) to 1 (all from one), `effective` = 1 / hhi.

    `shares` sum to 1; what lost money has a share of 0. All None and empty where nothing was earned: `reason` says so.
    """

    hhi: float | None
    effective: float | None
    largest: str | None
    largest_share: float | None
    shares: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""


def concentration(earned: Mapping[str, float]) -> Concentration:
    """Return how concentrated `earned` (by name, over the same days) is.

    Sources: O. C. Herfindahl (1950) and A. O. Hirschman, "The Paternity of an Index", American Economic Review 54
    (1964): the sum of squared shares; its inverse is the number of equal parts that would be as concentrated.
    """
    gains = {name: max(amount, 0.0) for name, amount in earned.items()}
    total = math.fsum(gains.values())
    if total <= 0:
        return Concentration(hhi=None, effective=None, largest=None, largest_share=None, reason="nothing was earned")
    shares = {name: amount / total for name, amount in gains.items()}
    hhi = math.fsum(share * share for share in shares.values())
    # of equal ones the first by name, so that the same facts give the same answer
    largest = min(shares, key=lambda name: (-shares[name], name))
    return Concentration(hhi=hhi, effective=1 / hhi, largest=largest, largest_share=shares[largest], shares=shares)
