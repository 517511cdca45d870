"""Connectors that each do one thing wrong, and the check that has to find it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from flowd.api import (
    Batch,
    ConnectorType,
    Context,
    Cursor,
    LinkStep,
    Rate,
    RateQuery,
    RetryLater,
    Snapshot,
    Transaction,
    read_answer,
)
from tests.testing.acme import CONNECTOR, Acme, AcmeConfig, Holding, Page, booked
from tests.testing.bad_answering import (
    Confusing,
    Excusing,
    Impatient,
    Loose,
    Plain,
    PlainKey,
    Silent,
    Swallowing,
    Talkative,
    Tattling,
    Unguarded,
    Untyped,
    Zeroing,
)


class Rounding(Acme):
    """Reads amounts as floats."""

    def balances(self, ctx: Context) -> Iterator[Batch]:
        for batch in super().balances(ctx):
            yield replace(batch, records=[_rounded(one) for one in batch.records])


def _rounded(record: Any) -> Any:
    if isinstance(record, Snapshot):
        return replace(record, quantity=Decimal(repr(float(record.quantity))))
    return record


class Western(Acme):
    """Leaves out what is not written in ASCII."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(cursor, ctx):
            records = [one for one in batch.records if not isinstance(one, Transaction) or one.description.isascii()]
            yield replace(batch, records=records)


class Fearful(Acme):
    """Cannot stand amounts below zero."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(cursor, ctx):
            records = list(batch.records)
            if any(isinstance(one, Transaction) and one.amount < 0 for one in records):
                raise ArithmeticError("an amount below zero")
            yield replace(batch, records=records)


class FirstOf(Acme):
    """Needs one item at least."""

    def balances(self, ctx: Context) -> Iterator[Batch]:
        held = read_answer(self.get("/wallets/spot", ctx), list[Holding])
        first = held[0]
        yield Batch(records=[Snapshot(account="spot", asset=first.asset, quantity=first.total, at=ctx.tick)])


class Endless(Acme):
    """Asks for pages as long as there are some."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        after = str(cursor.data) if cursor is not None else ""
        while True:
            page = read_answer(self.get("/payouts", ctx, after=after), Page)
            yield Batch(records=map(booked, page.payouts), cursor=Cursor(data=page.next or after))
            if page.next is None or ctx.time_left() < timedelta(seconds=2):
                return
            after = page.next


class Doubling(Acme):
    """Gives one key to two things."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(cursor, ctx):
            yield replace(batch, records=[replace(one, external_id="same") for one in _transactions(batch)])


class Foreseeing(Acme):
    """Reads balances of next year."""

    def balances(self, ctx: Context) -> Iterator[Batch]:
        yield from super().balances(replace(ctx, tick=ctx.tick + timedelta(days=365)))


class Naive(Acme):
    """Loses the time zone."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(cursor, ctx):
            records = [replace(one, booked_at=one.booked_at.replace(tzinfo=None)) for one in _transactions(batch)]  # type: ignore[call-arg]
            yield replace(batch, records=records)


class TupleCursor(Acme):
    """Keeps a tuple, which comes back as a list."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        before = Cursor(data=cursor.data[0]) if cursor is not None and not isinstance(cursor.data, int | str) else None  # type: ignore[index]
        for batch in super().payouts(before, ctx):
            assert batch.cursor is not None
            yield replace(batch, cursor=Cursor(data=(batch.cursor.data, 1)))


class Hoarding(Acme):
    """Keeps everything it has seen in the cursor."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(None if cursor is None else Cursor(data=cursor.data["at"]), ctx):  # type: ignore[index,call-overload]
            assert batch.cursor is not None
            yield replace(batch, cursor=Cursor(data={"at": batch.cursor.data, "seen": "x" * 9000}))


class Skipping(Acme):
    """Hands out the cursor of the next page too early."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        batches = list(super().payouts(cursor, ctx))
        for number, batch in enumerate(batches):
            yield replace(batch, cursor=batches[min(number + 1, len(batches) - 1)].cursor)


class Starting(Acme):
    """Begins anew each time, so that a run of one batch never gets further."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        yield from super().payouts(None, ctx)


class Counting(Acme):
    """Names rows by a counter that goes on."""

    count: int = 0

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(cursor, ctx):
            records = []
            for one in _transactions(batch):
                self.count += 1
                records.append(replace(one, external_id=f"row {self.count}"))
            yield replace(batch, records=records)


class Sharing(Acme):
    """Keeps the wallets of whoever came first for all."""

    cache: ClassVar[dict[str, list[Holding]]] = {}

    def balances(self, ctx: Context) -> Iterator[Batch]:
        for wallet in ("spot", "earn"):
            if wallet not in self.cache:
                self.cache[wallet] = read_answer(self.get(f"/wallets/{wallet}", ctx), list[Holding])
            held = self.cache[wallet]
            yield Batch(records=[Snapshot(account=wallet, asset=o.asset, quantity=o.total, at=ctx.tick) for o in held])


class SharedKey(Acme):
    """Sends the key of whoever came first."""

    keys: ClassVar[list[str]] = []

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        self.keys.append(self.config.key.get_secret_value())
        return ctx.http.get(self.config.url + path, params=params, headers={"authorization": self.keys[0]})


class Tireless(Acme):
    """Does not look at the clock."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        yield from super().payouts(cursor, replace(ctx, time_left=lambda: timedelta(minutes=1)))


class Trusting(Acme):
    """Speaks without looking at the certificate."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        import httpx

        if not self.config.url.startswith("https"):
            return super().get(path, ctx, **params)
        answer = httpx.get(self.config.url + path, params=params, verify=False)
        answer.raise_for_status()
        return answer


class Linked(Acme):
    """Is linked, but does not mind that it was not; and shows its key in the address."""

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        return LinkStep(url=f"https://acme.example/login?to={redirect}&state={state}&key={self._shown()}")

    def _shown(self) -> str:
        return self.config.key.get_secret_value()


class Stateless(Linked):
    """Forgets the state."""

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        return LinkStep(url=f"https://acme.example/login?to={redirect}")


class Quoted(Acme):
    """Knows the rate of anything."""

    def rates(self, query: RateQuery, ctx: Context) -> Iterator[Rate]:
        self.get("/me", ctx)
        for day in query.days:
            yield Rate(base=query.base, quote=query.quote, at=datetime(2026, 1, day.day, tzinfo=UTC), value=Decimal(2))


class Soothing(Quoted):
    """Takes a failure for no rate."""

    def rates(self, query: RateQuery, ctx: Context) -> Iterator[Rate]:
        with contextlib.suppress(RetryLater):
            if query.base == "POINTS" and query.days[0].year == 2026:
                yield from super().rates(query, ctx)


class Different(Acme):
    """Yields other records than are expected."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        for batch in super().payouts(cursor, ctx):
            yield replace(batch, records=[replace(one, amount=-one.amount) for one in _transactions(batch)])


def _transactions(batch: Batch) -> list[Transaction]:
    return [one for one in batch.records if isinstance(one, Transaction)]


def kind(connect: type[Any], config: type[Any] = AcmeConfig) -> ConnectorType[Any]:
    """A connector type like Acme's with another class in it."""
    return replace(CONNECTOR, connect=connect, config=config)


#: (the check that has to fail, on what, a connector that makes it fail).
BAD: list[tuple[str, str, ConnectorType[Any]]] = [
    ("unknown_settings_are_refused", "", kind(Acme, Loose)),
    ("settings_and_connector_hide_secrets", "", kind(PlainKey, Plain)),
    ("no_secret_in_logs_errors_rows_and_cursors", "[payouts]", kind(Talkative)),
    ("no_secret_in_logs_errors_rows_and_cursors", "[check()]", kind(Tattling)),
    ("check_says_something", "", kind(Silent)),
    ("it_ends_when_every_page_is_the_same", "[payouts]", kind(Endless)),
    ("rows_are_sound", "[payouts]", kind(Doubling)),
    ("rows_are_sound", "[balances]", kind(Foreseeing)),
    ("rows_are_sound", "[payouts]", kind(Naive)),
    ("cursors_survive_the_database", "[payouts]", kind(TupleCursor)),
    ("cursors_survive_the_database", "[payouts]", kind(Hoarding)),
    ("a_run_ended_anywhere_is_resumed_without_loss", "[payouts]", kind(Skipping)),
    ("one_batch_a_run_gets_there_too", "[payouts]", kind(Starting)),
    ("repeating_changes_nothing", "[payouts]", kind(Counting)),
    ("two_instances_share_nothing", "[balances]", kind(Sharing)),
    ("two_instances_share_nothing", "[payouts]", kind(SharedKey)),
    ("it_stops_at_the_next_page_when_time_is_short", "[payouts]", kind(Tireless)),
    *(
        ("a_fault_is_told_as_the_error_flowd_reacts_to", f"[payouts-{fault}]", kind(connect))
        for connect, faults in {
            Confusing: ("500", "503", "timeout", "broken", "truncated"),
            Unguarded: ("html", "half"),
            Impatient: ("429",),
            Swallowing: ("503",),
            Excusing: ("401", "403"),
        }.items()
        for fault in faults
    ),
    ("one_failed_request_is_not_passed_over", "[payouts]", kind(Swallowing)),
    ("a_failed_request_never_writes_zero", "[balances]", kind(Zeroing)),
    ("a_certificate_nobody_trusts_is_no_answer", "[payouts]", kind(Trusting)),
    ("tiny_and_long_amounts_keep_every_digit", "[balances]", kind(Rounding)),
    ("large_and_negative_amounts_do_not_crash", "[payouts]", kind(Fearful)),
    ("texts_of_any_kind_come_through", "[payouts]", kind(Western)),
    ("empty_pages_and_vanished_accounts_do_not_crash", "[balances]", kind(FirstOf)),
    ("a_field_that_is_gone_or_of_another_kind_is_told", "[payouts]", kind(Untyped)),
    ("cases_give_the_expected_records", "[payouts]", kind(Different)),
    ("without_a_link_it_asks_for_one", "[payouts]", replace(kind(Linked), links=True)),
    ("the_page_to_log_in_on_carries_the_state_and_no_secret", "", replace(kind(Linked), links=True)),
    ("the_page_to_log_in_on_carries_the_state_and_no_secret", "", replace(kind(Stateless), links=True)),
    ("questions_for_rates_are_answered_or_left_open", "", replace(kind(Quoted), quotes=True)),
    ("questions_for_rates_are_answered_or_left_open", "", replace(kind(Soothing), quotes=True)),
]
