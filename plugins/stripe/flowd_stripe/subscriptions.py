"""The feed of subscriptions: what each is worth per month, and every change of that, as events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from flowd.api import Batch, Context, Cursor, Event, Json, PartlyRead
from flowd_stripe.api import Api, NotAllowed, Refused
from flowd_stripe.money import currency_of
from flowd_stripe.pricing import Worth, worth
from flowd_stripe.reading import Thing
from flowd_stripe.walking import Place, walk

#: A subscription as it stands; and one change of it. The analytic `stripe_mrr` reads both.
STATE: Final = "stripe.subscription"
CHANGE: Final = "stripe.subscription.change"
#: Stripe keeps what happened for 30 days.
KEPT: Final = timedelta(days=30)
#: All subscriptions are listed again after so long: changes come by themselves, but a month of silence loses some.
_LISTED_EVERY: Final = timedelta(hours=20)
#: Money is expected of these; a trial, a subscription that never began or is no longer pursued brings nothing.
_PAYING: Final = frozenset(("active", "past_due"))
_TYPES: Final = ("created", "updated", "deleted", "paused", "resumed", "trial_will_end")
_EXPAND: Final = ("data.discounts", "data.items.data.discounts", "data.items.data.price")


class Subscriptions:
    """One run of the feed."""

    def __init__(self, api: Api, ctx: Context) -> None:
        self._api = api
        self._ctx = ctx
        self._tiers: dict[str, Sequence[Thing] | None] = {}
        self._discounts: dict[str, Thing] = {}
        self._looked: set[str] = set()
        self._unknown: set[str] = set()
        self._missing: dict[str, None] = {}

    def batches(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Yield the subscriptions, when that is due, and then what changed since `cursor`.

        Raises PartlyRead at the end where the key may not read one of the two, or prices with tiers.
        """
        data: dict[str, Any] = dict(cursor.data) if cursor is not None and isinstance(cursor.data, dict) else {}
        try:
            yield from self._list(data)
        except NotAllowed as error:
            self._missing[str(error)] = None
        try:
            yield from self._changes(data)
        except NotAllowed as error:
            self._missing[f"{error}: when something changed is then not known"] = None
        if self._unknown:
            self._ctx.log.warning("not known, and counted as nothing: %s", ", ".join(sorted(self._unknown)[:10]))
        if self._missing:
            raise PartlyRead("; ".join(self._missing))

    def _list(self, data: dict[str, Any]) -> Iterator[Batch]:
        listed = data.get("listed")
        now = int(self._ctx.tick.timestamp())
        after = data.get("after")
        if after is None and isinstance(listed, int) and 0 <= now - listed < _LISTED_EVERY.total_seconds():
            return
        began = data.get("began") if after is not None and isinstance(data.get("began"), int) else now
        params = {"status": "all", **{f"expand[{number}]": name for number, name in enumerate(_EXPAND)}}
        try:
            pages = self._api.pages("subscriptions", params, after)
            for page in pages:
                rows = [self._whole(row) for row in page.rows]
                for row in rows:
                    self._remember(row)
                records = [self._state(row) for row in rows]
                data.pop("after", None)
                data |= {"after": page.after, "began": began} if page.after is not None else {"listed": began}
                yield Batch(records=records, cursor=Cursor(data=dict(data)))
                if page.after is not None and self._ctx.time_left() < timedelta(seconds=10):
                    return
        except Refused:
            if after is None:
                raise
            # the one to go on after is not there any more: begin again
            for name in ("after", "began", "listed"):
                data.pop(name, None)
            yield from self._list(data)

    def _changes(self, data: dict[str, Any]) -> Iterator[Batch]:
        if data.get("after") is not None:
            return
        params = {f"types[{number}]": f"customer.subscription.{name}" for number, name in enumerate(_TYPES)}
        place = Place.of(data.get("changes"), since=self._ctx.tick - KEPT)
        for page, there in walk(self._api, "events", params, place, self._ctx):
            records = [event for row in reversed(page.rows) if (event := self._change(row)) is not None]
            data["changes"] = there.data
            yield Batch(records=records, cursor=Cursor(data=dict(data)))

    def _whole(self, row: Thing) -> Thing:
        """Return a subscription with all its items: a list inside another object has only the first ten."""
        items = row.part("items")
        if items is None or not items.flag("has_more"):
            return row
        params = {"subscription": row.text("id"), "expand[0]": "data.discounts"}
        listed = [one.value for page in self._api.pages("subscription_items", params) for one in page.rows]
        return row.under({"items": {"data": listed, "has_more": False}})

    def _state(self, row: Thing) -> Event:
        brings = self._worth(row)
        return Event(type=STATE, key=row.text("id"), at=self._ctx.tick, data=_data(row, brings))

    def _change(self, row: Thing) -> Event | None:
        """Return what an event of Stripe's changed; None for one that says nothing of a subscription."""
        data = row.part("data")
        after = data.part("object") if data is not None else None
        if data is None or after is None or after.maybe("object") not in {"subscription", ""}:
            return None
        self._find_discounts(after)
        previous = data.part("previous_attributes")
        before = after if previous is None else after.under(previous.value)
        was = Decimal(0)
        if not row.text("type").endswith(".created"):
            was = _now(before, self._worth(before))
            if row.text("type").endswith(".deleted") and previous is None:
                was = self._worth(after).now if not _ended_in_trial(after) else Decimal(0)
        return Event(
            type=CHANGE,
            key=row.text("id"),
            at=row.at("created"),
            data={**_data(after, self._worth(after)), "before": format(was, "f"), "what": row.text("type")},
        )

    def _worth(self, row: Thing) -> Worth:
        found = worth(row, self._price_tiers, self._discounts)
        self._unknown.update(found.unknown)
        return found

    def _remember(self, row: Thing) -> None:
        items = row.part("items")
        for holder in (row, *(items.parts("data") if items is not None else ())):
            self._discounts.update({one.maybe("id"): one for one in holder.parts("discounts")})

    def _find_discounts(self, row: Thing) -> None:
        """Look up the discounts of a subscription that an event names by id only, once per run and subscription."""
        name, items = row.maybe("id"), row.part("items")
        holders = [row, *(items.parts("data") if items is not None else ())]
        named = {one for holder in holders for one in holder.ids("discounts")}
        single = row.part("discount")
        if single is not None:
            named.discard(single.maybe("id"))
        if not name or name in self._looked or named <= self._discounts.keys():
            return
        self._looked.add(name)
        try:
            params = {"expand[0]": "discounts", "expand[1]": "items.data.discounts"}
            self._remember(self._api.get(f"subscriptions/{name}", params))
        except NotAllowed as error:
            self._missing[str(error).replace(name, "…")] = None
        except Refused:
            # it was deleted: said with what else is not known
            pass

    def _price_tiers(self, price: str) -> Sequence[Thing] | None:
        """Look the tiers of a price up, once per run; lists of subscriptions leave them out."""
        if price and price not in self._tiers:
            self._tiers[price] = None
            try:
                self._tiers[price] = list(self._api.get(f"prices/{price}", {"expand[0]": "tiers"}).parts("tiers"))
            except NotAllowed as error:
                self._missing[str(error).replace(price, "…")] = None
            except Refused:
                # a price that was deleted: said with what else is not known
                pass
        return self._tiers.get(price)


def _data(row: Thing, brings: Worth) -> Mapping[str, Json]:
    """Return what is kept of a subscription: no name, no address, only what its worth is made of."""
    now = _now(row, brings)
    data: dict[str, Json] = {
        "id": row.text("id"),
        "customer": row.id_of("customer"),
        "currency": currency_of(row),
        "status": row.text("status"),
        "start": _moment(row.maybe_at("start_date") or row.maybe_at("created")),
        "trial_end": _moment(row.maybe_at("trial_end")),
        "ended": _moment(row.maybe_at("ended_at")),
        "mrr": format(now, "f"),
        "full": format(brings.now, "f"),
        "items": [dict(line) for line in brings.lines],
    }
    if brings.later and _pays(row):
        data["later"] = [{"at": at.isoformat(), "mrr": format(amount, "f")} for at, amount in brings.later]
    if brings.unknown:
        data["unknown"] = list(brings.unknown)
    return data


def _pays(row: Thing) -> bool:
    return row.text("status") in _PAYING and not row.has("pause_collection")


def _now(row: Thing, brings: Worth) -> Decimal:
    return brings.now if _pays(row) else Decimal(0)


def _ended_in_trial(row: Thing) -> bool:
    trial, ended = row.maybe_at("trial_end"), row.maybe_at("ended_at")
    return trial is not None and ended is not None and ended <= trial


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
