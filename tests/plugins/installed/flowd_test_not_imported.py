"""Installed but named by nobody: importing it is the mistake."""

from __future__ import annotations

raise AssertionError("a plugin that nobody asked for was imported")
