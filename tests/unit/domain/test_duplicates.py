"""Which payments look as if they were stated twice, and which are only equal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flowd.domain.duplicates import Line, places, propose


def line(number: int, day: int, description: str = "", **more: Any) -> Line:
    values: dict[str, Any] = {
        "subject": UUID(int=number), "connection": "bank", "account": "main", "day": date(2026, 3, day),
        "amount": Decimal("-9.9"), "asset": "EUR", "counterparty": "", "description": description, "has_id": True,
        "by_hand": False,
    }  # fmt: skip
    return Line(**{**values, **more})


def test_the_same_payment_of_two_connections_is_proposed_and_the_better_record_kept() -> None:
    full = line(1, 3, "Musikdienst Abo März")
    short = line(2, 4, "Musikdienst", connection="scraped", has_id=False)
    (found,) = propose([(full, short)])
    assert (found.kept, found.dropped) == (full, short)
    assert found.score > 0.8
    assert found.why == (
        "the same amount, 1 day apart, one account, read by bank and scraped, only one has an id of its source, "
        "100% of their words shared"
    )


def test_what_was_said_by_hand_gives_way_to_the_source() -> None:
    by_hand, stated = line(1, 3, by_hand=True, has_id=False), line(2, 3, "Musikdienst")
    (found,) = propose([(by_hand, stated)])
    assert found.dropped == by_hand


def test_equal_payments_stated_in_one_way_are_two() -> None:
    assert propose([(line(1, 3, "Café"), line(2, 3, "Café"))]) == []
    assert propose([(line(1, 3, "Café", has_id=False), line(2, 4, "Café", has_id=False))]) == []


def test_two_tickets_of_one_day_are_two_however_they_are_numbered() -> None:
    assert propose([(line(1, 3, "Verkehrsverbund Ticket 10021"), line(2, 3, "Verkehrsverbund Ticket 10022"))]) == []


def test_payments_that_share_no_word_are_not_proposed() -> None:
    assert propose([(line(1, 3, "Apotheke", has_id=False), line(2, 5, "Bäckerei", has_id=False))]) == []


def test_each_is_in_one_pair() -> None:
    one = line(1, 3, "Strom Abschlag")
    two = line(2, 3, "Strom Abschlag", connection="scraped")
    three = line(3, 5, "Strom Abschlag", connection="scraped")
    (found,) = propose([(one, two), (one, three)])
    assert {found.kept, found.dropped} == {one, two}
    assert "1 more candidate" in found.why


def test_an_iban_and_the_account_number_in_it_are_one_place() -> None:
    accounts = [
        ("a", "DE02120300000000202051"),
        ("b", "DE02 1203 0000 0000 2020 51"),
        ("c", "202051"),
        ("d", "12030000/202051"),
        ("e", "12030001/202051"),
        ("f", "main"),
        ("g", "main"),
        ("h", "0000202051"),
    ]
    a, b, c, d, e, f, g, h = places(accounts)
    assert a == b == c == d == h
    assert len({a, e, f, g}) == 4


def test_a_number_in_two_ibans_is_neither() -> None:
    one, two, three = places([("a", "DE02120300000000202051"), ("b", "DE88100900000000202051"), ("c", "202051")])
    assert len({one, two, three}) == 3
