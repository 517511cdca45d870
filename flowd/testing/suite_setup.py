"""What every check of the connector suite starts from: a source, settings with made-up secrets, and a run."""

from __future__ import annotations

import base64
import inspect
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from flowd.api import Check, Config, ConnectorType, Cursor, Json, RetryLater
from flowd.errors import BatchRefused, FlowdError
from flowd.secrets import reference
from flowd.testing.harness import TICK, Harness, KeptLines, MemoryTokens, Ran
from flowd.testing.replay import Asked, Replay, Reply

#: What a parametrised check calls the cheap call, beside the names of feeds.
CHECK = "check()"
#: More batches than any recorded source has.
ENDLESS = 2_000


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one call did: its batches or its Check, the error it ended with, and all it said."""

    ran: Ran = field(default_factory=Ran)
    check: Check | None = None
    error: FlowdError | None = None
    said: str = ""

    @property
    def text(self) -> str:
        """Everything a person could get to read: the log, what was printed, the error, the Check."""
        return "\n".join([self.said, *self.ran.log, *_chain(self.error), repr(self.check or "")])


class ConnectorSetup:
    """What an author sets: `connector`, and where the defaults do not fit, the rest."""

    #: The connector under test.
    connector: ClassVar[ConnectorType[Any]]
    #: Settings on top of those in sample.yaml.
    config: ClassVar[Mapping[str, object]] = {}
    #: The tokens `flowd link` would have obtained, for connectors that have some.
    tokens: ClassVar[Mapping[str, Json] | None] = None
    #: The moment at which everything is read.
    tick: ClassVar[datetime] = TICK
    #: Cursors from which runs begin, by feed; from the beginning by default.
    begin: ClassVar[Mapping[str, Cursor]] = {}
    #: The folder of recorded answers, within the plugin's own.
    cases: ClassVar[str] = "cases"
    #: Feeds that cannot read everything from the recorded answers, and say so with PartlyRead.
    partly: ClassVar[Collection[str]] = ()
    #: Checks that are left out: name → reason.
    skips: ClassVar[Mapping[str, str]] = {}
    #: How many altered answers each check of hostile data tries on a feed, at most.
    most_runs: ClassVar[int] = 30

    def source(self) -> Replay:
        """Return the source, fresh: by default it answers with the recorded cases."""
        return Replay.load(self.folder / self.cases)

    def settings(self, source: Replay) -> dict[str, object]:
        """Return the settings that point the connector at `source`.

        They are those of sample.yaml with made-up secrets, every address replaced by the source's, and `config` on top.
        """
        settings = _own_address(self.connector.config, source.url)
        settings |= {name: _made_up(value, source.url) for name, value in self.sample.items()}
        return settings | dict(self.config)

    # --- Parts -------------------------------------------------------------------------------------------------------

    def setup_method(self, method: Callable[..., object]) -> None:
        """Leave out what `skips` names."""
        reason = self.skips.get(method.__name__)
        if reason is not None:
            import pytest

            pytest.skip(reason)

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make one check for each feed, or for each feed and check()."""
        feeds = [feed.name for feed in self.connector.feeds]
        if "feed" in metafunc.fixturenames:
            metafunc.parametrize("feed", feeds)
        if "target" in metafunc.fixturenames:
            metafunc.parametrize("target", [CHECK, *feeds])

    @property
    def folder(self) -> Path:
        """The plugin's folder: the nearest one above the test with a sample.yaml or pyproject.toml."""
        here = Path(inspect.getfile(type(self))).resolve()
        for folder in here.parents:
            if (folder / "sample.yaml").exists() or (folder / "pyproject.toml").exists():
                return folder
        return here.parent

    @property
    def sample(self) -> Mapping[str, object]:
        """What sample.yaml says under `config`; nothing where there is no sample."""
        import yaml

        path = self.folder / "sample.yaml"
        if not path.exists():
            return {}
        config = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("config") or {}
        assert isinstance(config, Mapping), f"{path}: `config` is no mapping"
        return config

    @contextmanager
    def opened(self, **others: object) -> Iterator[tuple[Replay, Harness]]:
        """Give a fresh source and a connector for it; `others` are settings on top."""
        with self.source() as source:
            yield source, self.harness(source, **others)

    def harness(self, source: Replay, **others: object) -> Harness:
        """Return a connector for `source` that can ask nobody else."""
        return Harness(
            self.connector,
            {**self.settings(source), **others},
            tokens=None if self.tokens is None else MemoryTokens(self.tokens),
            hosts=[urlsplit(source.url).netloc],
        )

    def call(
        self, harness: Harness, target: str, cursor: Cursor | None = None, *, expect: Collection[type] = (), **how: Any
    ) -> Outcome:
        """Run a feed, or check(); what is neither flowd's own error nor in `expect` fails the test."""
        said = StringIO()
        outcome = Outcome()
        try:
            with redirect_stdout(said), redirect_stderr(said), _listening() as lines:
                if target == CHECK:
                    outcome.check = harness.check(self.tick)
                else:
                    cursor = cursor or self.begin.get(target)
                    outcome.ran = harness.sync(target, cursor, tick=self.tick, **{"batches": ENDLESS, **how})
                    outcome.error = outcome.ran.error
        except FlowdError as error:
            outcome.error = error
        except AssertionError:
            raise
        except Exception as error:
            if not isinstance(error, tuple(expect)):
                raise AssertionError(
                    f"{_called(target)} raised {type(error).__name__}: {error}\nA connector raises flowd's own errors "
                    "(RetryLater with endpoint and field for an answer it cannot read): anything else is a bug in it."
                ) from error
            outcome.error = RetryLater(str(error))
        outcome.said = "\n".join([said.getvalue(), *lines])
        if isinstance(outcome.error, BatchRefused):
            raise AssertionError(f"{_called(target)}: the store refuses a batch: {outcome.error}")
        assert len(outcome.ran.batches) < ENDLESS or how.get("batches"), f"{_called(target)} yields batches without end"
        return outcome

    def clean(self, target: str) -> tuple[Outcome, Sequence[Asked]]:
        """Return what a run on the untouched source does, and what it asks; it has to go well."""
        known: dict[str, tuple[Outcome, Sequence[Asked]]] = self._known()
        if target not in known:
            with self.opened() as (source, harness):
                outcome = self.call(harness, target)
                known[target] = (outcome, list(source.asked))
            may_be_partly = type(outcome.error).__name__ == "PartlyRead" and target in self.partly
            assert outcome.error is None or may_be_partly, (
                f"{_called(target)} fails on the recorded answers: {type(outcome.error).__name__}: {outcome.error}"
            )
        return known[target]

    def altered(
        self, target: str, change: Callable[[Asked, Reply], Reply], *, expect: Collection[type] = ()
    ) -> tuple[Outcome, bool]:
        """Return what a run does while `change` alters the answers, and whether it asked without end."""
        most = 20 * len(self.clean(target)[1]) + 100
        spun = False
        with self.opened() as (source, harness):

            def bounded(asked: Asked, reply: Reply) -> Reply:
                nonlocal spun
                if len(source.asked) > most:
                    spun = True
                    return Reply(status=503)
                return change(asked, reply)

            with source.altering(bounded):
                return self.call(harness, target, expect=expect), spun

    def _known(self) -> dict[str, tuple[Outcome, Sequence[Asked]]]:
        cls = type(self)
        if "_clean_runs" not in cls.__dict__:
            cls._clean_runs = {}  # type: ignore[attr-defined]
        known: dict[str, tuple[Outcome, Sequence[Asked]]] = cls._clean_runs  # type: ignore[attr-defined]
        return known


def secrets_in(config: object) -> list[str]:
    """Return the secrets in checked settings, in clear."""
    if isinstance(config, SecretStr):
        return [config.get_secret_value()]
    if isinstance(config, BaseModel):
        return [secret for name in type(config).model_fields for secret in secrets_in(getattr(config, name))]
    if isinstance(config, Mapping):
        return [secret for value in config.values() for secret in secrets_in(value)]
    if isinstance(config, list | tuple):
        return [secret for value in config for secret in secrets_in(value)]
    return []


def made_up_secret(name: str) -> str:
    """Return a secret for tests; it is base64, which some sources want theirs to be."""
    return base64.b64encode(f"made up for tests: {name}".ljust(48, ".").encode()).decode()


def made_up_ones(value: object) -> set[str]:
    """Return the secrets made up for the references in `value`."""
    found = reference(value)
    if found is not None:
        return {made_up_secret(found.name)}
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return {secret for item in items for secret in made_up_ones(item)}


def _made_up(value: object, url: str) -> object:
    found = reference(value)
    if found is not None:
        return made_up_secret(found.name)
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return url + urlsplit(value).path
    if isinstance(value, Mapping):
        return {name: _made_up(item, url) for name, item in value.items()}
    if isinstance(value, list):
        return [_made_up(item, url) for item in value]
    return value


def _own_address(config: type[Config], url: str) -> dict[str, object]:
    """Return the settings whose default holds an address, with `url` in its place."""
    found: dict[str, object] = {}
    for name, one in config.model_fields.items():
        default = one.get_default(call_default_factory=True, validated_data={})
        if isinstance(default, BaseModel):
            default = default.model_dump(mode="json")
        if default is None and name in {"url", "base_url"}:
            found[one.alias or name] = url
        elif (changed := _made_up(default, url)) != default:
            found[one.alias or name] = changed
    return found


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__


def _called(target: str) -> str:
    return target if target == CHECK else f"sync({target!r})"


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Give the lines of all that goes to the standard library's log meanwhile, except for the client's own."""
    kept, root = KeptLines(), logging.getLogger()
    levels = {logger: logger.level for logger in (root, *map(logging.getLogger, ("httpx", "httpcore")))}
    root.addHandler(kept)
    try:
        for logger in levels:
            logger.setLevel(logging.DEBUG if logger is root else logging.WARNING)
        yield kept.lines
    finally:
        root.removeHandler(kept)
        for logger, level in levels.items():
            logger.setLevel(level)
