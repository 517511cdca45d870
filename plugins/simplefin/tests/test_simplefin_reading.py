"""Reading a SimpleFIN server: windows that join, what is pending, what was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from simplefin_server import DAY, Server, counted, harness, read, serving, with_an_account

from flowd.api import (
    Batch,
    Covers,
    PartlyRead,
    Removal,
    Snapshot,
    Transaction,
)
from flowd.testing.harness import TICK, Ran
from flowd.testing.replay import Replay

server = pytest.fixture(with_an_account)
site = pytest.fixture(serving)


def test_the_first_read_goes_back_89_days_in_windows_that_join(server: Server, site: Replay) -> None:
    for days in range(88):
        server.row("checking", f"t{days}", TICK - days * DAY)
    ran = read(site)
    assert ran.error is None
    (first, second, third) = server.windows
    assert (first[1], second[1], third[1]) == (second[0], third[0], None)
    assert first[0] == int((TICK - 89 * DAY).timestamp())
    assert max(end - start for start, end in server.windows if end is not None) == 44 * 86400
    assert len(counted(ran)) == 88
    assert all(batch.covers is Covers.ITS_ACCOUNTS for batch in ran.batches)
    again = read(site, ran, tick=TICK + timedelta(hours=3))
    assert server.windows[3:] == [(int((TICK - 14 * DAY).timestamp()), None)]
    assert counted(ran, again) == counted(ran)


def test_since_says_how_far_back_and_leaves_out_what_was_before(server: Server, site: Replay) -> None:
    server.row("checking", "before", datetime(2025, 6, 14, 12, tzinfo=UTC))
    server.row("checking", "on", datetime(2025, 6, 15, 12, tzinfo=UTC))
    ran = read(site, since="2025-06-15")
    assert list(counted(ran)) == ["on"]
    assert server.windows[0][0] == int(datetime(2025, 6, 15, tzinfo=UTC).timestamp())
    assert len(server.windows) == 6


def test_an_earlier_since_is_filled_in_once(server: Server, site: Replay) -> None:
    for day in ("2025-04-02", "2025-06-20", "2026-02-01"):
        server.row("checking", day, datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    first = read(site, since="2025-06-15")
    assert list(counted(first)) == ["2025-06-20", "2026-02-01"]
    second = read(site, first, since="2025-03-01")
    assert set(counted(first, second)) == {"2025-04-02", "2025-06-20", "2026-02-01"}
    asked = len(server.windows)
    assert min(start for start, _ in server.windows) == int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())
    # After that, and when the earlier day is taken back, a run asks for the last days only.
    read(site, read(site, second, since="2025-03-01"), since=None)
    assert len(server.windows) == asked + 2


def test_every_batch_can_be_the_last_one(server: Server, site: Replay) -> None:
    for days in range(0, 88, 3):
        server.row("checking", f"t{days}", TICK - days * DAY)
    server.row("checking", "p", None, pending=True)
    whole = read(site)
    for number in range(1, len(whole.batches)):
        part = harness(site).sync("accounts", batches=number)
        rest = read(site, part)
        assert counted(part, rest) == counted(whole)
        assert rest.cursor == whole.cursor
    asked = len(server.windows)
    own = harness(site)
    done: list[Batch] = []
    with own.context(TICK, time_left=lambda: timedelta(seconds=1)) as (ctx, _, _):
        done.extend(own.connector.sync("accounts", None, ctx))
    assert len(server.windows) == asked + 1
    assert counted(Ran(batches=done), read(site, Ran(cursor=done[-1].cursor))) == counted(whole)


def test_a_pending_one_that_is_booked_or_forgotten_counts_once_or_not(server: Server, site: Replay) -> None:
    server.row("checking", "p1", None, "-5.00", pending=True, transacted_at=int((TICK - DAY).timestamp()))
    server.row("checking", "p2", None, "-6.00")
    server.row("checking", "p3", None, "-7.00", pending=True)
    first = read(site)
    assert set(counted(first)) == {"p1 (pending)", "p2 (pending)", "p3 (pending)"}
    p1, p2, _ = first.of(Transaction)
    assert (p1.booked_at, p2.booked_at) == ((TICK - DAY).date(), TICK.date())
    del server.rows["checking"]["p1"]
    server.row("checking", "b1", TICK, "-5.50")
    server.row("checking", "p2", TICK, "-6.00")
    second = read(site, first, tick=TICK + DAY)
    assert counted(first, second) == {
        "b1": Decimal("-5.50"),
        "p2": Decimal("-6.00"),
        "p3 (pending)": Decimal("-7.00"),
    }
    assert [one.external_id for one in second.of(Removal)] == ["p1"]
    third = read(site, second, tick=TICK + 2 * DAY, pending=False)
    assert [one.external_id for one in third.of(Removal)] == ["p3"]


def test_nothing_is_taken_back_of_an_account_that_is_not_whole_or_not_there(server: Server, site: Replay) -> None:
    server.account("card", conn_id="C2")
    server.row("checking", "p1", None, pending=True)
    server.row("card", "p2", None, pending=True)
    first = read(site)
    server.rows = {"checking": {}, "card": {}}
    server.errlist = [{"code": "act.missingdata", "msg": "Not all of it", "account_id": "checking"}]
    del server.accounts["card"]
    second = read(site, first)
    assert second.of(Removal) == []
    assert isinstance(second.error, PartlyRead)
    server.errlist = []
    server.account("card", conn_id="C2")
    third = read(site, second)
    assert {one.external_id for one in third.of(Removal)} == {"p1", "p2"}


def test_more_pending_ones_than_can_be_kept_track_of_are_not_told(server: Server, site: Replay) -> None:
    for number in range(1000):
        server.row("checking", f"pending-number-{number}", None, pending=True)
    first = read(site)
    assert 0 < len(first.of(Transaction)) < 1000
    server.rows["checking"].clear()
    second = read(site, first)
    assert counted(first, second) == {}


def test_what_was_missed_is_read_when_all_is_whole_again(server: Server, site: Replay) -> None:
    first = read(site)
    server.errlist = [{"code": "con.auth", "msg": "First Bank wants its login", "conn_id": "C1"}]
    server.account("other", conn_id="C2")
    runs = [first, read(site, first, tick=TICK + DAY)]
    assert isinstance(runs[-1].error, PartlyRead)
    assert "First Bank wants its login" in str(runs[-1].error)
    assert len(runs[-1].of(Snapshot)) == 2
    for days in range(2, 60):
        runs.append(read(site, runs[-1], tick=TICK + days * DAY))
    assert {type(one.error) for one in runs[1:]} == {PartlyRead}
    asked = len(server.windows)
    assert asked == 3 + 59
    server.errlist = []
    server.row("checking", "missed", TICK + 5 * DAY, "99.00")
    server.row("other", "of old", TICK - 20 * DAY, "1.00")
    healed = read(site, runs[-1], tick=TICK + 60 * DAY)
    assert healed.error is None
    runs.append(healed)
    assert set(counted(*runs)) == {"missed", "of old"}
    assert len(server.windows) > asked + 1
    asked = len(server.windows)
    runs.append(read(site, runs[-1], tick=TICK + 61 * DAY))
    assert len(server.windows) == asked + 1


def test_the_past_of_a_bank_that_is_connected_later_is_read(server: Server, site: Replay) -> None:
    first = read(site)
    server.account("new", conn_id="C2")
    server.row("new", "old", TICK - 60 * DAY)
    second = read(site, first, tick=TICK + DAY)
    assert "old" in counted(second)
    asked = len(server.windows)
    third = read(site, second, tick=TICK + 2 * DAY)
    assert (third.error, len(server.windows)) == (None, asked + 1)
