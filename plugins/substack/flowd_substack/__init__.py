"""The file format `substack`: a publication's subscribers, and its payments as Stripe lists them."""

from __future__ import annotations

from collections.abc import Callable

from flowd.api import Importer, hookimpl
from flowd_substack.importer import Substack

IMPORTER = Substack()


@hookimpl
def register_importers(register: Callable[[Importer], None]) -> None:
    """Register `substack`."""
    register(IMPORTER)
