"""Amounts, prices and names of securities as QIF files write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from flowd.importers.delimited.amounts import NumberStyle, compile_amount

_FRACTION: Final = re.compile(r"([+-]?)(?:(\d{1,9})[ -])?(\d{1,4})/(\d{1,4})", re.ASCII).fullmatch
_LONGEST: Final = 40


def number_reader(style: NumberStyle) -> Callable[[str], Decimal | None]:
    """Return a reader of numbers in `style`, and of prices in fractions (`26 1/2`), as they were quoted until 2001."""
    read = compile_amount(style)

    def number(text: str) -> Decimal | None:
        value = read(text)
        if value is None and "/" in text and len(text) < 30:
            found = _FRACTION(text.strip())
            if found is not None and int(found[4]):
                value = int(found[2] or 0) + Decimal(int(found[3])) / int(found[4])
                value = -value if found[1] == "-" else value
        return value

    return number


def security_code(name: str, symbols: Mapping[str, str], money: str) -> str:
    """Return the asset code of the security called `name`: its symbol if the file lists one, else made of the name.

    >>> security_code("Société Générale", {}, "EUR"), security_code("Apple", {"Apple": "aapl"}, "USD")
    ('SOCIETE.GENERALE', 'AAPL')
    """
    text = symbols.get(name) or name
    plain = unicodedata.normalize("NFKD", text[:400]).encode("ascii", "ignore").decode().upper()
    code = re.sub(r"^[^A-Z0-9]+|[.]+$", "", re.sub(r"[^A-Z0-9._:/-]+", ".", plain))
    if code and len(code) <= _LONGEST and code != money:
        return code
    # Cut or foreign names stay apart from each other by what was cut.
    mark = blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest().upper()
    return f"{code[:30] or 'SECURITY'}-{mark}"
