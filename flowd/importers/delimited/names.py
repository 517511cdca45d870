"""What banks call their columns, in many languages: a header cell's words -> the role its column plays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

import yaml

from flowd.importers.delimited.months import fold


class Role(StrEnum):
    """What a column can be good for."""

    DATE = "date"
    VALUE_DATE = "value_date"
    TIME = "time"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    SIGN = "sign"
    FEE = "fee"
    CURRENCY = "currency"
    BALANCE = "balance"
    ID = "id"
    ACCOUNT = "account"
    COUNTERPARTY = "counterparty"
    OTHER_ACCOUNT = "other_account"
    DESCRIPTION = "description"
    STATUS = "status"
    FOREIGN = "foreign"
    RATE = "rate"
    KIND = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The vocabulary of words.yaml: names of columns, words of direction and status, currency codes."""

    roles: Mapping[str, tuple[Role, ...]]
    signs: Sequence[tuple[frozenset[str], frozenset[str]]]
    pending: tuple[str, ...]
    dead: tuple[str, ...]
    sums: tuple[str, ...]
    currencies: frozenset[str]


#: Words inside a longer name that still tell, tried in this order; the first hit counts, with less weight.
_INSIDE: Final[tuple[tuple[str, Role], ...]] = (
    (r"wechselkurs|exchange rate|koers|\bkurs|\btaux|arfolyam|umrechnung", Role.RATE),
    (r"fremdwahrung|foreign|original|oorspr|puvodni|\blocal\b|devise etrangere|instructed|source amount", Role.FOREIGN),
    (r"(debit|debet|debito).*(credit|kredit|credito)|(credit|kredit|credito).*(debit|debet|debito)", Role.AMOUNT),
    (r"balance|saldo|kontostand|solde|zustatek|zostatok|egyenleg|saldo po", Role.BALANCE),
    (r"paid out|money out|withdraw|outflow|ausgang|belastung|obciaz|terheles", Role.DEBIT),
    (r"\b(debit|debet|debito)\b", Role.DEBIT),
    (r"paid in|money in|deposit|inflow|eingang|gutschrift|\bcredit\b|\bcredito\b|uznan|jovair", Role.CREDIT),
    (r"value date|valuta ?dat|wertstell|date valeur|fecha valor|data valuta|erteknap|started", Role.VALUE_DATE),
    (r"\b(datum|date|fecha|data|dato|paiva|buchungs?tag|datuma|day)\b|datum\b", Role.DATE),
    (r"\bbic\b|\bblz\b|bankleitzahl|swift|sort code|bank code", Role.OTHER_ACCOUNT),
    (r"iban (zahlung|empf|partner|gegen)|tegenrekening|gegenkonto|protiuct", Role.OTHER_ACCOUNT),
    (r"counterparty (acc|iban)|(compte|iban).*contrepartie", Role.OTHER_ACCOUNT),
    (r"empfanger|beg(u|ue)nstigter|payee|merchant|counterparty|tegenpartij", Role.COUNTERPARTY),
    (r"beneficiar|auftraggeber|odbiorc|recipient|contrepartie", Role.COUNTERPARTY),
    (r"\bfees?\b|gebuhr|poplatek|comision|entgelt|prowizja", Role.FEE),
    (r"amount|betrag|bedrag|montant|importe|importo|castka|kwota|osszeg|belopp|belob", Role.AMOUNT),
    (r"\b(valor|umsatz)\b", Role.AMOUNT),
    (r"currency|wahrung|\bmunt|devise|divisa|\bmena\b|waluta|devizanem", Role.CURRENCY),
    (r"descri|verwendungszweck|omschrijving|libelle|concept|popis|opis", Role.DESCRIPTION),
    (r"narrat|memo|buchungstext|mededeling|zprav", Role.DESCRIPTION),
    (r"\biban\b|account (no|num)|kontonummer|rekeningnummer|rachunk|cislo uctu|szamlaszam", Role.ACCOUNT),
)
_BRACKETS: Final = re.compile(r"[(\[（【][^()\[\]（）【】]*[)\]）】]")
_PATTERNS: Final = tuple((re.compile(pattern), role) for pattern, role in _INSIDE)
_SIGNS: Final = {
    "€": "EUR", "£": "GBP", "kč": "CZK", "zł": "PLN", "₹": "INR", "₺": "TRY", "₴": "UAH", "us$": "USD", "円": "JPY",
    "₽": "RUB", "руб": "RUB", "₩": "KRW", "원": "KRW", "人民币": "CNY", "r$": "BRL", "₪": "ILS", "฿": "THB", "₫": "VND",
    "(euro)": "EUR", "in euro": "EUR", "en euro": "EUR",
}  # fmt: skip


def plain_name(text: str) -> str:
    """Return a header cell's words alone, of whatever script: folded, without punctuation."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


@cache
def words() -> Words:
    """Return the vocabulary, read once."""
    data = yaml.safe_load((resources.files("flowd.importers.delimited") / "words.yaml").read_text("utf-8"))
    names: dict[str, tuple[Role, ...]] = {}
    for role, text in data["roles"].items():
        for name in map(fold, text.split(", ")):
            names[name] = (*names.get(name, ()), Role(role))
    return Words(
        roles=names,
        signs=tuple(
            (frozenset(fold(both["in"]).split(", ")), frozenset(fold(both["out"]).split(", ")))
            for both in data["signs"]
        ),
        pending=tuple(data["pending"].split(", ")),
        dead=tuple(data["dead"].split(", ")),
        sums=tuple(data["sums"].split(", ")),
        currencies=frozenset(data["currencies"].split(", ")),
    )


def roles_of(header: str) -> list[tuple[Role, float]]:
    """Return the roles a column named `header` may play, each with how clearly the name says it (0 to 1)."""
    name = plain_name(header)
    if not name:
        return []
    code = currency_in_header(header)
    candidates = [name]
    bare = plain_name(_BRACKETS.sub(" ", header[:200]))
    if bare:
        candidates.append(bare)
    if code is not None:
        rest = [
            word for word in name.split() if word != code.lower() and word not in {"in", "w", "v", "en", "kc", "zl"}
        ]
        if rest:
            candidates.append(" ".join(rest))
    for candidate in candidates:
        if candidate in words().roles:
            return [(role, 1.0 - 0.1 * index) for index, role in enumerate(words().roles[candidate])]
    for pattern, role in _PATTERNS:
        if pattern.search(name):
            return [(role, 0.6)]
    return []


def currency_in_header(header: str) -> str | None:
    """Return the currency code written in a header cell such as `Betrag (EUR)` or `Částka CZK`, if there is one."""
    for word in re.findall(r"[A-Za-z]{3,4}", header):
        if word.isupper() and word in words().currencies:
            return str(word)
    lowered = header.lower()
    return next((code for sign, code in _SIGNS.items() if sign in lowered), None)


def is_currency(text: str) -> bool:
    """Say whether `text` is a currency code known here."""
    return text.upper() in words().currencies and (text.isupper() or text.islower())


def currency_in_amount(text: str) -> str | None:
    """Return the currency an amount is written with, such as `CHF 1'234.50` or `12,00 €`; a bare $ says none."""
    for word in re.findall(r"[A-Z]{3,4}", text):
        if word in words().currencies:
            return str(word)
    lowered = text.lower()
    return next((code for sign, code in _SIGNS.items() if sign in lowered), None)
