"""Every regular receipt has a state: received, short, late, missed, due, expected or unknown."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.analytics.expected.expecting import expectations
from flowd.api import ExpectedReceipt, Receipt, ScheduleTerm
from tests.unit.analytics.expected.receiving import TODAY, expected, months, receipt, states, with_terms

DAYS = months(date(2025, 1, 25), 18)
MAY, JUNE, JULY = "2026-05-25", "2026-06-25", "2026-07-25"


def salary(count: int = 18) -> list[Receipt]:
    return [receipt(day) for day in DAYS[:count]]


def row(rows: object, due: str) -> ExpectedReceipt:
    assert isinstance(rows, list)
    (found,) = [one for one in rows if one.due == date.fromisoformat(due)]
    assert isinstance(found, ExpectedReceipt)
    return found


def test_what_came_is_received_and_what_comes_is_expected() -> None:
    rows = expected(salary())
    assert states(rows) == {MAY: "received", JUNE: "received"}
    june = row(rows, JUNE)
    assert (june.received_on, june.received, june.amount, june.source) == (
        DAYS[-1],
        Decimal(2800),
        Decimal(2800),
        "detected",
    )
    ahead = [one for one in rows if one.due > TODAY]
    assert [one.due for one in ahead] == months(date(2026, 7, 25), 6)
    assert {(one.state, one.amount, one.received_on) for one in ahead} == {("expected", Decimal(2800), None)}


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 6, 23), "expected"),
        (date(2026, 6, 24), "due"),
        (date(2026, 6, 27), "due"),
        (date(2026, 6, 28), "late"),
        (date(2026, 7, 25), "late"),
        (date(2026, 7, 26), "missed"),
    ],
)
def test_a_receipt_is_due_then_late_then_missed(today: date, state: str) -> None:
    assert states(expected(salary(17), today=today, read=today), until=date(2026, 6, 30))[JUNE] == state


def test_it_is_missed_once_the_next_one_came() -> None:
    assert states(expected([*salary(16), receipt(DAYS[17])])) == {MAY: "missed", JUNE: "received"}


def test_a_late_one_and_an_early_one_are_received_on_their_day() -> None:
    late = row(expected([*salary(16), receipt(date(2026, 6, 12)), receipt(DAYS[17])]), MAY)
    assert (late.state, late.received_on, late.reason) == (
        "received", date(2026, 6, 12), "18 days late; monthly on the 25th",
    )  # fmt: skip
    early = row(expected([*salary(17), receipt(date(2026, 6, 19))]), JUNE)
    assert (early.state, early.received_on, early.reason) == (
        "received", date(2026, 6, 19), "6 days early; monthly on the 25th",
    )  # fmt: skip


def test_too_little_is_short_until_the_rest_comes() -> None:
    short = row(expected([*salary(17), receipt(DAYS[17], 2500)]), JUNE)
    assert (short.state, short.received) == ("short", Decimal(2500))
    assert short.reason.startswith("300 EUR less than usual")
    rest = receipt(DAYS[17] + timedelta(days=4), 300)
    whole = row(expected([*salary(17), receipt(DAYS[17], 2500), rest]), JUNE)
    assert (whole.state, whole.received) == ("received", Decimal(2800))


def test_what_bounced_did_not_come_until_it_comes_again() -> None:
    bounced = [*salary(), receipt(DAYS[17] + timedelta(days=2), -2800)]
    june = row(expected(bounced), JUNE)
    assert (june.state, june.received_on) == ("late", None)
    assert june.reason.startswith("nothing came up to 2026-06-30; 2800 taken back on 2026-06-27")
    again = row(expected([*bounced, receipt(date(2026, 6, 30))]), JUNE)
    assert (again.state, again.received, again.received_on) == ("received", Decimal(2800), date(2026, 6, 30))
    part = row(expected([*salary(), receipt(DAYS[17] + timedelta(days=2), -300)]), JUNE)
    assert (part.state, part.received) == ("short", Decimal(2500))


def test_one_payment_for_two_months_is_for_the_missed_one_or_in_advance() -> None:
    behind = expected([*salary(16), receipt(DAYS[17], 5600)])
    assert states(behind) == {MAY: "received", JUNE: "received"}
    assert [row(behind, day).received for day in (MAY, JUNE)] == [2800, 2800]
    ahead = expected([*salary(16), receipt(DAYS[16], 5600)])
    assert states(ahead) == {MAY: "received", JUNE: "received"}
    assert row(ahead, JUNE).received_on == DAYS[16]


def test_a_raise_makes_nothing_short_and_is_expected_once_confirmed() -> None:
    rows = expected([receipt(day, 2800 if day < date(2026, 4, 1) else 3000) for day in DAYS])
    assert {one.state for one in rows} == {"received", "expected"}
    assert row(rows, JULY).amount == 3000


def test_who_stopped_paying_is_missed_three_times_and_then_has_ended() -> None:
    rows = expected(salary(12))
    assert [one.due for one in rows if one.state == "missed"] == months(date(2026, 1, 25), 3)
    assert "taken as ended" in row(rows, "2026-03-25").reason
    assert rows[-1].due == date(2026, 3, 25)


def test_who_has_ended_is_neither_late_nor_expected_again() -> None:
    # the fourth is not given up yet, but three in a row are enough
    for read, told in ((date(2026, 11, 21), None), (None, date(2026, 11, 20))):
        paid = [receipt(day) for day in months(date(2024, 11, 15), 21)]
        rows = expected(paid, today=date(2026, 11, 21), read=read, told=told)
        assert rows[-1].due == date(2026, 10, 15)
        assert rows[-1].reason.startswith("nothing came; 3 in a row: taken as ended; ")


@pytest.mark.parametrize("pause", [3, 4, 7])
def test_who_pays_again_after_a_long_pause_is_told_of_again(pause: int) -> None:
    days = months(date(2024, 11, 15), 24)
    paid = [*days[:12], *days[12 + pause :]]
    rows = expected([receipt(day) for day in paid], today=date(2026, 11, 1), read=date(2026, 11, 1))
    assert [one.due for one in rows if one.state == "received"] == paid
    assert [one.due for one in rows if one.state == "missed"] == days[12:15]
    assert f"until it went on with {days[12 + pause]}" in row(rows, days[14].isoformat()).reason
    assert row(rows, "2026-11-15").state == "expected"


def test_a_new_employer_ends_the_old_one_at_once() -> None:
    rows = expected([*salary(13), *(receipt(day, 3500, "Beta") for day in DAYS[13:])])
    assert {one.state for one in rows} == {"received", "expected"}
    assert {one.payer for one in rows if one.state == "expected"} == {"Beta"}


def test_a_payer_who_pays_in_another_currency_has_missed_nothing() -> None:
    rows = expected(receipt(day, asset="EUR" if number < 12 else "CHF") for number, day in enumerate(DAYS[:18]))
    assert {one.state for one in rows} == {"received", "expected"}
    assert {one.currency for one in rows if one.state == "expected"} == {"CHF"}
    # somebody else's money in another currency takes nobody's place
    beside = expected([*salary(12), *(receipt(day, 35, "Beta", asset="CHF") for day in DAYS[12:18])])
    assert [one.payer for one in beside if one.state == "missed"] == ["Acme"] * 3


def test_a_source_that_is_not_read_makes_nothing_late() -> None:
    for read in (date(2026, 5, 1), date(2026, 6, 27), None):
        assert states(expected(salary(17), read=read))[JUNE] == "unknown"
    assert states(expected(salary(16), read=date(2026, 6, 10))) == {MAY: "late", JUNE: "unknown"}
    # read this morning: the night before is known
    assert states(expected(salary(17), today=date(2026, 6, 28), read=date(2026, 6, 28)))[JUNE] == "late"
    # read yesterday, at an hour when the day was not over: it may still come with the next reading
    assert states(expected(salary(17), today=date(2026, 6, 28), read=date(2026, 6, 27)))[JUNE] == "due"


def test_statements_say_how_far_anything_is_known() -> None:
    # the account's statements go on to the end of June, and the salary is not in them
    assert states(expected(salary(17), read=None, told=date(2026, 6, 30)))[JUNE] == "late"
    assert states(expected(salary(17), read=None, told=date(2026, 6, 26)))[JUNE] == "unknown"


def test_all_of_a_rhythm_is_told_but_no_older_habit() -> None:
    weekly = [receipt(date(2025, 1, 3) + timedelta(days=7 * n)) for n in range(78)]
    assert sum(one.state == "received" for one in expected(weekly)) == 78
    before = [receipt(date(2024, 1, 2) + timedelta(days=7 * n)) for n in range(50)]  # on Tuesdays then
    assert min(one.due for one in expected([*before, *weekly])) >= date(2024, 12, 20)


def test_the_currency_is_the_payers() -> None:
    rows = expected([receipt(day, asset="USD") for day in DAYS])
    assert {one.currency for one in rows} == {"USD"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 500), st.sampled_from([50, 900, 2800, 5600, -2800, -50]), st.sampled_from(["", "Acme", "B"])
        ),
        max_size=40,
    ),
    st.sampled_from([None, "month on 25", "week on fri"]),
    st.integers(0, 4),
)
def test_nothing_is_received_twice_and_every_row_has_its_place(
    extra: list[tuple[int, int, str]], every: str | None, missing: int
) -> None:
    kept = [one for n, one in enumerate(salary()) if n % 5 != missing]
    receipts = [
        *kept,
        *(receipt(date(2025, 1, 1) + timedelta(days=day), amount, payer) for day, amount, payer in extra),
    ]
    rows = expected(receipts, every=every)
    assert len({(one.payer, one.series, one.currency, one.due) for one in rows}) == len(rows)
    assert sum((one.received or Decimal(0)) for one in rows) <= sum(one.amount for one in receipts if one.amount > 0)
    for one in rows:
        assert one.earliest <= one.due <= one.latest
        assert (one.received_on is None) == (one.received is None) == (one.state not in {"received", "short"})
        assert one.state != "expected" or one.earliest > TODAY
        assert one.state not in {"late", "missed"} or one.latest < TODAY
    assert expected(receipts[::-1], every=every) == rows


# --- declared ---


def test_a_declared_period_is_taken_as_it_is() -> None:
    rows = expected(salary(17), every="month on 20")
    assert states(rows) == {"2026-05-20": "received", "2026-06-20": "late"}
    assert {one.source for one in rows} == {"declared"}
    late = row(rows, "2026-06-20")
    # it has always been five days late: that is when it is waited for
    assert late.latest == date(2026, 6, 27)


def test_a_declared_period_needs_one_receipt_only() -> None:
    rows = expected(salary(1), every="month on 25", today=date(2025, 2, 10), read=date(2025, 2, 10))
    assert [one.state for one in rows][:2] == ["received", "expected"]


def test_payers_of_a_declared_stream_are_a_line_each_and_one_that_follows_goes_on() -> None:
    tenants = [receipt(day, 900, payer) for day in DAYS for payer in ("Anna", "Bert")]
    assert {one.payer for one in expected(tenants, every="month on 25")} == {"Anna", "Bert"}
    after = [receipt(day, 900, "Anna" if day.year == 2025 else "Cleo") for day in DAYS]
    rows = expected([*after, receipt(date(2025, 7, 3), 40, "Refund Office")], every="month on 25")
    assert {(one.payer, one.state) for one in rows if one.due > date(2026, 1, 1)} == {
        ("Cleo", "received"), ("Cleo", "expected")
    }  # fmt: skip


def term(**more: object) -> ScheduleTerm:
    values: dict[str, object] = {
        "stream": "x", "amount": Decimal(4200), "currency": "EUR", "every": "month on L", "start": date(2026, 4, 11),
        "end": None,
    }  # fmt: skip
    return ScheduleTerm(**{**values, **more})  # type: ignore[arg-type]


def test_a_schedule_is_received_as_declared_and_ends_when_it_ends() -> None:
    rows = expectations(with_terms([term(end=date(2026, 7, 15))]))
    assert [(one.due.isoformat(), one.amount, one.state) for one in rows] == [
        ("2026-04-30", Decimal("2800.00"), "received"),
        ("2026-05-31", Decimal(4200), "received"),
        ("2026-06-30", Decimal(4200), "received"),
        ("2026-07-31", Decimal("2032.20"), "expected"),
    ]


def test_terms_that_follow_are_one_series_and_those_beside_each_other_two() -> None:
    after = [term(end=date(2026, 5, 31)), term(start=date(2026, 6, 1), amount=Decimal(5000))]
    assert {one.series for one in expectations(with_terms(after))} == {0}
    beside = [term(), term(amount=Decimal(100))]
    assert {one.series for one in expectations(with_terms(beside))} == {0, 1}
    assert len({(one.series, one.due) for one in expectations(with_terms(beside))}) == len(
        expectations(with_terms(beside))
    )
