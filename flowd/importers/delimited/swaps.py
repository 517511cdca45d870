"""Trades out of the rows of an exchange's ledger: what was given, what was got and what it cost share a mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final

from flowd.api import FlowClass, Side, Trade, Transaction
from flowd.domain.shares import is_currency
from flowd.importers.delimited.dates import compile_date
from flowd.importers.tradeids import TradeIds

#: So many trades may be open at a time: the rows of one stand together, but not always side by side.
_OPEN: Final = 256
_PARTS: Final = 2_000
_STABLE: Final = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "DAI", "EURC", "USDE", "PYUSD")
_COINS: Final = ("BTC", "ETH", "BNB")
_FIAT: Final = (
    "USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "TRY", "BRL", "PLN", "KRW", "NZD", "SEK", "NOK", "DKK", "CZK",
    "HUF", "MXN", "ARS", "ZAR", "INR", "IDR", "THB", "SGD", "HKD", "UAH", "RUB", "COP", "NGN", "AED",
)  # fmt: skip
#: How Kraken calls what others call by three letters.
_KRAKEN: Final = ("ZUSD", "ZEUR", "ZGBP", "ZCAD", "ZJPY", "ZAUD", "XXBT", "XETH")
_ENDS: Final = (*_KRAKEN, *_STABLE, *_FIAT, *_COINS, "XBT")
_PLACES: Final = Decimal("1e-18")


def halves(pair: str) -> tuple[str, str] | None:
    """Return what is traded and what it is paid in, of a pair as exchanges write it; None if it cannot be told.

    >>> halves("XXBTZEUR"), halves("SOL/USDC"), halves("ADAUSDT"), halves("XX")
    (('XXBT', 'ZEUR'), ('SOL', 'USDC'), ('ADA', 'USDT'), None)
    """
    text = pair.strip().upper()
    for sign in "/-_ :":
        base, found, quote = text.partition(sign)
        if found:
            return (base, quote) if base and quote else None
    # Kraken's long names come in twos: XXBTZEUR is no XXBTZ in EUR.
    ends = [end for end in _ENDS if text.endswith(end) and len(text) > len(end) + 1]
    ends = [end for end in ends if end not in _KRAKEN or text[0] in "XZ" or end.startswith("Z")]
    best = max(ends, key=len, default=None)
    return (text[: -len(best)], best) if best is not None else None


@dataclass(slots=True, kw_only=True)
class _Group:
    """The rows of one mark."""

    at: datetime
    legs: list[tuple[Transaction, Decimal]] = field(default_factory=list)


def _rank(asset: str) -> int:
    """Return how likely `asset` is what others are paid in."""
    return 4 if is_currency(asset) else 3 if asset in _STABLE else 2 if asset == "BTC" else 1 if asset in _COINS else 0


class Swaps:
    """Gathers the sides of trades, and gives each trade once; what is no side of one passes through."""

    def __init__(self, formats: Sequence[str], note: Callable[[str], None]) -> None:
        self._open: dict[tuple[str, ...], _Group] = {}
        self._ids = TradeIds()
        self._note = note
        # A time without its zone is UTC, as on every exchange.
        self._moment = compile_date([form if "%z" in form else f"{form}%z" for form in formats])
        self.made = 0

    def take(
        self, record: Transaction, mark: tuple[str, ...], fee: Decimal | None, cell: str
    ) -> Iterator[Transaction | Trade]:
        """Take a row with its `mark`, the fee beside its amount, and the cell of its time; yield what is complete."""
        if record.kind not in (FlowClass.FX, FlowClass.FEE) or not all(mark) or record.pending:
            yield record
            return
        key = (record.account, *mark)
        group = self._open.get(key)
        if group is None:
            if len(self._open) >= _OPEN:
                first = next(iter(self._open))
                yield from self._close(first, self._open.pop(first))
            group = self._open[key] = _Group(at=self._at(record, cell))
        group.legs.append((record, fee or Decimal()))
        if len(group.legs) >= _PARTS:
            yield from self._close(key, self._open.pop(key))

    def rest(self) -> Iterator[Transaction | Trade]:
        """Yield what is still open at the file's end."""
        for key, group in self._open.items():
            yield from self._close(key, group)
        self._open = {}

    def _at(self, record: Transaction, cell: str) -> datetime:
        when = record.booked_at
        if isinstance(when, datetime):
            return when
        known = self._moment(cell.strip() + "Z") or self._moment(cell.strip())
        if isinstance(known, datetime):
            return known
        return datetime.combine(when, time(12), tzinfo=UTC)

    def _close(self, key: tuple[str, ...], group: _Group) -> Iterator[Transaction | Trade]:
        sums: dict[str, Decimal] = {}
        fees: dict[str, Decimal] = {}
        for record, fee in group.legs:
            if record.kind is FlowClass.FEE:
                fees[record.asset] = fees.get(record.asset, Decimal()) - record.amount
                continue
            # A row's amount is without its fee, which the trade says for itself.
            sums[record.asset] = sums.get(record.asset, Decimal()) + record.amount + fee
            if fee:
                fees[record.asset] = fees.get(record.asset, Decimal()) + fee
        got = [asset for asset, amount in sums.items() if amount > 0]
        gave = [asset for asset, amount in sums.items() if amount < 0]
        if len(got) != 1 or len(gave) != 1:
            if len(sums) > 1:
                self._note(f"{', '.join(sorted(sums))} at {group.at:%Y-%m-%d %H:%M:%S} are no two sides of one trade")
            yield from (record for record, _ in group.legs)
            return
        yield from self._trade(key, group, (gave[0], -sums[gave[0]]), (got[0], sums[got[0]]), fees)

    def _trade(
        self,
        key: tuple[str, ...],
        group: _Group,
        gave: tuple[str, Decimal],
        got: tuple[str, Decimal],
        fees: dict[str, Decimal],
    ) -> Iterator[Transaction | Trade]:
        buys = _rank(gave[0]) >= _rank(got[0])
        (base, quantity), (quote, cost) = (got, gave) if buys else (gave, got)
        with localcontext() as context:
            context.prec = 40
            price = _plain((cost / quantity).quantize(_PLACES, ROUND_HALF_EVEN))
        paid = {asset: fee for asset, fee in fees.items() if fee}
        of = quote if quote in paid else next(iter(paid), quote)
        account, day = group.legs[0][0].account, group.at
        mark = key[1] if len(key) == 2 else self._ids.name(account, day, base, quote, buys, quantity, price)
        self.made += 1
        yield Trade(
            account=account, external_id=mark[:200], at=day, base=base, quote=quote,
            side=Side.BUY if buys else Side.SELL, quantity=_plain(quantity), price=price, fee=paid.pop(of, Decimal()),
            fee_asset=of,
        )  # fmt: skip
        # A fee in a second asset has no place in the trade.
        for asset, fee in paid.items():
            first = group.legs[0][0]
            yield Transaction(
                account=account, external_id=f"{mark[:190]}:{asset[:9]}", booked_at=first.booked_at, amount=-fee,
                asset=asset, kind=FlowClass.FEE, description="fee of a trade",
            )  # fmt: skip


def _plain(value: Decimal) -> Decimal:
    """Return `value` without zeros at its end, and without an exponent."""
    bare = value.normalize()
    return bare.quantize(Decimal(1)) if isinstance(exponent := bare.as_tuple().exponent, int) and exponent > 0 else bare


def columns_of(row: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    """Return the cells that the sides of a trade share."""
    return tuple(row[place].strip() for place in places)
