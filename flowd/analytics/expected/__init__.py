"""Regular receipts: how often each payer pays, what is due when, and what came of it."""

from __future__ import annotations

from flowd.analytics.expected.amounts import Amounts, Manner
from flowd.analytics.expected.rhythm import Due, Rhythm, next_due, rhythm
from flowd.analytics.expected.series import Found, Regular, find

__all__ = ["Amounts", "Due", "Found", "Manner", "Regular", "Rhythm", "find", "next_due", "rhythm"]
