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
from flowd.plugins.registry import HOOKS, NAMESAKES

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
#: What an object of a kind must have beside its name.
_METHODS: Final = {
    "importer": ("identify", "parse"),
    "rate provider": ("rates",),
    "analytic": ("reach", "compute"),
    "study": ("study",),
    "projection method": ("forecast",),
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
    for hook, kinds in HOOKS.items():
        if hook in callers:
            door = _Door(kinds=kinds, intake=intake)
            callers[hook](register=door)
            door.closed = True
    if not intake.objects:
        raise PluginError(f"registers nothing: {' and '.join(callers)} never called register(…)")
    return intake


@dataclass(slots=True)
class _Door:
    """The `register` argument of one hook call."""

    kinds: tuple[str, ...]
    intake: Intake
    closed: bool = False

    def __call__(self, thing: object) -> None:
        if self.closed:
            raise PluginError("register(…) was called after the hook had ended: call it inside the hook")
        kind = _kind_of(thing, self.kinds)
        name = _CHECKS.get(kind, _check_named)(kind, thing)
        for taken in (kind, NAMESAKES.get(kind)):
            if (taken, name) in self.intake.objects:
                other = "twice" if taken == kind else f"and the {taken} {name!r}"
                raise PluginError(f"registers the {kind} {name!r} {other}: give the second another name")
        self.intake.objects[kind, name] = thing


def _kind_of(thing: object, kinds: tuple[str, ...]) -> str:
    """Say which of the kinds that come in by one hook `thing` is: the one whose methods it has."""
    if len(kinds) == 1 or isinstance(thing, type):
        return kinds[0]
    found = [kind for kind in kinds if any(callable(getattr(thing, method, None)) for method in _METHODS[kind])]
    if len(found) == 1:
        return found[0]
    words = "; ".join(f"{', '.join(f'{method}()' for method in _METHODS[kind])} for the {kind}" for kind in kinds)
    problem = f"has the methods of {' and '.join(found)}" if found else "has the methods of none of the kinds there are"
    raise PluginError(f"registers {_short(thing)}, which {problem}: give it those of one ({words})")


def _explain(error: pluggy.PluginValidationError, plugin: object, manager: pluggy.PluginManager) -> str:
    unknown = [caller.name for caller in manager.get_hookcallers(plugin) or [] if not caller.has_spec()]
    if unknown:
        near = difflib.get_close_matches(unknown[0], HOOKS, n=1)
        hint = f", did you mean {near[0]}?" if near else f"; there are {', '.join(HOOKS)}"
        return f"has a hook {unknown[0]!r} that flowd does not know{hint}"
    text = " ".join(str(error).split())
    if "Argument(s)" in text:
        hook = text.split("for hook ", 1)[-1].split(" ", 1)[0].strip("'\"")
        return f"has a hook {hook} with other arguments than flowd gives: write `def {hook}(register)`"
    return text


def _refuse_unmarked(plugin: object) -> None:
    for name in dir(plugin):
        if name.startswith("register_") and difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.85):
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
    if kind in NAMESAKES:
        for tables in ("reads", "writes"):
            value = getattr(thing, tables, None)
            if isinstance(value, str) or not isinstance(value, Sequence):
                raise PluginError(f"registers the {kind} {name!r}, whose `{tables}` is not a list of table names")
    return name


def _check_study(kind: str, thing: object) -> str:
    name = _check_named(kind, thing)
    _check_config(name, getattr(thing, "config", None))
    return name


def _check_config(name: str, config: object) -> None:
    if not (isinstance(config, type) and issubclass(config, Config)):
        raise PluginError(f"registers {name!r}, whose config is {_short(config)}: subclass flowd.api.Config")
    if config.model_config.get("extra") != "forbid":
        raise PluginError(f"registers {name!r}, whose config lets unknown keys pass: keep extra='forbid'")


def _check_connector(kind: str, thing: object) -> str:
    if not isinstance(thing, ConnectorType):
        raise PluginError(f"registers {_short(thing)} as {kind}: it must be a flowd.api.ConnectorType")
    name = _check_named(kind, thing)
    _check_config(name, thing.config)
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
    "study": _check_study,
    "command": _check_command,
}
