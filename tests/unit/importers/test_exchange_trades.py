"""Trades out of exchanges' ledgers: paired rows, fees in any asset, and what is no pair."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from flowd.api import FlowClass, Hints, Record, Side, Trade, Transaction
from flowd.importers.delimited.importer import CsvImporter

from .bank_samples import SAMPLES
from .venues import VENUES

FILES = {one.name: one.text for one in VENUES} | {one.profile: one.text for one in SAMPLES}
LEDGER = '"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"\n'


def read(text: str, label: str) -> tuple[Sequence[Record], Sequence[str]]:
    plan = CsvImporter().plan(io.BytesIO(text.encode()), Hints(account="x"))
    assert plan.label == label
    return [record for batch in plan.batches() for record in batch.records], plan.notes


def trades(records: Sequence[Record]) -> list[str]:
    return [
        f"{one.at:%Y-%m-%dT%H:%M:%S} {one.side.value} {one.quantity} {one.base} at {one.price} {one.quote}, "
        f"{one.fee} {one.fee_asset}"
        for one in records
        if isinstance(one, Trade)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("kraken-ledgers", ["2017-11-12T19:04:13 buy 0.1 XMR at 100 EUR, 0.2600 EUR"]),
        (
            "kraken-trades",
            [
                "2024-01-02T03:04:05 buy 2 BTC at 100 EUR, 0.5 EUR",
                "2024-02-02T03:04:05 sell 1 BTC at 150 EUR, 0.4 EUR",
            ],
        ),
        ("binance-history", ["2024-01-12T08:00:00 buy 0.002 BTC at 47500 USDT, 0.00010000 BNB"]),
        ("coinbase-pro", ["2020-01-16T10:00:00 buy 0.01 BTC at 8000 EUR, 0.40 EUR"]),
        ("bitpanda", ["2024-01-02T07:19:36 buy 0.002 BTC at 25000 EUR, 0 EUR"]),
        (
            "coinbase",
            [
                "2024-12-19T17:59:59 buy 0.035 SOL at 191.14 EUR, 0 EUR",
                "2025-01-11T09:15:00 sell 0.01 SOL at 199 EUR, 0 EUR",
            ],
        ),
    ],
)
def test_a_trade_is_told_once(name: str, expected: list[str]) -> None:
    records, notes = read(FILES[name], name)
    assert trades(records) == expected
    assert not [one for one in records if isinstance(one, Transaction) and one.kind is FlowClass.FX]
    assert any("counts twice" in note for note in notes)


@pytest.mark.parametrize("name", ["kraken-ledgers", "kraken-trades", "binance-history", "coinbase-pro", "bitpanda"])
def test_the_same_file_gives_the_same_names(name: str) -> None:
    one, two = ([x.external_id for x in read(FILES[name], name)[0] if isinstance(x, Trade)] for _ in range(2))
    assert one == two
    assert len(set(one)) == len(one)


def test_both_kraken_files_name_a_trade_alike() -> None:
    ledger = LEDGER + (
        '"L1","TA","2024-01-02 03:04:05","trade","","currency","XXBT",2.0,0.0,2.0\n'
        '"L2","TA","2024-01-02 03:04:05","trade","","currency","ZEUR",-200.0,0.5,99.5\n'
    )
    (one,) = [x for x in read(ledger, "kraken-ledgers")[0] if isinstance(x, Trade)]
    two = next(x for x in read(FILES["kraken-trades"], "kraken-trades")[0] if isinstance(x, Trade))
    assert one == two


def test_a_fee_in_the_coin_and_one_in_a_second_asset() -> None:
    ledger = LEDGER + (
        '"L1","T9","2024-01-02 03:04:05","trade","","currency","XXBT",-2.0,0.01,1.0\n'
        '"L2","T9","2024-01-02 03:04:05","trade","","currency","ZEUR",200.0,0.5,299.5\n'
    )
    records, _ = read(ledger, "kraken-ledgers")
    assert trades(records) == ["2024-01-02T03:04:05 sell 2 BTC at 100 EUR, 0.5 EUR"]
    (fee,) = [one for one in records if isinstance(one, Transaction)]
    assert (fee.amount, fee.asset, fee.kind) == (Decimal("-0.01"), "BTC", FlowClass.FEE)


def test_coins_for_coins_are_paid_in_the_one_others_are_paid_in() -> None:
    ledger = LEDGER + (
        '"L1","T9","2024-01-02 03:04:05","spend","","currency","SOL",-20,0,1.0\n'
        '"L2","T9","2024-01-02 03:04:05","receive","","currency","XXBT",0.05,0,0.05\n'
    )
    (one,) = [x for x in read(ledger, "kraken-ledgers")[0] if isinstance(x, Trade)]
    assert (one.base, one.quote, one.side, one.price) == ("SOL", "BTC", Side.SELL, Decimal("0.0025"))
    assert one.at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_rows_that_are_no_pair_stay_what_they_are() -> None:
    ledger = LEDGER + (
        '"L1","T9","2024-01-02 03:04:05","trade","","currency","SOL",-20,0,1.0\n'
        '"L2","T9","2024-01-02 03:04:05","trade","","currency","ADA",5,0,5\n'
        '"L3","T9","2024-01-02 03:04:05","trade","","currency","XXBT",0.05,0,0.05\n'
        '"L4","T8","2024-01-02 03:04:06","trade","","currency","XXBT",0.05,0,0.1\n'
    )
    records, notes = read(ledger, "kraken-ledgers")
    assert trades(records) == []
    assert [one.amount for one in records if isinstance(one, Transaction)] == [-20, 5, Decimal("0.05"), Decimal("0.05")]
    assert any("ADA, BTC, SOL at 2024-01-02 03:04:05 are no two sides of one trade" in note for note in notes)


def test_rows_of_many_trades_that_stand_apart_are_found_in_bounded_memory() -> None:
    rows = [
        f'"{side}{number}","T{number}","2024-01-02 03:04:05","trade","","currency","{asset}",{amount},0,1\n'
        for start in range(0, 1000, 100)
        for side, asset, amount in (("a", "SOL", 2), ("b", "ZEUR", -20))
        for number in range(start, start + 100)
    ]
    records, _ = read(LEDGER + "".join(rows), "kraken-ledgers")
    assert len(trades(records)) == 1000
