"""What is a currency is said in Python and in the database, and both say the same."""

from __future__ import annotations

from itertools import product
from string import ascii_uppercase

from flowd.domain.shares import is_currency
from flowd.storage.database import Database

_CODES = ["".join(letters) for letters in product(ascii_uppercase, repeat=3)]
_OTHERS = ["", "eur", "EUR ", "USDT", "US", "BTC", "AAPL", "DE0005933931"]


def test_both_know_the_same_currencies(database: Database) -> None:
    with database.transaction() as session:
        rows = session.execute(
            "SELECT code, derived.is_currency(code) FROM unnest(%s::text[]) AS code", [_CODES + _OTHERS]
        )
        told: dict[str, bool] = dict(rows.fetchall())
    assert told == {code: is_currency(code) for code in _CODES + _OTHERS}


def test_what_moves_units_is_found_by_its_index(database: Database) -> None:
    with database.transaction() as session:
        session.execute("SET LOCAL enable_seqscan = off")
        units = "SELECT FROM derived.flow WHERE tenant_id = 1 AND day > '2024-01-01' AND NOT derived.is_currency(asset)"
        plan = session.execute(f"EXPLAIN {units}").fetchall()
    assert any("flow_units" in line for (line,) in plan)
