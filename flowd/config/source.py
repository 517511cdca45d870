"""Reading YAML so that every key and value remembers its line and column, and numbers are never floats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Final

import yaml

from flowd.config.problems import Path, Place, Problem, dotted

#: A value as it stands in flowd.yaml.
Value = None | bool | int | str | Decimal | list["Value"] | dict[str, "Value"]

_SIZE_LIMIT: Final = 1024 * 1024
_NODE_LIMIT: Final = 100_000
_PLAIN: Final = "flowd:plain"
_STR: Final = "tag:yaml.org,2002:str"
_INT: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,38})")
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,38})?\.[0-9]{1,38}|[-+]?(0|[1-9][0-9]{0,38})\.")
_WORDS: Final[Mapping[str, bool | None]] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_SHELL_STYLE: Final = re.compile(r"\$\{[^}\n]*\}")


@dataclass(slots=True)
class Places:
    """Where every key and value of a configuration was written."""

    file: str
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)

    def of(self, path: Path) -> Place:
        """Return where the setting `path` stands, or the nearest group around it."""
        for end in range(len(path), -1, -1):
            place = self.keys.get(path[:end]) or self.values.get(path[:end])
            if place is not None:
                return place
        return Place(file=self.file)

    def of_value(self, path: Path) -> Place:
        """Return where the value of `path` begins, or where the setting or the group around it stands."""
        return self.values.get(path) or self.of(path)

    def set_by(self, variable: str, path: Path) -> None:
        """Remember that an environment variable gave `path` its value."""
        for table in (self.keys, self.values):
            for inner in [known for known in table if known[: len(path)] == path]:
                del table[inner]
        self.keys[path] = self.values[path] = Place(file="environment", variable=variable)


class _Loader(yaml.SafeLoader):
    """PyYAML's composer with its YAML 1.1 guesses (yes, 010, 12:30, dates) switched off."""

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: object) -> str:
        if kind is yaml.ScalarNode and isinstance(implicit, tuple) and implicit[0]:
            return _PLAIN
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]


def read_text(file: FilePath) -> tuple[str, list[Problem]]:
    """Return the text of `file` (UTF-8, at most 1 MiB) and what keeps it from being read."""
    name = str(file)

    def fail(message: str, fix: str, line: int = 0) -> tuple[str, list[Problem]]:
        place = Place(file=name, line=line, column=1 if line else 0)
        return "", [Problem.at(place, "", message, fix)]

    try:
        if file.exists() and not file.is_file():
            return fail("is not a file", "name the flowd.yaml itself with --config")
        data = file.read_bytes()
    except FileNotFoundError:
        return fail("there is no such file", "write one with `flowd init`, or name yours with --config")
    except OSError as error:
        return fail(f"cannot be read: {error.strerror or error}", "make it readable for the user flowd runs as")
    if len(data) > _SIZE_LIMIT:
        return fail(f"is {len(data)} bytes long, the limit is {_SIZE_LIMIT}", "name a flowd.yaml, not a data file")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return fail("holds bytes that are not UTF-8", "save the file as UTF-8", line)


def parse(text: str, file: str) -> tuple[dict[str, Value], Places, list[Problem]]:
    """Return the settings in `text`, where each stands, and every problem of its form (syntax, duplicate keys, tags).

    Words are text unless they are `true`, `false`, `null`, a whole number or a number with a point, which becomes an
    exact Decimal. Numbers with leading zeros stay text: they are account numbers.
    """
    places = Places(file=file)
    try:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Place(file=file)
        what = " ".join(part for part in (error.context, error.problem) if part)
        return {}, places, [Problem.at(place, "", f"is not readable as YAML: {what}", _yaml_fix(what))]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        message = "holds a character that cannot be printed"
        return {}, places, [Problem.at(Place(file=file, line=line, column=column), "", message, "remove it")]
    except RecursionError:
        return {}, places, [Problem.at(Place(file=file), "", "is nested too deeply", "write it with fewer levels")]
    if root is None:
        return {}, places, []
    reader = _Reader(file=file, places=places)
    value = reader.read(root, ())
    if not isinstance(value, dict):
        place = places.of_value(())
        reader.problems.append(
            Problem.at(place, "", "must be groups of settings such as `tenant:`", "see docs/configuration.md")
        )
        value = {}
    return value, places, reader.problems


def _yaml_fix(what: str) -> str:
    if "\\t" in what:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in what:
        return "put text that holds a colon and a space in quotes, or check the indentation"
    if "alias" in what or "anchor" in what:
        return "put text that begins with * or & in quotes"
    if "single document" in what:
        return "keep one document: remove the second `---`"
    return "check indentation, quotes and brackets at this place"


@dataclass(slots=True)
class _Reader:
    file: str
    places: Places
    problems: list[Problem] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    count: int = 0

    def read(self, node: yaml.Node, path: Path) -> Value:
        place = self._place(node)
        self.places.values[path] = place
        self.count += 1
        if id(node) in self.open:
            self._problem(place, path, "contains itself", "write the values out instead of the alias")
            return None
        if self.count > _NODE_LIMIT:
            if self.count == _NODE_LIMIT + 1:
                self._problem(place, path, f"the file grows past {_NODE_LIMIT} values", "use fewer aliases")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path, place)
        self.open.add(id(node))
        try:
            if node.tag not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
                self._problem(place, path, f"has the tag {node.tag}", "remove the tag: flowd.yaml uses none")
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, path)
            assert isinstance(node, yaml.SequenceNode)
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(place, path, "has a key that is not a word", "write `key: value`")
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key == "<<":
                self._problem(place, here, "merges keys, which is not used here", "write the keys out")
                continue
            if key in result:
                first = self.places.keys[here]
                self._problem(place, here, f"is written twice (first on line {first.line})", "keep one of the two")
                continue
            self._no_shell_style(key, place, here)
            self.places.keys[here] = place
            result[key] = self.read(value_node, here)
        return result

    def _scalar(self, node: yaml.ScalarNode, path: Path, place: Place) -> Value:
        text = str(node.value)
        if node.tag == _PLAIN:
            if text in _WORDS:
                return _WORDS[text]
            if _INT.fullmatch(text):
                return int(text)
            if _DECIMAL.fullmatch(text):
                return Decimal(text)
        elif node.tag != _STR:
            self._problem(place, path, f"has the tag {node.tag}", "remove the tag: flowd.yaml uses none")
        self._no_shell_style(text, place, path)
        return text

    def _no_shell_style(self, text: str, place: Place, path: Path) -> None:
        if found := _SHELL_STYLE.search(text):
            name = found.group()[2:-1].split(":")[0] or "NAME"
            self._problem(
                place,
                path,
                f"holds {found.group()}, which flowd does not fill in",
                f"write {{env: {name}}} for a secret; any other setting can be overridden with "
                "FLOWD__SECTION__KEY in the environment",
            )

    def _place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1)

    def _problem(self, place: Place, path: Path, message: str, fix: str) -> None:
        self.problems.append(Problem.at(place, dotted(path), message, fix))
