"""The second pass over a file: what its statements say, as records."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import BinaryIO, Final

from flowd.api import AccountInfo, AccountKind, Balance, FileRefused, Hints, Rate, Record, Removal
from flowd.importers.ofx.markup import Kind, Walk
from flowd.importers.ofx.nodes import Node
from flowd.importers.ofx.postings import Postings, checked_asset
from flowd.importers.ofx.survey import ACCOUNTS, STATEMENTS, Place, Statement, Survey, flatten
from flowd.importers.ofx.trading import Trading
from flowd.importers.ofx.values import When, read_number, read_when
from flowd.importers.tradeids import TradeIds

_NOTES: Final = 20
_HOLDINGS: Final = 100_000
_PENDING: Final = frozenset({"BANKTRANLISTP", "CCTRANLISTP"})
_DAY: Final = timedelta(days=1)
#: A German bank's code and an account's number there, which says nothing without it.
_GERMAN: Final = re.compile(r"[1-9]\d{7}/\d{1,10}", re.ASCII)


@dataclass(kw_only=True)
class Records:
    """The records of one file; `notes` fills with what has to be said while they are read."""

    file: BinaryIO
    survey: Survey
    hints: Hints
    notes: list[str] = field(default_factory=list)
    _names: dict[Place, str] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Keep a remark for the result; after twenty only that there are more."""
        if len(self.notes) < _NOTES:
            self.notes.append(text)
        elif len(self.notes) == _NOTES:
            self.notes.append("… and more of this kind")

    def prepare(self) -> None:
        """Decide accounts' names and whose ids count; FileRefused where the hints and the file disagree."""
        places = self.survey.places
        numbers: dict[str, set[Place]] = {}
        for place in places:
            numbers.setdefault(place.number, set()).add(place)
        if self.hints.insists and len(places) > 1:
            raise FileRefused(
                f"the file holds several accounts ({', '.join(place.number for place in places[:5])}), but you named "
                "one; leave the account out to use the file's own"
            )
        renamed = self.hints.options.get("accounts")
        for place in dict.fromkeys((*places, *self.survey.described)):
            name = self.hints.account if self.hints.insists and place in places else None
            if name is None:
                name = _unique(place, numbers.get(place.number, ()))
            if isinstance(renamed, Mapping):
                name = str(renamed.get(name, name))
            self._names[place] = name
        for error in self.survey.errors:
            self.note(f"the bank reports an error: {error}")
        for unread in self.survey.unread:
            self.note(f"<{unread}> was left out: flowd does not read it")
        if self.survey.header.note:
            self.note(self.survey.header.note)

    def name(self, place: Place) -> str:
        """Return the account id of `place`."""
        return self._names[place]

    def __iter__(self) -> Iterator[Record]:
        survey = self.survey
        named = {place: not ids.verdict() for place, ids in survey.ids.items()}
        for place, ids in survey.ids.items():
            why = ids.verdict()
            if why and ids.count:
                self.note(f"account {self.name(place)}: {why}, so postings are known by day, amount and text")
        told: set[str] = set()
        for place, (title, kind) in survey.described.items():
            if place not in survey.ids:
                told.add(self.name(place))
                yield AccountInfo(account=self.name(place), name=title or self.name(place), kind=kind)
        coming = iter(survey.statements)
        reader: _Reader | None = None
        trades = TradeIds()
        walk = Walk(self.file, survey.header.encoding, self.note)
        for piece in walk:
            if isinstance(piece, dict):
                assert reader is not None
                if reader.corrected:
                    yield from reader.posting(piece)
                else:
                    yield reader.postings.transaction(piece, reader.pending)
            elif piece.kind is Kind.OPEN and piece.name in STATEMENTS:
                statement = next(coming)
                assert statement.place is not None
                account = self.name(statement.place)
                asset = statement.currency or self.hints.asset or ""
                if asset:
                    checked_asset(asset, walk.refuse)
                if account not in told:
                    told.add(account)
                    yield self._info(account, statement, asset)
                reader = _Reader(self, walk, statement, account, asset, named[statement.place], trades)
            elif reader is not None:
                if piece.kind is Kind.NODE and piece.node is not None:
                    yield from reader.node(piece.node)
                elif piece.kind is Kind.LEAF:
                    reader.leaf(piece.name, piece.text)
                elif piece.kind is Kind.OPEN:
                    reader.pending = piece.name in _PENDING
                    reader.within = piece.name
                    reader.opened(piece.name)
                elif piece.name in STATEMENTS:
                    yield from reader.finish()
                    reader = None
                else:
                    reader.pending, reader.within = False, ""
            elif piece.kind is Kind.NODE and piece.node is not None:
                yield from self._priced(piece.node)

    def _info(self, account: str, statement: Statement, asset: str) -> AccountInfo:
        place = statement.place
        assert place is not None
        title, kind = self.survey.described.get(place, ("", statement.kind))
        bank = self.survey.bank or (place.bank if not place.bank.isdigit() else "")
        title = title or " ".join(part for part in (bank, place.type.lower(), place.number) if part)
        return AccountInfo(account=account, name=title[:200], kind=kind, asset=asset or None)

    def _priced(self, node: Node) -> Iterator[Rate]:
        """Yield the price that a list of securities states."""
        info = node.find("SECINFO")
        if info is None:
            return
        security = self.survey.securities.get(info.get("SECID/UNIQUEID"))
        price = read_number(info.get("UNITPRICE"), points=self.survey.points)
        when = read_when(info.get("DTASOF"))
        currencies = self.survey.currencies
        quote = info.get("CURRENCY/CURSYM").upper() or (currencies[0] if len(currencies) == 1 else "")
        if security is None or not price or price < 0 or when is None or not quote or security.code in {"", quote}:
            return
        if node.name not in {"OPTINFO", "DEBTINFO"}:  # quoted for a share of a contract, or in percent
            yield Rate(base=security.code, quote=quote, at=when.moment, value=price)


class _Reader:
    """Reads one statement."""

    def __init__(
        self,
        owner: Records,
        walk: Walk,
        statement: Statement,
        account: str,
        asset: str,
        named: bool,
        ids: TradeIds,
    ) -> None:
        assert statement.place is not None
        self._owner, self._walk, self._statement = owner, walk, statement
        self._account, self._asset, self._named = account, asset, named
        self._points = owner.survey.points
        self.corrected = owner.survey.ids[statement.place].corrected
        self._trading: Trading | None = None
        self._ids = ids
        self._held: dict[str, Decimal] = {}
        self._as_of: When | None = None
        self._positions = False
        self.postings = Postings(account=account, asset=asset, named=named, points=self._points, refuse=walk.refuse)
        self.pending = False
        self.within = ""

    def opened(self, name: str) -> None:
        """Take the beginning of a list: one of holdings without any says that nothing is held."""
        self._positions = self._positions or name == "INVPOSLIST"

    def leaf(self, name: str, text: str) -> None:
        """Take an element of the statement itself."""
        if name == "DTASOF" and not self.within:
            self._as_of = read_when(text)

    def posting(self, row: dict[str, str]) -> Iterator[Record]:
        """Yield what a posting states."""
        if self.corrected:
            yield from self._corrections(row)
            if row.get("CORRECTACTION", "").strip().upper() == "DELETE":
                return
            if row.get("FITID", "").strip() in self.corrected and self._named:
                return  # this very file says that it was replaced or deleted
        yield self.postings.transaction(row, self.pending)

    def _corrections(self, row: dict[str, str]) -> Iterator[Record]:
        corrected = row.get("CORRECTFITID", "").strip()
        if not corrected:
            return
        if not self._named:
            self._owner.note(f"a correction of {corrected[:60]} finds nothing to correct, as ids cannot be used")
        elif corrected != row.get("FITID", "").strip():
            when = read_when(row.get("DTPOSTED", ""))
            at = when.moment if when is not None else datetime(2000, 1, 1, tzinfo=UTC)
            yield Removal(account=self._account, external_id=corrected[:200], at=at)

    def node(self, node: Node) -> Iterator[Record]:
        """Yield what an aggregate states."""
        name = node.name
        if name in {"STMTTRN", "INVBANKTRAN"}:
            yield from self.posting(flatten(node))
        elif name == "STMTTRNP":
            row = flatten(node)
            row.pop("FITID", None)
            yield replace(self.postings, named=False).transaction(row, pending=True)
        elif name == "LEDGERBAL":
            yield from self._balance(node.get("BALAMT"), node.get("DTASOF"))
        elif name == "CLOSING":
            yield from self._closing(node)
        elif name == "INVBAL":
            yield from self._cash(node)
        elif self._statement.kind is AccountKind.BROKER and name not in ACCOUNTS:
            trading = self._broker()
            if self.within == "INVTRANLIST":
                yield from trading.records(node)
            elif self.within == "INVPOSLIST":
                yield from trading.holding(node, self._held, self._as_of)
                if len(self._held) > _HOLDINGS:
                    self._walk.refuse(f"more than {_HOLDINGS:,} holdings in one account")

    def finish(self) -> Iterator[Record]:
        """Yield what is only known at the statement's end."""
        if not self._positions or self._trading is None:
            return
        if self._as_of is not None:
            yield from self._trading.snapshots(self._held, self._as_of)
        elif self._held:
            self._owner.note(f"account {self._account}: its holdings are left out, as the statement says no date")

    def _broker(self) -> Trading:
        if self._trading is None:
            if not self._asset:
                self._walk.refuse("the file does not say its currency; give it (`currency: EUR`, or `--currency`)")
            self._trading = Trading(
                account=self._account,
                asset=self._asset,
                securities=self._owner.survey.securities,
                named=self._named,
                points=self._points,
                ids=self._ids,
                refuse=self._walk.refuse,
                note=lambda text: self._owner.note(f"line {self._walk.line}: {text}"),
            )
        return self._trading

    # --- balances --------------------------------------------------------------------------------------------------

    def _balance(self, text: str, as_of: str) -> Iterator[Balance]:
        """Yield the booked balance: at the end of its day, and not before postings of the day after."""
        account, last = self._account, self._statement.last
        if not text:
            self._owner.note(f"account {account}: its balance is empty")
            return
        amount = self._amount("BALAMT", text)
        when = read_when(as_of)
        day = when.day if when is not None else last
        if day is None:
            self._owner.note(f"account {account}: its balance of {amount} has no date and is left out")
            return
        if last is not None and day < last:
            # A day's difference comes of clocks; more than that, and the balance is an older one.
            if last - day <= _DAY:
                day = last
            else:
                self._owner.note(f"account {account}: its balance is of {day}, and there are postings after it")
        yield self._stated(day, amount)

    def _closing(self, node: Node) -> Iterator[Balance]:
        for name, on, back in (("BALOPEN", "DTOPEN", _DAY), ("BALCLOSE", "DTCLOSE", timedelta(0))):
            when = read_when(node.get(on))
            if when is not None and node.get(name):
                yield self._stated(when.day - back, self._amount(name, node.get(name)))

    def _cash(self, node: Node) -> Iterator[Balance]:
        text = node.get("AVAILCASH")
        if not text or self._as_of is None:
            return
        # The standard's AVAILCASH is the cash of all sub-accounts, a margin one included: nothing is added up.
        for name in ("MARGINBALANCE", "SHORTBALANCE"):
            other = read_number(node.get(name), points=self._points)
            if other:
                self._owner.note(f"account {self._account}: besides its cash there is a {name} of {other}")
        yield self._stated(self._as_of.day, self._amount("AVAILCASH", text))

    def _stated(self, day: date, amount: Decimal) -> Balance:
        if not self._asset:
            self._walk.refuse("the file does not say its currency; give it (`currency: EUR`, or `--currency`)")
        return Balance(account=self._account, asset=self._asset, day=day, amount=amount)

    def _amount(self, name: str, text: str) -> Decimal:
        value = read_number(text, points=self._points)
        if value is None:
            self._walk.refuse(f"<{name}> {text[:40]!r} is not an amount")
        return value


def _unique(place: Place, like: Collection[Place]) -> str:
    """Return the account's number, with what tells it from another account of that number in the file."""
    name = place.number
    if _GERMAN.fullmatch(f"{place.bank}/{name}"):
        # As other formats write it, so that the account is one and the same.
        name = f"{place.bank}/{name}"
    elif len({other.bank for other in like}) > 1 and place.bank:
        name = f"{place.bank}/{name}"
    for parts, mine in (({other.type for other in like}, place.type), ({other.branch for other in like}, place.branch)):
        if len(parts) > 1 and mine:
            name = f"{name} {mine}"
    return name
