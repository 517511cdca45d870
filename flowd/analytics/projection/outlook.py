"""From a history to a joint projection of all its streams."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np

from flowd.analytics.forecasting.method import Method
from flowd.analytics.forecasting.methods import builtin_methods
from flowd.analytics.holidays import WEEKDAYS, Calendar
from flowd.analytics.projection.changes import Change
from flowd.analytics.projection.changing import added, applied, checked
from flowd.analytics.projection.confidence import Confidence, counted, together
from flowd.analytics.projection.fitting import Fitted, Ground, fit, hazards
from flowd.analytics.projection.joining import joined
from flowd.analytics.projection.memory import SHORT, digest_of, ground_of, learn, recalled, remembered
from flowd.analytics.projection.payments import Kind, Known, known_streams
from flowd.analytics.projection.rehearsal import Said
from flowd.analytics.projection.subjects import TOTAL, Array, Outlook, Paths, Subject, SubjectOutlook, group_subjects
from flowd.analytics.projection.summing import months_of, spread_of, sums_of
from flowd.analytics.projection.unread import unread
from flowd.analytics.projection.window import Dice, Window
from flowd.analytics.rounding import decimal
from flowd.api.studies import History
from flowd.domain.studied import ProjectionModel, Scope


def outlook(
    history: History,
    *,
    horizon_days: int = 180,
    paths: int = 10_000,
    methods: Sequence[Method] = (),
    changes: Sequence[Change] = (),
    models: Mapping[Subject, ProjectionModel] | None = None,
    holidays: Calendar = WEEKDAYS,
    loss: bool = True,
    keep: Collection[Subject] = (),
) -> Outlook:
    """Foretell the income (received) of every stream, group and everything for `horizon_days` days from today on.

    `methods` come on top of the built-in ones; `models` (else history.models) spare choosing anew for a stream whose
    digest is the same; `holidays` moves what banks book; `loss` lets streams end by chance; of `keep` the paths are
    kept. ValueError names a change of a stream or group that is not there, or of a period nobody understands.
    """
    if not 1 <= horizon_days <= 3660:
        raise ValueError(f"horizon: {horizon_days} days; 1 to 3660 can be foretold")
    checked(changes, history.streams)
    window = Window(made_on=history.today, days=horizon_days)
    ground = Ground(history=history, methods=_distinct([*builtin_methods(), *methods]), calendar=holidays)
    dice = Dice(seed=history.seed, window=window, paths=paths)
    memory = history.models if models is None else models
    known = {**known_streams(history), **added(changes, history)}
    drawing = replace(ground, hazards=hazards(known.values(), holidays))
    infos = [one.info for one in known.values()]
    sums = joined(infos, window, paths, keep)
    subjects: dict[Subject, SubjectOutlook] = {}
    found: dict[Subject, ProjectionModel] = {}
    said: dict[str, Sequence[Said]] = {}
    fits: dict[str, Fitted] = {}
    missed: dict[str, Array] = {}
    for name, whole in known.items():
        subject = (Scope.STREAM, name)
        lacking = unread(history, whole)
        stream = lacking.known
        base = ground_of(stream)
        learnt = recalled(memory.get(subject), digest_of(base, ground)) or learn(base, ground)
        fitted = fit(stream, lacking.window(window), drawing, learnt.chosen, closely=True)
        fits[name], said[name] = fitted, learnt.rehearsal.said
        drawn = fitted.draw(lacking.dice(dice), name, wander=learnt.rehearsal.wander, loss=loss)
        drawn, missed[name] = lacking.parted(drawn, window)
        applied(changes, stream.info, window, drawn)
        sums.add(stream.info, drawn)
        sure = _confidence(fitted, learnt.rehearsal.said)
        model = remembered(stream, fitted, learnt, sure, history)
        model = replace(model, reason=lacking.words + model.reason)
        found[subject] = model
        subjects[subject] = _said(model, drawn, window, _so_far([stream], window), missed[name], sure)
    for subject in (*group_subjects(infos), TOTAL):
        members = [one for one in known.values() if subject == TOTAL or one.info.group == subject[1]]
        sure = _joint_confidence(members, said, fits)
        model = _joint_model(subject, members, sure, history)
        found[subject] = model
        drawn = sums.take(subject)
        away = sum((missed[one.info.stream] for one in members), np.zeros(paths))
        subjects[subject] = _said(model, drawn, window, _so_far(members, window), away, sure)
    return Outlook(
        currency=history.currency,
        made_on=window.made_on,
        days=window.dates,
        months=window.months,
        horizons=window.horizons,
        streams=infos,
        subjects=subjects,
        models=found,
        cumulated=sums.cumulated,
    )


def _distinct(methods: Sequence[Method]) -> list[Method]:
    return list({method.name: method for method in methods}.values())


def _so_far(streams: Sequence[Known], window: Window) -> float:
    """What came in the month that the window begins in."""
    first = window.made_on.replace(day=1)
    return sum(one.total(first, (window.made_on - first).days) for one in streams)


def _said(
    model: ProjectionModel, drawn: Paths, window: Window, so_far: float, missed: Array, sure: Confidence
) -> SubjectOutlook:
    """Sum `drawn` up; it is put in order by that. `missed` is what came this month, most likely, and nobody read."""
    sums, months = spread_of(sums_of(drawn, window)), spread_of(months_of(drawn, window, so_far + missed))
    return SubjectOutlook(
        scope=model.scope,
        name=model.name,
        method=model.method,
        reason=model.reason,
        short=model.short,
        daily=spread_of(drawn),
        monthly=months,
        sums=sums,
        so_far=so_far,
        confidence=sure.value,
        confidence_reason=sure.reason,
        parts=sure.parts,
    )


def _confidence(fitted: Fitted, said: Sequence[Said]) -> Confidence:
    if fitted.kind is Kind.DECLARED:
        return Confidence(
            value=None,
            reason="declared: what was declared is taken at its word, so there is nothing that could have been wrong",
            parts={"declared": "1"},
        )
    return counted(said)


def _joint_confidence(
    members: Sequence[Known], said: Mapping[str, Sequence[Said]], fits: Mapping[str, Fitted]
) -> Confidence:
    """Count on what would have been said together; what is declared is known and comes as it was declared."""
    tested = [one for one in members if fits[one.info.stream].kind is not Kind.DECLARED]
    if members and not tested:
        return Confidence(value=None, reason="everything is declared, so there is nothing that could have been wrong")
    alone = together([said[one.info.stream] for one in tested])
    certain = [one for one in members if fits[one.info.stream].kind is Kind.DECLARED]
    with_declared = []
    for one in alone:
        sure = sum(stream.total(one.origin, one.horizon) for stream in certain if stream.first < one.origin)
        with_declared.append(
            Said(
                origin=one.origin,
                horizon=one.horizon,
                mean=one.mean + sure,
                median=one.median + sure,
                deviation=one.deviation,
                low=one.low + sure,
                high=one.high + sure,
                came=one.came + sure,
            )
        )
    counted_ = counted(with_declared)
    per_day = {one.info.stream: sum(part.per_day for part in fits[one.info.stream].parts) for one in members}
    total = sum(abs(one) for one in per_day.values())
    by_schedule = sum(abs(per_day[one.info.stream]) for one in certain)
    longest = max((one.days for one in members), default=0)
    return Confidence(
        value=counted_.value,
        reason=counted_.reason,
        coverage=counted_.coverage,
        error=counted_.error,
        origins=counted_.origins,
        parts={
            **counted_.parts,
            "declared": f"{by_schedule / total:.4f}" if total > 0 else "0",
            "history_days": longest,
            "streams": len(members),
        },
    )


def _joint_model(subject: Subject, members: Sequence[Known], sure: Confidence, history: History) -> ProjectionModel:
    longest = max((one.days for one in members), default=0)
    known = {one.info.stream for one in members}
    paid = {term.stream for term in history.terms} | {name for name, receipts in history.receipts.items() if receipts}
    left_out = [
        one.stream
        for one in history.streams
        if one.stream in paid - known and (subject == TOTAL or subject == (Scope.GROUP, one.group))
    ]
    missing = f"; without {', '.join(sorted(left_out))}: no rate is known" if left_out else ""
    return ProjectionModel(
        scope=subject[0],
        name=subject[1],
        as_of=history.today,
        method=f"joint paths of {len(members)} streams",
        reason=f"{longest} day{'s' * (longest != 1)} of history; {sure.reason}{missing}",
        history_days=longest,
        short=longest < SHORT,
        origins=sure.origins,
        digest="",
        error=decimal(sure.error),
        coverage=decimal(sure.coverage),
        confidence=decimal(sure.value),
        parts=sure.parts,
    )
