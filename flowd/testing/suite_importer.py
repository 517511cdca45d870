"""The suite of importers: their own files are known and read the same each time, damaged ones refused in words."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final

from flowd.api import Batch, FileRefused, Hints, Importer
from flowd.edges.record_lines import line
from flowd.errors import BatchRefused
from flowd.storage.packing import pack
from flowd.testing.rows import content_of, key_of, name_of, rows
from flowd.testing.suite_cases import UPDATE
from flowd.testing.suite_plugin import PluginChecks

#: How much of a file an importer is shown to say whether it is its own.
HEAD: Final = 64 * 1024
_FOREIGN: Final = {
    "empty.csv": b"",
    "statement.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "photo.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "archive.zip": b"PK\x03\x04" + bytes(64),
    "page.html": b"<!doctype html><html><body>Please log in</body></html>",
    "letter.txt": b"Dear Sir or Madam,\n\nplease find enclosed nothing at all.\n",
    "noise.bin": bytes(range(256)) * 16,
}


class ImporterSuite(PluginChecks):
    """What every importer must do; sample files lie in `cases/`, what they become in `cases/expected/FILE.jsonl`."""

    kind = "importer"
    importer: ClassVar[Importer]
    hints: ClassVar[Hints] = Hints(account="main", asset="EUR")

    def subject(self) -> Importer:
        """Return the importer."""
        return self.importer

    def files(self) -> list[Path]:
        """Return the sample files."""
        folder = self.folder / self.cases
        return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []

    def test_there_are_samples(self) -> None:
        """At least one file to read."""
        assert self.files(), f"put a sample file into {self.folder / self.cases}"

    def test_it_knows_its_own_files_and_no_others(self) -> None:
        """identify() is above a half for samples, below for what is something else, and never outside of 0 to 1."""
        for path in self.files():
            sure = self.importer.identify(path.name, path.read_bytes()[:HEAD])
            assert 0.5 < sure <= 1, f"{path.name} is its own, it says {sure}"
        for name, content in _FOREIGN.items():
            sure = self.importer.identify(name, content)
            assert 0 <= sure <= 0.5, f"{name} is none of its own, it says {sure}"

    def test_samples_give_the_expected_records(self) -> None:
        """What `cases/expected/FILE.jsonl` says; `flowd plugin test --update` writes it."""
        for path in self.files():
            expected = path.parent / "expected" / f"{path.name}.jsonl"
            found = [line(record) for batch in self._parsed(path.read_bytes()) for record in batch.records]
            if os.environ.get(UPDATE):
                expected.parent.mkdir(exist_ok=True)
                expected.write_text("".join(f"{one}\n" for one in found), encoding="utf-8")
                continue
            assert expected.exists(), f"there is no {expected}: `flowd plugin test --update` writes it"
            before = expected.read_text(encoding="utf-8").splitlines()
            changes = list(difflib.unified_diff(before, found, "expected", "now", lineterm="", n=0))[2:22]
            assert before == found, f"{path.name} gives other records than {expected.name} says:\n" + "\n".join(changes)

    def test_rows_are_sound(self) -> None:
        """The store takes every record, and no id stands for two things."""
        for path in self.files():
            for batch in self._parsed(path.read_bytes()):
                seen: dict[Any, str] = {}
                for record in batch.records:
                    if getattr(record, "external_id", "") is None:
                        continue
                    content = content_of(record)
                    assert seen.setdefault(key_of(record), content) == content, (
                        f"{path.name}: {name_of(record)} stands twice, with two contents"
                    )

    def test_reading_twice_changes_nothing(self) -> None:
        """The same file gives the same rows again."""
        for path in self.files():
            first, second = (rows(self._parsed(path.read_bytes())) for _ in range(2))
            assert first == second, f"{path.name} gives other rows when it is read again"

    def test_a_damaged_file_is_refused_in_words(self) -> None:
        """Cut off, emptied, mixed with noise or with another file: FileRefused with a reason, or rows; no crash."""
        for path in self.files():
            for name, content in _damaged(path.read_bytes()):
                try:
                    self._parsed(content)
                except FileRefused as error:
                    assert len(str(error)) > 10, f"{path.name}, {name}: the reason is {str(error)!r}"
                except BatchRefused as error:
                    raise AssertionError(f"{path.name}, {name}: the store refuses what was read: {error}") from error
                except Exception as error:
                    raise AssertionError(
                        f"{path.name}, {name}: it raised {type(error).__name__}: {error}; raise FileRefused with line "
                        "and reason"
                    ) from error

    def test_what_is_no_such_file_is_refused(self) -> None:
        """Handed a file of another kind, it says so."""
        for name, content in _FOREIGN.items():
            if not content:
                continue
            try:
                found = [record for batch in self._parsed(content) for record in batch.records]
            except FileRefused:
                continue
            except Exception as error:
                raise AssertionError(f"{name}: it raised {type(error).__name__}: {error}; raise FileRefused") from error
            assert not found, f"{name} became {len(found)} records"

    def _parsed(self, content: bytes) -> list[Batch]:
        done = []
        for batch in self.importer.parse(BytesIO(content), self.hints):
            records = list(batch.records)
            kept = Batch(records=records, cursor=batch.cursor, covers=batch.covers)
            for _ in pack(kept, connection="test"):
                pass
            done.append(kept)
        return done


def _damaged(content: bytes) -> Iterator[tuple[str, bytes]]:
    for share in (3, 2, 1):
        yield f"cut off after {share}/4", content[: len(content) * share // 4]
    middle = len(content) // 2
    yield "empty", b""
    yield "a NUL in the middle", content[:middle] + b"\x00" + content[middle:]
    yield "noise in the middle", content[:middle] + bytes(range(128, 256)) + content[middle:]
    yield "an emoji in the middle", content[:middle] + "🦊".encode() + content[middle:]
    yield "twice", content + content
    yield "every digit an x", content.translate(bytes.maketrans(b"0123456789", b"xxxxxxxxxx"))
    yield "every digit a 9", content.translate(bytes.maketrans(b"012345678", b"999999999"))
