"""Loading the plugins that flowd.yaml names, each on its own, so that a broken one is a line in a list and no more."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import io
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from flowd.errors import PluginError
from flowd.plugins.discovery import CORE, Candidate, candidates
from flowd.plugins.intake import Intake, ask
from flowd.plugins.registry import NAMESAKES, PluginInfo, Registry, State

#: What flowd brings itself, through the same door as everybody else.
BUILT_IN: Final = ("flowd.importers", "flowd.analytics", "flowd.engine.notifiers")

#: Tries plugins out elsewhere before they are imported here: candidate -> why it must not be imported, or None.
Examine = Callable[[Sequence[Candidate]], Mapping[Candidate, str | None]]


def load_plugins(
    names: Collection[str],
    *,
    extra: Iterable[object] = (),
    probe: Examine | None = None,
    built_in: Sequence[str] = BUILT_IN,
    path: Sequence[str] | None = None,
) -> Registry:
    """Return what the plugins `names` register, in that order, after the built-in ones; it never raises for a plugin.

    `names` are entry-point names (see `flowd.config.plugin_names`); other installed plugins are listed, not imported.
    `extra` adds plugin objects or modules by dotted name, for tests. With `probe`, packages other than flowd are first
    tried out in a child process, so that one that hangs or exits while it is imported cannot take this process along.
    """
    loader = _Loader()
    for dotted in built_in:
        loader.take_built_in(dotted)
    known = candidates(path)
    order = {name: index for index, name in enumerate(dict.fromkeys(names))}
    wanted = sorted((one for one in known if one.name in order), key=lambda one: order[one.name])
    verdicts = probe([one for one in wanted if one.distribution != CORE]) if probe is not None else {}
    for candidate in wanted:
        loader.take_candidate(candidate, verdicts.get(candidate))
    for thing in extra:
        loader.take_extra(thing)
    loader.list_rest(known, order)
    return loader.registry


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a plugin comes from."""

    name: str
    distribution: str | None
    version: str | None
    place: str | None

    def info(self, state: State) -> PluginInfo:
        return PluginInfo(
            name=self.name, distribution=self.distribution, version=self.version, state=state, place=self.place
        )


class _Loader:
    """Loads one plugin after the other into a registry."""

    def __init__(self) -> None:
        self.registry = Registry()
        self._owners: dict[tuple[str, str], str] = {}
        self._taken: dict[int, tuple[object, Intake]] = {}

    def take_built_in(self, dotted: str) -> None:
        version = _version(CORE)
        try:
            module = importlib.import_module(dotted)
        except Exception as error:
            self._broken(_Origin(dotted, CORE, version, dotted), describe(error))
            return
        self._take(_Origin(dotted, CORE, version, dotted), lambda: module)

    def take_candidate(self, candidate: Candidate, verdict: str | None) -> None:
        origin = _Origin(candidate.name, candidate.distribution, candidate.version, candidate.value)
        if verdict is not None:
            self._broken(origin, verdict)
            return
        self._take(origin, candidate.load)

    def take_extra(self, thing: object) -> None:
        if isinstance(thing, str):
            self._take(_Origin(thing, None, None, thing), lambda: importlib.import_module(thing))
        else:
            name = getattr(thing, "__name__", None) or type(thing).__name__
            self._take(_Origin(str(name), None, None, None), lambda: thing)

    def list_rest(self, known: Sequence[Candidate], wanted: Collection[str]) -> None:
        """Add the installed plugins nobody asked for, and say which of those asked for are not there."""
        for one in known:
            if one.name not in wanted:
                origin = _Origin(one.name, one.distribution, one.version, one.value)
                self.registry.plugins.append(origin.info(State.LISTED))
        there = {one.name for one in known} | {info.name for info in self.registry.plugins}
        there |= {name for _, name in self._owners}
        for name in wanted:
            if name not in there:
                self._broken(
                    _Origin(name, None, None, None),
                    f"is not installed: try `pip install flowd-{name}`, or correct the name",
                )

    def _take(self, origin: _Origin, load: Callable[[], object]) -> None:
        try:
            with _quiet():
                plugin = load()
                taken = self._taken.get(id(plugin))
                intake = taken[1] if taken is not None else ask(plugin, origin.name)
            if taken is None:
                self._shelve(intake, origin)
                self._taken[id(plugin)] = (plugin, intake)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            # SystemExit and worse come out of plugins too; only the user's Ctrl-C is not theirs.
            self._broken(origin, describe(error))
            return
        info = replace(origin.info(State.LOADED), kinds=intake.kinds, provides=intake.provides)
        self.registry.plugins.append(replace(info, maturity=intake.maturity))

    def _shelve(self, intake: Intake, origin: _Origin) -> None:
        words = origin.info(State.LOADED).origin
        for kind, name in intake.objects:
            owner = self._owners.get((kind, name)) or self._owners.get((NAMESAKES.get(kind, kind), name))
            if owner is not None:
                raise PluginError(
                    f"registers the {kind} {name!r}, which {owner} has registered already: "
                    f"uninstall one of the two ({words} is left out)"
                )
        for (kind, name), thing in intake.objects.items():
            self._owners[kind, name] = words
            self.registry.shelf(kind)[name] = thing

    def _broken(self, origin: _Origin, error: str) -> None:
        self.registry.plugins.append(replace(origin.info(State.BROKEN), error=error))


def describe(error: BaseException) -> str:
    """Say in one line what a plugin raised while it was loaded, and where."""
    if isinstance(error, PluginError):
        return str(error)
    if isinstance(error, SystemExit):
        return f"tried to end the process (exit {error.code!r}) while it was loaded{_where(error)}"
    text = " ".join(_text_of(error).split())[:500]
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {text}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.split(".")[0]
        fix = f"try `pip install {top}`" if top == error.name else f"reinstall the package that brings {top}"
        return f"needs the module {error.name}, which is not installed{_where(error)}: {fix}"
    return f"{type(error).__name__}: {text}{_where(error)}"


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(no text)"


def _where(error: BaseException) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith("<frozen") and "importlib" not in Path(frame.filename).parts:
            return f" ({'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno})"
    return ""


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


class _Nowhere(io.TextIOBase):
    """Swallows what plugins print while they are imported: `flowd plugins --json` must stay JSON."""

    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()):
        yield
