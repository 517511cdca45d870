"""Groups of commands that know what people mean by a name that is no command."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import click


def meant_by(ctx: click.Context, group: click.Group, name: str, elsewhere: Mapping[str, str]) -> str:
    """Return what to do instead of the command `name`, which is not there."""
    if name in elsewhere:
        return elsewhere[name]
    near = difflib.get_close_matches(name, group.list_commands(ctx), n=1)
    return f"is it {near[0]}?" if near else f"{ctx.command_path} --help lists them"


class Knowing(click.Group):
    """A group whose error for a command that is not there says where that is; `elsewhere` has words for some names."""

    def __init__(self, *args: Any, elsewhere: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._elsewhere = elsewhere or {}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; a usage error says what there is instead."""
        name = args[0]
        if not name.startswith("-") and not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            raise click.UsageError(f"there is no command {name}; {meant_by(ctx, self, name, self._elsewhere)}", ctx)
        return super().resolve_command(ctx, args)
