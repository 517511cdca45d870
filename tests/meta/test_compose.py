"""docker-compose.yml and the Dockerfile keep what their comments promise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STACK: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
every_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_stack_is_what_the_design_names() -> None:
    assert set(SERVICES) >= {"timescaledb", "flowd", "grafana", "prometheus"}


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


def test_the_database_is_published_nowhere() -> None:
    assert "ports" not in SERVICES["timescaledb"]


@every_service
def test_it_is_nobody_special(name: str) -> None:
    service = SERVICES[name]
    assert str(service["user"]).split(":")[0] not in {"", "0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert "cap_add" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"timescaledb"}))
def test_its_own_files_cannot_be_changed(name: str) -> None:
    assert SERVICES[name]["read_only"] is True


@every_service
def test_its_configuration_cannot_be_changed_from_inside(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        if volume.startswith("./") and not volume.startswith("./inbox"):
            assert volume.endswith(":ro"), volume
            assert (ROOT / volume.split(":")[0]).exists(), volume


@every_service
def test_no_password_is_in_its_environment(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN|URL", key):
            assert str(value).startswith("/run/secrets/"), key


@every_service
def test_its_secrets_are_declared_files(name: str) -> None:
    for secret in SERVICES[name].get("secrets", []):
        assert STACK["secrets"][secret]["file"].startswith("./compose/secrets/")
    used = set(re.findall(r"/run/secrets/(\w+)", yaml.safe_dump(SERVICES[name])))
    assert used <= set(SERVICES[name].get("secrets", []))


def test_grafana_has_the_secret_and_the_variables_its_provisioning_names() -> None:
    grafana = SERVICES["grafana"]
    for path in (ROOT / "grafana" / "provisioning").rglob("*.yaml"):
        body = "\n".join(line.split("#")[0] for line in path.read_text(encoding="utf-8").splitlines())
        assert set(re.findall(r"\$(FLOWD_\w+)", body)) <= set(grafana["environment"])
        assert set(re.findall(r"\$__file\{/run/secrets/(\w+)\}", body)) <= set(grafana["secrets"])


def test_they_start_in_order() -> None:
    assert SERVICES["flowd"]["depends_on"] == {"timescaledb": {"condition": "service_healthy"}}
    assert SERVICES["grafana"]["depends_on"] == {"flowd": {"condition": "service_healthy"}}


def test_every_named_volume_is_declared_and_used() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert used == set(STACK["volumes"])


def test_the_passwords_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    script = tmp_path / "secrets.sh"
    script.write_bytes((ROOT / "compose" / "secrets.sh").read_bytes())
    script.chmod(0o755)
    subprocess.run([script], check=True, capture_output=True)
    folder = tmp_path / "secrets"
    wanted = {Path(secret["file"]).name for secret in STACK["secrets"].values()}
    made = {path.name: path.read_text() for path in folder.iterdir()}
    assert set(made) == wanted
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in folder.iterdir())
    passwords = [text for name, text in made.items() if name.endswith("_password")]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch(r"[0-9a-f]{48}", text) for text in passwords)
    assert made["flowd_owner_password"] in made["flowd_database_url"]
    subprocess.run([script], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


def test_passwords_reach_neither_git_nor_an_image() -> None:
    assert "compose/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored, "only what is named goes to Docker"
    assert not any(line.startswith("!compose") for line in ignored)


def test_the_configuration_it_runs_is_valid(tmp_path: Path) -> None:
    from flowd.config import load_settings

    text = (ROOT / "compose" / "flowd.yaml").read_text(encoding="utf-8")
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
    scrape = yaml.safe_load((ROOT / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert scrape["scrape_configs"][0]["static_configs"] == [{"targets": [f"flowd:{port}"]}]


def test_the_image_is_built_in_two_stages_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    assert all(stage.startswith("python:3.11-slim-") for stage in stages)
    assert "--require-hashes" in stages[0]
    last = stages[1]
    assert "COPY --from=build" in last
    (user,) = re.findall(r"^USER (\S+)$", last, flags=re.MULTILINE)
    assert user == SERVICES["flowd"]["user"]
    assert "HEALTHCHECK" in last
    assert not re.search(r"apt-get|gcc|pip install", last)


def test_nobody_elses_flowd_is_installed() -> None:
    """The public registry has a package of this name; the plugins' dependency on flowd must not be looked up there."""
    locked = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert len(locked) > 20
    assert not [name for name in locked if name.startswith("flowd")]
    installs = re.findall(r"pip install .*", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert installs
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
