"""What happens in a broker's statement: trades, income, transfers of units, splits, holdings and their prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NoReturn

from flowd.api import Event, FlowClass, Rate, Record, Side, Snapshot, Trade, Transaction
from flowd.importers.ofx.nodes import Node
from flowd.importers.ofx.postings import checked_asset
from flowd.importers.ofx.survey import Security
from flowd.importers.ofx.values import When, asset_code, read_number, read_when
from flowd.importers.tradeids import TradeIds

_INCOME: Final = {
    "DIV": FlowClass.DIVIDEND,
    "INTEREST": FlowClass.INTEREST,
    "CGLONG": FlowClass.DIVIDEND,
    "CGSHORT": FlowClass.DIVIDEND,
    "MISC": FlowClass.OTHER,
}
_COSTS: Final = ("COMMISSION", "FEES", "TAXES", "LOAD", "WITHHOLDING", "STATEWITHHOLDING", "PENALTY")
#: A price that is right to this share and this amount fits its total.
_SHARE: Final = Decimal("0.005")
_CENTS: Final = Decimal("0.05")
_STEP: Final = Decimal("1e-12")
_ONLY_WITHIN: Final = frozenset({"JRNLFUND", "JRNLSEC"})

Named = Callable[[str], str | None]


@dataclass(kw_only=True)
class Trading:
    """Reads the aggregates of one broker's account."""

    account: str
    asset: str
    securities: Mapping[str, Security]
    named: bool
    points: bool
    ids: TradeIds
    refuse: Callable[[str], NoReturn]
    note: Callable[[str], None]
    #: The securities that this account's transactions name.
    moved: set[str] = field(default_factory=set)

    def records(self, node: Node) -> Iterator[Record]:
        """Yield what `node`, an entry of the list of transactions, states."""
        name = node.name
        inner = node.first("INVBUY", "INVSELL") or node
        tran = inner.find("INVTRAN")
        if tran is None:
            self.note(f"<{name}> was left out: flowd does not know it")
            return
        when = read_when(tran.get("DTTRADE"))
        if when is None:
            self.refuse(f"<{name}> with <DTTRADE> {tran.get('DTTRADE')[:40]!r}, which is no date (expected YYYYMMDD)")
        fitid = tran.get("FITID")[:200] if self.named else ""
        if inner.name in {"INVBUY", "INVSELL"}:
            yield from self._trade(node, inner, fitid, when)
        elif name in {"INCOME", "RETOFCAP", "INVEXPENSE", "MARGININTEREST"}:
            yield from self._cash(node, fitid, when)
        elif name == "REINVEST":
            yield from self._reinvested(node, fitid, when)
        elif name == "TRANSFER":
            yield self._moved(node, fitid, when)
        elif name == "SPLIT":
            yield from self._split(node, fitid, when)
        elif name == "CLOSUREOPT":
            yield from self._closed(node, fitid, when)
        elif name not in _ONLY_WITHIN:  # journals move money or units between parts of one account
            self.note(f"<{name}> was left out: flowd does not know it")

    # --- values ----------------------------------------------------------------------------------------------------

    def _number(self, node: Node, name: str) -> Decimal | None:
        text = node.get(name)
        if not text:
            return None
        value = read_number(text, points=self.points)
        if value is None:
            self.refuse(f"<{name}> {text[:40]!r} in <{node.name}> is not a number")
        return value

    def _needed(self, node: Node, name: str) -> Decimal:
        value = self._number(node, name)
        if value is None:
            self.refuse(f"<{node.name}> without <{name}>; the file is damaged, download it again")
        return value

    def security(self, node: Node) -> tuple[str, Security]:
        """Return the asset code of the security `node` is about, and what is known of it."""
        unique = node.get("SECID/UNIQUEID")
        known = self.securities.get(unique) or Security(code=asset_code(unique), name="")
        if not known.code:
            self.refuse(f"<{node.name}> names no security (<UNIQUEID>); the file is damaged, download it again")
        self.moved.add(known.code)
        return known.code, known

    def currency(self, node: Node) -> str:
        """Return the currency of the amounts in `node`."""
        stated = node.get("CURRENCY/CURSYM").upper() or self.asset
        return checked_asset(stated, self.refuse)

    def _transaction(
        self,
        node: Node,
        fitid: str,
        when: When,
        amount: Decimal,
        kind: FlowClass | None,
        *,
        asset: str = "",
        part: str = "",
    ) -> Transaction:
        tran = node.find("INVTRAN")
        security = self.securities.get(node.get("SECID/UNIQUEID"))
        raw = {"type": node.name}
        if node.get("SECID/UNIQUEID"):
            raw["security"] = self.security(node)[0]
            raw["security_id"] = node.get("SECID/UNIQUEID")[:100]
        for name in ("INCOMETYPE", "WITHHOLDING", "TFERACTION", "UNITPRICE", "INV401KSOURCE"):
            if text := node.get(name):
                raw[name.lower()] = text[:100]
        settled = read_when(tran.get("DTSETTLE")) if tran is not None else None
        if settled is not None and settled.day != when.day:
            raw["settled"] = settled.day.isoformat()
        return Transaction(
            account=self.account,
            external_id=f"{fitid}{part}"[:200] if fitid else None,
            booked_at=when.day,
            amount=amount,
            asset=asset or self.currency(node),
            kind=kind,
            counterparty=security.name if security is not None else "",
            description=(tran.get("MEMO") if tran is not None else "")[:4_000],
            raw=raw,
        )

    # --- entries ---------------------------------------------------------------------------------------------------

    def _trade(self, node: Node, inner: Node, fitid: str, when: When) -> Iterator[Record]:
        buys = inner.name == "INVBUY"
        units, total = self._needed(inner, "UNITS"), self._number(inner, "TOTAL")
        if not units:
            self.note(f"<{node.name}> {fitid} was left out: it is of no units")
            return
        expected = 1 if buys else -1
        # Many brokers write units sold without a minus; only if the money goes the other way too, it was taken back.
        if units * expected < 0 and total is not None and total * expected > 0:
            buys = not buys
            self.note(f"<{node.name}> {fitid} takes back an earlier one: kept as a trade the other way")
        elif inner.get("INVTRAN/REVERSALFITID"):
            self.note(f"<{node.name}> {fitid} reverses {inner.get('INVTRAN/REVERSALFITID')[:60]}, whose trade stays")
        code, security = self.security(inner)
        costs = [self._number(inner, name) or Decimal() for name in _COSTS]
        price, fee = self._price(node, inner, abs(units), total, costs, security)
        yield self._made(code, inner, fitid, when, Side.BUY if buys else Side.SELL, abs(units), price, fee)
        accrued = self._number(node, "ACCRDINT")
        if accrued:
            signed = -abs(accrued) if buys else abs(accrued)
            yield self._transaction(inner, fitid, when, signed, FlowClass.INTEREST, part=":accrued")
        if inner.get("SUBACCTFUND").upper() == "OTHER":
            money = abs(units) * price + (fee if buys else -fee) if total is None else abs(total)
            if money:
                # The money came from, or went to, somewhere outside of the account.
                money = money if buys else -money
                yield self._transaction(inner, fitid, when, money, FlowClass.TRANSFER, part=":fund")

    def _made(
        self, code: str, node: Node, fitid: str, when: When, side: Side, units: Decimal, price: Decimal, fee: Decimal
    ) -> Trade:
        quote = self.currency(node)
        if code == quote:
            self.refuse(f"a trade of {code} for {code}; the list of securities is damaged")
        named = fitid or self.ids.name(self.account, when.day, code, side.value, units, price, fee, quote)
        return Trade(
            account=self.account,
            external_id=named,
            at=when.moment,
            base=code,
            quote=quote,
            side=side,
            quantity=units,
            price=price,
            fee=fee,
            fee_asset=quote,
        )

    def _price(
        self, node: Node, inner: Node, units: Decimal, total: Decimal | None, costs: list[Decimal], security: Security
    ) -> tuple[Decimal, Decimal]:
        """Return what one unit cost, and the costs; both so that they make up the total."""
        stated = abs(self._number(inner, "UNITPRICE") or Decimal())
        fee = sum(costs, Decimal())
        if not total:
            return stated, fee
        accrued = abs(self._number(node, "ACCRDINT") or Decimal())
        sign = 1 if inner.name == "INVBUY" else -1
        net = abs(total) - accrued
        if not stated:
            return max(Decimal(), (net - sign * fee) / units).quantize(_STEP), fee
        contract = read_number(node.get("SHPERCTRCT") or security.contract or "") or Decimal(1)
        # Options are quoted for one of the (usually hundred) shares of a contract, bonds in percent.
        for factor in (Decimal(1), contract, Decimal(100), Decimal("0.01")):
            gross = units * stated * factor
            for cost in (fee, sum(map(abs, costs), Decimal())):
                if abs(gross + sign * cost - net) <= max(_CENTS, _SHARE * net):
                    return stated * factor, cost
        self.note(f"<{node.name}>: units, price and costs do not make up its total of {total}; the price is kept")
        return stated, fee

    def _cash(self, node: Node, fitid: str, when: When) -> Iterator[Record]:
        total = self._needed(node, "TOTAL")
        kind = FlowClass.FEE
        if node.name == "INCOME":
            kind = _INCOME.get(node.get("INCOMETYPE").upper(), FlowClass.OTHER)
        elif node.name == "RETOFCAP":
            kind = FlowClass.REFUND
        elif total > 0:
            # What is paid is written without its minus by some.
            total = -total
        yield self._transaction(node, fitid, when, total, kind)
        if node.get("SUBACCTFUND").upper() == "OTHER":
            yield self._transaction(node, fitid, when, -total, FlowClass.TRANSFER, part=":fund")

    def _reinvested(self, node: Node, fitid: str, when: When) -> Iterator[Record]:
        units, total = self._needed(node, "UNITS"), self._number(node, "TOTAL")
        code, security = self.security(node)
        costs = [self._number(node, name) or Decimal() for name in _COSTS]
        price, fee = self._price(_as_buy(node), _as_buy(node), abs(units), total, costs, security) if units else (0, 0)
        amount = abs(total) if total else abs(units) * price + fee
        if amount:
            kind = _INCOME.get(node.get("INCOMETYPE").upper(), FlowClass.OTHER)
            yield self._transaction(node, fitid, when, Decimal(amount), kind)
        if units:
            yield self._made(code, node, fitid, when, Side.BUY, abs(units), Decimal(price), Decimal(fee))

    def _moved(self, node: Node, fitid: str, when: When) -> Transaction:
        units = self._needed(node, "UNITS")
        action = node.get("TFERACTION").upper()
        if action in {"IN", "OUT"}:
            units = abs(units) if action == "IN" else -abs(units)
        return self._transaction(node, fitid, when, units, FlowClass.TRANSFER, asset=self.security(node)[0])

    def _split(self, node: Node, fitid: str, when: When) -> Iterator[Record]:
        code, _ = self.security(node)
        above, below = self._number(node, "NUMERATOR"), self._number(node, "DENOMINATOR")
        if not above or not below:
            above, below = self._number(node, "NEWUNITS"), self._number(node, "OLDUNITS")
        if not above or not below or above < 0 or below < 0:
            self.refuse("<SPLIT> without its ratio; the file is damaged, download it again")
        key = fitid or self.ids.name("split", self.account, when.day, code, above, below)
        yield Event(
            type="split",
            key=f"{self.account}:{key}"[:200],
            at=when.moment,
            data={"account": self.account, "asset": code, "numerator": f"{above:f}", "denominator": f"{below:f}"},
        )
        cash = self._number(node, "FRACCASH")
        if cash:
            yield self._transaction(node, fitid, when, cash, FlowClass.REALISED_PNL, part=":fraction")

    def _closed(self, node: Node, fitid: str, when: When) -> Iterator[Record]:
        units = self._needed(node, "UNITS")
        if units:
            # Its worth is in what was exercised, which is a trade of its own, or gone.
            side = Side.SELL if units < 0 else Side.BUY
            zero = Decimal()
            yield self._made(self.security(node)[0], node, fitid, when, side, abs(units), zero, zero)

    # --- holdings --------------------------------------------------------------------------------------------------

    def holding(self, node: Node, held: dict[str, Decimal], as_of: When | None) -> Iterator[Rate]:
        """Add a holding to `held`, and yield its price."""
        position = node.find("INVPOS")
        if position is None:
            self.note(f"<{node.name}> was left out: flowd does not know it")
            return
        code, security = self.security(position)
        units = self._needed(position, "UNITS")
        if position.get("POSTYPE").upper() == "SHORT":
            units = -abs(units)
        held[code] = held.get(code, Decimal()) + units
        price = self._number(position, "UNITPRICE")
        when = read_when(position.get("DTPRICEASOF")) or as_of
        value = self._number(position, "MKTVAL")
        quote = self.currency(position)
        if not price or price < 0 or when is None or code == quote:
            return
        if units and value:
            contract = read_number(security.contract) or Decimal(1)
            for factor in (Decimal(1), contract, Decimal(100), Decimal("0.01")):
                if abs(abs(units) * price * factor - abs(value)) <= max(_CENTS, _SHARE * abs(value)):
                    price *= factor
                    break
        yield Rate(base=code, quote=quote, at=when.moment, value=price)

    def snapshots(self, held: Mapping[str, Decimal], as_of: When) -> Iterator[Snapshot]:
        """Yield how much of each security is held, over all parts: none of what moved but is not listed."""
        for code, units in {**dict.fromkeys(sorted(self.moved), Decimal()), **held}.items():
            yield Snapshot(account=self.account, asset=code, quantity=units, at=as_of.moment)


def _as_buy(node: Node) -> Node:
    return Node("INVBUY", node.line, inside=node.inside)
