"""What is known of an account stays known when a file says less of it."""

from __future__ import annotations

import pytest

from flowd.api import AccountInfo, AccountKind
from flowd.storage.database import Database
from tests.deriving import Store

BARE = AccountInfo(account="4711", name="4711", kind=AccountKind.BANK)
CURRENCY = AccountInfo(account="4711", name="4711", kind=AccountKind.BANK, asset="EUR")
CARD = AccountInfo(account="4711", name="4711", kind=AccountKind.CARD)
TITLE = AccountInfo(account="4711", name="Household", kind=AccountKind.CARD, asset="EUR")
OTHER = AccountInfo(account="4711", name="Giro", kind=AccountKind.BANK, asset="EUR")


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ((BARE,), ("4711", "bank", None)),
        ((TITLE, BARE), ("Household", "card", "EUR")),
        ((CARD, CURRENCY), ("4711", "card", "EUR")),
        ((CURRENCY, CARD, CURRENCY, BARE), ("4711", "card", "EUR")),
        ((TITLE, OTHER), ("Giro", "bank", "EUR")),
        ((OTHER, BARE, TITLE, BARE), ("Household", "card", "EUR")),
    ],
)
def test_a_file_that_knows_less_takes_nothing_away(
    database: Database, said: tuple[AccountInfo, ...], known: tuple[str, str, str | None]
) -> None:
    store = Store(database)
    for one in said:
        store.write("import", one)
    rows = "SELECT name, kind, asset FROM derived.account WHERE account = '4711'"
    assert store.rows(rows) == [known]
    assert store.derivation.rebuild().rebuilt
    assert store.rows(rows) == [known]
    store.write("again", *said)
    assert store.rows("SELECT name, kind, asset FROM derived.account WHERE connection = 'again'") == [known]
