"""Reads what was foretold before and has come true or not by now, as columns."""

from __future__ import annotations

from datetime import date

from flowd.api.studies import Said
from flowd.domain.studied import Scope
from flowd.storage.connections import Session
from flowd.storage.statements import statements


def read_said(session: Session, *, tenant: int, base: str, until: date) -> Said:
    """Return every sum foretold in the currency `base` whose last day is not after `until`.

    Only for a process that studies: it needs numpy.
    """
    import numpy as np

    rows = session.execute(statements("said")["sums"], {"tenant": tenant, "base": base, "until": until}).fetchall()
    made = [np.frombuffer(row[2], dtype=">i4").astype(np.int64) for row in rows]
    ends = [np.frombuffer(row[3], dtype=">i4").astype(np.int64) for row in rows]
    levels = [np.frombuffer(row[4], dtype=">f8").astype(np.float64).reshape(-1, 7).T for row in rows]
    return Said(
        subjects=[(Scope(row[0]), row[1]) for row in rows],
        subject=np.repeat(np.arange(len(rows), dtype=np.int64), [len(one) for one in made]),
        made_on=np.concatenate([np.empty(0, np.int64), *made]),
        for_day=np.concatenate([np.empty(0, np.int64), *ends]),
        quantiles=np.concatenate([np.empty((7, 0)), *levels], axis=1),
    )
