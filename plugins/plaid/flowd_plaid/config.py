"""The settings of a connection to Plaid."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from flowd.api import Config, Secret


class Environment(StrEnum):
    """Plaid's worlds: made-up banks, or real ones."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


class Product(StrEnum):
    """What is read of an institution; each is billed by Plaid on its own."""

    TRANSACTIONS = "transactions"
    INVESTMENTS = "investments"


class PlaidConfig(Config):
    """What flowd.yaml says: the keys of a Plaid account, and what is read with them."""

    client_id: Secret
    secret: Secret
    environment: Environment = Environment.PRODUCTION
    products: tuple[Product, ...] = (Product.TRANSACTIONS,)
    country_codes: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ("US",)
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    since: date | None = None
    access_token: Secret | None = None
    url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")] | None = None

    @model_validator(mode="after")
    def _something_is_read(self) -> Self:
        if not self.products or len(set(self.products)) < len(self.products):
            raise ValueError("products: name transactions, investments or both, each once")
        if not self.country_codes:
            raise ValueError("country_codes: name at least one country, such as US")
        return self

    @property
    def base(self) -> str:
        """The address of Plaid's API."""
        return (self.url or f"https://{self.environment.value}.plaid.com").rstrip("/")
