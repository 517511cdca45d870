"""Finds the transfers between the tenant's accounts among the transactions that are being judged, and keeps them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import md5
from typing import Any, Final
from uuid import UUID

from flowd.domain.flows import INCOME, FlowClass
from flowd.domain.shares import EXACT
from flowd.engine.transfer_legs import Leg, Said, ibans_of, named_in, numbered, references_of, texts_of
from flowd.engine.transfer_pairs import REACH, Candidate, pair_up
from flowd.engine.transfer_scores import (
    BEFORE,
    LATER,
    MOST_FEE,
    PROPOSED,
    RATE_ABOVE,
    RATE_BELOW,
    Score,
    kind_of_pair,
    score,
)
from flowd.engine.view import Facts, kind_of, stored_rates
from flowd.storage.connections import Session
from flowd.storage.statements import statements

#: A pair that somebody confirmed holds as long as its legs are so many days apart at most: sources revise days.
HELD: Final = 10
#: Days within which a transaction matters to what becomes of another.
MARGIN: Final = REACH + HELD
#: Of equal amounts in one account on one day so many are looked at.
_MOST_EQUAL: Final = 20
#: With one name there are so many transactions a day at most, where it is a person's who moves money of their own.
_MOST_OF_A_DAY: Final = 10
#: Who says that it is a transfer: who sent it, only who got it, or nobody, but both have the same name.
_WAYS: Final = ("sent", "arrived", "person")
_BEST: Final = 100
_DIGITS: Final = 18

#: The stream in which an account's transactions of a class are charted: connection, account, class.
StreamOf = Callable[[str, str, FlowClass], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """What people said of pairs: (sent, arrived)."""

    confirmed: Sequence[tuple[UUID, UUID]]
    refused: Collection[tuple[UUID, UUID]]

    def legs(self) -> list[UUID]:
        return sorted({leg for pair in (*self.confirmed, *self.refused) for leg in pair})


class Transferring:
    """The transfers of one tenant within one transaction; between `begin` and `end` of judging its transactions."""

    def __init__(self, session: Session, facts: Facts, accounts: Collection[str], stream_of: StreamOf) -> None:
        self._session = session
        self._facts = facts
        self._sql = statements("transfers")
        self._numbers = numbered(set(accounts))
        self._stream_of = stream_of
        self._fields: dict[str, Any] = {"tenant": facts.tenant, "later": LATER, "before": BEFORE}

    def run(self, *, match: bool, tell: bool) -> None:
        """Put what belongs together in work_flow in the class of transfers, and keep pairs and what is open.

        `match` says whether legs are looked for at all, `tell` whether legs without another are kept as open.
        """
        self._session.execute(self._sql["work_tables"])
        row: list[UUID] = []
        if match:
            self._session.execute("ANALYZE work_flow")
            row = self._match()
        if tell:
            self._execute("add_open", row=row)
        if match:
            self._execute("apply", row=row)
        self._execute("upsert_transfers")
        self._execute("delete_transfers")
        self._execute("upsert_rates")
        self._execute("delete_rates")
        if match:
            self._execute("part_fees")
            self._execute("lessen_sent")
        self._session.execute(self._sql["clear"])

    def due(self, since: date, until: date) -> tuple[date, date] | None:
        """Return the first and the last day between these on which a rate that was asked for is now another."""
        rows = self._execute("rates_asked", since=since, until=until).fetchall()
        if not rows:
            return None
        rates = stored_rates(self._session, self._facts)
        rates.prepare(since, until)
        days = [day for asset, day, value in rows if rates.rate(asset, self._facts.base_currency, day) != value]
        return (min(days), max(days)) if days else None

    def _match(self) -> list[UUID]:
        """Store the pairs in work_transfer; return what arrived as one of a row."""
        decided = self._decided()
        confirmed = [leg for pair in decided.confirmed for leg in pair]
        fields = {"income": sorted(INCOME), "confirmed": confirmed, "decided": decided.legs()}
        self._execute("legs", most_equal=_MOST_EQUAL, most_of_a_day=_MOST_OF_A_DAY, **fields)
        self._session.execute("ANALYZE work_leg")
        self._execute("equal_amounts")
        for way in _WAYS:
            self._execute("lesser_amounts", way=way, most_fee=MOST_FEE)
        worth = self._worth()
        if worth is not None:
            for way in _WAYS:
                self._execute("other_assets", way=way, below=RATE_BELOW, above=RATE_ABOVE)
            self._execute("unpriced_assets")
        self._session.execute("ANALYZE work_candidate")
        legs, sent, wanted = self._legs(decided)
        pairs = self._execute("candidates").fetchall()
        candidates = []
        for out, into in pairs:
            if (out, into) in decided.refused:
                continue
            fit = _score(legs[out], legs[into], worth)
            if fit is not None and fit.points >= PROPOSED:
                candidates.append(Candidate(out=legs[out], into=legs[into], score=fit))
        paired = pair_up(candidates)
        rows = []
        for pair in paired.pairs:
            one = pair.candidate
            rows.append(self._row(one.out, one.into, pair.state.value, one.score, wanted, pair.next_best))
        for state, said in (("confirmed", decided.confirmed), ("refused", sorted(decided.refused))):
            for gone, came in said:
                if gone in sent and came in legs and came not in sent:
                    fit = _score(legs[gone], legs[came], worth)
                    rows.append(self._row(legs[gone], legs[came], state, fit, wanted, None))
        with self._session.cursor() as cursor, cursor.copy(self._sql["copy_transfers"]) as copy:
            for row in rows:
                copy.write_row(row)
        return [leg.subject for leg in paired.of_a_row]

    def _decided(self) -> _Decided:
        confirmed: list[tuple[UUID, UUID]] = []
        refused = set()
        for out, into, verdict in self._execute("decisions").fetchall():
            if verdict == "confirmed":
                confirmed.append((out, into))
            elif verdict == "refused":
                refused.add((out, into))
        standing = self._execute("standing", legs=sorted({leg for pair in confirmed for leg in pair})).fetchall()
        known = {subject: (day, sent, place) for subject, day, sent, *place in standing}
        kept: list[tuple[UUID, UUID]] = []
        bound: set[UUID] = set()
        for out, into in sorted(confirmed):
            if out in known and into in known and not {out, into} & bound:
                (gone, sent, here), (came, back, there) = known[out], known[into]
                if sent and not back and here != there and abs((came - gone).days) <= HELD:
                    kept.append((out, into))
                    bound.update((out, into))
        return _Decided(confirmed=kept, refused=refused)

    def _worth(self) -> dict[tuple[str, date], Decimal] | None:
        """Find what assets were worth in base currency on the days on which transfers of two assets may have begun.

        None where there are no two assets that might be one transfer.
        """
        asked = self._execute("worth_asked").fetchall()
        if not asked:
            return None
        rates = stored_rates(self._session, self._facts)
        days = [day for _, day in asked]
        rates.prepare(min(days), max(days))
        base = self._facts.base_currency
        found = [(asset, day, rates.rate(asset, base, day)) for asset, day in asked]
        with self._session.cursor() as cursor, cursor.copy(self._sql["copy_worth"]) as copy:
            for row in found:
                copy.write_row(row)
        self._session.execute("ANALYZE work_worth")
        return {(asset, day): value for asset, day, value in found if value}

    def _legs(self, decided: _Decided) -> tuple[dict[UUID, Leg], set[UUID], set[UUID]]:
        """Return the legs that are asked about, those of them that were sent, and those whose days are made anew."""
        found: dict[UUID, Leg] = {}
        sent: set[UUID] = set()
        wanted: set[UUID] = set()
        for row in self._execute("candidate_legs", decided=decided.legs()).fetchall():
            subject, connection, account, name, kind, day, amount, asset, said, flow_class, payer, *more = row
            is_sent, is_wanted, counterparty, description, raw = more
            texts = texts_of(counterparty, description)
            ibans = ibans_of(raw, account)
            found[subject] = Leg(
                subject=subject,
                connection=connection,
                account=account,
                account_name=name,
                kind=kind_of(kind),
                day=day,
                amount=amount,
                asset=asset,
                said=Said(said),
                flow_class=FlowClass(flow_class),
                payer=payer,
                texts=texts,
                references=references_of(raw, description),
                named=named_in(texts, ibans, self._numbers, account),
                ibans=ibans,
            )
            if is_sent:
                sent.add(subject)
            if is_wanted:
                wanted.add(subject)
        return found, sent, wanted

    def _row(
        self, out: Leg, into: Leg, state: str, fit: Score | None, wanted: Collection[UUID], next_best: int | None
    ) -> tuple[object, ...]:
        fee = fit.fee if fit is not None else _kept(out, into)
        said = "you say so" if state == "confirmed" else "you say it is none"
        why = said if fit is None else fit.why
        return (
            UUID(md5(f"{out.subject}/{into.subject}".encode(), usedforsecurity=False).hexdigest()),
            out.connection,
            out.day,
            state,
            kind_of_pair(out, into).value,
            None if fit is None else _share(fit.points),
            None if next_best is None else _share(next_best),
            why,
            out.subject,
            into.subject,
            fee,
            self._stream_of(out.connection, out.account, FlowClass.FEE) if fee else None,
            None if fit is None else fit.rate,
            None if fit is None else fit.market,
            out.subject in wanted,
        )

    def _execute(self, name: str, **fields: object) -> Any:
        return self._session.execute(self._sql[name], {**self._fields, **fields})


def _score(out: Leg, into: Leg, worth: dict[tuple[str, date], Decimal] | None) -> Score | None:
    if out.asset == into.asset or worth is None:
        return score(out, into)
    sent, came = worth.get((out.asset, out.day)), worth.get((into.asset, out.day))
    if sent is None or came is None:
        return score(out, into)
    market = EXACT.divide(sent, came)
    return score(out, into, market.quantize(Decimal(1).scaleb(market.adjusted() - _DIGITS + 1), context=EXACT))


def _kept(out: Leg, into: Leg) -> Decimal | None:
    """Return what was kept on the way of a transfer somebody confirmed."""
    same = out.asset == into.asset and into.amount < out.amount
    return EXACT.subtract(out.amount, into.amount) if same else None


def _share(points: int) -> Decimal:
    return Decimal(max(0, min(points, _BEST))).scaleb(-2)
