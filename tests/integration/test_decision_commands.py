"""What people decide on the command line: it is found, said, revised, undone and listed, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowd.api import AccountInfo, AccountKind
from flowd.edges.cli import flowd
from flowd.storage.database import Database
from tests.commanding import CommandHome
from tests.deriving import transaction

IBAN = "DE02120300000000202051"
GIRO = AccountInfo(account=IBAN, name="Girokonto", kind=AccountKind.BANK, asset="EUR")
SAVINGS = AccountInfo(account="savings", name="Tagesgeld", kind=AccountKind.BANK, asset="EUR")


class Home(CommandHome):
    command = "transaction"

    def fill(self) -> None:
        day = self.today.replace(day=1).isoformat()
        self.store.write(
            "bank",
            GIRO,
            SAVINGS,
            transaction(day, "2500", account=IBAN, counterparty="ACME GmbH", description="Gehalt"),
            transaction(day, "-89.9", account=IBAN, counterparty="Markt", description="Einkauf 50% off_"),
            transaction(day, "-45", account=IBAN, counterparty="Tankstelle Nord", description="Benzin"),
            transaction(day, "-300", account="savings", description="weg"),
        )

    def id(self, text: str) -> str:
        rows = json.loads(self.run("list", text, "--json"))
        assert len(rows) == 1, rows
        return str(rows[0]["subject"])

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.flowd(*arguments, "--json"))
        return found

    def refused(self, *arguments: str) -> str:
        result = CliRunner().invoke(flowd, ["-c", str(self.config), *arguments])
        assert result.exit_code == 2, result.output
        return result.stderr


@pytest.fixture
def home(database: Database, database_url: str, tmp_path: Path) -> Home:
    return Home(database, database_url, tmp_path)


def test_a_class_is_said_and_taken_back(home: Home) -> None:
    short = home.id("benzin")[:8]
    assert "expense" in home.run("class", short, "--category", "car", "--note", "trip")
    assert "rent" in home.run("class", short, "rent")
    (row,) = home.listed("transaction", "list", "--category", "car")
    assert (row["flow_class"], row["rule"], row["note"], row["amount"]) == ("rent", "you", "trip", "-45")
    shown = home.run("show", short)
    assert "you said: rent, filed under car, “trip”; take it back with flowd undo" in shown
    assert "version 1" in shown
    # what was said of one of them is taken back by an empty text, and all of it by undo
    home.run("class", short, "--note", "")
    (decided,) = home.listed("undo")
    assert decided["said"] == {"class": "rent", "category": "car"}
    undone = home.flowd("undo", short)
    assert undone.startswith("undone: rent, filed under car (bank/DE02120300000000202051, ")
    # what became of it is shown: an expense again
    assert "-45.00 EUR" in undone
    assert "expense" in undone
    assert home.listed("undo") == []
    assert home.listed("transaction", "list", "benzin")[0]["flow_class"] == "expense"
    assert "is undone already" in home.refused("undo", str(decided["decision"])[:8])
    story = home.flowd("events", "show", str(decided["decision"]))
    assert "version 4" in story
    assert "class: rent" in story
    assert "note: no longer said (was trip)" in story
    assert "by you: undone" in story


def test_a_transaction_is_split(home: Home) -> None:
    whole = home.id("einkauf")
    home.run("split", whole, "50=expense/food", "rest/household")
    rows = home.listed("transaction", "list", "einkauf")
    assert sorted((row["amount"], row["category"]) for row in rows) == [("-39.9", "household"), ("-50", "food")]
    part = next(row["subject"] for row in rows if row["subject"] != whole)
    assert json.loads(home.run("show", part, "--json"))["versions"][0]["type"] == "transaction"
    wage = home.id("gehalt")
    home.run("split", wage, "+4000=salary", "-1500=expense/tax")
    rows = home.listed("transaction", "list", "gehalt")
    assert sorted((row["amount"], row["flow_class"]) for row in rows) == [("-1500", "expense"), ("4000", "salary")]
    assert "5.9 is left" in home.refused("transaction", "split", whole, "50", "34").replace("-", "")
    assert "there is no class 'lottery'" in home.refused("transaction", "split", whole, "50=lottery", "rest")
    assert "needs two parts" in home.refused("transaction", "split", whole, "89.9")


def test_money_is_moved_by_hand(home: Home) -> None:
    home.flowd("account", "add", "Purse")
    day = home.today.isoformat()
    assert "-20.00 EUR" in home.flowd("cashflow", "add", "purse", "20", "eur", "--on", day, "--class", "expense")
    assert ", deposit" in home.flowd("cashflow", "deposit", "Girokonto", "100", "EUR", "--note", "from mum")
    assert ", withdrawal" in home.flowd("cashflow", "withdraw", IBAN, "5.5", "EUR", "--on", day, "--to", "Ann")
    rows = home.listed("cashflow", "list")
    assert sorted((row["amount"], row["account"], row["flow_class"]) for row in rows) == [
        ("-20", "Purse", "expense"),
        ("-5.5", IBAN, "withdrawal"),
        ("100", IBAN, "deposit"),
    ]
    gift = next(row["subject"] for row in rows if row["amount"] == "100")
    assert "is taken away: 100.00 EUR" in home.flowd("cashflow", "remove", gift[:12])
    assert len(home.listed("cashflow", "list")) == 2
    assert "was stated by bank" in home.refused("cashflow", "remove", home.id("benzin"))
    assert "is no withdrawal" in home.refused("cashflow", "add", IBAN, "+5", "EUR", "--class", "withdrawal")
    assert "is no deposit" in home.refused("cashflow", "add", IBAN, "-5", "EUR", "--on", day, "--class", "deposit")
    assert "is yet to come" in home.refused("cashflow", "add", IBAN, "5", "EUR", "--on", "2199-01-01")
    assert "could mean" in home.refused("cashflow", "add", IBAN, "1.234", "EUR", "--on", day)


def test_accounts_are_named_and_counted(home: Home) -> None:
    said = home.flowd("account", "name", IBAN, "Household", "--kind", "card")
    assert said == f"bank/{IBAN} is called Household (card)\n"
    home.flowd("account", "name", "household", "Joint")
    (row,) = [row for row in home.listed("account", "list") if row["account"] == IBAN]
    assert (row["name"], row["kind"], row["source_name"], row["source_kind"]) == ("Joint", "card", "Girokonto", "bank")
    assert home.flowd("account", "balance", "joint", "-12.5", "EUR", "--on", "2026-01-31") == (
        f"bank/{IBAN} held -12.5 EUR at the end of 2026-01-31\n"
    )
    twice = CliRunner().invoke(flowd, ["-c", str(home.config), "account", "name", "savings", "joint"])
    assert twice.stderr == f"note: bank/{IBAN} is called so, too: name one otherwise, or write CONNECTION/ACCOUNT\n"
    home.flowd("account", "name", "bank/savings", "Tagesgeld")
    decided = {row["kind"]: row for row in home.listed("undo") if row["account"] == IBAN}
    assert decided["balance"]["said"]["amount"] == "-12.5"
    home.flowd("undo", str(decided["account"]["decision"]))
    assert "Girokonto" in home.flowd("account", "list")
    assert "is it Tagesgeld?" in home.refused("account", "name", "Tagegeld", "x")
    assert "is called so already" in home.refused("account", "add", "Girokonto")
    assert "say flowd account name ACCOUNT NAME" in home.refused("account", "rename", IBAN, "x")
    assert "is it balances?" in home.refused("balnces")
    assert "there is no kind 'safe'" in home.refused("account", "name", IBAN, "--kind", "safe")


def test_an_account_is_left_out_and_taken_in(home: Home) -> None:
    first = home.today.replace(day=1).isoformat()
    number = "0000202051"
    assert "is there" not in home.flowd("duplicates")
    home.store.write(
        "file",
        AccountInfo(account=number, name="Girokonto", kind=AccountKind.BANK, asset="EUR"),
        transaction(first, "2500", account=number, description="ACME Gehalt"),
    )
    home.store.derivation.catch_up()
    for account in (IBAN, number):
        home.flowd("account", "balance", account, "100", "EUR", "--on", first)
    mend = f"flowd account leave-out file/{number} --same-as bank/{IBAN}"
    assert mend in home.flowd("balances")
    assert mend in home.flowd("duplicates")
    (counted, _) = [row["worth"] for row in home.listed("account", "list") if row["worth"] == "100"]
    assert "several accounts are called" in home.refused("balances", "--account", "girokonto")
    said = home.flowd("account", "leave-out", number, "--same-as", IBAN)
    assert IBAN in home.flowd("balances", "--account", "girokonto", "--json")
    assert f"file/{number} is left out" in home.flowd("balances", "--account", number)
    assert said.startswith(f"file/{number} counts no more: it is the same as bank/{IBAN}; flowd account take-in")
    assert "probably one account" not in home.flowd("balances")
    assert home.listed("duplicates") == []
    worths = {row["account"]: (row["worth"], row["left_out"], row["same_as"]) for row in home.listed("account", "list")}
    assert (worths[number], worths[IBAN]) == ((None, True, f"bank/{IBAN}"), (counted, False, None))
    assert f"left out: the same as bank/{IBAN}" in home.flowd("account", "list").replace("\n", " ")
    assert [row["left_out"] for row in home.listed("transaction", "list", "--account", number)] == [True]
    assert "left out" in home.run("list", "--account", number)
    assert f"left out: the same as bank/{IBAN}" in home.flowd("events", "--type", "decision")
    assert "would count" in home.refused("account", "leave-out", IBAN)
    assert "is left out itself" in home.refused("account", "leave-out", "savings", "--same-as", number)
    assert "as itself" in home.refused("account", "leave-out", IBAN, "--same-as", IBAN)
    assert home.flowd("account", "take-in", number) == f"file/{number} counts again\n"
    assert "it counts" in home.refused("account", "take-in", number)
    assert mend in home.flowd("balances")
    home.flowd("account", "leave-out", number)
    (decided,) = [row for row in home.listed("undo") if row["kind"] == "left_out"]
    assert "left out: does not count" in home.flowd("undo", "--account", number)
    assert f"file/{number} counts again" in home.flowd("undo", str(decided["decision"]))
    assert not any(row["left_out"] for row in home.listed("account", "list"))


def test_duplicates_are_proposed_merged_and_told_apart(home: Home) -> None:
    day = home.today.replace(day=1).isoformat()
    home.store.write(
        "scraped",
        transaction(day, "2500", account="202051", counterparty="ACME GmbH", description="GEHALT 03"),
        transaction(day, "-45", account="202051", counterparty="Tankstelle Nord"),
    )
    home.store.derivation.catch_up()
    rows = {row["amount"]: row for row in home.listed("duplicates")}
    assert set(rows) == {"2500", "-45"}
    wage, fuel = rows["2500"], rows["-45"]
    assert "2500.00 EUR" in home.flowd("duplicates")
    assert "one account, read by" in wage["why"]
    home.run("distinct", fuel["duplicate"], fuel["original"])
    home.run("merge", wage["duplicate"], wage["original"])
    assert home.listed("duplicates") == []
    taken = [row["flow_class"] for row in home.listed("transaction", "list", "gehalt")]
    assert sorted(taken, key=str) == [None, "salary"]
    # nothing counts of a circle
    assert "itself counts as the same" in home.refused("transaction", "merge", wage["original"], wage["duplicate"])
    home.flowd("undo", wage["duplicate"])
    assert [row["amount"] for row in home.listed("duplicates")] == ["2500"]
    assert home.store.derivation.rebuild().rebuilt


def test_all_that_is_listed_is_merged_at_once(home: Home) -> None:
    day = home.today.replace(day=1).isoformat()
    for connection, text in (("scraped", "Gehalt ACME"), ("pdf", "Gehalt von ACME GmbH")):
        home.store.write(connection, transaction(day, "2500", account=IBAN, description=text, external_id=connection))
    home.store.write("scraped", transaction(day, "-45", account=IBAN, counterparty="Shell", external_id="2"))
    home.store.derivation.catch_up()
    assert {row["amount"] for row in home.listed("duplicates", "--score", "0.8")} == {"2500"}
    # two of three are in one pair; the third is merged in the next round, and both are the same as the one that counts
    assert [row["amount"] for row in home.listed("duplicates", "--score", "0.8", "--merge")] == ["2500", "2500"]
    taken = [row["flow_class"] for row in home.listed("transaction", "list", "gehalt")]
    assert sorted(taken, key=str) == [None, None, "salary"]
    said = [row for row in home.listed("undo") if row["kind"] == "duplicate"]
    assert len({row["other"] for row in said}) == 1
    assert {row["amount"] for row in home.listed("duplicates")} == {"-45"}
    home.flowd("undo", str(said[0]["decision"]))
    assert [row["amount"] for row in home.listed("duplicates", "--score", "0.8")] == ["2500"]


def test_a_transfer_is_confirmed_for_one_pair_only(home: Home) -> None:
    day = home.today.replace(day=1).isoformat()
    home.store.write("bank", *(transaction(day, "299", account=IBAN, description=name) for name in ("one", "two")))
    home.store.derivation.catch_up()
    out, one, two = home.id("weg"), home.id("one"), home.id("two")
    home.run("transfer", out, one)
    home.run("transfer", out, two)
    home.run("transfer", out, one, "--refuse")
    said = [(row["other"], row["said"]["verdict"]) for row in home.listed("undo") if row["kind"] == "transfer"]
    assert sorted(said) == sorted([(one, "refused"), (two, "confirmed")])
    assert "other way round" in home.refused("transaction", "transfer", one, out)


def test_what_a_source_says_besides_is_shown(home: Home) -> None:
    parts = [{"amount": "-80.00", "category": "Groceries"}, {"amount": "-40.00", "category": "Household"}]
    day = home.today.replace(day=1).isoformat()
    home.store.write(
        "bank",
        transaction(day, "-120", account=IBAN, description="Supermarket", raw={"value_date": day, "splits": parts}),
    )
    home.store.derivation.catch_up()
    shown = home.run("show", home.id("supermarket"))
    assert f"value date: {day}\n" in shown
    assert "splits: -80.00, Groceries; -40.00, Household\n" in shown


def test_transactions_are_found(home: Home) -> None:
    assert home.id("50% off_")
    assert [row["amount"] for row in home.listed("transaction", "list", "--amount", "45")] == ["-45"]
    assert len(home.listed("transaction", "list", "--account", "Girokonto")) == 3
    assert len(home.listed("transaction", "list", "-n", "2")) == 2
    assert len(home.listed("transaction", "list", "--class", "salary")) == 1
    assert home.listed("transaction", "list", "--since", "2199-01-01") == []
    assert "there is no transaction 00000000" in home.refused("transaction", "show", "00000000")
    assert "is no id" in home.refused("transaction", "show", "lunch")


def test_decisions_are_found_and_undone_together(home: Home) -> None:
    home.run("class", home.id("benzin"), "rent")
    home.run("class", home.id("weg"), "expense", "--category", "trip")
    home.flowd("account", "name", "savings", "Pot")
    home.flowd("account", "balance", "Pot", "700", "EUR", "--on", home.today.replace(day=1).isoformat())
    assert [row["kind"] for row in home.listed("undo", "--account", "pot")] == ["class", "account", "balance"]
    assert [row["said"] for row in home.listed("undo", "--about", "Tankstelle")] == [{"class": "rent"}]
    assert home.listed("undo", "--until", "2020") == []
    assert len(home.listed("undo", "--last", "2d")) == 4
    assert "no such decision" in home.flowd("undo", "--about", "lunch")
    assert "an ID says it all" in home.refused("undo", "abcd", "--about", "lunch")
    name, balance = (str(row["decision"]) for row in home.listed("undo", "--account", "pot")[1:])
    said = home.flowd("undo", name, balance)
    assert "bank/savings is called Tagesgeld (bank)" in said
    assert "of bank/savings only movements are known: -300.00 EUR" in said
    ((after),) = home.listed("undo", home.id("weg"))
    assert after["undone"]["said"] == {"class": "expense", "category": "trip"}
    assert [row["category"] for row in after["now"]] == [None]
    assert [row["text"] for row in home.listed("undo")] == ["Tankstelle Nord · Benzin"]


def test_events_are_listed(home: Home) -> None:
    home.run("class", home.id("benzin"), "rent")
    rows = home.listed("events")
    types = [row["type"] for row in rows]
    assert (sorted(types[:-1]), types[-1]) == (["account"] * 2 + ["transaction"] * 4, "decision")
    (said,) = home.listed("events", "--type", "decision")
    assert said["data"] == {"kind": "class", "of": home.id("benzin"), "class": "rent"}
    assert home.listed("events", "--subject", said["subject"][:8]) == [said]
    assert home.listed("events", "--since", "2199-01-01") == []
    assert home.listed("events", "--until", "2020") == []
    assert home.listed("events", "--last", "2d") == rows
    # a decision is found by what it is about, by its account, and when it says nothing any more
    home.run("class", home.id("weg"), "--note", "Mallorca")
    found = home.listed("events", "--about", "TANKSTELLE")
    assert [row["type"] for row in found] == ["transaction", "decision"]
    assert [row["version"] for row in home.listed("events", "--about", "mallorca")] == [1]
    home.flowd("undo", home.id("weg"))
    assert [row["version"] for row in home.listed("events", "--about", "mallorca")] == [1, 2]
    saving = home.listed("events", "--account", "Tagesgeld")
    assert [row["type"] for row in saving] == ["account", "transaction", "decision", "decision"]
    assert " you " in home.flowd("events", "-n", "1")
    assert "nothing was said of 00000000" in home.refused("events", "show", "00000000")
