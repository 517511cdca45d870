"""Older history, asked for while the daemon runs: it reads it, goes on after it was killed, and then is as before."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from flowd.testing.replay import Replay
from tests.backfilling import PayPal
from tests.endtoend.home import Home


def wait_until(what: str, is_so: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def test_the_daemon_reads_it_and_goes_on_after_it_was_killed(home: Home, database_url: str) -> None:
    with Replay() as site:
        paypal = PayPal(site)
        home.write(paypal.yaml(f"{{url: '{database_url}'}}", ago=40, timeout="60s"))
        day, windows = paypal.day(130), paypal.windows
        with home.daemon() as daemon:
            daemon.wait_for("you earn")
            begun = len(windows)
            # Two windows of five come through, then PayPal answers no more.
            paypal.gate = threading.Semaphore(2)
            said: list[str] = []
            words = ("backfill", "shop", "--since", str(day))
            asking = threading.Thread(target=lambda: said.append(home.run(*words, code=1)))
            asking.start()
            wait_until("two windows are read", lambda: len(windows) == begun + 2)
            assert windows[begun][0] == day
            (row,) = home.json("backfill")
            assert row["state"] == "reading"
            assert "transactions" in row["unread"]
            with suppress(ProcessLookupError):
                os.killpg(daemon.process.pid, signal.SIGKILL)
            daemon.process.wait()
        paypal.gate = None
        reached = windows[begun + 1][0]
        asking.join(60)
        assert "failed: the daemon has ended: the next one, or `flowd sync`, goes on" in said[0]
        begun = len(windows)
        with home.daemon() as daemon:
            # By itself, and at once though the feed is read every six hours only; from where it was.
            daemon.wait_for(f"shop has read all there is since {day}")
            assert windows[begun][0] >= reached
            told = home.json("backfill", "shop")
            assert (told[0]["state"], told[0]["since"], told[0]["unread"]) == ("read", str(day), [])
            # The daemon takes more, and reads it while it is waited for.
            earlier = paypal.day(160)
            told = home.json("backfill", "shop", "--since", str(earlier))
            assert (told["state"], told["since"]) == ("read", str(earlier))
            assert told["new"] >= paypal.since(earlier) - paypal.since(day)
            assert told["oldest"] == str(min(one.date() for one in paypal.payments() if one.date() >= earlier))
            begun = len(windows)
            home.run("sync", "shop")
            assert min(first for first, _ in windows[begun:]) >= paypal.day(11)
            home.run("backfill", "shop", "--forget")
            assert daemon.stop()[0] == 0
