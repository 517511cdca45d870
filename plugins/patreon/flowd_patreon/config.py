"""The settings of a connection to Patreon."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from flowd.api import Config, Secret


class PatreonConfig(Config):
    """What flowd.yaml says under `config`: a creator's token, or a client with which `flowd link` obtains one."""

    access_token: Secret | None = Field(default=None, description="your creator's access token")
    client_id: str | None = Field(default=None, description="the id of your client, for `flowd link`")
    client_secret: Secret | None = Field(default=None, description="the secret of your client, for `flowd link`")
    campaign: Annotated[str, StringConstraints(pattern=r"^\d+$")] | None = Field(
        default=None, description="the number of one campaign; all of yours if not given"
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = Field(
        default="USD", description="the currency of your campaign, which Patreon does not tell"
    )
    fee_percent: Annotated[Decimal, Field(ge=0, lt=100)] | None = Field(
        default=None, description="what Patreon and the payment take of each payment, in percent: your own estimate"
    )
    since: date | None = Field(default=None, description="first day to read; all there is if not given")
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = Field(
        default="https://www.patreon.com", description="where Patreon is"
    )

    @model_validator(mode="after")
    def _has_access(self) -> PatreonConfig:
        if self.access_token is None and (self.client_id is None or self.client_secret is None):
            raise ValueError("give an access_token, or client_id and client_secret and run `flowd link`")
        return self
