"""Keeps what is derived in step with what was read: wakes when raw rows arrive, when a day ends, when asked."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from flowd.edges.figures import state_figures
from flowd.engine.clock import Clock
from flowd.engine.derivation import Derivation
from flowd.engine.seeking import RateSeeker
from flowd.engine.telemetry import Telemetry
from flowd.errors import AlreadyRunning, DatabaseAway, FlowdError
from flowd.storage.listening import ASK, Listener, read_ask
from flowd.storage.reports import Reports
from flowd.storage.views import Views

log = logging.getLogger(__name__)
#: How long nothing may be heard before the notes of change are looked at all the same.
_LOOK_EVERY: Final = 30.0
#: How long after a failure the next try comes.
_AFTER_FAILURE: Final = 5.0
#: How often documents for interfaces are made anew at most, in seconds, and how many times as long as it took to make
#: them they stay: a twentieth of the time is theirs in a store of any size.
_VIEWS_EVERY: Final = 15.0
_VIEWS_REST: Final = 20

Ask = Callable[[Mapping[str, object]], None]


def derive(derivation: Derivation, seeker: RateSeeker) -> None:
    """Derive what is pending; where numbers lack rates that a provider has, once more with them."""
    derivation.catch_up()
    if (lacking := derivation.missing_rates()) and seeker.seek(lacking):
        derivation.catch_up()


class Deriving:
    """A thread that waits for changes and derives.

    `asked` is called with what commands ask of the daemon, `derived` after every round that went well.
    """

    def __init__(
        self,
        derivation: Derivation,
        seeker: RateSeeker,
        listener: Listener,
        reports: Reports,
        views: Views,
        telemetry: Telemetry,
        clock: Clock,
        *,
        tenant_id: Callable[[], int],
        asked: Ask,
        derived: Callable[[], None] = lambda: None,
    ) -> None:
        self._derivation = derivation
        self._seeker = seeker
        self._listener = listener
        self._reports = reports
        self._views = views
        self._views_due = 0.0
        self._telemetry = telemetry
        self._clock = clock
        self._tenant_id = tenant_id
        self._asked = asked
        self._derived = derived
        self._stop = threading.Event()
        self._again = threading.Event()
        self._rebuild = threading.Event()
        self._day: date | None = None
        self._behind_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="flowd-derive", daemon=True)
        #: What is wrong with deriving now; empty when nothing is.
        self.trouble = ""

    @property
    def alive(self) -> bool:
        """Whether the thread is there."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, within: float = 5.0) -> None:
        """Stop after the round under way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(within)
        self._listener.close()

    def use(self, derivation: Derivation, *, rebuild: bool) -> None:
        """Derive by new settings from now on; with `rebuild`, everything anew."""
        self._derivation = derivation
        if rebuild:
            self._rebuild.set()

    def _run(self) -> None:
        first = True
        while not self._stop.is_set():
            try:
                heard = (
                    [] if first else self._listener.wait(_AFTER_FAILURE if self.trouble else _LOOK_EVERY, self._stop)
                )
                first = False
                for word in heard:
                    if word.channel == ASK and (wish := read_ask(word, self._tenant_id())):
                        self._asked(wish)
                if self._stop.is_set():
                    return
                self._derive()
                self._telemetry.derived(self._clock.now())
                self._tell("")
                self._derived()
            except DatabaseAway as problem:
                self._tell(str(problem))
            except AlreadyRunning as problem:
                self._tell(str(problem))
                self._stop.wait(_AFTER_FAILURE)
            except FlowdError as problem:
                if str(problem) != self.trouble:
                    log.error("what was read cannot be derived: %s", problem)
                self._tell(str(problem))
            except Exception as problem:
                # Flowd's own mistake: what was read is safe, and the next round tries again.
                if str(problem) != self.trouble:
                    log.exception("deriving failed in flowd itself")
                self._tell(f"{type(problem).__name__}: {problem}")
                self._stop.wait(_AFTER_FAILURE)

    def _derive(self) -> None:
        if self._rebuild.is_set():
            self._derivation.rebuild()
            self._rebuild.clear()
        derive(self._derivation, self._seeker)
        state_figures(self._reports, self._telemetry)
        begun = self._clock.monotonic()
        if begun >= self._views_due:
            self._views.refresh(self._clock.now())
            over = self._clock.monotonic()
            self._views_due = over + max(_VIEWS_EVERY, _VIEWS_REST * (over - begun))

    def _tell(self, trouble: str) -> None:
        self.trouble = trouble
        now = self._clock.monotonic()
        if not trouble:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now
        behind = 0.0 if self._behind_since is None else now - self._behind_since
        self._telemetry.derivation_lag(timedelta(seconds=behind))
