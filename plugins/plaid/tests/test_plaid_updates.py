"""Updates over /transactions/sync: pages, changes while they are read, runs that end early, other Items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from flowd.api import Batch, Cursor, FlowClass, Removal, RetryLater, Transaction
from flowd.testing.harness import TICK, Harness, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply
from flowd_plaid import CONNECTOR

MUTATION = {
    "error_type": "TRANSACTIONS_ERROR",
    "error_code": "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION",
    "error_message": "Underlying transaction data changed since last page was fetched. Please restart pagination.",
}
STRANGE = {
    "error_type": "INVALID_REQUEST",
    "error_code": "INVALID_FIELD",
    "error_message": "cursor not associated with access_token",
}


class Bank:
    """An institution behind Plaid: what happened, in order, and what each cursor has seen of it.

    A cursor is `seen@end`: the pages of an update hold what happened up to its `end`, net of what was undone within.
    """

    def __init__(self) -> None:
        self.happened: list[tuple[str, dict[str, Any]]] = []
        self.per_page = 2
        #: Before which of the next requests something happens: number of the request → what to call.
        self.meanwhile: dict[int, Any] = {}
        self.requests = 0
        self.cursors: list[str] = []

    def add(self, id: str, amount: Any = 10, day: str = "2026-02-01", **more: Any) -> None:  # noqa: A002 - Plaid's name
        self.happened.append(("added", row(id, amount, day, **more)))

    def modify(self, id: str, amount: Any, day: str = "2026-02-01", **more: Any) -> None:  # noqa: A002
        self.happened.append(("modified", row(id, amount, day, **more)))

    def remove(self, id: str) -> None:  # noqa: A002
        self.happened.append(("removed", {"account_id": "checking", "transaction_id": id}))

    def answer(self, asked: Asked) -> Reply:
        self.requests += 1
        body = asked.json()
        cursor = body.get("cursor", "")
        assert cursor or "cursor" not in body
        self.cursors.append(cursor)
        if (happens := self.meanwhile.pop(self.requests, None)) is not None:
            happens()
        if cursor.startswith("other"):
            return Reply(status=400, body=STRANGE)
        done, page, end = (int(part) for part in cursor.split(".")) if cursor else (0, 0, len(self.happened))
        if page and end != len(self.happened):
            return Reply(status=400, body=MUTATION)
        end = len(self.happened)
        changes = self.net(done, end)
        mine = changes[page * self.per_page : (page + 1) * self.per_page]
        more = len(changes) > (page + 1) * self.per_page
        answer: dict[str, Any] = {
            "accounts": [account("checking")],
            "added": [],
            "modified": [],
            "removed": [],
            "next_cursor": f"{done}.{page + 1}.{end}" if more else f"{end}.0.{end}",
            "has_more": more,
        }
        for kind, item in mine:
            answer[kind].append(item)
        return Reply(body=answer)

    def net(self, since: int, until: int) -> list[tuple[str, dict[str, Any]]]:
        """Return what somebody who has seen `since` has to be told: nothing of what came and went meanwhile."""
        before: set[str] = set()
        for kind, item in self.happened[:since]:
            (before.discard if kind == "removed" else before.add)(item["transaction_id"])
        told: dict[str, tuple[str, dict[str, Any]]] = {}
        for kind, item in self.happened[since:until]:
            id = item["transaction_id"]  # noqa: A001
            if kind == "removed" and id not in before:
                told.pop(id, None)
            elif kind == "modified" and id not in before:
                told[id] = ("added", item)
            else:
                told[id] = (kind, item)
        return list(told.values())

    def now(self) -> dict[str, Decimal]:
        """Return what is true now: amounts with flowd's sign."""
        true: dict[str, Decimal] = {}
        for kind, item in self.happened:
            true.pop(item["transaction_id"], None)
            if kind != "removed":
                true[item["transaction_id"]] = -Decimal(str(item["amount"]))
        return true


def account(id: str, **more: Any) -> dict[str, Any]:  # noqa: A002
    balances = {"current": 1, "available": 1, "iso_currency_code": "USD", "unofficial_currency_code": None}
    return {"account_id": id, "name": id, "type": "depository", "subtype": "checking", "balances": balances, **more}


def row(id: str, amount: Any, day: str, **more: Any) -> dict[str, Any]:  # noqa: A002
    return {
        "transaction_id": id,
        "account_id": "checking",
        "amount": amount,
        "date": day,
        "iso_currency_code": "USD",
        "unofficial_currency_code": None,
        "pending": False,
        "pending_transaction_id": None,
        "name": id,
        **more,
    }


@pytest.fixture
def bank() -> Bank:
    return Bank()


@pytest.fixture
def plaid(bank: Bank) -> Iterator[Replay]:
    with Replay() as replay:
        replay.on("POST", "/transactions/sync", bank.answer)
        yield replay


def harness(plaid: Replay, item: str = "item", **config: object) -> Harness:
    keys = {"client_id": "id", "secret": "s3cret", "url": plaid.url}
    return Harness(CONNECTOR, {**keys, **config}, tokens=MemoryTokens({"access_token": "access", "item_id": item}))


def kept(*runs: Ran) -> dict[str, Decimal]:
    """Return what the store counts after some runs."""
    counted: dict[str, Decimal] = {}
    for ran in runs:
        for record in ran.records:
            if isinstance(record, Removal):
                counted.pop(record.external_id, None)
            elif isinstance(record, Transaction):
                counted[str(record.external_id)] = record.amount
    return counted


def test_pages_of_an_update_land_together_and_the_next_update_begins_after_it(bank: Bank, plaid: Replay) -> None:
    for number in range(5):
        bank.add(f"t{number}", number)
    first = harness(plaid).sync("transactions")
    assert (len(first.batches), bank.cursors) == (1, ["", "0.1.5", "0.2.5"])
    assert kept(first) == bank.now()
    bank.modify("t1", 7)
    bank.remove("t2")
    bank.add("t5", -3)
    second = harness(plaid).sync("transactions", first.cursor)
    assert [type(one).__name__ for one in second.records[1:]] == ["Transaction", "Removal", "Transaction"]
    assert kept(first, second) == bank.now()
    assert kept(first, second, harness(plaid).sync("transactions", second.cursor)) == bank.now()


def test_a_pending_payment_that_is_booked_counts_once(bank: Bank, plaid: Replay) -> None:
    bank.add("p", 10, pending=True)
    first = harness(plaid).sync("transactions")
    assert [one.pending for one in first.of(Transaction)] == [True]
    bank.remove("p")
    bank.add("b", 12, pending_transaction_id="p")
    second = harness(plaid).sync("transactions", first.cursor)
    assert kept(first, second) == {"b": Decimal(-12)}


def test_the_booked_one_takes_its_pending_one_back_where_plaid_forgets_to(bank: Bank, plaid: Replay) -> None:
    bank.add("p", 10, pending=True)
    first = harness(plaid).sync("transactions")
    bank.add("b", 12, pending_transaction_id="p")
    second = harness(plaid).sync("transactions", first.cursor)
    assert kept(first, second) == {"b": Decimal(-12)}


def test_what_changes_while_pages_are_read_begins_the_update_again(bank: Bank, plaid: Replay) -> None:
    bank.add("old", 1)
    first = harness(plaid).sync("transactions")
    for number in range(4):
        bank.add(f"t{number}", number + 1, pending=number == 0)

    def booked() -> None:
        bank.remove("t0")
        bank.add("t0-booked", 1, pending_transaction_id="t0")

    bank.meanwhile = {3: booked}
    second = harness(plaid).sync("transactions", first.cursor)
    assert second.error is None
    assert bank.cursors == ["", "1.0.1", "1.1.5", "1.0.1", "1.1.7"]
    assert len(second.batches) == 1
    assert kept(first, second) == bank.now()
    assert "t0" not in kept(first, second)


def test_an_institution_that_never_rests_is_tried_later_and_nothing_lands(bank: Bank, plaid: Replay) -> None:
    for number in range(4):
        bank.add(f"t{number}")
    bank.meanwhile = {number: lambda: bank.add(f"more{bank.requests}") for number in range(2, 40, 2)}
    ran = harness(plaid).sync("transactions")
    assert isinstance(ran.error, RetryLater)
    assert "TRANSACTIONS_SYNC_MUTATION" in str(ran.error)
    assert ran.error.after == timedelta(minutes=1)
    assert ran.batches == []
    assert bank.requests == 8


def short(plaid: Replay, cursor: Cursor | None) -> Ran:
    """Run with the time of a few pages only: what is there is kept, with the cursor."""
    own = harness(plaid)
    done: list[Batch] = []
    with own.context(TICK, time_left=lambda: timedelta(seconds=1)) as (ctx, _, _):
        done.extend(own.connector.sync("transactions", cursor, ctx))
    return Ran(batches=done, cursor=done[-1].cursor)


def test_a_run_whose_time_is_over_keeps_its_pages_and_the_next_one_goes_on(bank: Bank, plaid: Replay) -> None:
    for number in range(6):
        bank.add(f"t{number}", number + 1, pending=number == 1)
    runs = [short(plaid, None)]
    assert kept(*runs) == {"t0": Decimal(-1), "t1": Decimal(-2)}
    runs.append(short(plaid, runs[-1].cursor))
    runs.append(harness(plaid).sync("transactions", runs[-1].cursor))
    assert bank.cursors == ["", "0.1.6", "0.2.6"]
    assert kept(*runs) == bank.now()
    assert runs[-1].cursor is not None
    assert isinstance(runs[-1].cursor.data, dict)
    assert set(runs[-1].cursor.data) == {"item", "at", "newest"}


@pytest.mark.parametrize("again", [False, True], ids=["read at once", "again in parts"])
def test_what_a_run_kept_of_an_update_is_taken_back_if_it_did_not_last(bank: Bank, plaid: Replay, again: bool) -> None:
    bank.add("stays", 5)
    bank.add("p", 10, pending=True)
    bank.add("q", 11, pending=True)
    bank.add("last", 1)
    runs = [short(plaid, None)]
    assert kept(*runs) == {"stays": Decimal(-5), "p": Decimal(-10)}
    # Before the second page: nobody who begins anew is told that there ever was a "p".
    bank.remove("p")
    bank.add("p-booked", 12)
    bank.add("more", 3)
    if again:
        runs.append(short(plaid, runs[-1].cursor))
        assert kept(*runs) == {"stays": Decimal(-5), "p": Decimal(-10), "q": Decimal(-11)}
    runs.append(harness(plaid).sync("transactions", runs[-1].cursor))
    assert kept(*runs) == bank.now()


def test_a_new_item_is_read_from_where_the_old_one_ended(bank: Bank, plaid: Replay) -> None:
    bank.add("a", 1, "2026-01-10")
    bank.add("b", 2, "2026-01-12", pending=True)
    first = harness(plaid).sync("transactions")
    anew = Bank()
    anew.add("other-a", 1, "2026-01-10")
    anew.add("other-c", 3, "2026-01-11")
    plaid.on("POST", "/transactions/sync", anew.answer)
    second = harness(plaid, item="another").sync("transactions", first.cursor)
    assert [one.external_id for one in second.of(Transaction)] == ["other-c"]
    assert any("another Plaid Item" in line for line in second.log)
    anew.modify("other-a", 2, "2026-01-10")
    third = harness(plaid, item="another").sync("transactions", second.cursor)
    assert third.of(Transaction) == []


def test_a_cursor_that_plaid_does_not_know_is_given_up(bank: Bank, plaid: Replay) -> None:
    bank.add("a", 1)
    ran = harness(plaid, access_token="access").sync("transactions", Cursor(data={"at": "other"}))
    assert ran.error is None
    assert bank.cursors == ["other", ""]
    assert kept(ran) == bank.now()
    assert any("does not know the cursor" in line for line in ran.log)


def test_nothing_before_since_is_kept_and_history_back_to_it_is_asked_for(bank: Bank, plaid: Replay) -> None:
    bank.add("before", 1, "2025-12-31")
    bank.add("on", 2, "2026-01-01")
    ran = harness(plaid, since="2026-01-01").sync("transactions")
    assert [one.booked_at for one in ran.of(Transaction)] == [date(2026, 1, 1)]
    assert plaid.asked[0].json()["options"]["days_requested"] == 60
    harness(plaid).sync("transactions")
    assert plaid.asked[1].json()["options"]["days_requested"] == 730


def test_an_earlier_since_is_filled_in_once(bank: Bank, plaid: Replay) -> None:
    bank.add("old", 1, "2025-12-31")
    bank.add("gone", 2, "2026-01-02")
    first = harness(plaid, since="2026-01-01").sync("transactions")
    assert set(kept(first)) == {"gone"}
    bank.happened.append(("removed", {"transaction_id": "gone", "account_id": "checking"}))
    bank.add("new", 3, "2026-01-03")
    second = harness(plaid, since="2025-06-01").sync("transactions", first.cursor)
    # What was removed is told to the place that was reached, and to nobody else: it comes first.
    assert kept(first, second) == bank.now()
    third = harness(plaid, since="2025-06-01").sync("transactions", second.cursor)
    assert harness(plaid, since="2026-01-01").sync("transactions", third.cursor).of(Transaction) == []
    assert bank.cursors[3:] == [bank.cursors[3]] * 2 != ["", ""]
    assert set(kept(harness(plaid).sync("transactions", third.cursor))) == {"old", "new"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"next_cursor": ""}, "not fetched"),
        ({"has_more": True, "next_cursor": "same"}, "there is more, here"),
        ({"has_more": None}, "has_more is not true or false"),
        ({"next_cursor": None}, "next_cursor is not a text"),
        ({"added": {"a": 1}}, "added is not a list"),
        ({"removed": [{"transaction_id": "x"}]}, r"removed\[0\].*account_id"),
        ({"added": [row("a", True, "2026-01-01")]}, r"added\[0\].*amount is not a number"),
        ({"added": [row("a", "1.00", "2026-01-01")]}, "amount is not a number"),
        ({"added": [row("a", 10**31, "2026-01-01")]}, "absurdly large"),
        ({"added": [row("a", 1, "01/02/2026")]}, "date is not a day"),
        ({"added": [row("x" * 300, 1, "2026-01-01")]}, "longer than"),
        ({"accounts": [], "added": [row("a", 1, "2026-01-01", iso_currency_code=None)]}, "no currency"),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_lands(plaid: Replay, change: Mapping[str, Any], says: str) -> None:
    whole = {"accounts": [account("checking")], "added": [], "modified": [], "removed": [], "has_more": False}
    plaid.on("POST", "/transactions/sync", Reply(body={**whole, "next_cursor": "same", **change}))
    ran = harness(plaid).sync("transactions", Cursor(data={"at": "same"}))
    assert isinstance(ran.error, RetryLater)
    with pytest.raises(RetryLater, match=says):
        raise ran.error
    assert ran.batches == []


@pytest.mark.parametrize(
    ("detailed", "amount", "kind"),
    [
        ("INCOME_WAGES", -1, FlowClass.SALARY),
        ("INCOME_SALARY", -1, FlowClass.SALARY),
        ("INCOME_GIG_ECONOMY", -1, FlowClass.PAYOUT),
        ("INCOME_DIVIDENDS", -1, FlowClass.DIVIDEND),
        ("INCOME_INTEREST_EARNED", -1, FlowClass.INTEREST),
        ("INCOME_WAGES", 1, FlowClass.SALARY),  # taken back: stays negative income
        ("INCOME_TAX_REFUND", -1, FlowClass.REFUND),
        ("INCOME_OTHER_INCOME", -1, None),
        ("TRANSFER_IN_ACCOUNT_TRANSFER", -1, FlowClass.TRANSFER),
        ("TRANSFER_OUT_SAVINGS", 1, FlowClass.TRANSFER),
        ("TRANSFER_IN_DEPOSIT", -1, None),
        ("TRANSFER_IN_CASH_ADVANCES_AND_LOANS", -1, FlowClass.LOAN),
        ("LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", 1, FlowClass.TRANSFER),
        ("LOAN_PAYMENTS_MORTGAGE_PAYMENT", 1, FlowClass.LOAN),
        ("LOAN_DISBURSEMENTS_AUTO", -1, FlowClass.LOAN),
        ("BANK_FEES_OVERDRAFT_FEES", 1, FlowClass.FEE),
        ("BANK_FEES_OVERDRAFT_FEES", -1, FlowClass.REFUND),
        ("FOOD_AND_DRINK_COFFEE", 1, None),
    ],
)
@pytest.mark.parametrize("sure", ["VERY_HIGH", "LOW"])
def test_categories_say_what_it_is_where_plaid_is_sure(
    bank: Bank, plaid: Replay, detailed: str, amount: int, kind: FlowClass | None, sure: str
) -> None:
    words = detailed.split("_")
    primary = words[0] if words[0] == "INCOME" else "_".join(words[: 3 if words[1] == "AND" else 2])
    category = {"primary": primary, "detailed": detailed, "confidence_level": sure}
    bank.add("a", amount, personal_finance_category=category)
    (found,) = harness(plaid).sync("transactions").of(Transaction)
    assert found.kind is (kind if sure == "VERY_HIGH" else None)
    assert found.amount == -amount


def test_what_pays_a_loan_or_a_card_off_is_no_income(bank: Bank, plaid: Replay) -> None:
    wages = {"primary": "INCOME", "detailed": "INCOME_WAGES", "confidence_level": "VERY_HIGH"}
    bank.add("loan", -100, account_id="loan")
    bank.add("card", -100, account_id="card", personal_finance_category=wages)
    listed = [account("loan", type="loan", subtype="student"), account("card", type="credit", subtype="credit card")]

    def answer(asked: Asked) -> Reply:
        reply = bank.answer(asked)
        return Reply(body={**dict(reply.body), "accounts": listed})  # type: ignore[call-overload]

    plaid.on("POST", "/transactions/sync", answer)
    loan, card = harness(plaid).sync("transactions").of(Transaction)
    assert (loan.kind, card.kind) == (FlowClass.LOAN, None)


def test_odd_texts_and_currencies_are_kept(bank: Bank, plaid: Replay) -> None:
    bank.add("🦊", 1e-18, name="Café\x00 🦊 \ud800 " + "x" * 5000, merchant_name=" two\n lines ")
    bank.add("points", 5, iso_currency_code=None, unofficial_currency_code="miles & more")
    bank.add("none", 5, iso_currency_code=None)
    fox, points, none = harness(plaid).sync("transactions").of(Transaction)
    assert fox.amount == Decimal("-1E-18")
    assert (fox.counterparty, len(fox.description)) == ("two lines", 1000)
    assert fox.description.startswith("Café 🦊 ? xxx")
    assert (points.asset, none.asset) == ("MILES---MORE", "USD")
