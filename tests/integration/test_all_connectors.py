"""One of every connector at once, each against a source of its own that fails in turn: all of them heal.

What a source is and how it is set up is taken from the connector's own conformance suite. The ticks of the rounds are a
minute apart, and the declared limits would make them take nearly as long: in the short form a limit's minute lasts two
and a half seconds, with a sixth of the requests in it, so that limits are reached all the same. FLOWD_SOAK=600 has
every fault, over ten minutes, and the limits as they are.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import psutil
import pytest
from pydantic import SecretStr

from flowd.api import Isolation, RateLimit
from flowd.engine.access import Access
from flowd.engine.connections import Connection
from flowd.engine.running import RunResult
from flowd.engine.target import Target
from flowd.engine.tokens import TokenKeeper
from flowd.storage.aside import Aside
from flowd.storage.database import Database
from flowd.storage.rawlog import RawLog
from flowd.storage.runs import Runs
from flowd.storage.sealing import Keyring, new_key
from flowd.storage.tokens import TokenStore
from flowd.testing import ConnectorSuite
from flowd.testing.replay import Asked, Replay, Reply
from tests.engine_rig import Rig, engine

ROOT = Path(__file__).parents[2]
SOAK = float(os.environ.get("FLOWD_SOAK", "0"))
Change = Callable[[Asked, Reply], Reply]


def whole(asked: Asked, reply: Reply) -> Reply:
    return reply


def always(fault: Reply) -> Change:
    return lambda asked, reply: fault


class Second:
    """Fails every second request: what one run asks is answered in part."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, asked: Asked, reply: Reply) -> Reply:
        self.count += 1
        return Reply(status=503) if self.count % 2 == 0 else reply


#: What goes wrong in each round; after each that fails comes one that is whole.
FAULTS: Mapping[str, Callable[[], Change]] = {
    "503": lambda: always(Reply(status=503)),
    "401": lambda: always(Reply(status=401, body={"error": "invalid_token"})),
    "429": lambda: always(Reply(status=429, headers={"retry-after": "1"})),
    "cut": lambda: lambda asked, reply: replace(reply, cut=len(reply.content) // 2),
    "page": lambda: always(Reply(body="<html>Down for maintenance</html>", headers={"content-type": "text/html"})),
    "reset": lambda: always(Reply(drop=True)),
    "some": Second,
}
#: What a short run does with.
SHORT = ("503", "401", "page", "some")
#: In a short run a limit's time passes so much quicker, and so many times fewer requests are allowed in it.
QUICKER, FEWER = 24, 6
#: Of limits shorter than this there would be nothing left to measure.
SHORT_ALREADY = timedelta(seconds=3)
#: A request that was let go on time may be so many seconds on its way, while the machine is busy.
ON_ITS_WAY = 1.0


@dataclass(slots=True)
class Site:
    """One connection with its source and its suite."""

    suite: ConnectorSuite
    source: Replay
    connection: Connection
    results: list[tuple[str, RunResult]] = field(default_factory=list)


def load(path: Path) -> ModuleType:
    """Import a plugin's test module, which is in no package."""
    name = f"flowd_soak_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def suites() -> Iterator[ConnectorSuite]:
    """Yield one suite of each connector's own tests, by the connectors' names."""
    found: dict[str, ConnectorSuite] = {}
    for path in sorted(ROOT.glob("plugins/*/tests/test_*.py")):
        if "ConnectorSuite)" not in path.read_text():
            continue
        folder = str(path.parent)
        sys.path.insert(0, folder)
        try:
            kinds = [
                kind
                for kind in vars(load(path)).values()
                if isinstance(kind, type) and issubclass(kind, ConnectorSuite) and kind is not ConnectorSuite
            ]
        finally:
            sys.path.remove(folder)
        for kind in kinds:
            if getattr(kind, "connector", None) is not None:
                found.setdefault(kind.connector.name, kind())
    for name in sorted(found):
        yield found[name]


def hurried(limit: RateLimit) -> RateLimit:
    """Fewer requests in much less time; the budgets of a day stay."""
    if SOAK or limit.per < SHORT_ALREADY:
        return limit
    return replace(limit, calls=max(2, limit.calls // FEWER), per=limit.per / QUICKER)


def connection(suite: ConnectorSuite, source: Replay) -> Connection:
    kind = replace(suite.connector, limit=[hurried(limit) for limit in suite.connector.limits])
    settings = json.loads(json.dumps(dict(suite.settings(source)), default=str))
    return Connection(
        name=f"my-{kind.name}",
        type=kind,
        # A thin package's code may be another's: what registers it is its own.
        target=Target(f"flowd_{suite.folder.name}", kind.name),
        feeds={feed.name: feed for feed in kind.feeds},
        isolation=Isolation.PROCESS,
        settings=json.dumps(settings).encode(),
        secrets=[],
    )


def run_all(rig: Rig, sites: list[Site], what: str, number: int) -> None:
    """Run every feed of every connection once, eight connections at a time."""

    def run(site: Site) -> None:
        for feed in site.connection.feeds:
            tick = site.suite.tick + timedelta(minutes=number)
            site.results.append((what, rig.runner.run_once(site.connection.name, feed, tick)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, sites))


def memory(rig: Rig) -> float:
    """Return the MiB that the connectors' processes hold by themselves."""
    total = 0
    for process in psutil.Process(rig.launcher()).children(recursive=True):
        try:
            total += process.memory_full_info().uss
        except psutil.Error:
            continue
    return total / 2**20


def over(site: Site) -> list[str]:
    """Return where the source was asked more often than its limits allow (a request weighs one at least, or more)."""
    found = []
    for limit in site.connection.type.limits:
        for windows, took in stretches(site, limit):
            allowed = windows * limit.per.total_seconds()
            if took < allowed - ON_ITS_WAY:
                found.append(f"{windows * limit.calls + 1} requests in {took:.2f} s, one less in {allowed:g} s allowed")
                break
    return found


def reached(site: Site) -> bool:
    """Whether a limit made it wait: as many requests as are allowed, and the next one as soon as it was."""
    return any(
        took < windows * limit.per.total_seconds() + ON_ITS_WAY
        for limit in site.connection.type.limits
        for windows, took in stretches(site, limit)
    )


def stretches(site: Site, limit: RateLimit) -> Iterator[tuple[int, float]]:
    """How long one request more than is allowed in 1, 2, 3, ... stretches of the limit took, wherever one begins."""
    times = [asked.at for asked in site.source.asked]
    for windows in range(1, len(times) // limit.calls + 1):
        for first, last in zip(times, times[windows * limit.calls :], strict=False):
            yield windows, last - first


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_connector_at_once_keeps_its_limits_and_heals(database: Database, tmp_path: Path) -> None:
    key = SecretStr(new_key())
    with Database(database.dsn, tenant="home", pool_size=16, application_name="tokens") as pool, ExitStack() as stack:
        tokens = TokenKeeper(
            store=TokenStore(pool),
            aside=Aside(tmp_path / "tokens", "home"),
            keys=lambda: Keyring(key, ()),
            away=lambda: False,
        )
        sites = []
        for suite in suites():
            source = stack.enter_context(suite.source())
            sites.append(Site(suite, source, connection(suite, source)))
            if suite.tokens is not None:
                tokens.link(sites[-1].connection.name, suite.tokens)
        assert len(sites) >= 10, [site.connection.name for site in sites]
        runs, log = Runs(database), RawLog(database)
        rig = stack.enter_context(
            engine(
                tmp_path,
                store=runs,
                log=log,
                healthy=database.healthy,
                size=len(sites) + 2,
                warm=600.0,
                access=Access(tokens),
            )
        )
        rig.add(*(site.connection for site in sites))
        levels = soak(rig, sites)
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for site in sites:
        for what, result in site.results:
            told[what][result.outcome.value] += 1
    print("\n".join(f"{what:>6}: {dict(outcomes)}" for what, outcomes in told.items()))
    print("MiB of the connectors' processes:", [round(level) for level in levels])
    print("requests:", sum(len(site.source.asked) for site in sites), "by", len(sites), "connectors")
    for site in sites:
        assert not over(site), f"{site.connection.name}: {over(site)}"
        judge(site)
    held_back = [site.connection.name for site in sites if reached(site)]
    print("held back by their limits:", *held_back)
    assert SOAK or len(held_back) >= 3
    seen = {result.outcome.value for site in sites for _, result in site.results}
    assert {"done", "retry", "auth", "partial"} <= seen
    # The first rounds load libraries; what comes after them is the same again and again.
    assert levels[-1] < levels[1] * 1.15 + 30, f"memory grew: {levels}"


def soak(rig: Rig, sites: list[Site]) -> list[float]:
    """Let each fault happen to all of them, each followed by a whole round; return the memory after each of those."""
    begun, number = time.monotonic(), 0
    run_all(rig, sites, "whole", number)
    levels = [memory(rig)]
    while True:
        for what, fault in FAULTS.items():
            if not SOAK and what not in SHORT:
                continue
            with ExitStack() as failing:
                for site in sites:
                    failing.enter_context(site.source.altering(fault()))
                number += 1
                run_all(rig, sites, what, number)
            for site in sites:
                # As `flowd link` and a changed key do.
                rig.runner.resume(site.connection.name)
            number += 1
            run_all(rig, sites, "whole", number)
            levels.append(memory(rig))
        if time.monotonic() - begun >= SOAK:
            return levels


def judge(site: Site) -> None:
    """Every whole round is done, whatever came before; no failure of the source is called a fault of the plugin."""
    name, kind = site.connection.name, site.connection.type
    spent = any(limit.budget is not None for limit in kind.limits)
    for what, result in site.results:
        where = f"{name}/{result.feed} in a round {what!r}: {result.outcome.value} {result.message}"
        assert result.outcome.value in {"done", "retry", "auth", "partial", "interrupted"}, where
        if what == "whole" and not (spent and result.error_class == "BudgetSpent"):
            allowed = {"done", "partial"} if result.feed in site.suite.partly else {"done"}
            assert result.outcome.value in allowed, where
