"""The study `expected`: every regular receipt with what came of it, for reports and alerts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydantic import Field, field_validator

from flowd.analytics.expected.expecting import AHEAD, expectations
from flowd.analytics.holidays import calendar
from flowd.api import Config, ExpectedReceipt, History


class ExpectedConfig(Config):
    """What may be said of it in flowd.yaml, under `analytics: {expected: {config: …}}`."""

    holidays: str | None = Field(
        default=None,
        description="Whose holidays are no working days: a country (DE), a part of one (DE-BY) or a market (ECB).",
    )
    days: int = Field(default=AHEAD, ge=1, le=731, description="How many days ahead receipts are expected.")

    @field_validator("holidays")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        calendar(name)
        return name


class Expected:
    """Expected and received: due days of declared and detected rhythms, matched with the receipts."""

    name: Final = "expected"
    config: Final = ExpectedConfig
    reads: Sequence[str] = ("derived.flow", "derived.schedule_term", "derived.stream")
    writes: Sequence[str] = ("derived.expected",)

    def study(self, history: History, config: Any) -> Iterable[ExpectedReceipt]:
        """Return every regular receipt due in the last three years and the days ahead, by stream and day."""
        return expectations(history, calendar(config.holidays), ahead=config.days)
