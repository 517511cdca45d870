"""Reads which profiles and balances there are, and what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flowd.api import AccountInfo, AccountKind, ConfigError, Context, RetryLater
from flowd_wise.client import Client
from flowd_wise.shape import listed, money, number, text, thing, word

_PROFILES: Final = "/v2/profiles"
_STANDARD: Final = "STANDARD"
#: States in which a balance is money and nothing else.
_CASH: Final = ("", "NOT_INVESTED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person or a business that the token speaks for."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One currency of a profile, or one jar."""

    id: str
    currency: str
    standard: bool
    name: str
    worth: Decimal

    @property
    def account(self) -> AccountInfo:
        """What flowd is told of it."""
        return AccountInfo(account=self.id, name=self.name, kind=AccountKind.BANK, asset=self.currency)


def profiles(client: Client, wanted: str | int | None, ctx: Context) -> list[Profile]:
    """Return the wanted profiles, all if none is named; ConfigError where there is no such profile."""
    found = []
    for one in listed(client.get(_PROFILES, {}, ctx), _PROFILES):
        part = thing(one, f"a profile of {_PROFILES}")
        found.append(Profile(id=number(part, "id", _PROFILES), kind=word(part, "type", _PROFILES).lower()))
    if not found:
        raise RetryLater(f"{_PROFILES} lists no profile")
    if wanted is None:
        return found
    chosen = [one for one in found if str(wanted).lower() in (one.id, one.kind)]
    if not chosen:
        there = ", ".join(f"{one.kind} ({one.id})" for one in found)
        raise ConfigError(f"profile: Wise has no profile {wanted!r} for this token; it has {there}")
    return chosen


def balances(client: Client, profile: Profile, several: bool, ctx: Context) -> list[Balance]:
    """Return the balances and jars of a profile; with `several` profiles their names say whose they are."""
    where = f"/v4/profiles/{profile.id}/balances"
    found: dict[str, Balance] = {}
    for one in listed(client.get(where, {"types": "STANDARD,SAVINGS"}, ctx), where):
        balance = _balance(thing(one, f"a balance of {where}"), f" ({profile.kind})" if several else "", where)
        found[balance.id] = balance
    return list(found.values())


def _balance(told: Mapping[str, object], whose: str, where: str) -> Balance:
    standard = word(told, "type", where) == _STANDARD
    worth, currency = money(told, "amount", where)
    if text(told.get("investmentState")) not in _CASH:
        # What is in a fund is not part of `amount`.
        worth, currency = money(told, "totalWorth", where)
    if word(told, "currency", where) != currency:
        raise RetryLater(f"{where} has an amount in {currency} for a balance in another currency")
    plain = f"Wise {currency}" if standard else f"Wise {currency} jar"
    name = text(told.get("name")) if not standard else ""
    return Balance(
        id=number(told, "id", where),
        currency=currency,
        standard=standard,
        name=(name or plain)[:150] + whose[:40],
        worth=worth,
    )
