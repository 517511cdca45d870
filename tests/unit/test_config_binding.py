"""Connections meet their connectors: one wrong connection is told by line and the others run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import field_validator

from flowd.api import Batch, Check, Config, ConnectorType, Context, Cursor, Feed, Isolation, Secret
from flowd.config import Bound, bind_connections, diff, json_schema, parse_settings, show
from flowd.plugins import PluginInfo, Registry, State

HEAD = "tenant: {base_currency: EUR, timezone: Europe/Berlin}\nconnections:\n"


class Part(Config):
    since: date
    token: Secret | None = None


class AcmeConfig(Config):
    key: Secret
    folder: Path = Path("inbox")
    amount: Decimal = Decimal(1)
    user: str = "me"
    parts: tuple[Part, ...] = ()

    @field_validator("user")
    @classmethod
    def _check(cls, value: str) -> str:
        if value == "hang":
            threading.Event().wait(30)
        if value == "exit":
            raise SystemExit(3)
        if value == "raise":
            raise ValueError("the key hunter2 is wrong")
        return value


class Acme:
    def __init__(self, config: AcmeConfig) -> None:
        self.config = config

    def check(self, ctx: Context) -> Check:
        return Check(summary="fine")

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        yield Batch()


ACME = ConnectorType(
    name="acme",
    config=AcmeConfig,
    connect=Acme,
    feeds=[Feed(name="balances-eur", every=timedelta(hours=1)), Feed(name="trades", every=timedelta(hours=6))],
)


def registry() -> Registry:
    broken = PluginInfo(name="bad", distribution="flowd-bad", version="1", state=State.BROKEN, error="needs pandas")
    return Registry(connectors={"acme": ACME}, plugins=[broken])


def bound(connections: str, environ: dict[str, str] | None = None, **options: float) -> Bound:
    settings = parse_settings(
        HEAD + connections, file="/etc/flowd/flowd.yaml", environ={"K": "hunter2", **(environ or {})}
    )
    return bind_connections(settings, registry(), **options)


def test_a_right_connection_is_ready_to_run() -> None:
    one = bound(
        "  a:\n    type: acme\n    config: {key: {env: K}, amount: 4200.10, parts: [{since: 2026-01-02}]}\n"
        "    feeds: {trades: {every: 5m}}\n    isolation: thread\n"
    ).connections["a"]
    config = one.config
    assert isinstance(config, AcmeConfig)
    assert config.key.get_secret_value() == "hunter2"
    assert str(config.amount) == "4200.10"
    assert config.folder == Path("/etc/flowd/inbox")
    assert config.parts[0].since == date(2026, 1, 2)
    assert one.feeds["trades"].every == timedelta(minutes=5)
    assert one.feeds["balances-eur"].every == timedelta(hours=1)
    assert one.isolation is Isolation.THREAD
    assert [secret.get_secret_value() for secret in one.secrets] == ["hunter2"]


def test_the_payload_for_the_child_is_json_and_gives_the_same_settings() -> None:
    one = bound("  a: {type: acme, config: {key: {env: K}, amount: 4200.10, folder: in}}\n").connections["a"]
    sent = json.loads(json.dumps(one.payload()))
    assert sent == {"key": "hunter2", "amount": "4200.10", "folder": "/etc/flowd/in"}
    assert AcmeConfig.model_validate(sent) == one.config
    assert "hunter2" not in repr(one)


def test_lesson_4_a_misconfigured_connection_stops_alone() -> None:
    result = bound(
        "  good: {type: acme, config: {key: {env: K}}}\n"
        "  wrong: {type: acme, config: {key: {env: NOPE}, amont: 1, amount: x, user: {env: K}, parts: [{}]},"
        " feeds: {trade: {every: 5m}}}\n"
        "  unknown: {type: acmee}\n"
        "  broken: {type: bad}\n"
        "  off: {type: nothing, enabled: false}\n"
    )
    assert list(result.connections) == ["good"]
    assert {name: len(problems) for name, problems in result.problems.items()} == {
        "wrong": 6,
        "unknown": 1,
        "broken": 1,
    }
    said = [str(problem) for problem in result.all_problems]
    assert said[0].startswith(
        "/etc/flowd/flowd.yaml:4:37: connections.wrong.config.key names the environment variable NOPE"
    )
    assert "did you mean 'amount'?" in said[1]
    assert "connections.wrong.config.amount must be a number" in said[2]
    assert "connections.wrong.config.user is no secret" in said[3]
    assert "connections.wrong.config.parts[0].since is missing" in said[4]
    assert "did you mean 'trades'?" in said[5]
    assert "did you mean 'acme'?" in said[6]
    assert "pip install" not in said[6]
    assert "needs pandas" in said[7]


@pytest.mark.parametrize(
    ("user", "says"), [("hang", "TimeoutError"), ("exit", "SystemExit"), ("raise", "the key ********** is wrong")]
)
def test_a_connectors_own_check_can_neither_stop_flowd_nor_tell_a_secret(user: str, says: str) -> None:
    result = bound(
        f"  a: {{type: acme, config: {{key: {{env: K}}, user: {user}}}}}\n"
        "  b: {type: acme, config: {key: {env: K}}}\n",
        check_seconds=0.5,
    )
    assert list(result.connections) == ["b"]
    [problem] = result.problems["a"]
    assert says in problem.message
    assert "hunter2" not in str(problem)


def test_a_secret_in_clear_is_warned_of_unless_the_environment_gave_it() -> None:
    result = bound(
        "  a: {type: acme, config: {key: clear}}\n  b: {type: acme, config: {key: x}}\n",
        {"FLOWD__CONNECTIONS__B__CONFIG__KEY": "given"},
    )
    [warning] = result.warnings
    assert warning.where == "connections.a.config.key"
    assert "clear" in warning.message
    assert [secret.get_secret_value() for secret in result.connections["b"].secrets] == ["given"]


def test_a_feed_named_in_the_environment_is_found_despite_its_dash() -> None:
    result = bound(
        "  a: {type: acme, config: {key: {env: K}}}\n", {"FLOWD__CONNECTIONS__A__FEEDS__BALANCES_EUR__EVERY": "5s"}
    )
    assert result.connections["a"].feeds["balances-eur"].every == timedelta(seconds=5)


def test_showing_hides_secrets_by_type_and_everything_where_the_type_is_unknown() -> None:
    settings = parse_settings(
        HEAD
        + "  a: {type: acme, config: {key: {env: K}, amount: 4200.10}}\n"
        + "  b: {type: acme, config: {key: hunter2, user: jo, parts: [{since: 2026-01-01, token: hunter2}]}}\n"
        + "  c: {type: other, config: {whatever: hunter2}}\n",
        environ={"K": "hunter2"},
    )
    shown = show(settings, bind_connections(settings, registry()))
    assert "hunter2" not in json.dumps(shown)
    assert shown["connections"]["a"]["config"]["key"] == {"env": "K"}
    assert shown["connections"]["a"]["config"]["amount"] == "4200.10"
    assert shown["connections"]["b"]["config"]["user"] == "jo"
    assert shown["connections"]["b"]["config"]["parts"][0] == {"since": "2026-01-01", "token": "**********"}
    assert "hunter2" not in json.dumps(show(settings))


def test_a_reload_knows_what_to_start_stop_restart_and_leave_alone() -> None:
    before = "  a: {type: acme}\n  b: {type: acme}\n  c: {type: acme}\n  d: {type: acme, enabled: false}\n"
    after = (
        "\n  b: {type: acme}\n  c: {type: acme, feeds: {trades: {every: 5m}}}\n  d: {type: acme}\n"
        "rules: [{match: {text: a}, class: fee}]\n"
    )
    changes = diff(parse_settings(HEAD + before), parse_settings(HEAD + after))
    assert changes.added == ("d",)
    assert changes.removed == ("a",)
    assert changes.changed == ("c",)
    assert changes.unchanged == ("b",)
    assert changes.sections == ("rules",)
    assert changes.needs_restart == ()
    moved = diff(parse_settings(HEAD + before), parse_settings("# a line more\n" + HEAD + before))
    assert moved.is_empty
    other = diff(
        parse_settings("tenant: {base_currency: EUR, timezone: UTC}\n"),
        parse_settings("tenant: {base_currency: CHF, timezone: UTC}\nhttp: {listen: 'h:1'}\n"),
    )
    assert other.needs_restart == ("tenant", "http")


def test_a_reload_notices_another_value_behind_the_same_reference() -> None:
    text = HEAD + "  a: {type: acme, config: {key: {env: K}}}\n  b: {type: acme, config: {key: {env: L}}}\n"
    old = parse_settings(text, environ={"K": "one", "L": "same"})
    new = parse_settings(text, environ={"K": "two", "L": "same"})
    changes = diff(old, new, before=bind_connections(old, registry()), after=bind_connections(new, registry()))
    assert (changes.changed, changes.unchanged) == (("a",), ("b",))


def test_the_json_schema_knows_the_connectors_and_lets_secrets_be_references() -> None:
    schema = json_schema({"acme": ACME})
    assert json.loads(json.dumps(schema)) == schema
    definitions = schema["$defs"]
    key = definitions["connector-acme"]["properties"]["key"]
    assert {"type": "string", "format": "password"} in key["anyOf"]
    assert any("file" in choice.get("properties", {}) for choice in key["anyOf"])
    [choice] = definitions["ConnectionSettings"]["allOf"]
    assert choice["then"]["properties"]["config"] == {"$ref": "#/$defs/connector-acme"}
    assert set(choice["then"]["properties"]["feeds"]["properties"]) == {"balances-eur", "trades"}
    references = {part.split('"')[0] for part in json.dumps(schema).split('"#/$defs/')[1:]}
    assert references <= set(definitions)
    assert "FlowClass" in definitions


def test_what_is_not_installed_is_looked_for_elsewhere_only_where_nothing_here_is_near() -> None:
    listed = [
        PluginInfo(name=name, distribution=f"flowd-{name}", version="1", state=State.LISTED)
        for name in ("stripe", "ccxt")
    ]
    settings = parse_settings(HEAD + "  a: {type: strpe}\n  b: {type: coinbase}\n", file="flowd.yaml")
    found = bind_connections(settings, Registry(connectors={"acme": ACME}, plugins=listed))
    (near,), (far,) = found.problems["a"], found.problems["b"]
    assert "did you mean 'stripe'?" in near.message
    assert near.fix == "known here: acme, ccxt, stripe"
    assert "`pip install flowd-coinbase`" in far.fix
    assert "`type: ccxt` with `exchange: coinbase`" in far.fix
