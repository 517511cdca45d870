"""systemd/flowd.service keeps what its comments promise."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "flowd.service"
analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")


@pytest.fixture(scope="module")
def service() -> dict[str, list[str]]:
    """The [Service] section: every key with its values, in order."""
    text = UNIT.read_text(encoding="utf-8").partition("[Service]")[2].partition("[Install]")[0]
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_it_is_watched_and_started_again(service: dict[str, list[str]]) -> None:
    assert service["Type"] == ["notify"]
    assert service["NotifyAccess"] == ["main"]
    assert service["WatchdogSec"] == ["30"]
    assert service["Restart"] == ["on-failure"]
    assert service["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


def test_it_has_time_to_stop_cleanly(service: dict[str, list[str]]) -> None:
    """flowd promises to stop within ten seconds; systemd must not be quicker."""
    assert int(service["TimeoutStopSec"][0]) > 10
    assert service["KillMode"] == ["mixed"], "the daemon ends its children itself"


def test_it_writes_to_its_own_folder_only(service: dict[str, list[str]]) -> None:
    assert service["ProtectSystem"] == ["strict"]
    assert service["StateDirectory"] == ["flowd"]
    assert service["StateDirectoryMode"] == ["0700"]
    assert "ReadWritePaths" not in service
    assert service["User"] == ["flowd"]
    assert service["CapabilityBoundingSet"] == [""]


def test_the_account_is_the_one_that_is_made(service: dict[str, list[str]]) -> None:
    text = (FOLDER / "flowd.sysusers").read_text(encoding="utf-8")
    assert re.search(rf"^u {service['User'][0]} ", text, flags=re.MULTILINE)


def test_the_credentials_example_is_a_drop_in_for_this_unit() -> None:
    path = FOLDER / "flowd.service.d" / "credentials.conf.example"
    parser = configparser.ConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    name, _, source = parser["Service"]["LoadCredential"].partition(":")
    assert name
    assert source == f"/etc/flowd/credentials/{name}"
    assert "/run/credentials/flowd.service/" in path.read_text(encoding="utf-8")


@analyze
def test_systemd_finds_no_fault_with_it(tmp_path: Path) -> None:
    """Verified with a program that exists: the real one is installed elsewhere."""
    unit = tmp_path / "flowd.service"
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/flowd/bin/flowd", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    said = [line for line in done.stderr.splitlines() if "flowd" in line]
    assert said == []


@analyze
def test_little_is_exposed_if_it_is_taken_over() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", UNIT],
        capture_output=True,
        text=True,
        timeout=60,
    )
    found = re.search(r"Overall exposure level for flowd.service: ([\d.]+)", done.stdout)
    if found is None:
        pytest.skip(f"this systemd-analyze cannot look at a file: {done.stderr.strip()[:100]}")
    assert float(found[1]) < 2.0
