"""It registers a class where an object is wanted."""

from __future__ import annotations

from flowd.api import hookimpl


@hookimpl
def register_importers(register) -> None:  # type: ignore[no-untyped-def]
    from flowd_test_good import GoodFormat

    register(GoodFormat)
