"""Which accounts are one: an IBAN, and the number in it."""

from __future__ import annotations

from flowd.edges.same_place import called, same_place, twice

IBAN = "DE02120300000000202051"


def test_a_number_is_known_in_an_iban() -> None:
    assert same_place("12030000/0000202051", {IBAN, "main"}) == IBAN
    assert same_place(IBAN, {"12030000/0000202051"}) == "12030000/0000202051"
    assert same_place("12030000/0000202052", {IBAN}) is None
    assert same_place("37040044/0000202051", {IBAN}) is None
    assert same_place("main", {IBAN, "Main"}) is None


def test_accounts_that_are_there_twice_are_told() -> None:
    accounts = [("bank", IBAN), ("import", "12030000/202051"), ("import", "main"), ("bank", "main"), ("card", IBAN)]
    assert twice(accounts) == [(f"bank/{IBAN}", f"card/{IBAN}"), (f"bank/{IBAN}", "import/12030000/202051")]
    assert twice([("bank", "giro"), ("bank", "savings")]) == []


def test_a_name_stands_for_its_only_account() -> None:
    names = {IBAN: "Giro", "x": "Pot", "y": "pot"}
    assert [called(wanted, names) for wanted in ("GIRO", "Pot", "x", "new")] == [IBAN, "Pot", "x", "new"]
