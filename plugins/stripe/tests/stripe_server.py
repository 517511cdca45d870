"""A Stripe that tests write: lists with Stripe's paging and filters, keys that may not read everything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import Event
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Asked, Replay, Reply
from flowd_stripe import CONNECTOR

KEY = "rk_live_51H8zZSecretSecretSecret"
README = Path(__file__).parents[1] / "README.md"
SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "apis" / "stripe" / "fixtures3.money_subset.json"


class FakeStripe:
    """What is in `lists` is answered newest first, `page` rows at a time; `denied` names what the key may not read."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        names = ("balance_transactions", "subscriptions", "events", "subscription_items")
        self.lists: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        self.objects: dict[str, dict[str, Any]] = {
            "balance": {"object": "balance", "livemode": True, "available": [], "pending": []},
            "prices": {"object": "list", "data": [], "has_more": False},
        }
        self.denied: set[str] = set()
        self.refused_expansions: set[str] = set()
        self.page = 100
        self.key: str | None = KEY
        replay.otherwise(self.answer)

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


def at(text: str) -> datetime:
    """Noon of a day."""
    return datetime.fromisoformat(f"{text}T12:00:00+00:00")


class Shop:
    """The account of the README's example: what happened there, as Stripe would tell it."""

    def __init__(self, stripe: FakeStripe) -> None:
        self.stripe = stripe
        self.now: dict[str, dict[str, Any]] = {}
        self.happened = 0

    def create(self, number: int, day: str, **fields: Any) -> None:
        self.now[f"sub_{number}"] = subscription(number, start=at(day), **fields)
        self._tell("created", f"sub_{number}", day, None)

    def change(self, number: int, day: str, what: str = "updated", **fields: Any) -> None:
        before = deepcopy(self.now[f"sub_{number}"])
        self.now[f"sub_{number}"] |= fields
        previous = {name: before[name] for name in fields} if what == "updated" else None
        self._tell(what, f"sub_{number}", day, previous)

    def _tell(self, what: str, name: str, day: str, previous: dict[str, Any] | None) -> None:
        self.happened += 1
        told = event(self.happened, what, deepcopy(self.now[name]), at(day), previous)
        self.stripe.lists["events"].append(told)
        self.stripe.lists["subscriptions"] = list(self.now.values())


def items(unit: int, quantity: int) -> dict[str, Any]:
    """The items of a subscription."""
    made: dict[str, Any] = subscription(1, unit=unit, quantity=quantity)["items"]
    return made


def live_through(stripe: FakeStripe) -> Iterator[tuple[str, list[Event]]]:
    """Live through the example, read at the end of each month; yields what each run stated."""
    shop, cursor = Shop(stripe), None
    shop.create(1, "2026-01-05", unit=2000)
    shop.create(2, "2026-01-10", unit=12000, interval="year")
    for end in ("2026-01-31", "2026-02-28", "2026-03-20"):
        if end == "2026-02-28":
            shop.change(1, "2026-02-03", items=items(2000, 3))
            trial = int(at("2026-02-24").timestamp())
            shop.create(3, "2026-02-10", unit=3000, status="trialing", trial_end=trial)
            shop.change(2, "2026-02-20", discounts=[coupon(percent=50)])
            shop.change(3, "2026-02-24", status="active")
        if end == "2026-03-20":
            gone = int(at("2026-03-02").timestamp())
            shop.change(1, "2026-03-02", "deleted", status="canceled", ended_at=gone)
            shop.create(4, "2026-03-15", unit=2000, customer="cus_1")
        ran = stripe.harness().sync("subscriptions", cursor, tick=at(end))
        assert ran.error is None, ran.error
        cursor = ran.cursor
        yield end, ran.of(Event)


def written() -> dict[str, dict[str, Decimal | None]]:
    """Read the table of the README's example."""
    lines = [line.strip("| \n").split("|") for line in README.read_text().splitlines() if re.match(r"\| 20\d\d-", line)]
    names = ("new", "expansion", "contraction", "churn", "reactivation", "mrr")
    return {
        month.strip(): {name: Decimal(cell.strip()) for name, cell in zip(names, cells, strict=True)}
        for month, *cells in lines
    }
