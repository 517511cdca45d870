# ruff: noqa: E501 - a dialect is shown in one line
"""QIF in the dialects of several programs: dates, amounts, accounts, splits, transfers and opening balances."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Balance, FileRefused, FlowClass, Hints, Transaction
from flowd.importers.qif.days import DateVotes, Order, date_reader
from flowd.importers.qif.importer import QifImporter

from .ofx_files import only, read

QIF = QifImporter()
EURO = Hints(account="main", asset="EUR")
DOLLAR = Hints(account="main", asset="USD")
D = Decimal


def record(day: str, amount: str, more: str = "PShop\n") -> str:
    return f"D{day}\nT{amount}\n{more}^\n"


def facts(data: str | bytes, hints: Hints = EURO) -> list[tuple[object, ...]]:
    return [(one.booked_at, one.amount, one.counterparty) for one in only(Transaction, read(QIF, data, hints)[0])]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param("!Type:Bank\n" + record("6/17/97", "2,345.00") + record("12/31/97", "-5.00"),
                     [(date(1997, 6, 17), "2345.00"), (date(1997, 12, 31), "-5.00")], id="Quicken of before 2000"),
        pytest.param("!Type:Bank \n" + record("2/14'2020", "67.50") + record("1/ 2'07", "-15.00"),
                     [(date(2020, 2, 14), "67.50"), (date(2007, 1, 2), "-15.00")], id="Quicken with apostrophes"),
        pytest.param("!type:bank\n" + record("17/ 6'04", "1.00") + record("6/ 3'04", "-2.00"),
                     [(date(2004, 6, 17), "1.00"), (date(2004, 3, 6), "-2.00")], id="Quicken of Britain"),
        pytest.param("!Type:Bank\n" + record("31.1.2007", "1.234,56") + record("01.02.2007", "-7,00"),
                     [(date(2007, 1, 31), "1234.56"), (date(2007, 2, 1), "-7.00")], id="German"),
        pytest.param("!Type:Bank\n" + record("25/12/95", "1 234,56") + record("01/02/96", "-7,5"),
                     [(date(1995, 12, 25), "1234.56"), (date(1996, 2, 1), "-7.5")], id="French with spaces"),
        pytest.param("!Type:CCard\n" + record("2022-09-23", "-184.8") + record("2022-09-08", "-13.16"),
                     [(date(2022, 9, 23), "-184.8"), (date(2022, 9, 8), "-13.16")], id="ISO dates"),
        pytest.param("!Type:Cash\n" + record("20220923", "-1") + record("20220908", "-2"),
                     [(date(2022, 9, 23), "-1"), (date(2022, 9, 8), "-2")], id="dates without signs"),
        pytest.param("!Type:Bank\n" + record("23-Sep-2022", "-1.00") + record("Sep 8, 2022", "-2.00"),
                     [(date(2022, 9, 23), "-1.00"), (date(2022, 9, 8), "-2.00")], id="months by name"),
        pytest.param("!Type:Bank\n" + record("12/31/99", "-1.00") + record("1/ 1/100", "-2.00"),
                     [(date(1999, 12, 31), "-1.00"), (date(2000, 1, 1), "-2.00")], id="the year 100"),
        pytest.param("!Type:Bank\r\n" + record("1/31/20", "-1.00").replace("\n", "\r\n"), [(date(2020, 1, 31), "-1.00")], id="CR LF"),
        pytest.param("!Type:Bank\r" + record("1/31/20", "-1.00").replace("\n", "\r"), [(date(2020, 1, 31), "-1.00")], id="CR"),
        pytest.param("# made by hand\n\n!Type:Bank\n\n" + record("1/31/20", "-1.00"), [(date(2020, 1, 31), "-1.00")], id="comments"),
        pytest.param("!Type:Bank\n" + record("1/31/20", "-1.00").replace("^", "^^"), [(date(2020, 1, 31), "-1.00")], id="two ends"),
        pytest.param("!Type:Banque\n" + record("31/01/20", "-1.00"), [(date(2020, 1, 31), "-1.00")], id="a French header"),
        pytest.param("!Option:DMY\n!Type:Bank\n" + record("01/02/20", "-1.00"), [(date(2020, 2, 1), "-1.00")], id="declared"),
        pytest.param(record("1/31/20", "-1.00"), [(date(2020, 1, 31), "-1.00")], id="no header"),
        pytest.param("!Type:Bank\nD1/31/20\nU-1.00\nPShop\n^\n", [(date(2020, 1, 31), "-1.00")], id="U only"),
        pytest.param("!Type:Bank\n" + record("96/12/31", "-1.00"), [(date(1996, 12, 31), "-1.00")], id="year first"),
    ],
)  # fmt: skip
def test_dialects(data: str, expected: list[tuple[date, str]]) -> None:
    assert facts(data) == [(day, D(amount), "Shop") for day, amount in expected]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16", "utf-8-sig"])
def test_letters(encoding: str) -> None:
    text = "!Type:Bank\n" + record("1/31/20", "-1.00", "PIntermarché\nMDéjeuner à Évry\nLLoisirs:Cinéma-Théâtre\n")
    (one,) = only(Transaction, read(QIF, text.encode(encoding), EURO)[0])
    assert (one.counterparty, one.description) == ("Intermarché", "Déjeuner à Évry")
    assert (one.raw or {})["category"] == "Loisirs:Cinéma-Théâtre"


@pytest.mark.parametrize(
    ("days", "asset", "comma", "order", "sure"),
    [
        (["1/2/20", "1/13/20"], None, False, Order.MONTH, 1.0),
        (["1/2/20", "13/1/20"], None, False, Order.DAY, 1.0),
        (["95/12/31"], None, False, Order.YEAR, 1.0),
        (["3/1/20", "4/1/20", "5/1/20", "1/2/20", "2/2/20", "3/2/20"], "USD", False, Order.DAY, 0.9),
        (["1/3/20", "1/4/20", "1/5/20", "2/1/20", "2/2/20", "2/3/20"], "EUR", False, Order.MONTH, 0.9),
        (["1.2.20"], "USD", False, Order.DAY, 0.8),
        (["1/2/20"], "USD", True, Order.DAY, 0.8),
        (["1/2/20"], "USD", False, Order.MONTH, 0.55),
        (["1/2/20"], "GBP", False, Order.DAY, 0.55),
        (["13/1/20", "1/13/20"], None, False, None, 0.0),
    ],
)
def test_the_order_of_dates(days: list[str], asset: str | None, comma: bool, order: Order | None, sure: float) -> None:
    votes = DateVotes()
    for day in days:
        votes.add(day)
    found = votes.decide(asset, comma=comma)
    assert (found.order, found.sure) == (order, sure)


@pytest.mark.parametrize(
    "text", ["", "13/13/20", "1/2", "2/30/20", "a/b/c", "1/2/20/3", "0/0/00", "1" * 99, "1/2/3000"]
)
def test_what_is_no_date(text: str) -> None:
    assert date_reader(Order.MONTH)(text) is None


def test_an_assumed_order_is_said() -> None:
    reading = QIF.plan(io.BytesIO(b"!Type:Bank\n" + record("1/2/20", "1.00").encode()), EURO)
    assert reading.guessed
    assert "day first: ASSUMED, as no date tells" in reading.summary
    sure = QIF.plan(io.BytesIO(b"!Type:Bank\n" + record("1/20/20", "1.00").encode()), EURO)
    assert not sure.guessed
    assert sure.summary == "QIF (utf-8): Bank; dates month first, as in '1/20/20'; decimal point, as in '1.00'"


OPENING = "!Type:Bank\nD12/03/95\nT4,706.57\nCX\nPOpening Balance\nL[New Bank]\n^\n"


def test_an_opening_balance_is_no_income() -> None:
    records, _ = read(QIF, OPENING + record("12/03/95", "-5.00") + record("12/31/95", "9.00"), Hints(asset="USD"))
    assert only(Balance, records) == [
        Balance(account="New Bank", asset="USD", day=date(1995, 12, 2), amount=D("4706.57"))
    ]
    assert [one.amount for one in only(Transaction, records)] == [D("-5.00"), D("9.00")]
    assert {one.account for one in only(Transaction, records)} == {"New Bank"}


@pytest.mark.parametrize("payee", ["Opening Balance", "Solde initial", "Eröffnungssaldo", "SALDO INICIAL"])
def test_opening_balances_in_several_languages(payee: str) -> None:
    records, _ = read(QIF, f"!Type:Bank\nD12/13/95\nT1.00\nP{payee}\n^\n" + record("12/31/95", "9.00"), EURO)
    # Nothing is posted on its own day, so it holds at that day's end.
    assert [(one.day, one.amount) for one in only(Balance, records)] == [(date(1995, 12, 13), D("1.00"))]
    assert len(only(Transaction, records)) == 1


def test_a_payee_called_so_with_a_category_of_income_is_a_posting() -> None:
    text = "!Type:Bank\nD12/13/95\nT1.00\nPOpening Balance\nLSalary\n^\n"
    assert len(facts(text)) == 1


LISTED = (
    "!Option:AutoSwitch\n!Account\nNGiro\nTBank\nDDaily money\n^\nNVisa\nTCCard\n^\n!Clear:AutoSwitch\n"
    "!Account\nNGiro\nTBank\nDDaily money\n^\n!Type:Bank\n" + record("1/31/20", "-9.00", "L[Visa]\n")
    + "!Account\nNVisa\nTCCard\n^\n!Type:CCard\n" + record("1/31/20", "9.00", "L[Giro]/holiday\n")
)  # fmt: skip


def test_several_accounts() -> None:
    records, _ = read(QIF, LISTED, Hints(asset="USD"))
    assert only(AccountInfo, records) == [
        AccountInfo(account="Giro", name="Daily money", kind=AccountKind.BANK, asset="USD"),
        AccountInfo(account="Visa", name="Visa", kind=AccountKind.CARD, asset="USD"),
    ]
    assert [(one.account, one.amount, one.kind) for one in only(Transaction, records)] == [
        ("Giro", D("-9.00"), FlowClass.TRANSFER),
        ("Visa", D("9.00"), FlowClass.TRANSFER),
    ]
    assert [(one.raw or {})["transfer_account"] for one in only(Transaction, records)] == ["Visa", "Giro"]
    with pytest.raises(FileRefused, match=r"several accounts \(Giro, Visa\)"):
        read(QIF, LISTED, EURO)
    renamed = Hints(asset="USD", options={"accounts": {"Giro": "DE1"}})
    assert {one.account for one in only(Transaction, read(QIF, LISTED, renamed)[0])} == {"DE1", "Visa"}


def test_a_posting_to_its_own_account_is_no_transfer() -> None:
    text = "!Account\nNGiro\nTBank\n^\n!Type:Bank\n" + record("1/31/20", "5.00", "PMore\nL[Giro]\n")
    assert [one.kind for one in only(Transaction, read(QIF, text, Hints(asset="USD"))[0])] == [None]


def test_splits_stay_one_posting() -> None:
    more = (
        "PMarket\nLFood\nSFood\nD1/10/20\nEbread\n$-50.00\nSHome:Garden\nEseeds\n%25\n$-25.00\nS[Savings]\n$-25.00\n"
        "N101\nC*\nA1 High Street\nAUlm\n"
    )
    records, notes = read(QIF, "!Type:Bank\n" + record("1/31/20", "-100.00", more), DOLLAR)
    (one,) = only(Transaction, records)
    assert (one.booked_at, one.amount, one.kind) == (date(2020, 1, 31), D("-100.00"), None)
    assert one.raw == {
        "category": "Food",
        "number": "101",
        "cleared": "cleared",
        "address": "1 High Street\nUlm",
        "splits": [
            {"category": "Food", "memo": "bread", "amount": "-50.00"},
            {"category": "Home:Garden", "memo": "seeds", "percent": "25", "amount": "-25.00"},
            {"category": "[Savings]", "amount": "-25.00"},
        ],
    }
    assert notes == []


def test_splits_that_do_not_add_up_are_said() -> None:
    text = "!Type:Bank\n" + record("1/31/20", "-100.00", "SFood\n$-50.00\nSHome\n$-40.00\n")
    records, notes = read(QIF, text, DOLLAR)
    assert only(Transaction, records)[0].amount == D("-100.00")
    assert notes == ["line 2: the parts of a split make -90.00, but the whole is -100.00; the whole counts"]


def test_equal_rows_stay_apart_and_nothing_has_an_id() -> None:
    text = "!Type:Bank\n" + record("1/31/20", "-2.50") * 2
    assert [one.external_id for one in only(Transaction, read(QIF, text, DOLLAR)[0])] == [None, None]


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("_DivInc", FlowClass.DIVIDEND),
        ("_IntInc", FlowClass.INTEREST),
        ("Salary", None),
        ("[Other]", FlowClass.TRANSFER),
    ],
)
def test_what_quicken_itself_says_of_a_posting(category: str, kind: FlowClass | None) -> None:
    text = "!Type:Bank\n" + record("1/31/20", "5.00", f"L{category}\n")
    assert [one.kind for one in only(Transaction, read(QIF, text, DOLLAR)[0])] == [kind]


def test_lists_and_rows_without_amounts_are_left_out_and_said() -> None:
    text = (
        "!Type:Cat\nNFood\nE\n^\nNWork\nI\n^\n!Type:Memorized\nKC\nT-5.00\nPRent\n^\n!Type:Bank\n"
        + record("1/31/20", "-1.00") + "D2/15/20\nPNothing\n^\n"
    )  # fmt: skip
    records, notes = read(QIF, text, DOLLAR)
    assert len(only(Transaction, records)) == 1
    assert notes == ["line 18: a record without an amount was left out", "lists were left out: Cat (2), Memorized (1)"]


def test_unknown_types_and_letters_are_kept() -> None:
    text = "!Type:Envelope\n" + record("1/31/20", "-1.00", "XI3\nPShop\n")
    records, notes = read(QIF, text, DOLLAR)
    assert (only(Transaction, records)[0].raw or {})["field X"] == "I3"
    assert notes == ["line 1: !Type:Envelope is not known; taken for a bank account's"]


def test_a_last_record_without_its_end() -> None:
    good = "!Type:Bank\nD1/31/20\nT-12.50\nPShop\n"
    records, notes = read(QIF, good, DOLLAR)
    assert len(only(Transaction, records)) == 1
    assert "no end" in notes[0]
    for end in range(len(good) - 1, 12, -1):
        if good[end - 1] != "\n" or "T-" not in good[:end]:
            with pytest.raises(FileRefused, match=r"cut off|no amount|nothing to import"):
                read(QIF, good[:end], DOLLAR)


@pytest.mark.parametrize(
    ("text", "hints", "says"),
    [
        ("", EURO, "empty"),
        ("This is no QIF file.", EURO, "so this is no QIF file"),
        ("!Type:Bank\n", EURO, "no record of any account"),
        ("!Type:Bank\n" + record("1/31/20", "1.00"), Hints(account="main"), "does not say its currency"),
        ("!Type:Bank\n" + record("1/31/20", "1.00"), Hints(asset="USD"), "does not say which account"),
        ("!Type:Bank\n" + record("1/31/20", "1.00"), Hints(account="main", asset="euro"), "is not an asset code"),
        ("!Type:Bank\n" + record("1/31/20", "abc"), EURO, "line 2: 'abc' is not an amount"),
        ("!Type:Bank\n" + record("1/31/20", "1.00") + record("2/30/20", "1.00"), EURO, "line 6: the date '2/30/20'"),
        ("!Type:Bank\n" + record("1/31/20", "1.00") + record("31/1/20", "1.00"), EURO, "contradict each other"),
        ("!Type:Bank\n" + record("1/31/20", "1.234,00") + record("1/31/20", "1.50"), EURO, "contradict each other"),
        ("!Type:Bank\nT5.00\nPShop\n^\n", EURO, "without a date"),
        ("!Type:Bank\nD1/31/20\nT5.\x0000\n^\n", EURO, "NUL byte"),
        ("PK\x03\x04!Type:Bank", EURO, "zip"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str, hints: Hints, says: str) -> None:
    with pytest.raises(FileRefused, match=says):
        read(QIF, text, hints)


def test_it_is_known_by_its_beginning_or_by_its_name() -> None:
    assert QIF.identify("x.txt", OPENING.encode()) == 1.0
    assert QIF.identify("x.txt", b"# made by hand\r\r!Type:Bank\r") == 1.0
    assert QIF.identify("x", OPENING.encode("utf-16")) == 1.0
    assert QIF.identify("x.QIF", b"") == 0.5
    assert QIF.identify("bank.csv", b"date;text!Type:\n") == 0.0
