"""`flowd backup` and `flowd restore` as a person uses them: on flowd's own server, into a folder, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flowd.edges.cli import flowd

STATEMENT = """\
Date,Amount,Description
2026-01-30,3100.00,Salary ACME
2026-02-02,-12.50,Coffee
2026-02-27,3100.00,Salary ACME
"""


class Home:
    """A flowd.yaml in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.config = folder / "flowd.yaml"
        self.config.write_text(
            "tenant: {name: home, base_currency: EUR, timezone: Europe/Berlin}\n"
            f"database: {{embedded: {json.dumps(str(folder / 'db'))}}}\nstate: {json.dumps(str(folder / 'var'))}\n"
        )

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(flowd, ["-c", str(self.config), *arguments])

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.stdout)


@pytest.mark.timeout(120)
def test_from_one_machine_to_another(tmp_path: Path) -> None:
    old, new = Home(tmp_path / "old"), Home(tmp_path / "new")
    (tmp_path / "bank.csv").write_text(STATEMENT)
    old.json("import", str(tmp_path / "bank.csv"), "--account", "giro", "--currency", "EUR")
    months = old.json("income", "--by", "month", "--since", "2026-01-01")
    assert months
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("flowd-home-20250101-000000.zip", "flowd-home-20250102-000000.zip", "flowd-other-20250101-000000.zip"):
        (folder / name).write_bytes(b"")
    made = old.json("backup", str(folder), "--keep", "2")
    assert made["deleted"] == [str(folder / "flowd-home-20250101-000000.zip")]
    assert Path(made["file"]).stat().st_size == made["bytes"]
    assert {"flowd-other-20250101-000000.zip", Path(made["file"]).name} < {path.name for path in folder.iterdir()}
    checked = new.run("restore", made["file"], "--check")
    assert checked.exit_code == 0
    assert "is whole" in checked.stdout
    restored = new.json("restore", made["file"])
    assert restored["rows"] == made["rows"] > 3
    assert new.json("income", "--by", "month", "--since", "2026-01-01") == months
    again = new.run("restore", made["file"])
    assert again.exit_code == 1
    assert isinstance(again.exception, Exception)
    assert "the store is not empty" in str(again.exception)
    assert new.run("backup", str(tmp_path / "x.zip"), "--keep", "2").exit_code == 2
