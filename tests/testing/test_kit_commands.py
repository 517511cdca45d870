"""`flowd plugin run`, `record` and `serve`, as processes, on a generated connector found as an installed one is."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flowd.edges.plugin_making import make_plugin
from flowd.errors import ConfigError
from flowd.testing import Replay, Reply

TOKEN = "a-token-that-nobody-should-see"


@dataclass(frozen=True)
class Kit:
    """A generated connector, and a source that answers its cases."""

    folder: Path
    source: Replay

    def flowd(self, *words: str, code: int = 0, token: str | None = TOKEN) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in os.environ.items() if name != "PROBE_TOKEN"}
        environ |= {"PYTHONPATH": str(self.folder), **({} if token is None else {"PROBE_TOKEN": token})}
        done = subprocess.run(
            [sys.executable, "-m", "flowd.edges.cli", "plugin", *words],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, f"{done.returncode}: {done.stdout[-1000:]}\n{done.stderr[-2000:]}"
        assert TOKEN not in done.stdout + done.stderr
        return done

    def sample(self, **config: object) -> str:
        settings = {"token": {"env": "PROBE_TOKEN"}, "url": self.source.url, **config}
        (self.folder / "try.yaml").write_text(
            "type: probe\nconfig:\n" + "".join(f"  {name}: {json.dumps(value)}\n" for name, value in settings.items())
        )
        return "try.yaml"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    make_plugin("probe", "connector", tmp_path)
    # What pip writes, so that the plugin is found as an installed one is.
    info = tmp_path / "flowd_probe-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: flowd-probe\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[flowd]\nprobe = flowd_probe\n")
    with Replay.load(tmp_path / "cases") as source:
        yield Kit(tmp_path, source)


def test_run_prints_records_and_nothing_else(kit: Kit) -> None:
    done = kit.flowd("run", kit.sample(), "--dry")
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["external_id"] for one in records] == ["po_1", "po_2", "po_3", "po_4"]
    assert records == [
        json.loads(line) for line in (kit.folder / "cases/expected/payouts.jsonl").read_text().splitlines()
    ]
    assert "payouts: done, 4 records in 3 batches" in done.stderr
    assert kit.source.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_run_goes_on_from_the_cursor_it_kept(kit: Kit) -> None:
    kit.flowd("run", kit.sample(), "--dry", "--cursor", "at.json")
    assert json.loads((kit.folder / "at.json").read_text()) == {"payouts": {"data": "po_3", "version": 1}}
    done = kit.flowd("run", "try.yaml", "--dry", "--cursor", "at.json", "--feed", "payouts")
    assert len(done.stdout.splitlines()) == 1
    (kit.folder / "at.json").write_text("[]")
    assert "holds no cursors" in kit.flowd("run", "try.yaml", "--dry", "--cursor", "at.json", code=2).stderr


def test_check_makes_the_cheap_call_only(kit: Kit) -> None:
    done = kit.flowd("run", kit.sample(), "--check")
    assert json.loads(done.stdout)["summary"].startswith("the key works")
    assert len(kit.source.asked) == 1


@pytest.mark.parametrize(
    ("status", "said"), [(401, "AuthError"), (503, "RetryLater"), (200, "answered something else than expected")]
)
def test_a_source_in_trouble_is_named_and_exits_1(kit: Kit, status: int, said: str) -> None:
    with kit.source.failing(Reply(status=status, body={"token": TOKEN})):
        done = kit.flowd("run", kit.sample(), "--dry", code=1)
    assert said in done.stderr
    assert done.stdout == ""


def test_a_fault_of_the_plugin_shows_where(kit: Kit) -> None:
    module = kit.folder / "flowd_probe" / "connector.py"
    module.write_text(
        module.read_text().replace("after = str(cursor", 'ctx.log.info("%s", 1); 1 / 0; after = str(cursor')
    )
    done = kit.flowd("run", kit.sample(), "--dry", code=1)
    assert "a fault of the plugin" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "info: 1" in done.stderr


def test_what_is_wrong_with_the_sample_exits_2_with_its_line(kit: Kit) -> None:
    done = kit.flowd("run", kit.sample(tokn="x"), "--dry", code=2)
    assert re.search(r"try\.yaml:5: config\.tokn", done.stderr), done.stderr
    assert "PROBE_TOKEN" in kit.flowd("run", kit.sample(), "--dry", code=2, token=None).stderr
    assert (
        "no feed nothing; it has payouts" in kit.flowd("run", "try.yaml", "--dry", "--feed", "nothing", code=2).stderr
    )
    assert "say --dry" in kit.flowd("run", "try.yaml", code=2).stderr
    (kit.folder / "other.yaml").write_text("type: no-such-connector\n")
    assert "is not installed" in kit.flowd("run", "other.yaml", "--dry", code=2).stderr
    (kit.folder / "none.yaml").write_text("- 1\n")
    assert "write `type:`" in kit.flowd("run", "none.yaml", "--dry", code=2).stderr


def test_tokens_come_from_a_file_and_are_written_back(kit: Kit) -> None:
    module = kit.folder / "flowd_probe" / "connector.py"
    renewing = "ctx.log.info('%s', ctx.tokens.renew(lambda old: {'n': str(old['n']) + '!'})); after = str(cursor"
    module.write_text(module.read_text().replace("after = str(cursor", renewing))
    assert "never linked" in kit.flowd("run", kit.sample(), "--dry", code=1).stderr
    assert "holds no tokens" in kit.flowd("run", "try.yaml", "--dry", "--tokens", "tokens.json", code=2).stderr
    (kit.folder / "tokens.json").write_text('{"n": "never-to-be-shown"}')
    done = kit.flowd("run", "try.yaml", "--dry", "--tokens", "tokens.json")
    assert "never-to-be-shown" not in done.stderr
    assert json.loads((kit.folder / "tokens.json").read_text()) == {"n": "never-to-be-shown!"}
    assert (kit.folder / "tokens.json").stat().st_mode & 0o077 == 0


def test_what_is_recorded_answers_as_the_source_did_and_tells_no_secret(kit: Kit) -> None:
    page: dict[str, object] = {"payouts": [], "next": None, "access_token": "another-secret", "echo": f"Bearer {TOKEN}"}
    kit.source.on("GET", "/payouts", Reply(body=page))
    kit.flowd("record", kit.sample(), "recorded/answers.json")
    text = (kit.folder / "recorded" / "answers.json").read_text()
    assert TOKEN not in text
    assert "another-secret" not in text
    with Replay.load(kit.folder / "recorded") as again:
        kit.flowd("run", kit.sample(url=again.url), "--dry")


def test_serve_answers_until_it_is_stopped(kit: Kit) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "flowd.edges.cli", "plugin", "serve", "cases"],
        cwd=kit.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        assert len(kit.flowd("run", kit.sample(url=url), "--dry").stdout.splitlines()) == 4
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "GET /payouts → 200" in said
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", ["Acme", "a", "1st", "acme_bank", "acme-", "../acme"])
def test_names_that_cannot_be_packages_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be a plugin's name"):
        make_plugin(name, "connector", tmp_path / "new")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(ConfigError, match="is not empty"):
        make_plugin("acme", "connector", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
