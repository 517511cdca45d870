"""The settings of a connection to a SimpleFIN server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from flowd.api import AccountKind, Config, Secret


class Sort(StrEnum):
    """What an account is, which SimpleFIN does not tell."""

    BANK = "bank"
    CARD = "card"
    LOAN = "loan"
    BROKER = "broker"

    @property
    def kind(self) -> AccountKind:
        """The kind flowd has for it."""
        return {Sort.CARD: AccountKind.CARD, Sort.BROKER: AccountKind.BROKER}.get(self, AccountKind.BANK)


class SimpleFinConfig(Config):
    """What flowd.yaml says: nothing is needed."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$")] = "https://bridge.simplefin.org/simplefin/create"
    access_url: Secret | None = None
    since: date | None = None
    pending: bool = True
    accounts: Mapping[str, Sort] = Field(default_factory=dict)
