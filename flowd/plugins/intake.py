"""Asking one plugin what it registers, and checking every object before anything of it is taken."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pluggy

from flowd import hookspecs
from flowd.api import Config, ConnectorType, Feed
from flowd.errors import PluginError
from flowd.plugins.registry import SHELVES

_HOOKS: Final = {f"register_{shelf}": kind for kind, shelf in SHELVES.items()}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
#: What an object of a kind must have beside its name.
_METHODS: Final = {
    "importer": ("identify", "parse"),
    "rate provider": ("rates",),
    "analytic": ("reach", "compute"),
    "notifier": ("send",),
}


@dataclass(slots=True)
class Intake:
    """What one plugin registered: (kind, name) -> object."""

    objects: dict[tuple[str, str], Any] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of object in it, once each."""
        return tuple(dict.fromkeys(kind for kind, _ in self.objects))

    @property
    def provides(self) -> tuple[str, ...]:
        """The names of the objects in it."""
        return tuple(dict.fromkeys(name for _, name in self.objects))

    @property
    def maturity(self) -> str | None:
        """The least maturity of its connectors; None without connectors."""
        order = ["alpha", "beta", "stable"]
        found = [thing.maturity.value for thing in self.objects.values() if isinstance(thing, ConnectorType)]
        return min(found, key=order.index, default=None)


def ask(plugin: object, name: str) -> Intake:
    """Return what `plugin` registers; PluginError says why it cannot be used. Its own exceptions pass through.

    Each plugin gets a pluggy manager of its own: pluggy stops at the first exception, and one plugin's must never
    reach another.
    """
    manager = pluggy.PluginManager("flowd")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(_explain(error, plugin, manager)) from None
    _refuse_unmarked(plugin)
    callers = {caller.name: caller for caller in manager.get_hookcallers(plugin) or []}
    if not callers:
        raise PluginError(
            "registers nothing: give it a function such as `@hookimpl def register_connectors(register)` "
            "(hookimpl from flowd.api)"
        )
    intake = Intake()
    for hook, kind in _HOOKS.items():
        if hook in callers:
            door = _Door(kind=kind, intake=intake)
            callers[hook](register=door)
            door.closed = True
    if not intake.objects:
        raise PluginError(f"registers nothing: {' and '.join(callers)} never called register(…)")
    return intake


@dataclass(slots=True)
class _Door:
    """The `register` argument of one hook call."""

    kind: str
    intake: Intake
    closed: bool = False

    def __call__(self, thing: object) -> None:
        if self.closed:
            raise PluginError("register(…) was called after the hook had ended: call it inside the hook")
        key = (self.kind, _CHECKS.get(self.kind, _check_named)(self.kind, thing))
        if key in self.intake.objects:
            raise PluginError(f"registers the {self.kind} {key[1]!r} twice: give the second another name")
        self.intake.objects[key] = thing


def _explain(error: pluggy.PluginValidationError, plugin: object, manager: pluggy.PluginManager) -> str:
    unknown = [caller.name for caller in manager.get_hookcallers(plugin) or [] if not caller.has_spec()]
    if unknown:
        near = difflib.get_close_matches(unknown[0], _HOOKS, n=1)
        hint = f", did you mean {near[0]}?" if near else f"; there are {', '.join(_HOOKS)}"
        return f"has a hook {unknown[0]!r} that flowd does not know{hint}"
    text = " ".join(str(error).split())
    if "Argument(s)" in text:
        hook = text.split("for hook ", 1)[-1].split(" ", 1)[0].strip("'\"")
        return f"has a hook {hook} with other arguments than flowd gives: write `def {hook}(register)`"
    return text


def _refuse_unmarked(plugin: object) -> None:
    for name in dir(plugin):
        if name.startswith("register_") and difflib.get_close_matches(name, _HOOKS, n=1, cutoff=0.85):
            function = getattr(plugin, name, None)
            if callable(function) and not hasattr(function, "flowd_impl"):
                raise PluginError(f"has a function {name} that is not marked: put @hookimpl (from flowd.api) above it")


def _check_named(kind: str, thing: object) -> str:
    name = getattr(thing, "name", None)
    if isinstance(thing, type):
        raise PluginError(
            f"registers the class {thing.__name__} as {kind}: register an object of it, {thing.__name__}()"
        )
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PluginError(
            f"registers {_short(thing)} as {kind}: it needs a `name` of small letters, digits, dot, dash, underscore"
        )
    for method in _METHODS.get(kind, ()):
        if not callable(getattr(thing, method, None)):
            raise PluginError(f"registers the {kind} {name!r}, which has no method {method}(): see flowd.api")
    if kind == "analytic":
        for tables in ("reads", "writes"):
            value = getattr(thing, tables, None)
            if isinstance(value, str) or not isinstance(value, Sequence):
                raise PluginError(f"registers the analytic {name!r}, whose `{tables}` is not a list of table names")
    return name


def _check_connector(kind: str, thing: object) -> str:
    if not isinstance(thing, ConnectorType):
        raise PluginError(f"registers {_short(thing)} as {kind}: it must be a flowd.api.ConnectorType")
    name = _check_named(kind, thing)
    if not (isinstance(thing.config, type) and issubclass(thing.config, Config)):
        raise PluginError(f"registers {name!r}, whose config is {_short(thing.config)}: subclass flowd.api.Config")
    if thing.config.model_config.get("extra") != "forbid":
        raise PluginError(f"registers {name!r}, whose config lets unknown keys pass: keep extra='forbid'")
    if not callable(thing.connect):
        raise PluginError(f"registers {name!r}, whose connect cannot be called: give a class or function")
    names = set()
    feeds: object = thing.feeds
    if isinstance(feeds, str) or not isinstance(feeds, Sequence) or not feeds:
        raise PluginError(f"registers {name!r} without feeds: name at least one flowd.api.Feed")
    for feed in feeds:
        if not isinstance(feed, Feed) or not isinstance(feed.name, str) or not _NAME.fullmatch(feed.name):
            raise PluginError(f"registers {name!r} with {_short(feed)} among its feeds: use flowd.api.Feed(name=…)")
        if feed.name in names:
            raise PluginError(f"registers {name!r} with two feeds named {feed.name!r}")
        if not all(isinstance(time, timedelta) and time > timedelta(0) for time in (feed.every, feed.timeout)):
            raise PluginError(f"registers {name!r}, whose feed {feed.name!r} has no positive interval or timeout")
        names.add(feed.name)
    return name


def _check_command(kind: str, thing: object) -> str:
    import click

    if not isinstance(thing, click.Command):
        raise PluginError(f"registers {_short(thing)} as {kind}: it must be a click command")
    return _check_named(kind, thing)


def _short(thing: object) -> str:
    """Name a thing without trusting its own repr, which may raise, be endless or hold a secret."""
    return f"the class {thing.__name__}" if isinstance(thing, type) else f"a {type(thing).__name__}"


_CHECKS: Final[dict[str, Callable[[str, object], str]]] = {
    "connector": _check_connector,
    "command": _check_command,
}
