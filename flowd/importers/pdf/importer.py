"""The `pdf` importer: a bank's statement as PDF, or the text of one, read without knowing the bank."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import (
    AccountInfo,
    AccountKind,
    Balance,
    Batch,
    FileRefused,
    FlowClass,
    Hints,
    Record,
    Trade,
    Transaction,
)
from flowd.importers.delimited.months import fold
from flowd.importers.pdf.days import Order, find_days
from flowd.importers.pdf.deals import Deal, Purpose
from flowd.importers.pdf.extract import read_pdf
from flowd.importers.pdf.lines import Line, lines_of_pages, lines_of_text
from flowd.importers.pdf.statement import ENOUGH, Posting, Statement, read_statements
from flowd.importers.pdf.vocabulary import is_heading
from flowd.importers.stated import Accounts
from flowd.importers.tradeids import TradeIds

_HEAD: Final = b"%PDF-"
#: Money for securities or another currency stays one's own.
_KINDS: Final = {Purpose.SECURITIES: FlowClass.TRANSFER, Purpose.EXCHANGE: FlowClass.FX}
_LARGEST_TEXT: Final = 16 << 20
_MOST_NOTES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A statement with the account and the currency its postings are kept under."""

    statement: Statement
    account: str
    asset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfReading:
    """A document that was read whole: what its first page means is only known at its end."""

    parts: Sequence[Named]

    @property
    def summary(self) -> str:
        """What was understood, in words."""
        words = " | ".join("; ".join(part.statement.words) for part in self.parts)
        return f"PDF statement, read without a profile ({self.sure:.0%} sure): {words}"

    @property
    def label(self) -> str:
        """The format's name: there are no profiles."""
        return "pdf"

    @property
    def sure(self) -> float:
        """How sure the least sure part is."""
        return min(part.statement.sure for part in self.parts)

    @property
    def guessed(self) -> bool:
        """True: nothing in a PDF says what its numbers mean."""
        return True

    @property
    def notes(self) -> Sequence[str]:
        """What was left out, assumed, or does not add up."""
        notes = [note for part in self.parts for note in part.statement.notes]
        return notes if len(notes) <= _MOST_NOTES else [*notes[:_MOST_NOTES], f"… and {len(notes) - _MOST_NOTES} more"]

    @property
    def postings(self) -> Sequence[Posting]:
        """All postings, in the order of the records."""
        return [posting for part in self.parts for posting in part.statement.postings]

    def batches(self) -> Iterator[Batch]:
        """Yield the document as one batch."""
        yield Batch(records=self._records())

    def _records(self) -> Iterator[Record]:
        told: set[str] = set()
        ids = TradeIds()
        for part in self.parts:
            if part.account not in told:
                told.add(part.account)
                kind = AccountKind.CARD if part.statement.card else AccountKind.BANK
                yield AccountInfo(account=part.account, name=part.account, kind=kind, asset=part.asset)
            for posting in part.statement.postings:
                yield _transaction(part, posting)
                if posting.meant.deal is not None:
                    yield _trade(part, posting, posting.meant.deal, ids)
            for held in part.statement.balances:
                yield Balance(account=part.account, asset=held.asset or part.asset, day=held.day, amount=held.amount)


def _transaction(part: Named, posting: Posting) -> Transaction:
    raw: dict[str, str] = {}
    if posting.value_day is not None:
        raw["value_date"] = posting.value_day.isoformat()
    if posting.balance is not None:
        raw["balance"] = str(posting.balance)
    if posting.meant.security is not None:
        raw["asset"] = posting.meant.security
    return Transaction(
        account=part.account,
        external_id=None,
        booked_at=posting.day,
        amount=posting.amount,
        asset=posting.asset or part.asset,
        kind=_KINDS.get(posting.meant.purpose),
        description=posting.text,
        raw=raw or None,
    )


def _trade(part: Named, posting: Posting, deal: Deal, ids: TradeIds) -> Trade:
    asset = posting.asset or part.asset
    named = ids.name(part.account, posting.day, deal.security, deal.side.value, deal.quantity, posting.amount, asset)
    return Trade(
        account=part.account,
        external_id=named,
        at=datetime(posting.day.year, posting.day.month, posting.day.day, 12, tzinfo=UTC),
        base=deal.security,
        quote=asset,
        side=deal.side,
        quantity=deal.quantity,
        price=deal.price,
        fee=deal.fee,
        fee_asset=asset,
    )


class PdfImporter:
    """Reads statements of any bank, as PDF or as the text a PDF was turned into."""

    name = "pdf"

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file is a PDF, or clearly the text of a statement."""
        if _HEAD in head[:1024]:
            return 0.95
        if Path(name).suffix.lower() not in {".txt", ".text"} or b"\0" in head:
            return 0.0
        return 0.6 if _looks_printed(head.decode("utf-8", "replace")) else 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the statement as one batch; FileRefused with page, line and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> PdfReading:
        """Say how the statement is read; FileRefused where nothing is sure enough."""
        accounts = Accounts(hints)
        return PdfReading(parts=[_named(statement, accounts) for statement in read_statements(_lines(file))])


def _named(statement: Statement, accounts: Accounts) -> Named:
    if statement.sure < ENOUGH:
        raise FileRefused(
            f"too unsure to read it ({statement.sure:.0%}): {'; '.join([*statement.words, *statement.notes])}. "
            "Import the bank's CSV, MT940, CAMT or OFX file instead"
        )
    stated = [posting.asset for posting in statement.postings]
    asset = statement.asset or (stated[0] if None not in stated else None) or ""
    account, asset = accounts.name(statement.account or "", asset, statement.postings[0].place)
    return Named(statement=statement, account=account, asset=asset)


def _lines(file: BinaryIO) -> list[Line]:
    file.seek(0)
    head = file.read(1024)
    if _HEAD in head:
        return lines_of_pages(read_pdf(file))
    file.seek(0)
    data = file.read(_LARGEST_TEXT + 1)
    if len(data) > _LARGEST_TEXT:
        raise FileRefused(f"a text of more than {_LARGEST_TEXT >> 20} MB is no statement's")
    if b"\0" in data:
        raise FileRefused("a NUL byte: the file is damaged, or neither a PDF nor text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return lines_of_text(text)


def _looks_printed(text: str) -> bool:
    """Return whether a text shows a table of postings as a statement prints it, and no columns parted by signs."""
    lines = text.splitlines()[:400]
    if not any(is_heading(fold(line)) and not re.search(r"[;\t|]|,\S", line) for line in lines if len(line) < 300):
        return False
    return sum(_begins_with_day(line) for line in lines) >= 2


def _begins_with_day(line: str) -> bool:
    days = find_days(line[:40], Order.DAY_FIRST)
    return bool(days) and days[0].start <= 6 and re.search(r"\d[.,]\d\d(?!\d)", line[days[0].end :]) is not None
