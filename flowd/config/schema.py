"""JSON Schema of flowd.yaml, for editors that complete and check while one types."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from flowd.api import ConnectorType
from flowd.config.models import Settings

_REFERENCE = {
    "description": "a secret: where it is kept, not what it is",
    "anyOf": [
        {
            "type": "object",
            "properties": {kind: {"type": "string"}},
            "required": [kind],
            "additionalProperties": False,
        }
        for kind in ("file", "env", "credential")
    ]
    + [{"type": "string", "format": "password"}],
}


def json_schema(connectors: Mapping[str, ConnectorType[Any]]) -> dict[str, Any]:
    """Return the JSON Schema of flowd.yaml; the settings of `connectors` are in it, chosen by a connection's `type`."""
    schema = Settings.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "flowd.yaml"
    definitions: dict[str, Any] = schema["$defs"]
    choices = []
    for name, connector in sorted(connectors.items()):
        own = connector.config.model_json_schema(by_alias=True, ref_template=f"#/$defs/connector-{name}-{{model}}")
        for inner, definition in own.pop("$defs", {}).items():
            definitions[f"connector-{name}-{inner}"] = definition
        definitions[f"connector-{name}"] = own
        feeds = {
            "type": "object",
            "properties": {feed.name: {"$ref": "#/$defs/FeedSettings"} for feed in connector.feeds},
            "additionalProperties": False,
        }
        choices.append(
            {
                "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
                "then": {"properties": {"config": {"$ref": f"#/$defs/connector-{name}"}, "feeds": feeds}},
            }
        )
    if choices:
        definitions["ConnectionSettings"]["allOf"] = choices
    replaced = _with_references(schema)
    assert isinstance(replaced, dict)
    return replaced


def _with_references(value: object) -> object:
    """Let every secret be given as a reference too."""
    if isinstance(value, Mapping):
        if value.get("format") == "password" and value.get("type") == "string":
            kept = {key: item for key, item in value.items() if key in ("title", "description", "default")}
            return {**copy.deepcopy(_REFERENCE), **kept}
        return {key: _with_references(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_references(item) for item in value]
    return value
