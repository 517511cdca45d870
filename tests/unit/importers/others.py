"""What is said of a statement of another bank or program: its file, and what a person reads in it."""

from __future__ import annotations

from dataclasses import dataclass

from flowd.api import Hints

from .ofx_files import HEADER, SIGNON

NONE = Hints()
HINTS = Hints(account="main", asset="EUR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A file; its postings as "day amount currency", words that a posting has, its balances as "day amount"."""

    name: str
    format: str
    data: bytes
    rows: tuple[str, ...]
    account: str
    said: tuple[tuple[str, str], ...] = ()
    balances: tuple[str, ...] = ()
    hints: Hints = NONE


def ofx_file(body: str) -> bytes:
    """Return messages as a whole file of OFX 1."""
    return (HEADER + f"<OFX>{SIGNON}{body}</OFX>\n").encode()


def swift_file(*lines: str) -> bytes:
    """Return lines as a bank sends them."""
    return ("\r\n".join(lines) + "\r\n").encode()
