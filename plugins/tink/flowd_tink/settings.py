"""What a connection to Tink is told in flowd.yaml."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from flowd.api import Config, Secret

_ADDRESS = r"^https?://[^\s?#]+$"


class Access(StrEnum):
    """How access is granted: to a user that Tink keeps (read on by itself), or once (over when the token is)."""

    CONTINUOUS = "continuous"
    ONCE = "once"


class TinkConfig(Config):
    """The application at Tink, the market, and how far back to read."""

    client_id: str = Field(min_length=1, description="the application's client id, from Tink's console")
    client_secret: Secret = Field(description="the application's client secret")
    market: str = Field(pattern=r"^[A-Z]{2}$", description="the country of your bank, such as SE or DE")
    locale: str = Field("en_US", pattern=r"^[a-z]{2}_[A-Z]{2}$", description="the language of Tink's pages")
    access: Access = Field(
        Access.CONTINUOUS,
        description="`continuous` keeps a user at Tink and reads on; `once` reads while a token lasts",
    )
    user: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="the user's name at Tink, never shown to the bank; `flowd-` and the connection's name by default",
    )
    test: bool = Field(default=False, description="whether Tink's page offers its demo banks")
    since: date | None = Field(None, description="first day that is read; a year back by default")
    url: str = Field("https://api.tink.com", pattern=_ADDRESS, description="where Tink's API is")
    link_url: str = Field("https://link.tink.com", pattern=_ADDRESS, description="where Tink's own pages are")
