"""What is kept of how a stream is foretold, so that one that is unchanged is not compared and rehearsed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b
from typing import Final, cast

import numpy as np

from flowd.analytics.projection.choosing import Chosen, chosen_from
from flowd.analytics.projection.confidence import Confidence
from flowd.analytics.projection.fitting import Fitted, Ground, choices, fit
from flowd.analytics.projection.payments import Known
from flowd.analytics.projection.rehearsal import Rehearsal, Said, rehearse
from flowd.analytics.projection.window import Window
from flowd.analytics.rounding import decimal
from flowd.api.studies import History
from flowd.domain.json import Json
from flowd.domain.studied import ProjectionModel, Scope

#: The form in which it is kept; another one is made anew.
_FORM: Final = 1
#: With less history everything is a guess.
SHORT: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What was learnt of a stream by comparing methods and foretelling its past."""

    chosen: Mapping[str, Chosen]
    rehearsal: Rehearsal
    digest: str


def ground_of(known: Known) -> Known:
    """Return what is learnt from: everything up to the last day on which something came, or is not known.

    So it is the same on every day until something comes: days without anything are seen when a stream is drawn.
    """
    came = np.flatnonzero(np.isnan(known.daily) | (known.daily != 0))
    return known.before(known.first + timedelta(days=int(came[-1]) + 1)) if len(came) else known.before(known.first)


def digest_of(known: Known, ground: Ground) -> str:
    """Return what stands for all that is learnt from: the same text, the same would be learnt."""
    info = known.info
    said = (
        info.stream, info.method, info.every, known.trading, known.signed, known.first, ground.history.currency,
        ground.history.seed, ground.calendar.name, sorted(method.name for method in ground.methods),
        [(one.key, [day.isoformat() for day in one.days], one.amounts.tolist()) for one in known.payments],
        [repr(term) for term in known.terms],
    )  # fmt: skip
    text = repr(said).encode() + np.ascontiguousarray(known.daily).tobytes()
    return blake2b(text, digest_size=16).hexdigest()


def learn(known: Known, ground: Ground) -> Learnt:
    """Compare methods for each part of `known` (see ground_of) and foretell its past with them."""
    # what is kept is text: what is computed with is what can be read back from it
    chosen = {key: chosen_from(one.as_json()) for key, one in choices(known, ground).items()}
    window = Window(made_on=known.until + timedelta(days=1), days=30)
    kind = fit(known, window, ground, chosen).kind
    rehearsal = rehearse(known, kind, ground, chosen, ground.history.seed)
    return Learnt(
        chosen=chosen,
        rehearsal=Rehearsal(wander=float(f"{rehearsal.wander:.8g}"), said=[_said(_row(one)) for one in rehearsal.said]),
        digest=digest_of(known, ground),
    )


def recalled(model: ProjectionModel | None, digest: str) -> Learnt | None:
    """Return what was learnt before of the same; None where it was of something else."""
    if model is None or model.fit.get("form") != _FORM or model.fit.get("of") != digest:
        return None
    fit = model.fit
    parts = cast("Mapping[str, Mapping[str, Json]]", fit["chosen"])
    return Learnt(
        chosen={key: chosen_from(one) for key, one in parts.items()},
        rehearsal=Rehearsal(
            wander=float(cast("str", fit["wander"])),
            said=[_said(one) for one in cast("Sequence[Sequence[Json]]", fit["said"])],
        ),
        digest=digest,
    )


def remembered(known: Known, fitted: Fitted, learnt: Learnt, sure: Confidence, history: History) -> ProjectionModel:
    """Return the row that is kept of a stream."""
    candidates: dict[str, Json] = {}
    for key, one in learnt.chosen.items():
        candidates[key] = {name: f"{score:.6g}" for name, score in one.scores.items()}
    return ProjectionModel(
        scope=Scope.STREAM,
        name=known.info.stream,
        as_of=history.today,
        method="; ".join(fitted.words) or "nothing to come",
        reason=reason(known, learnt, sure),
        history_days=known.days,
        short=known.days < SHORT,
        origins=sure.origins,
        digest=history.digests.get(known.info.stream, learnt.digest),
        error=decimal(sure.error),
        coverage=decimal(sure.coverage),
        confidence=decimal(sure.value),
        parts=sure.parts,
        candidates=candidates,
        fit={
            "form": _FORM,
            "of": learnt.digest,
            "wander": f"{learnt.rehearsal.wander:.8g}",
            "chosen": {key: one.as_json() for key, one in learnt.chosen.items()},
            "said": [_row(one) for one in learnt.rehearsal.said],
        },
    )


def reason(known: Known, learnt: Learnt, sure: Confidence) -> str:
    """Say in words what the projection of a stream rests on."""
    words = [f"{known.days} day{'s' * (known.days != 1)} of history"]
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
