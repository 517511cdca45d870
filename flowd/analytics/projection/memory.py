"""What is kept of how a stream is foretold, so that one that is unchanged is not compared and rehearsed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast

from flowd.analytics.projection.choosing import Chosen, chosen_from
from flowd.analytics.projection.confidence import Confidence
from flowd.analytics.projection.fitting import Fitted, Ground, choices
from flowd.analytics.projection.payments import Known
from flowd.analytics.projection.rehearsal import Rehearsal, Said, rehearse
from flowd.analytics.rounding import decimal
from flowd.domain.json import Json
from flowd.domain.studied import ProjectionModel, Scope

#: The form in which it is kept; another one is made anew.
_FORM: Final = 1
#: Days without any row change nothing in a digest, but they are news: after so many all is compared again.
_STALE: Final = timedelta(days=28)
#: With less history everything is a guess.
SHORT: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What was learnt of a stream by comparing methods and foretelling its past."""

    chosen: Mapping[str, Chosen]
    rehearsal: Rehearsal
    digest: str
    as_of: date


def learn(known: Known, fitted: Fitted, ground: Ground, digest: str, seed: int, chosen: Mapping[str, Chosen]) -> Learnt:
    """Foretell the stream's past with the methods chosen for it."""
    rehearsal = rehearse(known, fitted.kind, ground, chosen, seed)
    return Learnt(chosen=chosen, rehearsal=rehearsal, digest=digest, as_of=ground.history.today)


def compared(known: Known, ground: Ground) -> dict[str, Chosen]:
    """Compare methods for each part of the stream."""
    return choices(known, ground)


def recalled(model: ProjectionModel | None, digest: str, today: date, methods: Sequence[str]) -> Learnt | None:
    """Return what was learnt before of the same history; None where it is another one or the methods are others."""
    if model is None or not digest or model.digest != digest or not timedelta(0) <= today - model.as_of < _STALE:
        return None
    fit = model.fit
    if fit.get("form") != _FORM or fit.get("methods") != sorted(methods):
        return None
    parts = cast("Mapping[str, Mapping[str, Json]]", fit["chosen"])
    return Learnt(
        chosen={key: chosen_from(one) for key, one in parts.items()},
        rehearsal=Rehearsal(
            wander=float(cast("str", fit["wander"])),
            said=[_said(one) for one in cast("Sequence[Sequence[Json]]", fit["said"])],
        ),
        digest=digest,
        as_of=model.as_of,
    )


def remembered(
    known: Known, fitted: Fitted, learnt: Learnt, sure: Confidence, methods: Sequence[str]
) -> ProjectionModel:
    """Return the row that is kept of a stream."""
    candidates: dict[str, Json] = {}
    for key, one in learnt.chosen.items():
        candidates[key] = {name: f"{score:.6g}" for name, score in one.scores.items()}
    return ProjectionModel(
        scope=Scope.STREAM,
        name=known.info.stream,
        as_of=learnt.as_of,
        method="; ".join(fitted.words) or "nothing to come",
        reason=reason(known, learnt, sure),
        history_days=known.days,
        short=known.days < SHORT,
        origins=sure.origins,
        digest=learnt.digest,
        error=decimal(sure.error),
        coverage=decimal(sure.coverage),
        confidence=decimal(sure.value),
        parts=sure.parts,
        candidates=candidates,
        fit={
            "form": _FORM,
            "methods": sorted(methods),
            "wander": f"{learnt.rehearsal.wander:.8g}",
            "chosen": {key: one.as_json() for key, one in learnt.chosen.items()},
            "said": [_row(one) for one in learnt.rehearsal.said],
        },
    )


def reason(known: Known, learnt: Learnt, sure: Confidence) -> str:
    """Say in words what the projection of a stream rests on."""
    words = [f"{known.days} days of history"]
    words += sorted({one.reason for one in learnt.chosen.values() if one.reason})
    words.append(sure.reason)
    return "; ".join(words)


def _row(one: Said) -> list[Json]:
    numbers = (one.mean, one.median, one.deviation, one.low, one.high, one.came)
    return [one.origin.isoformat(), one.horizon, *(f"{number:.8g}" for number in numbers)]


def _said(row: Sequence[Json]) -> Said:
    mean, median, deviation, low, high, came = (float(cast("str", one)) for one in row[2:])
    return Said(
        origin=date.fromisoformat(str(row[0])),
        horizon=int(cast("int", row[1])),
        mean=mean,
        median=median,
        deviation=deviation,
        low=low,
        high=high,
        came=came,
    )
