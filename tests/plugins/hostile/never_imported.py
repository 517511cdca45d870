"""A plugin that hangs while it is imported."""

from __future__ import annotations

import time

time.sleep(10_000)
