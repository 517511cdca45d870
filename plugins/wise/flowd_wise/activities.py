"""Reads activities: what Wise shows people of their account, where it does not let the token have statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flowd.api import Context, FlowClass, Json, Removal, RetryLater, Transaction
from flowd_wise.balances import Balance, Profile
from flowd_wise.client import Client, told
from flowd_wise.display import Shown, shown, words
from flowd_wise.shape import listed, moment, needed, text, thing, word
from flowd_wise.statements import key

#: Orders and requests: the money they lead to is an activity of its own.
_NO_MOVEMENT: Final = frozenset({"CARD_CHECK", "PAYMENT_REQUEST", "SCHEDULED_SEND_ORDER"})
#: From one currency into another within the account: two balances change.
_EXCHANGES: Final = frozenset({"AUTO_CONVERSION", "CONVERSION", "EXCHANGE", "INTERBALANCE"})
#: What comes in though its amount may be shown without a sign.
_IN: Final = {
    "ACQUIRING_PAYMENT": FlowClass.OTHER,
    "BALANCE_CASHBACK": FlowClass.REBATE,
    "BALANCE_DEPOSIT": FlowClass.TRANSFER,
    "BALANCE_INTEREST": FlowClass.INTEREST,
    "CARD_CASHBACK": FlowClass.REBATE,
    "EXCESS_REFUND": FlowClass.REFUND,
    "FEE_REFUND": FlowClass.REFUND,
    "INTEREST": FlowClass.INTEREST,
    "REWARD": FlowClass.REBATE,
}
_FEES: Final = frozenset({"BALANCE_ASSET_FEE", "BALANCE_HOLD_FEE"})
_CARDS: Final = frozenset({"CARD_PAYMENT", "CASH_WITHDRAWAL"})
#: What a statement calls the same thing.
_REFERENCES: Final = {"CARD_TRANSACTION": "CARD", "BALANCE_TRANSACTION": "BALANCE"}
_PENDING: Final = frozenset({"IN_PROGRESS", "REQUIRES_ATTENTION"})
_PAGE: Final = "100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of activities: what it says, the page behind it, and since when something has been waiting."""

    records: Sequence[Transaction | Removal]
    following: str | None
    waiting: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    """What an activity did to one balance."""

    balance: Balance
    shown: Shown
    comes_in: bool


class Activities:
    """The activities of one profile; those of currencies without a balance did not touch the account."""

    def __init__(self, client: Client, profile: Profile, balances: Sequence[Balance]) -> None:
        self._client = client
        self._where = f"/v1/profiles/{profile.id}/activities"
        self.balances = [one for one in balances if one.standard]
        self._by_currency = {one.currency: one for one in self.balances}

    def page(self, start: datetime, end: datetime, following: str | None, ctx: Context) -> Page:
        """Return a page of what was begun from `start` to `end`; PageForgotten where Wise lost its place."""
        params = {"since": told(start), "until": told(end), "size": _PAGE}
        if following is not None:
            params["nextCursor"] = following
        answer = thing(self._client.get(self._where, params, ctx), self._where)
        records: list[Transaction | Removal] = []
        waiting: list[datetime] = []
        for number, one in enumerate(listed(needed(answer, "activities", self._where), self._where), 1):
            where = f"activity {number} of {self._where}"
            found = self._records(thing(one, where), where)
            records += found
            if any(isinstance(row, Transaction) and row.pending for row in found):
                waiting.append(moment(thing(one, where), "createdOn", where))
        cursor = answer.get("cursor")
        if cursor is not None and (not isinstance(cursor, str) or len(cursor) > 1000):
            raise RetryLater(f"{self._where} has {cursor!r:.40} as its cursor")
        # An empty page is the last one, whatever its cursor says.
        return Page(
            records=records,
            following=(cursor or None) if answer["activities"] else None,
            waiting=min(waiting, default=None),
        )

    def _records(self, told: Mapping[str, object], where: str) -> list[Transaction | Removal]:
        type_, status = word(told, "type", where), word(told, "status", where)
        if status not in {"COMPLETED", "CANCELLED", "UPCOMING", *_PENDING}:
            raise RetryLater(f"{where} has the status {status!r:.40}, which is not known")
        if type_ in _NO_MOVEMENT or status == "UPCOMING":
            return []
        resource = thing(needed(told, "resource", where), where)
        kind, number = word(resource, "type", where), word(resource, "id", where)
        reference = f"{_REFERENCES.get(kind, kind)}-{number}"
        at = moment(told, "createdOn", where)
        first, second = shown(told.get("primaryAmount"), where), shown(told.get("secondaryAmount"), where)
        if status == "CANCELLED":
            gone = moment(told, "updatedOn", where) if told.get("updatedOn") is not None else at
            # Once it is cancelled Wise may not show any more which way it would have gone, or in which balance.
            there = [self._by_currency.get(one.currency) for one in (first, second) if one is not None]
            return [
                Removal(account=balance.id, external_id=key(reference, comes_in=way), at=gone)
                for balance in dict.fromkeys(there)
                if balance is not None
                for way in (True, False)
            ]
        pending = status in _PENDING
        legs = [] if first is None else self._legs(type_, words(told.get("title")), first, second)
        return [_transaction(told, leg, type_, reference, at, pending=pending) for leg in legs]

    def _legs(self, type_: str, title: str, first: Shown, second: Shown | None) -> list[_Leg]:
        if type_ in _EXCHANGES and second is not None and second.currency != first.currency:
            # What was got is shown first, what was given for it second.
            return [leg for one, way in ((first, True), (second, False)) if (leg := self._leg(one, comes_in=way))]
        comes_in = first.comes_in
        if comes_in is None:
            comes_in = _said_by(title) if type_ == "INTERBALANCE" else type_ in _IN
        if comes_in is None:
            return []
        # Second is shown what it took from one's own money; where no balance has that currency, none was touched.
        leg = self._leg(first if comes_in else second or first, comes_in=comes_in)
        if leg is None and comes_in and second is not None:
            leg = self._leg(second, comes_in=True)
        return [] if leg is None else [leg]

    def _leg(self, one: Shown, *, comes_in: bool) -> _Leg | None:
        balance = self._by_currency.get(one.currency)
        return None if balance is None else _Leg(balance=balance, shown=one, comes_in=comes_in)


def _said_by(title: str) -> bool | None:
    """Tell from "To Holidays" and "From Holidays" which way money went between a balance and a jar."""
    beginning = title.partition(" ")[0].lower()
    return {"to": False, "from": True}.get(beginning)


def _class_of(type_: str, *, comes_in: bool, exchanged: bool) -> FlowClass | None:
    if type_ in _EXCHANGES:
        return FlowClass.FX if exchanged or type_ != "INTERBALANCE" else FlowClass.TRANSFER
    if type_ in _CARDS:
        return FlowClass.REFUND if comes_in else FlowClass.EXPENSE
    return FlowClass.FEE if type_ in _FEES else _IN.get(type_)


def _transaction(
    told: Mapping[str, object], leg: _Leg, type_: str, reference: str, at: datetime, *, pending: bool
) -> Transaction:
    raw: dict[str, Json] = {"type": type_, "primary": text(told.get("primaryAmount"))}
    if second := text(told.get("secondaryAmount")):
        raw["secondary"] = second
    return Transaction(
        account=leg.balance.id,
        external_id=key(reference, comes_in=leg.comes_in),
        booked_at=at,
        amount=leg.shown.amount if leg.comes_in else -leg.shown.amount,
        asset=leg.shown.currency,
        kind=_class_of(type_, comes_in=leg.comes_in, exchanged=bool(second)),
        counterparty=words(told.get("title")),
        description=words(told.get("description")),
        pending=pending,
        raw=raw,
    )
