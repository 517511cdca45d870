"""Coinbase's transactions, account by account: deposits, withdrawals, moves, rewards and interest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flowd.api import FlowClass, Record, RetryLater
from flowd_ccxt.making import movement
from flowd_ccxt.profile import Entry, History
from flowd_ccxt.values import amount, asset_code, moment, negative, to_ms
from flowd_ccxt.venue import Venue
from flowd_ccxt.wording import MOVES, classify

_PAGE: Final = 100
_MOST_PAGES: Final = 500
_OVER: Final = frozenset({"failed", "canceled", "expired"})
#: Exchanges of one asset for another, which are trades, and what is spent with the card.
_NO_MOVE: Final = frozenset({"buy", "sell", "trade", "advanced_trade_fill", "wrap_asset", "unwrap_asset", "request"})
_KINDS: Final[Mapping[str, FlowClass]] = {
    "interest": FlowClass.INTEREST,
    "inflation_reward": FlowClass.STAKING,
    "staking_reward": FlowClass.STAKING,
    "earn_payout": FlowClass.OTHER,
    "incentives_rewards_payout": FlowClass.OTHER,
    "incentives_shared_clawback": FlowClass.OTHER,
    "cardspend": FlowClass.EXPENSE,
    "cardbuyback": FlowClass.REBATE,
    "subscription": FlowClass.EXPENSE,
}


def transactions(*, moves: bool) -> Callable[[Venue], Sequence[History]]:
    """Return the transactions of all accounts: those that move money, or those that are income."""

    def histories(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of the others
        def records(venue: Venue, entry: Entry) -> Iterator[Record]:
            return _records(venue, entry, moves=moves)

        # Coinbase cannot be asked for a stretch of time, only for what came before: one window spans everything.
        return (
            History(
                name="transactions", read=_read, records=records, window=timedelta(days=3_650),
                pending=lambda entry: str(entry.info.get("status")) not in {"completed", *_OVER},
                gone=lambda entry: str(entry.info.get("status")) in _OVER,
            ),
        )  # fmt: skip

    return histories


def _read(venue: Venue, since: int, until: int) -> Iterator[Entry]:  # noqa: ARG001 - it begins with the newest
    for account in _pages(venue, "v2PrivateGetAccounts", {}):
        touched = account.get("updated_at") or account.get("created_at")
        # Coinbase lists an account for every asset there is; most were never used.
        if not touched or _ms(touched) < since:
            continue
        for row in _pages(venue, "v2PrivateGetAccountsAccountIdTransactions", {"account_id": account.get("id")}):
            entry = Entry(id=str(row.get("id")), at=_ms(row.get("created_at")), info=row)
            if entry.at < since:
                break
            yield entry


def _pages(venue: Venue, call: str, asked: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    after: object = None
    for _ in range(_MOST_PAGES):
        answer = venue.call(call, {**asked, "limit": _PAGE, **({"starting_after": after} if after else {})})
        rows = venue.rows(answer, ("data",), call)
        yield from rows
        more = (answer.get("pagination") or {}).get("next_uri")
        before, after = after, rows[-1].get("id") if rows else None
        if not more or not after or after == before:
            return
    raise RetryLater("coinbase: the pages do not end")


def _records(venue: Venue, entry: Entry, *, moves: bool) -> Iterator[Record]:
    row, sort = entry.info, str(entry.info.get("type") or "")
    said = row.get("amount")
    if not isinstance(said, Mapping) or said.get("amount") in (None, ""):
        raise RetryLater("coinbase transactions answered a row without 'amount'")
    quantity = amount(said["amount"], "coinbase amount")
    kind = _kind(sort, incoming=quantity > 0)
    if kind is None or (kind in MOVES) is not moves:
        return
    network = row.get("network")
    cost = network.get("transaction_fee") if isinstance(network, Mapping) else None
    fee = amount(cost.get("amount") or 0, "coinbase fee").copy_abs() if isinstance(cost, Mapping) else amount(0, "fee")
    unit = asset_code(venue.code(said.get("currency")), "coinbase")
    # The network's fee is part of what a send takes from the account: it is shown apart, and not taken twice.
    apart = fee if kind is FlowClass.WITHDRAWAL and isinstance(cost, Mapping) and cost.get("currency") == unit else None
    details = row.get("details")
    title = str(details.get("title") or "") if isinstance(details, Mapping) else ""
    yield from movement(
        account="spot", id=entry.id, at=moment(entry.at, "coinbase time"), kind=kind, asset=unit,
        quantity=quantity if apart is None else negative(quantity.copy_abs() - apart),
        fee=apart if apart is not None else amount(0, "fee"),
        pending=row.get("status") != "completed", text=title or sort,
    )  # fmt: skip


def _kind(sort: str, *, incoming: bool) -> FlowClass | None:
    if sort in _NO_MOVE:
        return None
    if sort in ("send", "receive", "fiat_deposit", "fiat_withdrawal", "tx"):
        return FlowClass.DEPOSIT if incoming else FlowClass.WITHDRAWAL
    if any(word in sort for word in ("exchange_", "pro_", "vault_", "transfer", "intx_", "staking_")):
        return _KINDS.get(sort, FlowClass.TRANSFER)
    return _KINDS.get(sort) or classify(sort)


def _ms(text: object) -> int:
    try:
        return to_ms(datetime.fromisoformat(str(text)))
    except (ValueError, TypeError):
        raise RetryLater(f"coinbase transactions answered no time: {str(text)[:40]!r}") from None
