"""The Dockerfile keeps what its comments promise."""

from __future__ import annotations

import re
from pathlib import Path

from tests.meta.test_compose import SERVICES

ROOT = Path(__file__).parents[2]


def test_the_image_is_built_in_two_stages_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    stages = re.split(r"^FROM ", text, flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    assert all(stage.startswith("python:3.11-slim-") for stage in stages)
    assert "--require-hashes" in stages[0]
    last = stages[1]
    assert "COPY --from=build" in last
    (user,) = re.findall(r"^USER (\S+)$", last, flags=re.MULTILINE)
    assert user == SERVICES["flowd"]["user"]
    assert "HEALTHCHECK" in last
    assert not re.search(r"apt-get|gcc|pip install", last)


def test_nobody_elses_flowd_is_installed() -> None:
    """The public registry has a package of this name; the plugins' dependency on flowd must not be looked up there."""
    locked = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert len(locked) > 20
    assert not [name for name in locked if name.startswith("flowd")]
    installs = re.findall(r"pip install .*", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert installs
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
