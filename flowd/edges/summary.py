"""What flowd says when it is up: where its pages and its database are, and what you earn per day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flowd import __version__
from flowd.edges.tables import money
from flowd.storage.embedded import Embedded
from flowd.storage.reports import Reports


def summary(reports: Reports, address: str, embedded: Embedded | None) -> Iterator[str]:
    """Yield the few lines people read at the start."""
    yield f"flowd {__version__} is up"
    yield f"  health    {address}/healthz and {address}/readyz"
    yield f"  metrics   {address}/metrics"
    if embedded is not None:
        yield f"  database  {embedded.url(tcp=True, password=False)}  (flowd db url, flowd db shell)"
    else:
        yield "  database  the one named in database.url"
    feeds = reports.connections()
    well = sum(row["state"] == "healthy" for row in feeds)
    yield f"  feeds     {well} of {len(feeds)} healthy" + ("" if well == len(feeds) else "  (flowd status)")
    yield from earning(reports)


def earning(reports: Reports) -> Iterator[str]:
    """Yield what is earned per day: in all, then per stream."""
    rates = reports.rates()
    known = [row["rate"] for row in rates if isinstance(row["rate"], Decimal)]
    currency = reports.tenant()["base_currency"]
    if not known:
        yield "  income    nothing yet: connect a source in flowd.yaml, or put a bank's file into the inbox"
        return
    yield f"  you earn  {money(sum(known, Decimal(0)))} {currency} per day (mean of the last 30 days)"
    for row in rates:
        if isinstance(row["rate"], Decimal):
            quality = "" if row["quality"] == "exact" else f"  ({row['quality']})"
            yield f"            {money(row['rate']):>12}  {row['name']}{quality}"
