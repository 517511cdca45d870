"""Every check of the suite fails on a connector that does what it is there to find; and none does on a good one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from flowd.testing import ConnectorSuite
from tests.testing.bad import BAD
from tests.testing.other_pytest import failures

PLUGIN = Path(__file__).parent / "plugin"
#: Checks of files, which are failed by other files below.
OF_FILES = {
    "test_registers_without_side_effects",
    "test_the_entry_point_is_named_like_the_connector",
    "test_the_sample_loads",
    "test_no_secret_in_recorded_cases",
    "test_the_authors_own_alterations",
}
SUITE = """
from datetime import date
from flowd.api import RateQuery
from flowd.testing import ConnectorSuite
from tests.testing.bad import BAD

QUERY = RateQuery(base="POINTS", quote="EUR", days=[date(2026, 1, 2)])
for number, (_, _, kind) in enumerate(BAD):
    own = {"connector": kind, "module": "tests.testing.acme", "__module__": __name__}
    own |= {"query": QUERY, "tokens": {"a": "b"}}
    name = f"TestBad{number}"
    globals()[name] = type(name, (ConnectorSuite,), own)
"""
GOOD = """
from flowd.testing import ConnectorSuite, Reply
from tests.testing.acme import CONNECTOR

class TestAcme(ConnectorSuite):
    connector = CONNECTOR
    module = "tests.testing.acme"

    def hostile(self):
        payout = {"id": "1", "at": "2026-01-01T00:00:00Z", "net": "1", "currency": "no asset"}
        page = {"payouts": [payout], "next": None}
        yield "a currency that is none", lambda asked, reply: Reply(body=page)
"""


def checks() -> set[str]:
    return {name for name in dir(ConnectorSuite) if name.startswith("test_")}


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    shutil.copytree(PLUGIN, tmp_path, dirs_exist_ok=True)
    (tmp_path / "test_acme.py").write_text(GOOD)
    return tmp_path


def test_there_is_a_bad_connector_for_every_check() -> None:
    assert {f"test_{check}" for check, _, _ in BAD} | OF_FILES == checks()


def test_each_bad_connector_fails_the_check_it_is_there_for(plugin: Path) -> None:
    (plugin / "test_bad.py").write_text(SUITE)
    nodes = [f"test_bad.py::TestBad{number}::test_{check}{on}" for number, (check, on, _) in enumerate(BAD)]
    failed = failures(plugin, *nodes)
    passed = [f"{node} ({BAD[number][2].connect})" for number, node in enumerate(nodes) if node not in failed]
    assert not passed, f"these bad connectors pass: {passed}"
    wrong = {node: text[-400:] for node, text in failed.items() if "AssertionError" not in text}
    assert not wrong, "each failure is an assertion with words of its own"


def test_an_authors_alteration_is_tried(plugin: Path) -> None:
    failed = failures(plugin, "test_acme.py::TestAcme::test_the_authors_own_alterations")
    [(node, text)] = failed.items()
    assert node.endswith("[payouts]")
    assert "a currency that is none: sync('payouts') raised ValueError" in text


def change(path: str, old: str, new: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new))

    return make


@pytest.mark.parametrize(
    ("check", "spoil", "says"),
    [
        ("the_entry_point_is_named_like_the_connector", change("pyproject.toml", "acme =", "other ="), "'other'"),
        ("the_sample_loads", change("sample.yaml", "key:", "keyy:"), "keyy"),
        ("the_sample_loads", change("sample.yaml", "type: acme", "type: other"), "type is 'other'"),
        ("the_sample_loads", lambda folder: (folder / "sample.yaml").unlink(), "there is no"),
        ("no_secret_in_recorded_cases", change("cases/answers.json", "Zoë", "AKIA" + "A" * 16), "a real secret"),
        ("cases_give_the_expected_records", change("cases/answers.json", "1200.50", "1200.51"), "+{"),
        (
            "cases_give_the_expected_records",
            lambda folder: (folder / "cases" / "expected" / "balances.jsonl").unlink(),
            "--update",
        ),
    ],
)
def test_checks_of_files(plugin: Path, check: str, spoil: Callable[[Path], None], says: str) -> None:
    spoil(plugin)
    failed = failures(plugin, f"test_acme.py::TestAcme::test_{check}")
    assert failed
    assert any(says in text for text in failed.values())


HEAD = "from tests.testing.acme import register_connectors\n"
#: What a module does at import → how it is told.
DEEDS: Sequence[tuple[str, str]] = (
    ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "connects to ('127.0.0.1', 9)"),
    ("import socket; socket.getaddrinfo('localhost', 80)", "looks up localhost"),
    ("open('here.txt', 'w').close()", "writes the file here.txt"),
    ("import os; os.mkdir('there')", "makes the folder there"),
    ("import subprocess; subprocess.run(['true'])", "starts true"),
    ("import threading, time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()", "starts a thread"),
    ("print('hello')", "prints 'hello'"),
    ("import os; os.environ['ACME'] = '1'", "sets the environment variable b'ACME'"),
)


@pytest.mark.parametrize(("deed", "says"), DEEDS, ids=[says for _, says in DEEDS])
def test_what_is_done_at_import_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, says: str) -> None:
    from flowd.testing.suite_registration import watched

    (tmp_path / "bad_at_import.py").write_text(f"{HEAD}{deed}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    report = watched("bad_at_import")
    assert report["deeds"] == [says]
    assert report["connectors"] == ["acme"]


def test_what_cannot_be_imported_is_told(plugin: Path) -> None:
    change("test_acme.py", 'tests.testing.acme"', 'no_such_module"')(plugin)
    [text] = failures(plugin, "test_acme.py::TestAcme::test_registers_without_side_effects").values()
    assert "no_such_module cannot be registered" in text


def test_what_registers_something_else_is_told(plugin: Path) -> None:
    change("test_acme.py", 'tests.testing.acme"', 'tests.testing.bad_others"')(plugin)
    [text] = failures(plugin, "test_acme.py::TestAcme::test_registers_without_side_effects").values()
    assert "registers [], not 'acme'" in text


def test_what_registers_otherwise_when_asked_again_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flowd.testing.suite_registration import watched

    (tmp_path / "bad_twice.py").write_text(
        "from dataclasses import replace\n"
        "from flowd.api import hookimpl\n"
        "from tests.testing.acme import CONNECTOR\n"
        "names = iter(['one', 'two'])\n"
        "@hookimpl\n"
        "def register_connectors(register):\n"
        "    register(replace(CONNECTOR, name=next(names)))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert watched("bad_twice")["deeds"] == ["registers something else when it is asked again"]
