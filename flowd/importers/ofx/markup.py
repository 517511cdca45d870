"""A file taken apart while it is read: SGML with or without end tags, and XML, in bounded memory.

One reader serves both, because files that call themselves XML come without end tags, and files that call themselves
SGML come with all of them. No document type is read, so there is nothing to expand and nothing to fetch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import BinaryIO, Final, NamedTuple, NoReturn

from flowd.api import FileRefused
from flowd.importers.ofx.header import ROOT
from flowd.importers.ofx.names import AGGREGATES, FLAT, LEAVES, is_container, is_messages
from flowd.importers.ofx.nodes import Node
from flowd.importers.ofx.text import blocks

_TAG: Final = re.compile(r"<(/?)([A-Za-z_][\w.:-]{0,63})(\s[^<>]{0,2000})?(/?)>", re.ASCII)
_MARKUP: Final = re.compile(r"</?[A-Za-z_][\w.:-]{0,63}(?:\s[^<>]{0,2000})?/?>|<!|<\?", re.ASCII)
_UNCLOSED: Final = re.compile(r"<([A-Z][A-Z0-9.]*)>([^<]*)", re.ASCII).findall
_CLOSED: Final = re.compile(r"<([A-Z][A-Z0-9.]*)>([^<]*)</\1>", re.ASCII).findall
_WANTED: Final = (("FITID", "<FITID>"), ("DTPOSTED", "<DTPOSTED>"), ("TRNAMT", "<TRNAMT>"))
_BLANK: Final = re.compile(r"\s*").match
_ENTITY: Final = re.compile(r"&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp);")
_SIGNS: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
#: Limits: an element's text, a comment, a posting read the quick way, a record's elements and text, open aggregates.
_TEXT: Final = 1 << 16
_COMMENT: Final = 1 << 20
_ROW: Final = 1 << 14
_ELEMENTS: Final = 5_000
_RECORD: Final = 1 << 20
_DEPTH: Final = 40
_BETWEEN: Final = 1 << 16
_MENDED: Final = 1_000


class Kind(Enum):
    """What a piece is: a container that opens or closes, an element in one, a whole aggregate."""

    OPEN = auto()
    CLOSE = auto()
    LEAF = auto()
    NODE = auto()


class Piece(NamedTuple):
    """One piece of a file: an element with its text, an aggregate with its content."""

    kind: Kind
    name: str
    text: str = ""
    node: Node | None = None


def unescape(text: str) -> str:
    """Return `text` with the few entities OFX knows put in; any other `&` is just one."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    name = found[1]
    if name in _SIGNS:
        return _SIGNS[name]
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    return chr(number) if 32 <= number < 0xD800 or 0xE000 <= number < 0x110000 else " "


class Walk:
    """One pass over `file`; `note` is told what had to be mended, `line` is where the last piece begins.

    Postings read the quick way come as plain dictionaries of their fields, for there are so many of them. In a hurry,
    most come with their id, day and amount only, and with their whole text under `""`.
    """

    def __init__(self, file: BinaryIO, encoding: str, note: Callable[[str], None], *, hurry: bool = False) -> None:
        self._posting = self._hurried if hurry else self._row
        self._blocks = blocks(file, encoding)
        self._note = note
        self._text = ""
        self._at = self._mark = 0
        self._counted, self._line = 0, 1
        self._ended = False
        self._documents = self._mended = 0
        self._stray = ""

    @property
    def line(self) -> int:
        """The line on which the piece at hand begins."""
        self._line += self._text.count("\n", self._counted, self._mark)
        self._counted = self._mark
        return self._line

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the file for what was found at the piece at hand."""
        raise FileRefused(f"line {self.line}: {reason}")

    def __iter__(self) -> Iterator[Piece | dict[str, str]]:
        while self._root():
            yield from self._document()

    # --- the text at hand ------------------------------------------------------------------------------------------

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        block = next(self._blocks, None)
        if block is None:
            self._ended = True
            return False
        keep = min(self._mark, self._at)
        self._line += self._text.count("\n", self._counted, keep)
        self._text = self._text[keep:] + block
        self._at -= keep
        self._mark -= keep
        self._counted = 0
        return True

    def _root(self) -> bool:
        """Go to the next `<OFX>`: files of several accounts may be several documents one after the other."""
        passed, blank = 0, not self._stray.strip()
        self._stray = ""
        while True:
            self._mark = self._at
            found = ROOT.search(self._text, self._at)
            end = found.start() if found else len(self._text)
            part = self._text[self._at : end]
            if part.strip(" \t\n\x1a"):
                blank = False
                passed += len(part)
            if passed > _BETWEEN * 4:
                self.refuse("much text that is no OFX; download the file again")
            if found:
                self._at = self._mark = end
                self._documents += 1
                return True
            # The root's own tag may be torn apart by the block's end.
            self._at = end if self._ended else max(self._at, end - 2_100)
            if not self._fill():
                if not blank and self._documents:
                    self._note("what stands behind </OFX> was left out")
                return False

    def _until(self, sign: str, what: str) -> int:
        """Return where the next `sign` ends, reading on where needed."""
        while (found := self._text.find(sign, self._at)) < 0:
            if len(self._text) - self._at > _COMMENT:
                self.refuse(f"{what} that does not end within {_COMMENT:,} characters")
            if not self._fill():
                self.refuse(f"{what} that does not end: the file was cut off; download it again")
        return found + len(sign)

    def _token(self) -> tuple[str, str, str] | None:
        """Return the next tag: `/` for an end tag or `<` for one that is its own end, its name, the text behind it."""
        while True:
            self._mark = self._at
            text = self._text
            if text.startswith("<!--", self._at):
                self._at = self._until("-->", "a comment")
                self._stray += self._content()
                continue
            if text.startswith("<?", self._at):
                self._at = self._until("?>", "an instruction")
                self._stray += self._content()
                continue
            found = _TAG.match(text, self._at)
            if found is not None:
                break
            if len(text) - self._at < 4_096 and self._fill():
                continue
            if self._at >= len(self._text):
                return None
            if self._text.startswith("<!", self._at):
                self.refuse("the file declares a document type or the like, which no bank does; it is not read")
            self.refuse(f"a tag that is damaged: {self._text[self._at : self._at + 40]!r}; download the file again")
        self._at = found.end()
        name = found[2].rpartition(":")[2].upper()
        alone = found[4] or (found[3] or "").endswith("/")
        return found[1] or ("<" if alone else ""), name, self._content()

    def _content(self) -> str:
        """Return the text up to the next tag, with CDATA and without comments, and go there."""
        parts: list[str] = []
        size = 0
        while True:
            found = _MARKUP.search(self._text, self._at)
            if found is None:
                if len(self._text) - self._at > _TEXT:
                    self.refuse(f"more than {_TEXT:,} characters without a tag; this is not a bank's file")
                if self._fill():
                    continue
            end = found.start() if found is not None else len(self._text)
            if end > self._at:
                piece = self._text[self._at : end]
                size += len(piece)
                parts.append(unescape(piece) if "&" in piece else piece)
                self._at = end
            if size > _TEXT:
                self.refuse(f"more than {_TEXT:,} characters without a tag; this is not a bank's file")
            if found is None:
                break
            if self._text.startswith("<![CDATA[", self._at):
                stop = self._until("]]>", "a CDATA section")
                piece = self._text[self._at + 9 : stop - 3]
                size += len(piece)
                parts.append(piece)
                self._at = stop
            elif self._text.startswith("<!--", self._at):
                self._at = self._until("-->", "a comment")
            elif len(self._text) - self._at < 9 and self._text.startswith("<!", self._at) and self._fill():
                continue
            else:
                break
        return "".join(parts)

    # --- a document ------------------------------------------------------------------------------------------------

    def _body(self) -> str | None:
        """Return the text of the posting that begins here if it is short and plain; None for anything else."""
        at = self._at
        text = self._text
        if not text.startswith("<STMTTRN>", at):
            return None
        start = at + 9
        end = text.find("STMTTRN>", start, start + _ROW)
        if end < 0 and len(text) - start < _ROW and self._fill():
            return self._body()
        if end < 0 or text[end - 2 : end] != "</":
            return None
        return text[start : end - 2]

    def _pass(self, body: str) -> None:
        """Go behind the posting `body`."""
        self._mark = self._at
        self._at += len(body) + 19
        if self._text.startswith("\n<", self._at):
            self._at += 1
            return
        blank = _BLANK(self._text, self._at)
        if blank is not None:
            self._at = blank.end()
        if not self._text.startswith("<", self._at):
            self._stray += self._content()

    def _row(self) -> dict[str, str] | None:
        """Return the posting that begins here, read the quick way; None for anything else, and for unusual ones."""
        body = self._body()
        if body is None:
            return None
        if "</" in body:
            pairs: list[tuple[str, str]] = _CLOSED(body)
            tags = len(pairs) * 2
        else:
            pairs = _UNCLOSED(body)
            tags = len(pairs)
        if tags != body.count("<"):
            return None
        row = dict(pairs)
        if len(row) != len(pairs) or not row.keys() <= FLAT:
            return None
        if "&" in body:
            for name, value in pairs:
                if "&" in value:
                    row[name] = unescape(value)
        self._pass(body)
        return row

    def _hurried(self) -> dict[str, str] | None:
        """Return of the posting that begins here what a survey wants: id, day, amount, and the text of it all."""
        body = self._body()
        if body is None or "<!" in body or "CORRECT" in body:
            return None
        row = {"": body}
        for name, tag in _WANTED:
            start = body.find(tag) + len(tag)
            if start < len(tag):
                return None
            end = body.find("<", start)
            row[name] = body[start : end if end >= 0 else len(body)]
        self._pass(body)
        return row

    def _document(self) -> Iterator[Piece | dict[str, str]]:
        stack: list[str] = []
        record: list[Node] = []
        leaf = ""
        elements = size = 0
        while True:
            if stack and not record:
                row = self._posting()
                if row is not None:
                    leaf = ""
                    yield row
                    continue
            token = self._token()
            if self._stray.strip():
                self._note(f"line {self.line}: text between tags was left out: {self._stray.strip()[:40]!r}")
            self._stray = ""
            if token is None:
                inside = record[-1].name if record else stack[-1]
                self.refuse(f"the file ends inside <{inside}>: it was cut off; download it again")
            sign, name, text = token
            if sign == "/":
                self._stray = text
                if leaf == name:
                    leaf = ""
                    continue
                if record and any(node.name == name for node in record):
                    while record[-1].name != name:
                        self._hoist(record)
                    done = record.pop()
                    if not record:
                        yield Piece(Kind.NODE, done.name, node=done)
                    continue
                if name not in stack:
                    self.refuse(f"</{name}> ends nothing that is open; the file is damaged, download it again")
                if record:
                    yield self._end(record, name)
                while True:
                    closed = stack.pop()
                    if closed != name:
                        self._note(f"line {self.line}: </{closed}> is missing; it ends with </{name}>")
                    yield Piece(Kind.CLOSE, closed)
                    if closed == name:
                        break
                if not stack:
                    return
                continue
            container = is_container(name)
            blank = not text.strip()
            if record and (container or (name == record[0].name == "STMTTRN")):
                yield self._end(record, name)
            if container or (name in AGGREGATES and not blank):
                self._stray = text
            elif not blank or name in LEAVES or sign:
                leaf = "" if sign else name
                size += len(text)
                elements += 1
                if record:
                    record[-1].inside.append(Node(name, 0, text.strip()))
                else:
                    size = elements = 0
                    yield Piece(Kind.LEAF, name, text=text.strip())
                if elements > _ELEMENTS or size > _RECORD:
                    self.refuse(f"<{record[0].name}> holds more than a bank writes; this is not a bank's file")
                continue
            leaf = ""
            if len(stack) + len(record) >= _DEPTH:
                self.refuse(f"more than {_DEPTH} aggregates inside each other; this is not a bank's file")
            if container:
                if name in stack or (not stack) != (name == "OFX"):
                    self.refuse(f"<{name}> begins again before it ended; the file is damaged, download it again")
                if len(stack) == 1 and not is_messages(name):
                    self.refuse(f"<{name}> stands directly in <OFX>, where only messages do; the file is damaged")
                if not sign:
                    stack.append(name)
                    yield Piece(Kind.OPEN, name)
                continue
            if len(stack) < 2 and not record:
                self.refuse(f"<{name}> stands directly in <OFX>, where only messages do; the file is damaged")
            node = Node(name, self.line)
            elements += 1
            if record:
                record[-1].inside.append(node)
                if elements > _ELEMENTS:
                    self.refuse(f"<{record[0].name}> holds more than a bank writes; this is not a bank's file")
            else:
                elements = size = 0
            record.append(node)

    def _hoist(self, record: list[Node]) -> None:
        """End an aggregate without an end tag: unless it is a known one, it was an empty element."""
        inner = record.pop()
        if inner.name in AGGREGATES:
            self._note(f"line {inner.line}: </{inner.name}> is missing; it ends with </{record[-1].name}>")
        else:
            record[-1].inside.extend(inner.inside)
            inner.inside = []

    def _end(self, record: list[Node], by: str) -> Piece:
        """End a record whose end tag is missing."""
        while len(record) > 1:
            self._hoist(record)
        done = record.pop()
        self._mended += 1
        if self._mended > _MENDED:
            self.refuse(f"more than {_MENDED:,} end tags are missing; the file is damaged, download it again")
        self._note(f"line {done.line}: </{done.name}> is missing; it ends where {by} does or begins")
        return Piece(Kind.NODE, done.name, node=done)
