"""The plugin host: good plugins come in, each bad one is a line with its reason, and nothing unasked is imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict

from flowd.api import Config, hookimpl
from flowd.plugins import PluginInfo, Registry, State, candidates, load_plugins
from flowd.plugins.registry import SHELVES

INSTALLED = str(Path(__file__).parents[1] / "plugins" / "installed")


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(INSTALLED)
    yield
    for name in [name for name in sys.modules if name.startswith("flowd_test_")]:
        del sys.modules[name]


def load(*names: str, extra: tuple[object, ...] = ()) -> Registry:
    return load_plugins(names, extra=extra, built_in=(), path=[INSTALLED])


def info(registry: Registry, name: str) -> PluginInfo:
    [found] = [row for row in registry.plugins if row.name == name and row.distribution != "flowd-test-rival"]
    return found


def test_a_good_plugin_brings_every_kind_of_object() -> None:
    registry = load("good")
    assert list(registry.connectors) == ["good", "good-too"]
    assert list(registry.importers) == ["good-format"]
    assert list(registry.rate_providers) == ["good-rates"]
    assert list(registry.analytics) == ["good-analytic"]
    assert list(registry.studies) == ["good-study"]
    assert list(registry.methods) == ["good-method"]
    assert list(registry.notifiers) == ["good-notifier"]
    assert list(registry.commands) == ["good"]
    row = info(registry, "good")
    assert (row.distribution, row.version, row.state, row.error) == ("flowd-test-good", "2.1", State.LOADED, None)
    assert row.kinds == tuple(SHELVES)
    assert row.maturity == "beta"


def test_only_what_is_named_is_imported_and_the_rest_is_listed() -> None:
    registry = load("good")
    assert info(registry, "unused").state is State.LISTED
    assert info(registry, "hangs").state is State.LISTED
    assert "flowd_test_not_imported" not in sys.modules
    assert "flowd_test_deadly" not in sys.modules


def test_two_names_for_one_module_are_one_plugin() -> None:
    registry = load("good", "good-too")
    assert info(registry, "good-too").state is State.LOADED
    assert info(registry, "good-too").provides == info(registry, "good").provides


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("broken-import", "needs the module a_module_nobody_has, which is not installed"),
        ("ended-import", "tried to end the process (exit 3)"),
        ("unknown-hook", "'register_conectors' that flowd does not know, did you mean register_connectors?"),
        ("other-arguments", "write `def register_connectors(register)`"),
        ("unmarked-hook", "a function register_connectors that is not marked: put @hookimpl"),
        ("rubbish", "registers a dict as connector: it must be a flowd.api.ConnectorType"),
        ("same-twice", "registers the importer 'same' twice"),
        ("class-itself", "registers the class GoodFormat as importer: register an object of it"),
        ("raises-in-hook", "ZeroDivisionError: after the first"),
        ("registers-nothing", "register_connectors never called register"),
        ("no-feeds", "registers 'no-feeds' without feeds"),
        ("loose-config", "lets unknown keys pass"),
        ("odd-error", "OddError: (no text)"),
        ("late", "after the hook had ended"),
        ("nowhere", "is not installed: try `pip install flowd-nowhere`"),
    ],
)
def test_lesson_4_a_bad_plugin_is_a_line_and_the_good_one_works(name: str, says: str) -> None:
    registry = load(name, "good")
    row = info(registry, name)
    assert row.state is State.BROKEN
    assert row.error is not None
    assert says in row.error
    assert "\n" not in row.error
    assert "good" in registry.connectors
    # Nothing of a broken plugin stays, not even what it registered before it broke.
    assert registry.importers.keys() == {"good-format"}
    assert registry.notifiers.keys() == {"good-notifier"}


def test_a_name_that_is_taken_is_refused_and_both_are_named() -> None:
    registry = load("good", "rival")
    rows = [plugin for plugin in registry.plugins if plugin.name in {"good", "rival"}]
    assert [(row.distribution, row.state) for row in rows] == [
        ("flowd-test-good", State.LOADED),
        ("flowd-test-rival", State.BROKEN),
        ("flowd-test-rival", State.BROKEN),
    ]
    assert "'good', which flowd-test-good 2.1 has registered already" in str(rows[1].error)
    assert "flowd-test-rival 0.1 is left out" in str(rows[1].error)
    assert "rival" not in registry.connectors
    assert registry.connectors["good"].maturity.value == "beta"


def test_what_a_plugin_prints_at_import_is_not_flowds_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert "noisy" in load("noisy").importers
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_the_users_own_interrupt_is_not_swallowed() -> None:
    class Interrupted:
        def __dir__(self) -> list[str]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(extra=(Interrupted(),))


def test_plugins_of_tests_come_in_by_the_same_door() -> None:
    registry = load(extra=("flowd_test_good", "flowd_test_bad.rubbish"))
    assert "good" in registry.connectors
    assert info(registry, "flowd_test_bad.rubbish").state is State.BROKEN


def test_a_syntax_error_names_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "flowd_test_syntax.py").write_text("x = 1\ndef broken(:\n")
    registry = load(extra=("flowd_test_syntax",))
    assert "SyntaxError" in str(registry.broken[0].error)
    assert "flowd_test_syntax.py, line 2" in str(registry.broken[0].error)


def test_a_package_with_damaged_metadata_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "flowd_test_damaged-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_bytes(b"\xff\xfe\x00")
    (folder / "entry_points.txt").write_bytes(b"[flowd]\nx = \xff\n")
    names = {candidate.name for candidate in candidates([str(tmp_path), INSTALLED])}
    assert "good" in names
    assert "x" not in names


def test_flowds_own_plugins_load() -> None:
    registry = load_plugins((), path=[])
    assert [row.error for row in registry.plugins if row.state is State.BROKEN] == []


class _Made:
    """An object with a name and the methods and attributes it is given."""

    def __init__(self, **values: object) -> None:
        self.__dict__.update({"name": "made", "reads": (), "writes": (), "config": Config, **values})


def _call(*_: object) -> None:
    return None


class _Brings:
    """A plugin that registers these objects as analytics."""

    def __init__(self, *things: object) -> None:
        self._things = things

    @hookimpl
    def register_analytics(self, register: Callable[[Any], None]) -> None:
        for thing in self._things:
            register(thing)


class _Loose(Config):
    """Settings that let unknown keys pass."""

    model_config = ConfigDict(extra="ignore")


@pytest.mark.parametrize(
    ("things", "says"),
    [
        ([_Made()], "has the methods of none of the kinds there are: give it those of one (reach(), compute() for the"),
        ([_Made(study=_call, forecast=_call)], "has the methods of study and projection method"),
        ([_Made(compute=_call)], "the analytic 'made', which has no method reach()"),
        ([_Made(study=_call, reads="derived.flow")], "the study 'made', whose `reads` is not a list of table names"),
        ([_Made(study=_call, config=None)], "whose config is a NoneType: subclass flowd.api.Config"),
        ([_Made(study=_call, config=_Loose)], "whose config lets unknown keys pass"),
        ([_Made(study=_call, name="A B")], "as study: it needs a `name` of small letters"),
        ([_Made(study=_call), _Made(study=_call)], "registers the study 'made' twice"),
        ([_Made(study=_call), _Made(reach=_call, compute=_call)], "the analytic 'made' and the study 'made'"),
        ([_Made(study=_call, name="good-analytic")], "'good-analytic', which flowd-test-good 2.1 has registered"),
        ([_Made], "registers the class _Made as analytic: register an object of it"),
    ],
)
def test_what_is_no_analytic_no_study_and_no_method_says_why(things: list[object], says: str) -> None:
    registry = load("good", extra=(_Brings(*things),))
    row = info(registry, "_Brings")
    assert says in str(row.error)
    assert list(registry.studies) == ["good-study"]


def test_a_study_and_a_method_may_have_one_name() -> None:
    registry = load(extra=(_Brings(_Made(study=_call), _Made(forecast=_call)),))
    assert registry.broken == []
    assert (list(registry.studies), list(registry.methods)) == (["made"], ["made"])
