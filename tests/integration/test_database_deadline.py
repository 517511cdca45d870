"""The thread that keeps deadlines, tried on plain sockets: on time, prolonged, and never on somebody else's socket."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from flowd.storage.deadline import Deadlines
from flowd.storage.statements import parse, statements


@pytest.fixture
def deadlines() -> Iterator[Deadlines]:
    kept = Deadlines()
    yield kept
    kept.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    near.settimeout(10)
    with near, far:
        yield near, far


def waits(near: socket.socket) -> float:
    """How long it takes until a read that gets nothing returns."""
    begun = time.monotonic()
    assert near.recv(1) == b""
    return time.monotonic() - begun


def test_a_waiting_read_returns_at_the_deadline(
    deadlines: Deadlines, pair: tuple[socket.socket, socket.socket]
) -> None:
    with deadlines.guard(pair[0].fileno(), 0.2) as guard:
        assert 0.15 < waits(pair[0]) < 1.0
        assert guard.expired


def test_prolonging_moves_it_later_or_earlier(deadlines: Deadlines, pair: tuple[socket.socket, socket.socket]) -> None:
    with deadlines.guard(pair[0].fileno(), 0.2) as guard:
        guard.prolong(0.6)
        assert 0.5 < waits(pair[0]) < 1.5
        assert guard.expired
    other, far = socket.socketpair()
    with other, far, deadlines.guard(other.fileno(), 60) as guard:
        guard.prolong(0.1)
        other.settimeout(10)
        assert waits(other) < 1.0


def test_a_closed_guard_leaves_the_socket_alone(
    deadlines: Deadlines, pair: tuple[socket.socket, socket.socket]
) -> None:
    near, far = pair
    with deadlines.guard(near.fileno(), 0.1) as guard:
        pass
    other, otherfar = socket.socketpair()
    with other, otherfar, deadlines.guard(other.fileno(), 0.3):
        other.settimeout(10)
        waits(other)  # by now the first deadline has passed too
    far.send(b"x")
    assert near.recv(1) == b"x"
    assert not guard.expired


def test_a_descriptor_used_again_is_not_shut(deadlines: Deadlines) -> None:
    near, far = socket.socketpair()
    other, otherfar = socket.socketpair()
    with far, other, otherfar:
        number = near.fileno()
        with deadlines.guard(number, 0.2) as guard:
            near.detach()
            os.dup2(other.fileno(), number)  # the guarded socket is closed, its number now stands for another one
            with socket.socket(fileno=number) as reused:
                far.settimeout(10)
                assert far.recv(1) == b""  # the guarded one is shut
                otherfar.send(b"x")
                assert reused.recv(1) == b"x"
            assert guard.expired


def test_the_earliest_of_many_comes_first(deadlines: Deadlines) -> None:
    order: list[float] = []

    def wait(seconds: float) -> None:
        near, far = socket.socketpair()
        with near, far, deadlines.guard(near.fileno(), seconds):
            near.settimeout(10)
            waits(near)
            order.append(seconds)

    threads = [threading.Thread(target=wait, args=(seconds,)) for seconds in (0.9, 0.3, 0.6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert order == [0.3, 0.6, 0.9]


def test_many_short_guards_leave_nothing_behind(
    deadlines: Deadlines, pair: tuple[socket.socket, socket.socket]
) -> None:
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    for _ in range(3000):
        with deadlines.guard(pair[0].fileno(), 60):
            pass
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208
    assert len(deadlines._queue) < 200


def test_after_closing_no_guard_is_given(pair: tuple[socket.socket, socket.socket]) -> None:
    deadlines = Deadlines()
    deadlines.close()
    with pytest.raises(RuntimeError, match="closed"):
        deadlines.guard(pair[0].fileno(), 1)


def test_statements_are_found_by_name() -> None:
    assert parse("-- about\n-- name: one\nSELECT 1\n\n-- name: two\nSELECT 2 -- name: not\n", "x") == {
        "one": "SELECT 1",
        "two": "SELECT 2 -- name: not",
    }
    assert "facts" in statements("database")
    with pytest.raises(ValueError, match=r"x\.sql has two statements named 'one'"):
        parse("-- name: one\n1\n-- name: one\n2", "x")
    with pytest.raises(ValueError, match=r"x\.sql has no"):
        parse("SELECT 1", "x")
