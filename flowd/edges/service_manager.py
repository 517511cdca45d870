"""Tells systemd how the daemon is: ready, alive, stopping; silent where there is no systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class ServiceManager:
    """The notification socket of the service manager, from NOTIFY_SOCKET and WATCHDOG_USEC in `environ`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(environ.get("WATCHDOG_USEC", "0")) / 1_000_000 if ours else 0.0

    def tell(self, *states: str) -> None:
        """Send `states` such as `READY=1`; a manager that does not listen changes nothing."""
        if not self._address:
            return
        # A leading @ names a socket of the abstract namespace, which begins with a zero byte.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.connect(address)
                channel.sendall("\n".join(states).encode())
        except OSError:
            return
