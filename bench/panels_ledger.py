"""The books of the household the dashboards are measured with: transfers, statements with gaps, coins traded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from flowd.api import AccountInfo, AccountKind, Balance, FlowClass, Record, Side, Trade, Transaction

#: Coins that are traded, each every few days for years.
ASSETS: Final = tuple(f"COIN{chr(65 + number)}" for number in range(20))
#: Currencies of trips: what is spent there has to be priced day by day.
_ABROAD: Final = ("USD", "USD", "CHF")
_TRADED_EVERY: Final = 3
#: Of so many months each the statement says something else than its bookings do.
_UNEXPLAINED_EVERY: Final = 4
_NOON: Final = time(12, tzinfo=UTC)


def shop_name(number: int) -> str:
    """Return a name of letters alone: digits do not tell one payee from another."""
    return f"Shop {chr(97 + number // 26)}{chr(97 + number % 26)}"


def savings(since: date, until: date) -> Iterator[tuple[str, Record]]:
    """Yield what moves between the bank and savings elsewhere every week, what is not seen to come, and statements."""
    yield "savings", AccountInfo(account="pot", name="Savings pot", kind=AccountKind.BANK, asset="EUR")
    held, extra = Decimal(0), Decimal(0)
    for week, number in enumerate(range(0, (until - since).days, 7)):
        day, amount = since + timedelta(days=number), Decimal(100 + week % 37)
        yield "bank", _moved("giro", f"out {week}", day, -amount)
        # every tenth was sent elsewhere, and every ninth arrives with something kept on the way
        if week % 10:
            arrived = amount - (Decimal("1.5") if week % 9 == 0 else 0)
            held += arrived
            yield "savings", _moved("pot", f"in {week}", day + timedelta(days=week % 3), arrived)
        if week % 4 == 3:
            extra += Decimal(25) if week % (4 * _UNEXPLAINED_EVERY) == 3 else Decimal(0)
            yield "savings", Balance(account="pot", asset="EUR", day=day + timedelta(days=3), amount=held + extra)


def trips(since: date, until: date) -> Iterator[Record]:
    """Yield what a card is used for, at home and abroad, and what its statements say is owed, not all explained."""
    yield AccountInfo(account="card", name="Card", kind=AccountKind.CARD, asset="EUR")
    random, owed, extra = Random(11), Decimal(0), Decimal(0)
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        amount, asset = Decimal(random.randrange(500, 9000)).scaleb(-2), "EUR"
        if number % 5 == 0:
            asset = _ABROAD[number % 3]
        else:
            owed -= amount
        yield Transaction(
            account="card",
            external_id=f"spent {number}",
            booked_at=day,
            amount=-amount,
            asset=asset,
            kind=FlowClass.EXPENSE,
            counterparty=shop_name(random.randrange(200)),
        )
        if day.day == 28:
            extra -= Decimal(40) if day.month % _UNEXPLAINED_EVERY == 0 else Decimal(0)
            yield Balance(account="card", asset="EUR", day=day, amount=owed + extra)


def trades(since: date, until: date) -> Iterator[Record]:
    """Yield purchases and sales of every coin: two of three are purchases, and each sale closes what came first."""
    yield AccountInfo(account="spot", name="Coins", kind=AccountKind.WALLET_SPOT)
    for place, asset in enumerate(ASSETS):
        for number in range(place % _TRADED_EVERY, (until - since).days, _TRADED_EVERY):
            sold = number // _TRADED_EVERY % 3 == 2
            yield Trade(
                account="spot",
                external_id=f"{asset} {number}",
                at=datetime.combine(since + timedelta(days=number), _NOON) + timedelta(minutes=place),
                base=asset,
                quote="USD" if place % 2 else "EUR",
                side=Side.SELL if sold else Side.BUY,
                quantity=Decimal("1.5") if sold else Decimal(1),
                price=Decimal(100 + place) + Decimal(number % 50),
                fee=Decimal("0.1"),
                fee_asset="EUR",
            )


def _moved(account: str, key: str, day: date, amount: Decimal) -> Transaction:
    return Transaction(
        account=account,
        external_id=key,
        booked_at=day,
        amount=amount,
        asset="EUR",
        kind=FlowClass.TRANSFER,
        description="to my savings",
    )
