"""Reads the parts of a split as people write them: 50=expense/food, -1200=expense/tax, rest=salary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from flowd.edges.amounts import take_amount

if TYPE_CHECKING:
    from flowd.domain.decisions import Part, Said

_PART: Final = re.compile(
    r"(?P<amount>[^=/@]+)(=(?P<named>[^/@]*))?(/(?P<category>[^@]*))?(@(?P<stream>.*))?", re.DOTALL
)


def read_parts(texts: Sequence[str], whole: Decimal) -> list[Part]:
    """Return the parts of a transaction of `whole`; ValueError says what is wrong, and by how much they miss it."""
    from flowd.domain.decisions import Part
    from flowd.domain.money import plain

    if len(texts) < 2:
        raise ValueError("a split needs two parts or more, such as 50=expense/food rest=expense")
    sign, amounts, said = (-1 if whole < 0 else 1), [], []
    for text in texts:
        found = _PART.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no part such as 50=expense/food")
        amounts.append(_amount(found["amount"].strip(), sign))
        said.append(_said(found["named"], found["category"], found["stream"]))
    with localcontext() as context:
        context.prec = 100
        left = whole - sum((one for one in amounts if one is not None), Decimal(0))
    rest = amounts.count(None)
    if rest > 1:
        raise ValueError("only one part can be the rest")
    if rest and not left:
        raise ValueError("nothing is left for the rest: leave it out")
    if not rest and left:
        raise ValueError(
            f"the parts add up to {plain(whole - left)}, the transaction is {plain(whole)}: {plain(left)} is left"
        )
    return [Part(amount=left if one is None else one, said=of) for one, of in zip(amounts, said, strict=True)]


def _amount(text: str, sign: int) -> Decimal | None:
    if text == "rest":
        return None
    number, code, rest = take_amount(text.lstrip("+-"))
    if code or rest:
        raise ValueError(f"{text!r}: leave out the currency, it is the transaction's")
    if text[0] in "+-":
        sign = -1 if text[0] == "-" else 1
    return number * sign


def _said(named: str | None, category: str | None, stream: str | None) -> Said:
    from flowd.domain.decisions import Said
    from flowd.domain.flows import FlowClass

    if named and named.lower() not in set(FlowClass):
        raise ValueError(f"there is no class {named!r}; there are {', '.join(FlowClass)}")
    return Said(
        flow_class=FlowClass(named.lower()) if named else None,
        category=(category or "").strip() or None,
        stream=(stream or "").strip() or None,
    )
