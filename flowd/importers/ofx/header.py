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
    found = decide_encoding(file)
    file.seek(0)
    wide = found.name.startswith("utf-16")
    head = file.read(_HEAD).decode(found.name if wide else "latin-1", "replace")
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
    if found.name.startswith("utf"):
        return Header(version=version, xml=xml, encoding=found.name)
    if said is None or said.startswith("utf"):
        note = "its header says UTF-8, but its letters do not fit" if said else ""
        return Header(
            version=version, xml=xml, encoding=found.name, note=note and f"{note}; read as {found.name} instead"
        )
    return Header(version=version, xml=xml, encoding=said)


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
