"""The `csv` importer: a profile where one is known or named, a guess in words where not, a refusal with reason else."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import Batch, ConfigError, FileRefused, Hints
from flowd.importers.delimited.catalogue import Catalogue, built_in, check_profile, read_profile, write_profile
from flowd.importers.delimited.encoding import Encoding, decide_encoding
from flowd.importers.delimited.guess import ENOUGH, Guess, NoGuess, file_name, guess, in_words, settle
from flowd.importers.delimited.lines import Lines
from flowd.importers.delimited.profile import AUTO, Numbers, Profile
from flowd.importers.delimited.rows import Rows
from flowd.importers.delimited.sheet import DELIMITERS, Row, Sheet, look, open_rows, split

_ISO: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_COMMA: Final = re.compile(r"-?[\d.]+,\d\d")
_SAMPLE_LINES: Final = 1000
_SAMPLE_SIGNS: Final = 1 << 18
#: How other formats begin; they have their own importers.
_OTHERS: Final = (
    b"OFXHEADER",
    b"<",
    b"{",
    b"[",
    b"!Type",
    b"!Account",
    b":20:",
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file is going to be read: in words, how sure, and the rows; `notes` is complete once they were read."""

    summary: str
    sure: float
    profile: Profile
    guessed: bool
    rows: Rows

    @property
    def notes(self) -> Sequence[str]:
        """What had to be said while the rows were read."""
        return self.rows.notes

    @property
    def label(self) -> str:
        """The profile's name, or `guessed`."""
        return self.profile.name

    def batches(self) -> Iterator[Batch]:
        """Yield the whole file as one batch, streamed."""
        yield Batch(records=self.rows)


class CsvImporter:
    """Reads delimited text of any bank."""

    name = "csv"

    def __init__(self, profiles: Catalogue | None = None) -> None:
        self._profiles = profiles

    def identify(self, name: str, head: bytes) -> float:
        """Return how sure it is that the file called `name`, beginning with `head`, is a bank's table of text."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start or start.startswith(_OTHERS):
            return 0.0
        named = Path(name).suffix.lower() in {".csv", ".tsv", ".tab", ".asc", ".txt", ".dat", ".prn", ".xls"}
        text = _decode(head)
        if text is None:
            return 0.2 if named else 0.0
        if re.match(r"\{1:|:\d\d[A-Z]?:", text):
            return 0.0
        lines = text.splitlines(keepends=True)
        lines = lines[:-1] if len(lines) > 2 else lines
        if self._catalogue(Hints()).match(name, _by_delimiter(lines)) is not None:
            return 0.95
        sheet = look(lines[:60])
        if sheet is None:
            return 0.2 if named else 0.0
        return 0.8 if named else 0.5

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        """Yield the file as one batch; FileRefused with line and reason."""
        return self.plan(file, hints).batches()

    def plan(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say how `file` (seekable) will be read; FileRefused, with what was guessed and a profile to complete."""
        chosen = self._named(hints)
        found = None if chosen is not None and chosen.encoding else decide_encoding(file)
        encoding = found.name if found is not None else (chosen and chosen.encoding) or "utf-8"
        if chosen is None:
            lines = _sample(file, encoding)
            chosen = self._catalogue(hints).match(file_name(file), _by_delimiter(lines))
            if chosen is None:
                return self._guess(file, found or Encoding(name=encoding, sure=1.0, why=""), lines, hints)
        return _known(file, chosen.encoding or encoding, chosen, hints)

    def plan_cells(self, file: BinaryIO, hints: Hints) -> Reading:
        """Say how the sheet of a workbook, written as UTF-8 with commas, will be read; as `plan` otherwise."""
        lines = _sample(file, "utf-8")
        rows = split(lines[:40], ",")
        chosen = self._named(hints) or self._catalogue(hints).match("", dict.fromkeys(DELIMITERS, rows))
        if chosen is None:
            return self._guess(file, Encoding(name="utf-8", sure=1.0, why=""), lines, hints, (",",))
        return _known(file, "utf-8", _for_cells(chosen, lines), hints)

    def _catalogue(self, hints: Hints) -> Catalogue:
        catalogue = self._profiles or built_in()
        folder = hints.options.get("profiles")
        return catalogue.with_folder(Path(str(folder))) if folder is not None else catalogue

    def _named(self, hints: Hints) -> Profile | None:
        inline = hints.options.get("profile")
        if isinstance(inline, Mapping):
            return check_profile({"name": "inline", **inline}, "profile")
        if hints.profile is None:
            return None
        if hints.profile.endswith((".yaml", ".yml")):
            path = Path(hints.profile)
            try:
                return read_profile(path.read_text("utf-8"), str(path))
            except OSError as error:
                raise ConfigError(f"the profile {path} cannot be read: {error.strerror}") from None
        return self._catalogue(hints).get(hints.profile)

    def _guess(
        self,
        file: BinaryIO,
        encoding: Encoding,
        lines: Sequence[str],
        hints: Hints,
        delimiters: Sequence[str] = DELIMITERS,
    ) -> Reading:
        sheet = look(lines, delimiters)
        if sheet is None:
            raise FileRefused(
                f"{_longest(lines)}no table of dates and amounts is seen, whatever sign is taken between columns; "
                f"if it is one, write a profile for it: {_template(None)}"
            )
        # Lazily: the rest of the file is only asked where the sample leaves something open.
        result = guess(sheet, encoding.name, hints, _rows(file, encoding.name, sheet))
        if isinstance(result, NoGuess):
            raise FileRefused(f"{result.reason}; write a profile for this file: {_template(None)}")
        words = (f"{encoding.name} ({encoding.why})", *result.words) if encoding.why else result.words
        sure = min(result.sure, encoding.sure)
        if sure < ENOUGH:
            raise FileRefused(
                f"too unsure to read it ({sure:.0%}): {in_words(words)}. Complete this profile and name it:\n"
                f"{write_profile(result.profile)}"
            )
        return self._reading(Guess(profile=result.profile, words=words, sure=sure), file, encoding.name, sheet, hints)

    def _reading(self, result: Guess, file: BinaryIO, encoding: str, sheet: Sheet, hints: Hints) -> Reading:
        profile, watch = result.profile, None
        if hints.insists and profile.columns.account is not None:
            # What the user says of a file weighs more than a column that only looks like an account.
            column = profile.columns.account
            watch = next(seen.index for seen in sheet.columns if column in (seen.name, seen.index + 1))
            fields = profile.columns.model_copy(update={"account": None})
            profile = profile.model_copy(update={"columns": fields})
        rows = Rows(file=file, encoding=encoding, profile=profile, hints=hints, watch=watch)
        return Reading(
            summary=f"guessed ({result.sure:.0%} sure): {in_words(result.words)}",
            sure=result.sure,
            profile=profile,
            guessed=True,
            rows=rows,
        )


def _known(file: BinaryIO, encoding: str, profile: Profile, hints: Hints) -> Reading:
    summary = f"profile {profile.name}" + (f" ({profile.summary})" if profile.summary else "")
    if AUTO in profile.dates or profile.numbers.decimal == AUTO:
        sheet = look(_sample(file, encoding), (profile.delimiter,))
        profile, why = settle(profile, sheet, hints, partial(_rows, file, encoding))
        summary = f"{summary}; {why}"
    return Reading(
        summary=summary,
        sure=1.0,
        profile=profile,
        guessed=False,
        rows=Rows(file=file, encoding=encoding, profile=profile, hints=hints),
    )


def _for_cells(profile: Profile, lines: Sequence[str]) -> Profile:
    """Return `profile`, which was written for text, for cells: their dates are ISO, their numbers have a point."""
    cells = [cell for row in split(lines, ",") for cell in row]
    typed = any(_NUMBER.fullmatch(cell) for cell in cells) and not any(_COMMA.fullmatch(cell) for cell in cells)
    return profile.model_copy(
        update={
            "delimiter": ",",
            "quote": '"',
            "encoding": "utf-8",
            "dates": tuple(dict.fromkeys([*profile.dates, *_ISO])),
            **({"numbers": Numbers()} if typed else {}),
        }
    )


def _decode(head: bytes) -> str | None:
    for encoding in ("utf-16",) if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = head.decode(encoding)
        except UnicodeDecodeError as error:
            if encoding == "utf-8-sig" and error.start >= len(head) - 4:
                return head[: error.start].decode(encoding)
            if encoding == "utf-16":
                return head[: len(head) // 2 * 2 - 2].decode(encoding, "replace")
            continue
        return None if "\0" in text else text
    return None


def _sample(file: BinaryIO, encoding: str) -> list[str]:
    lines: list[str] = []
    size = 0
    for line in islice(Lines(file, encoding), _SAMPLE_LINES):
        lines.append(line)
        size += len(line)
        if size > _SAMPLE_SIGNS:
            break
    return lines


def _by_delimiter(lines: Sequence[str]) -> dict[str, list[list[str]]]:
    return {delimiter: split(lines[:40], delimiter) for delimiter in DELIMITERS}


def _rows(file: BinaryIO, encoding: str, sheet: Sheet) -> Iterator[Row]:
    try:
        yield from open_rows(Lines(file, encoding), sheet.delimiter, sheet.quote)
    except csv.Error:
        return  # the reader proper will name the line


def _longest(lines: Sequence[str]) -> str:
    for number, line in enumerate(lines, 1):
        if len(line) > csv.field_size_limit():
            return f"line {number}: one line holds more than {csv.field_size_limit():,} characters; "
    return f"line {len(lines)}: " if len(lines) < 2 else ""


def _template(profile: Profile | None) -> str:
    if profile is not None:
        return write_profile(profile)
    return '{name: mybank, delimiter: ";", columns: {date: Date, amount: Amount}, dates: "%d.%m.%Y"}'
