"""Every built-in profile knows its bank's file by itself and reads it right; most are read alike without it."""

from __future__ import annotations

import contextlib
import io
import random
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Balance, FileRefused, Hints, Transaction
from flowd.importers.delimited.catalogue import Catalogue, built_in
from flowd.importers.delimited.importer import CsvImporter, Reading

from .bank_samples import SAMPLES, Sample
from .dialects import DIALECTS, Dialect

KNOWING = CsvImporter(built_in())
GUESSING = CsvImporter(Catalogue([]))
#: As in a watched folder: the account is of files that name none.
HINTS = Hints(account="main", asset="XXX", fallback=True)
#: These have samples of their own in other tests, or no header to be known by.
ELSEWHERE = {
    "bank-of-ireland", "berka", "commerzbank", "dkb-card", "easybank-kta", "ebh", "kbc", "kbc-card", "monzo", "n26",
    "rabobank", "raiffeisen-at", "raiffeisen-cz",
    "binance-history", "bitpanda", "coinbase-pro", "kraken-trades",
}  # fmt: skip


def read(sample: Sample, importer: CsvImporter) -> tuple[Reading, list[object]]:
    plan = importer.plan(io.BytesIO(sample.text.encode(sample.encoding)), HINTS)
    return plan, [record for batch in plan.batches() for record in batch.records]


def said(record: Transaction) -> str:
    asset = "None" if record.asset == "XXX" else record.asset
    kind = f" {record.kind}" if record.kind is not None else ""
    return f"{record.booked_at.isoformat()} {record.amount} {asset}{kind}" + (" pending" if record.pending else "")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.profile)
def test_a_bank_is_known_by_its_file(sample: Sample) -> None:
    plan, records = read(sample, KNOWING)
    rows = [record for record in records if isinstance(record, Transaction)]
    assert plan.label == sample.profile
    assert [said(row) for row in rows] == [row.replace("XXX", "None") for row in sample.rows]
    assert rows[0].account == sample.account
    data = sample.text.encode(sample.encoding)
    assert KNOWING.identify("export.csv", data) == 0.95
    assert not [note for note in plan.notes if "missing" in note or "too much" in note or "does not follow" in note]


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.guessed], ids=lambda sample: sample.profile)
def test_it_is_read_alike_without_the_profile(sample: Sample) -> None:
    _, records = read(sample, GUESSING)
    rows = [f"{r.booked_at.isoformat()} {r.amount}" for r in records if isinstance(r, Transaction)]
    assert rows == [" ".join(row.split()[:2]) for row in sample.rows]


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one.rows], ids=lambda dialect: dialect.name)
def test_no_profile_reads_another_banks_file_wrongly(dialect: Dialect) -> None:
    sample = Sample(profile="", text=dialect.text, encoding=dialect.encoding, rows=())
    _, records = read(sample, KNOWING)
    rows = [f"{r.booked_at.isoformat()} {r.amount}" for r in records if isinstance(r, Transaction)]
    assert rows == [" ".join(row.split()[:2]) for row in dialect.rows]


def test_every_profile_has_a_sample() -> None:
    assert {sample.profile for sample in SAMPLES} | ELSEWHERE == set(built_in().names())


def test_balances_and_kinds_of_accounts_come_with_them() -> None:
    by_name = {sample.profile: sample for sample in SAMPLES}
    _, records = read(by_name["schwab-bank"], KNOWING)
    held = {str(record.day): str(record.amount) for record in records if isinstance(record, Balance)}
    assert held == {"2022-07-12": "1400.00", "2022-07-13": "1200.00", "2022-07-31": "1201.00"}
    _, records = read(by_name["chase-card"], KNOWING)
    assert [record.kind for record in records if isinstance(record, AccountInfo)] == [AccountKind.CARD]


def test_parts_of_an_account_are_kept_apart() -> None:
    head = "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
    rows = (
        "TOPUP,Current,2023-01-01 10:00:00,2023-01-01 10:00:05,X,100.00,0.00,GBP,COMPLETED,100.00\n"
        "TOPUP,Savings,2023-01-05 10:00:00,2023-01-05 10:00:05,X,10.00,0.00,GBP,COMPLETED,10.00\n"
        "CARD_PAYMENT,Current,2023-01-06 10:00:00,2023-01-07 10:00:05,X,-9.50,0.00,GBP,COMPLETED,90.50\n"
    )
    plan, records = read(Sample(profile="revolut", text=head + rows, rows=()), KNOWING)
    found = [(record.account, str(record.amount)) for record in records if isinstance(record, Transaction)]
    assert found == [("main", "100.00"), ("main Savings", "10.00"), ("main", "-9.50")]
    assert plan.notes == []
    held = {(record.account, str(record.day)) for record in records if isinstance(record, Balance)}
    assert {("main", "2023-01-07"), ("main Savings", "2023-01-05")} <= held


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.profile)
def test_a_damaged_file_is_read_or_refused(sample: Sample) -> None:
    chance = random.Random(sample.profile)
    good = sample.text.encode(sample.encoding)
    for _ in range(12):
        data = bytearray(good)
        for _ in range(chance.choice([1, 3, 20])):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(3)] = chance.choice(
                [b",", b";", b'"', b"\n", b"-", b"9" * 40, data[at : at + 80]]
            )
        with contextlib.suppress(FileRefused):
            plan = KNOWING.plan(io.BytesIO(bytes(data)), HINTS)
            assert all(list(batch.records) for batch in plan.batches())


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ("venmo", r"by 'Funding Source' some payments were made from elsewhere \('Visa Debit \*0040'\)"),
        ("kraken-ledgers", "rows without 'txid' repeat rows that have one"),
    ],
)
def test_what_a_guess_would_read_wrongly_is_refused(profile: str, says: str) -> None:
    (sample,) = (sample for sample in SAMPLES if sample.profile == profile)
    with pytest.raises(FileRefused, match=says):
        read(sample, GUESSING)


def test_trades_told_in_two_rows_are_refused_without_a_profile() -> None:
    (kraken,) = (sample for sample in SAMPLES if sample.profile == "kraken-ledgers")
    booked = kraken.text.replace('"","Q1","2017-11-09 08:50:00"', '"L0","Q0","2017-11-09 08:50:00"')
    with pytest.raises(FileRefused, match="two of them share 'refid' 'T1', and a guess would take both for payments"):
        read(Sample(profile="", text=booked, rows=()), GUESSING)
    # several currencies alone are no trades
    several = (
        "Date,Reference,Amount,Currency\n2026-01-02,R1,5.00,EUR\n2026-01-02,R2,-5.40,USD\n2026-01-03,R2,-1.00,USD\n"
    )
    _, records = read(Sample(profile="", text=several, rows=()), GUESSING)
    assert [record.amount for record in records if isinstance(record, Transaction)] == [
        Decimal("5.00"),
        Decimal("-5.40"),
        Decimal("-1.00"),
    ]
