"""File formats flowd reads itself, and the connector `files` that watches a folder for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from flowd.api import AccountKind, Config, Connector, ConnectorType, Feed, Importer, Maturity, hookimpl
from flowd.importers.files.config import FilesConfig
from flowd.importers.lazy import Format, LazyImporter


def _csv() -> Format:
    from flowd.importers.delimited.importer import CsvImporter

    return CsvImporter()


def _xlsx() -> Format:
    from flowd.importers.sheets.importer import SheetsImporter

    return SheetsImporter()


def _ofx() -> Format:
    from flowd.importers.ofx.importer import OfxImporter

    return OfxImporter()


def _pdf() -> Format:
    from flowd.importers.pdf.importer import PdfImporter

    return PdfImporter()


def _mt940() -> Format:
    from flowd.importers.swift.importer import SwiftImporter

    return SwiftImporter()


def _camt() -> Format:
    from flowd.importers.camt.importer import CamtImporter

    return CamtImporter()


def _qif() -> Format:
    from flowd.importers.qif.importer import QifImporter

    return QifImporter()


#: flowd's own formats, by the names users see.
FORMATS: Final[Mapping[str, Callable[[], Format]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "ofx": _ofx,
    "qif": _qif,
    "pdf": _pdf,
    "mt940": _mt940,
    "camt": _camt,
}


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
    """Register flowd's own formats."""
    for name, load in FORMATS.items():
        register(LazyImporter(name, load))


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Any]], None]) -> None:
    """Register `files`."""
    register(FILES)
