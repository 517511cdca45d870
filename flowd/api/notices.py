"""What somebody should know, and the ways to tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from flowd.api.context import Http


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a person should know, said once per change of state; `key` names the state."""

    key: str
    severity: Severity
    at: datetime
    title: str
    body: str = ""


class Notifier(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """The name used as `type` in flowd.yaml."""

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
        """Deliver `notice`; RetryLater to have it tried again."""
