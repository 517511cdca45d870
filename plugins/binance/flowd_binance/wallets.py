"""What each wallet of Binance holds, read from its own answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from flowd.api import RetryLater
from flowd_binance import endpoints
from flowd_binance.asking import Asking
from flowd_binance.assets import code, is_share, may_be_share
from flowd_binance.reading import ZERO, Row, amount, amount_or_zero, milliseconds, negative, optional, rows, text, total
from flowd_binance.settings import COINM_PART, DEBT, USDM_PART, Wallet

#: How Binance's list of wallets calls those that it gives no assets of; the others have an answer of their own.
WORTHS: Final = {Wallet.OPTIONS: "Options", Wallet.BOTS: "Trading Bots", Wallet.COPY: "Copy Trading"}
_NAMES: Final = {
    "Spot": Wallet.SPOT,
    "Funding": Wallet.FUNDING,
    "Cross Margin": Wallet.CROSS,
    "Isolated Margin": Wallet.ISOLATED,
    "USDⓈ-M Futures": Wallet.USDM,
    "COIN-M Futures": Wallet.COINM,
    "Earn": Wallet.EARN,
    **{name: wallet for wallet, name in WORTHS.items()},
}
#: What worths are told in.
WORTH_IN: Final = "USDT"
_PAGE: Final = 100
_MOST_PAGES: Final = 100


@dataclass(slots=True)
class Held:
    """Quantities by asset, by account: a wallet with loans has an account for what is owed beside its own."""

    accounts: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def put(self, account: str, asset: str, quantity: Decimal) -> None:
        """Add to what an account holds; nothing is noted of what is zero."""
        holds = self.accounts.setdefault(account, {})
        if quantity:
            holds[asset] = total(holds.get(asset, ZERO), quantity)

    def owe(self, account: str, asset: str, debt: Decimal) -> None:
        """Note what is owed, beside what is held."""
        self.put(f"{account}{DEBT}", asset, negative(debt))


def spot(answer: object, where: str = "account", traded: frozenset[str] | None = None) -> Held:
    """Read the spot wallet; shares in flexible earn are left to the earn wallet.

    Which is which, the markets `traded` tell; RetryLater where they are needed and could not be read.
    """
    held = Held({Wallet.SPOT: {}})
    for row in rows(answer, where, "balances"):
        asset = code(text(row, "asset", where))
        if traded is not None and not traded and may_be_share(asset):
            raise RetryLater(
                f"{where}: without the list of markets nobody can tell whether {asset} is a coin of its own"
            )
        if not is_share(asset, traded or frozenset()):
            held.put(Wallet.SPOT, asset, total(amount(row, "free", where), amount(row, "locked", where)))
    return held


def funding(answer: object, where: str = "get-funding-asset") -> Held:
    """Read the funding wallet: what is free, frozen, locked and on its way out is all still there."""
    held = Held({Wallet.FUNDING: {}})
    for row in rows(answer, where):
        parts = (amount_or_zero(row, part, where) for part in ("locked", "freeze", "withdrawing"))
        held.put(Wallet.FUNDING, code(text(row, "asset", where)), total(amount(row, "free", where), *parts))
    return held


def cross(answer: object, where: str = "margin/account") -> Held:
    """Read the cross margin wallet: what is there, and beside it what is owed with its interest."""
    held = Held({Wallet.CROSS: {}, f"{Wallet.CROSS}{DEBT}": {}})
    for row in rows(answer, where, "userAssets"):
        _margin(held, Wallet.CROSS, row, where)
    return held


def isolated(answer: object, where: str = "margin/isolated/account") -> Held:
    """Read the isolated margin wallets of all pairs as one."""
    held = Held({Wallet.ISOLATED: {}, f"{Wallet.ISOLATED}{DEBT}": {}})
    for pair in rows(answer, where, "assets"):
        for half in ("baseAsset", "quoteAsset"):
            row = pair.get(half)
            if isinstance(row, Mapping):
                _margin(held, Wallet.ISOLATED, row, where)
    return held


def futures(answer: object, wallet: Wallet, where: str = "futures account") -> Held:
    """Read a futures wallet: its equity, which is the wallet's balance with the open positions' gains and losses."""
    held = Held({wallet: {}})
    for row in rows(answer, where, "assets"):
        if (
            "updateTime" in row
            and milliseconds(row, "updateTime", where) == 0
            and not amount_or_zero(row, "walletBalance", where)
        ):
            # Never used: what the other fields say is not settled yet.
            continue
        if optional(row, "marginBalance"):
            equity = amount(row, "marginBalance", where)
        else:
            equity = total(amount(row, "walletBalance", where), amount_or_zero(row, "unrealizedProfit", where))
        held.put(wallet, code(text(row, "asset", where)), equity)
    return held


def portfolio(answer: object, where: str = "papi balance") -> Held:
    """Read a portfolio margin account: its margin and both its futures, each with open gains, and what is owed."""
    held = Held({f"{Wallet.PORTFOLIO}{part}": {} for part in ("", USDM_PART, COINM_PART, DEBT)})
    for row in rows(answer, where):
        asset = code(text(row, "asset", where))
        rest = amount(row, "totalWalletBalance", where)
        for part, name in ((USDM_PART, "um"), (COINM_PART, "cm")):
            balance = amount_or_zero(row, f"{name}WalletBalance", where)
            open_gain = amount_or_zero(row, f"{name}UnrealizedPNL", where)
            held.put(f"{Wallet.PORTFOLIO}{part}", asset, total(balance, open_gain))
            rest = total(rest, negative(balance))
        held.put(Wallet.PORTFOLIO, asset, rest)
        owed = total(
            amount_or_zero(row, "crossMarginBorrowed", where), amount_or_zero(row, "crossMarginInterest", where)
        )
        held.owe(Wallet.PORTFOLIO, asset, owed)
    return held


def earn(flexible: list[Row], locked: list[Row], where: str = "simple-earn") -> Held:
    """Read what is in flexible and locked earn."""
    held = Held({Wallet.EARN: {}})
    for row in flexible:
        held.put(Wallet.EARN, code(text(row, "asset", where)), amount(row, "totalAmount", where))
    for row in locked:
        held.put(Wallet.EARN, code(text(row, "asset", where)), amount(row, "amount", where))
    return held


def worth(listed: Mapping[Wallet, Decimal | None], wallet: Wallet) -> Held:
    """Read a wallet of which Binance says only what it is worth in all."""
    held = Held({wallet: {}})
    held.put(wallet, WORTH_IN, listed.get(wallet) or ZERO)
    return held


def wallet_list(answer: object, where: str = "wallet/balance") -> dict[Wallet, Decimal | None]:
    """Read what each wallet is worth in all; None stands for a wallet that was never opened."""
    found: dict[Wallet, Decimal | None] = {}
    listed = rows(answer, where)
    if not listed:
        raise RetryLater(f"{where} answered an empty list, where every wallet should be")
    for row in listed:
        wallet = _NAMES.get(optional(row, "walletName"))
        if wallet is not None:
            said = amount(row, "balance", where)
            found[wallet] = said if row.get("activate") is True or said else None
    return found


def read(client: Asking, wallet: Wallet, traded: frozenset[str]) -> Held:
    """Ask Binance what a wallet holds."""
    one = _READERS.get(wallet)
    if wallet is Wallet.SPOT:
        return spot(client.ask(endpoints.SPOT_ACCOUNT, omitZeroBalances="true"), endpoints.SPOT_ACCOUNT.path, traded)
    if wallet is Wallet.EARN:
        return earn(pages(client, endpoints.FLEXIBLE), pages(client, endpoints.LOCKED), "/sapi/v1/simple-earn")
    if wallet is Wallet.USDM or wallet is Wallet.COINM:
        endpoint = endpoints.USDM_ACCOUNT if wallet is Wallet.USDM else endpoints.COINM_ACCOUNT
        return futures(client.ask(endpoint), wallet, endpoint.path)
    if one is None:
        raise AssertionError(f"{wallet} has no answer of its own")
    endpoint, reader = one
    held: Held = reader(client.ask(endpoint), endpoint.path)
    return held


def pages(client: Asking, endpoint: endpoints.Endpoint, **params: str | int) -> list[Row]:
    """Return all rows of an endpoint that numbers its pages; RetryLater when it gives the same page twice."""
    found: list[Row] = []
    last: list[Row] | None = None
    for page in range(1, _MOST_PAGES + 1):
        some = rows(client.ask(endpoint, current=page, size=_PAGE, **params), endpoint.path, "rows")
        if some and some == last:
            raise RetryLater(f"{endpoint.path} answered the same page twice")
        found += some
        last = some
        if len(some) < _PAGE:
            break
    else:
        raise RetryLater(f"{endpoint.path} answered more than {_MOST_PAGES} full pages")
    return found


def _margin(held: Held, account: str, row: Row, where: str) -> None:
    asset = code(text(row, "asset", where))
    held.put(account, asset, total(amount(row, "free", where), amount_or_zero(row, "locked", where)))
    held.owe(account, asset, total(amount_or_zero(row, "borrowed", where), amount_or_zero(row, "interest", where)))


_READERS: Final[dict[Wallet, tuple[endpoints.Endpoint, Any]]] = {
    Wallet.FUNDING: (endpoints.FUNDING, funding),
    Wallet.CROSS: (endpoints.CROSS, cross),
    Wallet.ISOLATED: (endpoints.ISOLATED, isolated),
    Wallet.PORTFOLIO: (endpoints.PORTFOLIO_BALANCE, portfolio),
}
