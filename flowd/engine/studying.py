"""Brings studies up to date: which are due, what they give, and keeping the difference to what is stored."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from flowd import __version__
from flowd.api import Study
from flowd.config import Settings
from flowd.config.binding import bind_studies
from flowd.domain.json import canonical
from flowd.engine.clock import Clock
from flowd.engine.facts import read_facts
from flowd.engine.study_checks import BadRow, sorted_rows
from flowd.plugins import Registry
from flowd.storage.database import Database
from flowd.storage.statements import statements
from flowd.storage.study_rows import TABLES, Row, Table, forget, keep

if TYPE_CHECKING:
    from flowd.api import History

#: Raised whenever the same facts lead to other rows than before.
EDITION: Final = 1
#: Seconds that storing what one study gives may take.
STEP: Final = 600.0
#: Seconds that one study may compute.
LIMIT: Final = 600.0
#: Seconds that all of them may take, and that another process is waited for.
WHOLE: Final = 3600.0


class Outcome(StrEnum):
    """What became of a study: computed, not due, or not to be had (the reason is told then)."""

    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """What one study did: rows it gave, rows that changed, seconds, and the reason where it could not."""

    study: str
    outcome: Outcome
    rows: int = 0
    changed: int = 0
    seconds: float = 0.0
    reason: str = ""

    def as_row(self) -> Mapping[str, object]:
        """Return what `flowd study --json` prints."""
        return {
            "study": self.study,
            "outcome": self.outcome.value,
            "rows": self.rows,
            "changed": self.changed,
            "seconds": round(self.seconds, 3),
            "reason": self.reason or None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """For which day and on which facts studies are to be made, and for which each was made last."""

    today: date
    until: date
    base_currency: str
    revision: int
    made: Mapping[str, tuple[date, str]]


class Studies:
    """The studies of one tenant; rounds exclude one another, also those of other processes."""

    def __init__(
        self, database: Database, registry: Registry, settings: Settings, clock: Clock, *, limit: float = LIMIT
    ) -> None:
        self._database = database
        self._registry = registry
        self._settings = settings
        self._clock = clock
        self._limit = limit
        self._configs, self._problems = bind_studies(settings, registry)

    @property
    def names(self) -> list[str]:
        """The studies that are not switched off, flowd's own first: what others do delays none of those."""
        known = [*self._configs, *self._problems]
        own = {name for name in known if type(self._registry.studies[name]).__module__.split(".")[0] == "flowd"}
        return [name for name in self._registry.studies if name in own] + [
            name for name in self._registry.studies if name in known and name not in own
        ]

    def due(self) -> list[str]:
        """Return the studies whose rows are not of today, or not of the facts and settings there are now."""
        return [name for name in self.due_for()[0] if name in self._configs]

    def due_for(self) -> tuple[dict[str, str], str]:
        """Return the studies that are due, each with what stands for the facts it is due for, and the tenant's day.

        Rows of studies that are gone or switched off are due to be dropped: they stand there under their names, too.
        """
        now = self._now()
        due = {name: self._digest(name, now) for name in self.names if name in self._configs}
        today = now.today.isoformat()
        wanted = {name: f"{today} {digest}" for name, digest in due.items() if self._is_due(name, now)}
        return wanted | {name: "gone" for name in now.made if name not in self.names}, today

    def run(self, names: Collection[str] | None = None, *, rebuild: bool = False) -> list[Studied]:
        """Bring the studies `names` (all if None) up to date; with `rebuild`, drop their rows first.

        What was foretold is never dropped. A study that fails, gives what cannot be kept or takes too long leaves its
        rows as they were. Raises DatabaseAway; every study before it is kept then.
        """
        with self._database.transaction(WHOLE) as holder:
            holder.execute(statements("studies")["lock"], {"tenant": self._database.tenant_id})
            self._forget_gone()
            now = self._now()
            results: list[Studied] = []
            history: History | None = None
            taken = self._owners()
            for name in self.names if names is None else [one for one in self.names if one in set(names)]:
                if name in self._problems:
                    words = "; ".join(str(problem) for problem in self._problems[name])
                    results.append(Studied(study=name, outcome=Outcome.FAILED, reason=words))
                    continue
                if name in taken:
                    results.append(Studied(study=name, outcome=Outcome.FAILED, reason=taken[name]))
                    continue
                if not rebuild and not self._is_due(name, now):
                    results.append(Studied(study=name, outcome=Outcome.UNCHANGED))
                    continue
                if history is None:
                    from flowd.engine.histories import gather

                    history = gather(self._database, self._settings, self._registry, self._clock)
                    # what is made anew goes by nothing that was made before
                    history = replace(history, models={}) if rebuild else history
                results.append(self._study(name, history, now, rebuild=rebuild))
                holder.prolong(WHOLE)
            return results

    # --- one study ---

    def _study(self, name: str, history: History, now: _Due, *, rebuild: bool) -> Studied:
        begun = self._clock.monotonic()
        study = self._registry.studies[name]
        with_methods: Callable[[Sequence[object]], Study] | None = getattr(study, "with_methods", None)
        if with_methods is not None:
            study = with_methods(list(self._registry.methods.values()))
        try:
            with _limited(self._limit):
                given = sorted_rows(study, study.study(history, self._configs[name]), history)
        except Exception as error:
            seconds = self._clock.monotonic() - begun
            return Studied(study=name, outcome=Outcome.FAILED, seconds=seconds, reason=_reason(error))
        except _TooLong:
            seconds = self._clock.monotonic() - begun
            reason = f"it took longer than {self._limit:g} s and was ended"
            return Studied(study=name, outcome=Outcome.FAILED, seconds=seconds, reason=reason)
        changed = self._keep(name, given, now, rebuild=rebuild)
        return Studied(
            study=name,
            outcome=Outcome.DONE,
            rows=sum(len(rows) for rows in given.values()),
            changed=changed,
            seconds=self._clock.monotonic() - begun,
        )

    def _keep(self, name: str, given: Mapping[str, Sequence[Row]], now: _Due, *, rebuild: bool) -> int:
        fields: dict[str, object] = {
            "tenant_id": self._database.tenant_id,
            "analytic": name,
            "base_currency": now.base_currency,
            "made_on": now.today,
            "made_at": self._clock.now(),
        }
        changed = 0
        with self._database.transaction(STEP) as session:
            for table in _tables(self._registry.studies[name]):
                if rebuild and table.name.startswith("derived."):
                    forget(session, table, fields)
                changed += keep(session, table, given.get(table.name, ()), fields)
                session.prolong(STEP)
            made = {"tenant": fields["tenant_id"], "study": name, "as_of": now.until, "digest": self._digest(name, now)}
            session.execute(statements("studies")["save_made"], made)
        return changed

    # --- which ones ---

    def _now(self) -> _Due:
        sql, tenant = statements("studies"), {"tenant": self._database.tenant_id}
        with self._database.transaction() as session:
            facts = read_facts(session, self._database.tenant_id, self._settings, self._registry, self._clock)
            state = session.execute(sql["state"], tenant).fetchone()
            made = session.execute(sql["made"], tenant).fetchall()
        assert state is not None
        return _Due(
            today=facts.today,
            until=date.fromordinal(facts.today.toordinal() - 1),
            base_currency=facts.base_currency,
            revision=state[0],
            made={study: (as_of, digest) for study, as_of, digest in made},
        )

    def _is_due(self, name: str, now: _Due) -> bool:
        return now.made.get(name) != (now.until, self._digest(name, now))

    def _digest(self, name: str, now: _Due) -> str:
        """Return what stands for the facts and the settings that a study is made of."""
        settings, study = self._settings, self._registry.studies[name]
        versions = [[one.name, one.version] for one in self._registry.plugins if one.kinds]
        facts = [
            EDITION,
            __version__,
            sorted(versions, key=str),
            now.revision,
            now.base_currency,
            settings.tenant.timezone,
            {stream: said.model_dump(mode="json") for stream, said in settings.streams.items()},
            self._configs[name].model_dump(mode="json"),
            sorted(study.writes),
            sorted(self._registry.methods) if hasattr(study, "with_methods") else [],
        ]
        return blake2b(canonical(facts).encode(), digest_size=12).hexdigest()

    def _owners(self) -> dict[str, str]:
        """Say of each study that would write to another's table why it cannot; all may write metrics."""
        owners: dict[str, str] = {}
        refused: dict[str, str] = {}
        for name in self.names:
            study = self._registry.studies[name]
            known = {table.name for table in TABLES}
            if strange := [table for table in study.writes if table not in known]:
                refused[name] = f"writes to {', '.join(strange)}; studies may write to {', '.join(sorted(known))}"
                continue
            for table in _tables(study):
                owner = owners.setdefault(table.name, name)
                if owner != name and "analytic" not in table.given:
                    refused[name] = f"writes to {table.name}, which belongs to the study {owner}"
        return refused

    def _forget_gone(self) -> None:
        """Drop the rows of studies that are not there any more, or are switched off."""
        sql, tenant = statements("studies"), self._database.tenant_id
        kept = set(self.names)
        written = {table.name for name in kept for table in _tables(self._registry.studies[name])}
        with self._database.transaction(STEP) as session:
            gone = [row[0] for row in session.execute(sql["made"], {"tenant": tenant}) if row[0] not in kept]
            for name in gone:
                session.execute(sql["forget_metrics"], {"tenant": tenant, "study": name})
                session.execute(sql["forget_study"], {"tenant": tenant, "study": name})
            for table in TABLES if gone else ():
                if table.name.startswith("derived.") and table.name not in written and "analytic" not in table.given:
                    forget(session, table, {"tenant_id": tenant})


def _tables(study: Study) -> Iterator[Table]:
    return (table for table in TABLES if table.name in study.writes)


class _TooLong(BaseException):
    """A study is over its time; no study's own `except Exception` catches this."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """End what goes on inside when its time is over; only the main thread can be interrupted so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_: int, __: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _reason(error: Exception) -> str:
    """Say in one line what a study raised, and where."""
    if isinstance(error, BadRow):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    last = next((one for one in reversed(frames) if "numpy" not in Path(one.filename).parts), None)
    where = "" if last is None else f" ({'/'.join(Path(last.filename).parts[-2:])}:{last.lineno})"
    try:
        text = " ".join(str(error).split())[:300]
    except Exception:
        text = "(no text)"
    return f"{type(error).__name__}: {text}{where}"
