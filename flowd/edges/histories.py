"""Reads the history that commands compute with when they are asked for other numbers than the stored ones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from flowd.api import History
    from flowd.config import Settings
    from flowd.edges.opening import Store
    from flowd.plugins import Registry


#: So many days before the last whole one a rate is looked for, to say when one was known last.
_LOOK: Final = 400


def history_of(store: Store, settings: Settings, registry: Registry, currency: str | None = None) -> History:
    """Return the tenant's history up to the last whole day, in `currency` or in base currency.

    Raises click.ClickException where nobody knows what the base currency is worth in `currency` now: what is said of
    today and of the future would lack everything, and look like a fall to nothing.
    """
    history = past_history_of(store, settings, registry, currency)
    if (lacking := lacks_rate(history, settings.tenant.base_currency)) is not None:
        raise click.ClickException(lacking)
    return history


def past_history_of(store: Store, settings: Settings, registry: Registry, currency: str | None = None) -> History:
    """Return the same, also where the last days lack a rate: they are unknown then."""
    from flowd.engine.clock import SystemClock
    from flowd.engine.histories import gather

    return gather(store.database, settings, registry, SystemClock(), currency=currency)


def lacks_rate(history: History, base: str) -> str | None:
    """Say where nobody knows what `base` is worth in the history's currency on its last day; None where it is known."""
    wanted, until = history.currency, history.until
    if history.rate(base, wanted, until) is not None:
        return None
    known = _newest(history, base, until)
    last = f"the last is good to {known}" if known else "there never was one"
    return (
        f"no rate from {base} to {wanted} is known for {until} ({last}): connections of type ecb or rates state them, "
        "`flowd status` shows how they do"
    )


def _newest(history: History, base: str, until: date) -> date | None:
    days = (until - timedelta(days=back) for back in range(_LOOK))
    return next((day for day in days if history.rate(base, history.currency, day) is not None), None)
