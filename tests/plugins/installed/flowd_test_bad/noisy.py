"""It prints ten megabytes while it is imported, and is otherwise good."""

from __future__ import annotations

import sys

from flowd.api import hookimpl

print("x" * 10_000_000)
print("y" * 10_000_000, file=sys.stderr)


@hookimpl
def register_importers(register) -> None:  # type: ignore[no-untyped-def]
    from flowd_test_good import GoodFormat

    thing = GoodFormat()
    thing.name = "noisy"
    register(thing)
