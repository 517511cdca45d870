"""It never finishes importing."""

from __future__ import annotations

import threading

threading.Event().wait()
