"""A right flowd.yaml: exact values, defaults, the environment's say, and nothing secret in any text."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flowd.api import FlowClass, Isolation, Severity
from flowd.config import ConfigProblems, Settings, Sign, parse_settings, plugin_names
from flowd.config.environment import variable_name
from flowd.config.values import parse_duration, parse_share, write_duration, write_share

HEAD = "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"
FULL = """\
tenant: {name: jo, base_currency: EUR, timezone: Europe/Berlin}
database: {embedded: ./var/db, port: 5433}
http: {listen: "[::1]:8788"}
log: {format: json, level: debug}
state: ~/flowd-state
plugins: [acme-rates]
connections:
  my-blofin:
    type: blofin
    config: {key: {file: ./key}, amount: 4200.10, account: 007, on: 1, off: no, since: 2026-01-02, at: 12:30}
    feeds: {balances: {every: 30s, timeout: 1m}}
    isolation: thread
  off: {type: stripe, enabled: false}
  salary: {type: recurring, config: {amount: 4200, currency: EUR, every: "month on L"}}
streams:
  salary: {name: Salary, group: Work, color: "#2e7d32", target: 4200.10}
  side: {of: [off/payout, main/rent]}
  one: {of: salary}
rules:
  - match: {connection: "bank-*", text: [ACME, "*GmbH"], sign: in, min: 100, max: 5000.50, kind: other, asset: EUR}
    class: salary
    stream: salary
  - {match: {counterparty: me}, class: transfer}
analytics: {income: {enabled: true, config: {window: 30}}}
alerts: {stale: {enabled: false}}
notifiers: {phone: {type: webhook, config: {url: {env: HOOK}}, severity: error}}
importers: {csv: {profiles: {mine: {delimiter: ";"}}}}
"""


def test_every_setting_is_read_exactly() -> None:
    settings = parse_settings(FULL, file="/etc/flowd/flowd.yaml")
    assert settings.tenant.name == "jo"
    assert settings.tenant.zone.key == "Europe/Berlin"
    assert settings.database.embedded == Path("/etc/flowd/var/db")
    assert settings.database.port == 5433
    assert (settings.http.host, settings.http.port) == ("::1", 8788)
    assert settings.state == Path.home() / "flowd-state"
    assert settings.folder == Path("/etc/flowd")
    blofin = settings.connections["my-blofin"]
    assert blofin.line == 8
    assert blofin.isolation is Isolation.THREAD
    assert blofin.feeds["balances"].every == timedelta(seconds=30)
    assert blofin.feeds["balances"].timeout == timedelta(minutes=1)
    # Neither floats nor YAML's guesses: account numbers, words, days and times stay what was typed.
    assert blofin.config == {
        "key": {"file": "./key"},
        "amount": Decimal("4200.10"),
        "account": "007",
        "on": 1,
        "off": "no",
        "since": "2026-01-02",
        "at": "12:30",
    }
    assert str(blofin.config["amount"]) == "4200.10"
    assert settings.streams["salary"].target == Decimal("4200.10")
    assert settings.streams["one"].of == ("salary",)
    rule = settings.rules[0]
    assert rule.flow_class is FlowClass.SALARY
    assert rule.match.text == ("ACME", "*GmbH")
    assert rule.match.sign is Sign.IN
    assert (rule.match.min, rule.match.max) == (Decimal(100), Decimal("5000.50"))
    assert settings.notifiers["phone"].severity is Severity.ERROR
    assert settings.importers["csv"]["profiles"] == {"mine": {"delimiter": ";"}}
    assert settings.place("importers", "csv", "profiles", "mine").line == 27
    assert settings.place("connections", "salary", "config", "every").column == 67
    assert plugin_names(settings) == ("acme-rates", "blofin", "recurring", "webhook")


def test_what_is_left_out_has_a_default() -> None:
    settings = parse_settings(HEAD + "connections:\nstreams:\n", file="/etc/flowd/flowd.yaml")
    assert settings.tenant.name == "home"
    assert settings.database.embedded == Path("/etc/flowd/var/db")
    assert settings.state == Path("/etc/flowd/var")
    assert settings.http.listen == "127.0.0.1:8787"
    assert settings.connections == {}


def test_settings_do_not_change() -> None:
    settings = parse_settings(HEAD)
    with pytest.raises(ValueError, match="frozen"):
        settings.tenant.name = "other"  # type: ignore[misc]


def test_secrets_are_in_no_text_of_the_settings() -> None:
    settings = parse_settings(
        HEAD
        + "database: {url: {env: URL}}\n"
        + "connections: {a: {type: x, config: {key: hunter2, nested: {list: [hunter2, {pin: 4711}]}}}}\n"
        + "notifiers: {n: {type: x, config: {token: hunter2}}}\n"
        + "importers: {csv: {password: hunter2}}\n",
        environ={"URL": "postgresql://u:hunter2@h/d"},
    )
    assert settings.database.url is not None
    assert settings.database.url.get_secret_value() == "postgresql://u:hunter2@h/d"
    texts = [
        repr(settings),
        str(settings),
        f"{settings}",
        settings.model_dump_json(),
        json.dumps(settings.model_dump(mode="json")),
    ]
    texts += [str(settings.model_dump()), repr(settings.connections["a"]), repr(settings.sources)]
    for text in texts:
        assert "hunter2" not in text
        assert "4711" not in text


def test_the_environment_overrides_single_settings() -> None:
    settings = parse_settings(
        FULL.replace("database: {embedded: ./var/db, port: 5433}", "database: {embedded: ./var/db}"),
        environ={
            "FLOWD__TENANT__BASE_CURRENCY": "CHF",
            "FLOWD__HTTP__LISTEN": "0.0.0.0:80",
            "FLOWD__CONNECTIONS__MY_BLOFIN__FEEDS__BALANCES__EVERY": "1h",
            "FLOWD__CONNECTIONS__SALARY__FEEDS__ACCRUE__EVERY": "2h",
            "FLOWD__CONNECTIONS__SALARY__CONFIG__AMOUNT": "4300.20",
            "FLOWD__CONNECTIONS__MY_BLOFIN__CONFIG__KEY": "from-outside",
            "FLOWD__STREAMS__SALARY__TARGET": "1.10",
            "FLOWD__ANALYTICS__STATISTICS__ENABLED": "false",
            "FLOWD__RULES": "",
            "FLOWD_DATABASE_URL": "not ours",
            "FLOWD__DATABASE__URL": "postgresql://h/d",
        },
    )
    assert settings.tenant.base_currency == "CHF"
    assert settings.http.port == 80
    assert settings.connections["my-blofin"].feeds["balances"].every == timedelta(hours=1)
    assert settings.connections["my-blofin"].feeds["balances"].timeout == timedelta(minutes=1)
    assert settings.connections["salary"].feeds["accrue"].every == timedelta(hours=2)
    assert settings.connections["salary"].config["amount"] == "4300.20"
    assert settings.connections["my-blofin"].config["key"] == "from-outside"
    assert settings.streams["salary"].target == Decimal("1.10")
    assert settings.analytics["statistics"].enabled is False
    assert settings.database.embedded is None
    assert settings.place("tenant", "base_currency").variable == "FLOWD__TENANT__BASE_CURRENCY"


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("FLOWD__TENANT__BASE_CURENCY", "EUR", "did you mean 'BASE_CURRENCY'?"),
        ("FLOWD__TENNANT__NAME", "x", "did you mean 'TENANT'?"),
        ("FLOWD__TENANT", "x", "a group of settings"),
        ("FLOWD__TENANT__NAME__X", "x", "a single value"),
        ("FLOWD__PLUGINS", "ecb", "which is a list"),
        ("FLOWD__RULES__0__CLASS", "fee", "which is a list"),
        ("FLOWD__CONNECTIONS__NEW__TYPE", "demo", "has no NEW"),
        ("FLOWD__CONNECTIONS__A_B__TYPE", "demo", "could mean a-b or a_b"),
        ("FLOWD__CONNECTIONS__A_B_C__CONFIG", "x", "a group of settings"),
        ("FLOWD__TENANT__BASE_CURRENCY", "euro €", "not the code"),
        ("FLOWD__HTTP__LISTEN", "8787", "not an address"),
        ("FLOWD__CONNECTIONS__A_B_C__ENABLED", "perhaps", "true or false"),
    ],
)
def test_a_variable_that_is_wrong_is_named(variable: str, value: str, says: str) -> None:
    text = HEAD + "connections: {a-b: {type: x}, a_b: {type: x}, a-b-c: {type: x}}\n"
    with pytest.raises(ConfigProblems) as caught:
        parse_settings(text, environ={variable: value})
    [problem] = caught.value.problems
    assert problem.variable == variable
    assert says in problem.message


def test_names_that_end_or_double_their_dashes_are_found() -> None:
    text = HEAD + "connections: {a: {type: x}, a-: {type: x}, a--b: {type: x}}\n"
    for name in ("a", "a-", "a--b"):
        variable = variable_name(("connections", name, "enabled"))
        settings = parse_settings(text, environ={variable: "false"})
        assert [key for key, one in settings.connections.items() if not one.enabled] == [name], variable


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("1d", 86400), ("2w", 1209600), ("1h 30m", 5400)]
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    length = parse_duration(text)
    assert length == timedelta(seconds=seconds)
    assert parse_duration(write_duration(length)) == length


def test_dumping_and_reading_again_gives_the_same_settings() -> None:
    settings = parse_settings(
        HEAD + "streams: {a: {color: green, target: 1.10}}\nrules: [{match: {text: a}, class: fee}]\n"
    )
    data = settings.model_dump(mode="json", by_alias=True)
    assert Settings.model_validate(data) == Settings.model_validate(settings.model_dump(mode="json", by_alias=True))
    assert data["rules"][0]["class"] == "fee"


@pytest.mark.parametrize(
    ("text", "share"), [("30%", "0.3"), ("0.3", "0.3"), ("12.5 %", "0.125"), ("100%", "1"), ("0", "0"), ("0%", "0")]
)
def test_shares(text: str, share: str) -> None:
    settings = parse_settings(HEAD + f"streams: {{shop: {{tax: {text}, passive: true}}}}\n")
    read = settings.streams["shop"].tax
    assert read == Decimal(share)
    assert settings.streams["shop"].passive is True
    assert parse_share(write_share(read)) == read


@pytest.mark.parametrize(
    ("text", "says"), [("30", "30%"), ("101%", "more than 100%"), ("-5%", "30% or 0.3"), ("true", "30% or 0.3")]
)
def test_a_share_that_may_mean_two_things_is_refused(text: str, says: str) -> None:
    with pytest.raises(ConfigProblems, match=says):
        parse_settings(HEAD + f"streams: {{shop: {{tax: {text}}}}}\n")
