"""One file as somebody writes it, and what each of its rows must become: (date, amount, asset or None)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Dialect:
    name: str
    text: str
    rows: list[str]
    encoding: str = "utf-8"
    description: str = ""
    counterparty: str = ""
    external_id: str | None = None
