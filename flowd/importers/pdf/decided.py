"""A row of a statement with its amount, its balance and its direction, and what told them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from flowd.importers.pdf.sums import Sum
from flowd.importers.pdf.table import Row
from flowd.importers.pdf.vocabulary import Column


class Evidence(Enum):
    """What says which way a posting's money went."""

    WRITTEN = "a sign, S/H or CR/DR beside the amount"
    BALANCE = "the running balance"
    COLUMN = "separate columns for money in and out"
    TOTALS = "a total of nothing the other way"
    SECTION = "lists of money in and out"
    WORDS = "the posting's words"
    CARD = "a card's statement prints spending as positive"
    ASSUMED = "ASSUMED"


@dataclass(slots=True, kw_only=True)
class Decided:
    """A row with its amount, its balance (if it has one) and its direction."""

    row: Row
    amount: Sum
    balance: Sum | None
    others: Sequence[Sum] = ()
    column: Column | None = None
    sign: int = 0
    evidence: Evidence = Evidence.ASSUMED
    proved: bool = False

    @property
    def value(self) -> Decimal:
        """The signed amount."""
        return -self.amount.value if self.sign < 0 else self.amount.value


def column_sign(row: Decided) -> int:
    """Return the direction the column of a row's amount stands for, 0 where it stands for none."""
    return -1 if row.column is Column.DEBIT else 1 if row.column is Column.CREDIT else 0
