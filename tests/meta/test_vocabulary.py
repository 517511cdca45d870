"""Options mean the same in every command: each is in one table of docs/commands.md, with one meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from flowd.edges.cli import COMMANDS, GROUPS, flowd

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
#: Options that may be of different types, because they take different things of one meaning.
LOOSE = {"--by", "--kind", "--format", "--port", "--lines", "--on"}


def options() -> Iterator[tuple[str, str, click.Option]]:
    """Every option of every command that help shows: its long name, whose it is, and itself."""
    ctx = click.Context(flowd)

    def walk(path: str, command: click.Command | None) -> Iterator[tuple[str, str, click.Option]]:
        assert command is not None
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                for name in [*option.opts, *option.secondary_opts]:
                    if name.startswith("--"):
                        yield name, path, option
        if isinstance(command, click.Group):
            for name in command.list_commands(ctx):
                yield from walk(f"{path} {name}", command.get_command(ctx, name))

    for name in COMMANDS:
        yield from walk(name, flowd.get_command(ctx, name))


def rows(title: str) -> list[list[str]]:
    """The cells of the table in the section `title`."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_option_is_in_one_table_with_one_meaning() -> None:
    shared = {
        row[0].strip("`"): set(re.findall(r"`([^`]+)`", row[2]))
        for row in rows("Options that mean the same everywhere")
    }
    single = {row[0].strip("`"): {row[1].strip("`")} for row in rows("Options of one command")}
    assert not set(shared) & set(single)
    there: dict[str, set[str]] = {}
    for name, path, _ in options():
        there.setdefault(name, set()).add(path)
    assert there.pop("--json") >= {"status", "events", "undo", "import"}
    shared.pop("--json")
    assert shared | single == there


def test_what_is_shared_is_read_the_same_way() -> None:
    kinds: dict[str, set[str]] = {}
    for name, _, option in options():
        if name not in LOOSE:
            kinds.setdefault(name, set()).add(f"{option.type.name}, flag: {option.is_flag}, many: {option.multiple}")
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1} == {}


def test_a_period_is_whole() -> None:
    having: dict[str, set[str]] = {}
    for name, path, _ in options():
        having.setdefault(path, set()).add(name)
    words = {"--since", "--until", "--last", "--year"}
    assert {path for path, names in having.items() if names & words and not words <= names} == {"goal add", "backfill"}


def test_help_groups_every_command_once() -> None:
    grouped = [name for commands in GROUPS.values() for name in commands]
    assert sorted(grouped) == sorted(COMMANDS)
    assert len(grouped) == len(set(grouped))
    told = re.findall(r"`flowd ([a-z]+)`", PAGE.split("## Which days")[0])
    assert [name for name in told if name in COMMANDS] == grouped
