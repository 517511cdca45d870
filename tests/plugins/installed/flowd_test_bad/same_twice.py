"""It registers the same name twice."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_importers(register) -> None:  # type: ignore[no-untyped-def]
    from flowd_test_good import GoodFormat

    thing = GoodFormat()
    thing.name = "same"
    register(thing)
    register(thing)
