"""The worked examples of positions in docs/numbers.md are what flowd computes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import FlowClass
from flowd.domain.positions import Basis, Lot
from tests.ledgers import Facts, move, of, position, trade
from tests.unit.test_numbers_documented import EXAMPLES

TODAY = date(2026, 3, 1)


def facts_of(example: dict[str, Any]) -> Facts:
    quote = "USD" if "rates" in example else "EUR"
    trades = []
    for number, (day, side, quantity, price, fee) in enumerate(example["trades"]):
        amount, _, asset = fee.partition(" ")
        more = {"quote": quote, "fee": amount, "fee_asset": asset or quote, "id": str(number)}
        trades.append(trade(day, side, quantity, price, **more))
    rates: dict[tuple[str, str], dict[date | None, Decimal]] = {
        ("USD", "EUR"): {_day(day): Decimal(rate) for day, rate in example.get("rates", {}).items()},
        ("X", quote): {TODAY: Decimal(example["price"])},
    }
    rates["X", quote] |= {_day(day): Decimal(price) for day, price in example.get("worth", {}).items()}
    if quote == "USD":
        rates["X", "EUR"] = {TODAY: Decimal(example["price"]) * rates["USD", "EUR"][TODAY]}
    came = [move(day, amount, FlowClass.STAKING) for day, amount in example.get("came", {}).items()]
    return Facts(all_trades=trades, all_moves=came, rates=rates, today=TODAY)


def _day(text: str) -> date:
    return TODAY if text == "today" else date.fromisoformat(text)


@pytest.mark.parametrize("name", ["position", "position_fx", "position_units"])
def test_position_examples(name: str) -> None:
    example = EXAMPLES[name]
    rows = facts_of(example).rows()
    for method, expected in example["gives"].items():
        found = position(rows, Basis(method))
        for column, value in expected.items():
            assert getattr(found, column) == Decimal(value), (method, column)
    if "lots" in example:
        assert {str(lot.acquired): lot.quantity for lot in of(rows, Lot)} == {
            day: Decimal(quantity) for day, quantity in example["lots"].items()
        }
