"""Linking, as a connector's process and the daemon say it to each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from flowd.api import ConfigError, Connector, Linkable, Linked, LinkStep
from flowd.engine.asked_tokens import AskedTokens

_LONGEST = 8_000


def linkable(connector: Connector) -> Linkable:
    """Return `connector` as one that can be linked; ConfigError if it cannot."""
    if not (hasattr(connector, "begin_link") and hasattr(connector, "finish_link")):
        raise ConfigError("this kind of source is not linked: its keys stand in flowd.yaml")
    return cast("Linkable", connector)


def begun(step: LinkStep) -> dict[str, Any]:
    """Return the step as fields of a message."""
    if not isinstance(step, LinkStep):
        raise TypeError(f"begin_link() must return a LinkStep, got {type(step).__name__}")
    return {
        "url": None if step.url is None else str(step.url)[:_LONGEST],
        "ask": None if step.ask is None else str(step.ask)[:_LONGEST],
        "redirects": bool(step.redirects),
        # What is no JSON is the connector's mistake, and is to be told as one.
        "memory": json.loads(json.dumps(dict(step.memory))),
    }


def step_of(fields: Mapping[str, Any]) -> LinkStep:
    """Return the step that `begun` put into `fields`."""
    return LinkStep(
        url=fields["url"], ask=fields["ask"], redirects=bool(fields["redirects"]), memory=dict(fields["memory"])
    )


def finished(linked: Linked, tokens: AskedTokens) -> dict[str, Any]:
    """Have what linking obtained stored, and return the rest of it as fields of a message."""
    if not isinstance(linked, Linked):
        raise TypeError(f"finish_link() must return Linked, got {type(linked).__name__}")
    tokens.link(linked.tokens)
    end = linked.expires_at
    return {"summary": str(linked.summary)[:_LONGEST], "expires_at": None if end is None else end.isoformat()}
