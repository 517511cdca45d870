"""The main job on real parts: the sample configuration, a bank's file, income, and a clean end."""

from __future__ import annotations

import re
import signal
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.endtoend.home import Home

BANK = """\
Buchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung
{first};{first};Gehalt;Gehalt ACME GmbH;2.500,00;EUR
{second};{second};Lastschrift;Miete Hausverwaltung;-900,00;EUR
{second};{second};Gutschrift;Zinsen;12,34;EUR
{third};{third};Gutschrift;Erstattung Versandhaus;59,90;EUR
"""


def bank_file() -> tuple[str, date]:
    """A bank's CSV of last month."""
    first = (datetime.now(UTC).date().replace(day=1) - timedelta(days=1)).replace(day=1)
    days = [first + timedelta(days=n) for n in (0, 3, 9)]
    texts = [f"{day:%d.%m.%Y}" for day in days]
    return BANK.format(first=texts[0], second=texts[1], third=texts[2]), first


def income_of(home: Home, connection: str) -> dict[str, Decimal]:
    rows = home.json("income", "--by", "month")
    found: dict[str, Decimal] = {}
    for row in rows:
        if row["stream"].startswith(connection):
            found[row["stream"]] = found.get(row["stream"], Decimal(0)) + Decimal(row["received"])
    return {stream: amount for stream, amount in found.items() if amount}


def wait_until(what: str, seconds: float, done: object) -> None:
    until = time.monotonic() + seconds
    assert callable(done)
    while not done():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.3)


def dump(home: Home) -> str:
    """Every derived row, as text, table by table."""
    tables = home.run("db", "shell", "--", "-Atc", "SELECT tablename FROM pg_tables WHERE schemaname = 'derived'")
    asked = [f"SELECT '{name}', t::text FROM derived.{name} t ORDER BY 2" for name in sorted(tables.split())]
    return home.run("db", "shell", "--", "-At", *[word for each in asked for word in ("-c", each)])


def test_the_main_job_from_start_to_stop(home: Home) -> None:
    text, month = bank_file()
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 90)
        rate = daemon.wait_for(r"you earn +([\d,.]+) EUR per day").group(1)
        assert Decimal(rate.replace(",", "")) > 0
        assert daemon.get("/healthz")[0] == 200
        wait_until("ready", 30, lambda: daemon.get("/readyz")[0] == 200)
        metrics = daemon.get("/metrics")[1]
        assert re.search(r'flowd_build_info\{.*version="', metrics)
        assert re.search(r'flowd_daily_rate\{currency="EUR",stream="salary"\} 1\d\d', metrics)

        (home.folder / "inbox" / "bank.csv").write_text(text)
        expected = {"inbox/salary": Decimal("2500"), "inbox/interest": Decimal("12.34")}
        wait_until("the bank's income", 90, lambda: income_of(home, "inbox") == expected)
        months = {row["period"] for row in home.json("income", "--by", "month") if row["stream"] == "inbox/salary"}
        assert month.isoformat() in months

        home.run("study")
        before = dump(home)
        (home.folder / "inbox" / "the same again.csv").write_text(text)
        wait_until("the second file is put away", 90, lambda: not list((home.folder / "inbox").glob("*.csv")))
        assert home.json("sync", "inbox")[0]["outcome"] == "done"
        assert dump(home) == before

        status = home.json("status")
        assert status["daemon"] == "running"
        assert {feed["state"] for feed in status["feeds"]} == {"healthy"}
        assert status["not_derived"] == 0

        home.run("rebuild")
        assert dump(home) == before

        code, seconds = daemon.stop(signal.SIGTERM)
        assert code == 0
        assert seconds < 10
        assert daemon.said[-1] == "flowd has stopped"

    runs = len(home.json("activity", "-n", "1000"))
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
        assert daemon.wait_for(r"you earn +([\d,.]+) EUR per day")
        assert income_of(home, "inbox") == expected
        assert len(home.json("activity", "-n", "1000")) >= runs
        code, seconds = daemon.stop(signal.SIGINT)
        assert (code, seconds < 10) == (0, True)
    assert dump(home) == before


def test_what_is_killed_comes_back(home: Home) -> None:
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 90)
        daemon.process.kill()
        daemon.process.wait()
    before = {row["stream"] for row in home.json("status")["streams"]}
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 60)
        assert {row["stream"] for row in home.json("status")["streams"]} == before
        outcomes = {row["outcome"] for row in home.json("activity", "-n", "1000")}
        assert "failed" not in outcomes


def test_the_configuration_is_read_again_without_losing_a_run(home: Home) -> None:
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 90)
        text = (home.folder / "flowd.yaml").read_text()
        more = (
            "connections:\n  rent:\n    type: recurring\n    config: {amount: 650, currency: EUR, every: month on 1}\n"
        )
        home.write(text.replace("connections:\n", more, 1))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(r"read again: 1 connections added, 0 removed, 0 changed", 15)
        wait_until("the new stream", 20, lambda: "rent" in {row["stream"] for row in home.json("status")["streams"]})

        home.write(text.replace("base_currency: EUR", "base_currency: eur"))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(r"not taken up, everything goes on as it was", 15)
        daemon.wait_for(r"flowd\.yaml:\d+:\d+: tenant\.base_currency", 5)
        home.write(text)
        assert home.json("status")["daemon"] == "running"
        assert daemon.get("/readyz")[0] == 200


def test_a_second_daemon_is_refused_by_name(home: Home) -> None:
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 90)
        said = home.run("run", code=1)
        assert f"process id {daemon.process.pid}" in said
        assert "stop that one first" in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("amount: 4200", "amount: 42oo"),
            r"salary\.config\.amount +flowd\.yaml:\d+:\d+: must be a number",
        ),
        (("base_currency: EUR", "base_curency: EUR"), r"flowd\.yaml:\d+:\d+: tenant\.base_curency.*base_currency"),
    ],
)
def test_wrong_settings_are_named_with_place_and_fix(home: Home, change: tuple[str, str], words: str) -> None:
    home.write((home.folder / "flowd.yaml").read_text().replace(*change))
    said = home.run("check", "--offline", code=None)
    assert re.search(words, said), said


def test_a_port_in_use_stops_the_start_with_the_fix(home: Home) -> None:
    with home.daemon() as daemon:
        daemon.wait_for(r"flowd .* is up", 90)
        port = daemon.address.rsplit(":", 1)[1]
        other = Home(home.folder / "other", {**home.environ, "FLOWD__HTTP__LISTEN": f"127.0.0.1:{port}"})
        other.folder.mkdir()
        Path(other.folder / "flowd.yaml").write_text((home.folder / "flowd.yaml").read_text())
        said = other.run("run", code=2)
        assert f"cannot listen on 127.0.0.1:{port}" in said
        assert "set http.listen to another port" in said


def test_there_is_no_configuration_yet(home: Home) -> None:
    (home.folder / "flowd.yaml").unlink()
    assert "flowd init" in home.run("run", code=2)
    home.run("init", "--yes", "--salary", "3000 EUR month on L", "--currency", "EUR")
    assert {row["outcome"] for row in home.json("run", "--once")} == {"done"}
    assert {row["stream"] for row in home.json("income")} == {"salary"}
