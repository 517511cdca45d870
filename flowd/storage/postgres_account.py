"""Decides which system account runs the embedded PostgreSQL, because PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Final

from flowd.errors import DatabaseUnusable

PREFERRED: Final = ("flowd",)
LAST_RESORT: Final = "nobody"
_CAPABILITY: Final = "+dac_read_search"


class Reach(Enum):
    """How the account gets at the programs and the data folder."""

    PLAIN = "by ordinary permissions"
    CAPABILITY = "with the right to pass through closed folders (CAP_DAC_READ_SEARCH)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who runs PostgreSQL: the user flowd runs as, or, where that is root, a system account."""

    name: str
    uid: int
    gid: int
    drop: bool
    reach: Reach = Reach.PLAIN

    def own(self, path: Path) -> None:
        """Give the path to the account; nothing to do where flowd runs as that account already."""
        if self.drop:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def popen(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.PIPE,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program as this account, in a session of its own so that Ctrl-C reaches flowd alone."""
        words = [str(word) for word in argv]
        environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC", **(environ or {})}
        if self.drop and self.reach is Reach.CAPABILITY:
            words = [
                _setpriv(),
                f"--reuid={self.uid}",
                f"--regid={self.gid}",
                "--clear-groups",
                # without this the kernel leaves the capability out when a program only asks whether it may (access(2))
                "--securebits=+no_setuid_fixup",
                f"--inh-caps=-all,{_CAPABILITY}",
                f"--ambient-caps=-all,{_CAPABILITY}",
                f"--bounding-set=-all,{_CAPABILITY}",
                "--",
                *words,
            ]
            return subprocess.Popen(
                words, cwd=cwd, stdin=stdin, stdout=stdout, stderr=subprocess.STDOUT, env=environment,
                start_new_session=True, umask=0o077,
            )  # fmt: skip
        return subprocess.Popen(
            words, cwd=cwd, stdin=stdin, stdout=stdout, stderr=subprocess.STDOUT, env=environment,
            start_new_session=True, umask=0o077,
            user=self.uid if self.drop else None, group=self.gid if self.drop else None,
            extra_groups=[] if self.drop else None,
        )  # fmt: skip

    def run(self, argv: Sequence[str | Path], *, cwd: Path, text: str = "", within: float = 120.0) -> tuple[int, str]:
        """Run a program to its end; gives the exit code and what it printed (both streams)."""
        with self.popen(argv, cwd=cwd, stdin=subprocess.PIPE) as process:
            try:
                output, _ = process.communicate(text.encode(), timeout=within)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                return -1, f"{output.decode(errors='replace')}\n{argv[0]} did not end within {within:g} s"
        return process.returncode, output.decode(errors="replace")


def choose_account(folder: Path, programs: Path) -> Account:
    """Choose who runs PostgreSQL for this folder with these programs (the wheel's `pginstall` folder).

    As an ordinary user: that user. As root: the system account `flowd` (made where `useradd` is), else `nobody`.
    Where that account cannot reach the folder or the programs, it gets one capability, CAP_DAC_READ_SEARCH, and no
    permission is changed. Raises DatabaseUnusable, naming the folder and the fix, where neither works.
    """
    if os.geteuid() != 0:
        me = os.geteuid()
        return Account(name=_name_of(me), uid=me, gid=os.getegid(), drop=False)
    entry = _system_account()
    account = Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, drop=True)
    plain = _reaches(account, folder, programs)
    if plain is None:
        return account
    closed = _closed_folder(account, folder) or _closed_folder(account, programs) or folder
    if shutil.which("setpriv") is None:
        raise DatabaseUnusable(_cannot_reach(account, closed, "setpriv (package util-linux) is not installed"))
    lifted = Account(name=account.name, uid=account.uid, gid=account.gid, drop=True, reach=Reach.CAPABILITY)
    refused = _reaches(lifted, folder, programs)
    if refused is not None:
        raise DatabaseUnusable(_cannot_reach(account, closed, refused))
    return lifted


def _reaches(account: Account, folder: Path, programs: Path) -> str | None:
    """Try it for real: None if the account can run the server and stand in the folder, else what the system said."""
    probe = 'test -x "$1" && test -r "$2" && test -x "$3" && "$1" --version'
    words: list[str | Path] = [
        "/bin/sh",
        "-c",
        probe,
        "sh",
        programs / "bin/postgres",
        programs / "share/postgres.bki",
        folder,
    ]
    try:
        code, said = account.run(words, cwd=Path("/"), within=20.0)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return None if code == 0 else (said.strip() or "permission denied")


def _closed_folder(account: Account, path: Path) -> Path | None:
    """The first folder on the way to the path that the account may not pass, as far as the mode bits tell."""
    for part in [*reversed(path.resolve().parents), path.resolve()]:
        try:
            status = part.stat()
        except OSError:
            return part
        bit = 0o100 if status.st_uid == account.uid else 0o010 if status.st_gid == account.gid else 0o001
        if not status.st_mode & bit:
            return part
    return None


def _cannot_reach(account: Account, closed: Path, reason: str) -> str:
    return (
        f"PostgreSQL cannot run as root, and the system account {account.name!r} cannot pass the folder {closed} "
        f"({reason}). "
        f"Either let it pass (chmod o+x {closed}), or move flowd and its data (for example to /opt/flowd and "
        f"/var/lib/flowd), or run flowd as an ordinary user, or name a server in database.url."
    )


def _system_account() -> pwd.struct_passwd:
    for name in PREFERRED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is not None:
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin",
             PREFERRED[0]],
            check=False, capture_output=True, timeout=20,
        )  # fmt: skip
    for name in (*PREFERRED, LAST_RESORT):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseUnusable(
        "PostgreSQL cannot run as root and there is no account to run it as: make one with "
        "`useradd --system flowd`, or run flowd as an ordinary user, or name a server in database.url."
    )


def _setpriv() -> str:
    found = shutil.which("setpriv")
    assert found is not None
    return found


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run a number that has no entry
        return str(uid)
