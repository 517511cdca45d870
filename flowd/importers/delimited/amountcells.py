"""The amount of a row: from one signed column, from one column and a word of direction, or from two columns."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NoReturn

from flowd.importers.delimited.amounts import is_blank, is_marked_in
from flowd.importers.delimited.layout import Layout
from flowd.importers.delimited.months import fold
from flowd.importers.delimited.profile import Profile, Sign
from flowd.importers.delimited.sheet import Row


class AmountCells:
    """Reads amounts by `profile`; `read` reads one number, `refuse` ends the import with a reason."""

    def __init__(
        self,
        profile: Profile,
        layout: Layout,
        read: Callable[[str], Decimal | None],
        refuse: Callable[[str], NoReturn],
    ) -> None:
        self._layout, self._read_amount, self._refuse = layout, read, refuse
        self._style = profile.numbers.style()
        self._inverted = profile.sign is Sign.INVERTED
        self._plus = profile.sign is Sign.PLUS_IN
        self._by_column = profile.sign is Sign.BY_COLUMN
        self._in = {fold(word.strip()) for word in profile.in_words}
        self._out = {fold(word.strip()) for word in profile.out_words}

    def _number(self, text: str, what: str) -> Decimal | None:
        value = self._read_amount(text)
        if value is None and not is_blank(text):
            style = self._style
            self._refuse(f"the {what} {text.strip()[:60]!r} cannot be read (expected a decimal {style.decimal!r})")
        return value

    def reader(self) -> Callable[[Row], Decimal | None]:
        """Return a function that gives a row's amount; None where the cells are blank."""
        layout, quick, number, inverted = self._layout, self._read_amount, self._number, self._inverted
        if layout.amount is None:
            return self._two_columns()
        at = layout.amount
        if layout.sign is not None:
            return self._with_sign(at, layout.sign)

        def plain(row: Row) -> Decimal | None:
            value = quick(row[at])
            if value is None:
                value = number(row[at], "amount")
            return -value if inverted and value else value

        if self._plus:

            def marked(row: Row) -> Decimal | None:
                value = plain(row)
                return value if value is None else abs(value) if is_marked_in(row[at]) else -abs(value)

            return marked
        if layout.fee is None:
            return plain
        fee = layout.fee

        def net(row: Row) -> Decimal | None:
            value, taken = plain(row), number(row[fee], "fee")
            return value if value is None or taken is None else value - taken

        return net

    def _with_sign(self, at: int, at_sign: int) -> Callable[[Row], Decimal | None]:
        quick, number, ins, outs, inverted = self._read_amount, self._number, self._in, self._out, self._inverted
        factors: dict[str, bool] = {}

        def signed(row: Row) -> Decimal | None:
            value = quick(row[at])
            if value is None:
                value = number(row[at], "amount")
                if value is None:
                    return None
            word = row[at_sign]
            out = factors.get(word)
            if out is None:
                bare = fold(word.strip())
                if bare not in ins and bare not in outs:
                    self._refuse(f"{word.strip()[:40]!r} does not say which way the money went; see `in_words`")
                out = bare in outs
                if len(factors) < 100:
                    factors[word] = out
            # Where amounts carry their own minus, the word repeats it; a minus beside "in" is a reversal.
            value = -abs(value) if out else value
            return -value if inverted and value else value

        return signed

    def _two_columns(self) -> Callable[[Row], Decimal | None]:
        debit, credit, number = self._layout.debit, self._layout.credit, self._number
        by_column, inverted = self._by_column, self._inverted

        def either(row: Row) -> Decimal | None:
            inn = None if credit is None else number(row[credit], "credit")
            out = None if debit is None else number(row[debit], "debit")
            if inn is None and out is None:
                return None
            inn, out = inn or Decimal(), out or Decimal()
            return (abs(inn) if by_column else inn) - (out if inverted else abs(out))

        return either
