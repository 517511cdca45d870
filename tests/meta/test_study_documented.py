"""The study in docs/plugins.md is one that can be registered, and passes the suite it is told to be tested with."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import pytest

from flowd.api import History, Metric
from flowd.config import bind_connections, parse_settings
from flowd.plugins import load_plugins
from flowd.testing import StudySuite, make_history

TEXT = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text()
[SOURCE] = re.findall(r"```python\n(\"\"\"Registers how large.*?)```", TEXT, flags=re.DOTALL)


def test_it_is_registered_computes_what_it_says_and_passes_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("flowd_best_day")
    monkeypatch.setitem(sys.modules, "flowd_best_day", module)
    exec(compile(SOURCE, "docs/plugins.md", "exec"), vars(module))  # the documentation is what is tested
    assert "numpy" not in vars(module)
    registry = load_plugins((), extra=[module], built_in=(), path=[])
    assert registry.broken == []
    [block] = re.findall(r"```yaml\n(plugins: \[best-day\].*?)```", TEXT, flags=re.DOTALL)
    settings = parse_settings("tenant: {base_currency: EUR, timezone: UTC}\n" + block)
    bound = bind_connections(settings, registry)
    assert bound.all_problems == []
    study, config = registry.studies["best-day"], bound.studies["best-day"]
    rows = list(study.study(make_history(streams={"a": [1.0, 0.0, 3.0], "b": [0.0]}), config))
    assert [(row.subject, str(row.value), row.window) for row in rows if isinstance(row, Metric)] == [
        ("stream:a", "0.75", "30d"),
        ("stream:b", "None", "30d"),
    ]

    class Suite(StudySuite):
        def history(self) -> History:
            return make_history(streams={"a": [1.0, 0.0, 3.0], "b": [2.0]})

    suite = Suite()
    Suite.study = study
    for check in [name for name in dir(Suite) if name.startswith("test_") and "registers" not in name]:
        getattr(suite, check)()
