"""It keeps `register` and calls it when the hook is over."""

from __future__ import annotations

from typing import Any

from flowd.api import hookimpl

kept: list[Any] = []


@hookimpl
def register_importers(register) -> None:  # type: ignore[no-untyped-def]
    from flowd_test_good import GoodFormat

    thing = GoodFormat()
    thing.name = "in-time"
    register(thing)
    kept.append(register)


@hookimpl
def register_notifiers(register) -> None:  # type: ignore[no-untyped-def]
    from flowd_test_good import GoodFormat

    kept[0](GoodFormat())
