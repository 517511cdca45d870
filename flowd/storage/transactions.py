"""Writes transactions as events quickly: the same bytes as domain/keys.py, which states them, at a third of its time.

A bank file has a million of them, and each needs its natural key, its key and its JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Final

from flowd.domain.flows import FlowClass
from flowd.domain.json import canonical
from flowd.domain.keys import NOON
from flowd.domain.money import LIMIT, plain
from flowd.domain.records import Transaction

_quoted = json.JSONEncoder(ensure_ascii=False).encode
#: How many different texts are remembered; a file that has more of them is not slowed down much by writing them anew.
_REMEMBERED: Final = 4096


class TransactionWriter:
    """Writes the transactions of one connection."""

    def __init__(self, connection: str) -> None:
        self._connection = _part(connection)
        self._accounts: dict[str, tuple[str, str, str]] = {}
        self._days: dict[date, tuple[str, str, datetime]] = {}

    def write(self, record: Transaction) -> tuple[bytes, bytes, datetime]:
        """Return the subject (16 bytes), the content (canonical JSON) and the time of `record`."""
        amount = record.amount
        if type(amount) is not Decimal or not -LIMIT < amount < LIMIT:
            raise ValueError(f"{amount!r} is not an amount")
        amount_text = plain(amount)
        with_id, without_id, opening = self._account(record.account)
        booked, asset = record.booked_at, record.asset
        counterparty, description = record.counterparty, record.description
        parts = [opening, amount_text, '","asset":', _quoted(asset)]
        if counterparty:
            parts += (',"counterparty":', _quoted(counterparty))
        if isinstance(booked, datetime):
            at = booked
            booked_part = _part(at.isoformat())
        else:
            booked_part, day_json, at = self._day(booked)
            parts.append(day_json)
        if description:
            parts += (',"description":', _quoted(description))
        external_id = record.external_id
        if external_id is not None:
            name = f"{with_id}{len(external_id)}:{external_id}"
            parts += (',"id":', _quoted(external_id))
        else:
            who, what = " ".join(counterparty.split()), " ".join(description.split())
            name = (
                f"{without_id}{booked_part}{len(amount_text)}:{amount_text}{len(asset)}:{asset}"
                f"{len(who)}:{who}{len(what)}:{what}"
            )
        if isinstance(record.kind, FlowClass):
            parts += (',"kind":', _quoted(record.kind.value))
        if record.pending:
            parts.append(',"pending":true')
        if record.raw:
            parts += (',"raw":', canonical(dict(record.raw)))
        parts.append("}")
        return blake2b(name.encode(), digest_size=16).digest(), "".join(parts).encode(), at

    def _account(self, account: str) -> tuple[str, str, str]:
        found = self._accounts.get(account)
        if found is None:
            if len(self._accounts) >= _REMEMBERED:
                self._accounts.clear()
            tail = self._connection + _part(account)
            found = (
                _part("transaction") + tail,
                _part("transaction-row") + tail,
                '{"account":' + _quoted(account) + ',"amount":"',
            )
            self._accounts[account] = found
        return found

    def _day(self, day: date) -> tuple[str, str, datetime]:
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _REMEMBERED:
                self._days.clear()
            text = day.isoformat()
            found = (_part(text), f',"day":"{text}"', datetime.combine(day, NOON, tzinfo=UTC))
            self._days[day] = found
        return found


def _part(text: str) -> str:
    return f"{len(text)}:{text}"
