"""Reads positions: as they are stored, or kept anew in another currency at the rates of each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from flowd.domain.positions import Position
from flowd.domain.shares import EXACT

if TYPE_CHECKING:
    from flowd.config import Settings
    from flowd.edges.opening import Store
    from flowd.plugins import Registry
    from flowd.storage.reports import Row

#: As the report schema rounds it.
_PLACES = Decimal("1e-12")
#: What the rows of report.position are called, in their order.
COLUMNS = (
    "connection", "account", "asset", "method", "quote", "quantity", "unexplained", "opened", "changed", "cost",
    "cost_fees", "average_price", "cost_base", "price", "price_day", "value", "value_base", "unrealised",
    "unrealised_base", "unrealised_price", "unrealised_fx", "realised", "realised_base", "realised_price",
    "realised_fx", "dividends_base", "interest_base", "staking_base", "other_base", "fees_base", "trades",
    "base_currency", "quality", "reason",
)  # fmt: skip


def positions_in(store: Store, settings: Settings, registry: Registry, currency: str) -> Iterator[Row]:
    """Keep all books anew with amounts in `currency`, and yield how everything stands, as report.position would."""
    from flowd.analytics.positions.amounts import BOOKS
    from flowd.analytics.positions.study import Positions
    from flowd.engine.bookfacts import StoredLedger
    from flowd.engine.clock import SystemClock
    from flowd.engine.facts import read_facts
    from flowd.engine.view import kind_of, stored_rates
    from flowd.storage.statements import statements

    database = store.database
    with database.transaction(600) as session:
        facts = replace(
            read_facts(session, database.tenant_id, settings, registry, SystemClock()), base_currency=currency
        )
        rows = session.execute(statements("derived")["accounts"], {"tenant": facts.tenant}).fetchall()
        accounts = {(connection, account): kind_of(kind) for connection, account, kind in rows}
        ledger = StoredLedger(session, facts, stored_rates(session, facts), accounts)
        found = [row for row in Positions().book(ledger, None) if isinstance(row, Position)]
    for one in found:
        told: Row = {**asdict(one), "base_currency": currency}
        average = None if one.cost is None or not one.quantity else BOOKS.divide(one.cost, one.quantity)
        average = None if average is None else average.quantize(_PLACES, context=BOOKS)
        told |= {"average_price": average, "method": one.method.value, "quality": one.quality.value}
        yield {name: _trimmed(told[name]) for name in COLUMNS}


def _trimmed(value: object) -> object:
    return value.normalize(EXACT) if isinstance(value, Decimal) else value
