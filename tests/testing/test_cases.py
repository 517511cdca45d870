"""Recorded answers: what fits which request, what is wrong in a file, and what is taken out when recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowd.testing import Harness, Replay
from flowd.testing.cases import read_cases, write_cases
from flowd.testing.jsontext import read, written
from flowd.testing.recording import case
from flowd.testing.suite_plugin import room

EXCHANGES = """
- request: {path: /rows}
  reply: {body: {page: any}}
- request: {path: /rows, query: {page: 2}}
  reply: {body: {page: two, amount: 0.10}}
- request: {path: /rows, query: {page: "2", flag: true}}
  reply: {body: {page: flagged}}
- request: {method: post, path: /rows, body: {kind: daily}}
  reply: {status: 201, headers: {x-page: "1"}, body: "a;b\\n"}
- request: {path: /file}
  reply: {body_file: table.csv}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "answers.yaml").write_text(EXCHANGES)
    (tmp_path / "table.csv").write_bytes(b"\xff;1")
    (tmp_path / "expected").mkdir()
    return tmp_path


def test_the_exchange_that_names_most_answers(folder: Path) -> None:
    with Replay.load(folder) as source, room(source) as ctx:

        def page(**params: str) -> object:
            answer = ctx.http.get(f"{source.url}/rows", params=params).json()
            assert isinstance(answer, dict)
            return answer["page"]

        assert page() == "any"
        assert page(page="3") == "any"
        assert page(page="2", timestamp="1") == "two"
        assert page(page="2", flag="true") == "flagged"
        assert ctx.http.get(f"{source.url}/file").content == b"\xff;1"
        assert ctx.http.post(f"{source.url}/rows", data={"kind": "daily", "x": "1"}).status == 201
        assert ctx.http.post(f"{source.url}/rows", json={"kind": "daily"}).headers["x-page"] == "1"
        assert ctx.http.post(f"{source.url}/rows", json={"kind": "weekly"}, allow=(404,)).status == 404
        assert ctx.http.post(f"{source.url}/rows", json=["daily"], allow=(404,)).status == 404


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "no list of exchanges"),
        ("[{'request'", "cannot be read"),
        ("[{reply: {}}]", "exchange 1: request is missing"),
        ("[{request: {path: rows}}]", "begins with /"),
        ("[{request: {path: /rows, header: {}}}]", r"\['header'\], which is not known"),
        ("[{request: {path: /rows}, replay: {}}]", r"\['replay'\], which is not known"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(ValueError, match=says) as raised:
        read_cases(tmp_path)
    assert "bad.yaml" in str(raised.value)


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    text = '{"a": 0.10, "b": 1e-18, "c": 123456789012345678901234567890.5, "d": "x", "e": [1, null, true]}'
    assert written(read(text)) == text
    (tmp_path / "a.json").write_text('[{"request": {"path": "/"}, "reply": {"body": {"a": 0.10}}}]')
    [one] = read_cases(tmp_path)
    assert one.reply.content == b'{"a": 0.10}'
    write_cases(tmp_path / "a.json", [one])
    assert read_cases(tmp_path) == [one]


def test_nothing_secret_is_recorded(tmp_path: Path) -> None:
    made = case(
        "post",
        "https://x.example/v1/rows?page=2&timestamp=17&signature=abc&api_key=K1&who=hush-hush",
        b'{"kind": "daily", "nonce": 7, "password": "p", "who": "hush-hush", "nested": {"a": 1}}',
        200,
        {"set-cookie": "s=1", "link": "<https://x.example/?k=hush-hush>"},
        b'{"rows": [{"id": 1, "amount": 0.50}], "refresh_token": "r-1", "note": "for hush-hush"}',
        ["hush-hush", ""],
    )
    assert (made.method, made.path, dict(made.query), dict(made.body)) == (
        "POST",
        "/v1/rows",
        {"page": "2"},
        {"kind": "daily"},
    )
    write_cases(tmp_path / "a.json", [made])
    text = (tmp_path / "a.json").read_text()
    assert "0.50" in text
    for secret in ("hush-hush", "r-1", "abc", "K1", "s=1"):
        assert secret not in text
    json.loads(text)


def test_another_host_is_not_asked() -> None:
    from tests.testing.acme import CONNECTOR

    harness = Harness(CONNECTOR, {"key": "k"}, hosts=["127.0.0.1:1"])
    with pytest.raises(AssertionError, match=r"api\.acme\.example was asked, which is not the test's source"):
        harness.check()
