"""The Dockerfile keeps what its comments promise, and what is copied for it is enough to install flowd and no more."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.meta.test_compose import SERVICES

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BUILD, LAST = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
COPIED = [name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", BUILD, re.MULTILINE) for name in line.split()]
PATTERNS = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]


def reaches_docker(path: str) -> bool:
    """Whether .dockerignore lets a file through: the last pattern that fits it or a folder above it decides."""
    passes = True
    parts = path.split("/")
    parents = [parts[:count] for count in range(1, len(parts) + 1)]
    for pattern in PATTERNS:
        plain = pattern.removeprefix("!").split("/")
        names = [each[-1:] for each in parents] if plain[0] == "**" else parents
        wanted = plain[1:] if plain[0] == "**" else plain
        if any(len(each) == len(wanted) and all(map(fnmatch.fnmatchcase, each, wanted)) for each in names):
            passes = pattern.startswith("!")
    return passes


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """The files of the repository, as git knows them, or as they lie there where git is not."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        pytest.skip("this copy is not a git repository")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).exists()]


def locked(name: str) -> dict[str, str]:
    """Every package of a lock file with its version and hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return {found[1]: found[0].strip() for found in re.finditer(r"^([a-z0-9-]+)==(?:.*\\\n)*.*$", text, re.MULTILINE)}


def test_it_is_built_in_two_stages_and_runs_as_nobody_special() -> None:
    assert BUILD.startswith("python:3.11-slim-")
    assert BUILD.split()[0] == LAST.split()[0], "what is built for another system does not run"
    assert "--require-hashes" in BUILD
    assert "COPY --from=build" in LAST
    (user,) = re.findall(r"^USER (\S+)$", LAST, flags=re.MULTILINE)
    assert user == SERVICES["flowd"]["user"]
    assert f"--uid {user.split(':')[0]} " in LAST, "PostgreSQL's tools ask for the name of their account"
    assert not re.search(r"apt-get|gcc|pip install|^ADD", LAST, flags=re.MULTILINE)
    config = SERVICES["flowd"]["environment"]["FLOWD_CONFIG"]
    assert f" FLOWD_CONFIG={config} " in LAST, "`docker compose exec flowd flowd status` finds it, too"


def test_it_says_when_it_is_healthy_and_stops_when_asked() -> None:
    assert "HEALTHCHECK" in LAST
    assert "STOPSIGNAL SIGTERM" in LAST
    assert 'ENTRYPOINT ["flowd"]' in LAST, "a shell in between would keep the signal to itself"


def test_only_what_is_copied_reaches_docker(tracked: list[str]) -> None:
    passing = [path for path in tracked if reaches_docker(path)]
    assert {path.split("/")[0] for path in passing} == set(COPIED)
    plugins_tests = re.compile(r"plugins/[^/]+/tests/")
    assert set(passing) == {path for path in tracked if path.split("/")[0] in COPIED and not plugins_tests.match(path)}


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "compose/secrets/flowd_database_url",
        "var/db/data/PG_VERSION",
        "inbox/statement.csv",
        ".git/config",
        "plugins/stripe/build/lib/flowd_stripe/__init__.py",
        "plugins/stripe/tests/test_client.py",
        "flowd/__pycache__/errors.cpython-311.pyc",
        "plugins/demo/flowd_demo.egg-info/PKG-INFO",
        "flowd.yaml",
    ],
)
def test_what_is_private_or_left_over_does_not(path: str) -> None:
    assert not reaches_docker(path)


def test_what_runs_is_pinned_and_hashed_and_a_part_of_what_was_tested() -> None:
    tested, run = locked("requirements.lock"), locked("requirements.run.lock")
    assert len(run) > 20
    assert {name: tested.get(name) for name in run} == run, "run: make lock"
    assert not {"mypy", "pytest", "ruff", "hypothesis", "grafana-foundation-sdk"} & set(run)
    assert all("--hash=sha256:" in each for each in run.values())


def test_everything_that_flowd_and_its_plugins_need_is_in_it() -> None:
    run = set(locked("requirements.run.lock"))
    ours = [
        re.findall(r'^name = "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)[0]
        for path in [ROOT / "pyproject.toml", *(ROOT / "plugins").glob("*/pyproject.toml")]
    ]
    seen: set[str] = set()
    todo = [(name, "") for name in ours]
    while todo:
        name, extra = todo.pop()
        for line in requires(name) or []:
            one = Requirement(line)
            if one.marker is None or one.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(one.name)
                todo += [(needed, each) for each in ("", *one.extras)] if needed not in seen else []
                seen.add(needed)
    assert seen - set(ours) <= run, "run: make lock"


def test_nobody_elses_flowd_is_installed() -> None:
    """The public registry has a package of this name; the plugins' dependency on flowd must not be looked up there."""
    for name in ("requirements.lock", "requirements.run.lock"):
        assert not [each for each in locked(name) if each.startswith("flowd")]
    installs = re.findall(r"pip install .*", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)


def test_what_is_copied_is_enough_to_install_it(tracked: list[str], tmp_path: Path) -> None:
    """From a tree with nothing else in it: SQL, templates and the marks for type checkers are there, too."""
    source, site = tmp_path / "source", tmp_path / "site"
    for path in filter(reaches_docker, tracked):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, source / path, follow_symlinks=False)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [
            *install,
            "--disable-pip-version-check",
            "--no-compile",
            "--target",
            site,
            source,
            source / "plugins" / "demo",
        ],
        check=True,
        cwd=tmp_path,
        timeout=120,
    )
    suffixes = {".py", ".sql", ".in", ".yaml", ".typed"}
    wanted = {path for path in tracked if path.startswith("flowd/") and Path(path).suffix in suffixes}
    sql = [path for path in tracked if path.startswith("timescale/") and path.endswith(".sql")]
    wanted |= {path.replace("timescale/", "flowd/_timescale/", 1) for path in sql}
    assert {path for path in wanted if not (site / path).exists()} == set()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import flowd, flowd_demo, flowd.edges.cli as cli; print(flowd.__file__); cli.main()",
            "--version",
        ],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[0] == str(site / "flowd" / "__init__.py")
    assert "version" in done.stdout.splitlines()[1]


def test_every_plugin_is_installed(tracked: list[str]) -> None:
    """Where the Dockerfile looks for plugins there is every one, with the packages it names and its README."""
    assert "find plugins -mindepth 2 -maxdepth 2 -name pyproject.toml" in BUILD
    projects = [path for path in tracked if re.fullmatch(r"plugins/[^/]+/pyproject\.toml", path)]
    assert len(projects) >= 15
    for path in projects:
        folder = Path(path).parent
        named = re.findall(r'"(flowd_[\w.]+)"', re.findall(r"packages = \[(.*)\]", (ROOT / path).read_text())[0])
        needed = [folder / "README.md", *(folder / each.replace(".", "/") / "__init__.py" for each in named)]
        assert named
        assert all(each.as_posix() in tracked and reaches_docker(each.as_posix()) for each in needed), needed
