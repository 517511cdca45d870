"""What the suites of importers, rate providers, analytics and notifiers have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from flowd.api import AuthError, Config, ConnectorType, Context, RetryLater
from flowd.plugins import candidates
from flowd.testing.faults import FAULTS, WAIT, Fault
from flowd.testing.harness import TICK, Harness
from flowd.testing.replay import Replay
from flowd.testing.suite_registration import watched

_NOBODY: ConnectorType[Config] = ConnectorType(name="nobody", config=Config, connect=lambda _: None, feeds=())  # type: ignore[arg-type,return-value]


class PluginChecks:
    """Registration of one object, named by `kind`."""

    #: What it is registered as.
    kind: ClassVar[str]
    #: The folder of recorded answers or sample files, within the plugin's own.
    cases: ClassVar[str] = "cases"
    #: Checks that are left out: name → reason.
    skips: ClassVar[Mapping[str, str]] = {}
    #: The module that registers the object, where the plugin is not installed.
    module: ClassVar[str] = ""

    def subject(self) -> Any:
        """Return the object under test."""
        raise NotImplementedError

    def setup_method(self, method: Callable[..., object]) -> None:
        """Leave out what `skips` names."""
        reason = self.skips.get(method.__name__)
        if reason is not None:
            import pytest

            pytest.skip(reason)

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make one check of each fault."""
        if "fault" in metafunc.fixturenames:
            metafunc.parametrize("fault", FAULTS, ids=lambda fault: fault.name)

    @property
    def folder(self) -> Path:
        """The plugin's folder: the nearest one above the test with a pyproject.toml."""
        here = Path(inspect.getfile(type(self))).resolve()
        return next((folder for folder in here.parents if (folder / "pyproject.toml").exists()), here.parent)

    def test_registers_without_side_effects(self) -> None:
        """In a fresh process: no connection, no file, no thread, no program, nothing printed; and twice the same."""
        thing = self.subject()
        package = type(thing).__module__.split(".")[0]
        found = [one.value for one in candidates() if one.value.split(":")[0].split(".")[0] == package]
        module = self.module or (found[0] if found else package)
        report = watched(module)
        assert "error" not in report, f"{module} cannot be registered: {report['error']}"
        assert not report["deeds"], f"{module} does this while it is imported: {'; '.join(report['deeds'])}"
        assert f"{self.kind} {thing.name}" in report["objects"], f"{module} registers {report['objects']}"


@contextmanager
def room(source: Replay | None) -> Iterator[Context]:
    """Give a context whose client can ask `source` and nobody else."""
    hosts = [] if source is None else [source.url.removeprefix("http://").removeprefix("https://")]
    with Harness(_NOBODY, hosts=hosts).context(TICK) as (ctx, _, _):
        yield ctx


def judge(call: Callable[[], object], fault: Fault, what: str) -> None:
    """Check that `call` raises what flowd expects of `fault`."""
    try:
        call()
    except (AuthError, RetryLater) as error:
        assert isinstance(error, fault.error), (
            f"{what}, fault {fault.name}: {fault.error.__name__} is expected, it raised {type(error).__name__}: {error}"
        )
        wait = getattr(error, "after", None)
        assert fault.name != "429" or wait == WAIT, f"{what}: the source said to wait {WAIT.seconds} s, not {wait}"
        return
    except Exception as error:
        raise AssertionError(f"{what}, fault {fault.name}: it raised {type(error).__name__}: {error}") from error
    raise AssertionError(f"{what} ends well although every request fails ({fault.name})")
