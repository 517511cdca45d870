"""Linking a TrueLayer and keeping its tokens, against one on loopback that keeps its rules."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from pydantic import ValidationError
from truelayer_server import SECRET, TrueLayerServer, connected, history, serving, settings

from flowd.api import (
    AuthError,
    RetryLater,
)
from flowd.testing.harness import REDIRECT, TICK, Harness, MemoryTokens
from flowd.testing.replay import Reply
from flowd_truelayer import CONNECTOR
from flowd_truelayer.settings import TrueLayerConfig

bank = pytest.fixture(serving)

# --- Linking and tokens -----------------------------------------------------------------------------------------------


def test_the_page_is_asked_for_what_truelayer_documents(bank: TrueLayerServer) -> None:
    harness = Harness(CONNECTOR, {"client_id": "app", "client_secret": SECRET, "sandbox": True, "cards": False})
    connector: Any = harness.connector
    with harness.context() as (ctx, _, _):
        step = connector.begin_link(REDIRECT, "state-1", ctx)
    assert step.url.startswith("https://auth.truelayer-sandbox.com/?response_type=code&")
    query = dict(parse_qsl(urlsplit(step.url).query))
    assert query["scope"] == "info accounts balance transactions offline_access"
    assert query["state"] == "state-1"
    assert step.memory["verifier"] not in step.url
    assert SECRET not in step.url


def test_linking_exchanges_the_code_with_its_proof(bank: TrueLayerServer) -> None:
    harness = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens())
    made = harness.link(bank.visit)
    assert set(made.tokens) == {"access_token", "refresh_token", "expires_at", "linked_at"}
    assert made.expires_at is None
    assert bank.codes == {}


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"code": "used-before"}, r"invalid_grant.*flowd link test"),
        ({"error": "access_denied"}, r"access_denied.*flowd link test"),
        ({}, r"no code.*flowd link test"),
    ],
)
def test_a_page_that_ends_badly_is_said(bank: TrueLayerServer, answer: dict[str, str], says: str) -> None:
    with pytest.raises(AuthError, match=says):
        Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(answer)


def test_a_wrong_client_secret_is_said_where_it_stands(bank: TrueLayerServer) -> None:
    with pytest.raises(AuthError, match=r"check client_id and client_secret of test in flowd.yaml"):
        Harness(CONNECTOR, settings(bank, client_secret="wrong"), tokens=MemoryTokens()).link(bank.visit)


def test_a_token_is_renewed_before_it_ends_and_rotates(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    assert harness.sync("balances", tick=TICK + timedelta(minutes=58)).error is None
    assert len(history(harness)) == 1
    assert harness.sync("balances", tick=TICK + timedelta(minutes=59, seconds=30)).error is None
    first, second = history(harness)
    assert second["refresh_token"] != first["refresh_token"]
    assert bank.refresh == {second["refresh_token"]}


def test_a_token_that_ended_early_is_renewed_once(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    bank.access.clear()
    assert harness.sync("balances").error is None
    assert len(history(harness)) == 2


def test_a_refresh_token_that_is_not_replaced_stays(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    before = history(harness)[0]["refresh_token"]
    bank.access.add("fresh")
    bank.faults["/connect/token"] = Reply(body={"access_token": "fresh", "expires_in": 3600})
    assert harness.sync("balances", tick=TICK + timedelta(hours=2)).error is None
    assert history(harness)[-1]["refresh_token"] == before


def test_a_consent_that_ended_asks_for_a_person_and_keeps_what_is_stored(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    bank.refresh.clear()
    bank.access.clear()
    ran = harness.sync("balances")
    assert isinstance(ran.error, AuthError)
    assert "invalid_grant" in str(ran.error)
    assert "flowd link test" in str(ran.error)
    assert len(history(harness)) == 1


def test_truelayer_being_away_while_renewing_is_tried_again(bank: TrueLayerServer) -> None:
    harness = connected(bank)
    bank.faults["/connect/token"] = Reply(status=503)
    ran = harness.sync("balances", tick=TICK + timedelta(hours=2))
    assert isinstance(ran.error, RetryLater)
    assert len(history(harness)) == 1


def test_nothing_secret_is_said(bank: TrueLayerServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = connected(bank, reads_per_day=96)
    said = [repr(harness.config), repr(harness.connector)]
    for path in ("/data/v1/me", "/data/v1/accounts", "/data/v1/accounts/a1/transactions"):
        for status in (400, 401, 403, 404, 500, 501):
            body = {"error": "x", "error_description": bank.sent[-1]}
            bank.faults = {path: Reply(status=status, body=body)}
            ran = harness.sync("transactions")
            said += [str(ran.error), *ran.log]
    bank.faults = {}
    bank.refresh.clear()
    bank.access.clear()
    said.append(str(harness.sync("balances").error))
    for text in (*said, caplog.text):
        assert not [secret for secret in [SECRET, *bank.sent] if secret in text]


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"api_url": "ftp://here"}, "pattern"),
        ({"key": "x"}, "Extra inputs"),
        ({"card_amounts": "inverted"}, "auto"),
        ({"reads_per_day": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        TrueLayerConfig.model_validate({"client_id": "a", "client_secret": "b", **values})


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert set(sample["config"]) <= set(TrueLayerConfig.model_fields)
