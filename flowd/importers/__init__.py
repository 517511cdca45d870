"""File formats flowd reads itself, and the connector `files` that watches a folder for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from flowd.api import AccountKind, Batch, Config, Connector, ConnectorType, Feed, Hints, Importer, Maturity, hookimpl
from flowd.importers.files.config import FilesConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowd.importers.delimited.importer import CsvImporter, Reading


class LazyCsv:
    """The `csv` importer, loaded when the first file comes: most of a daemon's life none does."""

    name = "csv"

    def __init__(self) -> None:
        self._loaded: CsvImporter | None = None

    def _importer(self) -> CsvImporter:
        if self._loaded is None:
            from flowd.importers.delimited.importer import CsvImporter

            self._loaded = CsvImporter()
        return self._loaded

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file is a bank's table of text."""
        return self._importer().identify(name, head)

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        return self._importer().parse(file, hints)

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say how the file will be read, before it is."""
        return self._importer().plan(file, hints)


def _connect(config: Config) -> Connector:
    from flowd.importers.files.connector import FilesConnector

    assert isinstance(config, FilesConfig)
    return FilesConnector(config)


FILES = ConnectorType(
    name="files",
    config=FilesConfig,
    connect=_connect,
    # A million rows take seconds to read and longer to write on a small machine.
    feeds=(Feed(name="inbox", every=timedelta(seconds=10), timeout=timedelta(minutes=15)),),
    summary="bank files put into a folder",
    maturity=Maturity.BETA,
    accounts=AccountKind.BANK,
)


@hookimpl
def register_importers(register: Callable[[Importer], None]) -> None:
    """Register `csv`."""
    register(LazyCsv())


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `files`."""
    register(FILES)
