"""Wallets read by ccxt's own `fetch_balance`, for exchanges whose answers are not described here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowd.api import AccountKind, RetryLater
from flowd_ccxt.faults import Unreadable
from flowd_ccxt.profile import Holding, Wallet
from flowd_ccxt.values import amount, asset_code, negative, total
from flowd_ccxt.venue import Venue


def unified_wallet(
    name: str, label: str, kind: AccountKind, params: Mapping[str, object], *, asked: bool = False
) -> Wallet:
    """Return a wallet that is read by `fetch_balance`, only when it is `asked` for by name if so.

    Many exchanges answer every type of wallet with the same one, and would be counted twice.
    """

    def read(venue: Venue) -> Iterator[Holding]:
        if asked and name not in venue.config.wallets:
            raise Unreadable(f"not asked for: name {name!r} in `wallets` if you have it")
        where = f"{venue.profile.exchange} {name}"
        answer: Any = venue.call("fetch_balance", dict(params))
        if not isinstance(answer, dict) or not isinstance(answer.get("total"), dict):
            raise RetryLater(f"{where} answered no balances")
        debts = answer.get("debt") if isinstance(answer.get("debt"), dict) else {}
        for code, held in answer["total"].items():
            if held is None:
                raise RetryLater(f"{where} answered no total of {code}")
            owed = amount((debts or {}).get(code) or 0, f"{where} debt")
            yield Holding(asset=asset_code(code, where), quantity=total(amount(held, where), negative(owed)))

    return Wallet(name=name, label=label, kind=kind, read=read)
