"""Turns what flowd.yaml declares into one schedule event: the terms, one after another, without gap or overlap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from flowd.api import AccountInfo, AccountKind, Batch, Check, Config, Context, Cursor, Event, parse_period

_DAY: Final = timedelta(days=1)

Amount = Annotated[Decimal, Field(gt=0, lt=Decimal("1e15"), allow_inf_nan=False)]


def _period(text: str) -> str:
    parse_period(text)
    return text


class Change(Config):
    """Another amount from a day on."""

    from_: date = Field(alias="from", description="first day of the other amount")
    amount: Amount = Field(description="what comes in per period from then on")


class RecurringConfig(Config):
    """What comes in, how often, and since when."""

    amount: Amount = Field(description="what comes in per period")
    currency: str = Field(pattern=r"^[A-Z0-9][A-Z0-9._:/-]{0,39}$", description="in which currency, such as EUR")
    every: Annotated[str, AfterValidator(_period)] = Field(description='the period in words, such as "month on L"')
    start: date | None = Field(None, description="first day it is earned for; a year before the first run by default")
    end: date | None = Field(None, description="last day it is earned for; it goes on by default")
    changes: tuple[Change, ...] = Field((), description="other amounts from a day on")

    @model_validator(mode="after")
    def _in_order(self) -> RecurringConfig:
        days = [change.from_ for change in self.changes]
        if len(set(days)) < len(days):
            raise ValueError("changes: two of them begin on the same day; keep one")
        if self.start is not None:
            if self.end is not None and self.end < self.start:
                raise ValueError(f"end: {self.end} is before start ({self.start})")
            if days and min(days) <= self.start:
                raise ValueError(f"changes: {min(days)} is not after start ({self.start}); change the amount instead")
        if self.end is not None and days and max(days) > self.end:
            raise ValueError(f"changes: {max(days)} is after end ({self.end})")
        return self


class Recurring:
    """The connector for one declared income."""

    def __init__(self, config: RecurringConfig) -> None:
        self._config = config

    def check(self, ctx: Context) -> Check:  # noqa: ARG002 - the protocol passes it
        """Say in words what was declared; there is nobody to ask."""
        config = self._config
        return Check(summary=f"{config.amount:f} {config.currency} every {config.every.removeprefix('every ')}")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - has one feed
        """Yield the account and the schedule as declared; told again, they change nothing."""
        start = self._start(cursor, ctx)
        terms = list(self._terms(start))
        account = AccountInfo(
            account=ctx.connection, name=ctx.connection, kind=AccountKind.MANUAL, asset=self._config.currency
        )
        schedule = Event(
            type="schedule",
            key=ctx.connection,
            at=datetime.combine(start, time(0), tzinfo=UTC),
            data={"terms": terms},
        )
        yield Batch(records=(account, schedule), cursor=Cursor(data={"start": start.isoformat()}))

    def _start(self, cursor: Cursor | None, ctx: Context) -> date:
        """Return the declared start, else the one chosen at the first run, which the cursor keeps."""
        if self._config.start is not None:
            return self._config.start
        if cursor is not None and isinstance(cursor.data, dict) and isinstance(cursor.data.get("start"), str):
            chosen = date.fromisoformat(str(cursor.data["start"]))
        else:
            chosen = ctx.tick.date().replace(year=ctx.tick.year - 1, day=1)
        limits = [self._config.end or date.max, *(change.from_ - _DAY for change in self._config.changes)]
        return min(chosen, *limits)

    def _terms(self, start: date) -> Iterator[dict[str, str | None]]:
        config = self._config
        steps = [(start, config.amount), *sorted((change.from_, change.amount) for change in config.changes)]
        for index, (first, amount) in enumerate(steps):
            last = steps[index + 1][0] - _DAY if index + 1 < len(steps) else config.end
            yield {
                "amount": format(amount.normalize(), "f"),
                "currency": config.currency,
                "every": config.every,
                "start": first.isoformat(),
                "end": last.isoformat() if last else None,
            }
