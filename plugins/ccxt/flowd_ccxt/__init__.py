"""The connector `ccxt`: any exchange of ccxt by its id. ccxt itself is loaded where a connection runs, not before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowd.api import ConnectorType, hookimpl
from flowd_ccxt.config import CcxtConfig
from flowd_ccxt.connector import connector_type
from flowd_ccxt.maps import profile_of

CONNECTOR = connector_type(
    "ccxt",
    CcxtConfig,
    lambda settings: profile_of(settings.exchange),
    summary="any exchange of ccxt: balances of every wallet, income, transfers and trades",
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `ccxt`."""
    register(CONNECTOR)
