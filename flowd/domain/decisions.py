"""What people decide about their money, and how it is told to the raw log as an event of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import Final
from uuid import UUID

from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.json import Json
from flowd.domain.keys import NOON, digest
from flowd.domain.money import plain
from flowd.domain.records import Event

#: The type of the events that state decisions; they are written under the connection OWN_WORD.
DECISION: Final = "decision"
_DIGITS: Final = 100


class DecisionKind(StrEnum):
    """What may be decided."""

    CLASS = "class"
    SPLIT = "split"
    DUPLICATE = "duplicate"
    DISTINCT = "distinct"
    TRANSFER = "transfer"
    ACCOUNT = "account"
    BALANCE = "balance"
    TRANSACTION = "transaction"
    LEFT_OUT = "left_out"


class TransferVerdict(StrEnum):
    """Whether two transactions are the legs of one transfer, as a person says."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of a transaction or of a part of one; None leaves what flowd found."""

    flow_class: FlowClass | None = None
    stream: str | None = None
    category: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDecision:
    """What a transaction is, in which stream it counts, what it is filed under."""

    of: UUID
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a split transaction."""

    amount: Decimal
    said: Said = field(default_factory=Said)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDecision:
    """The parts a transaction falls into; they add up to its amount."""

    of: UUID
    parts: Sequence[Part]

    def total(self) -> Decimal:
        """Return the sum of the parts, with every digit."""
        with localcontext() as context:
            context.prec = _DIGITS
            return sum((part.amount for part in self.parts), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateDecision:
    """`of` is the same payment as `other`, and does not count."""

    of: UUID
    other: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctDecision:
    """`of` and `other` are two payments, however alike they look."""

    of: UUID
    other: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDecision:
    """Whether `of`, which went out, and `other`, which came in, are one transfer."""

    of: UUID
    other: UUID
    verdict: TransferVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDecision:
    """What an account is called, and of what kind it is; None leaves the source's word."""

    connection: str
    account: str
    name: str | None = None
    kind: AccountKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceDecision:
    """What an account held at the end of a day: an opening balance, or cash that was counted."""

    connection: str
    account: str
    asset: str
    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDecision:
    """A movement of money that no source states; `key` tells it from others that are equal."""

    key: str
    connection: str
    account: str
    day: date
    amount: Decimal
    asset: str
    flow_class: FlowClass | None = None
    counterparty: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutDecision:
    """An account does not count: it is another one (connection and id), seen a second time, or nobody's here."""

    connection: str
    account: str
    same_as: tuple[str, str] | None = None


Decision = (
    ClassDecision
    | SplitDecision
    | DuplicateDecision
    | DistinctDecision
    | TransferDecision
    | AccountDecision
    | BalanceDecision
    | TransactionDecision
    | LeftOutDecision
)


def key_of(decision: Decision) -> str:
    """Return the key of the event that states `decision`: deciding the same matter again is its next version."""
    match decision:
        case ClassDecision():
            return f"class:{decision.of}"
        case SplitDecision():
            return f"split:{decision.of}"
        case DuplicateDecision():
            return f"duplicate:{decision.of}"
        case DistinctDecision():
            first, second = sorted((str(decision.of), str(decision.other)))
            return f"distinct:{first}:{second}"
        case TransferDecision():
            return f"transfer:{decision.of}:{decision.other}"
        case AccountDecision():
            return f"account:{digest(decision.connection, decision.account).hex()}"
        case BalanceDecision():
            about = (decision.connection, decision.account, decision.asset, decision.day.isoformat())
            return f"balance:{digest(*about).hex()}"
        case TransactionDecision():
            return f"transaction:{decision.key}"
        case LeftOutDecision():
            return f"left_out:{digest(decision.connection, decision.account).hex()}"


def data_of(decision: Decision) -> dict[str, Json]:
    """Return what the event says; amounts are strings, and what is not said is left out."""
    match decision:
        case ClassDecision():
            return {"kind": "class", "of": str(decision.of), **_said(decision.said)}
        case SplitDecision():
            parts: list[Json] = [{"amount": plain(part.amount), **_said(part.said)} for part in decision.parts]
            return {"kind": "split", "of": str(decision.of), "parts": parts}
        case DuplicateDecision():
            return {"kind": "duplicate", "of": str(decision.of), "other": str(decision.other)}
        case DistinctDecision():
            return {"kind": "distinct", "of": str(decision.of), "other": str(decision.other)}
        case TransferDecision():
            legs = {"of": str(decision.of), "other": str(decision.other)}
            return {"kind": "transfer", **legs, "verdict": decision.verdict.value}
        case AccountDecision():
            where = {"connection": decision.connection, "account": decision.account}
            kind = None if decision.kind is None else decision.kind.value
            return {"kind": "account", **where, **_given(name=decision.name, account_kind=kind)}
        case BalanceDecision():
            return {
                "kind": "balance",
                "connection": decision.connection,
                "account": decision.account,
                "asset": decision.asset,
                "day": decision.day.isoformat(),
                "amount": plain(decision.amount),
            }
        case TransactionDecision():
            kind = None if decision.flow_class is None else decision.flow_class.value
            return {
                "kind": "transaction",
                "key": decision.key,
                "connection": decision.connection,
                "account": decision.account,
                "day": decision.day.isoformat(),
                "amount": plain(decision.amount),
                "asset": decision.asset,
                **_given(
                    **{"class": kind},
                    counterparty=decision.counterparty or None,
                    description=decision.description or None,
                ),
            }
        case LeftOutDecision():
            where = {"connection": decision.connection, "account": decision.account}
            connection, account = decision.same_as or (None, None)
            return {"kind": "left_out", **where, **_given(same_connection=connection, same_account=account)}


def decision_event(decision: Decision, day: date) -> Event:
    """Return the event that states `decision` about something of `day`."""
    at = datetime.combine(day, NOON, tzinfo=UTC)
    return Event(type=DECISION, key=key_of(decision), at=at, data=data_of(decision))


def undo_event(decision: Decision, day: date) -> Event:
    """Return the event that takes `decision` back; what was decided stays in the log, and may be decided again."""
    at = datetime.combine(day, NOON, tzinfo=UTC)
    return Event(type=DECISION, key=key_of(decision), at=at, data={"removed": True})


def _said(said: Said) -> dict[str, Json]:
    named = None if said.flow_class is None else said.flow_class.value
    return _given(**{"class": named}, stream=said.stream, category=said.category, note=said.note)


def _given(**texts: str | None) -> dict[str, Json]:
    return {name: text for name, text in texts.items() if text is not None}
