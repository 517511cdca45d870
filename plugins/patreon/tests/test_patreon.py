"""Members of a Patreon campaign become payments and memberships; the token is renewed in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from patreon_server import SAMPLES, TOKEN, FakePatreon, campaign, error, pledge
from pydantic import ValidationError

from flowd.api import (
    AccountInfo,
    AccountKind,
    AuthError,
    ConfigError,
    Event,
    EventRow,
    FlowClass,
    PartlyRead,
    Removal,
    RetryLater,
    Transaction,
)
from flowd.testing.facts import FactsView
from flowd.testing.harness import TICK, MemoryTokens, Ran
from flowd.testing.replay import Replay, Reply
from flowd.testing.suite_connector import ConnectorSuite
from flowd_patreon import CONNECTOR
from flowd_patreon.analytic import PatreonMrr
from flowd_patreon.config import PatreonConfig
from flowd_patreon.connector import Patreon
from flowd_patreon.members import MEMBER, PLEDGE


@pytest.fixture
def patreon() -> Iterator[FakePatreon]:
    """A creator with one campaign and no members."""
    with Replay() as replay:
        yield FakePatreon(replay)


def ran(patreon: FakePatreon, **config: Any) -> Ran:
    found = patreon.harness(**config).sync("members")
    assert found.error is None, found.error
    return found


def payments(found: Ran) -> dict[str, Transaction]:
    return {str(one.external_id): one for one in found.of(Transaction)}


def test_a_payment_is_recurring_income_in_cents(patreon: FakePatreon) -> None:
    patreon.add("a", pledge(1, "2026-01-03"), pledge(2, "2026-02-01", amount_cents=1234, currency_code="EUR"))
    found = payments(ran(patreon))
    first, second = found["subscription:1"], found["subscription:2"]
    assert (first.amount, first.asset, first.kind) == (Decimal(5), "USD", FlowClass.MRR)
    assert first.booked_at == datetime(2026, 1, 3, 8, tzinfo=UTC)
    assert (first.account, first.counterparty, first.description) == ("campaign-11539233", "Patron a \U0001f98a", "Bib")
    assert (second.amount, second.asset) == (Decimal("12.34"), "EUR")
    (info,) = ran(patreon).of(AccountInfo)
    assert info.kind is AccountKind.PAYOUT


def test_a_fee_is_an_estimate_that_is_said_to_be_one(patreon: FakePatreon) -> None:
    patreon.add("a", pledge(1, "2026-01-03", amount_cents=333))
    (plain,) = ran(patreon).of(Transaction)
    assert plain.raw == {"gross": "3.33", "status": "Paid", "member": "member-a"}
    (net,) = ran(patreon, fee_percent="12.9").of(Transaction)
    assert net.amount == Decimal("2.90")
    assert net.raw is not None
    assert (net.raw["gross"], net.raw["fee"], net.raw["fee_is"]) == ("3.33", "0.43", "estimated")


@pytest.mark.parametrize(
    ("status", "amounts"),
    [
        ("Paid", ["5"]),
        ("Partially Refunded", ["5"]),
        ("Refunded", ["-5", "5"]),
        ("Fraud", ["-5", "5"]),
        ("Declined", []),
        ("Deleted", []),
        ("Other", []),
        ("Free Trial", []),
        (None, []),
    ],
)
def test_what_became_of_a_payment_decides(patreon: FakePatreon, status: str | None, amounts: list[str]) -> None:
    patreon.add("a", pledge(1, "2026-02-01", status=status))
    found = ran(patreon)
    assert sorted(one.amount for one in found.of(Transaction)) == [Decimal(one) for one in amounts]
    gone = [one.external_id for one in found.of(Removal)]
    assert gone == ([] if amounts or status is None else ["subscription:1"])


def test_a_payment_that_is_pending_is_said_to_be_and_a_refund_keeps_its_key(patreon: FakePatreon) -> None:
    patreon.add("a", pledge(1, "2026-02-01", status="Pending"), pledge(2, "2026-02-01", amount_cents=0))
    (pending,) = ran(patreon).of(Transaction)
    assert pending.pending
    patreon.members["11539233"].clear()
    patreon.add("a", pledge(1, "2026-02-01", status="Refunded"))
    found = payments(ran(patreon))
    assert found["subscription:1"].amount + found["subscription:1:refund"].amount == 0
    assert found["subscription:1:refund"].kind is FlowClass.MRR


def test_payments_per_creation_are_no_recurring_income(patreon: FakePatreon) -> None:
    patreon.campaigns = [campaign("11539233", is_monthly=False)]
    patreon.add("a", pledge(1, "2026-02-01"))
    assert ran(patreon).of(Transaction)[0].kind is FlowClass.OTHER


@pytest.mark.parametrize(
    "name", ["api_v2_members_documented", "members_create_zulip_fixture_head", "members_pledge_update_webhook"]
)
def test_patreons_own_samples_come_out_right(patreon: FakePatreon, name: str) -> None:
    path = SAMPLES / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the public samples are not here ({path.name})")
    sample = json.loads(path.read_text())
    rows = sample["data"] if isinstance(sample["data"], list) else [sample["data"]]
    patreon.members["11539233"] = [(rows[0], sample.get("included", []))]
    (member,) = ran(patreon).of(Event)
    expected = {
        "api_v2_members_documented": ("active_patron", "4.000000", "4.00", "2018-04-01T21:28:06+00:00"),
        "members_create_zulip_fixture_head": ("", "0.000000", "0.00", "2023-12-29T02:59:46.036000+00:00"),
        "members_pledge_update_webhook": ("active_patron", "1.000000", "2.40", "2023-02-08T16:36:58.615000+00:00"),
    }[name]
    assert (member.data["status"], member.data["monthly"], member.data["lifetime"], member.data["start"]) == expected
    assert "email" not in json.dumps(dict(member.data))
    assert ran(patreon).of(Transaction) == []


def mrr(found: Ran) -> dict[tuple[str, str, str], Decimal | None]:
    """The metrics by subject, month and name."""
    today = TICK.date()
    events: dict[str, list[EventRow]] = {MEMBER: [], PLEDGE: []}
    for one in found.of(Event):
        events[one.type].append(EventRow(connection="patreon", key=one.key, at=one.at, data=one.data))
    view = FactsView(today=today, all_events=events)
    first, last = PatreonMrr().reach(view, today, today)
    return {
        (one.subject, (one.at + timedelta(hours=12)).strftime("%Y-%m"), one.name): one.value
        for one in PatreonMrr().compute(view, first, last)
        if one.window == "1mo" and one.value
    }


def test_memberships_are_worth_so_much_a_month_and_their_history_says_why(patreon: FakePatreon) -> None:
    patreon.add(
        "a",
        pledge(1, "2025-12-03", "pledge_start", None),
        pledge(2, "2026-01-10", "pledge_upgrade", None, amount_cents=900),
        pledge(3, "2026-02-02", "pledge_downgrade", None, amount_cents=700),
    )
    patreon.add(
        "b",
        pledge(4, "2026-01-05", "pledge_start", None, amount_cents=12000, currency_code="EUR"),
        pledge_cadence=12,
    )
    patreon.add(
        "c",
        pledge(5, "2026-01-05", "pledge_start", None),
        pledge(6, "2026-01-25", "pledge_delete", None),
        pledge(7, "2026-02-20", "pledge_start", None),
        patron_status="former_patron",
    )
    patreon.add("d")  # no history: since the beginning of the relationship
    patreon.add("e", patron_status=None, will_pay_amount_cents=0, currently_entitled_amount_cents=0)
    patreon.add("f", is_free_trial=True)
    # what one is entitled to is nothing for some days at the beginning of a month, and the membership goes on
    patreon.add("g", currently_entitled_amount_cents=0, will_pay_amount_cents=300)
    found = mrr(ran(patreon))
    assert {(month, name): value for (subject, month, name), value in found.items() if subject == "patreon/USD"} == {
        ("2025-12", "mrr"): 5,
        ("2025-12", "mrr_new"): 5,
        ("2026-01", "mrr"): 17,
        ("2026-01", "mrr_new"): 13,
        ("2026-01", "mrr_expansion"): 4,
        ("2026-01", "mrr_churn"): -5,
        ("2026-02", "mrr"): 20,
        ("2026-02", "mrr_contraction"): -2,
        ("2026-02", "mrr_reactivation"): 5,
        # it ended, and its history does not say when: when it was seen
        ("2026-03", "mrr"): 15,
        ("2026-03", "mrr_churn"): -5,
    }
    assert found["patreon/EUR", "2026-03", "mrr"] == 10


def test_every_page_of_every_campaign_is_read_whatever_interrupts(patreon: FakePatreon) -> None:
    patreon.page = 2
    patreon.campaigns = [campaign("9"), campaign("20")]
    patreon.members = {"9": [], "20": []}
    for number in range(5):
        patreon.add(str(number), pledge(number, "2026-01-03"), campaign="9")
        patreon.add(str(10 + number), pledge(100 + number, "2026-01-03"), campaign="20")
    harness = patreon.harness()
    whole = ran(patreon)
    assert len(payments(whole)) == 10
    assert {one.account for one in whole.of(AccountInfo)} == {"campaign-9", "campaign-20"}
    found: dict[str, Transaction] = {}
    cursor = None
    for _ in range(len(whole.batches)):
        step = harness.sync("members", cursor, batches=1)
        found |= payments(step)
        cursor = step.cursor
    assert found == payments(whole)
    # a page that is not there any more: its campaign is read again
    step = harness.sync("members", batches=2)
    patreon.members["9"] = patreon.members["9"][:1]
    rest = harness.sync("members", step.cursor)
    assert rest.error is None
    assert {one.account for one in rest.of(Transaction)} == {"campaign-9", "campaign-20"}
    assert len(payments(ran(patreon, campaign="20"))) == 5
    assert isinstance(patreon.harness(campaign="30").sync("members").error, ConfigError)


def test_a_campaign_that_is_refused_does_not_hold_up_the_others(patreon: FakePatreon) -> None:
    patreon.campaigns = [campaign("9"), campaign("20")]
    patreon.members = {"9": [], "20": []}
    patreon.add("a", pledge(1, "2026-01-03"), campaign="20")
    patreon.closed = {"9"}
    found = patreon.harness().sync("members")
    assert isinstance(found.error, PartlyRead)
    assert "creating things 9" in str(found.error)
    assert len(found.of(Transaction)) == 1
    patreon.closed = {"9", "20"}
    assert isinstance(patreon.harness().sync("members").error, AuthError)


def test_a_history_that_is_not_whole_is_said(patreon: FakePatreon) -> None:
    patreon.add("a", pledge(1, "2026-01-03"), pledge(2, "2026-02-03"))
    patreon.members["11539233"][0][1].pop()
    found = patreon.harness().sync("members")
    assert isinstance(found.error, PartlyRead)
    assert "1 members is not whole" in str(found.error)
    assert list(payments(found)) == ["subscription:1"]


def test_a_beginning_leaves_out_what_was_before(patreon: FakePatreon) -> None:
    patreon.add("a", pledge(1, "2025-01-03"), pledge(2, "2026-02-03"))
    assert list(payments(ran(patreon, since="2026-01-01"))) == ["subscription:2"]


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (error(401, "The token is gone"), AuthError, "The token is gone"),
        (error(429, "Slow down", retry_after_seconds=31), RetryLater, "429"),
        (error(400, "Invalid field"), RetryLater, "Invalid field"),
        (error(404, "No such campaign"), RetryLater, "No such campaign"),
        (Reply(body={"data": {}}), RetryLater, "without a list"),
        (Reply(body=[]), RetryLater, "no object"),
        (Reply(body={"data": [{"type": "member"}], "included": []}), RetryLater, "has no id"),
        (Reply(body={"data": [], "meta": {"pagination": {"cursors": {"next": "c0"}}}}), RetryLater, "same page again"),
    ],
)
def test_faults_say_what_happens_next(patreon: FakePatreon, reply: Reply, kind: type[Exception], says: str) -> None:
    patreon.replay.on("GET", "/api/oauth2/v2/campaigns/11539233/members", reply)
    found = patreon.harness().sync("members")
    assert type(found.error) is kind
    assert says in str(found.error)
    if says == "429":
        assert isinstance(found.error, RetryLater)
        assert found.error.after == timedelta(seconds=31)
    assert TOKEN not in str(found.error) + repr(found)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount_cents": "5"}, "no whole number"),
        ({"amount_cents": 10**40}, "no whole number"),
        ({"date": None}, "date is missing"),
        ({"date": "yesterday"}, "no moment"),
        ({"currency_code": "not one"}, "not a currency"),
    ],
)
def test_an_event_that_is_not_as_documented_is_named(patreon: FakePatreon, fields: dict[str, Any], says: str) -> None:
    patreon.add("a", pledge(1, "2026-01-03", **fields))
    found = patreon.harness().sync("members")
    assert type(found.error) is RetryLater
    assert says in str(found.error)


def linked(expires: str = "2026-03-20T00:00:00+00:00") -> MemoryTokens:
    return MemoryTokens({"access_token": "access-0", "refresh_token": "refresh-0", "expires_at": expires})


def test_a_token_that_ends_soon_is_renewed_first_and_the_new_one_kept(patreon: FakePatreon) -> None:
    patreon.tokens = {"access-0"}
    tokens = linked()
    assert patreon.harness(tokens).sync("members").error is None
    assert patreon.refreshes == []
    soon = linked("2026-03-02T00:00:00+00:00")
    assert patreon.harness(soon).sync("members").error is None
    assert patreon.refreshes == ["refresh-0"]
    assert soon.read() == {
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at": (TICK + timedelta(days=31)).isoformat(),
    }
    # refused in spite of its date: renewed once, and asked again
    assert patreon.harness(tokens).sync("members").error is None
    assert patreon.refreshes == ["refresh-0", "refresh-0"]


def test_a_token_that_cannot_be_renewed_asks_for_a_new_link(patreon: FakePatreon) -> None:
    tokens = MemoryTokens({"access_token": "old", "refresh_token": "spent"})
    found = patreon.harness(tokens).sync("members")
    assert isinstance(found.error, AuthError)
    assert "flowd link test" in str(found.error)
    assert tokens.read() == {"access_token": "old", "refresh_token": "spent"}
    assert isinstance(patreon.harness(MemoryTokens()).sync("members").error, AuthError)
    assert isinstance(patreon.harness(MemoryTokens({"access_token": "old"})).sync("members").error, AuthError)


def test_linking_goes_over_patreons_page(patreon: FakePatreon) -> None:
    harness = patreon.harness(MemoryTokens())
    assert isinstance(harness.connector, Patreon)
    with harness.context() as (ctx, _, _):
        step = harness.connector.begin_link("http://127.0.0.1:8788/callback", "state-1", ctx)
        assert step.url is not None
        asked = dict(parse_qsl(urlsplit(step.url).query))
        assert asked["state"] == "state-1"
        assert asked["scope"] == "identity campaigns campaigns.members"
        done = harness.connector.finish_link({"code": "abc", "state": "state-1"}, step, ctx)
        assert done.tokens["refresh_token"] == "refresh-1"
        with pytest.raises(AuthError, match="access_denied"):
            harness.connector.finish_link({"error": "access_denied"}, step, ctx)
    unlinkable = patreon.harness()
    assert isinstance(unlinkable.connector, Patreon)
    with unlinkable.context() as (ctx, _, _), pytest.raises(ConfigError):
        unlinkable.connector.begin_link("http://127.0.0.1:8788/callback", "state-1", ctx)


def test_check_says_what_there_is_and_what_patreon_does_not_tell(patreon: FakePatreon) -> None:
    check = patreon.harness().check()
    assert check.summary == "1 campaign of Patreon: creating things 11539233"
    assert any("payouts" in one for one in check.unread)
    patreon.campaigns = []
    assert "creator" in patreon.harness().check().warnings[0]


@pytest.mark.parametrize(
    "values",
    [{}, {"client_id": "me"}, {"access_token": "x", "fee_percent": 100}, {"access_token": "x", "campaign": "name"}],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PatreonConfig.model_validate(values)


class TestPatreon(ConnectorSuite):
    """What every connector must do, on two pages of members, as one that was linked."""

    connector = CONNECTOR
    config = {"access_token": None, "client_id": "me", "client_secret": "clientSecret"}
    tokens = {
        "access_token": "made-up-access-1",
        "refresh_token": "made-up-refresh-1",
        "expires_at": "2026-03-20T00:00:00+00:00",
    }

    def source(self) -> Replay:
        """A campaign of five members."""
        replay = Replay()
        patreon = FakePatreon(replay)
        patreon.tokens, patreon.page = None, 2
        for number in range(5):
            history = [pledge(number, "2026-01-03"), pledge(10 + number, "2026-01-03", "pledge_start", None)]
            patreon.add(str(number), *history)
        return replay
