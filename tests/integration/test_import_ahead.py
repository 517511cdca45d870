"""What a file dates ahead: a reading of the future is refused before it is written, one of today is known by now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from flowd.api import FileRefused, Hints, Importer, Rate, Record, Trade, Transaction
from flowd.engine.imports import FileImport, import_file, open_file
from flowd.importers import register_importers
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog

TICK = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
TRADE = "!Type:Invst\nD{day}\nNBuy\nYFund\nI10.00\nQ2\nT20.00\n^\n"
PRICE = '!Type:Prices\n"FND",10.50,"{day}"\n^\n'


def importers() -> dict[str, Importer]:
    found: list[Importer] = []
    register_importers(found.append)
    return {importer.name: importer for importer in found}


def records(path: Path, asset: str = "EUR") -> list[Record]:
    with open_file(path) as file:
        return list(FileImport(file, path, importers(), Hints(account="main", asset=asset), TICK).records())


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_price_of_the_future_is_refused_with_what_may_be_wrong(tmp_path: Path) -> None:
    path = put(tmp_path, "a.qif", PRICE.format(day="13/04/2026"))
    with pytest.raises(FileRefused, match="the price of FND is dated 2026-04-13, which is yet to come: either days"):
        records(path)


def test_a_price_of_today_is_known_before_noon(tmp_path: Path, database: Database) -> None:
    path = put(tmp_path, "a.qif", TRADE.format(day="2/15/2026") + PRICE.format(day="3/5/2026"))
    (rate,) = (record for record in records(path) if isinstance(record, Rate))
    assert (rate.at, rate.value) == (TICK, Decimal("10.5"))
    hints = Hints(account="main", asset="EUR")
    written = import_file(path, importers(), hints, log=RawLog(database), connection="inbox", at=TICK).written
    assert written.rates_new == 1


@pytest.mark.parametrize(
    ("day", "asset", "read"),
    [
        # both are yet to come: by habit
        # both are yet to come: by habit
        ("03/09/2026", "USD", date(2026, 3, 9)),
        # one has been
        ("03/04/2026", "EUR", date(2026, 3, 4)),
        ("04/03/2026", "EUR", date(2026, 3, 4)),
        # both have been: by habit
        ("02/01/2026", "EUR", date(2026, 1, 2)),
        ("02/01/2026", "USD", date(2026, 2, 1)),
    ],
)
def test_a_date_that_may_be_two_is_not_one_yet_to_come(tmp_path: Path, day: str, asset: str, read: date) -> None:
    table = put(tmp_path, "a.csv", f"Date,Text,Amount\n{day},Shop,-20.00\n{day},Pay,1500.00\n")
    booked = {record.booked_at for record in records(table, asset) if isinstance(record, Transaction)}
    assert booked == {read}
    quicken = put(tmp_path, "a.qif", f"!Type:Bank\nD{day}\nT-20.00\nPShop\n^\n")
    booked = {record.booked_at for record in records(quicken, asset) if isinstance(record, Transaction)}
    assert booked == {read}
    deal = put(tmp_path, "b.qif", TRADE.format(day=day))
    assert {record.at.date() for record in records(deal, asset) if isinstance(record, Trade)} == {read}
