"""What the settings of a watched folder tell an importer."""

from __future__ import annotations

from collections.abc import Mapping

from flowd.api import Hints
from flowd.importers.files.config import FilesConfig


def hints_of(config: FilesConfig, *, insists: bool = False) -> Hints:
    """Return what is known about the files of a folder before they are opened.

    The account is of files that do not name theirs; with `insists` it is of all: somebody said so of these very files.
    """
    options: dict[str, object] = {"accounts": dict(config.accounts)}
    if config.profiles is not None:
        options["profiles"] = str(config.profiles)
    if isinstance(config.profile, Mapping):
        options["profile"] = dict(config.profile)
    profile = config.profile if isinstance(config.profile, str) else None
    # two banks' files in one folder are two accounts
    return Hints(account=config.account, asset=config.currency, profile=profile, options=options, fallback=not insists)
