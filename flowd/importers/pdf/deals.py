"""What the words of a posting say beside its amount: a purchase or sale of a security, or an exchange of currencies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from flowd.api import Side
from flowd.importers.delimited.months import fold


class Purpose(Enum):
    """What money moved for, as far as the words leave no doubt."""

    OPEN = "not told"
    SECURITIES = "bought or sold securities"
    EXCHANGE = "exchanged currencies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A purchase or sale: so many units of a security at a price, and what it cost beside that."""

    security: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a posting was for; `security` is the only one its text names, `deal` what is known of the trade."""

    purpose: Purpose = Purpose.OPEN
    security: str | None = None
    deal: Deal | None = None


_ISIN: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[A-Z0-9]{9}\d(?![A-Z0-9])")
_BUYS: Final = (
    r"(?:wertpapier|direkt|effekten|fonds)?kauf|zeichnung|buy|bought|achat|souscription|acquisto|sottoscrizione|koop"
    r"|compra|wiederanlage|savings plan|sparplan"
)
_SELLS: Final = (
    r"(?:wertpapier|direkt|effekten|fonds)?verkauf|rucknahme|sell|sold|vente|rachat|vendita|rimborso|verkoop|venta"
)
_BUY: Final = re.compile(rf"\b(?:{_BUYS})\b")
_SELL: Final = re.compile(rf"\b(?:{_SELLS})\b")
#: Costs and income of a security name it too, and often the trade they belong to.
_OTHER: Final = re.compile(
    r"steuer|\btax|dividend|ausschutt|distribution|ertrag(?!s?thesaur)|coupon|kupon|zins|interest|gebuhr|entgelt|\bfees?\b"
    r"|commission|kosten|\bcosti\b|frais|storno|cancel|bonus|optionspramie"
)
_EXCHANGE: Final = re.compile(
    r"\bwahrungs(?:wechsel|umtausch|tausch)|\bdevisen(?:kauf|verkauf|tausch)|\bcurrency (?:exchange|conversion)"
    r"|\bfx (?:credit|debit|conversion|exchange|spot)|\bforex\b|\bvaluta (?:debitering|creditering)"
    r"|\b(?:prelievo|accredito) fx\b|\bcambio (?:valuta|divisa)|\boperations? de change|\bconverti(?:do|to|s) de"
)
_NUMBER: Final = r"\d[\d.,']*\d|\d"
_UNITS: Final = (
    re.compile(
        r"\b(?:quantity|qty|stk|stck|stuck|anzahl|menge|anteile|shares|units|nominale?|pezzi|quote|aantal|quantite|parts"
        rf"|titoli|titulos)\b[:.]? ?({_NUMBER})(?![\d%])"
    ),
    re.compile(rf"(?<![\d.,'])({_NUMBER}) ?(?:pcs|stk|stck|stuck|shares|anteile|units|aandelen|azioni|actions)\b"),
    re.compile(rf"\b(?:{_BUYS}|{_SELLS})\b (?:von |of )?({_NUMBER})(?![\d%])(?= )"),
)
_PRICE: Final = re.compile(
    r"(?:\bzu je|\bzum kurs(?: von)?|\bkurs|\bprice|\bpreis|\bprix|\bprezzo|\bkoers|@)[:.]? ?(?:[a-z]{3} )?"
    rf"({_NUMBER})(?![\d%])"
)
_STEP: Final = Decimal("1e-12")
_CENT: Final = Decimal("0.01")
_HALF_CENT: Final = Decimal("0.0051")
_CODE: Final = re.compile(r"(?<=\d )[A-Z]{3}\b")
_PLAIN: Final = re.compile(r"(?<![\w.,:/])(?:\d[\d.,']*\d|\d)(?![\w:/%])")
#: What a trade costs beside its price is no more than this, or more was paid for than is seen.
_DEAREST: Final = (Decimal("0.05"), Decimal(15))


#: Nothing is told.
OPEN: Final = Meant()


def read_meaning(lines: Sequence[str], amount: Decimal, decimal: str) -> Meant:
    """Return what a posting of `amount` was for by its `lines`, the first being the one with its sum.

    >>> read_meaning(["Kauf 2 zu je 50 EUR (IE00B4L5Y983)"], Decimal("-101"), ",").deal
    Deal(security='IE00B4L5Y983', side=<Side.BUY: 'buy'>, quantity=Decimal('2'), price=Decimal('50'), fee=Decimal('1'))
    """
    text = " ".join(" ".join(lines[:8]).split())[:1000]
    words = fold(" ".join(" ".join(lines[:6]).split())[:400])
    near = fold(" ".join(" ".join(lines[:3]).split())[:400])
    if _EXCHANGE.search(near):
        return Meant(purpose=Purpose.EXCHANGE)
    names = {code for code in _ISIN.findall(text) if valid_isin(code)}
    security = next(iter(names)) if len(names) == 1 else None
    buys, sells = _BUY.search(words) is not None, _SELL.search(words) is not None
    if security and not (buys or sells or _OTHER.search(near)) and (product := find_product(fold(lines[0]), decimal)):
        # A list of trades: units, price and their product say so without a word.
        side = Side.BUY if amount < 0 else Side.SELL
        return Meant(
            purpose=Purpose.SECURITIES, security=security, deal=_listed(product, security, side, lines[0], abs(amount))
        )
    if security is None or buys == sells or buys != (amount < 0) or _OTHER.search(near):
        return Meant(security=security)
    side = Side.BUY if buys else Side.SELL
    return Meant(
        purpose=Purpose.SECURITIES, security=security, deal=_deal(fold(text), security, side, abs(amount), decimal)
    )


def _deal(text: str, security: str, side: Side, paid: Decimal, decimal: str) -> Deal | None:
    # What is called a number of units counts before a number that only stands beside such a word.
    stated = next((found for pattern in _UNITS if (found := {each[1] for each in pattern.finditer(text)})), set())
    units = {read_number(number, decimal) for number in stated}
    prices = {read_number(match[1], decimal) for match in _PRICE.finditer(text)}
    quantity, price = (next(iter(found)) if len(found) == 1 else None for found in (units, prices))
    if not quantity or len(prices) > 1 or (prices and not price):
        return None
    fee = Decimal(0)
    if price:
        gross = quantity * price
        fee = (paid - gross if side is Side.BUY else gross - paid).quantize(_CENT)
        if not 0 <= fee <= max(_DEAREST[0] * paid, _DEAREST[1]) or abs(fee) > gross:
            return None  # of another currency, of a contract of many units, or read wrongly
    return Deal(
        security=security, side=side, quantity=quantity, price=price or (paid / quantity).quantize(_STEP), fee=fee
    )


def _listed(product: Product, security: str, side: Side, line: str, paid: Decimal) -> Deal:
    rest = paid - product.value if side is Side.BUY else product.value - paid
    same = len(set(_CODE.findall(line))) < 2 and 0 <= rest <= max(_DEAREST[0] * paid, _DEAREST[1])
    # In another currency than was paid, only what a unit cost in the end is known.
    price, fee = (product.price, rest) if same else ((paid / product.quantity).quantize(_STEP), Decimal(0))
    return Deal(security=security, side=side, quantity=product.quantity, price=price, fee=fee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Units, a price and their product, which stand in one line."""

    quantity: Decimal
    price: Decimal
    value: Decimal


def find_product(folded: str, decimal: str) -> Product | None:
    """Return units and a price whose product stands behind them; None where there is none, or more than one.

    >>> find_product("beispiel inc 20 12,95 usd 259,00 usd", ",")
    Product(quantity=Decimal('20'), price=Decimal('12.95'), value=Decimal('259.00'))
    """
    texts = _PLAIN.findall(folded)[:14]
    numbers = [(text, number) for text in texts if (number := read_number(text, decimal))]
    found: set[tuple[Decimal, Decimal, Decimal]] = set()
    for at, (_, quantity) in enumerate(numbers):
        for next_at, (_, price) in enumerate(numbers[at + 1 : at + 3], at + 1):
            for text, value in numbers[next_at + 1 :]:
                cents = len(text) > 3 and text[-3] == decimal
                if cents and quantity != 1 and price != 1 and abs(quantity * price - value) < _HALF_CENT:
                    found.add((quantity, price, value))
    if len(found) != 1:
        return None
    quantity, price, value = next(iter(found))
    return Product(quantity=quantity, price=price, value=value)


def read_number(text: str, decimal: str) -> Decimal | None:
    """Return a number of units or a price; None where its sign may part thousands as well as decimals.

    >>> read_number("1.234,5", ","), read_number("0.0012", ","), read_number("1.234", ",")
    (Decimal('1234.5'), Decimal('0.0012'), None)
    """
    text = text.replace("'", "")
    if len(text) > 24:
        return None
    other = "." if decimal == "," else ","
    if decimal in text:
        whole, _, part = text.rpartition(decimal)
        if decimal in whole or other in part:
            return None
        return Decimal(f"{whole.replace(other, '')}.{part}")
    if other in text:
        # Some banks write sums one way and units the other.
        whole, _, part = text.rpartition(other)
        if other in whole or (len(part) == 3 and not whole.startswith("0")):
            return None
        return Decimal(f"{whole}.{part}")
    return Decimal(text)


def valid_isin(code: str) -> bool:
    """Return whether `code` carries an ISIN's check digit."""
    digits = "".join(str(int(sign, 36)) for sign in code)
    total = 0
    for at, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if at % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
