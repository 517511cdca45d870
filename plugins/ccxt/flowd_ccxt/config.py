"""The settings of a connection to an exchange."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from flowd.api import Config, Secret

Asset = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9._:/-]{0,39}$")]


class ExchangeConfig(Config):
    """What every exchange needs."""

    key: Secret = Field(description="the API key, with no right but reading")
    secret: Secret = Field(description="the secret that came with the key")
    password: Secret | None = Field(None, description="the passphrase, where the exchange has one")
    uid: Secret | None = Field(None, description="the user id, where the exchange asks for it")
    sandbox: bool = Field(False, description="use the exchange's test network")
    url: str | None = Field(
        None, pattern=r"^https?://[^\s?#]+$", description="ask this address instead of the exchange's own (a proxy)"
    )
    wallets: tuple[str, ...] = Field((), description="which wallets are read; all that can be by default")
    subaccounts: tuple[str, ...] = Field((), description="names of sub-accounts that are read with this key as well")
    quote: Asset | None = Field(None, description="the asset in which prices are asked for first, such as EUR")
    ignore: frozenset[Asset] = Field(frozenset(), description="assets that are left out, such as dust and airdrops")
    symbols: tuple[str, ...] = Field((), description="further markets whose trades are read, such as BTC/USDT")
    since: date | None = Field(None, description="how far back history is read; a year by default")


class CcxtConfig(ExchangeConfig):
    """Which exchange, and its key."""

    exchange: str = Field(pattern=r"^[a-z0-9]{2,40}$", description="the exchange's id in ccxt, such as kraken")
