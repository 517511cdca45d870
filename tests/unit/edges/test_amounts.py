"""Amounts on a command line: read as they are meant, or refused with the fix."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowd.edges.amounts import read_amount, take_amount


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("1200", "1200", "EUR"),
        ("1200 USD", "1200", "USD"),
        ("1200usd", "1200", "USD"),
        ("20k", "20000", "EUR"),
        ("1.5k USD", "1500", "USD"),
        ("20 000", "20000", "EUR"),
        ("20\u202f000 CHF", "20000", "CHF"),
        ("20_000", "20000", "EUR"),
        ("1'250'000", "1250000", "EUR"),
        ("1,200.50", "1200.50", "EUR"),
        ("1.200,50", "1200.50", "EUR"),
        ("1,234,567", "1234567", "EUR"),
        ("12,5", "12.5", "EUR"),
        ("0.125 BTC", "0.125", "BTC"),
        ("€ 300", "300", "EUR"),
        ("300€", "300", "EUR"),
        ("£1,000.00", "1000.00", "GBP"),
        ("0.00000001 BTC", "0.00000001", "BTC"),
    ],
)
def test_amounts_are_read_as_they_are_meant(text: str, amount: str, currency: str) -> None:
    assert read_amount(text, "EUR") == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("20.000", "could mean 20000 or 20 and a fraction: write 20000, or 20.0000"),
        ("1,200 EUR", "could mean 1200"),
        ("$300", "write its code, such as 1200 USD"),
        ("300 $", "write its code"),
        ("€300 USD", "names two currencies, EUR and USD"),
        ("1,2,3", "do not fit together"),
        ("1,200,50.1", "do not fit together"),
        ("1.2.3,4", "do not fit together"),
        ("-5", "does not begin with an amount above zero"),
        ("0", "not above zero"),
        ("", "does not begin with an amount"),
        ("many", "does not begin with an amount"),
        ("12 E U R", "is not an asset code"),
        ("1e4", "'e4' behind the number is not understood: write all digits"),
        ("5M", "'M' behind the number is not understood"),
        ("9" * 40, "absurdly large"),
    ],
)
def test_what_could_mean_two_things_is_refused_with_the_fix(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".+") as refused:
        read_amount(text, "EUR")
    assert said in str(refused.value)


def test_a_count_of_periods_is_no_part_of_the_amount() -> None:
    assert take_amount("1200 2 weeks on fri") == (Decimal(1200), "", "2 weeks on fri")
    assert take_amount("200 100 days from 2026-01-02") == (Decimal(200), "", "100 days from 2026-01-02")
    assert take_amount("1200 EUR month on 1") == (Decimal(1200), "", "EUR month on 1")
