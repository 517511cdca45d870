"""Files in the formats of plugins: read in a watched folder by the connection's own process, and by `flowd import`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowd.api import ConfigError
from flowd.edges.cli import flowd
from flowd.engine.retry import Outcome
from flowd.importers.files.formats import find_formats
from tests.engine_rig import TICK, engine
from tests.integration.test_import_engine import put, watching
from tests.plugins.format_on_disk import install

FILE = "LINES\n2026-01-31 12.50\n2026-02-28 13.50\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on sys.path with two plugins: `lines` reads files, `mute` does not."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, "lines")
    install(folder, "mute", reads=False)
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in ("flowd_lines", "flowd_mute"):
        sys.modules.pop(name, None)


def test_formats_are_found_by_the_names_of_their_plugins(site: Path) -> None:
    found = find_formats(["lines"], path=[str(site)])
    assert set(found.importers) == {*find_formats([], path=[str(site)]).importers, "lines-of-lines"}
    assert found.versions == {"lines": "flowd-lines 1.0"}
    with pytest.raises(ConfigError, match=r"no plugin 'lnies' is installed; installed here: lines, mute"):
        find_formats(["lines", "lnies"], path=[str(site)])
    with pytest.raises(ConfigError, match="mute reads no files"):
        find_formats(["mute"], path=[str(site)])
    (site / "flowd_lines.py").write_text("import flowd_nowhere")
    sys.modules.pop("flowd_lines", None)
    with pytest.raises(ConfigError, match="the plugin lines cannot be used: it needs the module flowd_nowhere"):
        find_formats(["lines"], path=[str(site)])


def test_a_watched_folder_reads_a_plugins_format_in_its_own_process(tmp_path: Path, site: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    put(inbox, "june.lines", FILE)
    put(inbox, "bank.csv", "date,text,amount\n2023-01-31,Pay,1500.00\n")
    with engine(tmp_path, environ={**os.environ, "PYTHONPATH": str(site)}) as rig:
        rig.add(watching(inbox, formats=["lines"]))
        result = rig.runner.run_once("inbox", "inbox", TICK)
        assert result.outcome is Outcome.DONE, result.message
        kept = [batch for batch in rig.store.batches if sum(int(f.head.get("records", 0)) for f in batch.frames)]
        assert len(kept) == 2
        rig.add(replace(watching(inbox, formats=["nowhere"]), name="inbox"))
        result = rig.runner.run_once("inbox", "inbox", TICK)
        assert result.outcome is Outcome.CONFIG
        assert "no plugin 'nowhere' is installed; installed here:" in result.message
    assert "flowd_lines" not in sys.modules
    assert sorted(path.name for path in (inbox / "done").glob("*")) == ["bank.csv", "june.lines"]


@pytest.mark.parametrize("how", ["--format", "formats:", "plugins:"])
def test_flowd_import_reads_a_plugins_format(tmp_path: Path, site: Path, how: str) -> None:
    (tmp_path / "june.lines").write_text(FILE)
    (tmp_path / "flowd.yaml").write_text(
        "tenant: {base_currency: EUR, timezone: Europe/Berlin}\n"
        "database: {embedded: ./db}\n"
        f"state: {tmp_path}/var\n"
        + ("plugins: [lines]\n" if how == "plugins:" else "")
        + "connections:\n  inbox: {type: files, config: {folder: ., account: news"
        + (", formats: lines" if how == "formats:" else "")
        + "}}\n"
    )
    arguments = ["-c", str(tmp_path / "flowd.yaml"), "import", "--dry-run", str(tmp_path / "june.lines")]
    if how == "--format":
        refused = CliRunner().invoke(flowd, [*arguments, "--format", "csv"])
        assert refused.exit_code == 1
        assert "refused" in refused.output
        unknown = CliRunner().invoke(flowd, [*arguments, "--format", "lnies"])
        assert isinstance(unknown.exception, ConfigError)
        assert "no plugin 'lnies' is installed" in str(unknown.exception)
        arguments += ["--format", "lines"]
    done = CliRunner().invoke(flowd, arguments)
    assert done.exit_code == 0, done.output
    assert "2 rows, 2026-01-31 to 2026-02-28, account news (2)" in done.output
    assert "13.50" in done.output
