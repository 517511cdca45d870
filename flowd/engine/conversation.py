"""One run's talk with a connector's process, from the daemon's side: it trusts nothing that is said there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any, Final

from flowd.domain.records import Cursor
from flowd.engine.clock import Clock
from flowd.engine.limits import Turn
from flowd.engine.parcel import Parcel
from flowd.engine.protocol import Channel, Closed, Message, ProtocolBroken, TimeUp
from flowd.engine.retry import Outcome
from flowd.engine.token_desk import TokenDesk, refused
from flowd.errors import BatchRefused, BudgetSpent, RetryLater

_LINES: Final = 200
_KINDS: Final = {
    "partial": Outcome.PARTIAL,
    "over_time": Outcome.OVER_TIME,
    "retry": Outcome.RETRY,
    "auth": Outcome.AUTH,
    "config": Outcome.CONFIG,
    "failed": Outcome.FAILED,
}


#: A connector that ends with less time than this left may have ended for that.
_SHORT: Final = 15.0


class CutShort(StrEnum):
    """What may have ended a run before everything was read: its time, or a budget of requests."""

    NO = "no"
    TIME = "time"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended, in the connector's words or ours (not yet redacted), and whether its process is still sound."""

    outcome: Outcome
    error_class: str | None = None
    text: str = ""
    after: timedelta | None = None
    traceback: str | None = None
    sound: bool = False
    crashed: bool = False
    answer: Mapping[str, Any] | None = None
    cut: CutShort = CutShort.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """What the daemon does with what it hears: keep a batch, give a turn, write a line, and whether to stop."""

    keep: Callable[[Parcel, Cursor | None], None]
    take: Callable[[float, float, str], Turn]
    write: Callable[[int, str], None]
    stopping: Callable[[], bool]
    expires: Callable[[datetime], None]
    tokens: TokenDesk


class Conversation:
    """One run: an order, then whatever comes back until it is done, broken or too late."""

    def __init__(
        self, channel: Channel, *, allowed: timedelta, clock: Clock, ears: Ears, folder: Path | None = None
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._ears = ears
        self._folder = folder
        self._allowed = allowed
        self._until = clock.monotonic() + allowed.total_seconds()
        self._lines = 0
        self._refused = False
        self._moved = False

    def hold(self, what: str, fields: Mapping[str, Any], body: bytes) -> Ending:
        """Give the order `what` and return how it ended; never raises for what the connector did."""
        parcel = Parcel(self._folder)
        try:
            self._channel.send(what, {**fields, "left": self._left()}, body, within=self._left())
            while True:
                message = self._channel.receive(self._left() + self._ears.tokens.grace)
                match message.what:
                    case "frame":
                        parcel.add(message.body)
                    case "batch":
                        self._keep(message, parcel)
                        self._moved = self._moved or message.fields.get("cursor") not in (None, fields.get("cursor"))
                        parcel.close()
                        parcel = Parcel(self._folder)
                    case "take":
                        self._give_turn(message.fields)
                    case "log":
                        self._write(message.fields)
                    case "token_read" | "token_renew" | "token_renewed" | "token_left" | "token_linked":
                        self._serve_tokens(message)
                    case "expires":
                        self._ears.expires(_moment(message.fields.get("at")))
                    case "done":
                        if parcel.frames:
                            raise ProtocolBroken("the run ended in the middle of a batch")
                        return Ending(outcome=Outcome.DONE, sound=True, answer=message.fields, cut=self._cut())
                    case "error":
                        return self._got_on(replace(_reported(message.fields), cut=self._cut()))
                    case other:
                        raise ProtocolBroken(f"an unknown message {other[:40]!r}")
        except TimeUp:
            text = f"it passed its deadline of {self._allowed.total_seconds():g} s and was ended"
            return Ending(outcome=Outcome.OVER_TIME, error_class="OverTime", text=text)
        except Closed:
            outcome = Outcome.INTERRUPTED if self._ears.stopping() else Outcome.FAILED
            return Ending(outcome=outcome, error_class="Crashed", text="its process", crashed=True)
        except ProtocolBroken as error:
            text = f"its process sent {error}, which is not flowd's language: does it print to the wrong place?"
            return Ending(outcome=Outcome.FAILED, error_class="ProtocolBroken", text=text)
        except BatchRefused as error:
            return Ending(outcome=Outcome.FAILED, error_class="BatchRefused", text=str(error))
        except RetryLater as error:
            return Ending(outcome=Outcome.RETRY, error_class=type(error).__name__, text=str(error), after=error.after)
        finally:
            parcel.close()
            self._ears.tokens.close()

    def _got_on(self, ending: Ending) -> Ending:
        """Call a run done that got on until flowd itself let it ask no more: it goes on after that, nothing failed."""
        if self._moved and self._refused and ending.error_class == BudgetSpent.__name__:
            return replace(ending, outcome=Outcome.DONE, error_class=None, traceback=None, cut=CutShort.BUDGET)
        return ending

    def _cut(self) -> CutShort:
        """Say what may have ended a run early, which no connector says; one that got nowhere has no more to read."""
        if self._moved and self._left() < _SHORT:
            return CutShort.TIME
        return CutShort.BUDGET if self._refused else CutShort.NO

    def _left(self) -> float:
        return max(0.0, self._until - self._clock.monotonic())

    def _keep(self, message: Message, parcel: Parcel) -> None:
        if message.fields.get("frames") != parcel.frames:
            raise ProtocolBroken(f"a batch of {message.fields.get('frames')!r} parts of which {parcel.frames} came")
        begun = self._clock.monotonic()
        self._ears.keep(parcel, _cursor(message.fields.get("cursor")))
        # Our own time, and the database's, is not the connector's.
        self._until += self._clock.monotonic() - begun
        stop = self._ears.stopping()
        self._channel.send("stop" if stop else "kept", {"left": self._left()}, within=self._left())

    def _give_turn(self, fields: Mapping[str, Any]) -> None:
        weight, host = fields.get("weight"), fields.get("host")
        if not isinstance(weight, int | float) or not isfinite(weight) or weight < 0 or not isinstance(host, str):
            raise ProtocolBroken(f"a request of the weight {weight!r:.40}")
        turn = self._ears.take(self._left(), float(weight), host[:300])
        self._refused = self._refused or turn.refused is not None
        given = {"wait": turn.wait} if turn.refused is None else {"refused": turn.refused, "after": turn.after}
        self._channel.send("turn", given, within=self._left())

    def _serve_tokens(self, message: Message) -> None:
        begun = self._clock.monotonic()
        if message.what == "token_renew" and self._ears.stopping():
            # An exchange that is cut off by the end of flowd loses what the source gave out.
            fields, body = refused("flowd is stopping")
        else:
            fields, body = self._ears.tokens.answer(message, self._left())
        self._until += self._clock.monotonic() - begun
        self._channel.send("token", fields, body, within=self._left() + self._ears.tokens.grace)

    def _write(self, fields: Mapping[str, Any]) -> None:
        self._lines += 1
        if self._lines > _LINES:
            return
        level, text = fields.get("level"), fields.get("text")
        if isinstance(level, int) and isinstance(text, str):
            self._ears.write(level, text)
            if self._lines == _LINES:
                self._ears.write(30, f"it has written {_LINES} lines in one run: the rest are dropped")


def _cursor(told: object) -> Cursor | None:
    if told is None:
        return None
    try:
        assert isinstance(told, dict)
        return Cursor(data=told["data"], version=int(told["version"]))
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise BatchRefused(f"a batch has a cursor that cannot be kept: {error}") from None


def _moment(told: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(told))
        return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ProtocolBroken(f"an expiry at {told!r:.40}") from None


def _reported(fields: Mapping[str, Any]) -> Ending:
    """Read what a connector's process says of its own failure."""
    outcome = _KINDS.get(str(fields.get("kind")), Outcome.FAILED)
    after: timedelta | None = None
    told = fields.get("after")
    if isinstance(told, int | float) and isfinite(told) and told > 0:
        with suppress(OverflowError):
            after = timedelta(seconds=told)
    traceback = fields.get("traceback")
    return Ending(
        outcome=outcome,
        error_class=str(fields.get("class") or "Exception")[:200],
        text=str(fields.get("text") or "")[:4000],
        after=after,
        traceback=str(traceback)[:16000] if traceback else None,
        # After an error of its own nobody knows what state the process is in.
        sound=outcome in (Outcome.PARTIAL, Outcome.RETRY, Outcome.AUTH),
    )
