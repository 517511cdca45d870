# ruff: noqa: E501 - what a file says stands in one line
"""Real OFX and QIF files, examples of the standard and inputs that crashed other readers: right, or refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flowd.api import (
    AccountInfo,
    Balance,
    FileRefused,
    FlowClass,
    Hints,
    Importer,
    Rate,
    Record,
    Snapshot,
    Trade,
    Transaction,
)
from flowd.engine.imports import HEAD, choose_importer, import_file
from flowd.importers import register_importers
from flowd.importers.lazy import LazyImporter
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog

STATEMENTS = Path(__file__).parents[3] / "shared" / "data" / "statements"
pytestmark = pytest.mark.skipif(
    not (STATEMENTS / "ofx_ofxparse").is_dir(), reason="the real statements are not on this machine"
)
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
D = Decimal


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person reads in a file: per account and asset the number and sum of its postings, trades, balances."""

    money: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    trades: int = 0
    balances: dict[tuple[str, str], str] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()


OFX = {
    "fidelity-savings.ofx": Said(money={("X0000001", "USD"): (4, "-1778.3952")}),
    "multiple_accounts.ofx": Said(balances={("9100", "2012-06-03"): "111", ("9200", "2012-06-03"): "222"}),
    "ofx-v102-empty-tags.ofx": Said(money={("12345678", "AUD"): (1, "12.34")}),
    "suncorp.ofx": Said(money={("123456789", "AUD"): (1, "-16.85")}, balances={("123456789", "2013-12-15"): "1234.12"}),
    "td_ameritrade.ofx": Said(balances={("121212121", "2017-12-03"): "0"}, held={("121212121", "AMZN"): "1", ("121212121", "912810RW0"): "1000"}),
    "vanguard401k.ofx": Said(
        money={("0123456", "USD"): (4, "2019.0"), ("0123456", "92202V351"): (1, "-0.04241")}, trades=4, held={("0123456", "92202V351"): "117.506"},
    ),
    "account_listing_aggregation.ofx": Said(accounts=("0000000001", "0000000002", "00000000000003", "4111111111111111")),
    "br_nubank_cc.ofx": Said(
        money={("11111111-UUID-UUID-UUID-111111111111", "BRL"): (6, "-1280.91")},
        balances={("11111111-UUID-UUID-UUID-111111111111", "2024-03-25"): "-1280.91"},
    ),
    "stmtrs_euro.ofx": Said(money={("999988", "USD"): (2, "-500.00")}, balances={("999988", "2005-10-29"): "200.29"}),
    "example-listing2.xml": Said(money={("0000000", "CAD"): (2, "209.95")}, balances={("0000000", "2009-02-09"): "256.94"}),
    "ofx-2.1.1-sect-8.5.5.ofx": Said(accounts=("12345",)),
    "ofx-2.1.1-sect-13.12.ofx": Said(
        money={("999988", "USD"): (1, "1000.00")}, trades=1, balances={("999988", "2005-08-27"): "200.00"},
        held={("999988", "ACME"): "200", ("999988", "LUAXX"): "1"},
    ),
    "ofx-2.1.1-sect-13.13.ofx": Said(money={("999988", "USD"): (3, "407.88")}, trades=3),
    "ofx-2.1.1-sect-16.5.3.2.ofx": Said(
        money={("123456", "USD"): (1, "-80"), ("123412341234", "USD"): (2, "327.00")},
        balances={("123456", "2005-08-31"): "2156.56", ("123412341234", "2005-08-31"): "-562.00"},
    ),
    "ofx-2.1.1-sect-16.5.4.2.ofx": Said(
        money={("123456", "USD"): (1, "-80.32")}, balances={("123456", "2005-08-31"): "2156.56", ("654321", "2005-08-31"): "3452.00"},
    ),
    "ofx-2.1.1-sect-16.5.6.2.ofx": Said(trades=1, balances={("1256734", "2005-08-31"): "370.87"}, held={("1256734", "SWMXX"): "1560.18"}),
    "ofx-2.1.1-sect-16.5.6.5.ofx": Said(trades=1, balances={("1256734", "2005-08-31"): "370.87"}, held={("1256734", "SWMXX"): "1560.18"}),
}  # fmt: skip

QIF = {
    "ms-money.qif": Said(money={("main", "USD"): (346, "-2704.64")}, balances={("main", "1995-12-02"): "4706.57"}),
    "Money95bank_fr.qif": Said(money={("main", "USD"): (142, "3060.04")}, balances={("main", "1994-12-31"): "5762.36"}),
    "Money95mfunds_fr.qif": Said(money={("main", "USD"): (3, "77694.15")}, trades=3),
    "Money95stocks_fr.qif": Said(money={("main", "USD"): (27, "64210.40"), ("main", "MICROSOFT"): (1, "94.008451")}, trades=27),
    "abc.qif": Said(money={("main", "USD"): (7, "1711.00")}),
    "bogus.qif": Said(money={("main", "USD"): (8, "1745.00")}),
    "test.qif": Said(money={("main", "USD"): (5, "-35.50")}, trades=1, balances={("main", "2020-02-09"): "0.00"}),
    "test_oth_a.qif": Said(money={("main", "USD"): (5, "-35.50")}, trades=1, balances={("main", "2020-02-09"): "0.00"}),
    "test_transaction_before_account_definition_2.qif": Said(money={("main", "USD"): (2, "-197.96")}),
    "test_unknown_account_type.qif": Said(accounts=("main",)),
}  # fmt: skip

REFUSED = {
    "downcast.ofx": "line 7: </CCACCTFROM> ends nothing that is open",
    "failing-ofx-file2.xml": "line 5: </DSTATUS> ends nothing",
    "heap-buffer-overflow-2.ofx": "line 1: a NUL byte",
    "null-ptr-deref-2.ofx": "stands directly in <OFX>",
    "decimal_error.ofx": "line 34: <DTPOSTED> '201120000000' is not a date",
    "bank_small.ofx": "no statement",
    "signon_success.ofx": "no statement",
    "error_message.ofx": "General Server Error",
    "empty.qif": "empty",
    "invalid.txt": "no QIF file",
}


def files(*folders: str) -> dict[str, Path]:
    return {
        path.name: path for folder in folders for path in sorted((STATEMENTS / folder).rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def importers() -> dict[str, Importer]:
    found: list[Importer] = []
    register_importers(found.append)
    return {importer.name: importer for importer in found}


def read(path: Path, importers: dict[str, Importer]) -> tuple[str, list[Record]]:
    """Return which importer read `path`, and its records."""
    with path.open("rb") as file:
        importer, _ = choose_importer(path.name, file.read(HEAD), importers)
        if importer.name not in {"ofx", "qif"} and path.name == "invalid.txt":
            importer = importers["qif"]
        assert isinstance(importer, LazyImporter)
        hints = Hints(asset="USD", account="main") if importer.name == "qif" else Hints()
        return importer.name, [r for batch in importer.plan(file, hints).batches() for r in batch.records]


def summed(records: list[Record]) -> Said:
    money: dict[tuple[str, str], tuple[int, str]] = {}
    for record in records:
        if isinstance(record, Transaction):
            count, total = money.get((record.account, record.asset), (0, "0"))
            money[record.account, record.asset] = (count + 1, str(D(total) + record.amount))
    return Said(
        money=money,
        trades=sum(isinstance(record, Trade) for record in records),
        balances={(one.account, one.day.isoformat()): str(one.amount) for one in records if isinstance(one, Balance)},
        held={(one.account, one.asset): str(one.quantity) for one in records if isinstance(one, Snapshot)},
        accounts=tuple(one.account for one in records if isinstance(one, AccountInfo)),
    )


@pytest.mark.parametrize("name", [*OFX, *QIF])
def test_a_readable_file_says_what_a_person_reads_in_it(name: str, importers: dict[str, Importer]) -> None:
    path = files("ofx_ofxparse", "ofx_ofxtools", "ofx_libofx", "qif_gnucash", "qif_quiffen")[name]
    which, records = read(path, importers)
    assert which == ("ofx" if name in OFX else "qif")
    said, expected = summed(records), {**OFX, **QIF}[name]
    assert {place: (count, D(total)) for place, (count, total) in said.money.items()} == {
        place: (count, D(total)) for place, (count, total) in expected.money.items()
    }
    assert said.trades == expected.trades
    assert said.balances == expected.balances
    assert said.held == expected.held
    if expected.accounts:
        assert said.accounts == expected.accounts


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_file_is_refused_with_its_reason(name: str, importers: dict[str, Importer]) -> None:
    path = files("ofx_ofxparse", "ofx_libofx", "qif_quiffen")[name]
    with pytest.raises(FileRefused, match=REFUSED[name]):
        read(path, importers)


def test_every_file_is_either_read_or_refused(importers: dict[str, Importer]) -> None:
    verdicts = Counter[str]()
    for path in files("ofx_ofxparse", "ofx_ofxtools", "ofx_libofx", "qif_gnucash", "qif_quiffen").values():
        try:
            verdicts[read(path, importers)[0]] += 1
        except FileRefused:
            verdicts["refused"] += 1
    assert verdicts == {"ofx": len(OFX), "qif": len(QIF), "refused": len(REFUSED)}


def test_details_of_a_few(importers: dict[str, Importer]) -> None:
    found = files("ofx_ofxparse", "ofx_libofx", "qif_gnucash")
    card = [one for one in read(found["ofx-2.1.1-sect-16.5.3.2.ofx"], importers)[1] if isinstance(one, Transaction)]
    # Interest on a card is paid, not earned.
    assert [(one.external_id, one.kind) for one in card] == [
        ("219378", None),
        ("219867", FlowClass.FEE),
        ("219868", None),
    ]
    (bought,) = (one for one in read(found["ofx-2.1.1-sect-13.12.ofx"], importers)[1] if isinstance(one, Trade))
    assert (bought.base, bought.quantity, bought.price, bought.fee) == ("ACME", D(100), D("50.00"), D("25.00"))
    # A bond is quoted in percent of its face value.
    rates = {one.base: one.value for one in read(found["td_ameritrade.ofx"], importers)[1] if isinstance(one, Rate)}
    assert rates == {"AMZN": D(1000), "912810RW0": D(1)}
    french = [one for one in read(found["Money95bank_fr.qif"], importers)[1] if isinstance(one, Transaction)]
    assert french[0].booked_at == date(1995, 1, 1)
    assert (french[0].raw or {})["category"] == "Loisirs:Canal Plus-Câble"
    assert sum(one.kind is FlowClass.TRANSFER for one in french) == 9
    assert [part["amount"] for part in (french[1].raw or {})["splits"]] == ["-68.00", "-75.00", "-357.00"]  # type: ignore[union-attr, index, call-overload]


@pytest.mark.parametrize(
    "name", ["br_nubank_cc.ofx", "vanguard401k.ofx", "td_ameritrade.ofx", "Money95stocks_fr.qif", "test.qif"]
)
def test_twice_is_once(name: str, importers: dict[str, Importer], database: Database) -> None:
    path = files("ofx_ofxparse", "ofx_ofxtools", "qif_gnucash", "qif_quiffen")[name]
    hints = Hints(account="main", asset="EUR") if name.endswith(".qif") else Hints()
    log = RawLog(database)
    first = import_file(path, importers, hints, log=log, connection="inbox", at=AT)
    assert first.written.events_new > 0
    again = import_file(path, importers, hints, log=log, connection="inbox", at=AT.replace(year=2027))
    assert (again.written.events_new, again.written.events_revised) == (0, 0)
    new = first.written
    assert again.written.unchanged == new.events_new + new.snapshots_new + new.rates_new + new.unchanged


def test_a_list_of_accounts_is_kept_for_its_names(importers: dict[str, Importer], database: Database) -> None:
    path = files("ofx_ofxparse")["account_listing_aggregation.ofx"]
    kept = import_file(path, importers, Hints(), log=RawLog(database), connection="inbox", at=AT)
    assert kept.written.events_new == 5  # four accounts, and the event that says so
