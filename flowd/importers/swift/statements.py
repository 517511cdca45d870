"""Messages to records: postings, and balances once a statement (of one page or several) has ended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from flowd.api import AccountInfo, AccountKind, FileRefused, Hints, Record, Transaction
from flowd.domain.money import plain
from flowd.importers.delimited.making import NAME_LIMIT, TEXT_LIMIT, make_transaction
from flowd.importers.stated import KEPT, Accounts, Notes, Seen, Span, iban
from flowd.importers.swift.codes import GVC, TYPES, kind_of
from flowd.importers.swift.days import Days
from flowd.importers.swift.details import Details, parse_86, parse_ns
from flowd.importers.swift.fields import Field
from flowd.importers.swift.lines61 import Line61, parse_61

_BALANCE: Final = re.compile(r"\s*R?([CD])(\d{6})([A-Z]{3})?(\d{1,18})(?:[,.](\d{0,8}))?\s*$").match
_ACCOUNT: Final = re.compile(r"(.*\d)[ /]*([A-Z]{3})$").match
_FLOOR: Final = re.compile(r"\s*([A-Z]{3})[CD]?\d").match
_TOTAL: Final = re.compile(r"\s*(\d{1,5})([A-Z]{3})(\d{1,18})(?:[,.](\d{0,8}))?\s*$").match
_ENVELOPE: Final = re.compile(r"\{1:F\d\d([A-Z0-9]{8})").search
_KIND: Final = re.compile(r"\{2:[IO](94\d)").search
#: So many fields in a row without a posting are not a bank's, whose messages have some ten.
_IDLE: Final = 200_000
_MOST_ACCOUNTS: Final = 50_000


class Messages:
    """The records of one file's `fields`; `interim` and `booked` count the postings of either kind."""

    def __init__(self, hints: Hints, notes: Notes) -> None:
        self._accounts = Accounts(hints)
        self._notes = notes
        self._days = Days(notes)
        self._told: set[str] = set()
        self._seen = Seen()
        self._kept: list[Transaction] = []
        self._span: Span | None = None
        self._page_ended = False
        self._stated = False
        self._open = 0
        self._begin(0)

    def _begin(self, line: int) -> None:
        self._line = line
        self._account = self._currency = ""
        self._interim = self._ended = False
        self._opened = False
        self._posting: Line61 | None = None
        self._said: list[str] | None = None
        self._structure: list[str] | None = None
        self._equal: Counter[str] = Counter()
        self._totals: dict[str, list[Decimal]] = {"C": [Decimal(), Decimal()], "D": [Decimal(), Decimal()]}

    def records(self, fields: Iterable[Field], cut: Callable[[], bool] = lambda: False) -> Iterator[Record]:
        """Yield what `fields` say; FileRefused with the line at fault.

        `cut` says, once all fields were read, whether the last line has no end.
        """
        idle = 0
        for tag, line, text in fields:
            if tag == "61":
                idle = 0
                if self._posting is not None:
                    yield from self._post()
                self._posting = parse_61(line, text, self._days)
            elif tag == "86":
                if self._posting is not None:
                    self._said = text if self._said is None else [*self._said, *text]
            elif tag == "NS":
                if self._posting is not None:
                    self._structure = text
            else:
                if self._posting is not None:
                    yield from self._post()
                idle += 1
                if idle > _IDLE:
                    raise FileRefused(f"line {line}: the last {_IDLE:,} fields are no postings: this is no bank's file")
                yield from self._other(tag, line, text)
        if self._posting is not None:
            yield from self._post()
        if self._open:
            raise FileRefused(
                f"line {self._open}: the message that begins here never ends (`-}}`): the file was cut off; download "
                "it again"
            )
        if self._span is not None and self._span.closing is None and not self._ended and cut():
            raise FileRefused(
                f"{self._span.place}: the file ends in the middle of a line of the statement that begins here: it was "
                "cut off; download it again"
            )
        yield from self._finish()
        if not self._stated:
            raise FileRefused("the file holds no posting and no balance of an account; nothing to import")

    def _other(self, tag: str, line: int, text: list[str]) -> Iterator[Record]:
        value = text[0].strip()
        if tag in {"60F", "60M"}:
            if self._ended or self._opened:
                yield from self._message(line, self._account)
            yield from self._opening(tag == "60F", line, value)
        elif tag in {"62F", "62M"}:
            yield from self._closing(tag == "62F", line, value)
        elif tag == "20":
            yield from self._message(line, "")
        elif tag in {"25", "25P"}:
            if self._account or self._ended:
                yield from self._message(line, "")
            self._account, self._currency = account_of("".join(text))
        elif tag == "34F":
            found = _FLOOR(value)
            if found is None:
                raise FileRefused(f"line {line}: :34F:{value[:40]!r} is not a currency and an amount")
            self._currency, self._interim = found[1], not self._opened
        elif tag in {"90C", "90D"}:
            self._compare(tag[2], line, value)
        elif tag == "{":
            if "{4:" in text[0]:
                if self._open:
                    raise FileRefused(
                        f"line {self._open}: the message that begins here never ends (`-}}`), and another begins at "
                        f"line {line}: a part is missing; download the file again"
                    )
                self._open = line
            yield from self._message(line, "")
            kind = _KIND(text[0])
            if kind is not None and kind[1] == "942":
                self._interim = True
        elif tag == "-":
            self._open = 0
            self._ended = True

    def _message(self, line: int, account: str) -> Iterator[Record]:
        """Begin a message; a statement goes on in it only if its page before ended as a page does."""
        interim = self._interim and not self._account and not self._ended
        currency = self._currency
        if self._span is not None and not self._page_ended:
            yield from self._finish()
        self._begin(line)
        self._interim = interim
        if account:
            self._account, self._currency = account, currency

    # --- balances -------------------------------------------------------------------------------------------------

    def _balance(self, tag: str, line: int, value: str) -> tuple[date, Decimal, str]:
        found = _BALANCE(value)
        if found is None:
            raise FileRefused(f"line {line}: :{tag}:{value[:60]!r} is not a balance (C or D, day, currency, amount)")
        mark, day, currency, whole, decimals = found.groups()
        amount = Decimal(f"{whole}.{decimals}" if decimals else whole)
        return self._days.full(day, line), -amount if mark == "D" else amount, currency or ""

    def _opening(self, first: bool, line: int, value: str) -> Iterator[Record]:
        day, amount, currency = self._balance("60F" if first else "60M", line, value)
        self._currency = currency or self._currency
        self._opened, self._interim = True, False
        name, asset = self._name(line)
        span = self._span
        if span is not None:
            goes_on = self._page_ended and not first and (span.account, span.asset) == (name, asset)
            if goes_on:
                if span.closing is not None and span.closing[1] != amount:
                    self._notes.add(
                        f"line {line}: the page begins with {amount}, the one before ended with {span.closing[1]}: a "
                        "page may be missing"
                    )
                span.closing, self._page_ended = None, False
                return
            yield from self._finish()
        self._span = Span(account=name, asset=asset, place=f"line {line}", opening=(day, amount), opens=first)
        yield from self._tell(name, asset)

    def _closing(self, last: bool, line: int, value: str) -> Iterator[Record]:
        day, amount, currency = self._balance("62F" if last else "62M", line, value)
        self._currency = self._currency or currency
        name, asset = self._name(line)
        if self._span is None:
            self._span = Span(account=name, asset=asset, place=f"line {line}")
            yield from self._tell(name, asset)
        self._span.closing = day, amount
        self._ended = True
        self._page_ended = not last
        if last:
            yield from self._finish()

    def _finish(self) -> Iterator[Record]:
        """Yield what was kept back of the statement that ended, and its balances; nothing if it came before."""
        span, kept = self._span, self._kept
        self._span, self._kept, page = None, [], self._page_ended
        self._page_ended = False
        if span is None:
            yield from kept
            return
        if kept and self._seen.before(span, kept):
            self._notes.add(f"{span.place}: the file holds this statement twice: read once")
            return
        yield from kept
        if span.closing is None:
            self._notes.add(
                f"{span.place}: the statement has no closing balance: it may have been cut off, or a page is missing"
            )
        gap = span.gap()
        if gap is not None:
            self._notes.add(gap)
        if page:
            # the balance of a page that others follow is not that of the end of a day
            span.closing = None
        for balance in span.balances():
            self._stated = True
            yield balance

    def _compare(self, mark: str, line: int, value: str) -> None:
        """Look whether :90C: or :90D: count what the message holds."""
        found = _TOTAL(value)
        if found is None:
            raise FileRefused(f"line {line}: :90{mark}:{value[:40]!r} is not a number, a currency and a sum")
        number, _, whole, decimals = found.groups()
        stated = Decimal(f"{whole}.{decimals}" if decimals else whole)
        count, total = self._totals[mark]
        if int(number) != count or stated != total:
            self._notes.add(
                f"line {line}: {int(number)} entries of {stated} ({mark}) are counted, but {count} of {total} are there"
            )

    # --- postings -------------------------------------------------------------------------------------------------

    def _name(self, line: int) -> tuple[str, str]:
        return self._accounts.name(self._account, self._currency, f"line {line}")

    def _tell(self, name: str, asset: str) -> Iterator[Record]:
        if name not in self._told:
            if len(self._told) < _MOST_ACCOUNTS:
                self._told.add(name)
            yield AccountInfo(account=name, name=name, kind=AccountKind.BANK, asset=asset)

    def _post(self) -> Sequence[Record]:
        posting, said, structure = self._posting, self._said, self._structure
        self._posting = self._said = self._structure = None
        assert posting is not None
        span = self._span
        told: Sequence[Record] = ()
        if span is None or self._interim:
            name, asset = self._name(posting.line)
            told = tuple(self._tell(name, asset))
        else:
            name, asset = span.account, span.asset
        pending = self._interim or posting.expected
        record = self._transaction(name, asset, posting, said, structure, pending)
        self._stated = True
        if self._interim:
            totals = self._totals["C" if posting.amount >= 0 else "D"]
            totals[0] += 1
            totals[1] += abs(posting.amount)
        if pending or span is None:
            return *told, record
        span.add(posting.booked, posting.amount)
        if span.count > KEPT:
            kept, self._kept = self._kept, []
            return *kept, record
        self._kept.append(record)
        return ()

    def _transaction(
        self, name: str, asset: str, posting: Line61, said: list[str] | None, structure: list[str] | None, pending: bool
    ) -> Transaction:
        details = parse_ns(structure) if structure else parse_86(said) if said else Details()
        raw = details.raw
        type_ = posting.type
        # three digits as a type are a German code only where the rest is German: other countries have their own
        code = details.code or (type_[1:] if structure and type_[1:].isdigit() else "")
        if posting.value != posting.booked:
            raw["value_date"] = posting.value.isoformat()
        if type_:
            raw["type"] = type_
        if code:
            raw["code"] = code
        if posting.reference:
            raw["reference"] = posting.reference
        if posting.bank_reference:
            raw["bank_reference"] = posting.bank_reference
        if posting.more:
            raw["supplementary"] = posting.more
        description = (
            details.description
            or posting.more
            or raw.get("posting_text")
            or GVC.get(code)
            or posting.reference
            or TYPES.get(type_[1:], "")
        )
        counterparty = details.counterparty
        if not counterparty and "counterparty_iban" not in raw:
            number = iban(posting.reference) if len(posting.reference) >= 15 else None
            if number is not None and number == posting.reference:
                raw["counterparty_iban"] = number
        if code in GVC and "posting_text" not in raw:
            raw["posting_text"] = GVC[code]
        external_id = None
        if pending:
            external_id = self._own_id(posting, asset, counterparty, description)
        return make_transaction(
            name,
            external_id,
            posting.booked,
            posting.amount,
            asset,
            kind_of(code, type_, posting.amount),
            counterparty[:TEXT_LIMIT],
            description[:TEXT_LIMIT],
            pending,
            raw,
        )

    def _own_id(self, posting: Line61, asset: str, counterparty: str, description: str) -> str:
        """Name a posting that is not booked yet, so that it never takes its booked twin's place, nor that one its."""
        facts = f"{posting.booked}\0{plain(posting.amount)}\0{asset}\0{counterparty}\0{description}"
        key = blake2b(facts.encode("utf-8", "replace"), digest_size=12).hexdigest()
        self._equal[key] += 1
        return f"interim {key} {self._equal[key]}"


def account_of(text: str) -> tuple[str, str]:
    """Return the account that a field :25: names, and its currency where that stands behind it."""
    compact = " ".join(text.split()).lstrip("/")
    number = iban(compact)
    if number is not None:
        rest = "".join(compact.split()).upper()[len(number) :].strip("/")
        return number, rest if len(rest) == 3 and rest.isalpha() else ""
    currency = ""
    found = _ACCOUNT(compact)
    if found is not None:
        compact, currency = found[1], found[2]
    _bank, slash, rest = compact.partition("/")
    if slash and (number := iban(rest)) is not None:
        # some banks write their BIC before the IBAN
        return number, currency
    return (compact.replace(" ", "") if slash or compact[:1].isdigit() else compact)[:NAME_LIMIT], currency


def bank_of(text: str) -> str:
    """Return the BIC of the bank that an envelope names, or nothing."""
    found = _ENVELOPE(text)
    return found[1] if found is not None else ""
