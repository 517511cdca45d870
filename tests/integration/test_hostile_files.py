"""Files made to hurt are refused by every format: soon, in little memory, with a reason, and never with a crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flowd.importers import FORMATS
from tests.hostile_files import FILES, write

#: MB that a process reading all of them may take at its peak, Python and its libraries included.
MOST = 300
#: Files that are odd and still say something.
READ = {("csv", "quote.csv")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("hostile")
    write(made)
    return made


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", FORMATS)
def test_hostile_files_are_refused(name: str, folder: Path) -> None:
    command = [sys.executable, "-m", "tests.hostile_files", name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["file"] for one in told] == list(FILES)
    wrong = [one for one in told if not one["said"].startswith("refused: ") and (name, one["file"]) not in READ]
    assert not wrong, wrong
    assert all(len(one["said"]) > 40 for one in told)
    assert max(one["megabytes"] for one in told) < MOST
    own = [one for one in told if "no importer knows" not in one["said"]]
    assert len(own) >= 3, "what was made for this format has to be recognised as its own"
