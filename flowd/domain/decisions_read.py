"""Reads what people decided from the events that state it; what is wrong with one is a value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from flowd.domain.decisions import (
    AccountDecision,
    BalanceDecision,
    ClassDecision,
    Decision,
    DecisionKind,
    DistinctDecision,
    DuplicateDecision,
    LeftOutDecision,
    Part,
    Said,
    SplitDecision,
    TransactionDecision,
    TransferDecision,
    TransferVerdict,
)
from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.json import Json
from flowd.domain.money import check_asset, parse_plain

#: A transaction falls into so many parts at most.
MOST_PARTS: Final = 100
_TEXT: Final = 500

Word = TypeVar("Word", bound=StrEnum)


def read_decision(data: Mapping[str, Json]) -> tuple[Decision | None, str]:
    """Read what an event of the type decision says: the decision, or None and what is wrong with it."""
    try:
        return _Reader(data).decision(), ""
    except ValueError as problem:
        return None, str(problem)


class _Reader:
    """Reads one object of a decision; ValueError says what is wrong."""

    def __init__(self, data: Mapping[str, Json]) -> None:
        self._data = data

    def decision(self) -> Decision:
        """Return the decision that the object states."""
        match self._word(DecisionKind, "kind"):
            case DecisionKind.CLASS:
                said = self.said()
                if said == Said():
                    raise ValueError("it says neither class nor stream, category or note")
                return ClassDecision(of=self._subject("of"), said=said)
            case DecisionKind.SPLIT:
                return SplitDecision(of=self._subject("of"), parts=self._parts())
            case DecisionKind.DUPLICATE:
                return DuplicateDecision(**self._two())
            case DecisionKind.DISTINCT:
                return DistinctDecision(**self._two())
            case DecisionKind.TRANSFER:
                return TransferDecision(**self._two(), verdict=self._word(TransferVerdict, "verdict"))
            case DecisionKind.ACCOUNT:
                return self._account()
            case DecisionKind.BALANCE:
                return BalanceDecision(
                    connection=self._text("connection"),
                    account=self._text("account"),
                    asset=check_asset(self._text("asset")),
                    day=self._day(),
                    amount=self._amount(),
                )
            case DecisionKind.TRANSACTION:
                return self._transaction()
            case DecisionKind.LEFT_OUT:
                return self._left_out()

    def part(self) -> Part:
        """Return a part of a split."""
        amount = self._amount()
        if amount == 0:
            raise ValueError("its amount is zero")
        return Part(amount=amount, said=self.said())

    def said(self) -> Said:
        """Return what is said of a transaction or a part."""
        named = self._optional("class")
        return Said(
            flow_class=None if named is None else _one_of(FlowClass, named, "class"),
            stream=self._optional("stream"),
            category=self._optional("category"),
            note=self._optional("note"),
        )

    def _word(self, words: type[Word], name: str) -> Word:
        return _one_of(words, self._text(name), name)

    def _two(self) -> dict[str, UUID]:
        of, other = self._subject("of"), self._subject("other")
        if of == other:
            raise ValueError("it is about one transaction, where two are needed")
        return {"of": of, "other": other}

    def _account(self) -> AccountDecision:
        name, kind = self._optional("name"), self._optional("account_kind")
        if name is None and kind is None:
            raise ValueError("it says neither name nor account_kind")
        return AccountDecision(
            connection=self._text("connection"),
            account=self._text("account"),
            name=name,
            kind=None if kind is None else _one_of(AccountKind, kind, "account_kind"),
        )

    def _left_out(self) -> LeftOutDecision:
        same = self._optional("same_connection"), self._optional("same_account")
        if (same[0] is None) != (same[1] is None):
            raise ValueError("it says half of the account it is the same as: same_connection and same_account")
        place = self._text("connection"), self._text("account")
        if same == place:
            raise ValueError("it says that an account is the same as itself")
        return LeftOutDecision(
            connection=place[0],
            account=place[1],
            same_as=None if same[0] is None or same[1] is None else (same[0], same[1]),
        )

    def _transaction(self) -> TransactionDecision:
        named = self._optional("class")
        return TransactionDecision(
            key=self._text("key"),
            connection=self._text("connection"),
            account=self._text("account"),
            day=self._day(),
            amount=self._amount(),
            asset=check_asset(self._text("asset")),
            flow_class=None if named is None else _one_of(FlowClass, named, "class"),
            counterparty=self._optional("counterparty") or "",
            description=self._optional("description") or "",
        )

    def _parts(self) -> list[Part]:
        listed = self._data.get("parts")
        if not isinstance(listed, list) or not 2 <= len(listed) <= MOST_PARTS:
            raise ValueError(f"a split has 2 to {MOST_PARTS} parts")
        parts = []
        for number, item in enumerate(listed, 1):
            try:
                part = _Reader(item if isinstance(item, Mapping) else {}).part()
            except ValueError as problem:
                raise ValueError(f"part {number}: {problem}") from None
            parts.append(part)
        return parts

    def _subject(self, name: str) -> UUID:
        text = self._text(name)
        try:
            return UUID(text)
        except ValueError:
            raise ValueError(f"{name} is no transaction's key: {text!r}") from None

    def _day(self) -> date:
        text = self._text("day")
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"day is not written as 2026-03-31: {text!r}") from None

    def _amount(self) -> Decimal:
        return parse_plain(self._text("amount"), "amount")

    def _text(self, name: str) -> str:
        text = self._optional(name)
        if text is None:
            raise ValueError(f"it does not say its {name}")
        return text

    def _optional(self, name: str) -> str | None:
        value = self._data.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or len(value) > _TEXT:
            raise ValueError(f"{name} is no text of 1 to {_TEXT} characters")
        return value


def _one_of(words: type[Word], text: str, what: str) -> Word:
    try:
        return words(text)
    except ValueError:
        raise ValueError(f"{text!r} is no {what}; there are {', '.join(words)}") from None
