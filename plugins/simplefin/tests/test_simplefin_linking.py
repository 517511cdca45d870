"""Setup tokens of SimpleFIN: claimed once, kept, and shown to nobody."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from simplefin_server import access_url, harness, serving, with_an_account

from flowd.api import (
    AuthError,
    ConfigError,
    RetryLater,
)
from flowd.errors import FlowdError
from flowd.testing.harness import Harness, MemoryTokens
from flowd.testing.replay import Replay, Reply
from flowd_simplefin import CONNECTOR
from flowd_simplefin.connector import SimpleFin

server = pytest.fixture(with_an_account)
site = pytest.fixture(serving)


def finish(site: Replay, typed: str) -> Any:
    own = Harness(CONNECTOR, {})
    connector = own.connector
    assert isinstance(connector, SimpleFin)
    with own.context() as (ctx, _, _):
        step = connector.begin_link("http://127.0.0.1/callback", "state", ctx)
        assert (step.url, step.redirects) == ("https://bridge.simplefin.org/simplefin/create", False)
        assert step.ask is not None
        return connector.finish_link({"typed": typed}, step, ctx)


def token(url: str) -> str:
    return base64.b64encode(url.encode()).decode()


def test_a_setup_token_is_claimed_once_and_its_access_reads(site: Replay) -> None:
    site.on("POST", "/claim/one-time", [Reply(body=f"{access_url(site)}\n"), Reply(status=403)])
    typed = token(f"{site.url}/claim/one-time")
    linked = finish(site, f" {typed[:20]}\n {typed[20:].rstrip('=')} ")
    assert linked.tokens == {"access_url": access_url(site)}
    assert linked.summary == "SimpleFIN at 127.0.0.1"
    assert site.asked[0].headers["content-length"] == "0"
    ran = Harness(CONNECTOR, {}, tokens=MemoryTokens(linked.tokens)).sync("accounts")
    assert ran.error is None
    with pytest.raises(AuthError, match="claimed before") as refused:
        finish(site, typed)
    assert "one-time" not in str(refused.value)
    assert finish(site, access_url(site)).tokens == linked.tokens


@pytest.mark.parametrize(
    ("typed", "expected", "says"),
    [
        ("", ConfigError, "no setup token"),
        ("not base64 at all!", ConfigError, "no setup token of SimpleFIN"),
        (token("no address"), ConfigError, "no setup token of SimpleFIN"),
        (token("http://bridge.example/claim/x"), ConfigError, "https only"),
        ("http://u:p@bridge.example/simplefin", ConfigError, "https only"),
    ],
)
def test_what_is_no_setup_token_is_not_claimed(site: Replay, typed: str, expected: type[FlowdError], says: str) -> None:
    with pytest.raises(expected, match=says):
        finish(site, typed)
    assert site.asked == []


@pytest.mark.parametrize("reply", [Reply(body="<html>"), Reply(body="https://no-login.example"), Reply(status=503)])
def test_a_claim_that_gives_no_access_says_so_without_the_token(site: Replay, reply: Reply) -> None:
    site.on("POST", "/claim/one-time", reply)
    with pytest.raises(RetryLater, match="new") as failed:
        finish(site, token(f"{site.url}/claim/one-time"))
    assert "one-time" not in str(failed.value)


def test_the_login_goes_into_the_header_and_nowhere_else(site: Replay) -> None:
    own = harness(site)
    ran = own.sync("accounts")
    assert ran.error is None
    assert not any("us er" in str(one.query) or "us%20er" in one.path for one in site.asked)
    with site.failing(Reply(status=503)):
        failed = own.sync("accounts")
    assert "p@ss" not in str(failed.error)
    assert "p%40ss" not in str(failed.error)
    with pytest.raises(AuthError, match="no access URL"):
        Harness(CONNECTOR, {}, tokens=MemoryTokens({"something": "else"})).check()
    with pytest.raises(AuthError, match="no login in it"):
        Harness(CONNECTOR, {"access_url": "https://example.com/simplefin"}).check()
