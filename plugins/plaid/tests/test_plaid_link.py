"""Linking over Plaid's hosted page, logging in again, and what each of Plaid's errors leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowd.api import AuthError, ConfigError, LinkStep, PartlyRead, Rate, RetryLater, Snapshot, Tokens
from flowd.errors import FlowdError
from flowd.testing.harness import Harness, MemoryTokens
from flowd.testing.replay import Replay, Reply
from flowd_plaid import CONNECTOR
from flowd_plaid.connector import Plaid

REDIRECT = "http://127.0.0.1:8791/flowd"
ITEM = {"item_id": "item-1", "institution_name": "Bank of Nowhere", "consent_expiration_time": "2026-09-01T00:00:00Z"}
SUCCESS = {
    "link_session_id": "s1",
    "finished_at": "2026-03-01T12:00:05Z",
    "results": {"item_add_results": [{"public_token": "public-sandbox-1"}]},
}
LEFT = {
    "link_session_id": "s0",
    "finished_at": "2026-03-01T12:00:02Z",
    "exit": {"error": {"error_code": "X", "display_message": "Wrong password"}, "metadata": {}},
}
ACCOUNT: dict[str, Any] = {
    "account_id": "a",
    "name": "Checking",
    "type": "depository",
    "subtype": "checking",
    "balances": {"current": 10.5, "available": None, "iso_currency_code": "USD", "unofficial_currency_code": None},
}


@pytest.fixture
def plaid() -> Iterator[Replay]:
    with Replay() as replay:
        created = {"link_token": "link-sandbox-1", "hosted_link_url": "https://secure.plaid.com/hl/1"}
        replay.on("POST", "/link/token/create", Reply(body=created))
        replay.on("POST", "/link/token/get", Reply(body={"link_token": "link-sandbox-1", "link_sessions": [SUCCESS]}))
        exchanged = {"access_token": "access-sandbox-new", "item_id": "item-1"}
        replay.on("POST", "/item/public_token/exchange", Reply(body=exchanged))
        replay.on("POST", "/item/get", Reply(body={"item": ITEM}))
        yield replay


def error(kind: str, code: str, message: str = "what Plaid says") -> Reply:
    return Reply(status=400, body={"error_type": kind, "error_code": code, "error_message": message})


class Linking:
    """Somebody at the command line: what begins and ends a link, and how long was waited."""

    def __init__(self, plaid: Replay, tokens: Tokens | None = None, **config: object) -> None:
        keys = {"client_id": "client-id-1", "secret": "client-secret-1", "url": plaid.url}
        self.harness = Harness(CONNECTOR, {**keys, **config}, tokens=tokens)
        self.waited: list[float] = []
        config_read: Any = self.harness.config
        self.plaid = Plaid(config_read, wait=self.waited.append)

    def begin(self) -> LinkStep:
        with self.harness.context() as (ctx, _, _):
            return self.plaid.begin_link(REDIRECT, "state-1", ctx)

    def finish(self, step: LinkStep, answer: Mapping[str, str] | None = None) -> Any:
        with self.harness.context() as (ctx, _, _):
            return self.plaid.finish_link({"state": "state-1"} if answer is None else answer, step, ctx)


def test_a_new_institution_is_linked_over_the_hosted_page(plaid: Replay) -> None:
    linking = Linking(plaid, products=["transactions", "investments"], since="2026-01-01", country_codes=["US", "CA"])
    step = linking.begin()
    assert (step.url, step.redirects, step.ask) == ("https://secure.plaid.com/hl/1", True, None)
    sent = plaid.asked[0].json()
    assert sent["hosted_link"]["completion_redirect_uri"] == f"{REDIRECT}?state=state-1"
    assert (sent["products"], sent["required_if_supported_products"]) == (["transactions"], ["investments"])
    assert (sent["country_codes"], sent["transactions"]) == (["US", "CA"], {"days_requested": 60})
    assert {"client_name", "language", "user"} <= set(sent)
    assert "access_token" not in sent
    linked = linking.finish(step)
    assert linked.tokens == {"access_token": "access-sandbox-new", "item_id": "item-1"}
    assert linked.expires_at == datetime(2026, 9, 1, tzinfo=UTC)
    assert linked.summary == "Bank of Nowhere"
    assert linking.waited == []
    assert plaid.paths()[1:] == ["POST /link/token/get", "POST /item/public_token/exchange", "POST /item/get"]


def test_the_browser_may_be_back_before_plaid_knows_how_it_ended(plaid: Replay) -> None:
    going = {"link_token": "l", "link_sessions": [{"link_session_id": "s1", "finished_at": None}]}
    nothing: dict[str, Any] = {"link_token": "l"}
    done = {
        "link_token": "l",
        "link_sessions": [LEFT, {**SUCCESS, "results": None, "on_success": {"public_token": "p"}}],
    }
    plaid.on("POST", "/link/token/get", [Reply(body=nothing), Reply(body=going), Reply(body=done)])
    linking = Linking(plaid)
    assert linking.finish(linking.begin()).tokens["item_id"] == "item-1"
    assert linking.waited == [1.0, 1.0]


def test_a_page_that_was_left_or_never_opened_links_nothing(plaid: Replay) -> None:
    plaid.on("POST", "/link/token/get", Reply(body={"link_sessions": [LEFT]}))
    linking = Linking(plaid)
    with pytest.raises(AuthError, match="left before an institution was linked: Wrong password"):
        linking.finish(linking.begin())
    plaid.on("POST", "/link/token/get", Reply(body={"link_sessions": []}))
    with pytest.raises(RetryLater, match="no finished session"):
        linking.finish(linking.begin())
    with pytest.raises(AuthError, match="another link"):
        linking.finish(linking.begin(), {"state": "somebody else's"})


def test_logging_in_again_updates_the_item_and_keeps_its_tokens(plaid: Replay) -> None:
    tokens = MemoryTokens({"access_token": "access-sandbox-old", "item_id": "item-1"})
    linking = Linking(plaid, tokens)
    finished = {"link_session_id": "s", "finished_at": "2026-03-01T12:00:05Z", "exit": None, "results": None}
    plaid.on("POST", "/link/token/get", Reply(body={"link_sessions": [finished]}))
    step = linking.begin()
    sent = plaid.asked[0].json()
    assert sent["access_token"] == "access-sandbox-old"
    assert "products" not in sent
    assert linking.finish(step).tokens == tokens.read()
    assert "POST /item/public_token/exchange" not in plaid.paths()
    plaid.on("POST", "/link/token/get", Reply(body={"link_sessions": [LEFT]}))
    with pytest.raises(AuthError, match="Wrong password"):
        linking.finish(linking.begin())


def test_a_token_that_is_gone_for_good_is_linked_anew(plaid: Replay) -> None:
    created = Reply(body={"link_token": "link-sandbox-2", "hosted_link_url": "https://secure.plaid.com/hl/2"})
    plaid.on("POST", "/link/token/create", [error("INVALID_INPUT", "INVALID_ACCESS_TOKEN"), created])
    linking = Linking(plaid, MemoryTokens({"access_token": "access-sandbox-old", "item_id": "item-0"}))
    linked = linking.finish(linking.begin())
    assert linked.tokens["access_token"] == "access-sandbox-new"
    assert plaid.asked[1].json()["products"] == ["transactions"]


def test_where_plaid_refuses_the_way_back_the_person_says_when_it_is_done(plaid: Replay) -> None:
    refused = error("INVALID_REQUEST", "INVALID_FIELD", "completion_redirect_uri must use https")
    created = Reply(body={"link_token": "link-sandbox-2", "hosted_link_url": "https://secure.plaid.com/hl/2"})
    plaid.on("POST", "/link/token/create", [refused, created])
    linking = Linking(plaid)
    step = linking.begin()
    assert (step.redirects, step.url) == (False, "https://secure.plaid.com/hl/2")
    assert step.ask is not None
    assert linking.finish(step, {"typed": ""}).tokens["item_id"] == "item-1"


def test_tokens_are_worth_more_than_the_name_of_the_bank(plaid: Replay) -> None:
    plaid.on("POST", "/item/get", Reply(status=503))
    linking = Linking(plaid)
    assert linking.finish(linking.begin()).tokens["access_token"] == "access-sandbox-new"


def harness(plaid: Replay, **config: object) -> Harness:
    keys = {"client_id": "client-id-1", "secret": "client-secret-1", "url": plaid.url}
    tokens = MemoryTokens({"access_token": "access-sandbox-1", "item_id": "item-1"})
    return Harness(CONNECTOR, {**keys, **config}, tokens=tokens)


@pytest.mark.parametrize(
    ("kind", "code", "expected", "after"),
    [
        ("ITEM_ERROR", "ITEM_LOGIN_REQUIRED", AuthError, None),
        ("ITEM_ERROR", "PENDING_EXPIRATION", AuthError, None),
        ("ITEM_ERROR", "ACCESS_NOT_GRANTED", AuthError, None),
        ("ITEM_ERROR", "SOMETHING_NEW", AuthError, None),
        ("INVALID_INPUT", "INVALID_ACCESS_TOKEN", AuthError, None),
        ("INVALID_INPUT", "INVALID_API_KEYS", AuthError, None),
        ("ITEM_ERROR", "PRODUCTS_NOT_SUPPORTED", ConfigError, None),
        ("INVALID_REQUEST", "MISSING_FIELDS", ConfigError, None),
        ("RATE_LIMIT_EXCEEDED", "ACCOUNTS_LIMIT", RetryLater, 60),
        ("ITEM_ERROR", "PRODUCT_NOT_READY", RetryLater, 120),
        ("INSTITUTION_ERROR", "INSTITUTION_DOWN", RetryLater, 1800),
        ("INSTITUTION_ERROR", "INSTITUTION_NOT_RESPONDING", RetryLater, 900),
        ("API_ERROR", "INTERNAL_SERVER_ERROR", RetryLater, None),
        ("SOMETHING_NEW", "SOMETHING_NEWER", RetryLater, None),
    ],
)
@pytest.mark.parametrize("feed", ["transactions", "balances", "investments"])
def test_every_error_says_what_happens_next(
    plaid: Replay, feed: str, kind: str, code: str, expected: type[FlowdError], after: int | None
) -> None:
    plaid.otherwise(lambda _: error(kind, code, "the key client-secret-1 of access-sandbox-1"))
    ran = harness(plaid, products=["transactions", "investments"]).sync(feed)
    assert type(ran.error).__mro__.index(expected) <= 1
    assert code in str(ran.error)
    assert "the key *** of ***" in str(ran.error)
    assert ran.batches == []
    if isinstance(ran.error, RetryLater):
        assert ran.error.after == (None if after is None else timedelta(seconds=after))


def test_an_item_in_need_of_a_login_does_not_hide_behind_cached_balances(plaid: Replay) -> None:
    sick = {
        **ITEM,
        "error": {"error_type": "ITEM_ERROR", "error_code": "ITEM_LOGIN_REQUIRED", "error_message": "log in"},
    }
    plaid.on("POST", "/accounts/get", Reply(body={"accounts": [ACCOUNT], "item": sick}))
    plaid.on("POST", "/item/get", Reply(body={"item": sick}))
    ran = harness(plaid).sync("balances")
    assert isinstance(ran.error, AuthError)
    assert (ran.batches, ran.expires) == ([], [datetime(2026, 9, 1, tzinfo=UTC)])
    with pytest.raises(AuthError, match="ITEM_LOGIN_REQUIRED"):
        harness(plaid).check()


def test_an_account_without_a_balance_keeps_its_last_one_and_the_others_land(plaid: Replay) -> None:
    def like(id: str, **balances: object) -> dict[str, Any]:  # noqa: A002 - Plaid's name
        return {**ACCOUNT, "account_id": id, "name": id, "balances": {**ACCOUNT["balances"], **balances}}

    card = {"type": "credit", "subtype": "credit card"}
    listed = [
        like("known"),
        like("silent", current=None),
        like("available", current=None, available=7),
        {**like("card", current=None, available=300, limit=1000), **card},
        {**like("card without limit", current=None, available=300, limit=None), **card},
        like("nowhere", iso_currency_code=None),
    ]
    plaid.on("POST", "/accounts/get", Reply(body={"accounts": listed, "item": ITEM}))
    ran = harness(plaid).sync("balances")
    assert {one.account: int(one.quantity) for one in ran.of(Snapshot)} == {"known": 10, "available": 7, "card": -700}
    assert isinstance(ran.error, PartlyRead)
    assert "silent, card without limit, nowhere" in str(ran.error)


def holdings(*items: Mapping[str, Any], securities: list[Any] | None = None, current: object = 100) -> dict[str, Any]:
    broker = {**ACCOUNT, "account_id": "b", "name": "Broker", "type": "investment", "subtype": "ira"}
    broker["balances"] = {**ACCOUNT["balances"], "current": current}
    stated = {"account_id": "b", "iso_currency_code": "USD", "institution_price": 2, "institution_value": None}
    return {"accounts": [broker], "holdings": [{**stated, **item} for item in items], "securities": securities or []}


def test_holdings_that_are_missing_are_not_taken_for_sold(plaid: Replay) -> None:
    nothing = {"accounts": [], "investment_transactions": [], "total_investment_transactions": 0}
    plaid.on("POST", "/investments/transactions/get", Reply(body=nothing))
    plaid.on("POST", "/investments/holdings/get", Reply(body=holdings()))
    ran = harness(plaid, products=["investments"], since="2026-02-01").sync("investments")
    assert isinstance(ran.error, PartlyRead)
    assert ran.of(Snapshot) == []
    plaid.on("POST", "/investments/holdings/get", Reply(body=holdings(current=0)))
    ran = harness(plaid, products=["investments"], since="2026-02-01").sync("investments")
    assert ran.error is None
    assert len(ran.batches[0].records) == 1  # type: ignore[arg-type]


def test_securities_never_take_the_code_of_a_currency_and_ids_keep_their_case(plaid: Replay) -> None:
    plaid.on("POST", "/investments/transactions/get", Reply(status=503))
    listed: list[dict[str, Any]] = [
        {"security_id": "1", "ticker_symbol": "BTC", "type": "etf", "iso_currency_code": "USD"},
        {"security_id": "2", "ticker_symbol": "cur:btc", "type": "cryptocurrency", "iso_currency_code": "USD"},
        {"security_id": "3", "ticker_symbol": "T", "type": "equity", "iso_currency_code": "CAD"},
        {"security_id": "4", "ticker_symbol": "BRK/B", "type": "equity", "iso_currency_code": "USD"},
        {"security_id": "5", "ticker_symbol": None, "type": "cash", "iso_currency_code": "EUR"},
        {"security_id": "x", "ticker_symbol": "no ticker at all, but a long name of something", "type": "other"},
    ]
    items = [{"security_id": one["security_id"], "quantity": 3} for one in listed]
    worthless = [{"security_id": "X", "quantity": 5, "institution_price": 0, "institution_value": 20}]
    unit_less = [{"security_id": "y", "quantity": 0, "institution_value": 11.5}]
    plaid.on(
        "POST", "/investments/holdings/get", Reply(body=holdings(*items, *worthless, *unit_less, securities=listed))
    )
    ran = harness(plaid, products=["investments"], since="2026-02-01").sync("investments")
    assert isinstance(ran.error, PartlyRead)
    assert "investment transactions: " in str(ran.error)
    held = {one.asset: str(one.quantity) for one in ran.of(Snapshot)}
    small, large = (asset for asset in held if asset.startswith("PLAID:"))
    assert held == {
        "SEC:BTC": "3", "BTC": "3", "SEC:T:CAD": "3", "SEC:BRK.B": "3", "EUR": "3",
        small: "3", large: "5", "USD": "11.5",
    }  # fmt: skip
    rates = {one.base: int(one.value) for one in ran.of(Rate)}
    assert rates == {"SEC:BTC": 2, "BTC": 2, "SEC:T:CAD": 2, "SEC:BRK.B": 2, small: 2, large: 4}
