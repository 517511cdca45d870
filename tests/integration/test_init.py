"""`flowd init`: questions or flags become a flowd.yaml that loads without problems and replaces nothing unasked."""

from __future__ import annotations

import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from flowd.config import bind_connections, load_settings, parse_settings, plugin_names
from flowd.edges.init import Answers, Salary, first_config, guess_currency, guess_timezone, init, parse_salary
from flowd.errors import FlowdError
from flowd.plugins import load_plugins

FLAGS = ["--yes", "--currency", "chf", "--timezone", "Europe/Zurich", "--name", "jo"]


def run(*arguments: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(init, [str(argument) for argument in arguments], input=answers)


def test_flags_alone_write_a_configuration_that_loads(tmp_path: Path) -> None:
    file = tmp_path / "new" / "flowd.yaml"
    result = run(*FLAGS, "--salary", "4200.50 EUR month on L", "--inbox", "./my bank", "--output", str(file))
    assert result.exit_code == 0, result.output
    settings = load_settings(file, {})
    assert (settings.tenant.name, settings.tenant.base_currency, settings.tenant.timezone) == (
        "jo",
        "CHF",
        "Europe/Zurich",
    )
    assert settings.connections["salary"].config == {
        "amount": Decimal("4200.50"),
        "currency": "EUR",
        "every": "month on L",
    }
    assert settings.connections["inbox"].config == {"folder": "./my bank", "account": "main", "currency": "CHF"}
    assert "demo" not in {connection.type for connection in settings.connections.values()}
    assert (file.parent / "my bank").is_dir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"flowd -c {file} check" in result.output


def test_questions_are_asked_again_until_the_answer_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "flowd.yaml"
    lines = [
        "My Home",
        "home",
        "euro",
        "EUR",
        "Berlin",
        "Europe/Berlin",
        "much",
        "4200 EUR sometimes",
        "4200 EUR month on 25",
        "-",
        "acme",
        "ccxt as my-kraken",
        "kraken",
        "",
    ]
    result = run("--output", str(file), answers="\n".join(lines) + "\n")
    assert result.exit_code == 0, result.output
    settings = load_settings(file, {})
    assert settings.tenant.timezone == "Europe/Berlin"
    assert settings.connections["salary"].config["every"] == "month on 25"
    assert "inbox" not in settings.connections
    assert "my-home" in result.output
    assert "'acme' is none of" in result.output
    assert settings.connections["my-kraken"].config["exchange"] == "kraken"
    assert "did you mean 'Europe/Berlin'?" in result.output


def test_a_file_that_is_there_is_not_replaced_unless_forced(tmp_path: Path) -> None:
    file = tmp_path / "flowd.yaml"
    file.write_text("mine")
    result = run(*FLAGS, "--output", str(file))
    assert isinstance(result.exception, FlowdError)
    assert "--force" in str(result.exception)
    assert file.read_text() == "mine"
    assert run(*FLAGS, "--force", "--output", str(file)).exit_code == 0
    assert load_settings(file, {}).tenant.name == "jo"


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--currency", "e€"),
        ("--timezone", "Mars/Olympus"),
        ("--salary", "4200"),
        ("--salary", "0 EUR day"),
        ("--name", ""),
    ],
)
def test_a_flag_that_cannot_be_used_is_named(tmp_path: Path, flag: str, value: str) -> None:
    result = run(*FLAGS, flag, value, "--output", str(tmp_path / "flowd.yaml"))
    assert result.exit_code == 2
    assert flag in result.output
    assert not (tmp_path / "flowd.yaml").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = run(*FLAGS, "--output", str(tmp_path / "file" / "flowd.yaml"))
    assert isinstance(result.exception, FlowdError)
    assert "cannot be written" in str(result.exception)


def test_the_time_zone_is_guessed_from_the_system(tmp_path: Path) -> None:
    assert guess_timezone({"TZ": ":Europe/Vienna"}, tmp_path) == "Europe/Vienna"
    assert guess_timezone({}, tmp_path) == "UTC"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    assert guess_timezone({"TZ": "nonsense/zone"}, tmp_path) == "Asia/Tokyo"
    (tmp_path / "timezone").write_text("Europe/Oslo\n")
    assert guess_timezone({}, tmp_path) == "Europe/Oslo"


def test_the_currency_is_guessed_from_the_locale() -> None:
    assert guess_currency({"LANG": "de_CH.UTF-8"}) == "CHF"
    assert guess_currency({"LC_ALL": "en_US", "LANG": "de_CH"}) == "USD"
    assert guess_currency({"LANG": "C.UTF-8"}) == "EUR"


def test_a_salary_in_words() -> None:
    assert parse_salary("4200.50 eur every 14 days from 2026-01-02") == Salary(
        amount=Decimal("4200.50"), currency="EUR", every="every 14 days from 2026-01-02"
    )


_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20).filter(
    lambda text: "${" not in text
)


@given(inbox=_words, name=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True))
def test_whatever_is_answered_loads_as_it_was_said(inbox: str, name: str) -> None:
    text = first_config(Answers(name=name, currency="EUR", timezone="UTC", salary=None, inbox=inbox))
    settings = parse_settings(text)
    assert settings.connections["inbox"].config["folder"] == inbox
    assert settings.tenant.name == name


def test_no_environment_of_this_machine_decides(tmp_path: Path) -> None:
    file = tmp_path / "flowd.yaml"
    assert run(*FLAGS, "--output", str(file)).exit_code == 0
    text = file.read_text()
    assert str(tmp_path) not in text
    assert os.environ.get("HOME", "/nonexistent") not in text


def test_sources_are_written_with_what_they_need_and_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "flowd.yaml"
    wanted = ["stripe", "binance", "simplefin as my-bank", "patreon", "tink client_id=abc market=DE"]
    flags = [word for source in wanted for word in ("--connect", source)]
    result = run(*FLAGS, *flags, "--output", str(file))
    assert result.exit_code == 0, result.output
    connections = load_settings(file, {}).connections
    assert connections["stripe"].config == {"key": {"file": "./secrets/stripe-key"}}
    assert set(connections["binance"].config) == {"key", "secret"}
    assert connections["my-bank"].config == {}
    assert set(connections["patreon"].config) == {"access_token"}
    assert connections["tink"].config["market"] == "DE"
    assert "flowd key new" in result.output
    assert f"`flowd -c {file} link my-bank`, `flowd -c {file} link tink`, " in result.output
    assert "link patreon" not in result.output
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    for one in [*connections.values()][1:]:
        for secret in (value for value in one.config.values() if isinstance(value, dict)):
            (tmp_path / secret["file"]).write_text("x")
    assert not bind_connections(load_settings(file, {}), load_plugins(plugin_names(load_settings(file, {})))).problems


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("kraken", "ccxt as kraken exchange=kraken"),
        ("ccxt", "say exchange=… too: the exchange's id"),
        ("stripe key=sk_live_1", "key is a secret"),
        ("stripe kee=1", "has no setting 'kee'"),
        ("stripe since=yesterday", "since: "),
        ("rates", "rates as another-name"),
        ("a b c", "say a type"),
    ],
)
def test_a_source_that_cannot_be_written_is_named(tmp_path: Path, source: str, words: str) -> None:
    result = run(*FLAGS, "--connect", source, "--output", str(tmp_path / "flowd.yaml"))
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert "sk_live_1" not in result.output.replace(source, "")
    assert not (tmp_path / "flowd.yaml").exists()
