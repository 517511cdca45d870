"""Files of exchanges into the database: trades with their cost, once, however often a file is imported."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flowd.analytics.positions.study import Positions
from flowd.api import Hints, Importer
from flowd.engine.derivation import Derivation
from flowd.engine.imports import import_file
from flowd.importers import register_importers
from flowd.plugins import Registry
from flowd.storage.database import Database
from tests.deriving import Store

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LEDGER = """"txid","refid","time","type","subtype","aclass","asset","amount","fee","balance"
"L1","Q1","2024-01-01 09:00:00","deposit","","currency","ZEUR",1000.0,0.0,1000.0
"L2","TA","2024-01-02 03:04:05","trade","","currency","XXBT",2.0,0.0,2.0
"L3","TA","2024-01-02 03:04:05","trade","","currency","ZEUR",-200.0,0.5,799.5
"L4","TB","2024-02-02 03:04:05","trade","","currency","XXBT",-1.0,0.0,1.0
"L5","TB","2024-02-02 03:04:05","trade","","currency","ZEUR",150.0,0.4,949.1
"""
TRADES = """"txid","ordertxid","pair","time","type","ordertype","price","cost","fee","vol","margin","misc","ledgers"
"TA","OA","XXBTZEUR","2024-01-02 03:04:05.1234","buy","limit",100.0,200.0,0.5,2.0,0.0,"","L2,L3"
"TB","OB","XXBTZEUR","2024-02-02 03:04:05.1234","sell","limit",150.0,150.0,0.4,1.0,0.0,"","L4,L5"
"""


def test_both_kraken_files_tell_the_same_trades_with_their_cost(database: Database, tmp_path: Path) -> None:
    found: list[Importer] = []
    register_importers(found.append)
    importers = {importer.name: importer for importer in found}
    store = Store(database)
    store.derivation = Derivation(database, Registry(analytics={"positions": Positions()}), store.settings, store.clock)

    def bring(name: str, text: str) -> tuple[int, int]:
        (tmp_path / name).write_text(text)
        written = import_file(
            tmp_path / name, importers, Hints(account="kraken"), log=store.rawlog, connection="files", at=AT
        ).written
        return written.events_new, written.events_revised

    assert bring("ledgers.csv", LEDGER)[1] == 0
    assert bring("ledgers.csv", LEDGER) == (0, 0)
    # the other file says the same trades: only that it was imported is new
    assert bring("trades.csv", TRADES) == (1, 0)
    store.derivation.catch_up()
    trades = "SELECT side, quantity::text, price::text, fee::text, fee_asset FROM derived.trade ORDER BY at"
    assert store.rows(trades) == [("buy", "2", "100", "0.5", "EUR"), ("sell", "1", "150", "0.4", "EUR")]
    assert store.rows("SELECT count(*)::int FROM derived.transaction") == [(1,)]
    held = store.rows("SELECT quantity::text, cost::text FROM derived.position WHERE asset = 'BTC' AND method = 'fifo'")
    assert held == [("1", "100.25")]
