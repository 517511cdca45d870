"""Checks of what a feed yields: it ends, its rows are sound, and stopping, resuming and repeating change nothing."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import timedelta
from typing import Final

from flowd.api import Batch, Cursor, Rate, RetryLater, Snapshot
from flowd.domain.records import CURSOR_BYTES
from flowd.testing.replay import Asked, Reply
from flowd.testing.rows import Key, content_of, key_of, name_of, rows
from flowd.testing.suite_setup import CHECK, ENDLESS, ConnectorSetup, made_up_ones, made_up_secret, secrets_in

_LITTLE: Final = timedelta(seconds=0.2)
_MOST_RESUMES: Final = 20


class RunChecks(ConnectorSetup):
    """Every feed, run whole, in pieces, twice, and beside another."""

    def test_check_says_something(self) -> None:
        """check() goes well on the recorded answers and has a summary."""
        outcome, _ = self.clean(CHECK)
        assert outcome.check is not None
        assert outcome.check.summary.strip(), "check() has an empty summary: say in words what was found"

    def test_it_ends_when_every_page_is_the_same(self, feed: str) -> None:
        """A source that answers each address with its first answer for ever does not hold the run for ever."""
        first: dict[tuple[str, str], Reply] = {}

        def same(asked: Asked, reply: Reply) -> Reply:
            return first.setdefault((asked.method, asked.path), reply)

        outcome, spun = self.altered(feed, same)
        assert not spun, f"{feed} asks for pages without end when they repeat: stop at a page or cursor seen before"
        assert len(outcome.ran.batches) < ENDLESS

    def test_rows_are_sound(self, feed: str) -> None:
        """No key twice with two contents in a batch; no reading from the future."""
        for batch in self.clean(feed)[0].ran.batches:
            seen: dict[Key, str] = {}
            for record in batch.records:
                key, content = key_of(record), content_of(record)
                assert seen.setdefault(key, content) == content, (
                    f"{feed}: {name_of(record)} stands twice in a batch, with two contents: {seen[key]} and {content}"
                )
                if isinstance(record, Snapshot | Rate):
                    assert record.at <= self.tick + timedelta(days=1), (
                        f"{feed}: {name_of(record)} was read at {record.at}, which has not come yet"
                    )

    def test_cursors_survive_the_database(self, feed: str) -> None:
        """A cursor is the same after a way through JSON, and far from its limit of 16 KiB."""
        for batch in self.clean(feed)[0].ran.batches:
            if batch.cursor is None:
                continue
            text = json.dumps(batch.cursor.data)
            assert json.loads(text) == batch.cursor.data, (
                f"{feed}: the cursor is another after JSON (tuples become lists, keys texts): {batch.cursor.data!r}"
            )
            assert len(text.encode()) <= CURSOR_BYTES // 2, (
                f"{feed}: a cursor of {len(text)} bytes on recorded answers will pass {CURSOR_BYTES} on real ones: "
                "keep a position, not what was seen"
            )

    def test_a_run_ended_anywhere_is_resumed_without_loss(self, feed: str) -> None:
        """After a crash behind any batch the next run brings the rest: together the rows of one whole run."""
        whole = self.clean(feed)[0].ran
        expected = rows(whole.batches)
        count = len(whole.batches)
        for stop in _spread(range(1, count), _MOST_RESUMES):
            with self.opened() as (source, harness):
                first = self.call(harness, feed, batches=stop).ran
                rest = self.call(self.harness(source), feed, first.cursor).ran
            _same(rows([*first.batches, *rest.batches]), expected, f"{feed}, ended after batch {stop} of {count}")

    def test_one_batch_a_run_gets_there_too(self, feed: str) -> None:
        """A source so slow that each run ends after one batch is read whole all the same."""
        whole = self.clean(feed)[0].ran
        if len(whole.batches) < 2 or any(batch.cursor is None for batch in whole.batches):
            return
        gathered: list[Batch] = []
        cursor: Cursor | None = None
        with self.opened() as (source, _):
            for _ in range(min(2 * len(whole.batches) + 2, 200)):
                ran = self.call(self.harness(source), feed, cursor, batches=1).ran
                gathered += ran.batches
                if not ran.batches or ran.cursor == cursor:
                    break
                cursor = ran.cursor
        _same(rows(gathered), rows(whole.batches), f"{feed}, one batch a run")

    def test_repeating_changes_nothing(self, feed: str) -> None:
        """The same source gives the same rows again, from the beginning and from the end."""
        whole = self.clean(feed)[0].ran
        expected = rows(whole.batches)
        with self.opened() as (source, harness):
            self.call(harness, feed)
            again = self.call(harness, feed).ran
            after = self.call(self.harness(source), feed, whole.cursor).ran
        _same(rows(again.batches), expected, f"{feed}, run again from the beginning")
        new = rows(after.batches)
        _same(new, {key: expected.get(key, "nothing") for key in new}, f"{feed}, run again from where it ended")

    def test_two_instances_share_nothing(self, feed: str) -> None:
        """Two connections at once read what each would read alone, each from its own source with its own key."""
        whole, asked = self.clean(feed)
        expected = rows(whole.ran.batches)
        mine: list[list[Batch]] = [[], []]
        with ExitStack() as stack:
            sources = [stack.enter_context(self.source()) for _ in mine]
            harnesses = [self.harness(sources[0]), self.harness(sources[1], **self._other_secrets())]
            runs = []
            for harness in harnesses:
                ctx, _, _ = stack.enter_context(harness.context(self.tick))
                runs.append(harness.steps(feed, self.begin.get(feed), ctx))
            open_ones = {0, 1}
            while open_ones:
                for number in sorted(open_ones):
                    try:
                        mine[number].append(next(runs[number]))
                    except StopIteration:
                        open_ones.discard(number)
                    except Exception as error:
                        assert feed in self.partly, f"{feed}, beside another instance: {type(error).__name__}: {error}"
                        open_ones.discard(number)
            theirs = set(secrets_in(harnesses[0].config)) - set(secrets_in(harnesses[1].config))
            for one in sources[1].asked:
                told = f"{one.path} {one.query} {one.headers} {one.body!r}"
                leaked = [secret for secret in theirs if secret in told]
                assert not leaked, f"{feed}: one connection's key went to another one's source ({one.path})"
            counts = [sorted(source.paths()) for source in sources]
        for number, batches in enumerate(mine):
            _same(rows(batches), expected, f"{feed}, beside another instance")
            assert counts[number] == sorted(f"{one.method} {one.path}" for one in asked), (
                f"{feed} asks otherwise beside another instance: what one knows, the other must ask for itself"
            )

    def test_it_stops_at_the_next_page_when_time_is_short(self, feed: str) -> None:
        """With 0.2 seconds left after the first batch it ends within the next one, and its cursor has the rest."""
        whole = self.clean(feed)[0].ran
        if len(whole.batches) < 3:
            return
        begun = False

        def left() -> timedelta:
            return _LITTLE if begun else timedelta(seconds=30)

        done: list[Batch] = []
        with self.opened() as (source, harness):
            with harness.context(self.tick, time_left=left) as (ctx, _, _):
                try:
                    for batch in harness.steps(feed, self.begin.get(feed), ctx):
                        done.append(batch)
                        begun = True
                except RetryLater:
                    pass
            assert len(done) <= 2, (
                f"{feed} reads {len(done)} of {len(whole.batches)} batches with 0.2 s left: look at ctx.time_left() "
                "before each page, and return when it is short"
            )
            cursor = next((batch.cursor for batch in reversed(done) if batch.cursor is not None), None)
            rest = self.call(self.harness(source), feed, cursor).ran
        _same(rows([*done, *rest.batches]), rows(whole.batches), f"{feed}, stopped for want of time")

    def _other_secrets(self) -> dict[str, object]:
        """Return other secrets for the settings that have made-up ones."""
        made_up = made_up_ones(self.sample)
        with self.source() as source:
            written = self.settings(source)
        return {
            name: made_up_secret(f"{name}, another")
            for name, value in written.items()
            if isinstance(value, str) and value in made_up
        }


def _same(found: dict[Key, str], expected: dict[Key, str], where: str) -> None:
    missing = [key for key in expected if key not in found]
    extra = [key for key in found if key not in expected]
    other = [key for key in found if key in expected and found[key] != expected[key]]
    said = [
        f"{len(keys)} {what}, such as {sample[keys[0]]}"
        for what, keys, sample in (
            ("rows are missing", missing, expected),
            ("rows are new", extra, found),
            ("rows say something else", other, {key: f"{found[key]} instead of {expected[key]}" for key in other}),
        )
        if keys
    ]
    assert not said, f"{where}: {'; '.join(said)}"


def _spread(places: range, most: int) -> list[int]:
    """Return at most so many of `places`, first and last among them."""
    if len(places) <= most:
        return list(places)
    return sorted({places[round(index * (len(places) - 1) / (most - 1))] for index in range(most)})
