"""The projection method `auto-ets`: exponential smoothing whose form is chosen among thirty, by statsforecast."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from flowd.api import Analytic, ConfigError, ProjectionMethod, Study, hookimpl
from flowd_forecast.ets import AutoEts

METHODS: tuple[ProjectionMethod, ...] = (AutoEts(),)


@hookimpl
def register_analytics(register: Callable[[Analytic | Study | ProjectionMethod], None]) -> None:
    """Register `auto-ets`; raise ConfigError where statsforecast, which it needs, is not installed."""
    if find_spec("statsforecast") is None:
        raise ConfigError(
            "the plugin forecast needs statsforecast (about 500 MB): pip install 'flowd-forecast[statsforecast]', "
            "or take `forecast` out of `plugins:` in flowd.yaml"
        )
    for method in METHODS:
        register(method)
