"""The feed `transfers`: money that came from outside, left, or moved between wallets; none of it is income."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from flowd.api import FlowClass, Record, Removal, Transaction
from flowd_binance import endpoints
from flowd_binance.assets import code
from flowd_binance.income import futures_source
from flowd_binance.paging import by_halves, by_offset, by_page
from flowd_binance.reading import Row, amount, amount_or_zero, moment, negative, optional, text, utc_text
from flowd_binance.settings import BinanceConfig, Wallet
from flowd_binance.windows import Reader, Source

_DAY: Final = timedelta(days=1)
_DONE: Final = "ok"
_WAITS: Final = "pending"
#: Binance's status of a crypto deposit: 1 credited, 6 credited but not yet free to leave; 2 and 7 never came.
_DEPOSIT_STATUS: Final = {"0": _WAITS, "8": _WAITS, "1": _DONE, "6": _DONE}
#: Of a crypto withdrawal: 6 completed; 1 cancelled, 3 rejected, 5 failed.
_WITHDRAWAL_STATUS: Final = {"0": _WAITS, "2": _WAITS, "4": _WAITS, "6": _DONE}
_FIAT_STATUS: Final = {"successful": _DONE, "finished": _DONE, "completed": _DONE, "processing": _WAITS}
_MOVE_STATUS: Final = {"CONFIRMED": _DONE, "SUCCESS": _DONE, "PENDING": _WAITS, "PROCESS": _WAITS}
#: How Binance calls wallets in the name of a move; those of futures tell their side themselves (see `sources`).
_PLACES: Final = {
    "MAIN": Wallet.SPOT,
    "FUNDING": Wallet.FUNDING,
    "C2C": Wallet.FUNDING,
    "MARGIN": Wallet.CROSS,
    "ISOLATEDMARGIN": Wallet.ISOLATED,
    "ISOLATED_MARGIN": Wallet.ISOLATED,
    "UMFUTURE": Wallet.USDM,
    "CMFUTURE": Wallet.COINM,
    "OPTION": Wallet.OPTIONS,
    "PORTFOLIO_MARGIN": Wallet.PORTFOLIO,
}
_FUTURES: Final = (Wallet.USDM, Wallet.COINM)
_MOVES: Final = (
    *("MAIN_UMFUTURE", "MAIN_CMFUTURE", "MAIN_MARGIN", "MAIN_FUNDING", "MAIN_OPTION", "MAIN_PORTFOLIO_MARGIN"),
    *("UMFUTURE_MAIN", "CMFUTURE_MAIN", "MARGIN_MAIN", "FUNDING_MAIN", "OPTION_MAIN", "PORTFOLIO_MARGIN_MAIN"),
    *("FUNDING_UMFUTURE", "FUNDING_CMFUTURE", "FUNDING_MARGIN", "FUNDING_OPTION"),
    *("UMFUTURE_FUNDING", "CMFUTURE_FUNDING", "MARGIN_FUNDING", "OPTION_FUNDING"),
    *("UMFUTURE_MARGIN", "CMFUTURE_MARGIN", "MARGIN_UMFUTURE", "MARGIN_CMFUTURE", "UMFUTURE_OPTION"),
    *("OPTION_UMFUTURE", "OPTION_MARGIN", "MARGIN_OPTION"),
)
#: Which of Binance Pay's wallets paid or was paid.
_PAID_FROM: Final = {"1": Wallet.FUNDING, "2": Wallet.SPOT, "5": Wallet.EARN}
#: Paid with a card: nothing left a wallet.
_BY_CARD: Final = frozenset({"4", "6"})


def deposit(row: Row, where: str = "deposit/hisrec") -> Iterator[Record]:
    """Read one deposit of coins."""
    asset, when = code(text(row, "coin", where)), moment(row, "insertTime", where)
    chain = optional(row, "txId").removeprefix("Internal transfer ")
    name = optional(row, "id") or f"{chain}:{asset}:{text(row, 'insertTime', where)}"
    account = Wallet.FUNDING if optional(row, "walletType") == "1" else Wallet.SPOT
    status = _DEPOSIT_STATUS.get(optional(row, "status"))
    if status is None:
        yield Removal(account=account, external_id=name[:200], at=when)
        return
    yield Transaction(
        account=account,
        external_id=name[:200],
        booked_at=when,
        amount=amount(row, "amount", where),
        asset=asset,
        kind=FlowClass.DEPOSIT,
        counterparty=optional(row, "network"),
        description=f"deposit of {asset}",
        pending=status == _WAITS,
        raw=_raw(row, "txId", "address", "network", "transferType", "status"),
    )


def withdrawal(row: Row, where: str = "withdraw/history") -> Iterator[Record]:
    """Read one withdrawal of coins; its fee leaves the wallet besides its amount, and is a line of its own."""
    asset, when = code(text(row, "coin", where)), utc_text(row, "applyTime", where)
    account = Wallet.FUNDING if optional(row, "walletType") == "1" else Wallet.SPOT
    yield from _out(
        account,
        text(row, "id", where),
        when,
        row,
        asset,
        fee="transactionFee",
        status=_WITHDRAWAL_STATUS.get(optional(row, "status")),
        where=where,
        raw=_raw(row, "txId", "address", "network", "transferType", "status", "transactionFee"),
    )


def fiat_order(row: Row, kind: int | None = None, where: str = "fiat/orders") -> Iterator[Record]:
    """Read one deposit (0) or withdrawal (1) of ordinary money.

    Of a deposit what is left of its fee comes in; a withdrawal's fee leaves besides its amount.
    """
    asset, when = code(text(row, "fiatCurrency", where)), moment(row, "createTime", where)
    name = text(row, "orderNo", where)
    status = _FIAT_STATUS.get(optional(row, "status").lower())
    going = kind if kind is not None else int(optional(row, "transactionType") or 0)
    raw = _raw(row, "method", "indicatedAmount", "totalFee", "status")
    if going == 1:
        yield from _out(Wallet.SPOT, name, when, row, asset, fee="totalFee", status=status, where=where, raw=raw)
    elif status is None:
        yield Removal(account=Wallet.SPOT, external_id=name, at=when)
    else:
        yield Transaction(
            account=Wallet.SPOT,
            external_id=name,
            booked_at=when,
            amount=amount(row, "amount", where),
            asset=asset,
            kind=FlowClass.DEPOSIT,
            counterparty=optional(row, "method"),
            description=f"deposit of {asset}",
            pending=status == _WAITS,
            raw=raw,
        )


def fiat_payment(row: Row, kind: int, where: str = "fiat/payments") -> Iterator[Record]:
    """Read coins bought (0) or sold (1) for ordinary money that is not in a wallet: by card, or to one."""
    name, when = text(row, "orderNo", where), moment(row, "createTime", where)
    status = _FIAT_STATUS.get(optional(row, "status").lower())
    coin, money = code(text(row, "cryptoCurrency", where)), code(text(row, "fiatCurrency", where))
    own = optional(row, "paymentMethod").lower() == "cash balance"
    parts = (("obtainAmount", coin, 1), ("sourceAmount", money, -1))
    if kind == 1:
        parts = (("sourceAmount", coin, -1), ("obtainAmount", money, 1))
    for place, (field, asset, sign) in enumerate(parts):
        if place and not own:
            # The money's side is at the card: it never was in a wallet.
            return
        part = f"{name}:{asset}" if place else name
        if status is None:
            yield Removal(account=Wallet.SPOT, external_id=part, at=when)
            continue
        outside = FlowClass.DEPOSIT if sign > 0 else FlowClass.WITHDRAWAL
        yield Transaction(
            account=Wallet.SPOT,
            external_id=part,
            booked_at=when,
            amount=amount(row, field, where) if sign > 0 else negative(amount(row, field, where)),
            asset=asset,
            kind=FlowClass.FX if own else outside,
            counterparty=optional(row, "paymentMethod"),
            description=f"{coin} {'sold' if kind else 'bought'} for {money}",
            pending=status == _WAITS,
            raw=_raw(row, "price", "totalFee", "status"),
        )


def p2p(row: Row, where: str = "c2c history") -> Iterator[Record]:
    """Read one purchase or sale from person to person: the coins came from outside, or went there."""
    status, name = optional(row, "orderStatus").upper(), text(row, "orderNumber", where)
    when, asset = moment(row, "createTime", where), code(text(row, "asset", where))
    if status != "COMPLETED":
        return
    bought = optional(row, "tradeType").upper() == "BUY"
    whole, fee = amount(row, "amount", where), amount_or_zero(row, "commission", where)
    yield Transaction(
        account=Wallet.FUNDING,
        external_id=name,
        booked_at=when,
        amount=whole if bought else negative(whole),
        asset=asset,
        kind=FlowClass.DEPOSIT if bought else FlowClass.WITHDRAWAL,
        counterparty=optional(row, "counterPartNickName"),
        description=f"{asset} {'bought' if bought else 'sold'} for {optional(row, 'totalPrice', 'fiat')}",
        raw=_raw(row, "fiat", "totalPrice", "unitPrice", "commission"),
    )
    if fee:
        yield _fee(Wallet.FUNDING, name, when, negative(fee), asset)


def pay(row: Row, where: str = "pay/transactions") -> Iterator[Record]:
    """Read one payment with Binance Pay; what is paid leaves to outside, what is received comes from there."""
    paid = amount(row, "amount", where)
    if paid < 0 and optional(row, "walletType") in _BY_CARD:
        return
    other = row.get("receiverInfo" if paid < 0 else "payerInfo")
    kind = optional(row, "orderType")
    yield Transaction(
        account=_PAID_FROM.get(optional(row, "walletType"), Wallet.FUNDING),
        external_id=text(row, "transactionId", where),
        booked_at=moment(row, "transactionTime", where),
        amount=paid,
        asset=code(text(row, "currency", where)),
        kind=FlowClass.WITHDRAWAL if paid < 0 else FlowClass.DEPOSIT,
        counterparty=optional(other, "name")[:200] if isinstance(other, dict) else "",
        description=f"Binance Pay {kind.replace('_', ' ').lower()}".strip(),
        raw={"type": kind},
    )


def move(row: Row, where: str = "asset/transfer", *, futures: bool = False) -> Iterator[Record]:
    """Read one move between two wallets as what left the one and came to the other.

    The side of a futures wallet is in its own history, and is left to it unless `futures` asks for both sides.
    """
    status = _MOVE_STATUS.get(optional(row, "status").upper())
    asset, when = code(text(row, "asset", where)), moment(row, "timestamp", where)
    name, kind = text(row, "tranId", where), text(row, "type", where)
    moved = amount(row, "amount", where)
    origin, target = _ends(kind)
    for wallet, sign in ((origin, -1), (target, 1)):
        if wallet is None or (wallet in _FUTURES and not futures):
            continue
        if status is None:
            yield Removal(account=wallet, external_id=name, at=when)
            continue
        yield Transaction(
            account=wallet,
            external_id=name,
            booked_at=when,
            amount=moved if sign > 0 else negative(moved),
            asset=asset,
            kind=FlowClass.TRANSFER,
            description=f"from {_said(origin)} to {_said(target)}",
            pending=status == _WAITS,
            raw={"type": kind},
        )


def sub_account(row: Row, where: str = "subUserHistory") -> Iterator[Record]:
    """Read one move between this sub-account and another account of the same owner."""
    if optional(row, "status").upper() not in ("", "SUCCESS"):
        return
    inwards = optional(row, "type") == "1"
    own = optional(row, "toAccountType" if inwards else "fromAccountType").upper()
    wallet = {"USDT_FUTURE": Wallet.USDM, "COIN_FUTURE": Wallet.COINM, "MARGIN": Wallet.CROSS}.get(own, Wallet.SPOT)
    if wallet in _FUTURES:
        return
    moved = amount(row, "qty", where)
    yield Transaction(
        account=wallet,
        external_id=f"sub:{text(row, 'tranId', where)}",
        booked_at=moment(row, "time", where),
        amount=moved if inwards else negative(moved),
        asset=code(text(row, "asset", where)),
        kind=FlowClass.TRANSFER,
        counterparty=optional(row, "counterParty"),
        description=f"{'from' if inwards else 'to'} another account of the same owner",
    )


def sources(config: BinanceConfig) -> Iterator[Source]:
    """Yield the histories of money moved, for the wallets that are read."""
    for wallet, endpoint in ((Wallet.USDM, endpoints.USDM_INCOME), (Wallet.COINM, endpoints.COINM_INCOME)):
        if wallet in config.asked:
            # The same rows as the feed `income` has, under the same keys: so that both sides of a move come together.
            yield futures_source(endpoint, str(wallet), kind="TRANSFER")
    if config.testnet:
        return
    yield _source("deposits", by_offset(endpoints.DEPOSITS, deposit))
    yield _source("withdrawals", by_offset(endpoints.WITHDRAWALS, withdrawal), every=_DAY / 48)
    for kind_name in ("BUY", "SELL"):
        orders = by_page(
            endpoints.P2P,
            p2p,
            inside=("data",),
            names=("page", "rows"),
            times=("startTimestamp", "endTimestamp"),
            tradeType=kind_name,
        )
        yield _source(f"p2p {kind_name.lower()}", orders, span=29 * _DAY, reach=180 * _DAY, every=_DAY / 24)
    payments = by_halves(endpoints.PAY, pay, inside=("data",), size=100)
    yield _source("pay", payments, reach=540 * _DAY, every=_DAY / 48)
    yield _source("sub-account moves", by_offset(endpoints.SUB_TRANSFERS, sub_account, size=500), span=29 * _DAY)
    for name in _MOVES:
        origin, target = _ends(name)
        if origin in config.wallets or target in config.wallets:
            yield _source(
                f"moves {name}",
                by_page(endpoints.TRANSFERS, move, type=name),
                span=29 * _DAY,
                reach=179 * _DAY,
                every=_DAY / 96,
            )
    for kind in (0, 1):
        orders = by_page(
            endpoints.FIAT_ORDERS,
            partial(fiat_order, kind=kind),
            inside=("data",),
            names=("page", "rows"),
            size=500,
            times=("beginTime", "endTime"),
            transactionType=kind,
        )
        # Half of what may be asked in a minute, each: last, so that nothing waits for it, seldom, and in one window.
        yield _source(f"fiat {'withdrawals' if kind else 'deposits'}", orders, span=500 * _DAY, every=_DAY / 4)
        payments = by_page(
            endpoints.FIAT_PAYMENTS,
            partial(fiat_payment, kind=kind),
            inside=("data",),
            names=("page", "rows"),
            size=500,
            times=("beginTime", "endTime"),
            transactionType=kind,
        )
        yield _source(f"coins {'sold' if kind else 'bought'}", payments, span=500 * _DAY, every=_DAY / 24)


def _source(
    name: str,
    read: Reader,
    *,
    span: timedelta = 89 * _DAY,
    reach: timedelta | None = None,
    every: timedelta = timedelta(0),
) -> Source:
    return Source(name=name, read=read, span=span, again=_DAY, reach=reach, every=every)


def _out(
    account: Wallet,
    name: str,
    when: datetime,
    row: Row,
    asset: str,
    *,
    fee: str,
    status: str | None,
    where: str,
    raw: dict[str, str],
) -> Iterator[Record]:
    if status is None:
        yield Removal(account=account, external_id=name, at=when)
        yield Removal(account=account, external_id=f"{name}:fee", at=when)
        return
    yield Transaction(
        account=account,
        external_id=name,
        booked_at=when,
        amount=negative(amount(row, "amount", where)),
        asset=asset,
        kind=FlowClass.WITHDRAWAL,
        counterparty=optional(row, "network", "method"),
        description=f"withdrawal of {asset}",
        pending=status == _WAITS,
        raw=raw,
    )
    cost = amount_or_zero(row, fee, where)
    if cost:
        yield _fee(account, name, when, negative(cost), asset, pending=status == _WAITS)


def _fee(
    account: Wallet, name: str, when: datetime, cost: Decimal, asset: str, *, pending: bool = False
) -> Transaction:
    return Transaction(
        account=account,
        external_id=f"{name}:fee",
        booked_at=when,
        amount=cost,
        asset=asset,
        kind=FlowClass.FEE,
        counterparty="Binance",
        description="fee",
        pending=pending,
    )


def _ends(kind: str) -> tuple[Wallet | None, Wallet | None]:
    """Return the wallets a move goes from and to by its name, such as MAIN_UMFUTURE; None for one flowd has not."""
    for place in sorted(_PLACES, key=len, reverse=True):
        if kind.startswith(f"{place}_"):
            return _PLACES[place], _PLACES.get(kind.removeprefix(f"{place}_"))
    origin, _, target = kind.partition("_")
    return _PLACES.get(origin), _PLACES.get(target)


def _said(wallet: Wallet | None) -> str:
    return "another wallet" if wallet is None else wallet.replace("_", " ")


def _raw(row: Row, *names: str) -> dict[str, str]:
    return {name: found[:300] for name in names if (found := optional(row, name))}
