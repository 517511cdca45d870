"""The suite of studies: pure functions of a history, whatever is missing in it, whose rows flowd can keep."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from flowd.api import Config, History, Portfolio, Series, Study
from flowd.engine.study_checks import BadRow, sorted_rows
from flowd.testing.histories import make_history
from flowd.testing.suite_plugin import PluginChecks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Rows = dict[str, list[Any]]


class StudySuite(PluginChecks):
    """What every study must do; `history()` gives one it computes something from (see flowd.testing.histories)."""

    kind = "study"
    study: ClassVar[Study]
    #: Its settings, as they stand under `config` in flowd.yaml.
    settings: ClassVar[Mapping[str, object]] = {}

    def subject(self) -> Study:
        """Return the study."""
        return self.study

    def history(self) -> History:
        """Return a history, fresh."""
        raise NotImplementedError

    def test_it_computes_something(self) -> None:
        """Rows of the tables it names, each key once, every number a finite Decimal."""
        assert self._rows(self.history()), "it computes nothing from the history"

    def test_the_same_history_gives_the_same_rows(self) -> None:
        """Again, and whatever the order in which streams were put into it; and it leaves the history as it was."""
        expected = self._rows(self.history())
        history = self.history()
        before = [array.copy() for array in _arrays(history)]
        assert self._rows(history) == expected, "computed again, the rows are others"
        changed = any(not _same(one, other) for one, other in zip(before, _arrays(history), strict=True))
        assert not changed, "it changes the history it is given"
        assert self._rows(_stirred(self.history())) == expected, "the order in which streams are told changes the rows"

    def test_nothing_gives_nothing_wrong(self) -> None:
        """Without facts, with a single day, and with streams that never brought in anything, it does not fail."""
        history = self.history()
        self._rows(make_history(until=history.until))
        names = [info.stream for info in history.streams] or ["salary"]
        for length in (0, 1, 2):
            self._rows(make_history(until=history.until, streams={name: [0.0] * length for name in names}))

    def test_what_is_not_known_is_no_number(self) -> None:
        """Of a history in which nothing is known any more it gives rows that can be kept, or none."""
        history = self.history()
        for array in _arrays(history):
            if array.dtype.kind == "f":
                array[:] = float("nan")
        self._rows(replace(history, cash=None, net_worth=None, rate=lambda _, __, ___: None))

    def test_a_day_later_it_does_not_fail(self) -> None:
        """On the next day, of which nothing is known yet, it gives rows as well."""
        history = self.history()
        self._rows(replace(history, today=history.today + timedelta(days=1)))

    def _rows(self, history: History) -> Rows:
        config: Config = self.study.config.model_validate(dict(self.settings))
        try:
            return sorted_rows(self.study, self.study.study(history, config), history)
        except BadRow as problem:
            raise AssertionError(f"it {problem}") from None
        except Exception as error:
            raise AssertionError(f"it raised {type(error).__name__}: {error}") from error


def _arrays(thing: object) -> Iterator[NDArray[np.float64]]:
    """Yield every array in a history."""
    import numpy as np

    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, Mapping):
        for one in thing.values():
            yield from _arrays(one)
    elif isinstance(thing, Series | Portfolio | History) or is_dataclass(thing):
        for field in fields(thing):
            yield from _arrays(getattr(thing, field.name))
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from _arrays(one)


def _same(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    import numpy as np

    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _stirred(history: History) -> History:
    """Return the same history, its mappings filled in another order."""
    chance = random.Random(1)  # noqa: S311 - the same each time is what is wanted

    def stirred(items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
        known = list(items)
        return dict(chance.sample(known, len(known))[::-1])

    changed: dict[str, Any] = {
        name: stirred(getattr(history, name).items()) for name in ("income", "receipts", "models", "digests")
    }
    return replace(history, **changed)
