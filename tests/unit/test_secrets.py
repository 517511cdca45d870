"""Secrets: references resolved last, and no way by which a value gets into a text."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from flowd.secrets import (
    MASK,
    Kind,
    Reference,
    SecretMissing,
    Sources,
    masked,
    read,
    redact,
    reference,
    resolve,
    reveal,
)


def sources(**environ: str) -> Sources:
    return Sources(environ=environ, folder=Path("/nowhere"))


@pytest.mark.parametrize(
    ("value", "kind"),
    [({"env": "A"}, Kind.ENV), ({"file": "./a"}, Kind.FILE), ({"credential": "a"}, Kind.CREDENTIAL)],
)
def test_a_reference_is_a_mapping_of_exactly_one_known_word(value: dict[str, str], kind: Kind) -> None:
    found = reference(value)
    assert found is not None
    assert found.kind is kind
    assert reference({**value, "more": 1}) is None


@pytest.mark.parametrize("value", [{}, {"env": 1}, {"envs": "A"}, "env", None, [{"env": "A"}]])
def test_other_things_are_no_references(value: object) -> None:
    assert reference(value) is None


def test_references_are_resolved_wherever_they_stand() -> None:
    config = {"a": {"env": "A"}, "list": [{"deep": {"env": "B"}}], "plain": 1, "gone": {"env": "C"}}
    result = resolve(config, sources(A="one\n", B="two"))
    assert reveal(result.value) == {"a": "one", "list": [{"deep": "two"}], "plain": 1, "gone": ""}
    assert [secret.get_secret_value() for secret in result.secrets] == ["one", "two"]
    [missing] = result.missing
    assert missing.path == ("gone",)
    assert "C, which is not set" in missing.message
    assert "set C" in missing.fix
    assert config == {"a": {"env": "A"}, "list": [{"deep": {"env": "B"}}], "plain": 1, "gone": {"env": "C"}}


def test_only_line_ends_at_the_end_are_dropped() -> None:
    secret, warning = read(Reference(kind=Kind.ENV, name="A"), sources(A=" two words \r\n\n"))
    assert secret.get_secret_value() == " two words "
    assert warning is None


def test_an_empty_secret_is_a_missing_one() -> None:
    with pytest.raises(SecretMissing, match="is empty"):
        read(Reference(kind=Kind.ENV, name="A"), sources(A=" \n"))


def test_a_credential_without_systemd_says_what_to_do() -> None:
    with pytest.raises(SecretMissing, match="LoadCredential=bank"):
        read(Reference(kind=Kind.CREDENTIAL, name="bank"), sources())


@pytest.mark.parametrize("name", ["../etc/passwd", "", ".", "a/b"])
def test_a_credential_is_a_name_and_not_a_path(name: str) -> None:
    with pytest.raises(SecretMissing, match="which is a path"):
        read(Reference(kind=Kind.CREDENTIAL, name=name), sources(CREDENTIALS_DIRECTORY="/run/credentials/flowd"))


def test_resolved_secrets_are_in_no_text() -> None:
    result = resolve({"a": {"env": "A"}, "b": "clear"}, sources(A="hunter2"))
    assert "hunter2" not in f"{result} {result!r} {result.value} {sources(A='hunter2')!r}"
    assert "hunter2" not in json.dumps(masked(result.value))


def test_masking_keeps_references_and_hides_the_rest() -> None:
    value = {"key": {"env": "A"}, "user": "jo", "n": Decimal("1.5"), "on": True, "list": ["x", SecretStr("y")]}
    assert masked(value) == {"key": {"env": "A"}, "user": MASK, "n": MASK, "on": True, "list": [MASK, MASK]}


@pytest.mark.parametrize(
    "shape",
    [
        "{}",
        "https://user:{}@host/path",
        "Authorization: Bearer {}",
        "{}{}",
    ],
)
def test_redaction_by_value(shape: str) -> None:
    assert "hunter2+/x" not in redact(shape.replace("{}", "hunter2+/x"), [SecretStr("hunter2+/x")])


def test_redaction_finds_a_secret_in_other_clothes() -> None:
    secret = 'päss "word"+/x'
    for text in (quote_plus(secret), json.dumps(secret), repr(secret), base64.b64encode(secret.encode()).decode()):
        shown = redact(f"before {text} after", [SecretStr(secret)])
        assert MASK in shown
        assert text not in shown
        assert shown.startswith("before ")
        assert shown.endswith(" after")


def test_redaction_of_keys_of_many_lines_and_of_passwords_in_addresses() -> None:
    key = "-----BEGIN KEY-----\nabcdefghijkl\nmnopqrstuvwx\n-----END KEY-----"
    assert "mnopqrstuvwx" not in redact("failed near mnopqrstuvwx", [key])
    assert "p%40ss" not in redact("password is p%40ss or p@ss", ["postgresql://u:p%40ss@h/d"])
    assert "p@ss" not in redact("password is p%40ss or p@ss", ["postgresql://u:p%40ss@h/d"])


def test_a_short_secret_does_not_eat_ordinary_words() -> None:
    assert redact("pin 47 of 4711", ["47"]) == f"pin {MASK} of 4711"
    assert redact("nothing", ["", "  "]) == "nothing"


@given(
    st.text(min_size=4, max_size=30).filter(lambda text: bool(text.strip("*")) and text.strip() == text),
    st.text(max_size=30),
)
def test_redacted_text_never_holds_the_secret(secret: str, around: str) -> None:
    if set(secret) <= set(MASK) or secret in MASK:
        return
    assert secret not in redact(around + secret + around, [secret]).replace(MASK, "")
