"""Histories made for projections, in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from flowd.api.studies import History, IncomeSeries, Series, StreamInfo
from flowd.domain.flows import FlowClass
from flowd.domain.periods import parse_period
from flowd.domain.results import Method, Receipt, ScheduleTerm

TODAY = date(2026, 7, 10)
DAY = timedelta(days=1)


@dataclass(slots=True)
class Made:
    """A household that is put together stream by stream."""

    today: date = TODAY
    streams: list[StreamInfo] = field(default_factory=list)
    income: dict[str, IncomeSeries] = field(default_factory=dict)
    receipts: dict[str, Sequence[Receipt]] = field(default_factory=dict)
    terms: list[ScheduleTerm] = field(default_factory=list)

    def paid(self, name: str, paid: Mapping[date, float], *, group: str = "", **said: Any) -> Made:
        """Add receipts of one payer."""
        self.streams.append(
            StreamInfo(stream=name, method=Method.TRANSACTIONS, connection=name, name=name, group=group, **said)
        )
        self.receipts[name] = [
            Receipt(
                account="a",
                payer=name,
                flow_class=FlowClass.OTHER,
                asset="EUR",
                day=day,
                amount=Decimal(str(amount)),
                guessed=False,
            )
            for day, amount in sorted(paid.items())
        ]
        first = min(paid)
        values = np.zeros((self.today - first).days)
        for day, amount in paid.items():
            values[(day - first).days] = amount
        self._income(name, first, values)
        return self

    def valued(self, name: str, values: NDArray[np.float64], *, group: str = "") -> Made:
        """Add changes in value, one per day up to yesterday."""
        self.streams.append(StreamInfo(stream=name, method=Method.VALUE, connection=name, name=name, group=group))
        self._income(name, self.today - timedelta(days=len(values)), values)
        return self

    def declared(self, name: str, amount: str, every: str, start: date, end: date | None = None) -> Made:
        """Add a schedule, with what it paid so far."""
        self.streams.append(StreamInfo(stream=name, method=Method.SCHEDULE, connection=name, name=name, group=""))
        self.terms.append(
            ScheduleTerm(stream=name, amount=Decimal(amount), currency="EUR", every=every, start=start, end=end)
        )
        values = np.zeros(max((self.today - start).days, 0))
        for day in parse_period(every).due_days(start, min(self.today - DAY, end or self.today)):
            values[(day - start).days] = float(amount)
        self._income(name, start, values)
        return self

    def _income(self, name: str, first: date, values: NDArray[np.float64]) -> None:
        series = Series(first=first, values=values)
        self.income[name] = IncomeSeries(earned=series, received=series, estimated=np.zeros(len(values), dtype=bool))

    def history(self, **said: Any) -> History:
        """Return what a study would be given."""
        return History(
            currency="EUR",
            zone=ZoneInfo("Europe/Berlin"),
            today=self.today,
            seed=7,
            streams=self.streams,
            income=self.income,
            receipts=self.receipts,
            terms=self.terms,
            digests={one.stream: f"digest of {one.stream}" for one in self.streams},
            **said,
        )


def monthly(on: int, amount: float, months: int, today: date = TODAY) -> dict[date, float]:
    """Return what came on that day of each of the last `months` months before `today`."""
    days = parse_period(f"month on {on}").due_days(today - timedelta(days=31 * months + 31), today - DAY)
    return dict.fromkeys(list(days)[-months:], amount)
