"""A declared income becomes one schedule event, the same whenever it is told."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from flowd.api import AccountInfo, AccountKind, Batch, Context, Cursor, Event
from flowd_recurring import CONNECTOR
from flowd_recurring.connector import RecurringConfig


class NoHttp:
    """There is nobody to ask."""

    def get(self, url: str, **_: object) -> object:
        raise AssertionError(f"recurring asked {url}")

    post = get


def context(tick: datetime = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)) -> Context:
    return Context(
        connection="salary",
        tick=tick,
        http=NoHttp(),  # type: ignore[arg-type]
        log=logging.LoggerAdapter(logging.getLogger("test")),
        time_left=lambda: timedelta(seconds=10),
    )


def config(**values: object) -> RecurringConfig:
    return RecurringConfig.model_validate({"amount": "4200", "currency": "EUR", "every": "month on L", **values})


def sync(settings: RecurringConfig, cursor: Cursor | None = None, ctx: Context | None = None) -> Batch:
    (batch,) = CONNECTOR.connect(settings).sync("schedule", cursor, ctx or context())
    return batch


def terms(settings: RecurringConfig) -> list[tuple[str, str, str | None]]:
    _, event = sync(settings).records
    assert isinstance(event, Event)
    assert (event.type, event.key) == ("schedule", "salary")
    listed = event.data["terms"]
    assert isinstance(listed, list)
    return [(term["amount"], term["start"], term["end"]) for term in listed]


def test_one_term() -> None:
    assert terms(config(start="2025-01-01")) == [("4200", "2025-01-01", None)]
    account, _ = sync(config(start="2025-01-01")).records
    assert account == AccountInfo(account="salary", name="salary", kind=AccountKind.MANUAL, asset="EUR")


def test_changes_follow_one_another_in_any_order() -> None:
    changes = [{"from": "2026-01-01", "amount": "4400.50"}, {"from": "2025-07-01", "amount": 4300}]
    assert terms(config(start="2025-01-01", end="2026-06-30", changes=changes)) == [
        ("4200", "2025-01-01", "2025-06-30"),
        ("4300", "2025-07-01", "2025-12-31"),
        ("4400.5", "2026-01-01", "2026-06-30"),
    ]


def test_without_a_start_the_first_run_chooses_and_later_runs_keep_it() -> None:
    first = sync(config())
    assert first.cursor == Cursor(data={"start": "2025-03-01"})
    later = sync(config(), first.cursor, context(datetime(2026, 9, 1, tzinfo=UTC)))
    assert list(later.records) == list(first.records)
    assert later.cursor == first.cursor


def test_a_leap_day_is_no_stumbling_block() -> None:
    assert sync(config(), None, context(datetime(2028, 2, 29, tzinfo=UTC))).cursor == Cursor(
        data={"start": "2027-02-01"}
    )


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"amount": "0"}, "greater than 0"),
        ({"amount": "NaN"}, "finite"),
        ({"currency": "euro"}, "pattern"),
        ({"every": "month on 32"}, "at character 10"),
        ({"start": "2026-01-02", "end": "2026-01-01"}, "before start"),
        ({"changes": [{"from": "2026-01-01", "amount": 1}, {"from": "2026-01-01", "amount": 2}]}, "same day"),
        ({"start": "2026-01-01", "changes": [{"from": "2026-01-01", "amount": 1}]}, "not after start"),
        ({"end": "2026-01-01", "changes": [{"from": "2026-02-01", "amount": 1}]}, "after end"),
        ({"each": "month"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        config(**values)


def test_check_says_it_in_words() -> None:
    assert CONNECTOR.connect(config()).check(context()).summary == "4200 EUR every month on L"


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    settings = RecurringConfig.model_validate(sample["config"])
    assert settings.changes[0].from_ == date(2025, 1, 1)
    assert settings.amount == Decimal(4200)
