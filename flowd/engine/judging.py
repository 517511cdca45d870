"""Classifies stored transactions: each kind of text once, in bulk, and says which streams that touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from psycopg.rows import class_row

from flowd.domain.flows import AccountKind, FlowClass
from flowd.engine.classify import OWN_NUMBER, Classifier, Phrase, Verdict
from flowd.engine.deciding import YOU, Rulings, Whole
from flowd.engine.transferring import MARGIN, Transferring
from flowd.engine.view import Facts
from flowd.engine.windows import Windows
from flowd.storage.connections import Session
from flowd.storage.statements import statements

_BATCH: Final = 5000
_CLASSES: Final = frozenset(FlowClass)
#: From so many accounts on they are not one household's, and equal amounts meet by chance.
MOST_ACCOUNTS: Final = 30

_COLUMNS: Final = (
    "text", "text", "text", "int4", "text", "text", "text", "numeric", "bool", "text", "text", "text", "text"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Days by stream, and by connection those on which anything was booked in its accounts.

    `whole` counts the transactions of other days than today that are something else than before.
    """

    streams: Sequence[tuple[str, date, date]]
    connections: Sequence[tuple[str, date, date]]
    whole: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How the transactions of one tenant are classified."""

    session: Session
    facts: Facts
    classifier: Classifier
    accounts: dict[tuple[str, str], AccountKind]
    reserved: frozenset[str]
    rulings: Rulings = field(default_factory=Rulings)

    @property
    def matches(self) -> bool:
        """Whether legs of transfers between known accounts are looked for."""
        return len(self.accounts) >= 2 and not too_many(self.accounts)

    def judge(self, windows: Windows) -> Touched:
        """Classify the transactions of `windows` (by connection) anew and store what changed."""
        fields: dict[str, Any] = {
            "tenant": self.facts.tenant,
            "amounts": self.classifier.asks_amounts,
            "digits": self.classifier.reads_digits.value,
            "own_number": OWN_NUMBER,
            "own_accounts": list(self.classifier.own_numbers.keys()),
            "own_keys": list(self.classifier.own_numbers.values()),
            "duplicates": list(self.rulings.duplicates),
        }
        sql = statements("derived")
        self._scope(windows)
        # without this the planner expects a thousand windows and reads every transaction there is
        self.session.execute("ANALYZE work_scope")
        self.session.execute(sql["memory"])
        self.session.execute(sql["gather"], fields)
        self.session.execute(sql["plan_hashes"])
        self._copy_verdicts()
        self.session.execute(sql["judge"])
        said = self._apply_rulings()
        self.session.execute(sql["plan_anything"])
        self.transferring().run(match=self.matches, tell=not too_many(self.accounts))
        self._keep_words(said)
        self.session.execute(sql["compare_flows"], fields)
        self.session.execute("ANALYZE work_diff")
        self.session.execute(sql["delete_flows"], fields)
        self.session.execute(sql["insert_flows"], fields)
        (whole,) = self.session.execute(sql["whole_days"], {**fields, "today": self.facts.today}).fetchall()[0]
        streams = self.session.execute(sql["touched_streams"], fields).fetchall()
        connections = self.session.execute(sql["touched_connections"], fields).fetchall()
        self.session.execute(sql["clear_flows"])
        return Touched(
            streams=[(name, first, last) for name, first, last in streams],
            connections=[(name, first, last) for name, first, last in connections],
            whole=whole,
        )

    def _scope(self, windows: Windows) -> None:
        scope = windows
        margin = 0
        if self.matches:
            # a changed leg may free or bind legs of every other known account
            margin, scope = MARGIN, Windows()
            for _, first, last in windows:
                for connection in {connection for connection, _ in self.accounts} | {name for name, _, _ in windows}:
                    scope.add(connection, _shift(first, -MARGIN), _shift(last, MARGIN))
        with self.session.cursor() as cursor, cursor.copy(statements("derived")["copy_scope"]) as copy:
            for connection, first, last in scope:
                copy.write_row((connection, first, last, margin))

    def _copy_verdicts(self) -> None:
        """Judge each kind of phrase once; they are fetched and stored in turn, because COPY blocks the fetching."""
        with self.session.cursor(name="phrases") as phrases:
            phrases.itersize = _BATCH
            phrases.execute(statements("derived")["phrases"])
            while rows := phrases.fetchmany(_BATCH):
                with self.session.cursor() as cursor, cursor.copy(statements("derived")["copy_verdicts"]) as copy:
                    copy.set_types(_COLUMNS)
                    for row in rows:
                        copy.write_row((*row, *self._verdict(row)))

    def _apply_rulings(self) -> list[Whole]:
        """Put what people say in the place of what was found; return the rows of which they say what it is."""
        subjects = self.rulings.subjects()
        if not subjects:
            return []
        sql = statements("deciding")
        with self.session.cursor(row_factory=class_row(Whole)) as taking:
            found = taking.execute(sql["take_flows"], {"subjects": subjects}).fetchall()
        rows = [row for whole in found for row in self.rulings.apply(whole, self._stream_of)]
        with self.session.cursor() as cursor, cursor.copy(sql["copy_flows"]) as copy:
            for row in rows:
                copy.write_row(row.row())
        return [row for row in rows if row.rule == YOU]

    def _keep_words(self, said: Sequence[Whole]) -> None:
        if said and self.matches:
            fields = {
                "subjects": [one.subject for one in said],
                "classes": [one.flow_class for one in said],
                "streams": [one.stream for one in said],
                "rules": [one.rule for one in said],
            }
            self.session.execute(statements("deciding")["keep_words"], fields)

    def transferring(self) -> Transferring:
        """Return what finds the transfers among these transactions."""

        def stream_of(connection: str, account: str, flow_class: FlowClass) -> str | None:
            return self._stream_of(connection, account, flow_class, None)

        return Transferring(self.session, self.facts, {account for _, account in self.accounts}, stream_of)

    def _kind_of(self, connection: str, account: str) -> AccountKind:
        known = self.accounts.get((connection, account))
        return known if known is not None else self.facts.kinds.get(connection, AccountKind.BANK)

    def _stream_of(self, connection: str, account: str, flow_class: FlowClass, stream: str | None) -> str | None:
        verdict = Verdict(flow_class=flow_class, stream=stream, rule=YOU)
        return self._stream(connection, account, self._kind_of(connection, account), verdict)

    def _verdict(self, row: tuple[Any, ...]) -> tuple[str, str | None, str]:
        connection, account, kind, sign, counterparty, description, asset, amount, own, _ = row
        account_kind = self._kind_of(connection, account)
        verdict = self.classifier.classify(
            Phrase(
                connection=connection,
                account=account,
                account_kind=account_kind,
                kind=FlowClass(kind) if kind in _CLASSES else None,
                sign=sign,
                counterparty=counterparty,
                description=description,
                asset=asset,
                amount=None if amount < 0 else amount,
                own=own,
            )
        )
        return verdict.flow_class.value, self._stream(connection, account, account_kind, verdict), verdict.rule

    def _stream(self, connection: str, account: str, account_kind: AccountKind, verdict: Verdict) -> str | None:
        """Return the stream a transaction is charted in: none for what is no income or shows in the account's value.

        Where a wallet's or broker's income is its ledger, the fees it charges are part of it, below zero.
        """
        if self.facts.is_valued(connection, account, account_kind):
            return None
        if not verdict.flow_class.is_income and not (verdict.flow_class is FlowClass.FEE and account_kind.is_valued):
            return None
        if verdict.stream is None:
            return f"{connection}/{verdict.flow_class.value}"
        # a connection's own name is the stream of its value or schedule
        return f"{verdict.stream}/{verdict.flow_class.value}" if verdict.stream in self.reserved else verdict.stream


def too_many(accounts: Mapping[tuple[str, str], AccountKind]) -> bool:
    """Say whether accounts are too many to be one household's; an exchange may well have a dozen wallets for one."""
    return sum(not kind.value.startswith("wallet_") for kind in accounts.values()) > MOST_ACCOUNTS


def _shift(day: date, by: int) -> date:
    return date.fromordinal(day.toordinal() + by)
