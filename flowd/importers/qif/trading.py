"""A record of an investment account: trades, income, units in and out, splits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from flowd.api import Event, FlowClass, Record, Side, Trade, Transaction
from flowd.importers.qif.postings import Postings, transfer_of
from flowd.importers.qif.values import security_code
from flowd.importers.tradeids import TradeIds

_TRADES: Final = {"buy": Side.BUY, "cvrshrt": Side.BUY, "sell": Side.SELL, "shtsell": Side.SELL}
_INCOME: Final = {
    "div": FlowClass.DIVIDEND,
    "intinc": FlowClass.INTEREST,
    "cglong": FlowClass.DIVIDEND,
    "cgmid": FlowClass.DIVIDEND,
    "cgshort": FlowClass.DIVIDEND,
    "miscinc": FlowClass.OTHER,
    "rtrncap": FlowClass.REFUND,
}
_COSTS: Final = {"miscexp": FlowClass.FEE, "margint": FlowClass.FEE}
_REINVESTED: Final = {
    "reinvdiv": FlowClass.DIVIDEND,
    "reinvint": FlowClass.INTEREST,
    "reinvlg": FlowClass.DIVIDEND,
    "reinvmd": FlowClass.DIVIDEND,
    "reinvsh": FlowClass.DIVIDEND,
}
#: Money that comes or goes: with its sign, or with the sign it is written with.
_MONEY: Final = {"xin": 1, "contrib": 1, "xout": -1, "withdrw": -1, "cash": 0, "deposit": 1, "withdraw": -1}
_SHARE: Final = Decimal("0.005")
_CENTS: Final = Decimal("0.05")
_STEP: Final = Decimal("1e-12")


@dataclass(slots=True)
class Deal:
    """What the lines of an investment record say."""

    date: str = ""
    action: str = ""
    security: str = ""
    price: str = ""
    units: str = ""
    commission: str = ""
    total: str = ""
    moved: str = ""
    category: str = ""
    payee: str = ""
    memo: str = ""
    cleared: str = ""
    rest: list[str] = field(default_factory=list)


_LETTERS: Final = {
    "D": "date",
    "N": "action",
    "Y": "security",
    "I": "price",
    "Q": "units",
    "O": "commission",
    "T": "total",
    "U": "total",
    "$": "moved",
    "L": "category",
    "P": "payee",
    "M": "memo",
    "C": "cleared",
}


def read_deal(lines: list[str]) -> Deal:
    """Sort the lines of an investment record; the first of a letter counts."""
    deal = Deal()
    for line in lines:
        name, text = _LETTERS.get(line[0]), line[1:].strip()
        if name is None:
            deal.rest.append(line)
        elif text and not getattr(deal, name):
            setattr(deal, name, text)
    return deal


@dataclass(kw_only=True)
class Trading:
    """Reads the records of one investment account."""

    postings: Postings
    symbols: Mapping[str, str]
    ids: TradeIds

    def records(self, deal: Deal) -> Iterator[Record]:
        """Yield what `deal` states."""
        action = deal.action.lower()
        outside = action.endswith("x") and action not in _ALL and action[:-1] in _ALL
        if outside:
            action = action[:-1]
        if not deal.date and not deal.total and not deal.units:
            return
        day = self.postings.day(deal.date)
        if action in _TRADES:
            yield from self._trade(deal, day, _TRADES[action], outside=outside)
        elif action in _INCOME or action in _COSTS or action in _MONEY or (not action and deal.total):
            yield from self._cash(deal, day, action, outside=outside)
        elif action in _REINVESTED:
            yield from self._reinvested(deal, day, _REINVESTED[action])
        elif action in {"shrsin", "shrsout"}:
            units = self._units(deal)
            if units:
                units = units if action == "shrsin" else -units
                yield self._transaction(deal, day, units, FlowClass.TRANSFER, asset=self._code(deal))
        elif action == "stksplit":
            yield from self._split(deal, day)
        else:
            self.postings.note(f"the action {deal.action[:40]!r} was left out: flowd does not know it")

    # --- values ----------------------------------------------------------------------------------------------------

    def _number(self, text: str) -> Decimal:
        return self.postings.amount(text) if text else Decimal()

    def _units(self, deal: Deal) -> Decimal:
        units = abs(self._number(deal.units))
        if not units:
            self.postings.note(f"{deal.action[:40]!r} without a number of shares was left out")
        return units

    def _code(self, deal: Deal) -> str:
        if not deal.security:
            self.postings.refuse(f"{deal.action[:40]!r} without its security (Y); correct it, or export again")
        return security_code(deal.security, self.symbols, self.postings.asset)

    def _moment(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)

    def _transaction(
        self, deal: Deal, day: date, amount: Decimal, kind: FlowClass | None, *, asset: str = ""
    ) -> Transaction:
        raw = {"action": deal.action}
        for name, text in (
            ("category", deal.category),
            ("transfer_account", transfer_of(deal.category) if kind is FlowClass.TRANSFER else ""),
            ("security", deal.security),
            ("price", deal.price if asset else ""),
            ("total", deal.total if asset else ""),
            ("commission", deal.commission if asset else ""),
            ("cleared", deal.cleared),
        ):
            if text:
                raw[name] = text[:200]
        if deal.security:
            # as its trades call it: what it paid belongs to that position
            raw["asset"] = self._code(deal)
        return Transaction(
            account=self.postings.account,
            external_id=None,
            booked_at=day,
            amount=amount,
            asset=asset or self.postings.asset,
            kind=kind,
            counterparty=(deal.security or deal.payee)[:4_000],
            description=" ".join(part for part in (deal.payee if deal.security else "", deal.memo) if part)[:4_000],
            raw=raw,
        )

    def _made(self, deal: Deal, day: date, side: Side, units: Decimal, price: Decimal, fee: Decimal) -> Trade:
        code, asset = self._code(deal), self.postings.asset
        return Trade(
            account=self.postings.account,
            external_id=self.ids.name(self.postings.account, day, code, side.value, units, price, fee, asset),
            at=self._moment(day),
            base=code,
            quote=asset,
            side=side,
            quantity=units,
            price=price,
            fee=fee,
            fee_asset=asset,
        )

    def _price(self, deal: Deal, units: Decimal, total: Decimal, fee: Decimal, sign: int) -> Decimal:
        """Return what one unit cost, so that units, price and costs make up the total."""
        stated = abs(self._number(deal.price))
        if not total:
            return stated
        gross = max(Decimal(), total - sign * fee)
        if not stated:
            return (gross / units).quantize(_STEP)
        for factor in (Decimal(1), Decimal(100), Decimal("0.01")):  # options by the share, bonds in percent
            if abs(units * stated * factor - gross) <= max(_CENTS, _SHARE * gross):
                return stated * factor
        self.postings.note(f"units, price and costs do not make up the total of {total}; the price is kept")
        return stated

    # --- records ---------------------------------------------------------------------------------------------------

    def _trade(self, deal: Deal, day: date, side: Side, *, outside: bool) -> Iterator[Record]:
        fee, total = abs(self._number(deal.commission)), abs(self._number(deal.total))
        sign = 1 if side is Side.BUY else -1
        units, price = abs(self._number(deal.units)), abs(self._number(deal.price))
        if not units and price and total:
            units = ((total - sign * fee) / price).quantize(_STEP)
        if units <= 0:
            self.postings.note(f"{deal.action[:40]!r} without a number of shares was left out")
            return
        price = self._price(deal, units, total, fee, sign)
        yield self._made(deal, day, side, units, price, fee)
        if outside:
            money = abs(self._number(deal.moved)) or total or units * price + sign * fee
            yield self._transaction(deal, day, sign * money, FlowClass.TRANSFER)

    def _cash(self, deal: Deal, day: date, action: str, *, outside: bool) -> Iterator[Record]:
        text = deal.total or deal.moved
        if not text:
            self.postings.note(f"{deal.action[:40]!r} without an amount was left out")
            return
        amount = self.postings.amount(text)
        kind = _INCOME.get(action) or _COSTS.get(action)
        if action in _COSTS:
            amount = -abs(amount)
        elif _MONEY.get(action):
            amount = abs(amount) * _MONEY[action]
        if kind is None and (action != "cash" or transfer_of(deal.category)) and action:
            kind = FlowClass.TRANSFER
        yield self._transaction(deal, day, amount, kind)
        if outside and kind is not FlowClass.TRANSFER:
            yield self._transaction(deal, day, -amount, FlowClass.TRANSFER)

    def _reinvested(self, deal: Deal, day: date, kind: FlowClass) -> Iterator[Record]:
        fee, total, units = (abs(self._number(text)) for text in (deal.commission, deal.total, deal.units))
        price = self._price(deal, units, total, fee, 1) if units else Decimal()
        amount = total or units * price + fee
        if amount:
            yield self._transaction(deal, day, amount, kind)
        if units:
            yield self._made(deal, day, Side.BUY, units, price, fee)
        else:
            self.postings.note(f"{deal.action[:40]!r} without a number of shares: only its income was kept")

    def _split(self, deal: Deal, day: date) -> Iterator[Record]:
        units = self._units(deal)
        if not units:
            return
        # The number stands for shares after the split for ten before it.
        ratio = Fraction(units) / 10
        code = self._code(deal)
        key = self.ids.name("split", self.postings.account, day, code, units)
        yield Event(
            type="split",
            key=f"{self.postings.account}:{key}"[:200],
            at=self._moment(day),
            data={
                "account": self.postings.account,
                "asset": code,
                "numerator": str(ratio.numerator),
                "denominator": str(ratio.denominator),
            },
        )


_ALL: Final = frozenset({*_TRADES, *_INCOME, *_COSTS, *_MONEY, *_REINVESTED})
