"""One side of a transfer: what moved, and what its texts and references tell of the other side."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from typing import Final
from uuid import UUID

from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.json import Json
from flowd.engine.wordlist import words_of

#: An account number of a bank has eight digits or more; a shorter one turns up in texts by chance.
_NUMBER: Final = 8
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_NOT_ALNUM: Final = re.compile(r"[^0-9A-Za-z]+")
_TOKEN: Final = re.compile(r"[0-9A-Za-z]{10,}")
#: Keys of what sources tell beside: `reference`, `end_to_end_id`, `txid`, `hash`, `uetr` …; `counterparty_iban` …
_REFERENCE_KEY: Final = re.compile(r"ref|end_?to_?end|e2e|^tx|_tx|hash|uetr|transfer_?id", re.IGNORECASE)
_ACCOUNT_KEY: Final = re.compile(r"iban|account|konto", re.IGNORECASE)
_NO_REFERENCE: Final = frozenset({"notprovided", "nonref", "none", "unknown"})
#: What belongs to firms: a name with such a word is nobody's own, and alike on both sides it is a payment and a refund.
_FIRM_WORDS: Final = """
    ag bv co corp corporation gmbh inc kg limited llc ltd mbh nv oy oyj plc pty sa sarl sas se spa spol srl sro ug
"""
_FIRMS: Final = frozenset(_FIRM_WORDS.split())
#: Names so common that they tell no account from another.
_COMMON: Final = frozenset(["account", "bank", "card", "cash", "giro", "konto", "main", "transfer", "wallet"])


class Said(IntEnum):
    """What is said of a leg: the more, the likelier it has another leg."""

    INCOME = 0
    SILENT = 1
    WORD = 2
    SOURCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The texts of a leg in the forms that are compared."""

    names: frozenset[str]
    words: frozenset[str]
    compact: str
    firm: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leg:
    """Money that left an account or came into one; `amount` is its size, without a sign."""

    subject: UUID
    connection: str
    account: str
    account_name: str = ""
    kind: AccountKind = AccountKind.BANK
    day: date
    amount: Decimal
    asset: str
    said: Said
    flow_class: FlowClass
    payer: str = ""
    texts: Texts
    references: frozenset[str] = frozenset()
    #: Ids of the tenant's accounts that its texts or its source name, without its own.
    named: frozenset[str] = frozenset()
    #: The other side's IBANs, as the source states them.
    ibans: frozenset[str] = frozenset()

    @property
    def platform(self) -> bool:
        """Whether the account is a platform's, broker's or exchange's: what leaves it takes up to a week."""
        return self.kind in (AccountKind.PAYOUT, AccountKind.BROKER) or self.wallet

    @property
    def wallet(self) -> bool:
        """Whether the account is a wallet."""
        return self.kind.value.startswith("wallet")

    @property
    def order(self) -> tuple[date, UUID]:
        """What legs are sorted by: the same whatever order they come in."""
        return self.day, self.subject

    def twin(self, other: Leg) -> bool:
        """Say whether the two may stand for one another: alike in all that counts, as payouts of one amount are."""
        return (self.payer != "" or self.said >= Said.WORD) and (
            (self.connection, self.account, self.asset, self.amount, self.flow_class, self.payer)
            == (other.connection, other.account, other.asset, other.amount, other.flow_class, other.payer)
        )


@lru_cache(maxsize=4096)
def texts_of(counterparty: str, description: str) -> Texts:
    """Return what is compared of a transaction's texts."""
    names, words = words_of(counterparty), words_of(description)
    return Texts(
        names=frozenset(name for name in names if len(name) > 2 and not name.isdigit()),
        words=frozenset(word for word in words if len(word) > 2),
        compact="".join(names + words),
        firm=not _FIRMS.isdisjoint(names),
    )


def compact(text: str) -> str:
    """Return the letters and digits of `text`, small.

    >>> compact("DE02 1203-0000")
    'de0212030000'
    """
    return _NOT_ALNUM.sub("", text).lower()


def numbered(accounts: Collection[str]) -> dict[str, str]:
    """Return the accounts whose id is long enough to be looked for in texts, and what to look for."""
    found = {account: compact(account) for account in accounts}
    return {account: key for account, key in found.items() if sum(sign.isdigit() for sign in key) >= _NUMBER}


def named_in(texts: Texts, ibans: Collection[str], numbers: Mapping[str, str], own: str) -> frozenset[str]:
    """Return which of the accounts in `numbers` the texts or the source's IBANs name, apart from `own`."""
    stated = [iban.lower() for iban in ibans]
    return frozenset(
        account
        for account, key in numbers.items()
        if account != own and (key in texts.compact or any(key in one for one in stated))
    )


def references_of(raw: Mapping[str, Json] | None, description: str) -> frozenset[str]:
    """Return the references by which a payment can be told from all others: the source's, and long ones in its text."""
    found = {compact(value) for value in _values(raw, _REFERENCE_KEY)}
    for token in _TOKEN.findall(description):
        if sum(sign.isdigit() for sign in token) >= 5 and not _IBAN.fullmatch(token.upper()):
            found.add(token.lower())
    return frozenset(
        one for one in found if len(one) >= 6 and any(sign.isdigit() for sign in one) and one not in _NO_REFERENCE
    )


def ibans_of(raw: Mapping[str, Json] | None, own: str) -> frozenset[str]:
    """Return the IBANs of the other side, as the source states them."""
    found = {compact(value).upper() for value in _values(raw, _ACCOUNT_KEY)}
    return frozenset(one for one in found if _IBAN.fullmatch(one) and one != compact(own).upper())


def is_iban(account: str) -> bool:
    """Say whether an account's id is an IBAN."""
    return _IBAN.fullmatch(compact(account).upper()) is not None


def telling(*names: str) -> frozenset[str]:
    """Return the words of names of an account or connection by which a text can be seen to mean it."""
    words = {word for name in names for word in words_of(name)}
    return frozenset(word for word in words if len(word) > 3 and word not in _COMMON and not word.isdigit())


def _values(raw: Mapping[str, Json] | None, wanted: re.Pattern[str]) -> Iterator[str]:
    for key, value in (raw or {}).items():
        if isinstance(value, str) and wanted.search(key):
            yield value
