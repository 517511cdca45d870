"""Messages between daemon and connector: bounded, never unpickled, whole or not at all."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.engine.protocol import BODY_LIMIT, Channel, Closed, ProtocolBroken, TimeUp, pair


def raw() -> tuple[socket.socket, Channel]:
    ours, theirs = socket.socketpair()
    return ours, Channel(theirs)


@given(st.text(max_size=20), st.dictionaries(st.text(max_size=5), st.text(max_size=50)), st.binary(max_size=200_000))
@settings(max_examples=25, deadline=None)
def test_what_is_sent_arrives(what: str, fields: dict[str, str], body: bytes) -> None:
    one, other = pair()
    try:
        if any("\ud800" <= char <= "\udfff" for char in what + "".join([*fields, *fields.values()])):
            return
        thread = threading.Thread(target=one.send, args=(what, fields, body))
        thread.start()
        message = other.receive(5)
        thread.join()
        assert (message.what, dict(message.fields), message.body) == (what, fields, body)
    finally:
        one.close()
        other.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff" * 64,
        struct.pack("!II", 4, 0) + b"nope",
        struct.pack("!II", 2, 0) + b"[]",
        struct.pack("!II", 6, 0) + b"[1,{}]",
        struct.pack("!II", 200_000, 0) + b"[" * 200_000,
        struct.pack("!II", 10, BODY_LIMIT + 1),
    ],
    ids=["noise", "no json", "empty", "wrong types", "deep", "too large"],
)
def test_rubbish_is_refused(sent: bytes) -> None:
    noisy, channel = raw()
    thread = threading.Thread(target=noisy.sendall, args=(sent,))
    thread.start()
    with pytest.raises(ProtocolBroken):
        channel.receive(5)
    channel.close()
    noisy.close()
    thread.join()


def test_an_announced_size_costs_no_memory_until_it_comes() -> None:
    import tracemalloc

    noisy, channel = raw()
    noisy.sendall(struct.pack("!II", 8, BODY_LIMIT) + b'["x",{}]')
    tracemalloc.start()
    with pytest.raises(TimeUp):
        channel.receive(0.1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    channel.close()
    noisy.close()
    assert peak < 3 << 20


def test_half_a_message_is_not_waited_for_longer_than_allowed() -> None:
    noisy, channel = raw()
    noisy.sendall(struct.pack("!II", 100, 0) + b"[")
    begun = time.monotonic()
    with pytest.raises(TimeUp):
        channel.receive(0.1)
    assert time.monotonic() - begun < 1
    noisy.close()
    with pytest.raises(Closed):
        channel.receive(1)
    channel.close()


def test_nobody_listening_holds_a_sender_no_longer_than_allowed() -> None:
    one, other = pair()
    with pytest.raises(TimeUp):
        one.send("big", {}, b"x" * (8 << 20), within=0.1)
    other.close()
    with pytest.raises(Closed):
        one.send("again", {}, b"", within=0.1)
    one.close()


def test_a_message_too_large_is_refused_before_it_is_sent() -> None:
    one, other = pair()
    with pytest.raises(ProtocolBroken):
        one.send("x", {"text": "y" * (1 << 20)})
    one.send("ok")
    assert other.receive(1).what == "ok"
    one.close()
    other.close()


def test_several_threads_ask_one_after_the_other() -> None:
    one, other = pair()

    def answer() -> None:
        for _ in range(40):
            message = other.receive(5)
            other.send("answer", {"to": message.fields["n"]})

    answering = threading.Thread(target=answer)
    answering.start()
    wrong: list[int] = []

    def ask(first: int) -> None:
        for number in range(first, first + 10):
            if one.ask("question", {"n": number}).fields["to"] != number:
                wrong.append(number)

    threads = [threading.Thread(target=ask, args=(first * 100,)) for first in range(4)]
    for thread in [*threads]:
        thread.start()
    for thread in [*threads, answering]:
        thread.join()
    assert wrong == []
    one.close()
    other.close()
