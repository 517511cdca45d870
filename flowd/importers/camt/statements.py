"""The statements of a CAMT message: accounts, postings under stable names, and balances where they are booked ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from flowd.api import AccountInfo, AccountKind, FileRefused, Hints, Record, Transaction
from flowd.domain.money import plain
from flowd.importers.camt.entries import describe, shares
from flowd.importers.camt.shape import Part
from flowd.importers.camt.values import Days, amount_of, incoming, reference
from flowd.importers.camt.walk import Fields, Walk
from flowd.importers.delimited.making import NAME_LIMIT, TEXT_LIMIT, make_transaction
from flowd.importers.stated import KEPT, Accounts, Notes, Seen, Span, iban

_OPENING: Final = ("OPBD", "PRCD")
_BOOKED: Final = "BOOK"
_STATUSES: Final = frozenset((_BOOKED, "PDNG", "INFO", "FUTR"))
#: Names of postings that are remembered to tell equal ones apart.
_REMEMBERED: Final = 200_000
_NONE: Final[Fields] = {}


class Statements:
    """Takes the parts of one file's messages (see Walk) and makes records of them; `out` is what is ready."""

    def __init__(self, hints: Hints, notes: Notes) -> None:
        self.out: list[Record] = []
        self.stated = False
        self._accounts = Accounts(hints)
        self._notes = notes
        self._days = Days()
        self._seen = Seen()
        self._told: set[str] = set()
        self._equal: Counter[str] = Counter()
        self._reported: Counter[bytes] = Counter()
        self._walk: Walk | None = None
        self._header = False
        self._begin()

    def _begin(self) -> None:
        self._spans: dict[str, Span] = {}
        self._kept: list[Transaction] = []
        self._entries = 0
        self._equal.clear()
        self._rows: Counter[bytes] = Counter()
        self._statement: Fields = {}

    def message(self, walk: Walk) -> None:
        """Take the parts of another message, which `walk` passes."""
        self._walk = walk

    def take(self, part: Part, fields: Fields, details: list[Fields], above: Fields, line: int) -> None:
        """Take one part that was read; FileRefused where it is wrong."""
        assert self._walk is not None
        place = self._walk.at(line)
        self._statement = above
        if part is Part.ENTRY:
            self._entry(fields, details, place)
        elif part is Part.BALANCE:
            self._balance(fields, place)
        elif part is Part.STATEMENT:
            self._end(fields, place)
        elif part is Part.HEADER:
            self._needs(fields, ("id", "<MsgId>"), "<GrpHdr>", place)
            self._needs(fields, ("made", "<CreDtTm>"), "<GrpHdr>", place)
            self._header = True
        elif part is Part.MESSAGE:
            if not self._header:
                raise FileRefused(f"{place}: the message has no <GrpHdr>: it is not a whole CAMT message")
            self._header = False

    def _needs(self, fields: Fields, what: tuple[str, str], inside: str, place: str) -> None:
        if not fields.get(what[0], ""):
            raise FileRefused(f"{place}: {inside} has no {what[1]}: the file is wrong, nothing of it is kept")

    # --- whose it is ------------------------------------------------------------------------------------------------

    def _span(self, asset: str, place: str) -> Span:
        """Return the span of the statement's postings in `asset`."""
        known = self._spans.get(asset)
        if known is not None:
            return known
        statement = self._statement
        self._needs(statement, ("account", "<Acct><Id>"), "the statement", place)
        stated = "".join(statement.get("account", "").split())
        if iban(stated) == stated.upper():
            stated = stated.upper()
        name, code = self._accounts.name(stated[:NAME_LIMIT], asset or statement.get("asset", ""), place)
        span = self._spans[asset] = Span(account=name, asset=code, place=place)
        if name not in self._told:
            if len(self._told) < _REMEMBERED:
                self._told.add(name)
            title = statement.get("title", "")[:NAME_LIMIT] or name
            self.out.append(AccountInfo(account=name, name=title, kind=AccountKind.BANK, asset=code))
        return span

    # --- balances -----------------------------------------------------------------------------------------------------

    def _balance(self, fields: Fields, place: str) -> None:
        if not fields.get("type", ""):
            raise FileRefused(f"{place}: a balance without its type (<Tp>): the file is wrong, nothing of it is kept")
        amount = amount_of(fields, "amount", place)
        if not incoming(fields, place):
            amount = -amount
        self._needs(fields, ("day", "<Dt>"), "a balance", place)
        day = self._days.read(fields.get("day", ""), place)
        kind = fields.get("type", "")
        assert self._walk is not None
        if self._walk.message != "053":
            return  # a report of the day or a notification: whatever is booked after it is not in it
        if kind in _OPENING:
            span = self._span(fields.get("amount_asset", ""), place)
            if span.opening is None or kind == "OPBD":
                span.opening = day, amount
        elif kind == "CLBD":
            self._span(fields.get("amount_asset", ""), place).closing = day, amount

    def _end(self, fields: Fields, place: str) -> None:
        """Pass on what was kept back of a statement, and its balances; nothing if it came before."""
        self._needs(fields, ("id", "<Id>"), "the statement", place)
        self._needs(fields, ("account", "<Acct><Id>"), "the statement", place)
        spans, kept = self._spans, self._kept
        only = next(iter(spans.values())) if len(spans) == 1 else None
        self.stated = self.stated or bool(self._entries)
        if only is not None and kept and self._seen.before(only, kept):
            self._notes.add(f"{place}: the file holds this statement twice: read once")
            self._begin()
            return
        self.out.extend(kept)
        for span in spans.values():
            gap = span.gap()
            if gap is not None:
                self._notes.add(gap)
            for balance in span.balances():
                self.stated = True
                self.out.append(balance)
        self._begin()

    # --- entries ------------------------------------------------------------------------------------------------------

    def _entry(self, fields: Fields, details: list[Fields], place: str) -> None:
        amount = amount_of(fields, "amount", place)
        if not incoming(fields, place):
            amount = -amount
        span = self._span(fields.get("amount_asset", ""), place)
        asset = span.asset
        self._entries += 1
        pending = self._pending(fields, place)
        day = self._day(fields, place)
        if not pending:
            span.add(day, amount)
        parts = shares(fields, details, amount, asset)
        if parts is not None:
            for detail, share in zip(details, parts, strict=True):
                self._post(span, fields, detail, share, day, pending, place)
            return
        if len(details) > 1:
            self._notes.add(
                f"{place}: the {len(details)} payments in this entry do not say how they make up {amount} {asset}: "
                "kept as one posting"
            )
        self._post(span, fields, self._common(details), amount, day, pending, place)

    def _common(self, details: list[Fields]) -> Fields:
        """Return what all of `details` say alike; of everything."""
        if len(details) < 2:
            return details[0] if details else _NONE
        return {
            name: value
            for name, value in details[0].items()
            if name not in {"amount", "amount_asset", "side"} and all(other.get(name) == value for other in details)
        }

    def _pending(self, fields: Fields, place: str) -> bool:
        status = fields.get("status", "")
        if status in _STATUSES:
            assert self._walk is not None
            return status != _BOOKED or self._walk.message == "054"
        own = fields.get("own_status", "")
        if own:
            self._notes.add(f"{place}: the status {own[:40]!r} is the bank's own word: kept as pending")
            return True
        what = f"{status[:40]!r} is none of BOOK, PDNG, INFO" if status else "it is missing"
        raise FileRefused(f"{place}: <Sts> says whether the entry is booked, and {what}")

    def _day(self, fields: Fields, place: str) -> date:
        text = fields.get("booked", "") or fields.get("value", "")
        if not text:
            text = self._statement.get("until", "") or self._statement.get("made", "")
            if not text:
                raise FileRefused(f"{place}: the entry has no date (<BookgDt>)")
            self._notes.add(f"{place}: the entry has no date: the message's own is taken")
        return self._days.read(text, place)

    def _post(
        self, span: Span, entry: Fields, detail: Fields, amount: Decimal, day: date, pending: bool, place: str
    ) -> None:
        payment = describe(entry, detail, span.account, span.asset, amount)
        raw = payment.raw
        booked, value = entry.get("booked", ""), entry.get("value", "")
        if len(booked) > 10 and booked[10] == "T":
            raw["booked_time"] = booked
        if value:
            on = self._days.read(value, place)
            if on != day:
                raw["value_date"] = on.isoformat()
        if pending:
            raw["status"] = entry.get("status", "") or entry.get("own_status", "")
        bank = reference(detail, "reference") or reference(entry, "reference")
        if bank:
            raw["bank_reference"] = bank
        who, what = payment.counterparty[:TEXT_LIMIT], payment.description[:TEXT_LIMIT]
        content = ""
        if not bank:
            content = f"{day}\0{plain(amount)}\0{span.asset}\0{who}\0{what}"
            if not pending and self._repeats(f"{span.account}\0{content}"):
                return
        posting = make_transaction(
            span.account,
            self._id(bank, raw, day, amount, content, pending),
            day,
            amount,
            span.asset,
            payment.kind,
            who,
            what,
            pending,
            raw,
        )
        if pending or span.count > KEPT or len(self._spans) > 1:
            self.out.extend(self._kept)
            self._kept = []
            self.out.append(posting)
        else:
            self._kept.append(posting)

    def _id(
        self, bank: str, raw: dict[str, str], day: date, amount: Decimal, content: str, pending: bool
    ) -> str | None:
        """Return the posting's name: the bank's reference, told apart by what else it is where banks use it twice.

        What is not booked has a name of its own kind: it never takes the place of its booked twin, nor that one its.
        """
        if not bank and not pending:
            return None
        if bank:
            other = raw.get("end_to_end") or raw.get("transaction", "")
            key = "/".join(part for part in (bank, other, day.isoformat(), plain(amount)) if part)
        else:
            key = blake2b(content.encode("utf-8", "replace"), digest_size=12).hexdigest()
        if pending:
            assert self._walk is not None
            key = f"{'notified' if self._walk.message == '054' else 'pending'} {key}"
        if len(key) > NAME_LIMIT - 10:
            key = blake2b(key.encode("utf-8", "replace"), digest_size=12).hexdigest()
        if len(self._equal) >= _REMEMBERED and key not in self._equal:
            self._equal.clear()
        self._equal[key] += 1
        number = self._equal[key]
        return key if number == 1 else f"{key} {number}"

    def _repeats(self, content: str) -> bool:
        """Say whether an earlier report of this file (camt.052) stated this very row: each tells the day anew."""
        assert self._walk is not None
        if self._walk.message != "052" or len(self._reported) >= _REMEMBERED:
            return False
        key = blake2b(content.encode("utf-8", "replace"), digest_size=12).digest()
        self._rows[key] += 1
        if self._rows[key] <= self._reported[key]:
            return True
        self._reported[key] = self._rows[key]
        return False

    def ready(self) -> Iterator[Record]:
        """Yield what is ready, and forget it."""
        out, self.out = self.out, []
        yield from out
