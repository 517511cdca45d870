"""From flowd.yaml and the environment to checked settings, or to every problem at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from flowd.config.environment import override
from flowd.config.models import Settings
from flowd.config.problems import ConfigProblems, Problem
from flowd.config.source import Places, Value, parse, read_text
from flowd.config.wording import problems_of
from flowd.secrets import SecretMissing, Sources, read, reference


def load_settings(path: Path | str, environ: Mapping[str, str]) -> Settings:
    """Read flowd.yaml at `path`, overridden by FLOWD__… in `environ`; ConfigProblems with all that is wrong.

    What connectors know about their own settings is checked later, by `bind_connections`, so that one wrong connection
    does not keep the others from running.
    """
    file = Path(path)
    text, problems = read_text(file)
    if problems:
        raise ConfigProblems(problems)
    return parse_settings(text, file=file, environ=environ)


def parse_settings(text: str, *, file: Path | str = "flowd.yaml", environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings written in `text` as if it stood in `file`; ConfigProblems with all that is wrong."""
    environ = {} if environ is None else environ
    sources = Sources(environ=environ, folder=Path(os.path.abspath(file)).parent)  # noqa: PTH100 -- links are kept
    data, places, problems = parse(text, str(file))
    if not data and problems:
        raise ConfigProblems(problems)
    problems += override(data, places, environ, Settings)
    warnings: list[Problem] = []
    plain: dict[str, Any] = dict(data)
    for name in ("url", "grafana_password"):
        problems += _read_database_secret(name, plain, places, sources, warnings)
    _make_absolute(plain, sources.folder)
    try:
        settings = Settings.model_validate(plain)
    except ValidationError as error:
        problems += problems_of(error, kind=Settings, places=places)
    if problems:
        raise ConfigProblems(problems)
    settings._places = places  # noqa: SLF001 -- the model's own private attributes, set where it is made
    settings._sources = sources  # noqa: SLF001
    settings._warnings = tuple(warnings)  # noqa: SLF001
    for name, connection in settings.connections.items():
        connection._line = places.of(("connections", name)).line  # noqa: SLF001
    return settings


def _read_database_secret(
    name: str, data: dict[str, Any], places: Places, sources: Sources, warnings: list[Problem]
) -> list[Problem]:
    """Read `database.url` or another secret of the core, which is needed before any connection is."""
    database = data.get("database")
    if not isinstance(database, dict) or database.get(name) is None:
        return []
    path, where = ("database", name), f"database.{name}"
    written: Value = database[name]
    found = reference(written)
    if found is None:
        place = places.of_value(path)
        tells = isinstance(written, str) and (name != "url" or "@" in written)
        if tells and place.variable is None:
            fix = "write {env: NAME} or {file: path}"
            warnings.append(Problem.at(place, where, "stands in the file in clear", fix))
        return []
    data["database"] = database = dict(database)
    try:
        database[name], warning = read(found, sources)
    except SecretMissing as error:
        database[name] = SecretStr("missing")
        return [Problem.at(places.of_value(path), where, error.message, error.fix)]
    if warning is not None:
        warnings.append(Problem.at(places.of_value(path), where, *warning))
    return []


def _make_absolute(data: dict[str, Any], folder: Path) -> None:
    """Let relative paths of the core's own settings start at the folder of the file."""
    database = data.get("database")
    if database is None:
        data["database"] = database = {}
    if isinstance(database, dict):
        data["database"] = database = dict(database)
        if database.get("embedded") is None and database.get("url") is None:
            database["embedded"] = "var/db"
        if isinstance(database.get("embedded"), str):
            database["embedded"] = str(folder / Path(database["embedded"]).expanduser())
    if data.get("state") is None:
        data["state"] = "var"
    if isinstance(data["state"], str):
        data["state"] = str(folder / Path(data["state"]).expanduser())
