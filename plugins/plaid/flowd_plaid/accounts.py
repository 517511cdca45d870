"""Accounts at an institution: what kind each is, and what it holds or owes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from flowd.api import AccountInfo, AccountKind, RetryLater
from flowd.reading import line
from flowd_plaid.shape import Shape

_NOT_IN_CODES: Final = re.compile(r"[^A-Z0-9._:/-]")
_INVESTMENT: Final = frozenset({"investment", "brokerage"})
_CRYPTO: Final = frozenset({"crypto exchange", "non-custodial wallet"})
_DEBTS: Final = frozenset({"credit", "loan"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account as Plaid describes it; `type` is Plaid's word (depository, credit, loan, investment, other)."""

    info: AccountInfo
    type: str
    balances: Shape

    @property
    def id(self) -> str:
        """Plaid's id of it."""
        return self.info.account

    @property
    def asset(self) -> str | None:
        """Its currency."""
        return self.info.asset

    @property
    def is_investment(self) -> bool:
        """Say whether it holds securities."""
        return self.type in _INVESTMENT

    def quantity(self) -> Decimal | None:
        """Return what it holds, negative for what is owed; None where the institution does not say.

        A card's or a loan's `current` is a debt. `available` stands in only where it means nearly the same.
        """
        current = self.balances.maybe_amount("current")
        if current is not None:
            return -current if self.type in _DEBTS else current
        available = self.balances.maybe_amount("available")
        if available is None:
            return None
        if self.type == "depository":
            return available
        limit = self.balances.maybe_amount("limit")
        return available - limit if self.type == "credit" and limit is not None else None


def accounts(answer: Shape) -> Iterator[Account]:
    """Yield the accounts of an answer of any endpoint; RetryLater names what is not understood."""
    for item in answer.maybe_each("accounts"):
        kind = item.text("type")
        subtype = item.maybe_text("subtype") or ""
        balances = item.inner("balances")
        try:
            info = AccountInfo(
                account=item.text("account_id"),
                name=_name(item),
                kind=_kind(kind, subtype),
                asset=maybe_currency(balances),
            )
        except ValueError as error:
            raise RetryLater(f"Plaid's answer to {item.where} cannot be kept: {line(str(error), 200)}") from None
        yield Account(info=info, type=kind, balances=balances)


def maybe_currency(stated: Shape) -> str | None:
    """Return the code of the currency of an amount, official or not; None if there is neither."""
    code = stated.maybe_text("iso_currency_code") or stated.maybe_text("unofficial_currency_code")
    return None if code is None else asset_code(code, stated)


def asset_code(text: str, stated: Shape) -> str:
    """Return `text` as an asset code: in capitals, with dashes for other signs; RetryLater if nothing is left."""
    code = _NOT_IN_CODES.sub("-", text.strip().upper())[:40].lstrip("._:/-")
    if not code:
        raise RetryLater(f"Plaid's answer to {stated.where} is not understood: {line(text, 40)!r} is no currency")
    return code


def _kind(kind: str, subtype: str) -> AccountKind:
    if kind in _INVESTMENT:
        return AccountKind.WALLET_SPOT if subtype in _CRYPTO else AccountKind.BROKER
    return AccountKind.CARD if kind == "credit" else AccountKind.BANK


def _name(item: Shape) -> str:
    name = line(item.maybe_text("name") or item.maybe_text("official_name") or "", 150)
    mask = line(item.maybe_text("mask") or "", 10)
    if name and mask and not name.endswith(mask):
        return f"{name} ({mask})"
    return name or (f"account {mask}" if mask else "account")
