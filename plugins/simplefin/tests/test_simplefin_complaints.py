"""What a SimpleFIN server complains of is told, and the rest is kept."""

from __future__ import annotations

from typing import Any

import pytest
from simplefin_server import Server, harness, read, serving, with_an_account

from flowd.api import (
    AuthError,
    PartlyRead,
    RetryLater,
    Snapshot,
)
from flowd.errors import FlowdError
from flowd.testing.replay import Replay, Reply

server = pytest.fixture(with_an_account)
site = pytest.fixture(serving)


@pytest.mark.parametrize(
    ("errlist", "errors", "expected", "says"),
    [
        ([{"code": "gen.auth", "msg": "No credentials"}], [], AuthError, "No credentials"),
        ([{"code": "con.auth", "msg": "Log in at\nFirst \x1b[31mBank", "conn_id": "C1"}], [], AuthError, "at First"),
        ([{"code": "con.", "msg": "First Bank is slow", "conn_id": "C1"}], [], PartlyRead, "is slow"),
        ([{"code": "act.failed", "msg": "Later", "account_id": "checking"}], [], PartlyRead, "Later"),
        ([{"code": "con.new-subcode", "msg": "Hm", "conn_id": "C1"}], ["Hm"], PartlyRead, "SimpleFIN: Hm$"),
        ([], ["You must reauthenticate."], PartlyRead, "reauthenticate"),
    ],
)
def test_complaints_are_told_and_the_rest_is_kept(
    server: Server, site: Replay, errlist: list[Any], errors: list[str], expected: type[FlowdError], says: str
) -> None:
    server.errlist, server.errors = errlist, errors
    ran = read(site)
    assert isinstance(ran.error, expected)
    with pytest.raises(expected, match=says):
        raise ran.error
    assert (ran.of(Snapshot) != []) == ("gen.auth" not in str(errlist))


@pytest.mark.parametrize(
    ("errlist", "errors", "expected"),
    [
        ([{"code": "con.auth", "msg": "x", "conn_id": "C1"}], [], AuthError),
        ([], ["Payment required."], AuthError),
        ([], ["Something else"], RetryLater),
        ([], [], RetryLater),
    ],
)
def test_an_answer_without_accounts_is_an_error_and_no_zero(
    server: Server, site: Replay, errlist: list[Any], errors: list[str], expected: type[FlowdError]
) -> None:
    server.accounts, server.errlist, server.errors = {}, errlist, errors
    ran = read(site)
    assert isinstance(ran.error, expected)
    assert ran.batches == []


def test_what_is_said_of_the_request_is_logged_and_no_trouble(server: Server, site: Replay) -> None:
    server.errlist = [{"code": "gen.api", "msg": "Requested date range exceeds recommended range of 45 days."}]
    server.errors = ["You are above 24 requests per day"]
    ran = read(site)
    assert ran.error is None
    assert any("45 days" in line for line in ran.log)
    assert any("24 requests per day" in line for line in ran.log)


@pytest.mark.parametrize(
    ("reply", "expected", "says"),
    [
        (Reply(status=402, body={"errors": ["Payment required."]}), AuthError, "wants to be paid"),
        (Reply(status=403, body="Forbidden"), AuthError, "refused the access"),
        (Reply(status=403, body="<html>Cloudflare: you are banned"), RetryLater, "asking too often"),
        (Reply(body=[]), RetryLater, "not an object"),
        (Reply(body={"accounts": None}), RetryLater, "accounts is not a list"),
        (Reply(body={"accounts": [{"id": "a"}]}), RetryLater, r"accounts\[0\] currency is not a text"),
    ],
)
def test_every_answer_that_is_none_is_told(site: Replay, reply: Reply, expected: type[FlowdError], says: str) -> None:
    site.on("GET", "/simplefin/accounts", reply)
    ran = read(site)
    assert isinstance(ran.error, expected)
    with pytest.raises(expected, match=says):
        raise ran.error


def test_check_costs_one_request_and_names_what_is_not_whole(server: Server, site: Replay) -> None:
    server.account("card", conn_id="C2")
    server.errlist = [{"code": "con.auth", "msg": "Log in", "conn_id": "C2"}]
    check = harness(site).check()
    assert (check.summary, check.covers) == ("2 accounts", ["First Bank: checking"])
    assert check.unread == ["Second Bank: card: not whole now, Log in"]
    assert len(site.asked) == 1
    assert site.asked[0].query["balances-only"] == "1"
