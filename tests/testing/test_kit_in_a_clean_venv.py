"""A new plugin of each kind installs with pip beside flowd, passes its tests and mypy, and shows in flowd plugins."""

from __future__ import annotations

import ast
import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from flowd.edges.plugin_making import KINDS
from tests.testing.conftest import ROOT, Venv

SETTINGS = """
tenant: {base_currency: EUR, timezone: UTC}
plugins: [my-importer, my-rates, my-analytics]
connections:
  one: {type: my-connector, config: {token: {env: TOKEN}}}
notifiers:
  phone: {type: my-notifier, config: {url: "https://my.example", token: {env: TOKEN}}}
"""


def written_by_the_author(path: Path) -> int:
    """Lines of code in a module: no imports, no docstrings, no comments, nothing empty."""
    text = path.read_text()
    passive: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and (docstring or isinstance(node, ast.Import | ast.ImportFrom)):
            passive |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(
        1 for number, line in lines if number not in passive and line.strip() and not line.strip().startswith("#")
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_new_plugin_of_each_kind(venv: Venv, tmp_path: Path) -> None:
    folders = []
    for kind in KINDS:
        venv.run("flowd", "plugin", "new", f"my-{kind}", "--kind", kind, cwd=tmp_path)
        folders.append(tmp_path / f"flowd-my-{kind}")
    venv.install(*folders)
    for folder in folders:
        done = venv.run("flowd", "plugin", "test", cwd=folder)
        assert re.search(r"\d+ passed", done)
        assert "skipped" not in done
        venv.run("mypy", "--cache-dir", tmp_path / "types", cwd=folder)
        venv.run("ruff", "check", ".", cwd=folder)
        venv.run("ruff", "format", "--check", ".", cwd=folder)
    (tmp_path / "flowd.yaml").write_text(SETTINGS)
    plugins = json.loads(venv.run("flowd", "plugins", "--json", cwd=tmp_path, more={"TOKEN": "x"}))
    loaded = {row["name"]: row["distribution"] for row in plugins if row["state"] == "loaded"}
    assert {f"my-{kind}": f"flowd-my-{kind}" for kind in KINDS}.items() <= loaded.items()


@pytest.mark.parametrize("kind", KINDS)
def test_an_author_writes_under_forty_lines(kind: str, tmp_path: Path) -> None:
    from flowd.edges.plugin_making import make_plugin

    [module] = [
        path
        for path in make_plugin("thing", kind, tmp_path / kind)
        if path.parent.name == "flowd_thing" and path.suffix == ".py" and path.name != "__init__.py"
    ]
    assert written_by_the_author(module) < 40


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tutorials_commands(venv: Venv, tmp_path: Path) -> None:
    """Every block of docs/tutorial-connector.md that is not marked `not run`, one after the other, in one shell."""
    text = (ROOT / "docs" / "tutorial-connector.md").read_text()
    script, expected = tutorial(text)
    script = script.replace("8901", str(free_port()))
    (tmp_path / "tutorial.sh").write_text(script)
    done = subprocess.run(
        ["bash", "tutorial.sh"],
        cwd=tmp_path,
        env=venv.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    missing = [line for line in expected if line not in done.stdout]
    assert not missing, f"the page shows what is not printed: {missing}\n{done.stdout[-6000:]}"
    assert "made up for tests" not in done.stdout
    recorded = (tmp_path / "flowd-acme" / "recorded" / "answers.json").read_text()
    assert "anything" not in recorded
    assert json.loads(recorded)[0]["request"]["path"] == "/v2/payouts"


def tutorial(text: str) -> tuple[str, list[str]]:
    """The page's commands as one script, and the lines it says are printed."""
    parts = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
    expected: list[str] = []
    for mark, language, block in re.findall(r"(?:<!-- (.*?) -->\n)?```(\w+)\n(.*?)```", text, flags=re.DOTALL):
        if mark.startswith("file: "):
            path = mark.removeprefix("file: ")
            parts.append(f"cat > {path} <<'END-OF-{len(parts)}'\n{block}END-OF-{len(parts)}")
        elif language == "sh" and mark != "not run":
            parts.append(block)
            if "&\n" in block:
                # Until it answers; the page's reader is slower than a script.
                parts.append("until (exec 3<>/dev/tcp/127.0.0.1/8901) 2>/dev/null; do sleep 0.1; done")
        elif language == "text":
            expected += block.splitlines()
    return "\n".join(parts) + "\n", expected


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
