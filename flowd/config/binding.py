"""Joining connections with their connectors: settings checked, secrets read, intervals settled, one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeVar

from pydantic import SecretStr, ValidationError

from flowd.api import Config, ConnectorType, Feed, Isolation, Notifier, Severity, Study
from flowd.config.environment import variable_part
from flowd.config.models import ConnectionSettings, Settings
from flowd.config.problems import Path, Problem, did_you_mean, dotted, in_order, known_words
from flowd.config.walking import pairs, with_absolute_paths
from flowd.config.wording import problems_of
from flowd.secrets import Resolved, redact, resolve, reveal

T = TypeVar("T")

#: A connector's own checks of its settings get this long; they run before there is a child process to end.
_CHECK_SECONDS: Final = 5.0


class PluginLine(Protocol):
    """What is known of a plugin here: its name and, if it is broken, why."""

    @property
    def name(self) -> str:
        """Its entry-point name."""

    @property
    def error(self) -> str | None:
        """Why it cannot be used."""


class Plugins(Protocol):
    """The part of the plugin registry that is needed here."""

    @property
    def connectors(self) -> Mapping[str, ConnectorType[Any]]:
        """Connector types by name."""

    @property
    def notifiers(self) -> Mapping[str, Notifier]:
        """Notifiers by name."""

    @property
    def studies(self) -> Mapping[str, Study]:
        """Studies by name."""

    @property
    def plugins(self) -> Sequence[PluginLine]:
        """All plugins, broken ones included."""


class _Configured(Protocol):
    """What has settings of its own in flowd.yaml."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def config(self) -> type[Config]:
        """Its settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundConnection:
    """A connection ready to run: its connector, its checked settings with secrets read, and its feeds."""

    name: str
    type: ConnectorType[Any]
    config: Config
    feeds: Mapping[str, Feed]
    isolation: Isolation
    secrets: Sequence[SecretStr]
    settings: ConnectionSettings
    written: Mapping[str, object] = field(repr=False)

    def payload(self) -> Mapping[str, object]:
        """Return the settings as JSON values, secrets in clear: for the pipe to the child and nothing else.

        There `type.config.model_validate(payload)` gives the same settings again.
        """
        revealed = reveal(self.written)
        assert isinstance(revealed, Mapping)
        return revealed


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundNotifier:
    """A notifier ready to send; `config` holds SecretStr where flowd.yaml has references."""

    name: str
    notifier: Notifier
    config: Mapping[str, object] = field(repr=False)
    severity: Severity
    secrets: Sequence[SecretStr]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The connections, notifiers and studies (their settings) that can run, and by name the problems of those not."""

    connections: Mapping[str, BoundConnection]
    notifiers: Mapping[str, BoundNotifier]
    problems: Mapping[str, Sequence[Problem]]
    notifier_problems: Mapping[str, Sequence[Problem]]
    warnings: Sequence[Problem]
    studies: Mapping[str, Config] = field(default_factory=dict)
    study_problems: Mapping[str, Sequence[Problem]] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[str, str]:
        """Why each connection that cannot run cannot, in one line."""
        return {name: "; ".join(str(problem) for problem in problems) for name, problems in self.problems.items()}

    @property
    def all_problems(self) -> list[Problem]:
        """Every problem, in the order of the file."""
        groups = [*self.problems.values(), *self.notifier_problems.values(), *self.study_problems.values()]
        return in_order(problem for group in groups for problem in group)


def bind_connections(settings: Settings, registry: Plugins, *, check_seconds: float = _CHECK_SECONDS) -> Bound:
    """Check every enabled connection, notifier and study against its plugin; what is wrong with one harms no other."""
    connections: dict[str, BoundConnection] = {}
    problems: dict[str, Sequence[Problem]] = {}
    warnings: list[Problem] = list(settings.warnings)
    for name, connection in settings.connections.items():
        if not connection.enabled:
            continue
        binder = _Binder(settings=settings, base=("connections", name), check_seconds=check_seconds)
        bound = binder.connection(name, connection, registry)
        if binder.problems or bound is None:
            problems[name] = tuple(in_order(binder.problems))
        else:
            connections[name] = bound
        warnings += binder.warnings
    notifiers: dict[str, BoundNotifier] = {}
    notifier_problems: dict[str, Sequence[Problem]] = {}
    for name, notifier in settings.notifiers.items():
        if not notifier.enabled:
            continue
        binder = _Binder(settings=settings, base=("notifiers", name), check_seconds=check_seconds)
        found = binder.kind("notifier", notifier.type, registry.notifiers, registry.plugins)
        resolved = binder.resolve(notifier.config)
        if found is None or binder.problems:
            notifier_problems[name] = tuple(in_order(binder.problems))
        else:
            assert isinstance(resolved.value, dict)
            notifiers[name] = BoundNotifier(
                name=name,
                notifier=found,
                config=resolved.value,
                severity=notifier.severity,
                secrets=resolved.secrets,
            )
        warnings += binder.warnings
    studies, study_problems = bind_studies(settings, registry, check_seconds=check_seconds)
    return Bound(
        connections=connections,
        notifiers=notifiers,
        problems=problems,
        notifier_problems=notifier_problems,
        warnings=tuple(in_order(warnings)),
        studies=studies,
        study_problems=study_problems,
    )


def bind_studies(
    settings: Settings, registry: Plugins, *, check_seconds: float = _CHECK_SECONDS
) -> tuple[Mapping[str, Config], Mapping[str, Sequence[Problem]]]:
    """Return the checked settings of every study that is not switched off, and the problems of those that have some."""
    found: dict[str, Config] = {}
    problems: dict[str, Sequence[Problem]] = {}
    for name, study in registry.studies.items():
        switch = settings.analytics.get(name)
        if switch is not None and not switch.enabled:
            continue
        binder = _Binder(settings=settings, base=("analytics", name), check_seconds=check_seconds)
        checked = binder.config(study, binder.resolve({} if switch is None else switch.config))
        if binder.problems or checked is None:
            problems[name] = tuple(in_order(binder.problems))
        else:
            found[name] = checked[0]
    return found, problems


@dataclass(slots=True, kw_only=True)
class _Binder:
    """Binds what stands at `base`, collecting what is wrong with it."""

    settings: Settings
    base: Path
    check_seconds: float
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def connection(self, name: str, connection: ConnectionSettings, registry: Plugins) -> BoundConnection | None:
        kind = self.kind("connector", connection.type, registry.connectors, registry.plugins)
        resolved = self.resolve(connection.config)
        if kind is None:
            return None
        feeds = self.feeds(connection, kind)
        checked = self.config(kind, resolved)
        if checked is None:
            return None
        config, written = checked
        secrets = [value for _, _, value in pairs(written, config) if isinstance(value, SecretStr)]
        return BoundConnection(
            name=name,
            type=kind,
            config=config,
            feeds=feeds,
            isolation=connection.isolation or kind.isolation,
            secrets=tuple(dict.fromkeys([*resolved.secrets, *secrets])),
            settings=connection,
            written=written,
        )

    def kind(self, what: str, name: str, known: Mapping[str, T], plugins: Sequence[PluginLine]) -> T | None:
        """Return the connector or notifier `name`, or say why there is none."""
        found = known.get(name)
        if found is not None:
            return found
        path = (*self.base, "type")
        for plugin in plugins:
            if plugin.name == name and plugin.error is not None and not plugin.error.startswith("is not installed"):
                self.say(
                    path, f"names the plugin {name}, which cannot be used: it {plugin.error}", "see `flowd plugins`"
                )
                return None
        words = {*known, *(plugin.name for plugin in plugins if plugin.error is None)}
        near = did_you_mean(name, words - {name})
        fix = f"known here: {known_words(words)}"
        if not near:
            # A package for a misspelt name might be anybody's: only what is near to nothing is looked for elsewhere.
            fix += f"; another may come with `pip install flowd-{name}`"
            if what == "connector" and "ccxt" in words:
                fix += f"; an exchange without its own: `type: ccxt` with `exchange: {name}`"
        self.say(path, f"names no {what} that is installed ({name!r}){near}", fix)
        return None

    def resolve(self, config: Mapping[str, object]) -> Resolved:
        resolved = resolve(config, self.settings.sources)
        for finding in resolved.missing:
            self.say((*self.base, "config", *finding.path), finding.message, finding.fix)
        for finding in resolved.warnings:
            self.warn((*self.base, "config", *finding.path), finding.message, finding.fix)
        return resolved

    def feeds(self, connection: ConnectionSettings, kind: ConnectorType[Any]) -> Mapping[str, Feed]:
        feeds = {feed.name: feed for feed in kind.feeds}
        spelled = {variable_part(name): name for name in feeds}
        for name, wanted in connection.feeds.items():
            path = (*self.base, "feeds", name)
            # A name that came from a variable has lost its dashes.
            own = name if name in feeds else spelled.get(variable_part(name))
            if own is None:
                self.say(
                    path, f"is not a feed of {kind.name}{did_you_mean(name, feeds)}", f"it has: {known_words(feeds)}"
                )
                continue
            feed = feeds[own]
            feeds[own] = replace(feed, every=wanted.every or feed.every, timeout=wanted.timeout or feed.timeout)
        return feeds

    def config(self, kind: _Configured, resolved: Resolved) -> tuple[Config, Mapping[str, object]] | None:
        base = (*self.base, "config")
        places = self.settings._places  # noqa: SLF001 -- the same package
        written = resolved.value

        def check() -> tuple[Config, object]:
            config = kind.config.model_validate(written)
            absolute = with_absolute_paths(written, config, self.settings.folder)
            return kind.config.model_validate(absolute) if absolute != written else config, absolute

        outcome = _within(self.check_seconds, check)
        if isinstance(outcome, ValidationError):
            missing = [base + finding.path for finding in resolved.missing]
            for problem in problems_of(
                outcome,
                kind=kind.config,
                places=places,
                prefix=base,
                clean=lambda text: redact(text, resolved.secrets),
            ):
                if not any(problem.where == dotted(path) for path in missing):
                    self.problems.append(problem)
            return None
        if isinstance(outcome, BaseException):
            text = redact(" ".join(f"{type(outcome).__name__}: {outcome}".split())[:300], resolved.secrets)
            self.say(
                base, f"could not be checked by the plugin {kind.name}: {text}", "report it to the plugin's author"
            )
            return None
        config, absolute = outcome
        assert isinstance(absolute, Mapping)
        self._warn_of_clear_secrets(config, absolute)
        return config, absolute

    def _warn_of_clear_secrets(self, config: Config, written: Mapping[str, object]) -> None:
        for path, raw, value in pairs(written, config):
            full = (*self.base, "config", *path)
            in_clear = isinstance(value, SecretStr) and isinstance(raw, str)
            if in_clear and self.settings.place_of_value(full).variable is None:
                self.warn(full, "stands in the file in clear", "write {file: path}, {env: NAME} or {credential: name}")

    def say(self, path: Path, message: str, fix: str) -> None:
        self.problems.append(Problem.at(self.settings.place_of_value(path), dotted(path), message, fix))

    def warn(self, path: Path, message: str, fix: str) -> None:
        self.warnings.append(Problem.at(self.settings.place_of_value(path), dotted(path), message, fix))


def _within(seconds: float, work: Callable[[], T]) -> T | BaseException:
    """Return what `work` returns or raises; TimeoutError when it takes longer (its thread is then left behind)."""
    box: list[T | BaseException] = []

    def run() -> None:
        try:
            box.append(work())
        except BaseException as error:
            box.append(error)

    thread = threading.Thread(target=run, name="check-settings", daemon=True)
    thread.start()
    thread.join(seconds)
    return box[0] if box else TimeoutError(f"it took longer than {seconds:g} s")


__all__ = ["Bound", "BoundConnection", "BoundNotifier", "Plugins", "bind_connections", "bind_studies"]
