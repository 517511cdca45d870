"""Secrets in files and systemd credentials: what is read, what is refused at once, what is warned of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowd.config import ConfigProblems, load_settings
from flowd.secrets import Kind, Reference, SecretMissing, Sources, read

HEAD = "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"


def of_file(folder: Path, name: str) -> tuple[str, tuple[str, str] | None]:
    secret, warning = read(Reference(kind=Kind.FILE, name=name), Sources(environ={}, folder=folder))
    return secret.get_secret_value(), warning


def test_a_private_file_is_read_from_the_folder_of_flowd_yaml(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    assert of_file(tmp_path, "./key") == ("s3cret", None)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o700])
def test_a_file_wider_than_0600_is_warned_of(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret")
    file.chmod(mode)
    value, warning = of_file(tmp_path, str(file))
    assert value == "s3cret"
    assert warning is not None
    assert warning[1] == f"chmod 600 {file}"


def test_what_is_no_secret_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "big").write_bytes(b"x" * 70_000)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").write_text("\n")
    said = {}
    for name in ("pipe", "big", "binary", "empty", ".", "gone"):
        with pytest.raises(SecretMissing) as caught:
            of_file(tmp_path, name)
        said[name] = str(caught.value)
    assert "not a file" in said["pipe"]
    assert "limit 65536" in said["big"]
    assert "not UTF-8" in said["binary"]
    assert "is empty" in said["empty"]
    assert "not a file" in said["."]
    assert "does not exist" in said["gone"]


def test_a_systemd_credential_is_read_from_its_directory(tmp_path: Path) -> None:
    (tmp_path / "bank").write_text("s3cret\n")
    sources = Sources(environ={"CREDENTIALS_DIRECTORY": str(tmp_path)}, folder=Path("/nowhere"))
    secret, warning = read(Reference(kind=Kind.CREDENTIAL, name="bank"), sources)
    assert (secret.get_secret_value(), warning) == ("s3cret", None)


def test_settings_name_the_line_of_a_missing_secret_file_and_warn_of_an_open_one(tmp_path: Path) -> None:
    file = tmp_path / "flowd.yaml"
    file.write_text(HEAD + "database:\n  url: {file: ./dsn}\n")
    with pytest.raises(ConfigProblems) as caught:
        load_settings(file, {})
    [problem] = caught.value.problems
    assert (problem.line, problem.column, problem.where) == (3, 8, "database.url")
    (tmp_path / "dsn").write_text("postgresql://u:p@h/d\n")
    (tmp_path / "dsn").chmod(0o644)
    settings = load_settings(file, {})
    assert settings.database.url is not None
    assert settings.database.url.get_secret_value() == "postgresql://u:p@h/d"
    assert [warning.where for warning in settings.warnings] == ["database.url"]
