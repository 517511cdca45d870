"""The settings of the connector `files`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from flowd.api import Config


class After(StrEnum):
    """What becomes of a file that was read."""

    MOVE = "move"
    LEAVE = "leave"


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class FilesConfig(Config):
    """What to watch and what to know about the files in it."""

    folder: Path = Field(description="the folder to watch; files in folders inside it are not read")
    account: str | None = Field(None, description="the account of files that do not name theirs")
    currency: str | None = Field(
        None, pattern=r"^[A-Z0-9][A-Z0-9._:/-]{0,39}$", description="the currency of files that do not say it"
    )
    profile: str | Mapping[str, object] | None = Field(
        None, description="how to read CSV files: a profile's name, or a profile; recognised or guessed if not given"
    )
    profiles: Path | None = Field(None, description="a folder with profiles of your own, one YAML file each")
    accounts: Mapping[str, str] = Field(
        default_factory=dict, description="other names for accounts, by the name the file has: {DE89…: giro}"
    )
    formats: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        (), description="plugins whose file formats are read too, by their names in `flowd plugins`"
    )
    patterns: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field(
        ("*",), description="which files, such as *.csv"
    )
    after: After = Field(After.MOVE, description="move files that were read to done/, or leave them where they are")
    settle: float = Field(2.0, ge=0, le=60, description="seconds a file must be unchanged before it is read")
