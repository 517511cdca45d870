"""The settings of a connection to Stripe."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, field_validator

from flowd.api import Config, Secret

#: The last version in which a charge still names its invoice; Stripe answers by the version it is asked in.
VERSION = "2024-12-18.acacia"


class StripeConfig(Config):
    """What flowd.yaml says under `config`."""

    key: Secret = Field(description="a restricted key (rk_live_…) that may read; a full key (sk_live_…) works too")
    account: Annotated[str, StringConstraints(pattern=r"^acct_[A-Za-z0-9]+$")] | None = Field(
        default=None, description="an account connected to yours (acct_…), to read that one instead"
    )
    since: date | None = Field(default=None, description="first day to read; a year before the first run if not given")
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$")] = Field(
        default="https://api.stripe.com", description="where Stripe's API is"
    )
    api_version: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$")] = Field(
        default=VERSION, description="the version of Stripe's API that is asked for"
    )

    @field_validator("key")
    @classmethod
    def _may_read(cls, key: Secret) -> Secret:
        if key.get_secret_value().startswith("pk_"):
            raise ValueError("this is a publishable key (pk_…), which may not read: make a restricted key (rk_…)")
        return key
