"""Working days: Monday to Friday, without the holidays of a named calendar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from holidays import HolidayBase

#: What to do where a calendar is named but the package that knows holidays is not there.
INSTALL: Final = "pip install 'flowd-daemon[holidays]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days banks work: Monday to Friday, less what `is_holiday` knows; `name` is empty where none is named."""

    name: str = ""
    is_holiday: Callable[[date], bool] = field(default=lambda _: False, compare=False)

    def working(self, day: date) -> bool:
        """Say whether `day` is a working day."""
        return day.weekday() < 5 and not self.is_holiday(day)


#: Monday to Friday, no holidays.
WEEKDAYS: Final = Calendar()


def working_day(day: date, calendar: Calendar = WEEKDAYS) -> bool:
    """Say whether `day` is a working day of `calendar`."""
    return calendar.working(day)


def calendar(name: str | None) -> Calendar:
    """Return the calendar called `name`: a country (DE), one of its parts (DE-BY) or a market (ECB, XNYS).

    None or an empty name is Monday to Friday without holidays. ValueError says which names are near to one that is not
    known, or what to install. Source of the days: the package `holidays`.
    """
    if not name:
        return WEEKDAYS
    return _named(name.strip().upper().replace("_", "-"))


@lru_cache(maxsize=16)
def _named(name: str) -> Calendar:
    try:
        import holidays
    except ImportError:
        raise ValueError(f"holidays {name!r}: the package that knows holidays is not installed: {INSTALL}") from None
    countries = holidays.list_supported_countries(include_aliases=False)
    country, _, part = name.partition("-")
    days: HolidayBase
    if country in countries and (not part or part in {one.upper() for one in countries[country]}):
        exact = {one.upper(): one for one in countries[country]}
        days = holidays.country_holidays(country, subdiv=exact[part] if part else None)
    elif name in holidays.list_supported_financial():
        days = holidays.financial_holidays(name)
    else:
        raise ValueError(f"holidays {name!r}: there is no such calendar{_near(name, countries)}")
    return Calendar(name=name, is_holiday=days.__contains__)


def _near(name: str, countries: dict[str, list[str]]) -> str:
    """Say which calendars may have been meant."""
    import holidays

    country, _, part = name.partition("-")
    if part and country in countries:
        if not countries[country]:
            return f"; {country} has no parts: say {country}"
        known: Sequence[str] = [f"{country}-{one}" for one in countries[country]]
        near = get_close_matches(name, known, n=5, cutoff=0.7)
        return f"; near it are {', '.join(near or sorted(known)[:12])}"
    known = [*countries, *holidays.list_supported_financial()]
    near = get_close_matches(name, known, n=5, cutoff=0.5)
    hint = f"; near it are {', '.join(near)}" if near else ""
    return f"{hint}; known are country codes (DE), their parts (DE-BY) and markets (ECB, XNYS)"
