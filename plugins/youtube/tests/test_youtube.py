"""What a channel earned, from a local Google: windows, revisions, refusals, linking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import AuthError, ConfigError, FlowClass, RetryLater, Transaction
from flowd.testing import ConnectorSuite
from flowd.testing.harness import TICK, Harness, MemoryTokens
from flowd.testing.replay import Asked, Replay, Reply
from flowd_youtube import CONNECTOR

TOKENS = {"access_token": "an-access-token", "refresh_token": "a-refresh-token", "scope": "x"}


class TestYouTube(ConnectorSuite):
    """The conformance suite over the recorded answers."""

    connector = CONNECTOR
    tokens = TOKENS


class Google:
    """A channel that earned something each day; `revised` has other amounts for some days."""

    def __init__(self, site: Replay) -> None:
        self.site = site
        self.revised: dict[str, str] = {}
        site.on("GET", "/v2/reports", self.report)
        site.on("GET", "/youtube/v3/channels", Reply(body={"items": [{"snippet": {"title": "Some Channel"}}]}))
        site.on("POST", "/token", Reply(body={"access_token": "new", "refresh_token": "r", "expires_in": 3599}))

    def report(self, asked: Asked) -> Reply:
        first, last = (date.fromisoformat(asked.query[name]) for name in ("startDate", "endDate"))
        assert asked.query["ids"] == "channel==MINE"
        # YouTube is two days behind.
        last = min(last, TICK.date() - timedelta(days=2))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        rows = ",".join(f'["{day}",{self.revised.get(str(day), f"{day.day}.10")},1e-7,0,{day.day}]' for day in days)
        names = ["day", *asked.query["metrics"].split(",")]
        headers = ",".join(f'{{"name":"{name}"}}' for name in names)
        return Reply(body=f'{{"columnHeaders":[{headers}],"rows":[{rows}]}}')


@pytest.fixture
def google() -> Iterator[Google]:
    with Replay() as site:
        yield Google(site)


def harness(google: Google, tokens: MemoryTokens | None = None, **config: object) -> Harness:
    url = google.site.url
    settings = {"client_id": "id", "client_secret": "a-secret", "currency": "EUR", "since": "2025-01-01"}
    urls = {"analytics": url, "data": url, "oauth": f"{url}/token", "login": f"{url}/login"}
    return Harness(CONNECTOR, {**settings, **urls, **config}, tokens=tokens or MemoryTokens(TOKENS))


def amounts(found: list[Transaction]) -> dict[str, Decimal]:
    return {str(one.external_id): one.amount for one in found}


def test_each_day_is_income_of_its_day(google: Google) -> None:
    ran = harness(google, since="2026-02-20").sync("revenue")
    assert ran.error is None
    found = ran.of(Transaction)
    assert [one.booked_at for one in found] == [date(2026, 2, day) for day in range(20, 28)]
    one = found[0]
    assert (one.external_id, one.amount, one.asset) == ("revenue:2026-02-20", Decimal("20.10"), "EUR")
    assert one.kind is FlowClass.PAYOUT
    assert one.raw == {
        "estimatedAdRevenue": "1E-7",
        "estimatedRedPartnerRevenue": "0",
        "grossRevenue": "20",
    }


def test_years_come_in_parts_and_any_part_may_be_the_last(google: Google) -> None:
    whole = harness(google).sync("revenue")
    assert len(whole.batches) == 3
    assert len(amounts(whole.of(Transaction))) == 423
    pieces: dict[str, Decimal] = {}
    cursor = None
    for _ in range(3):
        ran = harness(google).sync("revenue", cursor, batches=1)
        pieces |= amounts(ran.of(Transaction))
        cursor = ran.cursor
    assert pieces == amounts(whole.of(Transaction))


def test_what_youtube_revises_is_read_again(google: Google) -> None:
    first = harness(google).sync("revenue")
    google.revised["2026-01-20"] = "99.99"
    asked = len(google.site.asked)
    again = harness(google).sync("revenue", first.cursor)
    assert amounts(again.of(Transaction))["revenue:2026-01-20"] == Decimal("99.99")
    assert len(google.site.asked) == asked + 1
    # Another currency is another reading of all days, under the same names.
    dollars = harness(google, currency="USD").sync("revenue", again.cursor)
    assert amounts(dollars.of(Transaction)).keys() == amounts(first.of(Transaction)).keys()


def test_an_earlier_since_is_filled_in_once(google: Google) -> None:
    first = harness(google, since="2026-02-01").sync("revenue")
    earlier = harness(google, since="2025-12-01").sync("revenue", first.cursor)
    assert min(amounts(earlier.of(Transaction))) == "revenue:2025-12-01"
    again = harness(google, since="2025-12-01").sync("revenue", earlier.cursor)
    assert min(amounts(again.of(Transaction))) == "revenue:2026-01-15"


def test_a_day_is_youtubes_own(google: Google) -> None:
    """At six in the morning UTC it is still the day before in California."""
    harness(google, since="2026-02-20").sync("revenue", tick=datetime(2026, 3, 1, 6, tzinfo=UTC))
    assert google.site.asked[-1].query["endDate"] == "2026-02-28"


def test_a_channel_that_earned_nothing_has_no_rows(google: Google) -> None:
    google.site.on("GET", "/v2/reports", Reply(body={"columnHeaders": COLUMNS}))
    ran = harness(google).sync("revenue")
    assert ran.error is None
    assert ran.of(Transaction) == []


COLUMNS = [{"name": "day"}, {"name": "estimatedRevenue"}]


def error(status: int, reason: str) -> Reply:
    return Reply(status=status, body={"error": {"code": status, "message": "said", "errors": [{"reason": reason}]}})


@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (error(403, "insufficientPermissions"), AuthError),
        (error(403, "quotaExceeded"), RetryLater),
        (error(400, "badRequest"), RetryLater),
        (Reply(body={"columnHeaders": [{"name": "day"}]}), RetryLater),
        (Reply(body={"columnHeaders": COLUMNS, "rows": [["x", 1]]}), RetryLater),
        (Reply(body={"columnHeaders": COLUMNS, "rows": [[1]]}), RetryLater),
        (Reply(body={"columnHeaders": COLUMNS, "rows": [["2026-01-01", "NaN"]]}), RetryLater),
    ],
)
def test_refusals_and_rubbish_are_named_and_nothing_is_kept(google: Google, reply: Reply, raised: type) -> None:
    google.site.on("GET", "/v2/reports", reply)
    ran = harness(google).sync("revenue")
    assert type(ran.error) is raised
    assert ran.records == []
    assert "a-secret" not in str(ran.error)


def test_check_names_the_channel(google: Google) -> None:
    assert harness(google).check().summary == "the channel Some Channel"
    google.site.on("GET", "/youtube/v3/channels", Reply(body={"items": []}))
    with pytest.raises(ConfigError, match="no YouTube channel"):
        harness(google).check()


def test_linking_asks_for_reading_only_and_for_lasting_access(google: Google) -> None:
    one = harness(google)
    connector: Any = one.connector
    with one.context() as (ctx, *_):
        step = connector.begin_link("http://127.0.0.1:8788/callback", "a-state", ctx)
        assert "yt-analytics-monetary.readonly" in step.url
        assert "access_type=offline" in step.url
        linked = connector.finish_link({"code": "c"}, step, ctx)
        assert linked.tokens["refresh_token"] == "r"
        google.site.on("POST", "/token", Reply(body={"access_token": "new"}))
        with pytest.raises(AuthError, match="no lasting access"):
            connector.finish_link({"code": "c"}, step, ctx)


def test_an_old_token_is_renewed_and_the_refresh_token_stays(google: Google) -> None:
    google.site.on("POST", "/token", Reply(body={"access_token": "new", "expires_in": 3599}))
    tokens = MemoryTokens({**TOKENS, "expires_at": TICK.isoformat()})
    assert harness(google, tokens).sync("revenue").error is None
    assert tokens.read()["refresh_token"] == "a-refresh-token"
    assert google.site.asked[-1].headers["authorization"] == "Bearer new"
