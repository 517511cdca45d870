"""What-if as it is written on the command line: read as it is meant, or refused with the place and the fix."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from flowd.analytics.projection.changes import Add, Delay, Scale, Shock, Without
from flowd.domain.studied import Scope
from flowd.edges.changes_asked import Names, read_add, read_changes

TODAY = date(2026, 11, 21)
NAMES = Names(
    streams={"salary": "Salary", "my-blofin": "Blofin", "shop/USD": "Shop", "rent-1": "Rent", "rent-2": "Rent"},
    groups=("work", "Rents"),
)


def asked(**options: list[str]) -> list[object]:
    return list(read_changes(NAMES, currency="EUR", today=TODAY, **options))


def test_every_kind_of_change() -> None:
    assert asked(
        without=["my-blofin", "Salary"],
        scale=["shop/USD=0.8", "salary = 80%"],
        delay=["salary=30d", "salary=2 weeks"],
        shock=[
            "salary=0.5 from 2026-12-01 for 90 days",
            "group:rents=0 from 2026-12-01 until 2026-12-31",
            "total=50% from 2026-11-01 for 8w",
        ],
    ) == [
        Without(stream="my-blofin"),
        Without(stream="salary"),
        Scale(stream="shop/USD", factor=0.8),
        Scale(stream="salary", factor=0.8),
        Delay(stream="salary", days=30),
        Delay(stream="salary", days=14),
        Shock(subject=(Scope.STREAM, "salary"), factor=0.5, start=date(2026, 12, 1), days=90),
        Shock(subject=(Scope.GROUP, "Rents"), factor=0.0, start=date(2026, 12, 1), days=31),
        Shock(subject=(Scope.TOTAL, ""), factor=0.5, start=date(2026, 11, 1), days=56),
    ]


@pytest.mark.parametrize(
    ("text", "amount", "every", "start", "end", "name"),
    [
        ("1200 EUR month on 1", "1200 EUR", "month on 1", "2026-12-01", None, "added"),
        # the 25th is yet to come: the whole amount then, though the month began before
        ("1200 month on 25", "1200 EUR", "month on 25", "2026-11-01", None, "added"),
        ("€300 every week on fri", "300 EUR", "every week on fri", "2026-11-23", None, "added"),
        ("1.5k usd quarter on 1", "1500 USD", "quarter on 1", "2027-01-01", None, "added"),
        ("10 day", "10 EUR", "day", "2026-11-21", None, "added"),
        (
            "1200 EUR month on 1 from 2026-12-02 until 2027-03-31 as private lessons",
            "1200 EUR",
            "month on 1 from 2026-12-02",
            "2027-01-01",
            "2027-03-31",
            "private lessons",
        ),
        ("9 CHF month on 15 until 2027-01-20", "9 CHF", "month on 15", "2026-12-01", "2027-01-31", "added"),
        (
            "50 CHF 2 weeks on fri from 2026-12-04",
            "50 CHF",
            "2 weeks on fri from 2026-12-04",
            "2026-11-30",
            None,
            "added",
        ),
    ],
)
def test_income_that_is_added(text: str, amount: str, every: str, start: str, end: str | None, name: str) -> None:
    assert read_add(text, "EUR", TODAY) == Add(
        amount=Decimal(amount.split()[0]),
        currency=amount.split()[1],
        every=every,
        start=date.fromisoformat(start),
        end=None if end is None else date.fromisoformat(end),
        name=name,
    )


def test_several_that_are_added_have_names_of_their_own() -> None:
    names = [one.name for one in asked(add=["10 day", "20 day", "30 day as third"]) if isinstance(one, Add)]
    assert names == ["added", "added 2", "third"]


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("without", "salery", "--without 'salery': there is no stream 'salery'; is it salary?"),
        ("without", "bloffin", "is it my-blofin?"),
        ("without", "zzz", "there are my-blofin, rent-1, rent-2, salary, shop/USD"),
        ("without", "Rent", "several streams are called 'Rent': say which by its key (rent-1, rent-2)"),
        ("scale", "salary", "write it as salary=0.8"),
        ("scale", "salary=", "write it as salary=0.8"),
        ("scale", "salary=less", "'less' is not a factor such as 0.8 (or 80%)"),
        ("scale", "salary=-1", "is not a factor"),
        ("scale", "salary=800", "is not believable"),
        ("delay", "salary=soon", "'soon' is not a number of days such as 30d"),
        ("delay", "salary=0d", "is not 1 to 730 days"),
        ("delay", "salary=200w", "is not 1 to 730 days"),
        ("shock", "salary=0.5", "write it as total=0.5 from 2026-12-01 for 90 days"),
        ("shock", "salary=0.5 from tomorrow for 3 days", "'tomorrow' is not a day such as 2026-12-01"),
        ("shock", "salary=0.5 from 2026-12-01 until 2026-11-30", "2026-11-30 is before 2026-12-01"),
        ("shock", "salary=0.5 from 2026-01-01 for 30 days", "over by 2026-01-30: only days from 2026-11-21 on"),
        ("shock", "group:rent=0.5 from 2026-12-01 for 3 days", "there is no group 'rent'; is it Rents?"),
        ("add", "1200 EUR", "it does not say how often: write it as 1200 EUR month on 1"),
        ("add", "1200 EUR month", "the due day is missing"),
        ("add", "1200 EUR month on 1 until", "nothing follows 'until'"),
        ("add", "1200 EUR month on 1 from 2027-01-01 until 2026-12-01", "2026-12-01 is before 2027-01-01"),
        ("add", "1,200 EUR month on 1", "could mean 1200"),
        ("add", "1200 EUR month on 1 until 2026-11-30", "no due day of it is between 2026-11-21 and 2026-11-30"),
        ("add", "-100 EUR month on 1", "an amount above zero"),
        ("add", "1200 EUR 2 weeks on fri", "need a day to count from"),
    ],
)
def test_what_is_not_understood_names_the_place_and_the_fix(option: str, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^--") as refused:
        asked(**{option: [text]})
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"--{option} {text!r}: ")


def test_without_any_stream_the_fix_is_to_read_something() -> None:
    with pytest.raises(ValueError, match="there is none yet"):
        read_changes(Names(streams={}), currency="EUR", today=TODAY, without=["salary"])
