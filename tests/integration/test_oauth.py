"""OAuth as connectors use it, against a server that keeps its rules: codes and refresh tokens are good once."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from flowd.api import (
    AuthError,
    Batch,
    Check,
    Config,
    ConnectorType,
    Context,
    Cursor,
    Feed,
    Linked,
    LinkStep,
    RetryLater,
    Secret,
)
from flowd.oauth import OAuth, Proof
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens
from flowd.testing.replay import Asked, Replay, Reply


class Provider:
    """Tokens by code and by refresh token, each of which is good once; `me` answers the newest token only."""

    def __init__(self, site: Replay) -> None:
        self.site = site
        self.verifier = ""
        self.codes = {"a-code"}
        self.number = 0
        site.on("POST", "/token", self.token)
        site.on("GET", "/me", self.me)

    def token(self, asked: Asked) -> Reply:
        form = asked.form
        if form["client_secret"] != "the-secret":
            return Reply(status=401, body={"error": "invalid_client", "error_description": form["client_secret"]})
        if form["grant_type"] == "authorization_code":
            challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            if form["code"] not in self.codes or challenge != self.verifier:
                return Reply(status=400, body={"error": "invalid_grant"})
            self.codes.clear()
        elif form["refresh_token"] != f"refresh-{self.number}":
            return Reply(status=400, body={"error": "invalid_grant"})
        self.number += 1
        told = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}", "expires_in": 3600}
        return Reply(body=told)

    def me(self, asked: Asked) -> Reply:
        good = asked.headers["authorization"] == f"Bearer access-{self.number}"
        return Reply(body={"name": "you"}) if good else Reply(status=401, body={"error": "invalid_token"})


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Replay() as site:
        yield Provider(site)


class Nothing(Config):
    """No settings."""


class Silent:
    """Reads nothing."""

    def __init__(self, config: Nothing) -> None:
        """Need nothing."""

    def check(self, ctx: Context) -> Check:
        return Check(summary="nothing")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        yield Batch()


class Over(Silent):
    """Is linked over OAuth."""

    def __init__(self, config: Nothing, one: OAuth) -> None:
        """Ask `one`."""
        self.one = one

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        return self.one.begin(redirect, state)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        return self.one.finish(answer, step, ctx)


KIND = ConnectorType(name="x", config=Nothing, connect=Silent, feeds=[Feed(name="f", every=timedelta(days=1))])


def app(provider: Provider, secret: str = "the-secret") -> OAuth:
    return OAuth(
        authorize="https://login.example/authorize",
        token=f"{provider.site.url}/token",
        client_id="the-app",
        client_secret=Secret(secret),
        scope=("read", "more"),
        extra={"access_type": "offline"},
    )


def link(provider: Provider, one: OAuth, code: str = "a-code") -> dict[str, Any]:
    step = one.begin("http://127.0.0.1:8788/callback", "the-state")
    assert step.url is not None
    query = dict(parse_qsl(urlsplit(step.url).query))
    assert (query["client_id"], query["state"], query["scope"]) == ("the-app", "the-state", "read more")
    assert (query["access_type"], query["redirect_uri"]) == ("offline", "http://127.0.0.1:8788/callback")
    assert "the-secret" not in step.url
    provider.verifier = query["code_challenge"]
    with Harness(KIND).context() as (ctx, *_):
        return dict(one.finish({"code": code}, step, ctx).tokens)


def test_a_code_becomes_tokens_once(provider: Provider) -> None:
    tokens = link(provider, app(provider))
    assert tokens["access_token"] == "access-1"
    assert tokens["expires_at"] == (TICK + timedelta(hours=1)).isoformat()
    with pytest.raises(AuthError, match="invalid_grant"):
        link(provider, app(provider))


def test_the_harness_links_as_a_person_does(provider: Provider) -> None:
    def visit(url: str) -> Mapping[str, str]:
        query = dict(parse_qsl(urlsplit(url).query))
        assert query["redirect_uri"] == REDIRECT
        provider.verifier = query["code_challenge"]
        return {"code": "a-code", "state": query["state"]}

    tokens = MemoryTokens()
    harness = Harness(replace(KIND, connect=lambda config: Over(config, app(provider)), links=True), tokens=tokens)
    with pytest.raises(AuthError, match="access_denied"):
        harness.link({"error": "access_denied"})
    assert tokens.history == []
    linked = harness.link(visit)
    assert linked.tokens["access_token"] == "access-1"
    assert tokens.history == [linked.tokens]


def test_a_refusal_says_whose_fault_it_is_and_repeats_nothing(provider: Provider) -> None:
    with pytest.raises(AuthError, match="check client_id") as raised:
        link(provider, app(provider, "another-secret"))
    assert "another-secret" not in str(raised.value)
    with Harness(KIND).context() as (ctx, *_):
        step = app(provider).begin("http://x", "s")
        with pytest.raises(AuthError, match=r"not granted \(access_denied\)"):
            app(provider).finish({"error": "access_denied"}, step, ctx)
        with pytest.raises(AuthError, match="no code"):
            app(provider).finish({}, step, ctx)


@pytest.mark.parametrize("code", ["invalid_client", "unauthorized_client", "oauth.client_invalid"])
def test_the_application_is_blamed_whatever_the_provider_calls_it(provider: Provider, code: str) -> None:
    provider.site.on("POST", "/token", Reply(status=400, body={"errorCode": code, "errorMessage": "the-secret"}))
    with pytest.raises(AuthError, match="check client_id and client_secret of test") as raised:
        link(provider, app(provider))
    assert "the-secret" not in str(raised.value)


def test_a_provider_that_knows_no_pkce_is_sent_none(provider: Provider) -> None:
    one = replace(app(provider), proof=Proof.NONE)
    step = one.begin("http://127.0.0.1:8788/callback", "the-state")
    assert step.url is not None
    assert "challenge" not in step.url
    provider.site.on("POST", "/token", Reply(body={"access_token": "x", "refresh_token": "y"}))
    with Harness(KIND).context() as (ctx, *_):
        linked = one.finish({"code": "a-code"}, step, ctx)
    assert linked.expires_at is None
    assert provider.site.asked[-1].form == {
        "client_id": "the-app",
        "client_secret": "the-secret",
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": "http://127.0.0.1:8788/callback",
    }


def test_access_that_cannot_be_renewed_ends_with_its_token(provider: Provider) -> None:
    provider.site.on("POST", "/token", Reply(body={"access_token": "x", "expires_in": 7200}))
    with Harness(KIND).context() as (ctx, *_):
        linked = app(provider).finish({"code": "a-code"}, app(provider).begin("http://x", "s"), ctx)
    assert linked.expires_at == TICK + timedelta(hours=2)


def ask(provider: Provider, tokens: MemoryTokens, tick: Any = TICK) -> Any:
    with Harness(KIND, tokens=tokens).context(tick) as (ctx, *_):
        return app(provider).get(f"{provider.site.url}/me", ctx).json()


def test_a_token_is_renewed_before_it_ends_and_what_rotates_is_kept(provider: Provider) -> None:
    tokens = MemoryTokens(link(provider, app(provider)))
    assert ask(provider, tokens) == {"name": "you"}
    assert ask(provider, tokens, TICK + timedelta(minutes=59, seconds=30)) == {"name": "you"}
    assert [one["refresh_token"] for one in tokens.history] == ["refresh-1", "refresh-2"]
    assert provider.site.paths().count("GET /me") == 2


def test_a_refused_token_is_renewed_once(provider: Provider) -> None:
    tokens = MemoryTokens({**link(provider, app(provider)), "access_token": "revoked", "kept": "this too"})
    assert ask(provider, tokens) == {"name": "you"}
    assert tokens.read()["kept"] == "this too"
    provider.site.on("GET", "/me", Reply(status=401))
    with pytest.raises(AuthError, match="flowd link test"):
        ask(provider, tokens)
    assert provider.site.paths().count("GET /me") == 4


def test_a_provider_may_want_its_tokens_renewed_earlier(provider: Provider) -> None:
    tokens = MemoryTokens(link(provider, app(provider)))
    with Harness(KIND, tokens=tokens).context(TICK + timedelta(minutes=31)) as (ctx, *_):
        assert app(provider).get(f"{provider.site.url}/me", ctx).status == 200
        assert len(tokens.history) == 1
        assert replace(app(provider), soon=timedelta(minutes=30)).get(f"{provider.site.url}/me", ctx).status == 200
    assert [one["access_token"] for one in tokens.history] == ["access-1", "access-2"]


def test_a_connector_may_renew_in_its_own_way(provider: Provider) -> None:
    tokens = MemoryTokens({**link(provider, app(provider)), "access_token": "revoked"})
    with Harness(KIND, tokens=tokens).context() as (ctx, *_):
        url = f"{provider.site.url}/me"
        answer = app(provider).get(url, ctx, renewal=lambda stored: {**stored, "access_token": "access-1"})
    assert answer.json() == {"name": "you"}
    assert provider.site.paths().count("POST /token") == 1


def test_an_ended_access_asks_for_a_link(provider: Provider) -> None:
    over = {"access_token": "x", "expires_at": TICK.isoformat()}
    with pytest.raises(AuthError, match="cannot be renewed"):
        ask(provider, MemoryTokens(over))
    with pytest.raises(AuthError, match="invalid_grant"):
        ask(provider, MemoryTokens({**over, "refresh_token": "old"}))
    with pytest.raises(AuthError, match="never linked"):
        ask(provider, MemoryTokens())


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(body={}), Reply(body=b"{"), Reply(body=[1])])
def test_a_token_endpoint_in_trouble_is_tried_again_later(provider: Provider, reply: Reply) -> None:
    provider.site.on("POST", "/token", reply)
    stored = {"access_token": "x", "refresh_token": "refresh-0", "expires_at": TICK.isoformat()}
    tokens = MemoryTokens(stored)
    with pytest.raises(RetryLater):
        ask(provider, tokens)
    assert tokens.history == [stored]
