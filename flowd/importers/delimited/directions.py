"""Which way money went where amounts do not say it: by what the rows are called, or by the sign in its own column."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flowd.importers.delimited.months import fold
from flowd.importers.delimited.names import Role
from flowd.importers.delimited.sheet import ColumnSeen, Sheet

#: Words that say it without doubt. A refund, a charge or a payment goes one way at a shop and the other at a bank.
_IN = re.compile(
    r"\b(sell|sold|deposits?|deposited|dividends?|received|receive|incoming|payroll|salary|top.?up|funds? received|"
    r"einzahlung|gutschrift|verkauf|eingang|dividende|accredito|vendita|deposito|abono|ingreso|venta|nomina|versement|"
    r"vente|storting|verkoop|vklad|prodej|wplata|sprzedaz|salg|forsaljning|insattning|recebid[ao]|recebimento)\b"
)
_OUT = re.compile(
    r"\b(buy|bought|purchases?|withdraw|withdrawals?|withdrawn|payouts?|spend|spent|sent|send|outgoing|atm|"
    r"open position|"
    r"kauf|auszahlung|abhebung|ausgang|belastung|lastschrift|acquisto|prelievo|addebito|compra|retiro|cargo|retrait|"
    r"achat|prelevement|opname|koop|vyber|nakup|wyplata|zakup|kop|uttag|kob|haevning|enviad[ao]|saque|pagamento pos)\b"
)
#: With one of these a row may go the other way.
_BACK = re.compile(
    r"\b(re?funds?|refunded|revers\w*|cancel\w*|returned|returns?|corrections?|adjust\w*|chargeback|storno|ruck\w*|"
    r"tax|fees?|commission|reinvest\w*|conver\w*|transfers?)\b"
)
_MOST = 40


def _way(text: str) -> int:
    """Return 1 for money in, -1 for money out, 0 where the words do not say."""
    plain = fold(text.strip()).replace("_", " ")
    inn, out = _IN.search(plain) is not None, _OUT.search(plain) is not None
    return 0 if inn == out or _BACK.search(plain) else 1 if inn else -1


def told_by_words(sheet: Sheet, taken: set[int]) -> tuple[ColumnSeen, frozenset[str], frozenset[str]] | None:
    """Return the column whose every word says which way money went, with its words for in and for out."""
    for column in sheet.columns:
        if column.index in taken or not column.is_full or len(column.distinct) > _MOST:
            continue
        if not (column.says(Role.SIGN) or column.says(Role.KIND)):
            continue
        ways = {fold(word): _way(word) for word in column.distinct}
        if all(ways.values()):
            inn = frozenset(word for word, way in ways.items() if way > 0)
            return column, inn, frozenset(ways) - inn
    return None


def speaks_of_money_out(sheet: Sheet, taken: set[int]) -> str | None:
    """Return a word of the rows that tells of money going out, beside amounts that do not."""
    for column in sheet.columns:
        if column.index in taken or not (column.says(Role.SIGN) or column.says(Role.KIND)):
            continue
        word = next((cell for cell in column.distinct if _OUT.search(fold(cell).replace("_", " "))), None)
        if word is not None:
            return word[:40]
    return None


def may_say_it(sheet: Sheet, taken: set[int]) -> str | None:
    """Return the name of a column whose two words nobody knows, so that they may say which way money went."""
    known = (Role.STATUS, Role.CURRENCY, Role.ACCOUNT, Role.COUNTERPARTY, Role.DESCRIPTION, Role.TIME, Role.FOREIGN)
    for column in sheet.columns:
        if column.index in taken or not column.is_full or column.formats or column.is_amount:
            continue
        if any(len(cell) > 20 or re.search(r"[\d@.]", cell) for cell in column.distinct):
            continue
        if len(column.distinct) == 2 and len(sheet.data) > 1 and not any(map(column.says, known)):
            return column.name or f"column {column.index + 1}"
    return None


def signs_of_two(debit: ColumnSeen, credit: ColumnSeen) -> tuple[bool, bool, Sequence[str]]:
    """Say of columns for money out and in whether only the column counts, and whether a minus among out is money back.

    With a remark for each. Some cards write what was paid off below zero, although it has a column of its own.
    """
    ins = [cell for cell in credit.filled if re.search("[1-9]", cell)]
    outs = [cell for cell in debit.filled if re.search("[1-9]", cell)]
    below_in, below_out = sum(map(_below, ins)), sum(map(_below, outs))
    if ins and below_in == len(ins) and not below_out:
        return True, False, ["the column says which way money went, for all of money in has a minus"]
    if 0 < below_out < len(outs):
        if below_out * 2 < len(outs):
            return False, True, ["a minus among money out is money back"]
        return False, False, ["ASSUMED that all of the column of money out went out, with a minus or without"]
    return False, False, []


def _below(cell: str) -> bool:
    return re.search(r"[-−–(]", cell) is not None
