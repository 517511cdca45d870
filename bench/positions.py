"""How long do books of a million trades take, next to a bare loop that does nothing but average costs?

Prints, from one run on an embedded PostgreSQL in a temporary folder:

1. seconds and trades per second of `flowd rebuild`'s step that keeps positions: from stored trades to stored positions,
   lots and gains, by both methods, with costs in two currencies;
2. the same when one more trade has come, which goes on from the end of the month before;
3. the bare loop: the same trades read with the same driver, a quantity and a cost per asset in a dict, nothing stored;
4. the peak memory of the process (PostgreSQL not counted).

    python -m bench.positions [--trades 1000000] [--assets 50] [--quote USDT]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from uuid import UUID

from flowd.analytics.positions.study import Positions
from flowd.config import Settings
from flowd.domain.shares import EXACT
from flowd.engine.derivation import Derivation
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.migrate import migrate
from flowd.storage.tenants import ensure_tenant
from flowd.testing.fakes import FakeClock

BEGIN = datetime(2023, 3, 1, tzinfo=UTC)
DAYS = 1095
NOW = BEGIN + timedelta(days=DAYS, hours=12)


class _Clock(FakeClock):
    """The day after the last trade, seconds of the machine."""

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()


def trades(tenant: int, count: int, assets: int, quote: str) -> Iterator[tuple[Any, ...]]:
    """Yield made-up trades, evenly over three years: what is sold was there."""
    chance = random.Random(1)
    held = [Decimal(0)] * assets
    step = timedelta(days=DAYS) / count
    for number in range(count):
        asset = chance.randrange(assets)
        quantity = Decimal(chance.randrange(1, 10**6)).scaleb(-4)
        price = Decimal(chance.randrange(10**4, 10**5)).scaleb(-2)
        buys = held[asset] < quantity or chance.random() < 0.5
        held[asset] += quantity if buys else -quantity
        yield (
            tenant, UUID(int=number), 1, "exchange", "spot", f"{number:09}", BEGIN + number * step, f"C{asset}", quote,
            "buy" if buys else "sell", quantity, price, (quantity * price).scaleb(-3), quote,
        )  # fmt: skip


def fill(database: Database, count: int, assets: int, quote: str) -> None:
    """Store trades, and a rate a day of what they are quoted in and of every asset."""
    tenant = database.tenant_id
    with database.transaction(deadline=3600) as session:
        session.execute("CREATE TEMPORARY TABLE made (LIKE derived.trade) ON COMMIT DROP")
        with session.cursor() as cursor, cursor.copy("COPY made FROM STDIN") as copy:
            for row in trades(tenant, count, assets, quote):
                copy.write_row(row)
        session.execute("INSERT INTO derived.trade SELECT * FROM made")
        days = {"tenant": tenant, "begin": BEGIN, "days": DAYS, "assets": assets, "quote": quote}
        session.execute(
            "INSERT INTO app.rate (tenant_id, base, quote, source, at, value)"
            " SELECT %(tenant)s, 'EUR', %(quote)s, 'bench', %(begin)s + day * interval '1 day', 1 + day %% 7 * 0.01"
            " FROM generate_series(0, %(days)s) day UNION ALL"
            " SELECT %(tenant)s, 'C' || asset, %(quote)s, 'bench', %(begin)s + day * interval '1 day', 400 + day %% 9"
            " FROM generate_series(0, %(days)s) day, generate_series(0, %(assets)s - 1) asset",
            days,
        )


def bare(database: Database) -> tuple[int, float]:
    """Read the same trades and keep one quantity and one cost per asset: what any program has to do at least."""
    begun = time.monotonic()
    books: dict[str, tuple[Decimal, Decimal]] = {}
    count = 0
    with database.transaction(deadline=3600) as session, session.cursor(name="bare") as cursor, localcontext(EXACT):
        cursor.itersize = 5000
        cursor.execute("SELECT base, side, quantity, price, fee FROM derived.trade ORDER BY at")
        for base, side, quantity, price, fee in cursor:
            held, cost = books.get(base, (Decimal(0), Decimal(0)))
            if side == "buy":
                books[base] = held + quantity, cost + quantity * price + fee
            else:
                left = held - quantity
                books[base] = left, (cost * left / held).quantize(Decimal("1e-12")) if left else Decimal(0)
            count += 1
    return count, time.monotonic() - begun


def run(count: int, assets: int, quote: str) -> dict[str, object]:
    """Return what was measured."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-bench-"))
    folder.chmod(0o711)
    try:
        with Embedded(folder / "db") as server, Database(server.url(), tenant="bench", deadline=3600.0) as database:
            migrate(database)
            ensure_tenant(database, "bench", base_currency="EUR", timezone="Europe/Berlin")
            fill(database, count, assets, quote)
            said = {"tenant": {"name": "bench", "base_currency": "EUR", "timezone": "Europe/Berlin"}}
            registry = Registry(analytics={"positions": Positions()})
            derivation = Derivation(database, registry, Settings.model_validate(said), _Clock(NOW))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            whole = _timed(derivation)
            with database.transaction() as session:
                session.execute(
                    "INSERT INTO derived.trade SELECT tenant_id, gen_random_uuid(), version, connection, account,"
                    " 'one more', %s, base, quote, side, quantity, price, fee, fee_asset FROM derived.trade LIMIT 1",
                    (NOW - timedelta(hours=12),),
                )
                session.execute(
                    "INSERT INTO ops.pending (tenant_id, connection, what, since, until)"
                    " VALUES (%s, 'exchange', 'trade', %s, %s)",
                    (database.tenant_id, NOW - timedelta(hours=12), NOW - timedelta(hours=12)),
                )
            more = _timed(derivation)
            read, alone = bare(database)
            with database.transaction() as session:
                rows = session.execute(
                    "SELECT (SELECT count(*) FROM derived.position), (SELECT count(*) FROM derived.position_day),"
                    " (SELECT count(*) FROM derived.realised), (SELECT count(*) FROM derived.lot),"
                    " (SELECT sum(length(data)) FROM ops.position_mark)"
                ).fetchone()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert rows is not None
    return {
        "trades": read,
        "whole": {**whole, "trades a second": round(count / whole["seconds"])},
        "one more": more,
        "bare loop": {"seconds": round(alone, 1), "trades a second": round(read / alone)},
        "as long as the bare loop": round(whole["seconds"] / alone, 1),
        "rows": dict(zip(("position", "position_day", "realised", "lot", "bytes of marks"), rows, strict=True)),
        "peak MB": {"before": before // 1024, "after": peak // 1024},
    }


def _timed(derivation: Derivation) -> dict[str, float]:
    """Catch up; return how long that took, how much of it this process computed, and how many rows changed."""
    used = time.process_time()
    done = derivation.catch_up()
    computed = time.process_time() - used
    return {"seconds": round(done.seconds, 2), "of it computing": round(computed, 2), "rows": done.rows}


def main() -> None:
    """Run and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trades", type=int, default=1_000_000)
    parser.add_argument("--assets", type=int, default=50)
    parser.add_argument("--quote", default="USD", help="what they are traded for; USDT keeps books of that, too")
    asked = parser.parse_args()
    print(json.dumps(run(asked.trades, asked.assets, asked.quote), indent=2))


if __name__ == "__main__":
    main()
