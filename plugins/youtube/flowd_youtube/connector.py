"""Asks for the channel's revenue per day: the newest weeks again on each run, because YouTube revises them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import Field

from flowd.api import (
    AccountInfo,
    AccountKind,
    AuthError,
    Batch,
    Check,
    Config,
    ConfigError,
    Context,
    Cursor,
    FlowClass,
    Json,
    Linked,
    LinkStep,
    Response,
    RetryLater,
    Secret,
    Transaction,
)
from flowd.oauth import OAuth
from flowd_youtube.report import METRICS, Day, days

_ACCOUNT: Final = "channel"
_SCOPES: Final = (
    "https://www.googleapis.com/auth/yt-analytics-monetary.readonly",
    "https://www.googleapis.com/auth/youtube.readonly",
)
_URL: Final = r"^https?://[^\s?#]+$"
#: YouTube settles a month by about the tenth of the next one: until then its days may change.
_REVISED: Final = timedelta(days=45)
#: Days in one answer.
_SPAN: Final = timedelta(days=180)
_SPARE: Final = timedelta(seconds=5)
#: YouTube's days begin at midnight there.
_PACIFIC: Final = "America/Los_Angeles"
#: Reasons of a refusal that pass.
_BUSY: Final = frozenset({"quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"})


class YouTubeConfig(Config):
    """The application at Google that asks, and what it asks for."""

    client_id: str = Field(min_length=1, description="the OAuth client's id, of a desktop app at Google Cloud")
    client_secret: Secret = Field(description="the OAuth client's secret")
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$", description="the currency YouTube is to state revenue in")
    since: date = Field(date(2020, 1, 1), description="first day that is read")
    analytics: str = Field(
        "https://youtubeanalytics.googleapis.com", pattern=_URL, description="where YouTube Analytics answers"
    )
    data: str = Field("https://www.googleapis.com", pattern=_URL, description="where the Data API answers")
    login: str = Field(
        "https://accounts.google.com/o/oauth2/v2/auth", pattern=_URL, description="the page one logs in on"
    )
    oauth: str = Field("https://oauth2.googleapis.com/token", pattern=_URL, description="where access is renewed")


class YouTube:
    """The connector for one channel."""

    def __init__(self, config: YouTubeConfig) -> None:
        self._config = config
        self._oauth = OAuth(
            authorize=config.login,
            token=config.oauth,
            client_id=config.client_id,
            client_secret=config.client_secret,
            scope=_SCOPES,
            # A refresh token comes only with consent given on the page itself.
            extra={"access_type": "offline", "prompt": "consent"},
        )

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:  # noqa: ARG002
        """Return Google's page."""
        return self._oauth.begin(redirect, state)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        """Turn what Google sent back into tokens."""
        linked = self._oauth.finish(answer, step, ctx, summary="a YouTube channel")
        if not linked.tokens.get("refresh_token"):
            raise AuthError(f"Google gave no lasting access: run `flowd link {ctx.connection}` again and agree to all")
        return linked

    def check(self, ctx: Context) -> Check:
        """Ask whose channel it is."""
        answer = self._ask(f"{self._config.data}/youtube/v3/channels", {"part": "snippet", "mine": "true"}, ctx)
        told = answer.json()
        items = told.get("items") if isinstance(told, dict) else None
        if not isinstance(items, list) or not items:
            raise ConfigError("this Google account has no YouTube channel: link the account that owns it")
        snippet = items[0].get("snippet") if isinstance(items[0], dict) else None
        title = str(snippet.get("title", "")) if isinstance(snippet, dict) else ""
        return Check(summary=f"the channel {title or 'without a name'}", permissions=("read",), covers=(_ACCOUNT,))

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - has one feed
        """Yield a batch for each half year that is new, and the newest weeks again."""
        first = self._first(cursor)
        today = ctx.tick.astimezone(ZoneInfo(_PACIFIC)).date()
        named = False
        while first <= today:
            last = min(first + _SPAN, today)
            found = list(days(self._ask(f"{self._config.analytics}/v2/reports", self._query(first, last), ctx).json()))
            account = [] if named else [self._account()]
            named = True
            rows = [self._transaction(one) for one in found if first <= one.day <= last]
            yield Batch(records=[*account, *rows], cursor=Cursor(data={"read": last.isoformat(), **self._scope()}))
            first = last + timedelta(days=1)
            if first <= today and ctx.time_left() < _SPARE:
                return

    def _first(self, cursor: Cursor | None) -> date:
        data = cursor.data if cursor is not None else None
        if not isinstance(data, dict) or {name: data.get(name) for name in self._scope()} != self._scope():
            return self._config.since
        # What was read lately may have been revised since.
        return max(self._config.since, date.fromisoformat(str(data["read"])) - _REVISED)

    def _scope(self) -> dict[str, Json]:
        """Return what decides which rows there are: with another currency all are read anew."""
        return {"currency": self._config.currency, "since": self._config.since.isoformat()}

    def _query(self, first: date, last: date) -> dict[str, str]:
        return {
            "ids": "channel==MINE",
            "startDate": first.isoformat(),
            "endDate": last.isoformat(),
            "metrics": ",".join(METRICS),
            "dimensions": "day",
            "sort": "day",
            "currency": self._config.currency,
        }

    def _account(self) -> AccountInfo:
        return AccountInfo(
            account=_ACCOUNT, name="YouTube channel", kind=AccountKind.PAYOUT, asset=self._config.currency
        )

    def _transaction(self, one: Day) -> Transaction:
        return Transaction(
            account=_ACCOUNT,
            external_id=f"revenue:{one.day}",
            booked_at=one.day,
            amount=one.revenue,
            asset=self._config.currency,
            kind=FlowClass.PAYOUT,
            counterparty="YouTube",
            description="estimated revenue of the day",
            raw=dict(one.parts),
        )

    def _ask(self, url: str, params: Mapping[str, str], ctx: Context) -> Response:
        answer = self._oauth.get(url, ctx, params=params, allow=(400, 403))
        if answer.status < 400:
            return answer
        reason, message = _refusal(answer)
        if reason in _BUSY:
            raise RetryLater(f"Google's quota is used up ({reason})", after=timedelta(hours=1))
        if answer.status == 403:
            raise AuthError(
                f"Google refused ({reason or 'HTTP 403'}): the account must own the channel and have agreed to show "
                f"its revenue; run `flowd link {ctx.connection}`"
            )
        raise RetryLater(f"Google refused the question: {message or reason or 'HTTP 400'}")


def _refusal(answer: Response) -> tuple[str, str]:
    """Return the reason's code and its text."""
    told = answer.json()
    error = told.get("error") if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return "", ""
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return str(first.get("reason") or error.get("status") or "")[:80], str(error.get("message") or "")[:200]
