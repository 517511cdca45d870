"""The settings of a Binance connection, and the wallets that Binance keeps money in."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, model_validator

from flowd.api import AccountInfo, AccountKind, Config, Secret


class Wallet(StrEnum):
    """A wallet of Binance; the value is the account's id in flowd."""

    SPOT = "spot"
    FUNDING = "funding"
    CROSS = "cross_margin"
    ISOLATED = "isolated_margin"
    USDM = "futures_usdm"
    COINM = "futures_coinm"
    EARN = "earn"
    PORTFOLIO = "portfolio_margin"
    OPTIONS = "options"
    BOTS = "bots"
    COPY = "copy_trading"


#: What a loan of a margin wallet is kept under: an account beside the wallet's own, which holds less than nothing.
DEBT: Final = ":borrowed"
#: The futures within a portfolio margin account, each an account beside it.
USDM_PART: Final = ":usdm"
COINM_PART: Final = ":coinm"

#: Name and kind of each wallet, as people are shown them.
TITLES: Final[dict[Wallet, tuple[str, AccountKind]]] = {
    Wallet.SPOT: ("Binance spot", AccountKind.WALLET_SPOT),
    Wallet.FUNDING: ("Binance funding", AccountKind.WALLET_FUNDING),
    Wallet.CROSS: ("Binance cross margin", AccountKind.WALLET_MARGIN),
    Wallet.ISOLATED: ("Binance isolated margin", AccountKind.WALLET_MARGIN),
    Wallet.USDM: ("Binance USD-M futures", AccountKind.WALLET_FUTURES),
    Wallet.COINM: ("Binance COIN-M futures", AccountKind.WALLET_FUTURES),
    Wallet.EARN: ("Binance earn", AccountKind.WALLET_EARN),
    Wallet.PORTFOLIO: ("Binance portfolio margin", AccountKind.WALLET_MARGIN),
    Wallet.OPTIONS: ("Binance options", AccountKind.WALLET_FUTURES),
    Wallet.BOTS: ("Binance trading bots", AccountKind.WALLET_BOT),
    Wallet.COPY: ("Binance copy trading", AccountKind.WALLET_COPY),
}
_PARTS: Final = {DEBT: "borrowed", USDM_PART: "USD-M futures", COINM_PART: "COIN-M futures"}
#: What the test network has.
_ON_TESTNET: Final = (Wallet.SPOT, Wallet.USDM, Wallet.COINM)

Asset = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9._:/-]{0,39}$")]


class BinanceConfig(Config):
    """A key that may read, and what is read with it."""

    key: Secret = Field(description="the API key")
    secret: Secret | None = Field(None, description="its secret, if the key is an HMAC key")
    private_key: Secret | None = Field(None, description="the private key as PEM, if the key is an Ed25519 or RSA key")
    private_key_password: Secret | None = Field(None, description="the password of `private_key`, if it has one")
    testnet: bool = Field(False, description="read the test network, where only spot and futures exist")
    tld: str = Field("com", pattern=r"^[a-z]{2,6}$", description="the end of Binance's addresses where you live")
    base_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="one address for all of Binance's, should you go through a proxy of your own",
    )
    since: date | None = Field(None, description="how far back the first run reads; a year by default")
    wallets: tuple[Wallet, ...] = Field(tuple(Wallet), description="which wallets are read; all by default")
    ignore: tuple[Asset, ...] = Field((), description="assets that are left out, such as worthless tokens sent to you")
    symbols: tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]{2,20}/[A-Z0-9]{2,20}$")], ...] = Field(
        (), description="spot markets whose trades are read besides those of assets you hold, such as [LTC/USDT]"
    )
    quotes: tuple[Asset, ...] = Field(
        ("USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR", "TRY", "BRL"),
        description="what your assets are traded against: where prices and trades are looked for, in order",
    )

    @model_validator(mode="after")
    def _one_way_to_sign(self) -> BinanceConfig:
        if (self.secret is None) == (self.private_key is None):
            raise ValueError("give either `secret` (HMAC keys) or `private_key` (Ed25519 and RSA keys)")
        return self

    @property
    def asked(self) -> tuple[Wallet, ...]:
        """The wallets that are read, in the order in which they are read."""
        return tuple(one for one in Wallet if one in self.wallets and (not self.testnet or one in _ON_TESTNET))


def described(account: str) -> AccountInfo:
    """Return what is said of an account by its id."""
    wallet, colon, part = account.partition(":")
    name, kind = TITLES[Wallet(wallet)]
    shown = f"{name}, {_PARTS[colon + part]}" if part else name
    return AccountInfo(account=account, name=shown, kind=kind)
