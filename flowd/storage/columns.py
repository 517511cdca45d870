"""Hands columns of values (see arrays.py) to PostgreSQL as parameters: nothing is parsed in the daemon."""

from __future__ import annotations

from typing import Final

from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from flowd.storage.arrays import BOOL, INT4, JSONB, TEXT, TIMESTAMPTZ, UUID


class Column:
    """One column as a statement's parameter: bytes that PostgreSQL is to read and check, made by `column`."""

    __slots__ = ("data",)

    def __init__(self, data: Buffer) -> None:
        self.data = data


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> Buffer:
        return obj.data


# psycopg tells types of parameters apart by their classes
_CLASSES: Final = {
    kind: (type(f"Column{kind}", (Column,), {"__slots__": ()}), type(f"Dumper{kind}", (_AsItIs,), {"oid": kind}))
    for kind in (BOOL, INT4, JSONB, TEXT, TIMESTAMPTZ, UUID)
}


def column(kind: int, data: Buffer) -> Column:
    """Return `data` as a parameter of the array type `kind` of arrays.py."""
    made: Column = _CLASSES[kind][0](data)
    return made


def accept_columns(context: AdaptContext) -> None:
    """Let statements on a connection take columns."""
    adapters = context.adapters
    assert adapters is not None
    for values, dumper in _CLASSES.values():
        adapters.register_dumper(values, dumper)
