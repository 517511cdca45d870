"""Reads the changes that `flowd project` is asked to lay upon a projection: what if this ended, or that began?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from flowd.domain.money import check_asset
from flowd.domain.periods import parse_period
from flowd.domain.studied import Scope
from flowd.edges.amounts import take_amount

if TYPE_CHECKING:
    from flowd.analytics.projection.changes import Add, Change, Delay, Scale, Shock, Without

#: The furthest a projection reaches, in days.
FURTHEST: Final = 730
_UNITS: Final = re.compile(
    r"(every|day|week|month|quarter|year)s?|daily|weekly|monthly|quarterly|yearly|annually|[0-9]+"
)
_FACTOR: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(%?)")
_DAYS: Final = re.compile(r"([0-9]{1,4})\s*(d|days?|w|weeks?)")
_SHOCK: Final = re.compile(
    r"(?P<factor>[0-9.,]+\s*%?)\s+from\s+(?P<since>\S+)\s+(?:for\s+(?P<days>.+)|(?:until|to)\s+(?P<until>\S+))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The streams there are, by key with the name people read, and the groups."""

    streams: Mapping[str, str]
    groups: Sequence[str] = ()

    def stream(self, asked: str) -> str:
        """Return the key of the stream that is meant; ValueError names those that are near."""
        asked = asked.strip()
        if asked in self.streams:
            return asked
        same = [key for key, name in self.streams.items() if asked.casefold() in {key.casefold(), name.casefold()}]
        if len(same) == 1:
            return same[0]
        if same:
            raise ValueError(f"several streams are called {asked!r}: say which by its key ({', '.join(same)})")
        raise ValueError(f"there is no stream {asked!r}{self._near(asked, self.streams)}")

    def group(self, asked: str) -> str:
        """Return the group that is meant; ValueError names those that are near."""
        same = [group for group in self.groups if group.casefold() == asked.strip().casefold()]
        if asked in self.groups:
            return asked
        if len(same) == 1:
            return same[0]
        raise ValueError(f"there is no group {asked!r}{self._near(asked, dict.fromkeys(self.groups, ''))}")

    def subject(self, asked: str) -> tuple[Scope, str]:
        """Return what is meant: a stream, `group:NAME`, or everything (`total`)."""
        asked = asked.strip()
        if asked not in self.streams:
            if asked.casefold() in {"total", "everything", "all"}:
                return Scope.TOTAL, ""
            if asked.casefold().startswith("group:"):
                return Scope.GROUP, self.group(asked[6:])
        return Scope.STREAM, self.stream(asked)

    @staticmethod
    def _near(asked: str, names: Mapping[str, str]) -> str:
        if not names:
            return ": there is none yet (flowd status shows what is read)"
        words = {word.casefold(): key for key, name in names.items() for word in (name or key, key)}
        near = [words[word] for word in difflib.get_close_matches(asked.casefold(), words, n=3, cutoff=0.6)]
        if near:
            return f"; is it {' or '.join(dict.fromkeys(near))}?"
        keys = sorted(names)
        more = f" and {len(keys) - 8} more" if len(keys) > 8 else ""
        return f"; there are {', '.join(keys[:8])}{more}"


def read_changes(
    names: Names,
    *,
    currency: str,
    today: date,
    without: Sequence[str] = (),
    scale: Sequence[str] = (),
    add: Sequence[str] = (),
    delay: Sequence[str] = (),
    shock: Sequence[str] = (),
) -> list[Change]:
    """Read all changes that were asked for; ValueError names the option, the place and the fix."""
    changes: list[Change] = []
    names_added: list[str] = []

    def added(text: str) -> Add:
        one = read_add(text, currency, today, taken=names_added)
        names_added.append(one.name)
        return one

    for option, texts, read in (
        ("--without", without, lambda text: read_without(text, names)),
        ("--scale", scale, lambda text: read_scale(text, names)),
        ("--add", add, added),
        ("--delay", delay, lambda text: read_delay(text, names)),
        ("--shock", shock, lambda text: read_shock(text, names, today)),
    ):
        for text in texts:
            try:
                changes.append(read(text))
            except ValueError as problem:
                raise ValueError(f"{option} {text!r}: {problem}") from None
    return changes


def read_without(text: str, names: Names) -> Without:
    """Read the name of a stream that is to end."""
    from flowd.analytics.projection.changes import Without

    return Without(stream=names.stream(text))


def read_scale(text: str, names: Names) -> Scale:
    """Read `STREAM=0.8` or `STREAM=80%`."""
    from flowd.analytics.projection.changes import Scale

    stream, said = _halves(text, "salary=0.8")
    return Scale(stream=names.stream(stream), factor=_factor(said))


def read_delay(text: str, names: Names) -> Delay:
    """Read `STREAM=30d` (days) or `STREAM=2w` (weeks)."""
    from flowd.analytics.projection.changes import Delay

    stream, said = _halves(text, "salary=30d")
    return Delay(stream=names.stream(stream), days=_days(said))


def read_shock(text: str, names: Names, today: date) -> Shock:
    """Read `STREAM=0.5 from 2026-12-01 for 90 days` (or `until` a day); also of `group:NAME` and of `total`."""
    from flowd.analytics.projection.changes import Shock

    example = "total=0.5 from 2026-12-01 for 90 days"
    subject, said = _halves(text, example)
    found = _SHOCK.fullmatch(said)
    if found is None:
        raise ValueError(f"{said!r} is not understood: write it as {example}")
    start = _day(found["since"])
    if found["until"] is not None:
        until = _day(found["until"])
        if until < start:
            raise ValueError(f"{until} is before {start}")
        days = (until - start).days + 1
    else:
        days = _days(found["days"])
    if start + timedelta(days=days) <= today:
        raise ValueError(f"it is over by {start + timedelta(days=days - 1)}: only days from {today} on can be changed")
    return Shock(subject=names.subject(subject), factor=_factor(found["factor"].strip()), start=start, days=days)


def read_add(text: str, currency: str, today: date, *, taken: Sequence[str] = ()) -> Add:
    """Read `1200 EUR month on 1 from 2026-12-01 until 2027-11-30 as tutoring`.

    The currency (else `currency`), both days and the name may be left out. The whole amount is paid on every due day
    from the first day (today) to the last.
    """
    from flowd.analytics.projection.changes import Add

    amount, code, rest = take_amount(text)
    words = rest.split()
    if words and not _UNITS.fullmatch(words[0].lower()):
        named = words.pop(0).upper()
        if code and code != named:
            raise ValueError(f"it names two currencies, {code} and {named}: keep one")
        code = check_asset(named, "the currency")
    if not words:
        raise ValueError("it does not say how often: write it as 1200 EUR month on 1")
    words, name = _cut(words, "as", many=True)
    words, until = _cut(words, "until")
    since = next((word for before, word in pairwise(words) if before.lower() == "from"), None)
    period = parse_period(" ".join(words))
    first = today if since is None else max(_day(since), today)
    last = first + timedelta(days=FURTHEST) if until is None else _day(until)
    if last < first:
        raise ValueError(f"{last} is before {first}")
    dues = list(period.due_days(first, last))
    if not dues:
        raise ValueError(f"no due day of it is between {first} and {last}")
    # a schedule earns day by day: whole periods around the due days pay the whole amount on each of them
    return Add(
        amount=amount,
        currency=code or currency,
        every=period.text,
        start=period.span(dues[0]).first,
        end=None if until is None else period.span(dues[-1]).last,
        name=name or _fresh("added", taken),
    )


def _fresh(name: str, taken: Sequence[str]) -> str:
    number = 1
    while (found := name if number == 1 else f"{name} {number}") in taken:
        number += 1
    return found


def _cut(words: list[str], mark: str, *, many: bool = False) -> tuple[list[str], str | None]:
    """Take `mark` and what follows it (to the end, where `many`) out of `words`."""
    places = [place for place, word in enumerate(words) if word.lower() == mark]
    if not places:
        return words, None
    place = places[0]
    taken = words[place + 1 :] if many else words[place + 1 : place + 2]
    if not taken:
        raise ValueError(f"nothing follows {mark!r}")
    return words[:place] + words[place + 1 + len(taken) :], " ".join(taken)


def _halves(text: str, example: str) -> tuple[str, str]:
    stream, equals, said = text.rpartition("=")
    if not equals or not stream.strip() or not said.strip():
        raise ValueError(f"write it as {example}")
    return stream.strip(), said.strip()


def _factor(text: str) -> float:
    found = _FACTOR.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a factor such as 0.8 (or 80%)")
    factor = float(found[1].replace(",", ".")) / (100 if found[2] else 1)
    if factor > 100:
        raise ValueError(f"{text} times as much is not believable; 0.8 is four fifths, 80% as well")
    return factor


def _days(text: str) -> int:
    found = _DAYS.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is not a number of days such as 30d (or weeks: 4w)")
    days = int(found[1]) * (7 if found[2].startswith("w") else 1)
    if not 1 <= days <= FURTHEST:
        raise ValueError(f"{text} is not 1 to {FURTHEST} days")
    return days


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day such as 2026-12-01") from None
    if not 1900 <= day.year <= 2200:
        raise ValueError(f"{day} is out of range (years 1900 to 2200)")
    return day
