"""The command line: `flowd COMMAND`; each command's code is loaded only when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from flowd import __version__
from flowd.edges.groups import Knowing
from flowd.errors import ConfigError, FlowdError

#: What people come for → command name → where it is, and the line shown by `flowd --help` without loading it.
GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "See what you earn and have": {
        "status": ("flowd.edges.commands.status:status", "How flowd is, and how each connection is doing."),
        "income": ("flowd.edges.commands.income:income", "What you earned, by day, week or month."),
        "streams": ("flowd.edges.commands.streams:streams", "Each stream of income: how it is doing, and why."),
        "expected": (
            "flowd.edges.commands.expected:expected",
            "What is due, late, short or missed, and what comes next.",
        ),
        "returns": ("flowd.edges.commands.returns:returns", "What accounts that are worth something returned."),
        "project": (
            "flowd.edges.commands.project:project",
            "What you will earn, how sure that is, and what would be if.",
        ),
        "balances": (
            "flowd.edges.commands.balances:balances",
            "What every account holds and held; gaps between them.",
        ),
        "positions": (
            "flowd.edges.commands.positions:positions",
            "Coins and shares: what they cost, are worth and gained.",
        ),
        "gains": ("flowd.edges.commands.gains:gains", "What was realised, by year and holding period."),
        "activity": (
            "flowd.edges.commands.activity:activity",
            "The activity log: what was read when, and how it ended.",
        ),
        "view": ("flowd.edges.commands.view:view", "The JSON documents that interfaces read."),
    },
    "Bring in what sources say": {
        "sync": ("flowd.edges.commands.sync:sync", "Read the named connections now (all of them without a name)."),
        "backfill": ("flowd.edges.commands.backfill:backfill", "Read older history of a connection than so far."),
        "import": ("flowd.edges.commands.import_files:import_files", "Read bank files into an account."),
        "link": ("flowd.edges.commands.link:link", "Log in at a source, so that flowd may read there."),
        "unlink": ("flowd.edges.commands.link:unlink", "Delete the tokens that `flowd link` obtained."),
    },
    "Say what you know": {
        "transaction": ("flowd.edges.commands.transaction:transaction", "Find transactions, and say what they are."),
        "transfers": (
            "flowd.edges.commands.transfers:transfers",
            "Transfers between your accounts: list, confirm, refuse.",
        ),
        "duplicates": ("flowd.edges.commands.duplicates:duplicates", "Payments that were probably stated twice."),
        "cashflow": ("flowd.edges.commands.cashflow:cashflow", "Add money that moved and that no source states."),
        "account": (
            "flowd.edges.commands.account:account",
            "What accounts are called and held: list, name, add, balance.",
        ),
        "goal": ("flowd.edges.commands.goal:goal", "What you want to reach: add, list and remove goals."),
        "events": ("flowd.edges.commands.events:events", "What was said and decided, in the order flowd learnt it."),
        "undo": ("flowd.edges.commands.undo:undo", "Take back something you decided."),
    },
    "Keep it, and take it along": {
        "study": (
            "flowd.edges.commands.study:study",
            "Bring statistics, returns, projections, goals up to date.",
        ),
        "rebuild": ("flowd.edges.commands.rebuild:rebuild", "Drop everything derived and compute it again."),
        "backup": ("flowd.edges.commands.backup:backup", "Write everything that cannot be derived into one file."),
        "restore": ("flowd.edges.commands.backup:restore", "Write a backup into an empty store."),
        "export": ("flowd.edges.commands.export:export", "All data as CSV, JSON lines, or a ledger for beancount."),
        "db": ("flowd.edges.commands.db:db", "The database: its address, or a shell on it."),
    },
    "Set up and run": {
        "init": ("flowd.edges.init:init", "Write a first flowd.yaml of your own from a few questions."),
        "check": (
            "flowd.edges.commands.check:check",
            "Check flowd.yaml, and whether every source's keys work.",
        ),
        "run": ("flowd.edges.commands.run:run", "Run the daemon (or every feed once, with --once)."),
        "config": (
            "flowd.edges.commands.config:config",
            "Show the configuration as flowd reads it, or its JSON Schema.",
        ),
        "key": (
            "flowd.edges.commands.key:key",
            "The key that encrypts stored tokens: make one, replace one.",
        ),
        "plugins": ("flowd.edges.commands.plugins:plugins", "List plugins: what they add, their state, what is wrong."),
        "plugin": ("flowd.edges.commands.plugin:plugin", "Write a plugin: new, run, test, serve, record."),
        "demo": ("flowd.edges.commands.demo:demo", "Run flowd on made-up income, in a folder of its own."),
    },
}
COMMANDS: Mapping[str, tuple[str, str]] = {name: told for group in GROUPS.values() for name, told in group.items()}


class Commands(Knowing):
    """A group whose commands are loaded by name, so that `flowd --version` does not import a database driver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order people meet them."""
        return [*COMMANDS, *(name for name in super().list_commands(ctx) if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Load the command `name`: one of flowd's own, else one that a plugin added."""
        if name in COMMANDS:
            module, _, attribute = COMMANDS[name][0].partition(":")
            command = getattr(importlib.import_module(module), attribute)
            assert isinstance(command, click.Command)
            return command
        from flowd.edges.opening import plugin_commands

        return plugin_commands(ctx.params.get("config")).get(name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands by what people come for, without loading any."""
        width = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), summary) for name, (_, summary) in commands.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("flowd.yaml"),
    show_default=True,
    envvar="FLOWD_CONFIG",
    help="The configuration file.",
)
@click.version_option(__version__, prog_name="flowd")
def flowd(config: Path) -> None:
    """Tell what you earn: from exchanges, banks, platforms, files and your own word, per day.

    `flowd COMMAND --help` says more of each; options mean the same in every command, and docs/commands.md lists them.
    """


def main() -> None:
    """Run the command line; exit 0 done, 1 something failed (and it is named), 2 wrong usage or configuration."""
    try:
        code = flowd(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(1)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except ConfigError as problem:
        click.echo(f"flowd: {problem}", err=True)
        sys.exit(2)
    except FlowdError as problem:
        click.echo(f"flowd: {problem}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe went away, as with `flowd activity | head`: that is no failure.
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
