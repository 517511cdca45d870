"""The plugin host: finding plugins, loading each on its own, and saying what became of it."""

from __future__ import annotations

from flowd.plugins.discovery import Candidate, candidates
from flowd.plugins.loading import BUILT_IN, load_plugins
from flowd.plugins.probe import Probe
from flowd.plugins.registry import PluginInfo, Registry, State

__all__ = ["BUILT_IN", "Candidate", "PluginInfo", "Probe", "Registry", "State", "candidates", "load_plugins"]
