"""Linking a Tink and keeping its tokens, against one on loopback that keeps Tink's rules."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from pydantic import ValidationError
from tink_server import SECRET, TinkServer, history, linked, serving, settings

from flowd.api import (
    AuthError,
    RetryLater,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens
from flowd.testing.replay import Reply
from flowd_tink import CONNECTOR
from flowd_tink.settings import TinkConfig

tink = pytest.fixture(serving)

# --- Linking ----------------------------------------------------------------------------------------------------------


def test_linking_makes_a_user_at_tink_and_stores_tokens_for_it(tink: TinkServer) -> None:
    tink.users.clear()
    harness = Harness(CONNECTOR, settings(tink, test=True), tokens=MemoryTokens())
    made = harness.link(tink.visit)
    assert tink.users == {"flowd-test"}
    assert made.tokens["user"] == "flowd-test"
    assert made.tokens["credentials_id"] == "login-1"
    assert made.expires_at is None
    assert set(made.tokens) == {"access_token", "refresh_token", "expires_at", "user", "credentials_id"}
    assert tink.codes == {}


def test_the_page_is_asked_for_what_tink_documents(tink: TinkServer) -> None:
    harness = Harness(CONNECTOR, settings(tink), tokens=MemoryTokens())
    connector: Any = harness.connector
    with harness.context() as (ctx, _, _):
        url = connector.begin_link(REDIRECT, "state-1", ctx).url
    parts, query = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://link.tink.com/1.0/transactions/connect-accounts"
    assert query.pop("authorization_code") in tink.codes
    assert query == {
        "client_id": "app",
        "redirect_uri": REDIRECT,
        "market": "SE",
        "locale": "en_US",
        "state": "state-1",
    }
    assert SECRET not in url


def test_linking_again_renews_the_same_login(tink: TinkServer) -> None:
    harness = linked(tink)
    connector: Any = harness.connector
    with harness.context() as (ctx, _, _):
        url = connector.begin_link(REDIRECT, "state-2", ctx).url
    assert urlsplit(url).path == "/1.0/transactions/update-consent"
    assert dict(parse_qsl(urlsplit(url).query))["credentials_id"] == "login-1"
    assert harness.link(tink.visit).tokens["credentials_id"] == "login-1"


def test_access_once_exchanges_the_code_of_the_page(tink: TinkServer) -> None:
    tink.refreshing = False
    harness = Harness(CONNECTOR, settings(tink, access="once"), tokens=MemoryTokens())
    made = harness.link(tink.visit)
    assert set(made.tokens) == {"access_token", "expires_at"}
    assert made.expires_at == TICK + timedelta(hours=2)
    assert tink.users == {"flowd-test"}


def test_a_code_is_good_once(tink: TinkServer) -> None:
    harness = Harness(CONNECTOR, settings(tink, access="once"), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=r"oauth.code_expired.*flowd link test"):
        harness.link({"code": "used-before"})


@pytest.mark.parametrize(
    ("access", "answer", "says"),
    [
        ("continuous", {"error": "USER_CANCELLED", "error_reason": "left"}, "USER_CANCELLED left.*flowd link test"),
        ("once", {}, "no code.*flowd link test"),
    ],
)
def test_a_page_that_ends_badly_is_said(tink: TinkServer, access: str, answer: dict[str, str], says: str) -> None:
    harness = Harness(CONNECTOR, settings(tink, access=access), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=says):
        harness.link(answer)


def test_a_wrong_client_secret_is_said_where_it_stands(tink: TinkServer) -> None:
    harness = Harness(CONNECTOR, settings(tink, client_secret="wrong"), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=r"check client_id and client_secret of test in flowd.yaml"):
        harness.link(tink.visit)


# --- Tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_renewed_before_it_ends_and_rotates(tink: TinkServer) -> None:
    harness = linked(tink)
    first = history(harness)[0]
    assert harness.sync("balances", tick=TICK + timedelta(minutes=118)).error is None
    assert len(history(harness)) == 1
    assert harness.sync("balances", tick=TICK + timedelta(minutes=119, seconds=30)).error is None
    second = history(harness)[-1]
    assert len(history(harness)) == 2
    assert second["refresh_token"] != first["refresh_token"]
    assert second["user"] == "flowd-test"
    assert second["credentials_id"] == "login-1"
    assert first["refresh_token"] not in tink.refresh


def test_a_token_that_ended_early_is_renewed_once(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.expire()
    assert harness.sync("balances").error is None
    assert len(history(harness)) == 2


def test_a_token_that_is_refused_again_asks_for_a_person(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.replay.on("GET", "/data/v2/accounts", Reply(status=401, body={"errorCode": "auth.unauthorized"}))
    ran = harness.sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "flowd link test" in str(ran.error)
    assert len(history(harness)) == 2
    assert tink.replay.paths().count("GET /data/v2/accounts") == 2


def test_a_refresh_token_that_was_used_is_replaced_as_the_user_tink_keeps(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.refresh.clear()
    tink.expire()
    assert harness.sync("balances").error is None
    assert history(harness)[-1]["refresh_token"] in tink.refresh


def test_without_a_user_a_used_refresh_token_asks_for_a_person_and_is_kept(tink: TinkServer) -> None:
    harness = linked(tink, access="once")
    tink.refresh.clear()
    tink.expire()
    ran = harness.sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "invalid_grant" in str(ran.error)
    assert "flowd link test" in str(ran.error)
    assert len(history(harness)) == 1


def test_tink_being_away_while_renewing_is_tried_again(tink: TinkServer) -> None:
    harness = linked(tink)
    tink.replay.on("POST", "/api/v1/oauth/token", Reply(status=503))
    ran = harness.sync("balances", tick=TICK + timedelta(hours=3))
    assert isinstance(ran.error, RetryLater)
    assert len(history(harness)) == 1


def test_never_linked_is_said(tink: TinkServer) -> None:
    ran = Harness(CONNECTOR, settings(tink)).sync("balances")
    assert isinstance(ran.error, AuthError)
    assert tink.replay.asked == []


def test_nothing_secret_is_said(tink: TinkServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = linked(tink)
    said = [repr(harness.config), repr(harness.connector)]
    for path in ("/data/v2/accounts", "/data/v2/transactions", "/api/v1/provider-consents"):
        for status in (400, 401, 403, 404, 500):
            sound = tink.replay
            sound.on("GET", path, Reply(status=status, body={"errorCode": "x", "errorMessage": tink.sent[-1]}))
            ran = harness.sync("transactions")
            said += [str(ran.error), *ran.log]
        for method, there, answer in (
            ("GET", "/data/v2/accounts", tink._accounts),
            ("GET", "/data/v2/transactions", tink._transactions),
            ("GET", "/api/v1/provider-consents", tink._consents),
        ):
            tink.replay.on(method, there, answer)
    tink.refresh.clear()
    tink.expire()
    tink.users.clear()
    said.append(str(harness.sync("balances").error))
    for text in (*said, caplog.text):
        assert not [secret for secret in [SECRET, *tink.sent] if secret in text]


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"market": "Sweden"}, "pattern"),
        ({"url": "ftp://here"}, "pattern"),
        ({"key": "x"}, "Extra inputs"),
        ({"access": "always"}, "continuous"),
        ({"client_id": ""}, "at least 1"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TinkConfig.model_validate({"client_id": "a", "client_secret": "b", "market": "SE", **values})


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert set(sample["config"]) <= set(TinkConfig.model_fields)
