"""Applies what people decided: which decisions hold, what they make due, and what they make of transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import md5
from typing import Any, Final
from uuid import UUID

from flowd.domain.decisions import (
    AccountDecision,
    ClassDecision,
    Decision,
    DecisionKind,
    DistinctDecision,
    DuplicateDecision,
    LeftOutDecision,
    Said,
    SplitDecision,
    TransactionDecision,
)
from flowd.domain.decisions_read import read_decision
from flowd.domain.flows import FlowClass
from flowd.domain.money import plain
from flowd.engine.windows import Windows
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: The rule of a transaction of which somebody said what it is.
YOU: Final = "you"

#: An account: its connection and its id.
Place = tuple[str, str]
#: The stream in which an account's transactions of a class are charted: connection, account, class, stream asked for.
StreamOf = Callable[[str, str, FlowClass, str | None], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A decision as it stands in derived.decision, and where the transactions are that it is about: None if gone."""

    subject: UUID
    version: int
    about: UUID | None
    other: UUID | None
    decision: Decision | None
    problem: str
    amount: Decimal | None
    place: Place | None
    other_place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A transaction as it was judged, before what people say of it."""

    subject: UUID
    connection: str
    account: str
    day: date
    amount: Decimal
    asset: str
    flow_class: str
    stream: str | None
    rule: str
    payer: str
    wanted: bool
    part_of: UUID | None = None
    category: str | None = None
    note: str | None = None

    def row(self) -> tuple[object, ...]:
        """Return it as a row of work_flow."""
        return (
            self.subject, self.connection, self.account, self.day, self.amount, self.asset, self.flow_class,
            self.stream, self.rule, self.payer, self.wanted, self.part_of, self.category, self.note,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulings:
    """What people said of transactions: what each is, its parts, and which of them do not count.

    `restored` are duplicates that count all the same: what they are the same as is in an account that is left out.
    """

    said: dict[UUID, Said] = field(default_factory=dict)
    parts: dict[UUID, SplitDecision] = field(default_factory=dict)
    duplicates: Sequence[UUID] = ()
    restored: frozenset[UUID] = frozenset()

    def subjects(self) -> list[UUID]:
        """Return the transactions that are something else by somebody's word."""
        return sorted({*self.said, *self.parts})

    def apply(self, whole: Whole, stream_of: StreamOf) -> list[Whole]:
        """Return what becomes of a transaction: itself as somebody says it is, or its parts."""
        said = self.said.get(whole.subject)
        whole = _apply(whole, said, stream_of) if said is not None else whole
        split = self.parts.get(whole.subject)
        if split is None:
            return [whole]
        return [
            _apply(
                replace(whole, subject=part_subject(whole.subject, n), part_of=whole.subject, amount=part.amount),
                part.said,
                stream_of,
            )
            for n, part in enumerate(split.parts, 1)
        ]


class Deciding:
    """The decisions of one tenant within one transaction."""

    def __init__(self, session: Session, tenant: int) -> None:
        self._session = session
        self._sql = statements("deciding")
        self._tenant = {"tenant": tenant}
        self._found: tuple[list[Decision], frozenset[UUID]] | None = None

    def refresh(self) -> Windows:
        """Find out which decisions hold and what accounts are called; return the days that changed, by connection."""
        stated, problems = self._read()
        new = {one.subject: (one.version, one.about, one.other, problems[one.subject]) for one in stated}
        rows = self._session.execute(self._sql["decided"], self._tenant).fetchall()
        old = {subject: (version, about, other, problem) for subject, version, about, other, problem in rows}
        gone = [subject for subject in old if subject not in new]
        changed = [subject for subject in new if new[subject] != old.get(subject)]
        held = [one.decision for one in stated if not problems[one.subject]]
        self._keep_accounts(held)
        self._keep_left_out(held)
        if not gone and not changed:
            return Windows()
        self._session.execute(self._sql["delete_decided"], {**self._tenant, "subjects": gone})
        names = ("version", "about", "other", "problem")
        kept = [{"subject": subject, **dict(zip(names, new[subject], strict=True))} for subject in changed]
        self._write("upsert_decided", kept)
        affected: set[UUID] = set()
        for subject in (*gone, *changed):
            for known in (old, new):
                if subject in known:
                    # money moved by hand is a transaction under the decision's own subject
                    affected.update(one for one in (subject, *known[subject][1:3]) if one is not None)
        return self._days(affected)

    def rulings(self) -> Rulings:
        """Return what people say of transactions, as far as it holds."""
        if self._found is None:
            self._read()
        assert self._found is not None
        decisions, restored = self._found
        return Rulings(
            said={one.of: one.said for one in decisions if isinstance(one, ClassDecision)},
            parts={one.of: one for one in decisions if isinstance(one, SplitDecision)},
            duplicates=[one.of for one in decisions if isinstance(one, DuplicateDecision) and one.of not in restored],
            restored=restored,
        )

    def left_out(self) -> dict[Place, Place | None]:
        """Return the accounts that do not count, each with the one it is the same as, where somebody said that."""
        rows = self._session.execute(self._sql["left_out"], self._tenant).fetchall()
        return {
            (connection, account): None if same_account is None else (same_connection, same_account)
            for connection, account, same_connection, same_account in rows
        }

    def _read(self) -> tuple[list[Stated], dict[UUID, str]]:
        stated = [_stated(row) for row in self._session.execute(self._sql["decisions"], self._tenant).fetchall()]
        problems = _problems(stated)
        self._found = self._in_force(stated, problems), _restored(stated, problems)
        return stated, problems

    def _in_force(self, stated: Sequence[Stated], problems: Mapping[UUID, str]) -> list[Decision]:
        """Return what holds; a duplicate does not count, whatever has become of the payment it is the same as."""
        return [
            one.decision
            for one in stated
            if one.decision is not None and (not problems[one.subject] or isinstance(one.decision, DuplicateDecision))
        ]

    def _keep_left_out(self, decisions: Iterable[Decision | None]) -> None:
        held = [one for one in decisions if isinstance(one, LeftOutDecision)]
        known = {"connections": [one.connection for one in held], "accounts": [one.account for one in held]}
        self._session.execute(self._sql["delete_left_out"], {**self._tenant, **known})
        rows = []
        for one in held:
            connection, account = one.same_as or (None, None)
            same = {"same_connection": connection, "same_account": account}
            rows.append({"connection": one.connection, "account": one.account, **same})
        self._write("upsert_left_out", rows)

    def _keep_accounts(self, decisions: Iterable[Decision | None]) -> None:
        words = [one for one in decisions if isinstance(one, AccountDecision)]
        known = {"connections": [one.connection for one in words], "accounts": [one.account for one in words]}
        self._session.execute(self._sql["delete_words"], {**self._tenant, **known})
        rows = [
            {"connection": one.connection, "account": one.account, "name": one.name, "kind": one.kind} for one in words
        ]
        self._write("upsert_word", rows)

    def _write(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            with self._session.cursor() as cursor:
                cursor.executemany(self._sql[name], [{**self._tenant, **row} for row in rows])

    def _days(self, subjects: Iterable[UUID]) -> Windows:
        days = Windows()
        fields = {**self._tenant, "subjects": sorted(subjects)}
        for connection, first, last in self._session.execute(self._sql["affected"], fields).fetchall():
            days.add(connection, first, last)
        return days


def part_subject(subject: UUID, number: int) -> UUID:
    """Return the subject of the n-th part of a transaction: the first has that of the whole."""
    return subject if number == 1 else UUID(md5(f"{subject}/part/{number}".encode(), usedforsecurity=False).hexdigest())


def _apply(whole: Whole, said: Said, stream_of: StreamOf) -> Whole:
    named, stream = said.flow_class, said.stream
    if named is not None:
        charted = stream_of(whole.connection, whole.account, named, stream)
        whole = replace(whole, flow_class=named.value, stream=charted, rule=YOU)
    elif stream is not None:
        charted = stream_of(whole.connection, whole.account, FlowClass(whole.flow_class), stream)
        whole = replace(whole, stream=charted, rule=f"{whole.rule}, stream by you")
    return replace(whole, category=said.category or whole.category, note=said.note or whole.note)


def _stated(row: tuple[Any, ...]) -> Stated:
    subject, version, kind, about, other, data, amount, connection, account, other_connection, other_account = row
    decision, problem = _read(kind, about, other, data)
    return Stated(
        subject=subject,
        version=version,
        about=about,
        other=other,
        decision=decision,
        problem=problem,
        amount=amount,
        place=None if account is None else (connection, account),
        other_place=None if other_account is None else (other_connection, other_account),
    )


def _read(kind: str, about: UUID | None, other: UUID | None, data: dict[str, Any]) -> tuple[Decision | None, str]:
    whom = {name: str(subject) for name, subject in (("of", about), ("other", other)) if subject is not None}
    return read_decision({**data, "kind": kind, **whom})


def _problems(stated: Sequence[Stated]) -> dict[UUID, str]:
    """Return why each decision does not hold; empty where it does."""
    duplicates = {one.about for one in stated if isinstance(one.decision, DuplicateDecision)}
    seen: set[object] = set()
    problems = {}
    for one in stated:
        problem = one.problem or _problem(one, duplicates)
        matter = _matter(one.decision)
        if not problem and matter is not None and matter in seen:
            problem = "another decision says something of the same"
        if not problem:
            seen.add(matter)
        problems[one.subject] = problem
    return problems


def _restored(stated: Sequence[Stated], problems: Mapping[UUID, str]) -> frozenset[UUID]:
    """Return the duplicates that count because what they are the same as does not: one for each such payment."""
    left_out = {
        (one.decision.connection, one.decision.account)
        for one in stated
        if isinstance(one.decision, LeftOutDecision) and not problems[one.subject]
    }
    found: dict[UUID | None, UUID] = {}
    for one in stated:
        if not isinstance(one.decision, DuplicateDecision) or problems[one.subject]:
            continue
        if one.other_place in left_out and one.place not in left_out:
            found.setdefault(one.other, one.decision.of)
    return frozenset(found.values())


def _problem(one: Stated, duplicates: set[UUID | None]) -> str:
    decision = one.decision
    if one.about is not None and one.place is None:
        return "the transaction it is about is not there, or not any more"
    if one.other is not None and one.other_place is None:
        return "the other transaction it is about is not there, or not any more"
    if isinstance(decision, DuplicateDecision) and one.other in duplicates:
        return "the transaction it was the same as does not count either"
    if isinstance(decision, SplitDecision) and one.amount is not None and decision.total() != one.amount:
        return f"its parts add up to {plain(decision.total())}, the transaction is {plain(one.amount)}"
    if isinstance(decision, SplitDecision) and one.amount is not None:
        for number, part in enumerate(decision.parts, 1):
            if part.said.flow_class is None and (part.amount > 0) != (one.amount > 0):
                return f"part {number} goes the other way than the transaction: say its class"
    return ""


def _matter(decision: Decision | None) -> object:
    """Return what no two decisions may be about; None where any number may."""
    match decision:
        case ClassDecision() | SplitDecision() | DuplicateDecision():
            return type(decision).__name__, decision.of
        case AccountDecision():
            return DecisionKind.ACCOUNT, decision.connection, decision.account
        case LeftOutDecision():
            return DecisionKind.LEFT_OUT, decision.connection, decision.account
        case DistinctDecision() | TransactionDecision() | _:
            return None
