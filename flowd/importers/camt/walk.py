"""A pass over XML by expat that keeps only what is asked for, in bounded memory, and refuses what banks never write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final
from xml.parsers import expat

from flowd.api import FileRefused
from flowd.importers.camt.shape import ONCE, UNKNOWN, Node, Part, grow

#: What was read of a part: the text of each field; those of one that may come again have a NUL between them.
Fields = dict[str, str]
Take = Callable[[Part, Fields, list[Fields], Fields, int], None]

_CHUNK: Final = 1 << 16
#: A tag, a comment or a piece of text longer than this is not a bank's.
_TOKEN: Final = 1 << 20
_DEPTH: Final = 100
#: An entry with all its details; collective bookings of thousands of payments take some megabytes.
_ENTRY: Final = 64 << 20
_DETAILS: Final = 200_000
_TEXTS: Final = 20_000
#: The newest version whose elements are known here.
_NEWEST: Final = 13
_INVALID: Final = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
_NAMESPACE: Final = re.compile(r"camt\.05[234]\.\d{3}\.(\d{2})")


class Walk:
    """One pass over a file.

    `take` is called with each part when it ends: which, its fields, the details in it, the fields so far of the part
    around it, its line.
    `message` is 052, 053 or 054 once the message's element was seen, `version` its version (0 if it says none).
    """

    def __init__(self, take: Take, place: str = "") -> None:
        self._take = take
        self._place = place
        self._skipped = 0
        self.message = ""
        self.version = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = self._doctype
        self._text: list[str] = []
        self._stack: list[Node] = []
        #: Where the entry that is being read begins, in bytes.
        self._entry: list[int] = []
        self._install()

    def at(self, line: int) -> str:
        """Return the words for a place: the line, and the file of an archive it is in."""
        return f"{self._place}line {line + self._skipped}"

    def run(self, file: BinaryIO) -> Iterator[None]:
        """Read `file` to its end; yields after each piece, so that what was taken can be passed on."""
        parser = self._parser
        fed = 0
        try:
            while data := file.read(_CHUNK):
                if not fed and data[:1].isspace():
                    # XML may not begin with an empty line, but some files do
                    bare = data.lstrip()
                    self._skipped = data[: len(data) - len(bare)].count(b"\n")
                    data = bare
                parser.Parse(data, False)
                fed += len(data)
                self._bound(fed)
                yield
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            letters = ", or its letters are not those it declares" if error.code == _INVALID else ""
            raise FileRefused(
                f"{self.at(error.lineno)}: this is not well-formed XML ({expat.ErrorString(error.code)}): the file was "
                f"cut off or changed{letters}; download it again"
            ) from None
        except (LookupError, ValueError) as error:
            raise self._refused(f"the text cannot be decoded ({error})") from None
        if not self.message:
            raise self._refused("no statement, report or notification (camt.052, .053, .054) is in it")
        yield

    def _bound(self, fed: int) -> None:
        parser = self._parser
        if fed - max(parser.CurrentByteIndex, 0) > _TOKEN or sum(map(len, self._text)) > _TOKEN:
            raise self._refused(f"one tag or text is longer than {_TOKEN:,} bytes")
        if len(self._stack) > _DEPTH:
            raise self._refused(f"more than {_DEPTH} elements lie in each other")
        if self._entry and fed - self._entry[0] > _ENTRY:
            raise self._refused(f"one entry is longer than {_ENTRY:,} bytes")

    def _refused(self, why: str) -> FileRefused:
        return FileRefused(f"{self.at(self._parser.CurrentLineNumber)}: {why}: this is not a bank's CAMT file")

    def _doctype(self, *_said: object) -> None:
        raise self._refused("it declares a document type or entities, which are never read")

    def _unknown(self, name: str) -> None:
        if self.version > _NEWEST:
            return  # a version that was not there when this was written may have more elements
        raise FileRefused(
            f"{self.at(self._parser.CurrentLineNumber)}: <{name[:60]}> may not stand here in a CAMT message: the "
            "file is wrong, or no bank's; nothing of it is kept"
        )

    def _look(self, attributes: list[str]) -> None:
        """Look for the namespace, which tells the version."""
        for value in attributes[1::2]:
            found = _NAMESPACE.search(value)
            if found is not None:
                self.version = int(found[1])

    def _install(self) -> None:
        # Everything that is called for each element is a local name of these three.
        parser, text, stack, entry, take = self._parser, self._text, self._stack, self._entry, self._take
        here = grow()
        fields: Fields = {}
        details: list[Fields] = []
        outer: list[tuple[Fields, Part, int]] = []
        part, line = Part.MESSAGE, 0
        push, pop, clear = stack.append, stack.pop, text.clear
        message, an_entry, some_details = Part.MESSAGE, Part.ENTRY, Part.DETAILS

        def start(name: str, attributes: list[str]) -> None:
            nonlocal here, fields, part, line
            push(here)
            here = here[name]
            if not here.busy:
                return
            clear()
            if attributes:
                if here.money:
                    if "Ccy" in attributes:
                        asset = attributes[attributes.index("Ccy") + 1].strip()
                        fields.setdefault(here.name + "_asset", asset)
                elif not self.message:
                    self._look(attributes)
            if here.name:
                return
            opens = here.opens
            if opens is not None:
                if opens is message:
                    self.message = here.message
                elif opens is an_entry:
                    entry.append(parser.CurrentByteIndex)
                outer.append((fields, part, line))
                fields, part, line = {}, opens, parser.CurrentLineNumber
            elif here is UNKNOWN:
                self._unknown(name)

        def end(name: str) -> None:
            nonlocal here, fields, part, line, details
            if here.busy:
                field = here.name
                if field:
                    value = text[0].strip() if len(text) == 1 else "".join(text).strip()
                    clear()
                    if not value:
                        pass
                    elif field not in fields:
                        fields[field] = value
                    elif here.many:
                        # what goes beyond is never kept anyway, and joining it for ever would take for ever
                        if len(fields[field]) < _TEXTS:
                            fields[field] += "\0" + value
                    elif field in ONCE.get(part, ()):
                        raise self._refused(f"<{name[:60]}> comes twice")
                elif here.opens is not None:
                    if here.opens is some_details:
                        details.append(fields)
                        if len(details) > _DETAILS:
                            raise self._refused(f"one entry has more than {_DETAILS:,} payments")
                    else:
                        take(here.opens, fields, details, outer[-1][0], line)
                        if here.opens is an_entry:
                            entry.clear()
                            details = []
                    fields, part, line = outer.pop()
            here = pop()

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text.append
