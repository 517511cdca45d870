"""What `flowd project` shows: bands of days, weeks or months, their sum, and how each stream is foretold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from flowd.domain.studied import Projected, ProjectionModel, Scope

if TYPE_CHECKING:
    from flowd.storage.foretold import ForetoldReports

Bucket = Literal["day", "week", "month"]
QUANTILES: Final = ("p05", "p10", "p25", "p50", "p75", "p90", "p95")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is foretold: everything, a group or a stream, with the name people read."""

    scope: Scope = Scope.TOTAL
    name: str = ""
    label: str = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Income from `first` to `last`: seven quantiles and the mean; `came` is the part that is in already."""

    first: date
    last: date
    p05: Decimal
    p10: Decimal
    p25: Decimal
    p50: Decimal
    p75: Decimal
    p90: Decimal
    p95: Decimal
    mean: Decimal
    came: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How something is foretold, why so, and how far that is to be trusted."""

    scope: str
    name: str
    label: str
    method: str
    reason: str
    short: bool
    history_days: int
    confidence: Decimal | None
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What is foretold of a subject for `days` days from `made_on` on.

    `bands` are per day, week or month (months that end within the days), `sum` of all the days.
    """

    subject: Subject
    currency: str
    made_on: date
    days: int
    by: Bucket
    bands: Sequence[Band]
    sum: Band
    ways: Sequence[Way]
    #: How past projections of it turned out, per horizon: scored, coverage_80, within_20, mape.
    accuracy: Sequence[Mapping[str, object]] = ()
    #: Streams that are in none of the numbers: nothing of them is known in this currency.
    left_out: Sequence[str] = ()

    @property
    def until(self) -> date:
        """The last day."""
        return self.made_on + (self.days - 1) * _DAY

    @property
    def way(self) -> Way | None:
        """How the subject itself is foretold."""
        key = (self.subject.scope.value, self.subject.name)
        return next((way for way in self.ways if (way.scope, way.name) == key), None)

    def as_json(self) -> dict[str, Any]:
        """Return it with stable keys."""
        way = self.way
        return {
            "subject": asdict(self.subject),
            "currency": self.currency,
            "made_on": self.made_on,
            "until": self.until,
            "days": self.days,
            "by": self.by,
            "confidence": way.confidence if way else None,
            "reason": way.reason if way else "",
            "parts": way.parts if way else {},
            "accuracy": list(self.accuracy),
            "sum": asdict(self.sum),
            "bands": [asdict(band) for band in self.bands],
            "methods": [asdict(one) for one in self.ways],
            "left_out": list(self.left_out),
        }


def stored(reports: ForetoldReports, subject: Subject, days: int, by: Bucket) -> Foretold | None:
    """Return what was foretold last; None where that does not answer the question and it has to be computed.

    Of sums only some are kept (7, 30, 60, 90, 120, 180 … days), and no weeks.
    """
    if by == "week":
        return None
    key = (subject.scope.value, subject.name)
    sums = [_band(row) for row in reports.projected("sum", *key)]
    whole = next((band for band in sums if (band.last - band.first).days + 1 == days), None)
    if whole is None:
        return None
    rows = reports.projected(by, *key)
    bands = [_band(row) for row in rows if cast("date", row["last"]) <= whole.last]
    made_on, ways = whole.first, [_way(row) for row in reports.models()]
    if by == "month" and bands and made_on.day > 1:
        bands[0] = replace(bands[0], came=reports.came(*key, made_on.replace(day=1), made_on - _DAY))
    return Foretold(
        subject=subject,
        currency=str(reports.projected("sum", *key)[0]["currency"]),
        made_on=made_on,
        days=days,
        by=by,
        bands=bands,
        sum=whole,
        ways=ways,
        left_out=left_out((str(row["stream"]) for row in reports.streams()), ways),
        accuracy=reports.accuracy(*key),
    )


def left_out(streams: Iterable[str], ways: Sequence[Way]) -> list[str]:
    """Return the streams that are not foretold."""
    told = {way.name for way in ways if way.scope == "stream"}
    return sorted(set(streams) - told)


def _band(row: Mapping[str, Any]) -> Band:
    values = {name: row[name] for name in (*QUANTILES, "mean")}
    return Band(first=row["first"], last=row["last"], **values)


def _way(row: Mapping[str, Any]) -> Way:
    names = ("scope", "name", "label", "method", "reason", "short", "history_days", "confidence", "parts")
    return Way(**{name: row[name] for name in names})


def band_of(said: Projected, first: date, came: Decimal | None = None) -> Band:
    """Return a row of a projection as a band that begins on `first`."""
    values = {name: getattr(said, name) for name in (*QUANTILES, "mean")}
    return Band(first=first, last=said.for_day, came=came, **values)


def ways_of(models: Iterable[ProjectionModel], labels: Mapping[str, str]) -> list[Way]:
    """Return how things are foretold, everything first, then groups, then streams (by the `labels` people read)."""
    order = [Scope.TOTAL, Scope.GROUP, Scope.STREAM]
    return [
        Way(
            scope=model.scope.value,
            name=model.name,
            label="Everything"
            if model.scope is Scope.TOTAL
            else labels.get(model.name, model.name)
            if model.scope is Scope.STREAM
            else model.name,
            method=model.method,
            reason=model.reason,
            short=model.short,
            history_days=model.history_days,
            confidence=model.confidence,
            parts=model.parts,
        )
        for model in sorted(models, key=lambda model: (order.index(model.scope), model.name))
    ]
