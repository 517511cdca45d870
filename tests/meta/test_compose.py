"""docker-compose.yml keeps what its comments promise."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
# as Compose reads it without a .env
STACK: dict[str, Any] = yaml.safe_load(VARIABLE.sub(r"\2", TEXT))
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
PROMETHEUS: dict[str, Any] = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_stack_is_what_the_design_names() -> None:
    assert set(SERVICES) == {"timescaledb", "flowd", "grafana", "prometheus", "alertmanager"}


def compose() -> list[str]:
    """How Docker Compose is called here; skips the test where it is not."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            done = subprocess.run([*command, "version", "--short"], capture_output=True, text=True, timeout=60)
            if done.returncode == 0 and int(done.stdout.strip().removeprefix("v").split(".")[0]) >= 2:
                return command
    pytest.skip("there is no Docker Compose here")


@pytest.mark.parametrize("env_file", [".env.example", "/dev/null"])
def test_docker_compose_understands_it(env_file: str, tmp_path: Path) -> None:
    """The same with the sample settings as with none."""
    done = subprocess.run(
        [*compose(), "--env-file", env_file, "--file", "docker-compose.yml", "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not re.search(r"warn|deprecat|not set", done.stderr, re.IGNORECASE), done.stderr
    understood = json.loads(done.stdout)
    assert set(understood["services"]) == set(SERVICES)
    for name, service in understood["services"].items():
        assert [port["host_ip"] for port in service.get("ports", [])] == ["127.0.0.1"] * len(service.get("ports", []))
        assert set(service["networks"]) == set(SERVICES[name]["networks"])


def test_everything_that_can_be_set_is_in_the_sample_with_the_value_it_has_without() -> None:
    body = "\n".join(line for line in TEXT.splitlines() if not line.startswith("#"))
    used = set(VARIABLE.findall(body))
    assert len(used) == len({name for name, _ in used}), "one value per variable"
    assert not re.search(r"\$\{?\w+", VARIABLE.sub("", body)), "a variable without a value of its own"
    sample = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+)=(.*)$", sample, flags=re.MULTILINE)) == used
    for block in sample.strip().split("\n\n"):
        assert block.startswith("#"), f"unexplained: {block}"
    assert not re.search(r"PASSWORD|SECRET|TOKEN", "".join(name for name, _ in used))
    assert {".env", "docker-compose.override.yml"} <= set((ROOT / ".gitignore").read_text(encoding="utf-8").split())


@every_service
def test_its_version_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+\.\d+(-pg\d+)?", SERVICES[name]["image"])


@every_service
def test_it_says_when_it_is_healthy(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= set(check)


@every_service
def test_it_is_published_on_this_machine_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert port.startswith("127.0.0.1:"), port
    assert SERVICES[name].get("network_mode") != "host"


def test_the_database_is_reached_by_those_who_ask_it_and_by_nobody_else() -> None:
    assert "ports" not in SERVICES["timescaledb"]
    assert SERVICES["timescaledb"]["networks"] == ["database"]
    assert STACK["networks"]["database"]["internal"] is True
    beside = {name for name in SERVICES if "database" in SERVICES[name]["networks"]}
    assert beside == {"timescaledb", "flowd", "grafana"}


def test_those_who_talk_to_each_other_share_a_network() -> None:
    text = {name: yaml.safe_dump(SERVICES[name]) for name in SERVICES}
    text["prometheus"] += (ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    text["flowd"] += "timescaledb:5432"  # in the secret
    talks = {(a, b) for a in SERVICES for b in SERVICES if a != b and re.search(rf"\b{b}:\d{{4}}\b", text[a])}
    assert talks >= {("grafana", "timescaledb"), ("grafana", "prometheus"), ("prometheus", "flowd")}
    for one, other in talks:
        assert set(SERVICES[one]["networks"]) & set(SERVICES[other]["networks"]), f"{one} cannot reach {other}"


@every_service
def test_it_cannot_take_the_whole_machine(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert 50 <= service["pids_limit"] <= 512
    assert service["logging"]["driver"] == "json-file"
    assert {"max-size", "max-file"} <= set(service["logging"]["options"]), "logs grow for ever otherwise"


@every_service
def test_it_starts_again_and_has_time_to_stop(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    grace = {"s": 1, "m": 60}[SERVICES[name]["stop_grace_period"][-1]] * int(SERVICES[name]["stop_grace_period"][:-1])
    assert grace > 10, "flowd promises ten seconds, and Docker kills after ten"
    assert SERVICES["flowd"]["init"] is True


@every_service
def test_it_is_nobody_special(name: str) -> None:
    service = SERVICES[name]
    assert str(service["user"]).split(":")[0] not in {"", "0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert "cap_add" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@every_service
def test_its_own_files_cannot_be_changed(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


@every_service
def test_its_configuration_cannot_be_changed_from_inside(name: str) -> None:
    for volume in SERVICES[name]["volumes"]:
        if isinstance(volume, dict):
            assert (volume["source"], volume["target"]) == ("./inbox", "/inbox")
            assert volume["bind"] == {"create_host_path": False}, "Docker would make it for root alone"
        elif volume.startswith("./"):
            assert volume.endswith(":ro"), volume
            assert (ROOT / volume.split(":")[0]).exists(), volume


@pytest.mark.parametrize("name", ["flowd", "prometheus", "alertmanager"])
def test_its_configuration_is_mounted_as_a_folder(name: str) -> None:
    """A file mounted by itself stays the old one when an editor puts a new file in its place."""
    (named,) = re.findall(r"[=:] ?(/etc/\w+)/[\w.]+\.ya?ml", yaml.safe_dump(SERVICES[name]))
    (source,) = [each.split(":")[0] for each in SERVICES[name]["volumes"] if f":{named}:ro" in str(each)]
    assert (ROOT / source).is_dir()


@every_service
def test_no_password_is_in_its_environment(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN", key):
            assert str(value).startswith("/run/secrets/"), key
        assert "@" not in str(value), key


@every_service
def test_its_secrets_are_declared_files(name: str) -> None:
    for secret in SERVICES[name].get("secrets", []):
        assert STACK["secrets"][secret]["file"].startswith("./compose/secrets/")
    used = set(re.findall(r"/run/secrets/(\w+)", yaml.safe_dump(SERVICES[name])))
    assert used <= set(SERVICES[name].get("secrets", []))


def test_they_start_in_order() -> None:
    assert SERVICES["flowd"]["depends_on"] == {"timescaledb": {"condition": "service_healthy"}}
    assert SERVICES["grafana"]["depends_on"] == {"flowd": {"condition": "service_healthy"}}
    assert SERVICES["prometheus"]["depends_on"] == {"alertmanager": {"condition": "service_healthy"}}
    assert "/readyz" in SERVICES["flowd"]["healthcheck"]["test"][-1], "its reports are there when Grafana starts"


def test_every_named_volume_is_declared_and_used() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service["volumes"]
        if isinstance(volume, str) and not volume.startswith(".")
    }
    assert used == set(STACK["volumes"])


def test_the_passwords_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "compose").mkdir()
    script = tmp_path / "compose" / "secrets.sh"
    script.write_bytes((ROOT / "compose" / "secrets.sh").read_bytes())
    script.chmod(0o755)
    subprocess.run([script], check=True, capture_output=True)
    folder = tmp_path / "compose" / "secrets"
    wanted = {Path(secret["file"]).name for secret in STACK["secrets"].values()}
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == wanted
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in folder.iterdir())
    passwords = [text for name, text in made.items() if name.endswith("_password")]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch(r"[0-9a-f]{48}", text) for text in passwords)
    assert made["flowd_owner_password"] in made["flowd_database_url"]
    inbox = (tmp_path / "inbox").stat()
    uid = int(SERVICES["flowd"]["user"].split(":")[0])
    assert inbox.st_uid == uid or inbox.st_mode & 0o777 == 0o777, "flowd moves files that were read into a folder there"
    subprocess.run([script], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


def test_passwords_reach_neither_git_nor_an_image() -> None:
    assert "compose/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored, "only what is named goes to Docker"
    assert not any(line.startswith("!compose") for line in ignored)


def test_the_configuration_it_runs_is_valid(tmp_path: Path) -> None:
    from flowd.config import load_settings

    text = (ROOT / "compose" / "flowd" / "flowd.yaml").read_text(encoding="utf-8")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in re.findall(r"/run/secrets/(\w+)", text):
        assert name in SERVICES["flowd"]["secrets"]
        (secrets / name).write_text("postgresql://flowd_owner:x@timescaledb:5432/flowd")
    path = tmp_path / "flowd.yaml"
    path.write_text(text.replace("/run/secrets", str(secrets)))
    settings = load_settings(path, {})
    assert SERVICES["grafana"]["environment"]["FLOWD_DB_USER"] == f"grafana_{settings.tenant.name}"
    port = settings.http.listen.rpartition(":")[2]
    assert SERVICES["flowd"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"flowd:{port}" in targets(PROMETHEUS["scrape_configs"])


def targets(jobs: list[dict[str, Any]]) -> set[str]:
    """Every address that Prometheus is told of in a part of its configuration."""
    return {target for job in jobs for each in job.get("static_configs", []) for target in each["targets"]}


def test_prometheus_finds_its_rules_and_its_alertmanager() -> None:
    folder = ROOT / "prometheus"
    for pattern in PROMETHEUS["rule_files"]:
        assert list(folder.glob(pattern)), f"{pattern}: no such rules in the folder that is mounted"
    published = SERVICES["alertmanager"]["ports"][0].rpartition(":")[2]
    assert targets(PROMETHEUS["alerting"]["alertmanagers"]) == {f"alertmanager:{published}"}
    named = re.findall(r"^[^#]*/run/secrets/(\w+)", (folder / "alertmanager.yml").read_text(), flags=re.MULTILINE)
    assert set(named) <= set(SERVICES["alertmanager"].get("secrets", []))
