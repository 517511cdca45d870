"""A Stripe that tests write: lists with Stripe's paging and filters, keys that may not read everything."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply
from flowd_stripe import CONNECTOR

KEY = "rk_live_51H8zZSecretSecretSecret"
SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "apis" / "stripe" / "fixtures3.money_subset.json"


class FakeStripe:
    """What is in `lists` is answered newest first, `page` rows at a time; `denied` names what the key may not read."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.lists: dict[str, list[dict[str, Any]]] = {"balance_transactions": [], "subscriptions": [], "events": []}
        self.objects: dict[str, dict[str, Any]] = {
            "balance": {"object": "balance", "livemode": True, "available": [], "pending": []},
            "prices": {"object": "list", "data": [], "has_more": False},
        }
        self.denied: set[str] = set()
        self.refused_expansions: set[str] = set()
        self.page = 100
        self.key: str | None = KEY
        replay.otherwise(self.answer)
        # answers go out in two parts, and the second would wait 40 ms for the first to be acknowledged
        replay._server.RequestHandlerClass.disable_nagle_algorithm = True  # type: ignore[attr-defined]

    def answer(self, asked: Asked) -> Reply:
        name = asked.path.removeprefix("/v1/")
        if self.key is not None and asked.headers.get("authorization") != f"Bearer {self.key}":
            return _error(401, "Invalid API Key provided: rk_live_****cret", "")
        expansions = {value for key, value in asked.query.items() if key.startswith("expand[")}
        if name.split("/")[0] in self.denied or expansions & self.denied:
            permission = f"rak_{name.split('/')[0].rstrip('s')}_read"
            message = (
                "The provided key 'rk_live_****cret' does not have the required permissions. "
                f"Having the '{permission}' permission would allow this request to continue."
            )
            return _error(403, message, "")
        if expansions & self.refused_expansions:
            return _error(400, "This property cannot be expanded (data.source.invoice).", "expand[2]")
        if name in self.objects:
            return Reply(body=self.objects[name])
        if name not in self.lists:
            return _error(404, f"No such thing: {name}", "id", code="resource_missing")
        return self._list(asked, self.lists[name])

    def _list(self, asked: Asked, rows: list[dict[str, Any]]) -> Reply:
        query = asked.query
        first, last = int(query.get("created[gte]", 0)), int(query.get("created[lte]", 10**12))
        types = {value for key, value in query.items() if key.startswith("types[")}
        found = [row for row in rows if first <= row["created"] <= last and (not types or row.get("type") in types)]
        found.sort(key=lambda row: (row["created"], row["id"]), reverse=True)
        after = query.get("starting_after")
        if after is not None:
            if after not in [row["id"] for row in rows]:
                return _error(400, f"No such row: '{after}'", "starting_after", code="resource_missing")
            marker = next(row for row in rows if row["id"] == after)
            found = [row for row in found if (row["created"], row["id"]) < (marker["created"], marker["id"])]
        size = min(self.page, int(query.get("limit", "10")))
        return Reply(body={"object": "list", "url": asked.path, "data": found[:size], "has_more": len(found) > size})

    def row(self, number: int, at: datetime = TICK - timedelta(days=1), **fields: Any) -> dict[str, Any]:
        """Add a balance transaction: a charge of 10.00 USD with a fee of 0.59, unless told otherwise."""
        amount, fee = fields.pop("amount", 1000), fields.pop("fee", 59)
        row = {
            "id": f"txn_{number:04d}",
            "object": "balance_transaction",
            "amount": amount,
            "fee": fee,
            "net": amount - fee,
            "currency": "usd",
            "created": int(at.timestamp()),
            "available_on": int(at.timestamp()) + 86400 * 2,
            "status": "pending",
            "type": "charge",
            "reporting_category": "charge",
            "description": None,
            "exchange_rate": None,
            "fee_details": [],
            "source": f"ch_{number:04d}",
            "balance_type": "payments",
            **fields,
        }
        self.lists["balance_transactions"].append(row)
        return row

    def harness(self, **config: Any) -> Harness:
        """A connection to it."""
        return Harness(CONNECTOR, {"key": KEY, "url": self.replay.url, "since": "2026-01-01", **config})


def _error(status: int, message: str, param: str, code: str = "") -> Reply:
    error = {"type": "invalid_request_error", "message": message, "param": param, "code": code}
    return Reply(status=status, body={"error": error})


def samples() -> Any:
    """Return the objects of Stripe's own fixtures, or skip the test."""
    if not SAMPLES.exists():
        pytest.skip(f"the public samples are not here ({SAMPLES.name})")
    return json.loads(SAMPLES.read_text())


def charge(name_: str, **billing: Any) -> dict[str, Any]:
    """A charge, written out; `billing` says who paid."""
    return {"id": name_, "object": "charge", "amount": 1000, "currency": "usd", "billing_details": billing}


def coupon(*, percent: float | None = None, off: int | None = None, duration: str = "forever", **more: Any) -> Any:
    """A discount with its coupon, written out."""
    made = {"id": "co_1", "percent_off": percent, "amount_off": off, "currency": "usd", "duration": duration}
    return {"id": "di_1", "object": "discount", "coupon": made, "end": None, **more}


def subscription(number: int, **fields: Any) -> dict[str, Any]:
    """A subscription of 10.00 USD a month since 1 February 2026, one seat, unless told otherwise."""
    price = {
        "id": "price_1",
        "object": "price",
        "billing_scheme": "per_unit",
        "currency": "usd",
        "unit_amount": fields.pop("unit", 1000),
        "recurring": {"interval": fields.pop("interval", "month"), "interval_count": fields.pop("every", 1)},
        **fields.pop("price", {}),
    }
    item = {"id": f"si_{number}", "quantity": fields.pop("quantity", 1), "price": price, "discounts": []}
    start = fields.pop("start", datetime.fromisoformat("2026-02-01T10:00:00+00:00"))
    return {
        "id": f"sub_{number}",
        "object": "subscription",
        "customer": f"cus_{number}",
        "currency": "usd",
        "status": "active",
        "created": int(start.timestamp()),
        "start_date": int(start.timestamp()),
        "trial_end": None,
        "ended_at": None,
        "pause_collection": None,
        "discounts": [],
        "items": {"object": "list", "data": [item]},
        **fields,
    }


def event(
    number: int, what: str, thing: dict[str, Any], at: datetime, previous: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An event of Stripe's: `what` happened to a subscription, and what it was before."""
    data: dict[str, Any] = {"object": thing}
    if previous is not None:
        data["previous_attributes"] = previous
    type_ = f"customer.subscription.{what}"
    return {"id": f"evt_{number:04d}", "object": "event", "type": type_, "created": int(at.timestamp()), "data": data}
