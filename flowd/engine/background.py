"""What a process does that works for the daemon in the background: it gives way, and does not outlive it."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import suppress
from typing import Final

#: Linux's prctl option: the signal this process gets when its parent ends.
_PARENT_DEATH_SIGNAL: Final = 1
_NICE: Final = 10


def give_way() -> None:
    """Take the processor only when nobody else wants it, and end when the parent ends."""
    os.nice(_NICE)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
