"""How long the nightly projection of 100 streams takes that have 730 days each: all anew, and the night after."""

from __future__ import annotations

import resource
import time
from dataclasses import replace

from bench.analytics_paths import made_up
from flowd.analytics.projection.study import Projection, ProjectionConfig
from flowd.domain.studied import ProjectionModel

STREAMS = 100


def main() -> None:
    """Print seconds (of the clock and of processors) and the memory of the process."""
    history = made_up(STREAMS)
    config = ProjectionConfig()
    print(f"nightly projection of {STREAMS} streams with 730 days each (180 days, 10,000 paths): seconds")
    begin, used = time.perf_counter(), time.process_time()
    rows = list(Projection().study(history, config))
    print(f"  every stream compared and rehearsed   {time.perf_counter() - begin:6.1f}  (cpu {_since(used)})")
    models = {(row.scope, row.name): row for row in rows if isinstance(row, ProjectionModel)}
    begin, used = time.perf_counter(), time.process_time()
    again = list(Projection().study(replace(history, models=models), config))
    print(f"  nothing changed                       {time.perf_counter() - begin:6.1f}  (cpu {_since(used)})")
    print(f"  rows {len(rows):,}, the same again: {again == rows}; peak memory {_peak():.0f} MB")


def _since(begin: float) -> str:
    return f"{time.process_time() - begin:.1f}"


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
