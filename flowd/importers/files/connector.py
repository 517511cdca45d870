"""The connector `files`: each whole file becomes one batch and is put away; what cannot be read is quarantined."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

from flowd import __version__
from flowd.api import Batch, Check, ConfigError, Context, Cursor, FileRefused, Hints, Importer, Record, RetryLater
from flowd.engine.imports import FileImport, fingerprint, open_file, read_file
from flowd.importers.files.config import After, FilesConfig
from flowd.importers.files.folder import Folder, Found
from flowd.importers.files.formats import find_formats
from flowd.importers.files.hints import hints_of
from flowd.importers.files.state import State, bucket_of, digest_of, mark_of

#: A run stops before its deadline with what is left of it for committing and putting away.
_SPARE = 10.0


def built_in_importers() -> dict[str, Importer]:
    """Return the file formats that come with flowd, by name."""
    from flowd.importers import register_importers

    found: list[Importer] = []
    register_importers(found.append)
    return {importer.name: importer for importer in found}


class FilesConnector:
    """Watches one folder. `importers` are the known formats (flowd's own by default); the rest is for tests."""

    def __init__(
        self,
        config: FilesConfig,
        *,
        importers: Mapping[str, Importer] | None = None,
        now: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._config = config
        self._importers = importers
        self._versions: Mapping[str, str] = {}
        self._folder = Folder(config.folder, config.patterns, config.settle, now=now, pause=pause)

    def check(self, ctx: Context) -> Check:
        """Look at the folder, and for the plugins that are to read its files."""
        self._formats()
        try:
            waiting = len(self._folder.whole(ctx.time_left().total_seconds()))
        except OSError as error:
            raise ConfigError(self._unreadable(error)) from None
        warnings = []
        quarantined = self._config.folder / "quarantine"
        held = [path for path in quarantined.glob("*") if path.is_file() and not path.name.endswith(".why.txt")]
        if held:
            warnings.append(f"{len(held)} files in {quarantined} could not be read; the reasons are beside them")
        return Check(summary=f"{waiting} files in {self._config.folder}", warnings=warnings)

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:  # noqa: ARG002 - there is one feed
        """Yield one batch for each new whole file; RetryLater while the folder is away."""
        try:
            files = self._folder.whole(ctx.time_left().total_seconds())
        except OSError as error:
            raise RetryLater(self._unreadable(error)) from None
        self._formats()
        state, how = State.read(cursor), self._how()
        groups: dict[int, list[Found]] = defaultdict(list)
        for file in files:
            groups[bucket_of(file.path.name)].append(file)
        gone = [bucket for bucket in state.left if bucket not in groups]
        for bucket in gone:
            del state.left[bucket]
        for bucket, group in groups.items():
            if state.left.get(bucket) == digest_of((file.sign for file in group), how):
                continue
            stays = []
            for file in group:
                if ctx.time_left().total_seconds() < _SPARE:
                    return
                if (yield from self._one(file, state, how, ctx)):
                    stays.append(file.sign)
            digest = digest_of(stays, how)
            if state.left.get(bucket, "") != digest:
                if digest:
                    state.left[bucket] = digest
                else:
                    del state.left[bucket]
                yield Batch(cursor=state.cursor())

    def _formats(self) -> Mapping[str, Importer]:
        """Return the formats that are read; a plugin is imported when it is first needed, in this process only."""
        if self._importers is None:
            if self._config.formats:
                found = find_formats(self._config.formats)
                self._importers, self._versions = found.importers, found.versions
            else:
                self._importers = built_in_importers()
        return self._importers

    def _unreadable(self, error: OSError) -> str:
        return f"the folder {self._config.folder} cannot be read ({error.strerror}); make it, or correct `folder:`"

    def _one(self, file: Found, state: State, how: str, ctx: Context) -> Generator[Batch, None, bool]:
        """Yield the batch of one file, if it is new; returns whether the file stays in the folder."""
        path = file.path
        hints = hints_of(self._config)
        importers = self._formats()
        try:
            with open_file(path, follow=False) as opened:
                mark = mark_of(fingerprint(opened), how)
            if mark not in state.seen:
                # Read once for what is wrong with it: a refusal in mid-batch would end the run, and with it the folder.
                plan = read_file(path, importers, hints, at=ctx.tick, preview=0, follow=False)
                state.remember(mark)
                yield Batch(records=_records(path, importers, hints, ctx), cursor=state.cursor())
                told = f"{path.name}: {plan.rows} rows by {plan.importer}, {plan.how}"
                ctx.log.info("%s", "; ".join([told, *plan.notes]))
        except FileRefused as refused:
            if not path.exists():
                return False
            return self._refuse(path, str(refused), ctx)
        # What is yielded is durable when this goes on; a crash before the move finds the mark in the cursor.
        if self._config.after is After.LEAVE:
            return True
        try:
            self._folder.put_away(path, "done")
        except FileNotFoundError:
            return False
        except OSError as error:
            ctx.log.warning("%s was read but cannot be moved (%s): it is left", path.name, error.strerror)
            return True
        return False

    def _refuse(self, path: Path, why: str, ctx: Context) -> bool:
        ctx.log.warning("%s was refused: %s", path.name, why)
        if self._config.after is After.LEAVE:
            return True
        note = (
            f"flowd could not read {path.name}, and kept nothing of it.\n\n{why}\n\n"
            f"When that is put right, move the file back to {self._config.folder}.\n"
        )
        try:
            self._folder.put_away(path, "quarantine", note)
        except OSError as error:
            ctx.log.warning("%s cannot be moved to quarantine (%s): it is left", path.name, error.strerror)
            return True
        return False

    def _how(self) -> str:
        """Return what decides how a file is read: when it changes, files are worth reading again."""
        config = self._config
        own = []
        if config.profiles is not None and config.profiles.is_dir():
            own = [path.read_text("utf-8", errors="replace") for path in sorted(config.profiles.glob("*.y*ml"))]
        what = config.model_dump(mode="json", include={"account", "currency", "profile", "accounts"})
        return json.dumps([__version__, what, own, *self._versions.values()], sort_keys=True)


def _records(path: Path, importers: Mapping[str, Importer], hints: Hints, ctx: Context) -> Iterator[Record]:
    with open_file(path, follow=False) as file:
        yield from FileImport(file, path, importers, hints, ctx.tick).records()
