"""How often a feed asked a bank in the last 24 hours: kept in its cursor, so that a restart does not forget it.

Banks answer without their customer four times a day (PSD2, RTS article 36), for each consent; a declared budget counts
per connection instead, and knows of no consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from flowd.api import BudgetSpent, Json

_DAY: Final = timedelta(days=1)


def mark(consent: str) -> str:
    """Return what stands for a consent in a cursor, which shows nothing of it."""
    return blake2b(consent.encode(), digest_size=6).hexdigest()


def next_read(known: object, tick: datetime, most: int) -> list[Json]:
    """Return the reads of the last 24 hours with this one; BudgetSpent where there were `most` already.

    `known` is what this returned before (whole seconds since 1970), as it came back from the cursor.
    """
    now = int(tick.timestamp())
    before = [one for one in known if isinstance(one, int)] if isinstance(known, Sequence) else []
    recent = sorted(one for one in before if now - one < _DAY.total_seconds())
    if len(recent) >= most:
        free = datetime.fromtimestamp(recent[-most], UTC) + _DAY
        raise BudgetSpent(
            f"the bank was asked {len(recent)} times in 24 hours, and {most} are allowed without its customer",
            after=max(free - tick, timedelta(seconds=1)),
        )
    return [*recent, now]
