"""Makes records of an exchange's lines: deposits and withdrawals, moves between wallets, income, trades."""

# ruff: noqa: A002 - a line's name is called its id by every exchange
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from flowd.api import FlowClass, Json, Side, Trade, Transaction
from flowd_ccxt.values import amount, asset_code, negative, total, trimmed

_ZERO: Final = Decimal(0)


def movement(
    *,
    account: str,
    id: str,
    at: datetime,
    kind: FlowClass,
    quantity: Decimal,
    asset: str,
    fee: Decimal = _ZERO,
    fee_asset: str | None = None,
    pending: bool = False,
    text: str = "",
    raw: Mapping[str, Json] | None = None,
) -> Iterator[Transaction]:
    """Yield one movement (positive comes in) and, where the source charges one for it besides, its fee."""
    if quantity:
        yield Transaction(
            account=account, external_id=id[:200], booked_at=at, amount=trimmed(quantity), asset=asset, kind=kind,
            description=text[:500], pending=pending, raw=raw or None,
        )  # fmt: skip
    if fee:
        yield Transaction(
            account=account, external_id=f"{id[:190]}:fee", booked_at=at, amount=trimmed(negative(fee)),
            asset=fee_asset or asset, kind=FlowClass.FEE, description=f"fee of {text or 'it'}"[:500], pending=pending,
        )  # fmt: skip


def move(
    *,
    source: str | None,
    target: str | None,
    id: str,
    at: datetime,
    quantity: Decimal,
    asset: str,
    text: str,
) -> Iterator[Transaction]:
    """Yield the two legs of a move between own wallets; a side that is not known has no leg."""
    if source == target:
        return
    moved = quantity.copy_abs()
    for account, signed, leg in ((source, negative(moved), "out"), (target, moved, "in")):
        if account:
            yield from movement(
                account=account, id=f"{id}:{leg}", at=at, kind=FlowClass.TRANSFER, quantity=signed,
                asset=asset, text=text,
            )  # fmt: skip


def gain(
    *,
    account: str,
    id: str,
    at: datetime,
    gross: Decimal,
    fee: Decimal,
    asset: str,
    text: str,
    kind: FlowClass = FlowClass.REALISED_PNL,
) -> Iterator[Transaction]:
    """Yield what a fill of a contract brought, net of its fee; a fill that only cost is a fee (below 0: a rebate)."""
    if gross:
        yield from movement(
            account=account, id=f"{id}:pnl", at=at, kind=kind, quantity=total(gross, negative(fee)), asset=asset,
            text=text, raw={"gross": format(gross, "f"), "fee": format(fee, "f")} if fee else None,
        )  # fmt: skip
    elif fee:
        yield from movement(
            account=account, id=f"{id}:fee", at=at, kind=FlowClass.FEE if fee > 0 else FlowClass.REBATE,
            quantity=negative(fee), asset=asset, text=f"fee of {text}" if fee > 0 else f"rebate for {text}",
        )  # fmt: skip


def trade(
    *,
    account: str,
    parsed: Mapping[str, Any],
    at: datetime,
    where: str,
    by_market: bool = False,
) -> Iterator[Trade]:
    """Yield ccxt's unified trade as a Trade; a fee paid is positive, a maker's rebate negative.

    A contract is an asset of its own, written as ccxt writes it (BTC/USDT:USDT) and counted in contracts: who trades it
    gets no coin. With `by_market` the exchange numbers the trades of each market: the market is part of the name.
    """
    symbol = str(parsed.get("symbol") or "")
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    side = str(parsed.get("side") or "")
    if not base or not quote or side not in ("buy", "sell") or not parsed.get("id"):
        return
    price = amount(parsed.get("price") or 0, f"{where} price")
    quantity = amount(parsed.get("amount") or 0, f"{where} amount").copy_abs()
    if quantity <= 0 or price < 0:
        return
    fee, fee_asset = _fee(parsed, where)
    yield Trade(
        account=account,
        external_id=(f"{symbol}:{parsed['id']}" if by_market else str(parsed["id"]))[:200],
        at=at,
        base=asset_code(symbol if settle else base, where),
        quote=asset_code(quote, where),
        side=Side(side),
        quantity=trimmed(quantity),
        price=trimmed(price),
        fee=fee,
        fee_asset=asset_code(fee_asset or settle.partition("-")[0] or quote, where),
    )


def _fee(parsed: Mapping[str, Any], where: str) -> tuple[Decimal, str | None]:
    fees = [one for one in [parsed.get("fee"), *(parsed.get("fees") or [])] if isinstance(one, Mapping)]
    for one in fees:
        if one.get("cost") not in (None, "") and one.get("currency"):
            return trimmed(amount(one["cost"], f"{where} fee")), str(one["currency"])
    return _ZERO, None


def is_trade(info: Mapping[str, Any]) -> bool:
    """Say whether an execution is a trade: funding and settlements are listed among them, and are none."""
    for name in ("execType", "exec_type", "tradeType", "type", "subType", "businessType"):
        said = str(info.get(name) or "").lower()
        if any(word in said for word in ("funding", "settle", "delivery", "moveposition")):
            return False
    return True
