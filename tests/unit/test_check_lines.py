"""What `flowd check` found is told thing by thing, with what needs doing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from flowd.edges.check_lines import show_found, with_end

ROWS: list[Mapping[str, object]] = [
    {
        "what": "connections.mine",
        "state": "ok",
        "says": "3 of 4 wallets",
        "covers": ["spot", "earn"],
        "unread": ["margin: may not be read", "bots"],
        "permissions": ["read", "trade"],
        "expires_at": datetime(2027, 1, 2, 12, tzinfo=UTC),
        "budget_left": 3,
        "budget": 4,
        "warnings": ["this key may trade"],
    },
    {"what": "secrets.key", "state": "wrong", "says": "is not there", "fix": "make one"},
]


def test_each_thing_is_told_with_what_is_worth_reading(capsys: pytest.CaptureFixture[str]) -> None:
    show_found(ROWS, as_json=False)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [
        "ok mine 3 of 4 wallets",
        "reads spot, earn",
        "does not read margin: may not be read",
        "does not read bots",
    ]
    assert lines[4] == "key may read, trade"
    assert lines[5].startswith("ends 2027-01-02 ")
    assert lines[6:8] == ["requests left 3 of 4", "warning this key may trade"]
    assert lines[8:10] == ["wrong secrets.key is not there", "fix make one"]
    assert lines[-1] == "1 of 2 wrong"


def test_programs_get_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    show_found(ROWS, as_json=True)
    first, second = json.loads(capsys.readouterr().out)
    assert first["expires_at"] == "2027-01-02T12:00:00+00:00"
    assert second == ROWS[1]


def test_nothing_configured_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    show_found([], as_json=False)
    assert "flowd init" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("left", "links", "words"),
    [
        (timedelta(days=15), True, []),
        (timedelta(days=2, hours=1), True, ["the access ends in 2 days: run `flowd link mine`"]),
        (timedelta(days=2), False, ["the access ends in 2 days: make a new key in time"]),
        (timedelta(0), True, ["by what the source said, the access has ended: run `flowd link mine`"]),
    ],
)
def test_an_end_that_is_near_or_past_is_warned_of(left: timedelta, links: bool, words: list[str]) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    row = with_end({"what": "connections.mine", "warnings": ["first"]}, now + left, "mine", links=links, now=now)
    assert row["warnings"] == ["first", *words]
    assert row["expires_at"] == now + left


def test_without_an_end_nothing_is_warned_of() -> None:
    row = with_end({"warnings": []}, None, "mine", links=True, now=datetime(2026, 3, 1, tzinfo=UTC))
    assert row == {"warnings": [], "expires_at": None}
