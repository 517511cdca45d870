"""The settings of a connection to Wise."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from flowd.api import Config, Secret


class Way(StrEnum):
    """Where transactions are read from: statements, activities, or statements as long as Wise lets the token."""

    AUTO = "auto"
    STATEMENTS = "statements"
    ACTIVITIES = "activities"


class WiseConfig(Config):
    """What flowd.yaml says under `config`."""

    token: Secret = Field(description="a personal API token; one that may only read is enough")
    profile: str | int | None = Field(
        default=None, description="`personal`, `business` or the id of one profile; all profiles if not given"
    )
    since: date | None = Field(default=None, description="first day to read; a year before the first run if not given")
    read: Way = Field(
        default=Way.AUTO,
        description="`statements`, `activities`, or `auto`: activities where Wise wants a second factor for statements",
    )
    url: str = Field(
        default="https://api.wise.com",
        pattern=r"^https?://[^\s?#]+$",
        description="where Wise answers: https://api.wise-sandbox.com for its sandbox",
    )
