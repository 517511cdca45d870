"""Linking an Enable Banking, its sessions and keys, against one on loopback that keeps its rules."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from enablebanking_server import TODAY, Bank, account, connected, pem, refusal, row, serving, settings
from pydantic import ValidationError

from flowd.api import (
    AccountInfo,
    AuthError,
    ConfigError,
    Transaction,
)
from flowd.testing.harness import Harness, MemoryTokens
from flowd_enablebanking import CONNECTOR
from flowd_enablebanking.settings import EnableBankingConfig

bank = pytest.fixture(serving)

# --- Linking ----------------------------------------------------------------------------------------------------------


def test_linking_asks_for_as_long_as_the_bank_allows(bank: Bank) -> None:
    made = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(bank.visit)
    assert bank.wanted["aspsp"] == {"name": "Nordea", "country": "FI"}
    assert bank.wanted["psu_type"] == "personal"
    assert bank.wanted["state"] == "state-1"
    until = datetime.fromisoformat(bank.wanted["access"]["valid_until"])
    assert timedelta(days=89, hours=23) < until - datetime.now(UTC) < timedelta(days=90)
    assert made.expires_at == until
    assert made.summary == "1 account of nordea"
    assert bank.codes == {}


def test_a_shorter_consent_may_be_asked_for(bank: Bank) -> None:
    made = Harness(CONNECTOR, settings(bank, consent_days=10), tokens=MemoryTokens()).link(bank.visit)
    assert made.expires_at is not None
    assert made.expires_at - datetime.now(UTC) < timedelta(days=10, minutes=1)


def test_the_account_number_is_not_kept(bank: Bank) -> None:
    made = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(bank.visit)
    text = json.dumps(dict(made.tokens))
    assert "FI2112345600000785" not in text
    assert "Konto a1 ••0785" in json.loads(text)["accounts"][0]["name"]
    assert "Meikäläinen" not in text


def test_a_bank_nobody_knows_is_said_with_those_that_look_like_it(bank: Bank) -> None:
    with pytest.raises(ConfigError, match=r"no bank 'Nodea' in FI; did you mean Nordea\?"):
        Harness(CONNECTOR, settings(bank, bank="Nodea"), tokens=MemoryTokens()).link(bank.visit)


def test_an_address_that_is_not_registered_is_said(bank: Bank) -> None:
    with pytest.raises(ConfigError, match=r"REDIRECT_URI_NOT_ALLOWED.*redirect URLs"):
        Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(bank.visit, redirect="http://127.0.0.1:9/other")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"code": "used-before"}, r"WRONG_AUTHORIZATION_CODE.*flowd link test"),
        ({"error": "access_denied"}, r"access_denied.*flowd link test"),
        ({}, r"no code.*flowd link test"),
    ],
)
def test_a_login_that_ends_badly_is_said(bank: Bank, answer: dict[str, str], says: str) -> None:
    with pytest.raises(AuthError, match=says):
        Harness(CONNECTOR, settings(bank), tokens=MemoryTokens()).link(answer)


def test_a_key_with_its_line_ends_written_out_is_read(bank: Bank) -> None:
    written = pem()[0].replace("\n", "\\n")
    assert connected(bank, private_key=written).sync("balances").error is None


@pytest.mark.parametrize("key", ["", "no key", "-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----", pem()[1]])
def test_a_key_that_is_none_is_said_and_not_shown(bank: Bank, key: str) -> None:
    harness = Harness(CONNECTOR, settings(bank, private_key=key), tokens=MemoryTokens())
    with pytest.raises(ConfigError, match="private_key is no RSA private key in PEM") as caught:
        harness.link(bank.visit)
    assert not key or key[:40] not in str(caught.value)
    assert bank.replay.asked == []


def test_another_application_s_key_asks_to_check_it(bank: Bank) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    harness = Harness(CONNECTOR, settings(bank, private_key=other.decode()), tokens=MemoryTokens())
    with pytest.raises(AuthError, match=r"check application_id and private_key of test in flowd.yaml"):
        harness.link(bank.visit)


# --- Sessions ---------------------------------------------------------------------------------------------------------


def test_accounts_stay_what_they_are_over_a_new_session(bank: Bank) -> None:
    bank.rows = {"a1": [row(number, TODAY) for number in range(3)]}
    harness = connected(bank)
    first = harness.sync("transactions")
    before = set(bank.uids)
    harness.link(bank.visit)
    assert before.isdisjoint(bank.uids)
    second = harness.sync("transactions", first.cursor)
    assert first.of(Transaction) == second.of(Transaction)
    assert {one.account for one in second.of(AccountInfo)} == {"hash.a1"}


def test_the_end_of_the_consent_is_told_and_kept(bank: Bank) -> None:
    harness = connected(bank)
    ran = harness.sync("balances")
    assert ran.expires == [datetime.fromisoformat(bank.valid_until)]
    asked = len(bank.replay.asked)
    late = harness.sync("balances", tick=datetime.fromisoformat(bank.valid_until))
    assert isinstance(late.error, AuthError)
    assert "flowd link test" in str(late.error)
    assert len(bank.replay.asked) == asked


def test_a_session_that_ended_early_asks_for_a_person(bank: Bank) -> None:
    harness = connected(bank)
    bank.sessions = dict.fromkeys(bank.sessions, "EXPIRED")
    for feed in ("balances", "transactions"):
        ran = harness.sync(feed)
        assert isinstance(ran.error, AuthError)
        assert "flowd link test" in str(ran.error)
    with pytest.raises(AuthError, match="the session is EXPIRED"):
        harness.check()


def test_never_linked_is_said(bank: Bank) -> None:
    assert isinstance(Harness(CONNECTOR, settings(bank)).sync("balances").error, AuthError)
    empty = Harness(CONNECTOR, settings(bank), tokens=MemoryTokens({"session_id": ""}))
    assert isinstance(empty.sync("balances").error, AuthError)
    assert bank.replay.asked == []


def test_check_says_what_is_read_and_until_when(bank: Bank) -> None:
    bank.accounts = [account("a1"), account("a2", uid=None)]
    check = connected(bank).check()
    assert check.summary == "2 accounts of Nordea through Enable Banking"
    assert check.covers == ["Konto a1 ••0785"]
    assert check.unread == ["Konto a2 ••0785: the bank does not let it be read"]
    assert check.expires_at == datetime.fromisoformat(bank.valid_until)


def test_nothing_secret_is_said(bank: Bank, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    harness = connected(bank, reads_per_day=96)
    said = [repr(harness.config), repr(harness.connector)]
    for status in (400, 401, 403, 404, 408, 422, 429, 500):
        for code in ("EXPIRED_SESSION", "ASPSP_ERROR", "session-2-do-not-show"):
            bank.faults = {"a1/transactions": refusal(status, code), "a1/balances": refusal(status, code)}
            for feed in ("balances", "transactions"):
                ran = harness.sync(feed)
                said += [str(ran.error), *ran.log]
    secrets = [pem()[0][60:120], *bank.tokens, *bank.sessions]
    for text in (*said, caplog.text):
        assert not [secret for secret in secrets if secret in text]


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"country": "Finland"}, "pattern"),
        ({"url": "ftp://here"}, "pattern"),
        ({"key": "x"}, "Extra inputs"),
        ({"customer": "robot"}, "personal"),
        ({"consent_days": 0}, "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    known = {"application_id": "a", "private_key": "b", "bank": "c", "country": "FI"}
    with pytest.raises(ValidationError, match=says):
        EnableBankingConfig.model_validate({**known, **values})


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert set(sample["config"]) <= set(EnableBankingConfig.model_fields)
