"""What a connection to TrueLayer is told in flowd.yaml."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from flowd.api import Config, Secret

_ADDRESS = r"^https?://[^\s?#]+$"
_AUTH = "https://auth.truelayer.com"
_API = "https://api.truelayer.com"


class CardAmounts(StrEnum):
    """How a bank writes what was spent with a card: as a negative amount, or as what is owed the more for it."""

    AUTO = "auto"
    SIGNED = "signed"
    OWED = "owed"


class TrueLayerConfig(Config):
    """The application at TrueLayer, the banks to choose from, and how far back to read."""

    client_id: str = Field(min_length=1, description="the application's client id, from TrueLayer's console")
    client_secret: Secret = Field(description="the application's client secret")
    providers: str = Field(
        "uk-ob-all uk-oauth-all", min_length=1, description="the banks that TrueLayer's page offers, as it names them"
    )
    sandbox: bool = Field(default=False, description="whether this is TrueLayer's sandbox, with its mock bank")
    cards: bool = Field(default=True, description="whether cards are read too")
    card_amounts: CardAmounts = Field(
        CardAmounts.AUTO,
        description="the sign of card amounts: `signed` (spending is negative), `owed` (spending is a positive DEBIT), "
        "`auto` (signed at the mock bank, owed at real ones)",
    )
    since: date | None = Field(
        None, description="first day that is read; a year back by default, or what the bank gives"
    )
    reads_per_day: int = Field(
        4, ge=1, le=96, description="how often a day each feed may ask the bank; more than 4 may be refused"
    )
    login_url: str = Field(_AUTH, pattern=_ADDRESS, description="where TrueLayer's login is")
    api_url: str = Field(_API, pattern=_ADDRESS, description="where TrueLayer's API is")

    @property
    def auth(self) -> str:
        """The login's address, without a slash at its end."""
        return self._there(self.login_url, _AUTH)

    @property
    def api(self) -> str:
        """The API's address, without a slash at its end."""
        return self._there(self.api_url, _API)

    def _there(self, url: str, usual: str) -> str:
        if self.sandbox and url == usual:
            return usual.replace("truelayer.com", "truelayer-sandbox.com")
        return url.rstrip("/")
