"""The check that recorded answers give the expected records: golden files, one for each feed."""

from __future__ import annotations

import difflib
import os

from flowd.edges.record_lines import line
from flowd.testing.cases import case_files
from flowd.testing.suite_setup import ConnectorSetup

#: Set by `flowd plugin test --update`: write the expected records instead of comparing with them.
UPDATE = "FLOWD_UPDATE_CASES"


class CaseChecks(ConnectorSetup):
    """What is yielded for the recorded answers, line by line."""

    def test_cases_give_the_expected_records(self, feed: str) -> None:
        """`cases/expected/FEED.jsonl` holds what the feed yields, one record a line."""
        folder = self.folder / self.cases
        if not case_files(folder):
            return
        expected = folder / "expected" / f"{feed}.jsonl"
        found = [line(record) for record in self.clean(feed)[0].ran.records]
        if os.environ.get(UPDATE):
            expected.parent.mkdir(exist_ok=True)
            expected.write_text("".join(f"{one}\n" for one in found), encoding="utf-8")
            return
        assert expected.exists(), (
            f"there is no {expected}: look at what `flowd plugin test --update` writes, and keep it"
        )
        before = expected.read_text(encoding="utf-8").splitlines()
        changes = list(difflib.unified_diff(before, found, "expected", "now", lineterm="", n=0))[2:22]
        assert before == found, (
            f"{feed} yields other records than {expected.name} says (`flowd plugin test --update` takes them over):\n"
            + "\n".join(changes)
        )
