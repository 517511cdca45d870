"""What lies in the folder of an embedded PostgreSQL: the data, its settings, its passwords, its port and its log."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowd.errors import DatabaseUnusable
from flowd.storage.postgres_account import Account

SUPERUSER: Final = "postgres"
LOGINS: Final = (SUPERUSER, "flowd_owner", "flowd_app", "grafana")
DATABASE: Final = "flowd"
SOCKET_LIMIT: Final = 107
_PORTS: Final = range(15432, 25432)  # below the range systems hand out for outgoing connections
_LOG_LIMIT: Final = 8 * 1024 * 1024

SETTINGS: Final[Mapping[str, str]] = {
    # memory: a small machine that is always on
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_connections": "40",
    "jit": "off",
    "io_method": "sync",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "2",
    "temp_file_limit": "8GB",
    "autovacuum": "on",
    "autovacuum_worker_slots": "3",
    "autovacuum_max_workers": "2",
    # durability stays on: what flowd acknowledges is on the disk
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # pglz, the only one the wheel has, costs a fifth of an import's time to save a third of its log
    "wal_compression": "off",
    "wal_buffers": "16MB",
    "min_wal_size": "32MB",
    # room for a large import between two checkpoints, each of which makes every page be logged whole again
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # sessions
    "password_encryption": "scram-sha-256",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "idle_in_transaction_session_timeout": "10min",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
    # log: only what somebody should read
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}

ACCESS: Final = """\
# Written by flowd at every start. Nobody gets in without a password, nobody from outside this machine.
local  all  all                scram-sha-256
host   all  all  127.0.0.1/32  scram-sha-256
host   all  all  ::1/128       scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """The places in one folder; only `data` and `run` belong to the account that runs PostgreSQL."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.folder / "data"

    @property
    def fresh(self) -> Path:
        """Where a new data folder is made; it becomes `data` by one rename when it is complete."""
        return self.folder / "data.new"

    @property
    def lock(self) -> Path:
        """Held by the one flowd that runs this server; its text is that flowd's process id."""
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        """What PostgreSQL had to say."""
        return self.folder / "postgres.log"

    @property
    def settings(self) -> Path:
        """The settings, written anew at every start."""
        return self.folder / "postgresql.conf"

    @property
    def access(self) -> Path:
        """Who may log in from where."""
        return self.folder / "pg_hba.conf"

    @property
    def port(self) -> Path:
        """The port chosen at the first start."""
        return self.folder / "port"

    def password(self, login: str) -> Path:
        """The file with the password of one login."""
        return self.folder / "passwords" / login


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file so that it is never there half written and never readable by others than the mode says."""
    with contextlib.suppress(OSError):
        if path.read_text(encoding="utf-8") == text:
            return  # a full disk must not stop a server that needs no change
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def make_folder(folder: Path, *, as_root: bool) -> None:
    """Make the folder where it is missing; one that is there keeps its permissions.

    For root the new folder may be passed (0711, not listed) by the account that owns `data` inside it; the
    passwords in it stay 0600.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o711 if as_root else 0o700)
    passwords = folder / "passwords"
    if not passwords.is_dir():
        passwords.mkdir(mode=0o700, exist_ok=True)


def passwords(layout: Layout) -> tuple[dict[str, str], bool]:
    """Read the password of every login, making those that are missing; the second value says whether any was made."""
    found: dict[str, str] = {}
    made = False
    for login in LOGINS:
        path = layout.password(login)
        text = path.read_text(encoding="ascii").strip() if path.exists() else ""
        if not text:
            text = secrets.token_urlsafe(24)
            write_private(path, text + "\n")
            made = True
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            path.chmod(0o600)
        found[login] = text
    return found, made


def choose_port(layout: Layout, wanted: int | None) -> int:
    """The port to listen on: the configured one, else the one remembered, else a free one, which is then remembered."""
    if wanted is not None:
        return wanted
    if layout.port.exists():
        text = layout.port.read_text(encoding="ascii", errors="replace").strip()
        if text.isdigit() and 0 < int(text) < 65536:
            return int(text)
    for _ in range(100):
        port = secrets.choice(_PORTS)
        if port_is_free(port):
            write_private(layout.port, f"{port}\n", mode=0o644)
            return port
    raise DatabaseUnusable(
        f"no free port between {_PORTS.start} and {_PORTS.stop - 1} on 127.0.0.1: set database.port in flowd.yaml"
    )


def port_is_free(port: int) -> bool:
    """Whether nobody listens on the port of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def socket_folder(layout: Layout, port: int, account: Account) -> Path:
    """Make and give the folder of the Unix socket: beside the data, or a short one where the path would be too long.

    The folder belongs to the account and is 0700. Raises DatabaseUnusable where somebody else's folder is in the way.
    """
    run = layout.folder / "run"
    # libpq takes a comma for the end of a host
    if len(os.fsencode(run / f".s.PGSQL.{port}")) > SOCKET_LIMIT or "," in str(run):
        name = hashlib.blake2b(os.fsencode(layout.folder), digest_size=8).hexdigest()
        top = Path("/run") if account.drop and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108
        run = top / f"flowd-{account.uid}-{name}"
    run.mkdir(mode=0o700, exist_ok=True)
    status = run.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (os.geteuid(), account.uid):
        raise DatabaseUnusable(f"{run} belongs to somebody else: remove it, or choose a shorter database.embedded path")
    account.own(run)
    run.chmod(0o700)
    return run


def write_settings(layout: Layout, *, port: int, sockets: Path, extra: Mapping[str, str]) -> None:
    """Write postgresql.conf and pg_hba.conf; they hold no secret and the server's account must read them."""
    values = {
        "data_directory": str(layout.data),
        "hba_file": str(layout.access),
        "ident_file": str(layout.data / "pg_ident.conf"),
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": '"' + str(sockets).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "cluster_name": "flowd",
        **SETTINGS,
        **extra,
    }
    lines = ["# Written by flowd at every start: changes made here are lost.\n"]
    for name, value in values.items():
        quoted = value.replace("\\", "\\\\").replace("'", "''")
        lines.append(f"{name} = '{quoted}'\n")
    write_private(layout.settings, "".join(lines), mode=0o644)
    write_private(layout.access, ACCESS, mode=0o644)


def open_log(layout: Layout) -> int:
    """Open the server's log for appending, starting over when it has grown past 8 MB (one older copy is kept)."""
    if layout.log.exists() and layout.log.stat().st_size > _LOG_LIMIT:
        layout.log.replace(layout.log.with_name("postgres.log.1"))
    return os.open(layout.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def sockets_in(settings: str) -> Path:
    """The folder of the Unix socket that a settings file written by `write_settings` names."""
    for line in settings.splitlines():
        if line.startswith("unix_socket_directories = '"):
            value = line.partition("= '")[2].removesuffix("'").replace("''", "'").replace("\\\\", "\\")
            return Path(value.strip('"').replace('""', '"'))
    raise DatabaseUnusable("the settings file of the database names no socket: start flowd again")
