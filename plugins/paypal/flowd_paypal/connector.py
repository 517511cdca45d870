"""Walks PayPal's reports window by window, the newest days again on each run, and reads the balances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pydantic import Field

from flowd.api import (
    AccountInfo,
    AccountKind,
    Batch,
    Check,
    Config,
    Context,
    Covers,
    Cursor,
    Json,
    RetryLater,
    Secret,
    Snapshot,
    Transaction,
)
from flowd_paypal.client import Client, TooMany
from flowd_paypal.reading import ACCOUNT, moment, money, needed, transactions

_REPORT: Final = "/v1/reporting/transactions"
_BALANCES: Final = "/v1/reporting/balances"
#: PayPal's own bounds: days in one question, rows in one answer, years it looks back.
_SPAN: Final = timedelta(days=31)
_PAGE: Final = "500"
_REACH: Final = timedelta(days=3 * 365)
#: What was pending may have changed; and a payment may take hours until it is in the report.
_AGAIN: Final = timedelta(days=10)
_SHORTEST: Final = timedelta(minutes=1)
_SPARE: Final = timedelta(seconds=10)
#: PayPal gives ten thousand rows at once, at most.
_MOST_PAGES: Final = 1000


class PayPalConfig(Config):
    """The app that asks, and from which day on."""

    client_id: str = Field(min_length=1, description="the REST app's client id")
    client_secret: Secret = Field(description="the REST app's secret")
    since: date = Field(date(2024, 1, 1), description="first day that is read; PayPal looks back three years at most")
    url: str = Field(
        "https://api-m.paypal.com",
        pattern=r"^https?://[^\s?#]+$",
        description="where PayPal answers: https://api-m.sandbox.paypal.com for its sandbox",
    )


class PayPal:
    """The connector for one PayPal account."""

    def __init__(self, config: PayPalConfig) -> None:
        self._since = config.since
        self._client = Client(config.url, config.client_id, config.client_secret)

    def check(self, ctx: Context) -> Check:
        """Ask for the balances, and say what the app may do beside reading."""
        balances = self._balances(ctx)
        more = sorted({scope.rpartition("/services/")[2] for scope in self._client.scopes if "/payments" in scope})
        permissions = ["read reports", *(f"write: {scope}" for scope in more)]
        return Check(
            summary=f"balances in {', '.join(sorted(one.asset for one in balances)) or 'no currency'}",
            permissions=permissions,
            covers=(ACCOUNT,),
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield the transactions since the last run and some days before, or the balances."""
        if feed == "balances":
            yield Batch(records=[_account(), *self._balances(ctx)], covers=Covers.CONNECTION)
            return
        place, span, named = self._start(cursor, ctx), _SPAN, False
        while place.start < ctx.tick:
            end = place.end or min(place.start + span, ctx.tick)
            try:
                for page in self._window(place.start, end, place.page, ctx):
                    account = [] if named else [_account()]
                    named = True
                    after = page.after(place.start, end, ctx.tick)
                    yield Batch(records=[*account, *page.records], cursor=self._cursor(after))
                    if not after.goes_on or ctx.time_left() < _SPARE:
                        return
            except TooMany:
                if span <= _SHORTEST:
                    raise
                place, span = _Place(start=place.start), (end - place.start) / 2
                continue
            place, span = _Place(start=end), _SPAN

    def _start(self, cursor: Cursor | None, ctx: Context) -> _Place:
        first = max(datetime.combine(self._since, time(), UTC), ctx.tick - _REACH)
        data = cursor.data if cursor is not None else None
        if not isinstance(data, dict) or data.get("since") != self._since.isoformat():
            return _Place(start=first)
        start = datetime.fromisoformat(str(data["start"]))
        if not data["goes_on"]:
            return _Place(start=max(first, start - _AGAIN))
        end = data.get("end")
        return _Place(
            start=start, end=None if end is None else datetime.fromisoformat(str(end)), page=int(str(data["page"]))
        )

    def _cursor(self, place: _Place) -> Cursor:
        data: dict[str, Json] = {
            "start": place.start.isoformat(),
            "end": None if place.end is None else place.end.isoformat(),
            "page": place.page,
            "goes_on": place.goes_on,
            "since": self._since.isoformat(),
        }
        return Cursor(data=data)

    def _window(self, start: datetime, end: datetime, page: int, ctx: Context) -> Iterator[_Page]:
        params = {
            "start_date": _told(start),
            "end_date": _told(end),
            "fields": "transaction_info,payer_info",
            "balance_affecting_records_only": "Y",
            "page_size": _PAGE,
        }
        number, pages = page - 1, page
        while number < pages:
            number += 1
            told = self._client.get(_REPORT, {**params, "page": str(number)}, ctx)
            pages = _count(needed(told, "total_pages", _REPORT))
            known = told.get("last_refreshed_datetime") if isinstance(told, dict) else None
            records = list(transactions(needed(told, "transaction_details", _REPORT)))
            if not records and number < pages:
                raise RetryLater(f"page {number} of {pages} of {_REPORT} is empty: PayPal is making it anew")
            yield _Page(
                records=records,
                number=number,
                last=number >= pages,
                known=end if known is None else moment(known, _REPORT),
            )

    def _balances(self, ctx: Context) -> list[Snapshot]:
        told = self._client.get(_BALANCES, {"as_of_time": _told(ctx.tick), "currency_code": "ALL"}, ctx)
        listed = needed(told, "balances", _BALANCES)
        if not isinstance(listed, list):
            raise RetryLater(f"{_BALANCES} has balances that are no list")
        found = []
        for one in listed:
            # What PayPal withholds is the account's too.
            amount, currency = money(needed(one, "total_balance", _BALANCES), _BALANCES)
            found.append(Snapshot(account=ACCOUNT, asset=currency, quantity=amount, at=ctx.tick))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where reading goes on: in a window under way at a page of it, at a new window, or not before the next run."""

    start: datetime
    end: datetime | None = None
    page: int = 1
    goes_on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """One page of a window; `known` is until when PayPal's report is complete."""

    records: Sequence[Transaction]
    number: int
    last: bool
    known: datetime

    def after(self, start: datetime, end: datetime, now: datetime) -> _Place:
        """Return where reading goes on behind this page of the window from `start` to `end`."""
        if not self.last:
            return _Place(start=start, end=end, page=self.number + 1)
        if self.known < end:
            return _Place(start=max(start, self.known), goes_on=False)
        return _Place(start=end, goes_on=end < now)


def _account() -> AccountInfo:
    return AccountInfo(account=ACCOUNT, name="PayPal", kind=AccountKind.PAYOUT)


def _told(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _count(told: object) -> int:
    if not isinstance(told, int) or not 0 <= told <= _MOST_PAGES:
        raise RetryLater(f"{_REPORT} has {told!r:.40} where the number of pages should be")
    return told
