"""The bundled history first, then what the ECB has published since, by the smallest of its files that will do."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field, field_validator

from flowd.api import Batch, Check, Config, Context, Cursor, Rate, RetryLater
from flowd_ecb import daily_xml, history
from flowd_ecb.publishing import DayRates, newest_expected, rate, working_days_between
from flowd_ecb.screening import screen

_DAILY: Final = "eurofxref-daily.xml"
_QUARTER: Final = "eurofxref-hist-90d.xml"
_ALL: Final = "eurofxref-hist.zip"
#: Beyond this the file of 90 days may not reach back to the last day known.
_REACH: Final = timedelta(days=80)
#: Nobody logs in at the ECB: a refusal is some proxy's, and passes.
_REFUSALS: Final = (401, 403)


class EcbConfig(Config):
    """From which day on, and which currencies."""

    since: date = Field(date(2015, 1, 1), description="first day of the rates that are kept; they begin in 1999")
    currencies: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = Field(
        (), description="which currencies, such as [USD, CHF]; all by default"
    )
    url: str = Field(
        "https://www.ecb.europa.eu/stats/eurofxref/",
        pattern=r"^https?://[^\s?#]+$",
        description="where the ECB's files are, should you have a copy of your own",
    )

    @field_validator("currencies")
    @classmethod
    def _others(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "EUR" in value:
            raise ValueError("leave EUR out: it is what all others are given in")
        return tuple(sorted(set(value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """How far the stored rates reach, and the last value of each currency."""

    last: date
    values: Mapping[str, Decimal]


class Ecb:
    """The connector for the reference rates."""

    def __init__(self, config: EcbConfig) -> None:
        self._config = config
        self._url = config.url.rstrip("/")

    def check(self, ctx: Context) -> Check:
        """Say how far the rates reach; that the ECB cannot be reached is a warning, for the history is there."""
        newest = next(history.days(history.bundled()))
        unknown = [f"the ECB gives no rate of {one} now" for one in self._config.currencies if one not in newest.values]
        try:
            (published, *_), _ = self._ask(_DAILY, ctx)
        except RetryLater as error:
            return Check(summary=f"bundled rates up to {newest.day}", warnings=[*unknown, str(error)])
        return Check(summary=f"bundled rates up to {newest.day}, published up to {published.day}", warnings=unknown)

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - has one feed
        """Yield the bundled history where it is new, then what the ECB published after it."""
        known = self._read(cursor)
        newest = next(self._bundled())
        fresh = known is None
        if known is None or newest.day > known.last:
            after = self._config.since if known is None else known.last + timedelta(days=1)
            known = _Known(last=newest.day, values=newest.values)
            yield self._batch(self._older(after), known)
        if newest_expected(ctx.tick) <= known.last:
            return
        try:
            days = list(self._published(known.last, ctx))
        except RetryLater as error:
            if not fresh:
                raise RetryLater(f"{error}; the rates reach to {known.last}", after=error.after) from None
            # The history is stored, which is what a first run without a network can do: the next one says if it lasts.
            ctx.log.warning("%s; the bundled rates reach to %s, asked again later", error, known.last)
            return
        yield from self._new(days, known, ctx)

    # --- What is there already ---------------------------------------------------------------------------------------

    def _read(self, cursor: Cursor | None) -> _Known | None:
        """Return what the cursor says is stored; None if that is less than what is asked for now, or not readable."""
        data = cursor.data if cursor is not None else None
        if not isinstance(data, dict) or data.get("scope") != self._scope():
            return None
        values = data.get("values")
        if not isinstance(values, dict):
            return None
        return _Known(
            last=date.fromisoformat(str(data["last"])),
            values={name: Decimal(str(text)) for name, text in values.items()},
        )

    def _scope(self) -> str:
        return f"since {self._config.since}: {' '.join(self._config.currencies) or 'all'}"

    def _batch(self, days: Iterable[DayRates], known: _Known) -> Batch:
        values = {currency: format(value, "f") for currency, value in sorted(known.values.items())}
        cursor = Cursor(data={"last": known.last.isoformat(), "scope": self._scope(), "values": values})
        return Batch(records=self._records(days), cursor=cursor)

    def _records(self, days: Iterable[DayRates]) -> Iterator[Rate]:
        for one in days:
            if one.day >= self._config.since:
                yield from (rate(one.day, currency, value) for currency, value in one.values.items())

    def _bundled(self) -> Iterator[DayRates]:
        return history.days(history.bundled(), currencies=self._config.currencies)

    def _older(self, since: date) -> Iterator[DayRates]:
        for one in self._bundled():
            if one.day < since:
                return
            yield one

    # --- What the ECB has published since ----------------------------------------------------------------------------

    def _published(self, last: date, ctx: Context) -> Iterator[DayRates]:
        """Yield the days after `last`, the oldest first, by as few bytes as close the gap."""
        expected = newest_expected(ctx.tick)
        if not working_days_between(last, expected):
            days, left_out = self._ask(_DAILY, ctx)
            if not working_days_between(last, days[0].day):
                yield from self._after(last, days, left_out, ctx)
                return
        days, left_out = self._ask(_QUARTER if expected - last <= _REACH else _ALL, ctx)
        yield from self._after(last, days, left_out, ctx)

    def _after(self, last: date, days: list[DayRates], left_out: list[str], ctx: Context) -> Iterator[DayRates]:
        for text in left_out:
            ctx.log.warning("left out of what the ECB answered: %s", text)
        tomorrow = ctx.tick.date() + timedelta(days=1)
        for one in days:
            if one.day > tomorrow:
                ctx.log.warning("left out of what the ECB answered: %s has not come yet", one.day)
            elif one.day > last:
                wanted = self._config.currencies or one.values
                yield DayRates(day=one.day, values={name: one.values[name] for name in wanted if name in one.values})

    def _ask(self, name: str, ctx: Context) -> tuple[list[DayRates], list[str]]:
        """Return the days of one of the ECB's files, the oldest first, and what is wrong in it."""
        url = f"{self._url}/{name}"
        answer = ctx.http.get(url, allow=_REFUSALS)
        if answer.status in _REFUSALS:
            raise RetryLater(f"{url} refused to answer (HTTP {answer.status})")
        try:
            if name == _ALL:
                return sorted(history.days(io.BytesIO(answer.content)), key=lambda one: one.day), []
            return daily_xml.read(answer.content)
        except ValueError as error:
            raise RetryLater(f"{url} did not answer with the ECB's rates: {error}") from None

    def _new(self, days: list[DayRates], known: _Known, ctx: Context) -> Iterator[Batch]:
        screened = screen(days, known.values)
        for text in screened.odd:
            ctx.log.warning("hard to believe: %s", text)
        if screened.days:
            yield self._batch(screened.days, _Known(last=screened.days[-1].day, values=screened.known))
