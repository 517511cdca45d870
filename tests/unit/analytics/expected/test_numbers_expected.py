"""The worked example of docs/numbers.md on expected receipts is what flowd computes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from flowd.analytics.expected import rhythm
from tests.unit.analytics.expected.receiving import expected, receipt

TEXT = (Path(__file__).parents[4] / "docs" / "numbers.md").read_text(encoding="utf-8")


def example(name: str) -> dict[str, Any]:
    for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL):
        found: dict[str, Any] = yaml.load(block, yaml.BaseLoader)
        if found.get("example") == name:
            return found
    raise AssertionError(f"docs/numbers.md has no example {name}")


def test_the_example_of_expected_receipts() -> None:
    told = example("expected")
    paid = [(date.fromisoformat(day), Decimal(amount)) for day, amount in told["receipts"].items()]
    gives = dict(told["gives"])
    known = rhythm(paid)
    assert known is not None
    assert known.words == gives.pop("words")
    assert (known.early, known.late) == (int(gives.pop("early")), int(gives.pop("late")))
    rows = expected(
        [receipt(*one) for one in paid],
        today=date.fromisoformat(told["today"]),
        read=date.fromisoformat(told["read"]),
    )
    found = {row.due.isoformat(): {"state": row.state, "amount": str(row.amount)} for row in rows}
    assert gives
    assert {day: found[day] for day in gives} == gives
