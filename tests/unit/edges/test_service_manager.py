"""What systemd is told, on a real datagram socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from flowd.edges.service_manager import ServiceManager


def test_states_arrive_as_one_datagram(tmp_path: Path) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(address))
        manager.settimeout(5)
        service = ServiceManager({"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "30000000"})
        service.tell("READY=1", "STATUS=all well")
        assert manager.recv(1000) == b"READY=1\nSTATUS=all well"
    assert service.watchdog_s == 30


def test_the_abstract_namespace_is_understood() -> None:
    name = f"flowd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name)
        manager.settimeout(5)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).tell("WATCHDOG=1")
        assert manager.recv(1000) == b"WATCHDOG=1"


def test_no_manager_or_one_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    ServiceManager({}).tell("READY=1")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    assert ServiceManager({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}).watchdog_s == 0
