"""The days a command is asked about: `--since`, `--until`, `--last` and `--year`, alike in every command."""

from __future__ import annotations

import functools
import re
from calendar import monthrange
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, TypeVar, cast

import click

from flowd.domain.time import month_end

Step = Literal["day", "week", "month", "quarter", "year"]

#: How many months, or days, a step or a unit has.
_MONTHS: Final = {"m": 1, "y": 12, "month": 1, "quarter": 3, "year": 12}
_DAYS: Final = {"d": 1, "w": 7, "day": 1, "week": 7}
_MOST: Final = 100_000
#: What options say that many commands have.
NEWEST: Final = "How many of the newest are shown."
ABOUT: Final = "With this text in it, or in the transaction that a decision is about."
EACH: Final = "A line for each."
AHEAD: Final = "How many days to look ahead."
ONE_STREAM: Final = "One stream only, as `flowd streams` names it."
ONE_GROUP: Final = "Streams of one group only."
IN_CURRENCY: Final = "Show amounts in this currency instead of the base currency, at the rates of each day."
ONE_ACCOUNT: Final = "One account only: its name, its id, or CONNECTION/ACCOUNT."
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A day, a month or a year as it was written: its first and its last day."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far back: so many days, weeks, months or years; without a unit, so many of the steps that are shown."""

    count: int
    unit: str = ""

    def since(self, today: date, step: Step | None = None) -> date:
        """Return its first day, where it ends today; with steps the first of a whole one, so that none looks small."""
        if steps := self._steps(step):
            assert step is not None
            return back(step, today, steps - 1)
        if self.unit in _DAYS:
            begun = date.fromordinal(max(1, today.toordinal() + 1 - self.count * _DAYS[self.unit]))
        else:
            begun = _months_before(today, self.count * _MONTHS[self.unit]) + timedelta(days=1)
        return begun if step is None else back(step, begun, 0)

    def _steps(self, step: Step | None) -> int:
        """Return how many steps it is, the one under way among them; 0 where it is not made of whole ones."""
        if not self.unit:
            if step is None:
                raise click.UsageError(f"--last {self.count} of what? write {self.count}d, {self.count}m or 2y")
            return self.count
        if step in _MONTHS and self.unit in _MONTHS:
            return -(-self.count * _MONTHS[self.unit] // _MONTHS[step])
        return self.count if (step, self.unit) in {("week", "w"), ("day", "d")} else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What was asked for; nothing at all where no option was given."""

    first: Span | None = None
    last: Span | None = None
    reach: Reach | None = None
    year: int | None = None

    def __bool__(self) -> bool:
        """Return whether any option was given."""
        return any(one is not None for one in (self.first, self.last, self.reach, self.year))

    def until(self) -> date | None:
        """Return the last day that was asked for; None where it is today."""
        if self.year is not None:
            return date(self.year, 12, 31)
        return None if self.last is None else self.last.last

    def since(self, today: date, *, step: Step | None = None, otherwise: Reach | None = None) -> date | None:
        """Return the first day; `otherwise` is how far back where nobody said it. None stands for everything."""
        if self.year is not None:
            return date(self.year, 1, 1)
        if self.first is not None:
            return self.first.first
        reach = self.reach or otherwise
        return None if reach is None else reach.since(self.until() or today, step)


def between(since: date | None, until: date | None) -> str:
    """Say from when to when, behind a sentence; nothing where nothing was asked for."""
    return (f" from {since}" if since is not None else "") + (f" up to {until}" if until is not None else "")


def named(step: Step, first: date) -> str:
    """Say which day, week, month, quarter or year it is that begins so: 2026-03-31, 2026-03, 2026 Q1, 2026."""
    match step:
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first:%Y} Q{(first.month + 2) // 3}"
        case "year":
            return f"{first:%Y}"
    return first.isoformat()


def back(step: Step, day: date, steps: int) -> date:
    """Return the first day of the day, week, month, quarter or year that is `steps` before the one `day` is in."""
    if step in _DAYS:
        begun = day.toordinal() - (day.weekday() if step == "week" else 0) - _DAYS[step] * steps
        return date.fromordinal(max(1, begun))
    months = (day.month - 1) % _MONTHS[step] + _MONTHS[step] * steps
    return _months_before(day.replace(day=1), months)


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    if count < 12:
        return date.min
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def as_days(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Span | None:  # noqa: ARG001
    """Read a day such as 2026-03-31 on the command line; 2026-03 and 2026 stand for all of their days."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", value.strip(), re.ASCII)
    if found is not None:
        year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        with suppress(ValueError):
            first = date(year, month if found[2] else 1, day if found[3] else 1)
            last = first if found[3] else month_end(first if found[2] else first.replace(month=12))
            return Span(first=first, last=last)
    raise click.BadParameter(f"{value!r} is no day such as 2026-03-31, no month such as 2026-03 and no year")


def as_day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    """Read a single day such as 2026-03-31 on the command line."""
    span = as_days(ctx, parameter, value)
    if span is not None and span.first != span.last:
        raise click.BadParameter(f"{value!r} is more than a day: write one, such as {span.first}")
    return None if span is None else span.first


def as_reach(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Reach | None:  # noqa: ARG001
    """Read so many days, weeks, months or years on the command line: 30d, 8w, 12m, 2y."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})\s*(?:([dwmy])(?:ay|eek|onth|ear)?s?)?", value.strip().lower(), re.ASCII)
    if found is None or not 1 <= int(found[1]) <= _MOST:
        raise click.BadParameter(f"{value!r} is no length of time such as 30d, 8w, 12m or 2y")
    return Reach(count=int(found[1]), unit=found[2] or "")


def period_options(command: _Command) -> _Command:
    """Give a command --since, --until, --last and --year; it is called with them as `period`."""

    @functools.wraps(command)
    def gathered(
        *args: Any, since: Span | None, until: Span | None, last: Reach | None, year: int | None, **rest: Any
    ) -> Any:
        if year is not None and (since is not None or until is not None or last is not None):
            raise click.UsageError("--year is all of a year: leave out --since, --until and --last")
        if since is not None and last is not None:
            raise click.UsageError("--since and --last both say where to begin: keep one")
        if since is not None and until is not None and since.first > until.last:
            raise click.UsageError(f"--since {since.first} is after --until {until.last}")
        return command(*args, period=Period(first=since, last=until, reach=last, year=year), **rest)

    for option in (
        click.option("--year", type=click.IntRange(1900, 2200), metavar="YEAR", help="All of one year."),
        click.option(
            "--last",
            callback=as_reach,
            metavar="30d|8w|12m|2y",
            help="So much of the time until today; with --by, whole steps.",
        ),
        click.option(
            "--until", callback=as_days, metavar="DAY", help="The last day (today), or the month or year it is in."
        ),
        click.option(
            "--since", callback=as_days, metavar="DAY", help="The first day, or the month or year that begins with it."
        ),
    ):
        gathered = option(gathered)
    return cast("_Command", gathered)
