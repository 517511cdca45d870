"""Every hook is documented with its exact signature, has a shelf and a plugin that uses it; the docs' plugin works."""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowd import hookspecs
from flowd.config import bind_connections, parse_settings
from flowd.plugins import load_plugins
from flowd.plugins.registry import HOOKS as KINDS
from flowd.plugins.registry import SHELVES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "plugins.md").read_text()
HOOKS: dict[str, Callable[..., Any]] = {
    name: function for name, function in vars(hookspecs).items() if name.startswith("register_")
}


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_documented_with_its_exact_signature(name: str) -> None:
    section = TEXT.split(f"### {name}\n")[1].split("\n##")[0]
    signature = str(inspect.signature(HOOKS[name])).replace("'", "")
    assert f"def {name}{signature}\n" in section
    words = " ".join((HOOKS[name].__doc__ or "").split()).rstrip(".").split(";")[0]
    assert words in " ".join(section.split()), "the docs begin as the hook's own docstring does"


def test_no_hook_is_documented_that_is_not_there() -> None:
    assert re.findall(r"^### (\w+)$", TEXT, flags=re.MULTILINE) == list(HOOKS)


def test_every_hook_has_its_shelf() -> None:
    assert set(KINDS) == set(HOOKS)
    assert [kind for kinds in KINDS.values() for kind in kinds] == list(SHELVES)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_used_by_a_plugin_that_is_tested(name: str) -> None:
    places = [*ROOT.glob("flowd/**/*.py"), *ROOT.glob("plugins/**/*.py"), *ROOT.glob("tests/plugins/**/*.py")]
    pattern = re.compile(rf"@hookimpl\ndef {name}\(register\b")
    assert [place for place in places if pattern.search(place.read_text(errors="replace"))]


def test_the_plugin_in_the_docs_loads_and_takes_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    [source] = re.findall(r"```python\n(\"\"\"Reads the balance.*?)```", TEXT, flags=re.DOTALL)
    module = types.ModuleType("flowd_acme")
    monkeypatch.setitem(sys.modules, "flowd_acme", module)
    exec(compile(source, "docs/plugins.md", "exec"), vars(module))  # the documentation is what is tested
    registry = load_plugins((), extra=[module], built_in=(), path=[])
    assert registry.broken == []
    head = "tenant: {base_currency: EUR, timezone: UTC}\n"
    [block] = re.findall(r"```yaml\n(connections:.*?)```", TEXT, flags=re.DOTALL)
    settings = parse_settings(head + block, environ={"ACME_TOKEN": "x"})
    assert bind_connections(settings, registry).all_problems == []
