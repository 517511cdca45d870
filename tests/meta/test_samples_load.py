"""Every sample that people copy from is right: it loads, and its connections fit their connectors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from flowd.config import bind_connections, load_settings, parse_settings, plugin_names
from flowd.plugins import load_plugins

ROOT = Path(__file__).parents[2]
ALL_SAMPLES = sorted(ROOT.glob("plugins/*/sample.yaml"))
#: Those of connectors are a connection's settings; those of other plugins are lines of flowd.yaml itself.
SAMPLES = [sample for sample in ALL_SAMPLES if "type" in yaml.safe_load(sample.read_text())]
OTHERS = [sample for sample in ALL_SAMPLES if sample not in SAMPLES]
HEAD = "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"


def test_the_root_flowd_yaml_loads_and_every_connection_fits_its_connector() -> None:
    settings = load_settings(ROOT / "flowd.yaml", {})
    bound = bind_connections(settings, load_plugins(plugin_names(settings)))
    assert [str(problem) for problem in bound.all_problems] == []
    assert settings.warnings == ()
    assert [connection.type for connection in settings.connections.values()] == ["demo", "recurring", "ecb", "files"]


def test_there_are_samples() -> None:
    assert SAMPLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.parent.name)
def test_the_sample_of_a_plugin_fits_it(sample: Path) -> None:
    own = yaml.safe_load(sample.read_text())
    lines = "".join(f"    {line}\n" for line in sample.read_text().splitlines())
    # A sample names where its keys are; here they are there.
    environ = dict.fromkeys(re.findall(r"\{env: (\w+)\}", sample.read_text()), "a-key")
    settings = parse_settings(f"{HEAD}connections:\n  sample:\n{lines}", file=sample, environ=environ)
    bound = bind_connections(settings, load_plugins([own["type"]]))
    assert [str(problem) for problem in bound.all_problems] == []
    assert own["type"] == sample.parent.name


@pytest.mark.parametrize("sample", OTHERS, ids=lambda sample: sample.parent.name)
def test_the_sample_of_a_plugin_without_connections_names_it(sample: Path) -> None:
    settings = parse_settings(f"{HEAD}{sample.read_text()}", file=sample)
    assert sample.parent.name in plugin_names(settings)
    assert settings.warnings == ()
