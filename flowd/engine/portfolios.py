"""Makes arrays of stored performance, also in another currency than it is stored in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from flowd.api.studies import Portfolio
from flowd.domain.studied import Scope

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The columns of a row, in the order in which the statement gives them.
_COLUMNS: Final = ("value", "flow", "pnl", "day_return", "income", "price", "fx", "fees", "other")
#: What is said of a day of which there is no row.
_NO_ROW: Final = ("partial", "nothing was read on this day")

Rates = Callable[[str, str, date, int], "NDArray[np.float64]"]


def read_portfolios(rows: Iterable[Sequence[Any]], rates: Rates, base: str, currency: str) -> list[Portfolio]:
    """Return a portfolio of each row (scope, name, days, numbers, qualities, reasons), one entry for every day.

    In another currency than `base`, the rate's own movement counts as `fx`: what the gain is made of still adds up.
    """
    import numpy as np

    found = []
    texts: dict[str, str] = {}
    for scope, name, packed, numbers, qualities, reasons in rows:
        days = np.frombuffer(packed, dtype=">i4").astype(np.int64)
        first = int(days[0])
        at = days - first
        length = int(at[-1]) + 1
        table = np.full((len(_COLUMNS), length), np.nan)
        table[:, at] = np.frombuffer(numbers, dtype=">f8").reshape(-1, len(_COLUMNS)).T
        parts = dict(zip(_COLUMNS, table, strict=True))
        start = date.fromordinal(first)
        if currency != base:
            parts = _converted(parts, rates(base, currency, start, length))
        said = [_NO_ROW] * length
        for place, quality, reason in zip(at.tolist(), qualities, reasons, strict=True):
            said[place] = (texts.setdefault(quality, quality), texts.setdefault(reason, reason))
        found.append(
            Portfolio(
                scope=Scope(scope),
                name=name,
                first=start,
                qualities=[one[0] for one in said],
                reasons=[one[1] for one in said],
                **parts,
            )
        )
    return found


def _converted(parts: dict[str, NDArray[np.float64]], rate: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return a day's numbers at its rate; the gain is the change in what it was worth then and is worth now."""
    import numpy as np

    changed = {name: numbers * rate for name, numbers in parts.items() if name != "day_return"}
    before = np.concatenate([[np.nan], changed["value"][:-1]])
    pnl = changed["value"] - before - changed["flow"]
    # the first day has none before it: what was gained then is taken at that day's rate
    changed["pnl"] = np.where(np.isnan(before), changed["pnl"], pnl)
    with np.errstate(invalid="ignore"):
        changed["fx"] = changed["pnl"] - sum(
            (changed[name] for name in ("income", "price", "fees", "other")), np.zeros(len(rate))
        )
        moved = rate / np.concatenate([[np.nan], rate[:-1]])
        changed["day_return"] = (1 + parts["day_return"]) * moved - 1
    return changed
