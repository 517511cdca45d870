"""Parts of a split as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from flowd.domain.flows import FlowClass
from flowd.edges.parts import read_parts


def test_parts_have_the_sign_of_the_whole_unless_they_say_theirs() -> None:
    assert [part.amount for part in read_parts(["50", "rest"], Decimal("-89.90"))] == [Decimal(-50), Decimal("-39.90")]
    amounts = [part.amount for part in read_parts(["+4000=salary", "-1500=expense"], Decimal(2500))]
    assert amounts == [Decimal(4000), Decimal(-1500)]


def test_a_part_says_class_category_and_stream() -> None:
    one, two, three = read_parts(["10=rent/flat, March@flat", "5/food", "rest@x y"], Decimal(20))
    assert (one.said.flow_class, one.said.category, one.said.stream) == (FlowClass.RENT, "flat, March", "flat")
    assert (two.said.flow_class, two.said.category, two.said.stream) == (None, "food", None)
    assert (three.said.flow_class, three.said.category, three.said.stream) == (None, None, "x y")


@pytest.mark.parametrize(
    ("texts", "problem"),
    [
        (["10"], "two parts or more"),
        (["10", "9"], "the parts add up to 19, the transaction is 20: 1 is left"),
        (["rest", "rest"], "only one part can be the rest"),
        (["20", "rest"], "nothing is left for the rest"),
        (["10=gift", "rest"], "there is no class 'gift'; there are salary"),
        (["10 USD", "rest"], "leave out the currency"),
        (["=rent", "rest"], "is no part such as"),
        (["1.234", "rest"], "could mean"),
    ],
)
def test_what_is_no_split_says_why(texts: list[str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_parts(texts, Decimal(20))
