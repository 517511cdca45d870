"""The first pass over a file: its statements, its accounts, its securities, and whether its ids can be trusted."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Final, NamedTuple

from flowd.api import AccountKind, FileRefused
from flowd.importers.ofx.header import Header
from flowd.importers.ofx.markup import Kind, Walk
from flowd.importers.ofx.nodes import Node
from flowd.importers.ofx.values import asset_code, read_when

#: Statements by the element that holds them, and what kind of account each is of.
STATEMENTS: Final[Mapping[str, AccountKind]] = {
    "STMTRS": AccountKind.BANK,
    "CCSTMTRS": AccountKind.CARD,
    "INVSTMTRS": AccountKind.BROKER,
    "STMTENDRS": AccountKind.BANK,
    "CCSTMTENDRS": AccountKind.CARD,
}
ACCOUNTS: Final = ("BANKACCTFROM", "CCACCTFROM", "INVACCTFROM")
#: Message sets without money of one's own in them, and those that are read.
_KNOWN_MESSAGES: Final = re.compile(r"(?:SIGNON|SIGNUP|BANK|CREDITCARD|INVSTMT|SECLIST|PROF|EMAIL)MSGSRSV\d")
_MOST: Final = 100_000
_NO_ID: Final = re.compile(r"[0 .-]*|none|null|n/?a|nonref", re.IGNORECASE)
_POINT: Final = re.compile(r"[+-]?\d+\.\d\d?")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")


class Place(NamedTuple):
    """How a file names an account: bank (or broker), branch, number, type."""

    bank: str
    branch: str
    number: str
    type: str


class Ids:
    """What the ids of one account's postings are worth."""

    def __init__(self) -> None:
        # Eight bytes a row, in parts, so that a million ids are compared without a million texts in memory.
        self._rows = [(array("q"), array("q"), array("q")) for _ in range(64)]
        self.count = self.empty = self._numbers = self._highest = 0
        self.corrected: set[str] = set()

    def add(self, statement: int, text: str, said: str) -> None:
        """Take the id of a posting of the n-th `statement`, which besides says `said`."""
        self.count += 1
        if len(text) < 8 or text.startswith("0"):
            if _NO_ID.fullmatch(text):
                self.empty += 1
                return
            if text.isascii() and text.isdigit():
                self._numbers += 1
                self._highest = max(self._highest, int(text[:20]))
        mark = hash(text)
        names, rows, places = self._rows[mark & 63]
        names.append(mark)
        rows.append(hash((text, said)))
        places.append(hash((text, statement)))

    def verdict(self) -> str:
        """Return why the ids cannot be used, `""` where they can."""
        if self.empty:
            return f"{self.empty} of {self.count} postings have no id" if self.empty < self.count else "no ids"
        if self._numbers == self.count and self._highest <= self.count:
            return "the ids only number the postings of this file"
        for names, rows, places in self._rows:
            # Two statements may overlap and say the same posting twice; one statement does not.
            if len(set(names)) != len(set(rows)) or len(set(places)) != len(places):
                return "the same id stands for several postings"
        return ""


@dataclass(slots=True, kw_only=True)
class Statement:
    """One statement: where it stands, of which account and currency it is, and its first and last day as written."""

    line: int
    kind: AccountKind
    place: Place | None = None
    currency: str = ""
    rows: int = 0
    earliest: str = ""
    latest: str = ""

    @property
    def last(self) -> date | None:
        """The day of its last posting."""
        when = read_when(self.latest)
        return when.day if when is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """A security of the file's list: its asset code, its name, and how many units a contract of it stands for."""

    code: str
    name: str
    contract: str = ""


@dataclass(kw_only=True)
class Survey:
    """What the first pass found."""

    header: Header
    bank: str = ""
    statements: list[Statement] = field(default_factory=list)
    ids: dict[Place, Ids] = field(default_factory=dict)
    described: dict[Place, tuple[str, AccountKind]] = field(default_factory=dict)
    securities: dict[str, Security] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    points: bool = False

    @property
    def places(self) -> list[Place]:
        """The accounts that have a statement, in the file's order."""
        return list(dict.fromkeys(one.place for one in self.statements if one.place is not None))

    @property
    def currencies(self) -> list[str]:
        """The currencies of its statements."""
        return list(dict.fromkeys(one.currency for one in self.statements if one.currency))


def survey(file: BinaryIO, header: Header) -> Survey:
    """Read all of `file` once and say what is in it; FileRefused where it is damaged, or only a bank's refusal."""
    # What has to be mended is told in the second pass.
    walk = Walk(file, header.encoding, lambda _: None, hurry=True)
    found = Survey(header=header)
    current: Statement | None = None
    listed: dict[str, tuple[str, Security]] = {}
    for piece in walk:
        if isinstance(piece, dict):
            _count(walk, found, current, piece)
        elif piece.kind is Kind.OPEN:
            if piece.name in STATEMENTS:
                current = Statement(line=walk.line, kind=STATEMENTS[piece.name])
                found.statements.append(current)
                if len(found.statements) > _MOST:
                    walk.refuse(f"more than {_MOST:,} statements in one file")
            elif "MSGSR" in piece.name:
                _messages(walk, found, piece.name)
        elif piece.kind is Kind.CLOSE:
            if piece.name in STATEMENTS:
                if current is not None and current.place is None:
                    raise FileRefused(
                        f"line {current.line}: a statement that does not say its account; the file is damaged"
                    )
                current = None
        elif piece.kind is Kind.LEAF:
            if piece.name == "CURDEF" and current is not None:
                current.currency = piece.text.upper()
        elif piece.node is not None:
            _node(walk, found, current, piece.node, listed)
    _name_securities(found, listed)
    _refuse_nothing(found)
    return found


def _messages(walk: Walk, found: Survey, name: str) -> None:
    if "MSGSRQ" in name:
        walk.refuse(
            f"<{name}>: this is what a program asks a bank, not the bank's answer; download the statement itself"
        )
    if not _KNOWN_MESSAGES.fullmatch(name) and len(found.unread) < 20:
        found.unread[name] = None


def _node(
    walk: Walk, found: Survey, current: Statement | None, node: Node, listed: dict[str, tuple[str, Security]]
) -> None:
    name = node.name
    if name in {"STMTTRN", "INVBANKTRAN"}:
        row = flatten(node)
        _count(walk, found, current, row)
    elif name == "STATUS":
        _status(found, node, "its answer")
    elif name == "SONRS":
        found.bank = found.bank or node.get("FI/ORG")[:60]
        status = node.find("STATUS")
        if status is not None:
            _status(found, status, "the sign-on")
    elif name in ACCOUNTS and current is not None:
        current.place = read_place(walk, node)
        found.ids.setdefault(current.place, Ids())
        if len(found.ids) > _MOST:
            walk.refuse(f"more than {_MOST:,} accounts in one file")
    elif name == "ACCTINFO" and len(found.described) < _MOST:
        _describe(walk, found, node)
    elif (info := node.find("SECINFO")) is not None or name == "SECINFO":
        info = info or node
        unique = info.get("SECID/UNIQUEID")
        if unique and len(listed) < _MOST:
            title = " ".join(info.get("SECNAME").split())[:200]
            security = Security(code="", name=title, contract=node.get("SHPERCTRCT"))
            listed.setdefault(unique, (asset_code(info.get("TICKER")), security))
    elif current is not None and (inner := node.find("INVTRAN") or _inner(node)) is not None:
        _traded(current, inner.get("DTTRADE"))
        if current.place is not None:
            said = f"{node.name}|{inner.get('DTTRADE')}|{_units(node)}"
            found.ids[current.place].add(len(found.statements), inner.get("FITID"), said)


def _inner(node: Node) -> Node | None:
    return next((trade for part in node.inside if (trade := part.find("INVTRAN")) is not None), None)


def _units(node: Node) -> str:
    return "|".join(part.get(what) or node.get(what) for part in node.inside[:3] for what in ("UNITS", "TOTAL"))


def flatten(node: Node) -> dict[str, str]:
    """Return a posting's fields by name; those of aggregates inside as `PAYEE/NAME`. The first of a name counts."""
    row: dict[str, str] = {}
    if node.name == "INVBANKTRAN":
        inner = node.find("STMTTRN")
        node = inner if inner is not None else node
    for item in node.inside:
        if item.name in {"TRNAMT", "DTPOSTED", "FITID"} and item.name in row:
            raise FileRefused(
                f"line {node.line}: a posting with two <{item.name}>: the file is damaged, download it again"
            )
        row.setdefault(item.name, item.text)
        for part in item.inside:
            row.setdefault(f"{item.name}/{part.name}", part.text)
    return row


def _count(walk: Walk, found: Survey, current: Statement | None, row: dict[str, str]) -> None:
    if current is None or current.place is None:
        walk.refuse("a posting outside of any account's statement; the file is damaged, download it again")
    posted, amount = row.get("DTPOSTED", ""), row.get("TRNAMT", "")
    day = posted.strip()[:8]
    if "-" in day:
        day = posted.replace("-", "").strip()[:8]
    if day < current.earliest or not current.rows:
        current.earliest = day
    if day > current.latest:
        current.latest = day
    current.rows += 1
    ids = found.ids[current.place]
    # What a posting says is compared as it stands in the file, where it came the quick way.
    said = row.get("") or f"{posted}|{amount}|{row.get('NAME')}|{row.get('MEMO')}"
    ids.add(len(found.statements), row.get("FITID", "").strip(), said)
    if not found.points and _POINT.fullmatch(amount.strip()):
        found.points = True
    corrected = row.get("CORRECTFITID")
    if corrected and len(ids.corrected) < _MOST:
        ids.corrected.add(corrected.strip())


def _traded(current: Statement, text: str) -> None:
    day = text[:8]
    current.earliest = min(current.earliest, day) if current.rows else day
    current.latest = max(current.latest, day)
    current.rows += 1


def read_place(walk: Walk, node: Node) -> Place:
    """Return the account that `node` names; FileRefused if it names none."""
    number = " ".join(node.get("ACCTID").split()) or node.get("ACCTKEY")
    if not number:
        walk.refuse(f"<{node.name}> names no account (<ACCTID>); the file is damaged, download it again")
    if len(number) > 150:
        walk.refuse(f"the account number {number[:40]!r}… is longer than any account's")
    iban = number.replace(" ", "").upper()
    number = iban if _IBAN.fullmatch(iban) else number
    bank = node.get("BANKID") or node.get("BROKERID")
    return Place(bank[:60], node.get("BRANCHID")[:30], number, node.get("ACCTTYPE").upper()[:20])


def _describe(walk: Walk, found: Survey, node: Node) -> None:
    title = " ".join(node.get("DESC").split())[:200]
    for part, kind in (
        ("BANKACCTINFO/BANKACCTFROM", AccountKind.BANK),
        ("CCACCTINFO/CCACCTFROM", AccountKind.CARD),
        ("INVACCTINFO/INVACCTFROM", AccountKind.BROKER),
    ):
        named = node.find(part)
        if named is not None:
            found.described[read_place(walk, named)] = (title, kind)


def _status(found: Survey, node: Node, where: str) -> None:
    if node.get("SEVERITY").upper() == "ERROR" and len(found.errors) < 20:
        words = " ".join(node.get("MESSAGE").split())[:200] or "no reason given"
        found.errors.append(f"{words} (code {node.get('CODE')[:10] or '?'}, {where})")


def _name_securities(found: Survey, listed: dict[str, tuple[str, Security]]) -> None:
    tickers: dict[str, int] = {}
    for ticker, _ in listed.values():
        tickers[ticker] = tickers.get(ticker, 0) + 1
    for unique, (ticker, security) in listed.items():
        # A ticker that stands for two securities names neither; one that is a currency's code would be money.
        alone = ticker and tickers[ticker] == 1 and ticker not in found.currencies
        code = ticker if alone else asset_code(unique)
        found.securities[unique] = Security(code=code, name=security.name, contract=security.contract)


def _refuse_nothing(found: Survey) -> None:
    if found.statements or found.described:
        return
    if found.errors:
        raise FileRefused(f"the bank answered with an error instead of a statement: {'; '.join(found.errors)}")
    if found.unread:
        raise FileRefused(f"the file holds nothing but {', '.join(found.unread)}, which flowd does not read")
    raise FileRefused("the file holds no statement, only a greeting: nothing to import; choose a period with postings")
