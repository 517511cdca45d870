"""The six doors by which plugins come in; each only registers, the objects registered do the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from flowd.api import Analytic, ConnectorType, Importer, Notifier, ProjectionMethod, RateProvider, Study

hookspec = pluggy.HookspecMarker("flowd")


@hookspec
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Call `register` with each kind of source this plugin can read."""


@hookspec
def register_importers(register: Callable[[Importer], None]) -> None:
    """Call `register` with each file format this plugin can read."""


@hookspec
def register_rate_providers(register: Callable[[RateProvider], None]) -> None:
    """Call `register` with each table of prices and exchange rates; they are asked in the order of flowd.yaml."""


@hookspec
def register_analytics(register: Callable[[Analytic | Study | ProjectionMethod], None]) -> None:
    """Call `register` with each computation that derives rows from what is stored, and each way to foretell."""


@hookspec
def register_notifiers(register: Callable[[Notifier], None]) -> None:
    """Call `register` with each way to tell somebody that something needs attention."""


@hookspec
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Call `register` with each command this plugin adds to `flowd`."""
