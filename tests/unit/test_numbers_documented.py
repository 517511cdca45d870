"""The worked examples of docs/numbers.md are what flowd computes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowd.analytics.income import Income
from flowd.api import Flow, FlowClass, IncomeDay, Level, Method, Quality, Receipt, ScheduleTerm, Stream
from flowd.domain.flows import INCOME
from flowd.engine.rates import RateTable
from flowd.testing.facts import FactsView

TEXT = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text(encoding="utf-8")
EXAMPLES: dict[str, dict[str, Any]] = {
    example["example"]: example
    for example in (yaml.load(block, yaml.BaseLoader) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
    if "example" in example
}


def view_of(example: dict[str, Any]) -> FactsView:
    def amounts(name: str) -> list[tuple[date, Decimal]]:
        return [(date.fromisoformat(day), Decimal(amount)) for day, amount in example.get(name, {}).items()]

    method = {"schedule": Method.SCHEDULE, "receipts": Method.TRANSACTIONS, "value": Method.VALUE}[example["example"]]
    terms: Sequence[ScheduleTerm] = ()
    if method is Method.SCHEDULE:
        terms = [
            ScheduleTerm(
                stream="x",
                amount=Decimal(example["amount"]),
                currency=example["currency"],
                every=example["every"],
                start=date.fromisoformat(example["start"]),
                end=date.fromisoformat(example["end"]),
            )
        ]
    return FactsView(
        today=date(2026, 12, 31) if method is not Method.VALUE else date(2026, 3, 10),
        stream=Stream(stream="x", method=method, connection="x"),
        terms=terms,
        all_receipts=[
            Receipt(
                account="a", payer="p", flow_class=FlowClass.SALARY, asset="EUR", day=day, amount=amount, guessed=False
            )
            for day, amount in amounts("receipts")
        ],
        all_levels=[level(day, amount) for day, amount in amounts("values")],
        all_flows=[
            Flow(
                connection="x",
                account="a",
                day=day,
                at=None,
                amount=amount,
                asset="EUR",
                flow_class=FlowClass.DEPOSIT,
                stream=None,
            )
            for day, amount in amounts("deposits")
        ],
    )


def level(day: date, amount: Decimal) -> Level:
    at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    return Level(connection="x", account="a", asset="EUR", day=day, at=at, quantity=amount, first_at=at, first=amount)


@pytest.mark.parametrize("name", ["schedule", "receipts", "value"])
def test_income_examples(name: str) -> None:
    example = EXAMPLES[name]
    found = Income().compute(view_of(example), date(2020, 1, 1), date(2030, 1, 1))
    rows = {str(row.day): row for row in found if isinstance(row, IncomeDay)}
    for day, expected in example["gives"].items():
        for column, value in expected.items():
            said = getattr(rows[day], column)
            assert (said.value if column == "quality" else said) == (value if column == "quality" else Decimal(value))
    assert sum((row.earned or Decimal(0) for row in rows.values()), Decimal(0)) == Decimal(example["sum"])


def test_rate_example() -> None:
    example = EXAMPLES["rate"]
    known = {
        tuple(pair.split("/")): [(date.fromisoformat(day), Decimal(value)) for day, value in rates.items()]
        for pair, rates in example["rates"].items()
    }
    table = RateTable(list(known), lambda base, quote, since, until: known[base, quote], "EUR")
    for day, expected in example["gives"].items():
        for pair, value in expected.items():
            base, quote = pair.split("/")
            assert table.rate(base, quote, date.fromisoformat(day)) == (None if value == "null" else Decimal(value))


def test_no_example_is_left_out() -> None:
    """Each is named by one of the tests that recompute examples: this one, and test_numbers_*.py further down."""
    tests = "".join(
        path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.rglob("test_numbers_*.py"))
    )
    assert not [name for name in EXAMPLES if f'"{name}"' not in tests]


@pytest.mark.parametrize(
    "word", [quality.value for quality in Quality] + [flow_class.value for flow_class in FlowClass]
)
def test_every_quality_and_class_is_named(word: str) -> None:
    assert re.search(rf"\b{word}\b", TEXT)


def test_the_classes_are_on_the_right_side() -> None:
    income, rest = re.search(r"Income are: (.*?)\. Not income are: (.*?)\.", TEXT, re.DOTALL).groups()  # type: ignore[union-attr]
    assert set(re.findall(r"[a-z_]{2,}", income)) - {"and"} == {one.value for one in INCOME}
    assert set(re.findall(r"[a-z_]{2,}", rest)) - {"and"} == {one.value for one in FlowClass} - {
        one.value for one in INCOME
    }
