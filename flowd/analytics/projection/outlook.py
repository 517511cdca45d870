"""From a history to a joint projection of all its streams."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from flowd.analytics.forecasting.method import Method
from flowd.analytics.projection.changes import Change
from flowd.analytics.projection.subjects import Outlook, Subject
from flowd.api.studies import History
from flowd.domain.studied import ProjectionModel


def outlook(
    history: History,
    *,
    horizon_days: int = 180,
    paths: int = 10_000,
    methods: Sequence[Method] = (),
    changes: Sequence[Change] = (),
    models: Mapping[Subject, ProjectionModel] | None = None,
    holidays: Collection[date] | None = None,
    loss: bool = True,
    keep: Collection[Subject] = (),
) -> Outlook:
    """Foretell the income (received) of every stream, group and everything for `horizon_days` days from today on.

    `methods` come on top of the built-in ones; `models` (else history.models) spare choosing anew for a stream whose
    digest is the same; on `holidays` no bank books; `loss` lets streams end by chance; of `keep` the paths are kept.
    ValueError names a change of a stream or group that is not there, or of a period nobody understands.
    """
    raise NotImplementedError
