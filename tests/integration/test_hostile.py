"""Hostile connectors beside good ones: what each is stopped by, that nothing of it lands, and that nothing is left."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flowd.engine import processes
from flowd.engine.confinement import Limits
from flowd.engine.retry import Outcome, State
from flowd.engine.running import RunResult
from flowd.engine.target import Target
from tests.engine_rig import TICK, Rig, bad, engine, good

#: Forks, memory and processors are taken as far as they go: nothing could be measured beside this.
pytestmark = pytest.mark.serial
DEADLINE = 1.0
#: How long a killed run may take beyond its deadline.
GRACE = 2.0

STOPPED = {
    "endless": (Outcome.OVER_TIME, "deadline"),
    "sleeps": (Outcome.OVER_TIME, "deadline"),
    "holds_gil": (Outcome.OVER_TIME, "deadline"),
    "many_rows": (Outcome.OVER_TIME, "deadline"),
    "rubbish": (Outcome.FAILED, "not flowd's language"),
    "eats_memory": (Outcome.FAILED, "more memory than it is allowed"),
    "exits": (Outcome.FAILED, "ended by itself with status 3; the last it printed: so long"),
    "half_a_batch": (Outcome.FAILED, "ended by itself with status 5"),
    "sys_exits": (Outcome.FAILED, "4"),
    "crashes": (Outcome.FAILED, "SIGSEGV"),
    "not_a_number": (Outcome.FAILED, "NaN"),
    "smuggled_nan": (Outcome.FAILED, "record 1"),
    "naive_time": (Outcome.FAILED, "no time zone"),
    "not_a_batch": (Outcome.FAILED, "it yielded dict"),
    "own_exception": (Outcome.FAILED, "cannot be put into words"),
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with engine(tmp_path_factory.mktemp("hostile"), size=8, limits=Limits(processes=32)) as running:
        yield running


def run(rig: Rig, how: str, *, timeout: float = DEADLINE, **config: object) -> RunResult:
    name = f"bad-{how}"
    rig.add(bad(how, name, timeout=timeout, **config))
    begun = time.monotonic()
    result = rig.runner.run_once(name, "balances", TICK)
    assert time.monotonic() - begun < timeout + GRACE
    nothing_left(rig)
    return result


def nothing_left(rig: Rig) -> None:
    assert not list(processes.descendants(rig.launcher()))


def landed(rig: Rig, name: str) -> int:
    return sum(batch.snapshots_new for batch in rig.store.batches if batch.connection == name)


@pytest.mark.parametrize("how", STOPPED)
def test_it_is_stopped_and_nothing_of_it_lands(rig: Rig, how: str) -> None:
    outcome, words = STOPPED[how]
    # A short deadline for those that are ended by it; room for the others, on a machine that is busy.
    result = run(rig, how, timeout=DEADLINE if outcome is Outcome.OVER_TIME else 10.0)
    assert result.outcome is outcome, result.message
    assert words in result.message
    assert landed(rig, f"bad-{how}") == 0
    assert rig.runner.health(f"bad-{how}", "balances").state is State.FAILING


def test_a_fork_bomb_is_counted_and_ended(rig: Rig) -> None:
    """As root it is counted; a user's meets the limit on the user's processes, then its deadline."""
    result = run(rig, "forks", timeout=2.0)
    if os.getuid() == 0:
        assert result.outcome is Outcome.FAILED
        assert "started too many processes" in result.message
    else:
        assert result.outcome in (Outcome.FAILED, Outcome.OVER_TIME)
    assert landed(rig, "bad-forks") == 0


def test_a_process_that_ran_away_is_found_and_ended(rig: Rig, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    result = run(rig, "daemonises", note=note)
    assert result.outcome is Outcome.DONE, result.message
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_a_plugin_that_hangs_while_it_is_imported_is_ended_at_its_deadline(rig: Rig) -> None:
    hanging = replace(good("hanging", timeout=DEADLINE), target=Target("tests.plugins.hostile.never_imported", "good"))
    rig.add(hanging)
    assert rig.runner.run_once("hanging", "balances", TICK).outcome is Outcome.OVER_TIME
    nothing_left(rig)


def test_a_plugin_that_is_gone_is_said(rig: Rig) -> None:
    rig.add(replace(good("gone"), target=Target("tests.plugins.hostile", "removed")))
    result = rig.runner.run_once("gone", "balances", TICK)
    assert result.outcome is Outcome.FAILED
    assert "restart flowd" in result.message


def test_nothing_says_whose_a_record_is_but_the_daemon(rig: Rig) -> None:
    """A record names neither tenant nor connection; an account named like another's stays the connector's own."""
    rig.add(bad("borrows_names", "bad-borrows"))
    result = rig.runner.run_once("bad-borrows", "balances", TICK)
    assert result.outcome is Outcome.DONE, result.message
    (batch,) = [batch for batch in rig.store.batches if batch.connection == "bad-borrows"]
    assert (batch.connection, batch.feed, batch.tick) == ("bad-borrows", "balances", TICK)


def test_a_gigabyte_of_chatter_holds_nobody_up(rig: Rig) -> None:
    begun = time.monotonic()
    result = run(rig, "chatters", timeout=20.0)
    assert result.outcome is Outcome.DONE, result.message
    assert time.monotonic() - begun < 10
    assert b'flowd_child_output_bytes_total{connection="bad-chatters"} 1.073741824e+09' in rig.telemetry.text()


def test_what_was_kept_before_the_end_stays(rig: Rig) -> None:
    result = run(rig, "sleeps", first=True)
    assert result.outcome is Outcome.OVER_TIME
    assert landed(rig, "bad-sleeps") == 1


def test_a_secret_never_leaves_the_wall(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    secret = "s3cr3t-" + "k" * 24
    with caplog.at_level("INFO"):
        result = run(rig, "leaks", secret=secret)
    told = [result.message, caplog.text, str(rig.store.runs), str(rig.store.states), str(rig.notices)]
    assert result.outcome is Outcome.FAILED
    assert "RuntimeError" in caplog.text
    assert "my key is" in caplog.text
    assert not [text for text in told if secret in text]


def test_it_sees_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    note = tmp_path / "seen"
    environ = {**os.environ, "OTHERS_TOKEN": "secret", "FLOWD_DATABASE_URL": "postgresql://secret", "LC_ALL": "C"}
    with engine(tmp_path, environ=environ) as rig:
        assert run(rig, "looks_around", note=note).outcome is Outcome.DONE
    seen = dict(line.split("=", 1) for line in note.read_text().splitlines())
    names = set(seen["environ"].split(","))
    assert "LC_ALL" in names
    assert not names & {"OTHERS_TOKEN", "FLOWD_DATABASE_URL"}
    # Standard handles, the conversation, and the one that lists them.
    assert seen["handles"] == "0,1,2,3,4"
    assert seen["session"] == "True"


def test_twenty_good_ones_miss_nothing_beside_the_worst(tmp_path: Path) -> None:
    """All the bad ones at once, again and again, beside twenty good ones that run every two seconds."""
    ways = ["endless", "holds_gil", "forks", "eats_memory", "exits", "crashes", "many_rows", "chatters", "rubbish"]
    rounds, every, late = 4, 2.0, []
    with engine(tmp_path, size=16, limits=Limits(processes=32, memory=256 << 20)) as rig:
        goods = [f"good-{number}" for number in range(20)]
        rig.add(*[good(name, latency=0.02) for name in goods], *[bad(way, way, timeout=2.0) for way in ways])
        stop = threading.Event()
        results: dict[str, list[RunResult]] = {name: [] for name in goods}

        def be_good(name: str, first: float) -> None:
            for number in range(rounds):
                due = first + number * every
                stop.wait(max(0.0, due - time.monotonic()))
                results[name].append(rig.runner.run_once(name, "balances", TICK))
                late.append(time.monotonic() - due)

        def be_bad(way: str) -> None:
            while not stop.is_set():
                rig.runner.run_once(way, "balances", TICK)
                stop.wait(0.1)

        begin = time.monotonic() + 0.5
        good_threads = [
            threading.Thread(target=be_good, args=(name, begin + i * every / 20)) for i, name in enumerate(goods)
        ]
        bad_threads = [threading.Thread(target=be_bad, args=(way,)) for way in ways]
        for thread in [*bad_threads, *good_threads]:
            thread.start()
        for thread in good_threads:
            thread.join()
        stop.set()
        for thread in bad_threads:
            thread.join()
        # Only good ones are kept warm, each of them one process.
        assert len(list(processes.descendants(rig.launcher()))) == rig.workers.kept_warm
        assert [r.message for rs in results.values() for r in rs if r.outcome is not Outcome.DONE] == []
        assert sum(len(found) for found in results.values()) == 20 * rounds
        assert rig.workers.restarts == 0
        # A run that ends after the next tick is due would have missed it.
        assert max(late) < every, sorted(late)[-5:]
        assert {batch.connection for batch in rig.store.batches} <= {*goods, "chatters"}


def test_when_the_daemon_is_killed_its_connectors_die_with_it(tmp_path: Path) -> None:
    program = (
        "import sys, threading; from pathlib import Path; from tests.engine_rig import *\n"
        "with engine(Path(sys.argv[1])) as rig:\n"
        "    rig.add(bad('holds_gil', 'x', timeout=60), bad('endless', 'y', timeout=60))\n"
        "    for name in 'xy': threading.Thread(target=rig.runner.run_once, args=(name, 'balances', TICK)).start()\n"
        "    while len(list(__import__('flowd').engine.processes.descendants(rig.launcher()))) < 2: pass\n"
        "    print(rig.launcher(), flush=True); threading.Event().wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]
    ) as daemon:
        assert daemon.stdout is not None
        launcher = int(daemon.stdout.readline())
        family = [launcher, *processes.descendants(launcher)]
        assert len(family) == 3
        daemon.kill()
    until = time.monotonic() + 5
    while alive := [pid for pid in family if _alive(pid)]:
        assert time.monotonic() < until, alive
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
