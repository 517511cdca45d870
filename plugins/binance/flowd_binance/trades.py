"""What was traded: rows of the spot and futures markets, conversions, and dust turned into BNB."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Final

from flowd.api import RetryLater, Side, Trade
from flowd_binance.assets import QUOTES, code, contract, split
from flowd_binance.reading import Row, amount_or_zero, moment, optional, positive, text, utc_text
from flowd_binance.settings import Wallet

#: Digits of a price that is not stated but follows from two amounts.
_DIGITS: Final = 28
#: What BNB is traded against: a remainder of one of these buys BNB, others are sold for it.
_PRICES_BNB: Final = frozenset(QUOTES) - {"BNB", "TRX", "XRP", "DOGE", "DOT", "SOL"}


def spot_trade(
    row: Row, account: str = Wallet.SPOT, pair: tuple[str, str] | None = None, where: str = "myTrades"
) -> Trade:
    """Read one trade of the spot or margin market; `pair` is base and quote where they are known."""
    symbol = text(row, "symbol", where)
    base, quote = pair or split(symbol)
    return Trade(
        account=str(account),
        # Binance numbers the trades of each market by itself.
        external_id=f"{symbol}:{text(row, 'id', where)}",
        at=moment(row, "time", where),
        base=code(base),
        quote=code(quote),
        side=_side(row, "isBuyer", where),
        quantity=positive(row, "qty", where),
        price=positive(row, "price", where),
        fee=amount_or_zero(row, "commission", where),
        fee_asset=code(optional(row, "commissionAsset") or quote),
    )


def futures_trade(row: Row, account: str, where: str = "userTrades") -> Trade:
    """Read one trade of a futures market: so many contracts, which are an asset of their own and no coins.

    A fee is as Binance states it: positive where it was paid, negative where a maker got a rebate.
    """
    symbol = text(row, "symbol", where)
    settled = code(optional(row, "marginAsset") or text(row, "commissionAsset", where))
    base, quote = contract(symbol, settled)
    return Trade(
        account=str(account),
        external_id=f"{symbol}:{text(row, 'id', where)}",
        at=moment(row, "time", where),
        base=base,
        quote=quote,
        side=_side(row, "buyer", where),
        quantity=positive(row, "qty", where),
        price=positive(row, "price", where),
        fee=amount_or_zero(row, "commission", where),
        fee_asset=code(optional(row, "commissionAsset") or settled),
    )


def conversion(row: Row, where: str = "convert/tradeFlow") -> Iterator[Trade]:
    """Read one conversion: what was given is sold for what was got. Those that did not go through are left out."""
    status = optional(row, "orderStatus", "status").upper()
    if status not in ("", "SUCCESS", "S"):
        return
    old = "deductedAsset" in row
    given, got = ("deducted", "target") if old else ("from", "to")
    sold, bought = positive(row, f"{given}Amount", where), positive(row, f"{got}Amount", where)
    wallet = optional(row, "walletType", "accountType").upper()
    yield Trade(
        account=Wallet.FUNDING if wallet == "FUNDING" else Wallet.SPOT,
        external_id=f"convert:{optional(row, 'tranId', 'orderId', 'quoteId')}",
        at=moment(row, "time" if old else "createTime", where),
        base=code(text(row, f"{given}Asset", where)),
        quote=code(text(row, f"{got}Asset", where)),
        side=Side.SELL,
        quantity=sold,
        price=ratio(bought, sold),
        fee=Decimal(0),
        fee_asset=code(text(row, f"{got}Asset", where)),
    )


def dust(row: Row, where: str = "asset/dribblet") -> Trade:
    """Read one remainder that was turned into BNB (or what the row names); the fee is taken from what was got.

    Where BNB is traded against the remainder's asset it was bought, otherwise the remainder was sold.
    """
    sold, got = positive(row, "amount", where), positive(row, "transferedAmount", where)
    asset = code(text(row, "fromAsset", where))
    target = code(optional(row, "targetAsset") or "BNB")
    bought = target == "BNB" and asset in _PRICES_BNB
    return Trade(
        account=Wallet.SPOT,
        external_id=f"dust:{text(row, 'transId', where)}:{asset}",
        at=utc_text(row, "operateTime", where),
        base=target if bought else asset,
        quote=asset if bought else target,
        side=Side.BUY if bought else Side.SELL,
        quantity=got if bought else sold,
        price=ratio(sold, got) if bought else ratio(got, sold),
        fee=amount_or_zero(row, "serviceChargeAmount", where),
        fee_asset=target,
    )


def ratio(one: Decimal, other: Decimal) -> Decimal:
    """Return `one` over `other`, to 28 digits and at most 30 places."""
    with localcontext() as context:
        context.prec = _DIGITS
        found = one / other
        if found and found.adjusted() < _DIGITS - 30:
            found = found.quantize(Decimal("1e-30"))
        return found


def _side(row: Row, buyer: str, where: str) -> Side:
    said = optional(row, "side").upper()
    if said in ("BUY", "SELL"):
        return Side(said.lower())
    bought = row.get(buyer)
    if not isinstance(bought, bool):
        raise RetryLater(f"{where} answered a trade without `side` or `{buyer}`")
    return Side.BUY if bought else Side.SELL
