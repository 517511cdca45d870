"""Entries of investment accounts: what each becomes, and how they are read window by window."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import AccountInfo, Cursor, FlowClass, PartlyRead, Record, RetryLater, Side, Trade, Transaction
from flowd.testing.harness import Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_plaid import CONNECTOR

BROKER: dict[str, Any] = {
    "account_id": "b",
    "name": "Broker",
    "type": "investment",
    "subtype": "brokerage",
    "balances": {"current": 0, "available": None, "iso_currency_code": "USD", "unofficial_currency_code": None},
}
SECURITIES = [
    {"security_id": "fund", "ticker_symbol": "VTI", "type": "etf", "iso_currency_code": "USD"},
    {"security_id": "cash", "ticker_symbol": "CUR:USD", "type": "cash", "iso_currency_code": "USD"},
]


def stated(kind: str, subtype: str, amount: object, quantity: object = 0, **more: Any) -> dict[str, Any]:
    return {
        "investment_transaction_id": f"{kind} {subtype} {amount}",
        "account_id": "b",
        "security_id": "fund",
        "date": "2026-02-20",
        "name": "as the broker says",
        "quantity": quantity,
        "amount": amount,
        "price": 0,
        "fees": 0,
        "type": kind,
        "subtype": subtype,
        "iso_currency_code": "USD",
        **more,
    }


@pytest.fixture
def plaid() -> Iterator[Replay]:
    with Replay() as replay:
        replay.on("POST", "/investments/holdings/get", Reply(body={"accounts": [BROKER], "holdings": []}))
        yield replay


def read(plaid: Replay, cursor: Cursor | None = None, *, since: str = "2026-02-10") -> Ran:
    keys = {"client_id": "id", "secret": "s3cret", "url": plaid.url, "products": ["investments"], "since": since}
    tokens = MemoryTokens({"access_token": "access", "item_id": "item"})
    return Harness(CONNECTOR, keys, tokens=tokens).sync("investments", cursor)


def give(*items: dict[str, Any]) -> Reply:
    listed = {"investment_transactions": items, "total_investment_transactions": len(items)}
    return Reply(body={"accounts": [BROKER], "securities": SECURITIES, **listed})


@pytest.mark.parametrize(
    ("item", "amount", "asset", "kind"),
    [
        (stated("cash", "dividend", -8.5), "8.5", "USD", FlowClass.DIVIDEND),
        (stated("cash", "long-term capital gain", -3), "3", "USD", FlowClass.DIVIDEND),
        (stated("cash", "interest", -1), "1", "USD", FlowClass.INTEREST),
        (stated("cash", "interest", 1), "-1", "USD", FlowClass.INTEREST),
        (stated("cash", "deposit", -100, security_id=None), "100", "USD", FlowClass.DEPOSIT),
        (stated("cash", "contribution", -100), "100", "USD", FlowClass.DEPOSIT),
        (stated("cash", "withdrawal", 100), "-100", "USD", FlowClass.WITHDRAWAL),
        (stated("cash", "transfer", 50, security_id="cash", quantity=-50), "-50", "USD", FlowClass.WITHDRAWAL),
        (stated("cash", "tax withheld", 2), "-2", "USD", FlowClass.EXPENSE),
        (stated("fee", "management fee", 5), "-5", "USD", FlowClass.FEE),
        (stated("fee", "non-resident tax", 5), "-5", "USD", FlowClass.EXPENSE),
        (stated("fee", "management fee", -5), "5", "USD", FlowClass.REFUND),
        (stated("cash", "margin expense", 5), "-5", "USD", FlowClass.FEE),
        (stated("cash", "return of principal", -40), "40", "USD", FlowClass.FX),
        (stated("transfer", "merger", -40, 3), "40", "USD", FlowClass.FX),
        (stated("transfer", "transfer", -400, 3), "3", "SEC:VTI", FlowClass.DEPOSIT),
        (stated("transfer", "send", 0, -3), "-3", "SEC:VTI", FlowClass.WITHDRAWAL),
        (stated("buy", "buy", 40, 40, security_id="cash"), "-40", "USD", FlowClass.FX),
    ],
    ids=lambda value: value["investment_transaction_id"] if isinstance(value, dict) else "",
)
def test_what_an_entry_is(plaid: Replay, item: dict[str, Any], amount: str, asset: str, kind: FlowClass) -> None:
    plaid.on("POST", "/investments/transactions/get", give(item))
    ran = read(plaid)
    assert ran.error is None
    (found,) = ran.of(Transaction)
    assert (found.amount, found.asset, found.kind) == (Decimal(amount), asset, kind)


@pytest.mark.parametrize(
    "item",
    [
        stated("cash", "pending credit", -5),
        stated("cancel", "cancel", -5),
        stated("transfer", "split", 0, 10),
        stated("transfer", "stock distribution", 0, 1),
    ],
    ids=lambda item: item["subtype"],
)
def test_what_moves_nothing_or_is_not_booked_is_left_out(plaid: Replay, item: dict[str, Any]) -> None:
    plaid.on("POST", "/investments/transactions/get", give(item))
    ran = read(plaid)
    assert (ran.error, ran.of(Transaction), ran.of(Trade)) == (None, [], [])


def test_trades_have_a_price_of_their_own_or_that_of_their_amount(plaid: Replay) -> None:
    sold = stated("sell", "sell short", -300, -2, fees=None)
    bought = stated("buy", "dividend reinvestment", 10, 4, price=2.5, fees=0.25)
    plaid.on("POST", "/investments/transactions/get", give(sold, bought))
    sell, buy = read(plaid).of(Trade)
    assert (sell.side, sell.quantity, sell.price, sell.fee) == (Side.SELL, Decimal(2), Decimal(150), Decimal(0))
    assert (buy.side, buy.quantity, buy.price, buy.fee) == (Side.BUY, Decimal(4), Decimal("2.5"), Decimal("0.25"))


class Book:
    """Entries by day, given by offset as Plaid does, the newest first; more may come in while they are read."""

    def __init__(self, count: int) -> None:
        self.items = [stated("cash", "interest", -number - 1) for number in range(count)]
        self.pages = 2
        self.late: dict[int, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, int]] = []

    def answer(self, asked: Asked) -> Reply:
        body = asked.json()
        offset = body["options"]["offset"]
        self.asked.append((body["start_date"], body["end_date"], offset))
        if (late := self.late.pop(len(self.asked), None)) is not None:
            self.items.insert(0, late)
        mine = [one for one in self.items if body["start_date"] <= one["date"] <= body["end_date"]]
        reply = give(*mine[offset : offset + self.pages])
        return Reply(body={**dict(reply.body), "total_investment_transactions": len(mine)})  # type: ignore[call-overload]


def ids(records: list[Record]) -> list[str]:
    return sorted(str(one.external_id) for one in records if isinstance(one, Transaction))


def test_entries_that_come_in_while_pages_are_read_are_not_missed(plaid: Replay) -> None:
    book = Book(5)
    book.late = {2: stated("cash", "dividend", -77)}
    plaid.on("POST", "/investments/transactions/get", book.answer)
    ran = read(plaid)
    assert ran.error is None
    assert ids(ran.records) == sorted(str(one["investment_transaction_id"]) for one in book.items)
    assert [offset for _, _, offset in book.asked] == [0, 2, 0, 2, 4]
    book.late = {number: stated("cash", "dividend", -number) for number in range(1, 60)}
    ran = read(plaid)
    assert isinstance(ran.error, PartlyRead)
    assert "changed while they were read" in str(ran.error)


def test_windows_join_and_the_last_two_weeks_are_read_again(plaid: Replay) -> None:
    book = Book(1)
    plaid.on("POST", "/investments/transactions/get", book.answer)
    ran = read(plaid, since="2025-12-01")
    assert book.asked == [("2025-12-01", "2026-01-30", 0), ("2026-01-30", "2026-03-02", 0)]
    assert ran.cursor == Cursor(data={"until": "2026-03-02", "since": "2025-12-01"})
    again = read(plaid, ran.cursor, since="2025-12-01")
    assert book.asked[2:] == [("2026-02-16", "2026-03-02", 0)]
    assert ids(again.records) == ids(ran.records)
    assert {one.name for one in again.of(AccountInfo)} == {"Broker"}


def test_an_earlier_since_is_filled_in_once(plaid: Replay) -> None:
    book = Book(1)
    plaid.on("POST", "/investments/transactions/get", book.answer)
    ran = read(plaid)
    assert [first for first, _, _ in book.asked] == ["2026-02-10"]
    earlier = read(plaid, ran.cursor, since="2025-12-01")
    assert [first for first, _, _ in book.asked[1:]] == ["2025-12-01", "2026-01-30"]
    again = read(plaid, earlier.cursor, since="2025-12-01")
    later = read(plaid, again.cursor, since="2026-02-10")
    assert [first for first, _, _ in book.asked[3:]] == ["2026-02-16", "2026-02-16"]
    assert later.cursor == earlier.cursor


def test_a_page_that_repeats_or_is_empty_ends_it(plaid: Replay) -> None:
    item = stated("cash", "interest", -1)
    for items in ([item], []):
        listed = {"investment_transactions": items, "total_investment_transactions": 9}
        plaid.on("POST", "/investments/transactions/get", Reply(body={"accounts": [BROKER], **listed}))
        ran = read(plaid)
        assert ran.error is None
        assert len(ran.of(Transaction)) == len(items)
        assert any("Plaid speaks of 9" in line for line in ran.log)


def test_an_entry_that_is_not_understood_is_named(plaid: Replay) -> None:
    plaid.on("POST", "/investments/holdings/get", Reply(status=503))
    plaid.on("POST", "/investments/transactions/get", give(stated("cash", "interest", None)))
    ran = read(plaid)
    assert type(ran.error) is RetryLater
    plaid.on("POST", "/investments/holdings/get", Reply(body={"accounts": [BROKER], "holdings": []}))
    ran = read(plaid)
    assert isinstance(ran.error, PartlyRead)
    assert "investment_transactions[0] is not understood: amount is not a number" in str(ran.error)
