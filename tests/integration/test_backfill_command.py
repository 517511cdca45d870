"""`flowd backfill` where no daemon runs: older history is read here, in as many runs as it takes, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowd.edges.cli import flowd
from flowd.errors import ConfigError
from flowd.storage.backfills import BackfillStore, Known
from flowd.storage.database import Database
from flowd.testing.replay import Replay, Reply
from tests.backfilling import PayPal
from tests.deriving import Store


class Shop:
    """A flowd.yaml with a PayPal that was read for 40 days."""

    def __init__(self, site: Replay, database: Database, url: str, folder: Path) -> None:
        self.paypal = PayPal(site)
        self.store = Store(database)
        self.folder, self.url = folder, url
        self.write(timeout="60s")
        assert self.run("sync").exit_code == 0
        # With ten seconds for a run PayPal's connector reads a window, and leaves the next to another run.
        self.write(timeout="10s")
        assert self.known() == self.paypal.since(self.paypal.day(40))

    def write(self, *, timeout: str, ago: int = 40) -> None:
        text = self.paypal.yaml(f"{{url: {json.dumps(self.url)}}}", ago=ago, timeout=timeout)
        (self.folder / "flowd.yaml").write_text(text)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(flowd, ["-c", str(self.folder / "flowd.yaml"), *arguments])

    def said(self, *arguments: str, code: int = 0) -> str:
        result = self.run("backfill", *arguments)
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    def told(self, *arguments: str, code: int = 0) -> Any:
        result = self.run("backfill", *arguments, "--json")
        assert result.exit_code == code, (result.output, result.exception)
        return json.loads(result.stdout)

    def known(self) -> int:
        ((count,),) = self.store.rows("SELECT count(*) FROM derived.transaction WHERE connection = 'shop'")
        assert isinstance(count, int)
        return count


@pytest.fixture
def shop(database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.chdir(tmp_path)
    with Replay() as site:
        yield Shop(site, database, database_url, tmp_path)


def test_older_history_is_read_in_several_runs_and_once(shop: Shop) -> None:
    day = shop.paypal.day(130)
    # The first run read a window of its own; what is new is what was before.
    before, asked = shop.known(), len(shop.paypal.windows)
    told = shop.told("shop", "--since", str(day))
    assert (told["state"], told["since"], told["unread"]) == ("read", str(day), [])
    assert shop.known() == shop.paypal.since(day) > before
    assert told["oldest"] == str(min(one.date() for one in shop.paypal.payments() if one.date() >= day))
    assert told["oldest_before"] > told["oldest"]
    assert told["new"] >= shop.known() - before
    runs = [run for run in told["runs"] if run["feed"] == "transactions"]
    assert len(runs) >= 5
    assert {run["outcome"] for run in told["runs"]} == {"done"}
    assert shop.paypal.windows[asked][0] == day
    # Asked again, nothing is to be done; ordinary runs read the last days only; nothing is there twice.
    asked = len(shop.paypal.windows)
    assert "nothing is to be done" in shop.said("shop", "--since", str(day))
    assert "nothing is to be done" in shop.said("shop", "--since", str(shop.paypal.day(60)))
    assert len(shop.paypal.windows) == asked
    assert shop.run("sync").exit_code == 0
    assert {first >= shop.paypal.day(11) for first, _ in shop.paypal.windows[asked:]} == {True}
    assert shop.known() == shop.paypal.since(day)
    (row,) = shop.told()
    assert (row["connection"], row["since"], row["state"]) == ("shop", str(day), "read")
    assert shop.told("shop") == [row]


def test_what_was_broken_off_goes_on_with_the_next_run(shop: Shop) -> None:
    day = shop.paypal.day(130)
    shop.paypal.refused = Reply(status=503)
    said = shop.said("shop", "--since", str(day), code=1)
    assert "not all is read yet (transactions): the daemon, or the next `flowd sync shop`, goes on" in said
    assert "failed: shop/transactions: " in said
    (row,) = shop.told("shop")
    assert (row["state"], row["unread"], row["read_at"]) == ("reading", ["transactions"], None)
    shop.paypal.refused = None
    asked = len(shop.paypal.windows)
    assert shop.run("sync", "shop").exit_code == 0
    assert shop.paypal.windows[asked][0] == day
    # The same again goes on where that ended, also with a later day, and an earlier one begins there.
    assert shop.told("shop", "--since", str(shop.paypal.day(100)))["state"] == "read"
    assert shop.known() == shop.paypal.since(day)
    assert [one for one, _ in shop.paypal.windows].count(day) == 1
    earlier = shop.paypal.day(160)
    assert shop.told("shop", "--since", str(earlier))["since"] == str(earlier)
    assert shop.known() == shop.paypal.since(earlier)


def test_what_was_asked_is_taken_back_and_flowd_yaml_may_ask_for_more(shop: Shop) -> None:
    day = shop.paypal.day(100)
    shop.told("shop", "--since", str(day))
    known, asked = shop.known(), len(shop.paypal.windows)
    text = (shop.folder / "flowd.yaml").read_text()
    (shop.folder / "flowd.yaml").write_text(text.replace("  shop:\n", "  shop:\n    enabled: false\n"))
    assert [(row["connection"], row["state"]) for row in shop.told()] == [("shop", "cannot be read")]
    assert shop.run("backfill", "shop", "--since", "2021").exit_code == 1
    (shop.folder / "flowd.yaml").write_text(text)
    assert "what was read before it stays" in shop.said("shop", "--forget")
    assert "nothing was asked for of shop" in shop.said("shop", "--forget", code=1)
    assert shop.told() == []
    assert shop.run("sync").exit_code == 0
    assert min(first for first, _ in shop.paypal.windows[asked:]) == shop.paypal.day(40)
    assert shop.known() == known
    shop.write(timeout="30s", ago=150)
    assert "is read since" in shop.said("shop", "--since", str(day))
    assert shop.told("shop")[0]["since"] == str(shop.paypal.day(150))


def test_what_a_source_does_not_tell_is_said(shop: Shop) -> None:
    shop.paypal.refused = Reply(status=503)
    told = shop.told("shop", "--since", str(shop.paypal.day(1300)), code=1)
    assert told["notes"] == [f"its source tells of nothing before {shop.paypal.day(1095)}"]
    assert (told["state"], told["since"]) == ("reading", str(shop.paypal.day(1300)))
    shop.paypal.refused = None
    assert shop.run("sync").exit_code == 0
    assert shop.paypal.windows[-1][0] == shop.paypal.day(1095)


def test_what_cannot_be_asked_is_refused_with_what_to_do(shop: Shop) -> None:
    for arguments, says in (
        (
            ("word", "--since", "2021"),
            "is of the type recurring, which has no `since`: write an earlier day as",
        ),
        (
            ("else", "--since", "2021"),
            "no such connection, or it is switched off: else. Older history can be had of: shop",
        ),
        (("shop", "--since", "2999-01-01"), "name a day from 1970-01-01 to today"),
        (("shop", "--since", "1899"), "name a day from 1970-01-01 to today"),
        (("shop", "--since", "soon"), "is no day such as"),
        (("shop", "--since", "2021", "--forget"), "keep one"),
        (("--since", "2021"), "name the connection"),
    ):
        result = shop.run("backfill", *arguments)
        # Of flowd's own errors main() makes the exit code.
        assert isinstance(result.exception, ConfigError) or result.exit_code == 2, arguments
        assert says in result.output + str(result.exception)
    assert shop.told() == []


def test_only_what_is_asked_for_now_can_be_got_through(database: Database) -> None:
    kept, now = BackfillStore(database), datetime(2026, 3, 1, tzinfo=UTC)
    kept.ask("shop", date(2022, 1, 1), now)
    (before,) = kept.load()
    kept.ask("shop", date(2021, 1, 1), now + timedelta(seconds=1))
    kept.note(before, "trades", ["trades"], now)
    (asked,) = kept.load()
    assert (asked.since, asked.through, asked.read_at) == (date(2021, 1, 1), frozenset(), None)
    for feed, read_at in (("trades", None), ("trades", None), ("balances", now)):
        kept.note(asked, feed, ["balances", "trades"], now)
        (found,) = kept.load()
        assert found.read_at == read_at
    assert found.through == {"balances", "trades"}
    # With no run on record and nothing that was read, nothing is known.
    assert kept.known("shop") == Known(oldest=None, first_run=None)
    assert [kept.forget("shop"), kept.forget("shop"), kept.load()] == [True, False, []]
