"""Keys and sealed tokens: what opens what, what is said when nothing does, and nothing secret in any text."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from flowd.api import Json
from flowd.config import ConfigProblems, Settings, json_schema, parse_settings, show
from flowd.config.keys import read_keys
from flowd.engine.asked_tokens import as_json
from flowd.engine.protocol import Message
from flowd.engine.token_words import secrets_in
from flowd.storage.aside import Sealed
from flowd.storage.sealing import Keyring, KeyTrouble, key_id, key_problems, keyring_of, new_key

HEAD = "tenant: {base_currency: EUR, timezone: UTC}\n"
TOKENS: dict[str, Json] = {"access_token": "a" * 20, "refresh_token": "r" * 20, "expires_in": 3600}


def settings(text: str, tmp_path: Path, **environ: str) -> Settings:
    return parse_settings(HEAD + text, file=tmp_path / "flowd.yaml", environ=environ)


def test_what_was_sealed_opens_with_the_same_key_for_the_same_owner_only() -> None:
    ring = Keyring(SecretStr(new_key()))
    sealed = ring.seal("home", "my-bank", TOKENS)
    assert ring.open("home", "my-bank", sealed, ring.current) == TOKENS
    for tenant, name in (("other", "my-bank"), ("home", "my-bank2")):
        with pytest.raises(KeyTrouble, match=f"another connection: run `flowd link {name}` again"):
            ring.open(tenant, name, sealed, ring.current)
    with pytest.raises(KeyTrouble, match="damaged"):
        ring.open("home", "my-bank", sealed[:-4] + b"AAAA", ring.current)


def test_an_old_key_opens_and_the_new_one_seals() -> None:
    old, new = SecretStr(new_key()), SecretStr(new_key())
    sealed = Keyring(old).seal("home", "x", TOKENS)
    both = Keyring(new, [old])
    assert both.open("home", "x", sealed, key_id(old)) == TOKENS
    assert both.ids == (key_id(new), key_id(old))
    with pytest.raises(KeyTrouble, match=f"sealed with the key {key_id(old)}, which is neither secrets.key"):
        Keyring(new).open("home", "x", sealed, key_id(old))


def test_no_text_shows_keys_or_tokens() -> None:
    key = SecretStr(new_key())
    ring = Keyring(key)
    sealed = ring.seal("home", "x", TOKENS)
    row = Sealed(connection="x", version=1, key_id=ring.current, ciphertext=sealed)
    texts = [repr(ring), repr(row), repr(Message("token", {}, sealed)), str(vars(ring))]
    for text in texts:
        assert key.get_secret_value() not in text
        assert sealed.decode() not in text
    assert key_id(key) not in key.get_secret_value()


def test_tokens_that_are_too_long_are_refused() -> None:
    with pytest.raises(KeyTrouble, match="bytes long"):
        Keyring(SecretStr(new_key())).seal("home", "x", {"x": "x" * 200_000})


# --- flowd.yaml ------------------------------------------------------------------------------------------------------


def test_the_key_is_read_when_it_is_needed(tmp_path: Path) -> None:
    key = new_key()
    read = settings("secrets: {key: {file: ./key}}\n", tmp_path)
    with pytest.raises(
        KeyTrouble, match=r"flowd.yaml:2:.*secrets.key names .*key, which does not exist.*Fix: put it there"
    ):
        keyring_of(read)
    (tmp_path / "key").write_text(key + "\n")
    assert keyring_of(read).current == key_id(SecretStr(key))
    (warning,) = read_keys(read).warnings
    assert "others may read" in warning.message
    assert key_problems(read) == []


def test_without_a_key_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    read = settings("", tmp_path)
    with pytest.raises(KeyTrouble, match="`flowd key new` makes one"):
        keyring_of(read)
    assert key_problems(read) == []


def test_a_key_that_is_none_is_named_with_its_place_and_not_shown(tmp_path: Path) -> None:
    read = settings("secrets:\n  key: {env: KEY}\n  old_keys: [{env: OLD}]\n", tmp_path, KEY="hunter2", OLD="older2")
    problems = [str(problem) for problem in key_problems(read)]
    assert len(problems) == 2
    assert "flowd.yaml:3:" in problems[0]
    assert "secrets.key holds no key of flowd's" in problems[0]
    assert not any("hunter2" in text or "older2" in text for text in problems)
    with pytest.raises(KeyTrouble, match="one of secrets"):
        keyring_of(read)


def test_an_old_key_that_is_gone_does_not_stop_the_one_in_use(tmp_path: Path) -> None:
    key = new_key()
    text = "secrets: {key: {env: KEY}, old_keys: [{file: ./gone}]}\n"
    ring = keyring_of(settings(text, tmp_path, KEY=key))
    assert ring.current == key_id(SecretStr(key))
    with pytest.raises(KeyTrouble, match="gone, which does not exist"):
        ring.open("home", "x", b"", "lost")


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{kye: {env: X}}", "secrets.kye is not a setting, did you mean 'key'"),
        ("{key: {vault: x}}", "secrets.key does not say where the key is kept. Fix: write {file: path}"),
        ("{key: 5}", "secrets.key does not say where the key is kept"),
        ("{old_keys: [{env: X}]}", "secrets has old_keys and no key"),
        ("{key: {env: X}, old_keys: [[]]}", "does not say where the key is kept"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, written: str, problem: str) -> None:
    with pytest.raises(ConfigProblems) as told:
        settings(f"secrets: {written}\n", tmp_path)
    assert "flowd.yaml:2:" in str(told.value)
    assert problem in str(told.value)


def test_the_key_may_come_from_a_variable_and_is_shown_nowhere(tmp_path: Path) -> None:
    key = new_key()
    by_variable = settings("", tmp_path, FLOWD__SECRETS__KEY=key)
    assert keyring_of(by_variable).current == key_id(SecretStr(key))
    assert read_keys(by_variable).warnings == ()
    in_clear = settings(f"secrets: {{key: {key}}}\n", tmp_path)
    (warning,) = read_keys(in_clear).warnings
    assert "in clear" in warning.message
    for read in (by_variable, in_clear):
        assert key not in repr(read) + str(show(read))
    named = settings("secrets: {key: {env: KEY}}\n", tmp_path)
    assert show(named)["secrets"] == {"key": {"env": "KEY"}, "old_keys": []}
    assert "SecretsSettings" in json_schema({})["$defs"]


# --- Words -----------------------------------------------------------------------------------------------------------


def test_what_is_hidden_of_tokens() -> None:
    tokens = {
        "access_token": "short",
        "refresh_token": "x",
        "scope": "read accounts and more",
        "expires_at": "2026-03-01T12:00:00+00:00",
        "token_type": "Bearer",
        "nested": [{"id": "item-1234567890"}],
        "count": 12345678,
    }
    assert list(secrets_in(tokens)) == ["short", "Bearer", "item-1234567890"]


def test_tokens_survive_whatever_a_source_mixes_into_them() -> None:
    from datetime import UTC, datetime
    from decimal import Decimal

    data = as_json({"a": Decimal("1.10"), "at": datetime(2026, 1, 1, tzinfo=UTC), "set": ("x",), 5: {"b": None}})
    assert data == b'{"a": "1.10", "at": "2026-01-01T00:00:00+00:00", "set": ["x"], "5": {"b": null}}'
    with pytest.raises(TypeError, match="must be a mapping"):
        as_json(None)
