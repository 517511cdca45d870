"""Amounts in every style banks use."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.importers.delimited.amounts import (
    COMMA,
    POINT,
    NumberStyle,
    compile_amount,
    decide_style,
    looks_like_amount,
    parse_amount,
)


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("1.234,56-", COMMA, "-1234.56"),
        ("(12.00)", POINT, "-12.00"),
        ("CHF 1'234.50", POINT, "1234.50"),
        ("CHF -1’234.50", POINT, "-1234.50"),
        ("-£5.00", POINT, "-5.00"),
        ("£-5.00", POINT, "-5.00"),
        ("12,50 €", COMMA, "12.50"),
        ("1 234,50 Kč", COMMA, "1234.50"),
        ("1\u202f234,50", COMMA, "1234.50"),
        ("+5257,28", COMMA, "5257.28"),
        ("12.00 DR", POINT, "-12.00"),
        ("12.00CR", POINT, "12.00"),
        ("−12.00", POINT, "-12.00"),
        (".50", POINT, "0.50"),
        ("1,50,000.00", POINT, "150000.00"),
        ("1.234.567", COMMA, "1234567"),
        ("-0,00", COMMA, "0.00"),
        ("1234.", POINT, "1234"),
    ],
)  # fmt: skip
def test_reads(text: str, style: NumberStyle, value: str) -> None:
    assert parse_amount(text, style) == Decimal(value)
    assert compile_amount(style)(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "NaN", "Infinity", "1e5", "1_000", "--5", "-5-", "(-5)", "(5", "12,34,5", "1.2.3", "٣", "5 dollars",
     "0x10", "=1+1", "12:30", "9" * 31],
)  # fmt: skip
def test_refuses(text: str) -> None:
    assert parse_amount(text, POINT) is None
    assert compile_amount(POINT)(text) is None


def test_a_decimal_comma_is_no_thousands_sign() -> None:
    assert parse_amount("12,50", POINT) is None
    assert parse_amount("12.50", COMMA) is None


@settings(deadline=None)
@given(
    value=st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False),
    style=st.sampled_from([POINT, COMMA]),
    grouped=st.booleans(),
)
def test_what_is_written_in_a_style_is_read_back(value: Decimal, style: NumberStyle, grouped: bool) -> None:
    text = f"{value:,.2f}" if grouped else f"{value:.2f}"
    text = text.translate(str.maketrans(",.", style.thousands + style.decimal))
    assert parse_amount(text, style) == value
    assert compile_amount(style)(text) == value
    assert looks_like_amount(text)


@settings(deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_an_amount_or_none(text: str) -> None:
    for style in (POINT, COMMA):
        value = parse_amount(text, style)
        assert value is None or (value.is_finite() and abs(value) < Decimal("1e30"))
        assert compile_amount(style)(text) == value


@pytest.mark.parametrize(
    ("texts", "decimal", "sure"),
    [
        (["1.234,56", "12,00"], ",", 1.0),
        (["1,234.56", "12"], ".", 1.0),
        (["1.234", "12,5"], ",", 1.0),
        (["1.234.567", "5"], ",", 1.0),
        (["100", "250"], ".", 1.0),
        (["0.125"], ".", 1.0),
        (["1.234", "5.678"], ",", 0.6),
        (["1,234"], ".", 0.6),
    ],
)
def test_the_decimal_sign_is_decided_by_all_numbers(texts: list[str], decimal: str, sure: float) -> None:
    found = decide_style(texts)
    assert found.style is not None
    assert (found.style.decimal, found.sure) == (decimal, sure)


def test_contradictions_are_said() -> None:
    found = decide_style(["1.234,56", "12.50"])
    assert found.style is None
    assert "'12.50'" in found.why
