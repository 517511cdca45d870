"""`flowd import` as a person sees it: what was understood of each file, what is new, and what to do about the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowd.edges.cli import flowd
from flowd.errors import ConfigError
from tests.unit.importers.workbooks import xlsx

FILE = "Date,Description,Amount,Running Bal.\n01/13/2023,PAY,250.00,350.00\n01/20/2023,SHOP,-45.10,304.90\n"
LONGER = FILE + "02/03/2023,RENT,-100.00,204.90\n"
GAP = FILE + "02/03/2023,RENT,-100.00,104.90\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flowd.yaml").write_text(
        "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"
        "database: {embedded: ./db}\n"
        f"state: {tmp_path}/var\n"
        "connections:\n  inbox: {type: files, config: {folder: ., account: main}}\n"
    )
    files = tmp_path / "files"
    files.mkdir()
    return files


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(flowd, ["-c", str(folder.parent / "flowd.yaml"), "import", *arguments])


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_it_says_what_it_understood(folder: Path) -> None:
    (folder / "a.csv").write_text(FILE)
    said = run(folder, "--dry-run", str(folder / "a.csv"))
    assert said.exit_code == 0, said.output
    assert "2 rows, 2023-01-13 to 2023-01-20, account main" in said.output
    assert "read as csv, profile bank-of-america (Bank of America account)" in said.output
    assert (
        "main: 2 postings in USD, 100.00 at the end of 2023-01-12, 304.90 at the end of 2023-01-20; they follow from "
        "each other"
    ) in said.output
    assert "nothing was kept" in said.output
    (told,) = answer(run(folder, "--dry-run", "--json", str(folder / "a.csv")))
    assert told["label"] == "bank-of-america"
    assert told["statements"] == [
        {
            "account": "main", "asset": "USD", "rows": 2, "first": "2023-01-13", "last": "2023-01-20",
            "opening_day": "2023-01-12", "opening": "100.00", "closing_day": "2023-01-20", "closing": "304.90",
            "fits": True,
        }
    ]  # fmt: skip


def test_a_gap_is_told(folder: Path) -> None:
    (folder / "a.csv").write_text(GAP)
    said = run(folder, "--dry-run", str(folder / "a.csv"))
    assert "note: 20 Jan to 3 Feb 2023: 100.00 USD too much; see line 4" in said.output
    assert "100.00 at the end of 2023-01-12, 104.90 at the end of 2023-02-03; they DO NOT follow" in said.output


def test_a_folder_is_read_by_name_and_a_bad_file_stays_where_it_is(folder: Path) -> None:
    (folder / "statement 10.csv").write_text(LONGER)
    (folder / "statement 2.csv").write_text(FILE)
    (folder / "statement 11.xlsx").write_bytes(xlsx({"s": [["Date", "Text", "Amount"], ["03/13/2023", "x", -1.5]]}))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "half.csv.part").write_text(FILE)
    said = run(folder, "--dry-run", "--currency", "USD", str(folder))
    assert said.exit_code == 1
    assert "picture.png: refused" in said.output
    assert "(there are: " in said.output
    places = [said.output.index(f"statement {number}.") for number in (2, 10, 11)]
    assert places == sorted(places)
    assert "half" not in said.output
    assert (folder / "picture.png").exists()
    empty = folder / "none"
    empty.mkdir()
    assert isinstance(run(folder, str(empty)).exception, ConfigError)


def test_what_is_not_there_is_told(folder: Path) -> None:
    (folder / "statement.csv").write_text(FILE)
    (folder / "all.zip").write_bytes(b"PK\x03\x04" + bytes(60))
    for asked, says in (
        (["statment.csv"], "there is no such file; is it statement.csv?"),
        (["*.qif"], "no file is called so: the shell found nothing that fits"),
        (["gone/a.csv"], f"there is no such file, and no folder {folder / 'gone'}"),
        (["all.zip"], "this is an archive: unpack it"),
        (["statement.csv", "--format", "mt940"], "no importer knows this kind of file: it is not mt940"),
    ):
        said = run(folder, "--dry-run", str(folder / asked[0]), *asked[1:])
        assert (said.exit_code, said.stderr.count("refused, nothing of it was kept: " + says)) == (1, 1), said.output


def test_files_that_name_their_account_keep_it(folder: Path) -> None:
    ends = (
        ":20:A\n:25:12030000/0000202051\n:28C:1/1\n:60F:C260131EUR10,\n"
        ":61:2602030203CR5,N051NONREF\n:62F:C260203EUR15,\n-\n"
    )
    (folder / "savings.sta").write_text(ends)
    (folder / "giro.csv").write_text(
        "IBAN;DE89370400440532013000\n\nBuchungstag;Verwendungszweck;Betrag;Währung\n01.02.2026;Gehalt;5,00;EUR\n"
    )
    (folder / "none.csv").write_text(FILE)
    bank = "<BANKTRANLIST><STMTTRN><DTPOSTED>20260103<TRNAMT>5<FITID>1</STMTTRN></BANKTRANLIST>"
    place = "<BANKACCTFROM><BANKID>1<ACCTID>777<ACCTTYPE>CHECKING</BANKACCTFROM>"
    (folder / "own.ofx").write_text(
        f"OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR{place}{bank}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
    (folder / "own.qif").write_text("!Account\nNChecking\nTBank\n^\n!Type:Bank\nD1/20'26\nT5.00\n^\n")
    # `account: main` of the folder is of files that name none; --account is of all
    said = answer(run(folder, "--dry-run", "--json", "--currency", "EUR", str(folder)))
    assert {Path(row["file"]).name: list(row["accounts"]) for row in said} == {
        "savings.sta": ["12030000/0000202051"],
        "giro.csv": ["DE89370400440532013000"],
        "none.csv": ["main"],
        "own.ofx": ["777"],
        "own.qif": ["Checking"],
    }
    (folder / "savings.sta").write_text(ends.replace(":25:12030000/0000202051", ":25:37040044/0532013000"))
    said = answer(run(folder, "--dry-run", "--json", "--currency", "EUR", "--account", "x", str(folder)))
    assert {account for row in said for account in row["accounts"]} == {"x"}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_files_of_two_accounts_are_not_put_into_one(folder: Path, dry: tuple[str, ...]) -> None:
    head = "Buchungstag;Verwendungszweck;Betrag;Währung\n"
    for name, iban in (("a.csv", "DE89370400440532013000"), ("b.csv", "DE02120300000000202051"), ("c.csv", "")):
        (folder / name).write_text(f"IBAN;{iban}\n\n{head}01.02.2026;Gehalt;5,00;EUR\n")
    refused = run(folder, *dry, "--account", "x", str(folder / "c.csv"), str(folder / "a.csv"), str(folder / "b.csv"))
    assert refused.exit_code == 2
    assert "a.csv is of DE89370400440532013000, b.csv of DE02120300000000202051; leave --account out" in refused.stderr
    # one by one they are what somebody says they are
    assert run(folder, "--dry-run", "--account", "x", str(folder / "b.csv")).exit_code == 0
    assert run(folder, "--dry-run", "--account", "x", str(folder / "a.csv"), str(folder / "c.csv")).exit_code == 0


def test_an_account_does_not_come_twice_under_two_numbers(folder: Path) -> None:
    head = "Buchungstag;Verwendungszweck;Betrag;Saldo;Währung\n"
    row = "01.02.2026;Gehalt;5,00;15,00;EUR\n"
    (folder / "iban.csv").write_text(f"IBAN;DE02120300000000202051\n\n{head}{row}")
    (folder / "old.sta").write_text(
        ":20:A\n:25:12030000/0000202051\n:28C:1/1\n:60F:C260131EUR10,\n"
        ":61:2602010201CR5,N051NONREF\n:62F:C260201EUR15,\n-\n"
    )
    assert run(folder, str(folder / "iban.csv")).exit_code == 0
    refused = run(folder, str(folder / "old.sta"))
    assert refused.exit_code == 1
    assert "its account 12030000/0000202051 seems to be DE02120300000000202051, which is here already" in refused.stderr
    (one,) = answer(run(folder, "--json", "--account", "DE02120300000000202051", str(folder / "old.sta")))
    assert list(one["accounts"]) == ["DE02120300000000202051"]
    # an account may be named as it is called; nothing of it is new
    config = str(folder.parent / "flowd.yaml")
    CliRunner().invoke(
        flowd, ["-c", config, "account", "name", "DE02120300000000202051", "Savings"], catch_exceptions=False
    )
    (again,) = answer(run(folder, "--json", "--account", "savings", str(folder / "old.sta")))
    assert (list(again["accounts"]), again["new"]) == (["DE02120300000000202051"], 0)
    # somebody who says that it is another one is believed
    (other,) = answer(run(folder, "--json", "--account", "12030000/0000202051", str(folder / "old.sta")))
    assert list(other["accounts"]) == ["12030000/0000202051"]


def test_what_is_piped_in_is_read(folder: Path) -> None:
    arguments = ["-c", str(folder.parent / "flowd.yaml"), "import", "--dry-run", "-"]
    said = CliRunner().invoke(flowd, arguments, input=FILE)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("-: 2 rows, 2023-01-13 to 2023-01-20")


def test_what_is_new_is_told_from_what_was_there(folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text(FILE)
    first = run(folder, str(path))
    assert first.exit_code == 0, first.output
    # Two postings, three balances and the end of no month between, an account, and the event of the file.
    assert "7 new, 0 already there" in first.output
    # what follows from whole histories is not made by importing: it is said what waits, and for what
    assert "is up to date; run `flowd study` for the rest, because no daemon runs: " in first.output
    again = run(folder, str(path))
    assert "nothing new: all 7 were there already: this very file was read on " in again.output
    assert "flowd study" not in again.output
    (folder / "b.csv").write_text(FILE)
    (renamed,) = answer(run(folder, "--json", str(folder / "b.csv")))
    assert (renamed["new"], renamed["revised"], renamed["unchanged"]) == (0, 0, 7)
    assert renamed["read_before"]["file"] == "a.csv"
    path.write_text(LONGER)
    (later,) = answer(run(folder, "--json", str(path)))
    assert (later["rows"], later["unchanged"], later["revised"]) == (3, 6, 0)


def test_it_says_what_is_there_already_from_another_file(folder: Path) -> None:
    (folder / "a.csv").write_text(FILE)
    (folder / "b.csv").write_text(
        "Date;Text;Amount;Currency\n2023-01-13;PAY ACME;250.00;USD\n2023-01-20;SHOP B;-45.10;USD\n"
    )
    assert "COUNTED TWICE" not in run(folder, str(folder / "a.csv")).stderr
    said = run(folder, str(folder / "b.csv"))
    assert said.exit_code == 0, said.output
    assert "2 payments in these accounts probably stated twice, and COUNTED TWICE until you say so" in said.stderr
    # the days that a file tells of are looked at, however long ago they were
    command = said.stderr.split("`")[1].split()
    assert command[:3] == ["flowd", "duplicates", "--since"]
    config = str(folder.parent / "flowd.yaml")
    listed = CliRunner().invoke(flowd, ["-c", config, *command[1:], "--json"])
    assert {row["amount"] for row in json.loads(listed.stdout)} == {"250", "-45.1"}


def test_a_format_that_is_not_there_is_told(folder: Path) -> None:
    (folder / "a.csv").write_text(FILE)
    problem = run(folder, "--format", "mt94", str(folder / "a.csv")).exception
    assert isinstance(problem, ConfigError)
    assert "flowd itself reads camt, csv, mt940" in str(problem)
