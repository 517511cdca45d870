"""docs/configuration.md names every key there is, and no other; its examples load."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowd.config import Settings, parse_settings
from flowd.config.environment import variable_name
from flowd.config.shape import annotation, below, fields, is_free, is_list, is_named
from flowd.config.values import Texts
from flowd.domain.flows import FlowClass

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "configuration.md").read_text()
HEAD = "tenant: {base_currency: EUR, timezone: UTC}\n"
NAMES = {"streams": "STREAM", "feeds": "FEED", "accounts": "ACCOUNT"}


def keys(kind: object, path: str = "") -> Iterator[str]:
    """Yield the path of every single setting below `kind`."""
    known = fields(kind)
    if is_free(kind) or (known is None and not is_named(kind) and (not is_list(kind) or kind in (Texts, Texts | None))):
        yield path
    elif known is not None:
        for name, field in known.items():
            yield from keys(annotation(field), f"{path}.{name}" if path else name)
    elif is_list(kind):
        yield from keys(below(kind, 0), f"{path}[]")
    else:
        yield from keys(below(kind, "x"), f"{path}.{NAMES.get(path.rsplit('.', 1)[-1], 'NAME')}")


def test_every_key_is_documented_and_nothing_else() -> None:
    section = TEXT.split("## Every key")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `([^`]+)` \|", section, flags=re.MULTILINE))
    assert documented == set(keys(Settings))


def test_every_key_has_a_description_for_the_schema() -> None:
    def silent(kind: object) -> Iterator[str]:
        for name, field in (fields(kind) or {}).items():
            if not field.description:
                yield f"{kind}: {name}"
            inner = annotation(field)
            for child in (inner, below(inner, 0), below(inner, "x")):
                if fields(child) is not None and child is not kind:
                    yield from silent(child)

    assert not list(silent(Settings))


def test_every_class_is_documented() -> None:
    section = TEXT.split("## Rules")[1].split("\n## ")[0]
    assert {flow_class.value for flow_class in FlowClass} <= set(re.findall(r"`(\w+)`", section))


def test_the_documented_variables_are_the_right_ones() -> None:
    section = TEXT.split("## The environment")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z_.-]+)` \| `(FLOWD__\w+)`", section, flags=re.MULTILINE)
    assert len(rows) >= 4
    for setting, variable in rows:
        assert variable_name(tuple(setting.split("."))) == variable


@pytest.mark.parametrize("page", ["configuration.md", "plugins.md"])
def test_the_examples_load(page: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        parse_settings(block if "tenant:" in block else HEAD + block)
