"""A QIF file taken apart into sections and their records, in constant memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import BinaryIO, Final, NamedTuple, NoReturn

from flowd.api import AccountKind, FileRefused
from flowd.importers.delimited.lines import Lines
from flowd.importers.delimited.months import fold

#: What a record may hold before it is no bank's any more.
_LINES: Final = 5_000
_SIGNS: Final = 1 << 20


class Holds(Enum):
    """What the records of a section are."""

    POSTINGS = auto()
    TRADES = auto()
    ACCOUNTS = auto()
    SECURITIES = auto()
    PRICES = auto()
    LISTS = auto()


#: Types of accounts as the header names them, in the words of several programs.
_TYPES: Final[Mapping[str, AccountKind]] = {
    "bank": AccountKind.BANK,
    "banque": AccountKind.BANK,
    "banco": AccountKind.BANK,
    "cash": AccountKind.CASH,
    "liquide": AccountKind.CASH,
    "especes": AccountKind.CASH,
    "bargeld": AccountKind.CASH,
    "bar": AccountKind.CASH,
    "efectivo": AccountKind.CASH,
    "ccard": AccountKind.CARD,
    "carte de credit": AccountKind.CARD,
    "kreditkarte": AccountKind.CARD,
    "oth a": AccountKind.MANUAL,
    "oth l": AccountKind.MANUAL,
    "oth s": AccountKind.MANUAL,
    "invst": AccountKind.BROKER,
    "port": AccountKind.BROKER,
    "mutual": AccountKind.BROKER,
    "401(k)/403(b)": AccountKind.BROKER,
    "401(k)": AccountKind.BROKER,
}
_LISTS: Final = frozenset(
    {"cat", "class", "memorized", "budget", "tag", "template", "invitem", "vendor", "bill", "invoice", "payee", "tax"}
)
_FIELDS: Final = re.compile(r"[DTUCNPMALSE$%YIQO!F]")
_HEADER: Final = re.compile(r"!\s?([a-z]{3,10})\s?(?::\s?(.{0,60}?))?\s{0,20}", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class Section:
    """One section: what it holds, its number in the file, and the account it is of as far as the file says it."""

    number: int
    holds: Holds
    title: str
    kind: AccountKind = AccountKind.BANK
    account: str = ""
    described: str = ""


class Entry(NamedTuple):
    """One record: its section, its lines (each a letter and a value), and the number of its first line."""

    section: Section
    lines: list[str]
    line: int


class Entries:
    """The records of `file`; `note` is told what had to be mended, `order` is the order of dates a file declares."""

    def __init__(self, file: BinaryIO, encoding: str, note: Callable[[str], None]) -> None:
        self._source = Lines(file, encoding)
        self._note = note
        self._account = self._described = ""
        self._account_kind: AccountKind | None = None
        self._sections = 0
        self.line = 0
        self.declared = ""

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the file for what stands at the line at hand."""
        raise FileRefused(f"line {self.line}: {reason}")

    def __iter__(self) -> Iterator[Entry]:
        section: Section | None = None
        lines: list[str] = []
        number, first, signs = 0, 0, 0
        for text in self._source:
            number += 1
            line = text.strip()
            if not line:
                continue
            start = line[0]
            if start == "^":
                if lines and section is not None:
                    self.line = first
                    if section.holds is Holds.ACCOUNTS:
                        self._switch(lines)
                    yield Entry(section, lines, first)
                    lines = []
                signs = 0
            elif start == "!" and _HEADER.fullmatch(line):
                self.line = number
                if lines and section is not None:
                    self._note(f"line {first}: a record without its end (^) before {line[:40]}")
                    yield Entry(section, lines, first)
                lines, signs = [], 0
                section = self._header(line) or section
            elif section is None:
                if start == "#":
                    continue
                self.line = number
                section = self._headless(line)
                lines, first = [line], number
            elif start != "#" or lines:
                if not lines:
                    first = number
                lines.append(line)
                signs += len(line)
                if len(lines) > _LINES or signs > _SIGNS:
                    self.line = first
                    self.refuse("a record that does not end (^); this is not a bank's file, or it is damaged")
        self.line = number
        if section is None:
            self.refuse("no line begins with !Type or !Account, so this is no QIF file; download it again")
        if lines:
            yield from self._last(section, lines, first)

    def _last(self, section: Section, lines: list[str], first: int) -> Iterator[Entry]:
        letters = {line[0] for line in lines}
        if section.holds in {Holds.POSTINGS, Holds.TRADES}:
            if self._source.unterminated or not ({"D"} <= letters and letters & {"T", "U", "Q"}):
                self.refuse("the file ends inside a record: it was cut off; download it again")
            self._note("the last record has no end (^); if the file was cut off, something may be missing")
        self.line = first
        yield Entry(section, lines, first)

    def _headless(self, line: str) -> Section:
        """Some banks leave out the header: what looks like a record is taken for a bank account's."""
        if not re.fullmatch(r"[DTUNPMCL].{0,2000}", line) or not re.search(r"\d", line):
            self.refuse("no line begins with !Type or !Account, so this is no QIF file; download it again")
        self._note("the file has no header (!Type:…); taken for a bank account's")
        self._sections += 1
        return Section(number=self._sections, holds=Holds.POSTINGS, title="no header")

    def _header(self, line: str) -> Section | None:
        found = _HEADER.fullmatch(line)
        assert found is not None
        word, title = found[1].lower(), " ".join((found[2] or "").split())
        if word in {"option", "clear"}:
            if title.lower() in {"mdy", "dmy", "ymd"}:
                self.declared = title.lower()
            return None
        self._sections += 1
        if word == "account":
            return Section(number=self._sections, holds=Holds.ACCOUNTS, title="Account")
        name = fold(title)
        if word != "type" or name in _LISTS:
            return Section(number=self._sections, holds=Holds.LISTS, title=title or word)
        if name in {"security", "prices"}:
            holds = Holds.SECURITIES if name == "security" else Holds.PRICES
            return Section(number=self._sections, holds=holds, title=title)
        kind = _TYPES.get(name)
        if kind is None:
            self._note(f"line {self.line}: !Type:{title} is not known; taken for a bank account's")
        trades = kind is AccountKind.BROKER
        if kind is AccountKind.BANK or kind is None:
            kind = self._account_kind if self._account_kind not in {None, AccountKind.BROKER} else AccountKind.BANK
        return Section(
            number=self._sections,
            holds=Holds.TRADES if trades else Holds.POSTINGS,
            title=title,
            kind=kind or AccountKind.BANK,
            account=self._account,
            described=self._described,
        )

    def _switch(self, lines: list[str]) -> None:
        """Remember the account that the sections to come are of."""
        named = next((line[1:].strip() for line in lines if line[0] == "N"), "")
        if not named:
            return
        self._account = " ".join(named.split())[:200]
        self._described = next((line[1:].strip() for line in lines if line[0] == "D"), "")[:200]
        kind = next((line[1:].strip() for line in lines if line[0] == "T"), "")
        self._account_kind = _TYPES.get(fold(kind))
