"""The suites of importers, rate providers, analytics and notifiers: good ones pass, each bad one fails its check."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from flowd.api import RateQuery
from flowd.engine.notifiers import WebhookNotifier
from flowd.testing import AnalyticSuite, ImporterSuite, MethodSuite, NotifierSuite, RateSuite, Replay, StudySuite
from flowd_ecb.provider import BundledRates
from tests.testing.bad_others import ANALYTICS, IMPORTERS, METHODS, NOTIFIERS, PROVIDERS, STUDIES
from tests.testing.other_pytest import failures

ALL = {
    "importer": (ImporterSuite, IMPORTERS),
    "provider": (RateSuite, PROVIDERS),
    "analytic": (AnalyticSuite, ANALYTICS),
    "study": (StudySuite, STUDIES),
    "method": (MethodSuite, METHODS),
    "notifier": (NotifierSuite, NOTIFIERS),
}
#: Checks of files and of modules, failed below or with the connectors.
ELSEWHERE = {"test_registers_without_side_effects", "test_there_are_samples"}
SUITE = """
from datetime import date, timedelta
from decimal import Decimal
from flowd.api import FlowClass, Method, RateQuery, Receipt, Stream
from flowd.testing import AnalyticSuite, FactsView, ImporterSuite, MethodSuite, NotifierSuite, RateSuite
from flowd.testing import Replay, Reply, StudySuite, make_history
from tests.testing import bad_others as others

def view(self):
    days = [date(2026, 1, 1) + timedelta(days=5 * n) for n in range(12)]
    same = {"account": "a", "payer": "b", "flow_class": FlowClass.SALARY, "asset": "EUR", "guessed": False}
    paid = [Receipt(day=day, amount=Decimal(1), **same) for day in days]
    stream = Stream(stream="salary", method=Method.TRANSACTIONS, connection="bank")
    return FactsView(today=date(2026, 3, 1), stream=stream, all_receipts=paid)

def source(self):
    replay = Replay()
    replay.otherwise(lambda asked: Reply(body={}))
    return replay

def history(self):
    return make_history(streams={name: [1.5, 0.25, 3.0] for name in ("bank/salary", "acme", "work")})

query = RateQuery(base="POINTS", quote="EUR", days=[date(2026, 1, 2), date(2026, 1, 5)])
GIVEN = {
    "importer": (ImporterSuite, others.IMPORTERS, others.Statement(), {}),
    "provider": (RateSuite, others.PROVIDERS, others.Table(), {"query": query, "source": source}),
    "analytic": (AnalyticSuite, others.ANALYTICS, others.Counting(), {"view": view}),
    "study": (StudySuite, others.STUDIES, others.Total(), {"history": history}),
    "method": (MethodSuite, others.METHODS, others.Level(), {}),
    "notifier": (NotifierSuite, others.NOTIFIERS, others.Message(), {}),
}
for kind, (suite, bad, good, more) in GIVEN.items():
    for number, thing in enumerate([good, *(one for _, one in bad)]):
        name = f"Test_{kind}_{number}"
        own = {kind: thing, "module": "tests.testing.bad_others", "__module__": __name__, **more}
        globals()[name] = type(name, (suite,), own)
"""


class TestBundledRates(RateSuite):
    provider = BundledRates()
    query = RateQuery(base="USD", quote="CHF", days=[date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 4)])


class TestWebhook(NotifierSuite):
    notifier = WebhookNotifier()
    module = "flowd.engine.notifiers"

    def settings(self, source: Replay) -> dict[str, object]:
        return {"url": source.url + "/hook", "headers": {"authorization": self.secret}}


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'flowd-others'\n")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "june.csv").write_text("date;amount;text\n2026-06-01;1.50;a\n2026-06-01;2.50;b\n")
    (tmp_path / "test_others.py").write_text(SUITE)
    return tmp_path


@pytest.mark.parametrize("kind", ALL)
def test_there_is_a_bad_one_for_every_check(kind: str) -> None:
    suite, bad = ALL[kind]
    checks = {name for name in dir(suite) if name.startswith("test_")}
    assert {f"test_{check.split('[')[0]}" for check, _ in bad} | (ELSEWHERE & checks) == checks


def test_good_ones_pass_and_each_bad_one_fails_its_check(plugin: Path) -> None:
    written = "test_others.py::Test_importer_0::test_samples_give_the_expected_records"
    assert failures(plugin, written, more={"FLOWD_UPDATE_CASES": "1"}) == {}
    assert (plugin / "cases" / "expected" / "june.csv.jsonl").exists()
    nodes = {
        f"test_others.py::Test_{kind}_{number}::test_{check}": thing
        for kind, (_, bad) in ALL.items()
        for number, (check, thing) in enumerate(bad, 1)
    }
    failed = failures(plugin, *(f"test_others.py::Test_{kind}_0" for kind in ALL), *nodes)
    assert [text for node, text in failed.items() if "_0::" in node] == []
    passed = [f"{node} ({type(thing).__name__})" for node, thing in nodes.items() if node not in failed]
    assert not passed, f"these pass: {passed}"


def test_without_samples_an_importer_fails(plugin: Path) -> None:
    (plugin / "cases" / "june.csv").unlink()
    assert failures(plugin, "test_others.py::Test_importer_0::test_there_are_samples")
