"""Adds streams up to groups and everything, path by path, without keeping each stream's paths."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from flowd.analytics.projection.subjects import TOTAL, Paths, Subject, group_subjects
from flowd.analytics.projection.window import Window
from flowd.api.studies import StreamInfo
from flowd.domain.studied import Scope


@dataclass(slots=True, kw_only=True, eq=False)
class Joined:
    """Sums of paths, shape (days, paths), by group and in total, and what is kept of them cumulated over the days."""

    keep: Collection[Subject]
    sums: dict[Subject, Paths]
    cumulated: dict[Subject, Paths] = field(default_factory=dict)

    def add(self, info: StreamInfo, paths: Paths) -> None:
        """Add a stream's paths to its group and the total."""
        for subject in ((Scope.GROUP, info.group), TOTAL):
            if subject in self.sums:
                self.sums[subject] += paths
        if (Scope.STREAM, info.stream) in self.keep:
            self.cumulated[Scope.STREAM, info.stream] = np.add.accumulate(paths, axis=0)

    def take(self, subject: Subject) -> Paths:
        """Return the paths of a group or the total, once: from then on only cumulated, where asked for."""
        paths = self.sums.pop(subject)
        if subject == TOTAL or subject in self.keep:
            self.cumulated[subject] = np.add.accumulate(paths, axis=0)
        return paths


def joined(infos: Sequence[StreamInfo], window: Window, paths: int, keep: Collection[Subject]) -> Joined:
    """Return empty sums for the groups of `infos` and the total."""
    shape = (window.days, paths)
    return Joined(
        keep=frozenset(keep),
        sums={subject: np.zeros(shape, dtype=np.float32) for subject in (*group_subjects(infos), TOTAL)},
    )
