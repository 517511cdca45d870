"""A PayPal with a payment every ten days, and a flowd.yaml that reads it: what tests of `flowd backfill` share."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta

from flowd.testing.replay import Asked, Replay, Reply

DAY = timedelta(days=1)
#: What is not studied here: what was read is what counts.
STUDIES = ("statistics", "returns", "projection", "expected", "positions", "scores")


class PayPal:
    """Answers reports of at most 31 days; `gate` lets only so many of them through before it holds the others."""

    def __init__(self, site: Replay) -> None:
        self.site = site
        self.windows: list[tuple[date, date]] = []
        self.refused: Reply | None = None
        self.gate: threading.Semaphore | None = None
        self.now = datetime.now(UTC)
        site.on("POST", "/v1/oauth2/token", Reply(body={"access_token": "a-bearer", "expires_in": 32400, "scope": ""}))
        site.on("GET", "/v1/reporting/transactions", self.report)
        held = {"total_balance": {"currency_code": "EUR", "value": "100.00"}}
        site.on("GET", "/v1/reporting/balances", Reply(body={"balances": [held]}))

    def report(self, asked: Asked) -> Reply:
        if self.gate is not None:
            self.gate.acquire(timeout=60)
        if self.refused is not None:
            return self.refused
        first, last = (datetime.fromisoformat(asked.query[name]) for name in ("start_date", "end_date"))
        self.windows.append((first.date(), last.date()))
        rows = [one for one in self.payments() if first <= one <= last]
        refreshed = (self.now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
        body = {"transaction_details": [_row(one) for one in rows], "last_refreshed_datetime": refreshed}
        return Reply(body={**body, "page": 1, "total_pages": 1 if rows else 0})

    def payments(self) -> list[datetime]:
        """Return when there were payments: at noon, every tenth day, for four years."""
        noon = self.now.replace(hour=12, minute=0, second=0, microsecond=0)
        return [noon - number * 10 * DAY for number in range(1, 146)]

    def since(self, day: date) -> int:
        """Return how many payments there were since a day."""
        return sum(one.date() >= day for one in self.payments())

    def day(self, ago: int) -> date:
        """Return a day some days ago."""
        return (self.now - ago * DAY).date()

    def yaml(self, database: str, *, ago: int, timeout: str) -> str:
        """Return a flowd.yaml that reads it since some days ago."""
        off = ", ".join(f"{one}: {{enabled: false}}" for one in STUDIES)
        return (
            "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
            f"database: {database}\nstate: ./var\nanalytics: {{{off}}}\n"
            "connections:\n"
            "  shop:\n    type: paypal\n    config: {client_id: an-app, client_secret: a-secret, "
            f"since: {self.day(ago)}, url: {json.dumps(self.site.url)}}}\n"
            f"    feeds: {{transactions: {{every: 6h, timeout: {timeout}}}, balances: {{every: 6h}}}}\n"
            "  word: {type: recurring, config: {amount: 10, currency: EUR, every: day}}\n"
        )


def _row(at: datetime) -> dict[str, object]:
    info = {
        "transaction_id": f"P{at:%Y%m%d}",
        "transaction_event_code": "T0006",
        "transaction_initiation_date": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "transaction_amount": {"currency_code": "EUR", "value": "10.00"},
        "transaction_status": "S",
    }
    return {"transaction_info": info}
