"""Writes transactions as events quickly: the same bytes as domain/keys.py, which states them, at a third of its time.

A bank file has a million of them, and each needs its natural key, its key and its JSON.
"""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring as _quoted
from typing import Final, TypeVar

from flowd.domain.flows import FlowClass
from flowd.domain.json import canonical
from flowd.domain.keys import NOON, empty_hash
from flowd.domain.money import LIMIT, plain
from flowd.domain.records import Transaction

K = TypeVar("K")
V = TypeVar("V")
#: How many different texts are remembered; a file that has more of them is not slowed down much by writing them anew.
_REMEMBERED: Final = 4096
_PG_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MOMENT: Final = struct.Struct(">q")
_LOWEST: Final = -LIMIT


def moment(at: datetime) -> bytes:
    """Return the eight bytes PostgreSQL has for a time: microseconds since the year 2000."""
    return _MOMENT.pack((at - _PG_EPOCH) // _MICROSECOND)


class TransactionWriter:
    """Writes the transactions of one connection."""

    def __init__(self, connection: str) -> None:
        self._connection = _part(connection)
        self._accounts: dict[str, tuple[str, str, str]] = {}
        self._days: dict[date, tuple[str, str, bytes]] = {}
        self._others: dict[str, tuple[str, str]] = {"": ("0:", "")}

    def write(self, record: Transaction) -> tuple[bytes, bytes, bytes]:
        """Return the subject (16 bytes), the content (canonical JSON) and the moment (8 bytes) of `record`."""
        amount = record.amount
        if type(amount) is not Decimal or not _LOWEST < amount < LIMIT:
            raise ValueError(f"{amount!r} is not an amount")
        amount_text = str(amount)
        # nothing else differs from the plain form: no exponent, no zero at the end, no "-0"
        if amount_text[-1] == "0" or "E" in amount_text:
            amount_text = plain(amount)
        with_id, without_id, opening = self._accounts.get(record.account) or self._account(record.account)
        asset = record.asset
        counterparty, description = record.counterparty, record.description
        other, other_json = self._others.get(counterparty) or self._other(counterparty)
        booked = record.booked_at
        if isinstance(booked, datetime):
            booked_part, day_json, at = _part(booked.isoformat()), "", moment(booked)
        else:
            booked_part, day_json, at = self._days.get(booked) or self._day(booked)
        text = f'{opening}{amount_text}","asset":{_quoted(asset)}{other_json}{day_json}'
        if description:
            text = f'{text},"description":{_quoted(description)}'
        external_id = record.external_id
        if external_id is not None:
            name = f"{with_id}{len(external_id)}:{external_id}"
            text = f'{text},"id":{_quoted(external_id)}'
        else:
            what = description
            # among what can be printed, a space is the only white space
            if not what.isprintable() or "  " in what or what[:1] == " " or what[-1:] == " ":
                what = " ".join(what.split())
            facts = f"{booked_part}{len(amount_text)}:{amount_text}{len(asset)}:{asset}"
            name = f"{without_id}{facts}{other}{len(what)}:{what}"
        if isinstance(record.kind, FlowClass):
            text = f'{text},"kind":"{record.kind.value}"'
        if record.pending:
            text += ',"pending":true'
        if record.raw:
            text = f'{text},"raw":{canonical(dict(record.raw))}'
        subject = empty_hash()
        subject.update(name.encode())
        return subject.digest(), f"{text}}}".encode(), at

    def _account(self, account: str) -> tuple[str, str, str]:
        tail = self._connection + _part(account)
        opening = '{"account":' + _quoted(account) + ',"amount":"'
        return _remember(
            self._accounts, account, (_part("transaction") + tail, _part("transaction-row") + tail, opening)
        )

    def _other(self, counterparty: str) -> tuple[str, str]:
        written = _part(" ".join(counterparty.split())), f',"counterparty":{_quoted(counterparty)}'
        return _remember(self._others, counterparty, written)

    def _day(self, day: date) -> tuple[str, str, bytes]:
        text = day.isoformat()
        noon = moment(datetime.combine(day, NOON, tzinfo=UTC))
        return _remember(self._days, day, (_part(text), f',"day":"{text}"', noon))


def _remember(known: dict[K, V], name: K, value: V) -> V:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[name] = value
    return value


def _part(text: str) -> str:
    return f"{len(text)}:{text}"
