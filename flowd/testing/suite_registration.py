"""Checks of how a connector comes in: its registration, its sample, its settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from flowd.plugins import candidates
from flowd.secrets import reference
from flowd.testing.suite_setup import ConnectorSetup

_UNKNOWN = "no_such_setting"


class RegistrationChecks(ConnectorSetup):
    """Import, entry point, sample and settings."""

    #: The module that registers the connector, where it is not installed and not the package of its settings.
    module: ClassVar[str] = ""

    def test_registers_without_side_effects(self) -> None:
        """In a fresh process: no connection, no file, no thread, no program, nothing printed; and twice the same."""
        module = self._module()
        report = watched(module)
        assert "error" not in report, f"{module} cannot be registered: {report['error']}"
        assert not report["deeds"], f"{module} does this while it is imported: {'; '.join(report['deeds'])}"
        assert self.connector.name in report["connectors"], (
            f"{module} registers {report['connectors']}, not {self.connector.name!r}"
        )

    def test_the_entry_point_is_named_like_the_connector(self) -> None:
        """`type: NAME` in flowd.yaml finds the plugin by the entry point's name."""
        path = self.folder / "pyproject.toml"
        if not path.exists():
            return
        import tomllib

        project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
        names = project.get("entry-points", {}).get("flowd", {})
        assert self.connector.name in names, (
            f"{path}: [project.entry-points.flowd] has {sorted(names)}, not {self.connector.name!r}"
        )

    def test_the_sample_loads(self) -> None:
        """sample.yaml is a connection of this type whose settings fit."""
        from flowd.config import bind_connections, parse_settings
        from flowd.plugins import Registry

        path = self.folder / "sample.yaml"
        assert path.exists(), f"there is no {path}: people begin with a sample"
        text = path.read_text(encoding="utf-8")
        import yaml

        sample = yaml.safe_load(text)
        assert isinstance(sample, dict), f"{path} is no mapping of type and config"
        assert sample.get("type") == self.connector.name, f"{path}: type is {sample.get('type')!r}"
        clear = {**sample, "config": _cleared(sample.get("config") or {})}
        head: dict[str, Any] = {"tenant": {"base_currency": "EUR", "timezone": "Europe/Berlin"}}
        settings = parse_settings(json.dumps({**head, "connections": {"sample": clear}}, default=str), file=path)
        bound = bind_connections(settings, Registry(connectors={self.connector.name: self.connector}))
        problems = [f"{one.where}: {one.message}" for one in bound.all_problems]
        assert not problems, f"{path}: {'; '.join(problems)}"

    def test_unknown_settings_are_refused(self) -> None:
        """A misspelt setting is an error, in the settings themselves and in those within them."""
        with self.source() as source:
            written = {**self.settings(source), _UNKNOWN: "x"}
        try:
            self.connector.config.model_validate(json.loads(json.dumps(written, default=str)))
        except ValidationError as error:
            assert any(_UNKNOWN in item["loc"] for item in error.errors()), f"{_UNKNOWN} passes: {error}"
        else:
            raise AssertionError(f"{self.connector.config.__name__} takes {_UNKNOWN!r}, which it does not know")
        loose = [
            model.__name__ for model in _models(self.connector.config) if model.model_config.get("extra") != "forbid"
        ]
        assert not loose, f"{', '.join(loose)} let unknown keys pass: subclass flowd.api.Config"

    def _module(self) -> str:
        found = [one.value for one in candidates() if one.name == self.connector.name]
        return self.module or (found[0] if found else self.connector.config.__module__.split(".")[0])


def watched(module: str) -> dict[str, Any]:
    """Import `module` in a fresh process and register it twice; return what it registers and what else it did."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-B", "-m", "flowd.testing.watching", module],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    try:
        report = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return {"error": f"the process ended with {done.returncode}: {done.stderr[-500:]}"}
    assert isinstance(report, dict)
    return report


def _cleared(value: object) -> object:
    if reference(value) is not None:
        return "made up"
    if isinstance(value, Mapping):
        return {name: _cleared(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_cleared(item) for item in value]
    return value


def _models(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> Iterator[type[BaseModel]]:
    """Yield `model` and every model its fields are made of."""
    from typing import get_args

    yield model
    stack: list[object] = [one.annotation for one in model.model_fields.values()]
    while stack:
        kind = stack.pop()
        stack += get_args(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen | {model}:
            yield from _models(kind, seen | {model})
