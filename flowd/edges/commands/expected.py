"""`flowd expected`: which regular receipts are due, late, short or missed, and what comes next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

import click

from flowd.edges.opening import Store, load_registry, open_store, read_settings
from flowd.edges.period import AHEAD, ONE_STREAM
from flowd.edges.tables import Row, money, print_json, show

if TYPE_CHECKING:
    from flowd.api import History
    from flowd.config import Settings
    from flowd.plugins import Registry

#: States that need a look, and for how many days past those are shown that are over.
TROUBLE: Final = ("late", "missed", "short", "unknown")
LOOKED_BACK: Final = 90
#: What is smaller is written with all its digits.
_CENT: Final = Decimal("0.005")
_COLUMNS: Final = ("due", "state", "stream", "payer", "expected", "received", "on", "why")


@click.command()
@click.option("--late", is_flag=True, help="Only what is late, missed or short, and what nobody could see.")
@click.option("--stream", help=ONE_STREAM)
@click.option("--days", type=click.IntRange(1, 731), default=35, show_default=True, help=AHEAD)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object per receipt.")
@click.pass_context
def expected(ctx: click.Context, late: bool, stream: str | None, days: int, as_json: bool) -> None:
    """Show regular receipts: the oldest trouble of the last 90 days first, then what is due and what comes.

    late: its window is over. missed: given up, because the next one is due. short: less than usual came. unknown: its
    source was not read, so nobody knows. A rhythm is declared in flowd.yaml or found in what came so far.
    """
    settings = read_settings(ctx)
    with open_store(settings) as store:
        rows, today = read_expected(store, settings, days)
    rows = [
        row
        for row in rows
        if stream in (None, row["stream"], row["name"])
        and (row["state"] in TROUBLE or (not late and _ahead(row, today)))
    ]
    rows.sort(key=lambda row: (row["state"] not in TROUBLE, cast("date", row["due"])))
    if as_json:
        print_json(rows)
        return
    nothing = "nothing is late, missed or short" if late else "no regular receipt is known"
    show([line(row) for row in rows], _COLUMNS, as_json=False, empty=f"{nothing}: `flowd streams` shows what comes in")
    for sentence in sentences(rows, days):
        click.echo(sentence)


def read_expected(store: Store, settings: Settings, days: int) -> tuple[list[dict[str, object]], date]:
    """Return the receipts from 90 days ago to `days` ahead, as stored (computed now where nothing is), and today."""
    from flowd.storage.reports import Reports

    reports = Reports(store.database)
    today = cast("date", reports.tenant()["today"])
    since, until = today - timedelta(days=LOOKED_BACK), today + timedelta(days=days)
    found = reports.expected(since, until)
    if not found:
        from flowd.edges.histories import history_of

        registry = load_registry(settings)
        found = computed(history_of(store, settings, registry), settings, registry, since, until)
    return found, today


def computed(
    history: History, settings: Settings, registry: Registry, since: date, until: date
) -> list[dict[str, object]]:
    """Return what the study says of this history, as rows of report.expected; nothing where it is switched off."""
    from dataclasses import asdict

    from flowd.analytics.expected.study import Expected
    from flowd.config.binding import bind_studies

    study = Expected()
    config = bind_studies(settings, registry)[0].get(study.name)
    if config is None:
        return []
    known = {info.stream: info for info in history.streams}
    rows: list[dict[str, object]] = []
    for one in study.study(history, config):
        info = known.get(one.stream)
        late = None if one.received_on is None else (one.received_on - one.due).days
        difference = None if one.received is None or one.amount is None else one.received - one.amount
        shown: dict[str, object] = {
            "stream": one.stream, "name": info.name if info else one.stream, "group": info.group if info else "",
        }  # fmt: skip
        if since <= one.due <= until:
            rows.append({**shown, **asdict(one), "days_late": late, "difference": difference})
    return sorted(
        rows, key=lambda row: (cast("date", row["due"]), row["stream"], row["payer"], row["series"], row["currency"])
    )


def _ahead(row: Mapping[str, object], today: date) -> bool:
    return row["state"] in {"due", "expected"} or cast("date", row["due"]) >= today


def line(row: Mapping[str, object]) -> Row:
    """Return a row as it is shown to people."""
    return {
        "due": row["due"],
        "state": row["state"],
        "stream": row["name"],
        "payer": row["payer"],
        "expected": _amount(row["amount"], row["currency"]),
        "received": "" if row["received"] is None else _amount(row["received"], row["currency"]),
        "on": row["received_on"] or "",
        "why": row["reason"],
    }


def sentences(rows: Sequence[Mapping[str, object]], days: int) -> list[str]:
    """Say what comes in all, per currency, and how much is in trouble."""
    coming: dict[str, Decimal] = {}
    for row in rows:
        if row["state"] in {"due", "expected"} and isinstance(row["amount"], Decimal):
            currency = str(row["currency"])
            coming[currency] = coming.get(currency, Decimal(0)) + row["amount"]
    counts = Counter(str(row["state"]) for row in rows if row["state"] in TROUBLE)
    said = []
    if coming:
        amounts = " and ".join(_amount(amount, currency) for currency, amount in sorted(coming.items()))
        said.append(f"{amounts} due or expected within {days} days")
    if counts:
        states = ", ".join(f"{counts[state]} {state}" for state in TROUBLE if counts[state])
        said.append(f"{states} in the last {LOOKED_BACK} days")
    return said


def _amount(amount: object, currency: object) -> str:
    if not isinstance(amount, Decimal):
        return ""
    # a coin's last digits are not nothing
    shown = money(amount) if not amount or abs(amount) >= _CENT else f"{amount.normalize():f}"
    return f"{shown} {currency}"
