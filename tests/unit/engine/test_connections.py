"""Connections as the engine runs them."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

from pydantic import SecretStr

from flowd.api import Config, ConnectorType, Isolation, Secret
from flowd.config.binding import BoundConnection
from flowd.config.models import ConnectionSettings
from flowd.engine.connections import Places, connection_of
from flowd.engine.target import Target, find_connector
from flowd.plugins import load_plugins
from flowd.plugins.discovery import Candidate
from flowd.plugins.registry import PluginInfo, State
from tests.plugins import hostile

LOADED = State.LOADED


class Wide(Config):
    """Settings of every sort."""

    key: Secret
    amount: Decimal
    start: date
    every: timedelta
    names: tuple[str, ...]


WIDE: ConnectorType[Wide] = ConnectorType(name="wide", config=Wide, connect=hostile.GoodConnector, feeds=hostile.FEEDS)  # type: ignore[arg-type]


def test_settings_survive_the_way_to_another_process() -> None:
    written = {
        "key": SecretStr("hidden"),
        "amount": Decimal("4200.10"),
        "start": date(2026, 1, 31),
        "every": timedelta(minutes=5),
        "names": ["ä", "b"],
    }
    bound = BoundConnection(
        name="x",
        type=WIDE,
        config=Wide.model_validate(written),
        feeds={},
        isolation=Isolation.PROCESS,
        secrets=[SecretStr("hidden")],
        settings=ConnectionSettings(type="wide"),
        written=written,
    )
    connection = connection_of(bound, "somewhere")
    assert Wide.model_validate(json.loads(connection.settings)) == bound.config
    assert "hidden" not in repr(connection)
    assert "hidden" not in connection.credential


def test_a_plugin_is_found_again_by_its_entry_point_or_its_module() -> None:
    registry = load_plugins([], extra=["tests.plugins.hostile"])
    place = Places(registry.plugins).of(registry.connectors["good"])
    assert place == "tests.plugins.hostile"
    assert find_connector(Target(place, "good")) is hostile.GOOD
    entry = Candidate(name="wide", value="flowd_wide:plugin", distribution="flowd-wide", version="1")
    plugins = [
        PluginInfo(name="other", distribution="x", version="1", kinds=("importer",), provides=("wide",), state=LOADED),
        PluginInfo(
            name="wide", distribution="flowd-wide", version="1", kinds=("connector",), provides=("wide",), state=LOADED
        ),
    ]
    assert Places(plugins, [entry]).of(WIDE) == "flowd_wide:plugin"
