"""What stands before the first `<OFX>`: the version, and in which characters the file is written."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO, Final

from flowd.api import FileRefused
from flowd.importers.delimited.encoding import decide_encoding

#: The header ends within this many bytes, or the file is no OFX.
_HEAD: Final = 1 << 16
_FEW: Final = 1 << 10
_CHUNK: Final = 1 << 20
#: So much without a tag is no OFX; nobody has to wait until gigabytes of it were read.
_RUN: Final = 4 << 20
#: How files begin that are decided elsewhere: those of two bytes a letter, and those that are no text.
_NO_TEXT: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")
#: How the root begins; a tag that only starts alike is another one.
ROOT: Final = re.compile(r"<(?:[A-Za-z]\w{0,20}:)?OFX(?:\s[^<>]{0,2000})?>", re.IGNORECASE)
_KEYS: Final = "OFXHEADER|DATA|VERSION|SECURITY|ENCODING|CHARSET|COMPRESSION|OLDFILEUID|NEWFILEUID"
#: Some banks write the whole header without line ends, even without blanks between one value and the next key.
_PAIR: Final = re.compile(rf"({_KEYS})\s{{0,9}}[:>]\s{{0,9}}([^\s:<]{{0,80}}?)(?=(?:{_KEYS})\s{{0,9}}:|[\s<]|$)")
_ATTRIBUTE: Final = re.compile(r"([A-Za-z]{1,20})\s{0,9}=\s{0,9}[\"']([^\"'<>]{0,80})[\"']")
_OLD: Final = re.compile(r"<OFC[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The version a file says it is of (such as `102`, or nothing), whether it is XML, and its encoding."""

    version: str
    xml: bool
    encoding: str
    note: str = ""

    @property
    def words(self) -> str:
        """The version as people say it: `OFX 1.0.2`."""
        return f"OFX {'.'.join(self.version)}" if self.version else "OFX without a header"


def read_header(file: BinaryIO) -> Header:
    """Read the header of `file` and decide its encoding; FileRefused if it is empty, no text, or no OFX."""
    file.seek(0)
    start = file.read(_HEAD)
    utf8 = None
    if start and not start.startswith(_NO_TEXT) and b"\0" not in start[:_FEW]:
        utf8 = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    wide = decide_encoding(file).name if utf8 is None else ""
    head = start.decode(wide or "latin-1", "replace")
    root = ROOT.search(head)
    if root is None:
        if _OLD.search(head):
            raise FileRefused("this is OFC, which came before OFX; download the account as OFX, QFX or CSV")
        raise FileRefused("no <OFX> at its beginning, so this is no OFX file or was cut off; download it again")
    before = head[: root.start()]
    if "<!DOCTYPE" in before.upper() or "<!ENTITY" in before.upper():
        raise FileRefused("the file declares a document type, which no bank does; it is not read")
    pairs = {key: value for key, value in _PAIR.findall(before) if value}
    xml = "<?xml" in before.lower() or "<?ofx" in before.lower()
    if xml:
        pairs.update((key.upper(), value) for key, value in _ATTRIBUTE.findall(before) if key.lower() != "version")
        versions = [value for key, value in _ATTRIBUTE.findall(before) if key == "VERSION"]
        pairs.update(VERSION=versions[-1] if versions else "")
    if pairs.get("COMPRESSION", "NONE").upper() not in {"NONE", ""}:
        raise FileRefused(f"the file is compressed ({pairs['COMPRESSION']}); download it without compression")
    said = _named(pairs.get("ENCODING", ""), pairs.get("CHARSET", ""))
    version = pairs.get("VERSION", "")
    version = version if re.fullmatch(r"\d{3}", version, re.ASCII) else ""
    # Whatever a header says: what fits UTF-8 is UTF-8, as old headers stand above new files.
    if utf8 is None or _fits(file):
        return Header(version=version, xml=xml, encoding=utf8 or wide)
    if said is None or said.startswith("utf"):
        guess = decide_encoding(file).name
        note = f"its header says UTF-8, but its letters do not fit; read as {guess} instead" if said else ""
        return Header(version=version, xml=xml, encoding=guess, note=note)
    return Header(version=version, xml=xml, encoding=said)


def _fits(file: BinaryIO) -> bool:
    """Say whether the whole of `file` is UTF-8; FileRefused where so much comes without a tag that it is no OFX."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    run, line = 0, 1
    try:
        while data := file.read(_CHUNK):
            decoder.decode(data)
            tag = data.rfind(b"<")
            run = len(data) - tag if tag >= 0 else run + len(data)
            if run > _RUN:
                raise FileRefused(
                    f"line {line + data.count(10)}: more than {_RUN:,} characters without a tag; this is not a bank's "
                    "file"
                )
            line += data.count(10)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _named(encoding: str, charset: str) -> str | None:
    """Return Python's name of what a header declares; None where it declares nothing of use."""
    # ASCII says nothing: such files have letters beyond it all the same.
    for text in (charset, encoding):
        name = text.strip().lower()
        if name in {"", "none", "usascii", "us-ascii", "ascii", "unicode", "csunicode"}:
            continue
        for candidate in (f"cp{name}" if name.isdigit() else name, f"iso-{name}", name.replace("windows-", "cp")):
            try:
                return codecs.lookup(candidate).name
            except LookupError:
                continue
    return None
