"""Statements in the layouts and languages of banks that flowd was never told of."""

from __future__ import annotations

from datetime import date

import pytest

from flowd.api import AccountInfo, AccountKind, FileRefused, Hints
from flowd.importers.pdf.importer import PdfImporter

from .printed import (
    AMERICAN,
    CARD,
    FRENCH,
    HINTS,
    LAYOUTS,
    SOLL_HABEN,
    SWISS,
    TWO_ACCOUNTS,
    Printed,
    held,
    plan,
    posted,
    read,
)

NO_HINTS = Hints()


@pytest.mark.parametrize("printed", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_day_amount_and_direction_of_every_posting(printed: Printed) -> None:
    hints = Hints(account=None if printed.account != "main" else "main")
    assert posted(printed.text, hints) == printed.posted
    assert {posting.account for posting in read(printed.text, hints)} == {printed.account}
    assert {posting.asset for posting in read(printed.text, hints)} == {printed.asset}


@pytest.mark.parametrize("printed", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_balances_before_the_first_and_after_the_last_posting(printed: Printed) -> None:
    balances = held(printed.text, HINTS)
    assert [(str(balance.day), str(balance.amount)) for balance in balances] == printed.balances
    days = [posting.booked_at for posting in read(printed.text)]
    if balances:
        assert balances[0].day < min(days)
        assert balances[-1].day >= max(days)


def test_text_and_value_day_are_kept() -> None:
    debit, credit, _ = read(SOLL_HABEN.text)
    assert debit.description == "Basislastschrift Stadtwerke Musterstadt Abschlag 08/2023 EREF: 4711"
    assert credit.description == "Überweisungsgutschr. Erika Muster"
    assert (debit.raw, credit.raw) == (None, {"value_date": "2023-08-03"})
    assert all(posting.proved for posting in plan(SOLL_HABEN.text).postings)


def test_the_second_posting_of_a_day_keeps_its_own_text() -> None:
    texts = [posting.description for posting in read(SWISS.text)]
    assert texts[1:3] == ["EINKAUF VOM KARTEN NR. XXXX1234", "EINKAUF VOM"]


def test_a_card_owes_what_it_prints() -> None:
    (batch,) = plan(CARD.text).batches()
    info = next(record for record in batch.records if isinstance(record, AccountInfo))
    assert info.kind is AccountKind.CARD


def test_what_was_understood_is_said() -> None:
    reading = plan(SOLL_HABEN.text)
    assert reading.sure > 0.9
    assert "3 postings" in reading.summary
    assert "opening balance and postings give the closing balance" in reading.summary
    assert reading.notes == []


def test_a_missing_posting_shows_as_a_gap() -> None:
    torn = SOLL_HABEN.text.replace("31.08. 31.08. Abschluss lt. Anlage 1                   2,50 S\n", "")
    assert posted(torn) == SOLL_HABEN.posted[:2]
    assert any("a gap of -2.50" in note for note in plan(torn).notes)


def test_two_accounts_one_after_the_other() -> None:
    first, second = "DE97200411110123456700", "DE70200411110123456701"
    assert [(posting.account, str(posting.amount)) for posting in read(TWO_ACCOUNTS, NO_HINTS)] == [
        (first, "-50.00"),
        (second, "0.01"),
    ]
    assert [(balance.account, str(balance.amount)) for balance in held(TWO_ACCOUNTS, NO_HINTS)] == [
        (first, "1500.11"),
        (first, "1450.11"),
        (second, "10.00"),
        (second, "10.01"),
    ]
    with pytest.raises(FileRefused, match="holds two accounts"):
        read(TWO_ACCOUNTS)
    with pytest.raises(FileRefused, match="holds 2 accounts one after the other, and this one does not say its number"):
        read(TWO_ACCOUNTS.replace("IBAN DE70", "IBAN DE71"), NO_HINTS)


def test_a_turn_of_the_year_within_the_statement() -> None:
    text = """
Kontoauszug vom 15.12.2023 bis 14.01.2024
Datum Text Betrag EUR
28.12. Lastschrift Muster -10,00
02.01. Gutschrift Muster 20,00
"""
    assert posted(text) == [("2023-12-28", "-10.00"), ("2024-01-02", "20.00")]


def test_month_first_where_a_number_beyond_twelve_says_so() -> None:
    assert {str(posting.booked_at)[:7] for posting in read(AMERICAN.text)} == {"2024-01"}


def test_days_open_both_ways_go_by_the_order_of_the_list() -> None:
    text = """
Statement 2024 EUR
Date Description Amount
01/03/2024 Deposit one 10.00
02/02/2024 Deposit two 11.00
03/01/2024 Deposit three -12.00
"""
    # Falling days read day first, rising days read month first: both run, so it is said that nothing decides.
    assert "ASSUMED day first" in plan(text).summary
    turned = text.replace("01/03/2024", "01/12/2024").replace("03/01/2024", "02/01/2024")
    assert posted(turned) == [("2024-12-01", "10.00"), ("2024-02-02", "11.00"), ("2024-01-02", "-12.00")]


def test_a_notice_of_one_payment() -> None:
    text = """
Dividendengutschrift
IBAN DE89 3704 0044 0532 0130 00
STK 10,000 MUSTER AG  ISIN DE000A1EWWW0
Bruttobetrag 20,00 EUR
Kapitalertragsteuer 5,00- EUR
Betrag zu Ihren Gunsten  Valuta 02.05.2024  15,00 EUR
"""
    assert posted(text, NO_HINTS) == [("2024-05-02", "15.00")]


def test_two_nets_are_refused_rather_than_chosen_from() -> None:
    text = "Abrechnung\nValuta 02.05.2024\nNettobetrag 15,00 EUR\nAusmachender Betrag 16,00 EUR\n"
    with pytest.raises(FileRefused, match="which one moved cannot be told"):
        read(text)


def test_unsigned_sums_of_which_nothing_tells_the_direction_are_refused() -> None:
    text = "Some list 2024\n01.02.2024 Muster 10,00\n03.02.2024 Beispiel 20,00\n"
    with pytest.raises(FileRefused, match="too unsure"):
        read(text)


def test_account_and_currency_are_asked_for_where_the_statement_does_not_say() -> None:
    text = "Kontoauszug 2024\nDatum Text Betrag\n01.02.2024 Kauf -10,00\n03.02.2024 Lohn 20,00\n"
    with pytest.raises(FileRefused, match="which account"):
        read(text, Hints(asset="EUR"))
    with pytest.raises(FileRefused, match="currency"):
        read(text, Hints(account="main"))
    assert posted(text) == [("2024-02-01", "-10.00"), ("2024-02-03", "20.00")]


def test_an_iban_with_wrong_check_digits_is_none() -> None:
    assert read(FRENCH.text.replace("2606 606", "").replace("FR14", "FR15"))[0].account == "main"
    with pytest.raises(FileRefused, match="which account"):
        read(FRENCH.text.replace("FR14", "FR15"), Hints(asset="EUR"))


def test_limits_rates_and_prose_are_no_postings() -> None:
    text = (
        SOLL_HABEN.text
        + """
Ab dem 01.09.2023 beträgt der Zinssatz 9,95 % p.a.
Ihr Kreditrahmen 5.000,00
01.10.2023 - 31.12.2023 3.80 % bis 50.000,00
"""
    )
    assert posted(text) == SOLL_HABEN.posted


def test_text_is_taken_only_where_it_clearly_is_a_statement() -> None:
    importer = PdfImporter()
    assert importer.identify("a.pdf", b"%PDF-1.7\n") > 0.9
    assert importer.identify("a.bin", b"\n\n%PDF-1.4") > 0.9
    assert importer.identify("auszug.txt", SOLL_HABEN.text.encode()) >= 0.5
    assert importer.identify("auszug.csv", SOLL_HABEN.text.encode()) == 0
    assert importer.identify("notes.txt", b"bought bread\n") == 0
    assert importer.identify("table.txt", b"Date;Text;Amount\n01.02.2024;x;1,00\n02.02.2024;y;2,00\n") == 0


def test_the_same_text_gives_the_same_records() -> None:
    assert read(SWISS.text) == read(SWISS.text)
    assert read(SWISS.text)[0].booked_at == date(2024, 2, 5)
