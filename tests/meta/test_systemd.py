"""systemd/flowd.service keeps what its comments promise."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "systemd"
UNIT = FOLDER / "flowd.service"
RUNNING = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", RUNNING, re.DOTALL) for line in block.splitlines()]
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


def test_it_has_time_to_bring_a_large_database_up_to_date(service: dict[str, list[str]]) -> None:
    """READY=1 is said after the migrations; a start that is cut off would begin them again for ever."""
    assert service["TimeoutStartSec"] == ["15min"]


def test_its_memory_stays_with_it(service: dict[str, list[str]]) -> None:
    assert service["LimitCORE"] == ["0"]
    assert service["MemoryDenyWriteExecute"] == ["yes"]
    assert service["ProtectProc"] == ["invisible"]
    assert service["UMask"] == ["0077"]


def test_it_writes_to_its_own_folder_only(service: dict[str, list[str]]) -> None:
    assert service["ProtectSystem"] == ["strict"]
    assert service["StateDirectory"] == ["flowd"]
    assert service["StateDirectoryMode"] == ["0700"]
    assert "ReadWritePaths" not in service
    assert service["NoExecPaths"] == ["/var/lib/flowd"], "nothing that was read is ever run"
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


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="there is no systemd-sysusers here")
def test_systemd_makes_the_account_of_it(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    done = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", "-"],
        input=(FOLDER / "flowd.sysusers").read_text(encoding="utf-8"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    name, _, uid, _, _, home, shell = (tmp_path / "etc" / "passwd").read_text().strip().split(":")
    assert (name, home, shell) == ("flowd", "/var/lib/flowd", "/usr/sbin/nologin")
    assert int(uid) < 1000, "an account of the system"


def test_what_is_installed_is_there_and_is_what_the_unit_starts(service: dict[str, list[str]]) -> None:
    """The commands of docs/running.md, against the repository and the unit."""
    assert f"python3 -m venv {Path(service['ExecStart'][0].split()[0]).parents[1]}" in COMMANDS
    named = [line.split() for line in COMMANDS if line.startswith("install -m")]
    for words in named:
        files = [word for word in words[1:] if "/" in word or "." in word]
        assert (ROOT / files[0]).is_file(), files
    assert {words[-1] for words in named} >= {"/etc/systemd/system/flowd.service", "/etc/flowd/flowd.yaml"}
    pips = [line for line in COMMANDS if "pip install -" in line]
    assert len(pips) == 2
    assert (ROOT / pips[0].rpartition("/")[2]).is_file()
    assert "--require-hashes" in pips[0]
    assert {"--no-deps", "--no-build-isolation"} <= set(pips[1].split()), "nobody else's flowd, and what is pinned"


def test_what_is_installed_is_removed_again() -> None:
    removed = {word for line in COMMANDS if line.startswith("rm -rf /") for word in line.split()[2:]}
    made = {"/opt/flowd", *re.findall(r"(/(?:etc/systemd|usr/lib)/\S+)", "\n".join(COMMANDS))}
    assert removed == made | {"/etc/systemd/system/flowd.service.d"}


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
    assert float(found[1]) <= 1.2
    assert "(1.2 of 10)" in RUNNING
