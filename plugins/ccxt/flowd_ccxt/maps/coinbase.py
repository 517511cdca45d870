"""Coinbase: its accounts, page by page, and the US futures account's cash and open gain."""

from __future__ import annotations

from collections.abc import Iterator

from flowd.api import AccountKind, RetryLater
from flowd_ccxt import unified
from flowd_ccxt.maps.coinbase_history import transactions
from flowd_ccxt.profile import Holding, Permits, Profile, Wallet
from flowd_ccxt.values import amount, asset_code, total
from flowd_ccxt.venue import Venue

_MOST_PAGES = 100


def _accounts(venue: Venue) -> Iterator[Holding]:
    asked: dict[str, object] = {"limit": 250}
    seen: set[str] = set()
    for _ in range(_MOST_PAGES):
        answer = venue.call("v3PrivateGetBrokerageAccounts", asked)
        for row in venue.rows(answer, ("accounts",), "accounts"):
            held = total(*(amount(part["value"], "coinbase balance") for part in _parts(row)))
            yield Holding(asset=asset_code(venue.code(row.get("currency")), "coinbase"), quantity=held)
        after = str(answer.get("cursor") or "")
        if not answer.get("has_next") or not after:
            return
        if after in seen:
            break
        seen.add(after)
        asked["cursor"] = after
    raise RetryLater("coinbase accounts: the pages do not end")


def _parts(row: dict[str, object]) -> list[dict[str, object]]:
    parts = [row.get("available_balance"), row.get("hold")]
    found = [part for part in parts if isinstance(part, dict) and part.get("value") not in (None, "")]
    if not found:
        raise RetryLater("coinbase accounts answered a row without 'available_balance'")
    return found


def _futures(venue: Venue) -> Iterator[Holding]:
    row = venue.one(venue.call("v3PrivateGetBrokerageCfmBalanceSummary"), ("balance_summary",), "futures")
    for name in ("cfm_usd_balance", "unrealized_pnl"):
        part = row.get(name)
        if not isinstance(part, dict) or part.get("value") in (None, ""):
            raise RetryLater(f"coinbase futures answered without {name!r}")
        yield Holding(asset="USD", quantity=amount(part["value"], f"coinbase {name}"))


def _permits(venue: Venue) -> Permits:
    row = venue.call("v3PrivateGetBrokerageKeyPermissions")
    rights = [
        word for name, word in (("can_view", "read"), ("can_trade", "trade"), ("can_transfer", "transfer"))
        if isinstance(row, dict) and row.get(name) is True
    ]  # fmt: skip
    return Permits(rights=rights, known=isinstance(row, dict) and "can_view" in row)


COINBASE = Profile(
    exchange="coinbase",
    wallets=(
        Wallet(name="spot", label="accounts", kind=AccountKind.WALLET_SPOT, read=_accounts),
        Wallet(name="futures", label="US futures", kind=AccountKind.WALLET_FUTURES, read=_futures, optional=True),
    ),
    income=transactions(moves=False),
    transfers=transactions(moves=True),
    trades=lambda _: unified.my_trades(full=100),
    permits=_permits,
    unread=("staked assets and vaults that the brokerage accounts do not list, Coinbase International and Prime",),
    trades_by_market=False,
)  # fmt: skip
