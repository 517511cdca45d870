"""What a page of members says: what each membership is worth, and every payment and change in its history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from flowd.api import Event, FlowClass, Json, Record, Removal, RetryLater, Transaction
from flowd_patreon.config import PatreonConfig
from flowd_patreon.shape import Thing

#: A membership as it stands; and one change of what was pledged. The analytic `patreon_mrr` reads both.
MEMBER: Final = "patreon.member"
PLEDGE: Final = "patreon.pledge"
MEMBER_FIELDS: Final = (
    "campaign_lifetime_support_cents,currently_entitled_amount_cents,full_name,is_follower,is_free_trial,is_gifted,"
    "last_charge_date,last_charge_status,patron_status,pledge_cadence,pledge_relationship_start,will_pay_amount_cents"
)
EVENT_FIELDS: Final = "amount_cents,currency_code,date,payment_status,pledge_payment_status,tier_title,type"
_CHANGES: Final = frozenset(("pledge_start", "pledge_upgrade", "pledge_downgrade", "pledge_delete"))
_PAID: Final = frozenset(("Paid", "Partially Refunded"))
_TAKEN_BACK: Final = frozenset(("Refunded", "Refunded by Patreon", "Fraud"))
_EXACT: Final = Context(prec=80, rounding=ROUND_HALF_EVEN)
_CENT, _MILLIONTH = Decimal("0.01"), Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A creator's campaign: its number, its name, and whether patrons pay by the month."""

    id: str
    name: str
    monthly: bool

    @property
    def account(self) -> str:
        """The account its payments are booked in."""
        return f"campaign-{self.id}"


class Reader:
    """Reads the members of one campaign."""

    def __init__(self, campaign: Campaign, config: PatreonConfig, tick: datetime) -> None:
        self._campaign = campaign
        self._config = config
        self._tick = tick
        since = config.since
        self._since = None if since is None else datetime(since.year, since.month, since.day, tzinfo=UTC)
        #: Members whose history was not given whole.
        self.incomplete = 0

    def records(self, members: list[Thing], included: list[Thing]) -> Iterator[Record]:
        """Yield what a page says of its members."""
        by_id = {(one.type, one.id): one for one in included}
        for member in members:
            yield self._member(member)
            wanted = list(member.related("pledge_history"))
            found = [by_id[key] for key in wanted if key in by_id]
            self.incomplete += len(found) < len(wanted)
            for one in sorted(found, key=lambda one: (one.at("date"), one.id)):
                if self._since is None or one.at("date") >= self._since:
                    yield from self._history(member, one)

    def _member(self, member: Thing) -> Event:
        start, charged = member.maybe_at("pledge_relationship_start"), member.maybe_at("last_charge_date")
        cadence = _cadence(member)
        given = bool(member.flag("is_free_trial") or member.flag("is_gifted"))
        # What someone is entitled to falls to nothing on the first of a month until the payment went through.
        pays = member.cents("will_pay_amount_cents") or member.cents("currently_entitled_amount_cents")
        data: dict[str, Json] = {
            "id": member.id,
            "campaign": self._campaign.id,
            "status": member.text("patron_status"),
            "monthly": _monthly(Decimal(0) if given else pays, cadence),
            "entitled": format(member.cents("currently_entitled_amount_cents"), "f"),
            "lifetime": format(member.cents("campaign_lifetime_support_cents"), "f"),
            "currency": self._config.currency,
            "cadence": cadence,
            "start": _moment(start or charged),
            "charged": _moment(charged),
            "charge_status": member.text("last_charge_status"),
        }
        return Event(type=MEMBER, key=member.id, at=self._tick, data=data)

    def _history(self, member: Thing, one: Thing) -> Iterator[Record]:
        what = one.text("type")
        if what in _CHANGES:
            amount = Decimal(0) if what == "pledge_delete" else one.cents("amount_cents")
            data: dict[str, Json] = {
                "member": member.id,
                "what": what,
                "at": one.at("date").isoformat(),
                "monthly": _monthly(max(amount, Decimal(0)), _cadence(member)),
                "currency": self._currency(one),
            }
            yield Event(type=PLEDGE, key=f"{self._campaign.id}/{one.id}", at=one.at("date"), data=data)
        elif one.text("payment_status"):
            yield from self._payment(member, one)

    def _payment(self, member: Thing, one: Thing) -> Iterator[Record]:
        """Yield a payment, with a row of its own for what was taken back; one that failed is no payment."""
        status, gross = one.text("payment_status"), one.cents("amount_cents")
        account = self._campaign.account
        if status not in _PAID | _TAKEN_BACK | {"Pending"}:
            # It may have been pending before.
            yield Removal(account=account, external_id=one.id, at=one.at("date"))
            return
        if not gross:
            return
        raw: dict[str, Json] = {"gross": format(gross, "f"), "status": status, "member": member.id}
        net = gross
        if self._config.fee_percent is not None:
            net = _net(gross, self._config.fee_percent)
            raw |= {"fee": format(gross - net, "f"), "fee_is": "estimated"}
        made = Transaction(
            account=account,
            external_id=one.id,
            booked_at=one.at("date"),
            amount=net,
            asset=self._currency(one),
            kind=FlowClass.MRR if self._campaign.monthly else FlowClass.OTHER,
            counterparty=member.text("full_name"),
            description=one.text("tier_title") or "membership",
            pending=status == "Pending",
            raw=raw,
        )
        yield made
        if status in _TAKEN_BACK:
            yield replace(
                made, external_id=f"{one.id}:refund", amount=-net, description=f"{made.description}: {status}"
            )

    def _currency(self, one: Thing) -> str:
        code = one.text("currency_code").upper() or self._config.currency
        if not (2 < len(code) <= 10 and code.isascii() and code.isalnum()):
            raise RetryLater(f"{one.where}.currency_code is not a currency")
        return code


def _net(gross: Decimal, percent: Decimal) -> Decimal:
    left = _EXACT.multiply(gross, _EXACT.subtract(Decimal(100), percent))
    return _EXACT.divide(left, Decimal(100)).quantize(_CENT, context=_EXACT)


def _cadence(member: Thing) -> int:
    """Return for how many months a payment of the member is: 1, or 12 for a year."""
    months = member.whole("pledge_cadence")
    return months if months is not None and 1 <= months <= 120 else 1


def _monthly(amount: Decimal, cadence: int) -> str:
    return format(_EXACT.divide(amount, Decimal(cadence)).quantize(_MILLIONTH, context=_EXACT), "f")


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def campaign_of(thing: Thing) -> Campaign:
    """Return a campaign as Patreon describes it."""
    name = thing.text("creation_name") or thing.text("vanity") or thing.id
    return Campaign(id=thing.id, name=name, monthly=thing.flag("is_monthly") is not False)


def included_of(answer: Mapping[str, object], where: str) -> list[Thing]:
    """Return what was written out beside the members; nothing where Patreon left it out."""
    value = answer.get("included")
    return [Thing(one, f"{where}.included[{n}]") for n, one in enumerate(value)] if isinstance(value, list) else []
