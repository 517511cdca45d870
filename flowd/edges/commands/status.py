"""`flowd status`: how flowd is, what each connection is doing, and what you earn per day."""

from __future__ import annotations

import sys
from decimal import Decimal

import click

from flowd.edges.opening import open_store, read_settings
from flowd.edges.tables import money, print_json, show


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Show whether the daemon runs, how each feed is doing, what waits, and the daily rate of each stream.

    Exits 1 when a feed is failing, lacks something, needs re-authentication or is misconfigured.
    """
    from flowd.storage.listening import daemon_runs
    from flowd.storage.reports import Reports
    from flowd.storage.spool import waiting_in

    settings = read_settings(ctx)
    with open_store(settings) as store:
        reports = Reports(store.database)
        feeds, rates = reports.connections(), reports.rates()
        tenant, studies = reports.tenant(), reports.studies()
        known = [row["rate"] for row in rates if isinstance(row["rate"], Decimal)]
        found = {
            "daemon": "running" if daemon_runs(store.database) else "not running",
            "pages": f"http://{settings.http.listen}",
            "spooled": waiting_in(settings.state / "spool.sqlite"),
            "not_derived": reports.waiting(),
            "daily_rate": sum(known, Decimal(0)) if known else None,
            "currency": tenant["base_currency"],
            "feeds": feeds,
            "streams": rates,
            "missing_rates": reports.missing_rates(),
            "studies": studies,
        }
    if as_json:
        print_json(found)
    else:
        click.echo(f"daemon {found['daemon']}, pages on {found['pages']}")
        click.echo(f"waiting: {found['spooled']} batches in the spool, {found['not_derived']} changes to derive")
        ends = ["expires_at"] if any(row["expires_at"] for row in feeds) else []
        show(
            feeds,
            ["connection", "feed", "state", "since", "last_success", "next_try", "late", *ends, "reason"],
            as_json=False,
            empty="no connection has been read yet",
        )
        if known:
            rate = money(sum(known, Decimal(0)))
            click.echo(f"you earn {rate} {tenant['base_currency']} per day (mean of the last 30 days):")
            show(rates, ["stream", "rate", "days", "last_receipt", "quality"], as_json=False, empty="")
        for row in studies:
            if row["outdated"]:
                click.echo(f"out of date: the study {row['study']}, of {row['as_of']} (`flowd study` makes it anew)")
    if any(row["state"] not in {"healthy", "new"} for row in feeds):
        sys.exit(1)
