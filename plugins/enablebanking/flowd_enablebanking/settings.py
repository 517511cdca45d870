"""What a connection to Enable Banking is told in flowd.yaml."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from flowd.api import Config, Secret


class Customer(StrEnum):
    """As whom the accounts are held."""

    PERSONAL = "personal"
    BUSINESS = "business"


class EnableBankingConfig(Config):
    """The application at Enable Banking, the bank, and how far back to read."""

    application_id: str = Field(min_length=1, description="the application's id, which is the name of its key file too")
    private_key: Secret = Field(description="the application's private key (PEM), best {file: …}")
    bank: str = Field(min_length=1, description="the bank, as Enable Banking names it, such as Nordea")
    country: str = Field(pattern=r"^[A-Z]{2}$", description="the bank's country, such as FI")
    customer: Customer = Field(Customer.PERSONAL, description="as whom the accounts are held: personal or business")
    consent_days: int = Field(
        180, ge=1, le=3650, description="for how long to ask for access; as long as the bank allows, at most"
    )
    since: date | None = Field(
        None, description="first day that is read; a year back by default, or what the bank gives"
    )
    reads_per_day: int = Field(
        4, ge=1, le=96, description="how often a day each feed may ask the bank; more than 4 may be refused"
    )
    url: str = Field(
        "https://api.enablebanking.com", pattern=r"^https?://[^\s?#]+$", description="where Enable Banking's API is"
    )
