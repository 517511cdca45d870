"""The connector `blofin`: BloFin on flowd-ccxt, with its own map of wallets and histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from flowd.api import ConnectorType, Secret, hookimpl
from flowd_blofin.profile import BLOFIN
from flowd_ccxt.config import ExchangeConfig
from flowd_ccxt.connector import connector_type


class BlofinConfig(ExchangeConfig):
    """BloFin's key, with the passphrase that was chosen for it."""

    password: Secret = Field(description="the passphrase that was chosen when the key was made")


CONNECTOR = connector_type(
    "blofin",
    BlofinConfig,
    lambda _: BLOFIN,
    summary="BloFin: funding, futures, copy trading, earn, spot and inverse wallets",
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `blofin`."""
    register(CONNECTOR)
