"""The documentation speaks of commands, options and make targets that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from flowd.edges.cli import COMMANDS, flowd

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def calls(page: Path) -> Iterator[list[str]]:
    """Every call of flowd on a page, in code blocks and between backticks, as its words."""
    text = page.read_text()
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.S)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S))
    for line in [line for block in blocks for line in block.splitlines()] + inline:
        command = line.split("#")[0].strip().removeprefix("$ ").removeprefix(".venv/bin/")
        if re.match(r"flowd( -c \S+)? [a-z]", command):
            yield re.sub(r"^flowd( -c \S+)? ", "", command).split()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    unknown = []
    ctx = click.Context(flowd)
    for words in calls(page):
        name = words[0].split("|")[0]
        if name not in COMMANDS:
            unknown.append(" ".join(words))
            continue
        command: click.Command | None = flowd.get_command(ctx, name)
        rest = words[1:]
        if isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z][a-z-]*(\|[a-z-]+)*", rest[0]):
            command = command.get_command(ctx, rest[0].split("|")[0])
        if command is None:
            unknown.append(" ".join(words))
            continue
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h", "--"}
        for option in [word.strip("[]").split("=")[0] for word in rest if word.strip("[").startswith("-")]:
            if "--" in rest and rest.index("--") < len(rest) - 1:
                break
            if option not in known and name != "db":
                unknown.append(" ".join(words))
    assert not unknown, f"{page.name} speaks of what flowd does not know: {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(), re.M))
    assert named <= targets, f"{page.name} names make targets that are not there: {named - targets}"


def test_every_command_explains_itself() -> None:
    ctx = click.Context(flowd)
    for name in COMMANDS:
        command = flowd.get_command(ctx, name)
        assert command is not None
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"flowd {name} {parameter.opts[0]} has no help"


def test_whatever_prints_a_table_prints_json() -> None:
    ctx = click.Context(flowd)
    for name in (
        "run",
        "check",
        "plugins",
        "sync",
        "import",
        "status",
        "activity",
        "income",
        "streams",
        "returns",
        "expected",
        "project",
        "duplicates",
        "events",
        "undo",
        "study",
        "rebuild",
    ):
        command = flowd.get_command(ctx, name)
        assert command is not None
        assert any("--json" in parameter.opts for parameter in command.params), name


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("flowd.edges.cli", {"psycopg", "pydantic", "apscheduler", "httpx", "rich", "prometheus_client", "yaml"}),
        ("flowd.edges.daemon", {"numpy", "pandas", "ccxt", "currency_converter", "rich", "pytest"}),
        ("flowd.api", {"psycopg", "apscheduler", "httpx", "rich", "prometheus_client", "click"}),
    ],
)
def test_what_is_heavy_is_not_imported_where_it_is_not_used(module: str, absent: set[str]) -> None:
    code = f"import sys, {module}; print(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not absent & set(done.stdout.split())
