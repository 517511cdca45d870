"""Checks with hostile data, made by altering the recorded answers: nothing crashes, nothing is lost or rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from flowd.api import Record
from flowd.testing import altering
from flowd.testing.replay import Asked, Reply
from flowd.testing.rows import name_of
from flowd.testing.suite_setup import ConnectorSetup, Outcome

Alter = Callable[[Asked, Reply], Reply]

_TINY: Final = "0.000000000000000001"
_LONG: Final = "1234567.123456789012345678"
_EMOJI: Final = " 🦊 Zoë ‮Ж 'quoted' \"twice\" \\ %s {0}"
#: What a record itself refuses an absurd amount with: nothing lands, and flowd names the record.
_REFUSED: Final = (ValueError,)


class HostileChecks(ConnectorSetup):
    """Every feed, on answers altered for the worse."""

    def hostile(self) -> Iterable[tuple[str, Alter]]:
        """Yield the author's own alterations, each with a name: the run must end without a crash."""
        return ()

    def test_tiny_and_long_amounts_keep_every_digit(self, feed: str) -> None:
        """1e-18 and 25 digits come through as they are: an amount is never a float on its way."""
        for text in (_TINY, _LONG):
            outcome = self._on_all(feed, altering.amounts(text))
            rounded = {Decimal(repr(float(text))), Decimal(float(text))} - {Decimal(text)}
            for record in outcome.ran.records:
                for name, value in _numbers(record):
                    assert abs(value) not in rounded, (
                        f"{feed}: {text} became {value} in {name} of {name_of(record)}: it was a float on its way"
                    )

    def test_large_and_negative_amounts_do_not_crash(self, feed: str) -> None:
        """Amounts up to 1e30, beyond it, and with the sign turned round."""
        for text in ("999999999999999999999999999999.0", "-~", "0.00"):
            self._on_all(feed, altering.amounts(text))
        self._on_all(feed, altering.amounts("1000000000000000000000000000000.0"), expect=_REFUSED)

    def test_texts_of_any_kind_come_through(self, feed: str) -> None:
        """Emoji, other alphabets, quotes and patterns in people's own words lose no row."""
        clean = self.clean(feed)[0]
        outcome = self._on_all(feed, altering.words(_EMOJI))
        assert len(outcome.ran.records) == len(clean.ran.records), (
            f"{feed} yields {len(outcome.ran.records)} records instead of {len(clean.ran.records)} "
            f"when texts hold emoji ({outcome.error or 'without an error'})"
        )

    def test_empty_pages_and_vanished_accounts_do_not_crash(self, feed: str) -> None:
        """Lists without items, and lists whose first item is gone."""
        self._on_all(feed, altering.emptied)
        self._on_all(feed, altering.first_gone)
        for method, path in self._addresses(feed)[: max(1, self.most_runs // 2)]:
            for change in (altering.emptied, altering.first_gone):
                self._end(feed, altering.on(method, path, change), f"lists of {path} changed")

    def test_a_field_that_is_gone_or_of_another_kind_is_told(self, feed: str) -> None:
        """Fields that vanish or become null or an object lead to flowd's errors, never to a KeyError."""
        kinds: tuple[tuple[str, object], ...] = (("gone", altering.GONE), ("null", None), ("an object", {"a": "b"}))
        tries = [
            (f"{'.'.join(place)} of {path} is {word}", altering.on(method, path, altering.at(place, new)))
            for (method, path), found in self._places(feed).items()
            for place in found
            for word, new in kinds
        ]
        step = max(1, -(-len(tries) // self.most_runs))
        for said, change in tries[:: step if step % len(kinds) or step == 1 else step + 1]:
            self._end(feed, change, said)

    def test_the_authors_own_alterations(self, feed: str) -> None:
        """What `hostile()` yields."""
        for name, change in self.hostile():
            self._end(feed, change, name)

    # --- Parts -------------------------------------------------------------------------------------------------------

    def _on_all(self, feed: str, change: altering.Change, **how: Any) -> Outcome:
        outcome, spun = self.altered(feed, lambda _, reply: altering.altered(reply, change), **how)
        assert not spun, f"{feed} asks without end"
        return outcome

    def _end(self, feed: str, change: Alter, said: str) -> None:
        try:
            _, spun = self.altered(feed, change)
        except AssertionError as error:
            raise AssertionError(f"{said}: {error}") from error.__cause__
        assert not spun, f"{feed} asks without end when {said}"

    def _addresses(self, feed: str) -> list[tuple[str, str]]:
        return list(dict.fromkeys((one.method, one.path) for one in self.clean(feed)[1]))

    def _places(self, feed: str) -> dict[tuple[str, str], list[altering.Place]]:
        """Return the fields of each address's answers."""
        found: dict[tuple[str, str], dict[altering.Place, None]] = {}

        def note(asked: Asked, reply: Reply) -> Reply:
            found.setdefault((asked.method, asked.path), {}).update(dict.fromkeys(altering.places(reply)))
            return reply

        self.altered(feed, note)
        return {address: list(listed) for address, listed in found.items()}


def _numbers(record: Record) -> list[tuple[str, Decimal]]:
    values = ((one.name, getattr(record, one.name)) for one in fields(record))
    return [(name, value) for name, value in values if isinstance(value, Decimal)]
