"""Flowd's own studies pass the suite that it gives to authors of others."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from flowd.api import About, Goal, History, ScheduleTerm
from flowd.plugins import load_plugins
from flowd.testing import StudySuite, make_history, make_portfolio, make_receipt

STUDIES = load_plugins((), path=[]).studies
UNTIL = date(2026, 3, 31)


def history() -> History:
    """A year and a half of a salary, a shop and a wallet, with gaps; expenses, goals, a declared rent."""
    dice = np.random.Generator(np.random.PCG64(1))
    days = 540
    shop = np.where(dice.random(days) < 0.3, dice.gamma(2.0, 40.0, days).round(2), 0.0)
    wallet = dice.normal(3.0, 8.0, days).round(2)
    wallet[200:204] = np.nan
    first = UNTIL - timedelta(days=days - 1)
    months = [date(2024 + (10 + n) // 12, (10 + n) % 12 + 1, 25) for n in range(17)]
    paid = [make_receipt(day, "3100.00") for day in months]
    sold = [
        make_receipt(first + timedelta(days=n), str(Decimal(str(amount))), "shop", account="shop/payout")
        for n, amount in enumerate(shop)
        if amount
    ]
    rent = ScheduleTerm(
        stream="rent",
        amount=Decimal(750),
        currency="EUR",
        every="month on 1",
        start=date(2025, 12, 1),
        end=None,
    )
    worth = 10_000 + np.nancumsum(wallet)
    return make_history(
        until=UNTIL,
        streams={
            "bank/salary": np.full(days, 3100 / 30.4),
            "shop/payout": shop,
            "wallet": wallet,
            "rent": [25.0] * 120,
        },
        receipts={"bank/salary": paid, "shop/payout": sold},
        infos={
            "bank/salary": {"group": "work", "every": "month on 25", "tax": Decimal("0.3")},
            "shop/payout": {"group": "work"},
            "wallet": {"group": "investments", "passive": True},
        },
        terms=[rent],
        expenses=np.where(dice.random(days) < 0.5, dice.gamma(2.0, 50.0, days).round(2), 0.0),
        portfolios=[make_portfolio(worth), make_portfolio(worth, scope=About.CONNECTION, name="wallet")],
        cash=Decimal(5000),
        net_worth=Decimal(15000),
        goals=[Goal(goal="house", kind="saved", amount=Decimal(50_000), currency="EUR", since=date(2026, 1, 1))],
    )


def _suite(name: str) -> type[StudySuite]:
    skips = {"test_it_computes_something": "nothing was foretold before"} if name == "scores" else {}
    if name != next(iter(STUDIES)):
        skips["test_registers_without_side_effects"] = "tried with the first"
    found = STUDIES[name]
    with_methods = getattr(found, "with_methods", None)
    study = found if with_methods is None else with_methods([])
    return type(f"Test_{name}", (StudySuite,), {"study": study, "history": lambda _: history(), "skips": skips,
                                                "module": "flowd.analytics", "__module__": __name__})  # fmt: skip


for _name in STUDIES:
    globals()[f"Test_{_name}"] = _suite(_name)


@pytest.mark.parametrize("name", STUDIES)
def test_every_study_is_tried(name: str) -> None:
    assert issubclass(globals()[f"Test_{name}"], StudySuite)
