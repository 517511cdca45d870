"""Which characters a file's bytes stand for: decided over the whole file, because one late umlaut decides it too."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO, Final

from flowd.api import FileRefused
from flowd.importers.delimited.lines import LINE_LIMIT
from flowd.importers.delimited.names import roles_of
from flowd.importers.delimited.scripts import decide_script

_CHUNK: Final = 1 << 20
_HEAD: Final = 4096

# How typical a letter beyond ASCII is of Western and of Central European text. Bytes of letters that both code pages
# share decide nothing; letters found in neither table speak against the code page that shows them.
_WESTERN: Final = dict.fromkeys("äöüÄÖÜßéèêàâçñåøæÅØÆôáíóúÉÀÇÑœÁÍÓÚ£€§°´’–“”„«»…®©", 1.0) | dict.fromkeys(
    "ùìòïõûãëî", 0.7
)
_CENTRAL: Final = dict.fromkeys("ěščřžýáíéúůťďňóĚŠČŘŽÝÁÍÉÚŮŤĎŇÓąćęłńśźżĄĆĘŁŃŚŹŻőűŐŰöüÖÜäÄß€§°´’–“”„«»…ľĺŕôÔ", 1.0)
_SIGNATURES: Final = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip or Excel file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """An encoding by Python's name, how sure it is (0 to 1) and why in words."""

    name: str
    sure: float
    why: str


def decide_encoding(file: BinaryIO) -> Encoding:
    """Read the whole of `file` and say its encoding; FileRefused if it is empty or not text."""
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise FileRefused("the file is empty; download it again")
    for start, what in _SIGNATURES:
        if head.startswith(start):
            raise FileRefused(f"this is {what}, not a table of text; export the account as CSV")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding(name="utf-16", sure=1.0, why="its byte order mark")
    wide = _utf16_without_mark(head)
    if wide is not None:
        return wide
    return _eight_bit(file)


def _utf16_without_mark(head: bytes) -> Encoding | None:
    half = len(head) // 2
    text = (byte for byte in head if byte)
    if half >= 4 and b"\0" in head and all(byte >= 32 or byte in b"\t\r\n" for byte in text):
        if head[1::2].count(0) > 0.7 * half and head[0::2].count(0) == 0:
            return Encoding(name="utf-16-le", sure=0.9, why="a NUL after nearly every byte")
        if head[0::2].count(0) > 0.7 * half and head[1::2].count(0) == 0:
            return Encoding(name="utf-16-be", sure=0.9, why="a NUL before nearly every byte")
    return None


def _eight_bit(file: BinaryIO) -> Encoding:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    is_utf8, marked, line, run = True, False, 1, 0
    high: Counter[int] = Counter()
    words: list[bytes] = []
    head = b""
    while data := file.read(_CHUNK):
        if not head:
            head = data[:_HEAD]
            marked = data.startswith(codecs.BOM_UTF8)
        if b"\0" in data:
            line += data[: data.index(b"\0")].count(b"\n")
            raise FileRefused(
                f"line {line}: a NUL byte, so this is not (or no longer) a text file; download it again, or export the "
                "account as CSV"
            )
        ends = data.count(b"\n") + data.count(b"\r")
        run = len(data) - 1 - max(data.rfind(b"\n"), data.rfind(b"\r")) if ends else run + len(data)
        if run > 4 * LINE_LIMIT:
            # Nobody has to wait until two gigabytes of digits were read.
            raise FileRefused(
                f"line {line + ends}: longer than {LINE_LIMIT:,} characters; this is not a bank's table, or its "
                "line ends are lost: download it again"
            )
        line += data.count(b"\n")
        if is_utf8:
            try:
                decoder.decode(data)
            except UnicodeDecodeError:
                is_utf8 = False
        if not data.isascii():
            high.update(byte for byte in data if byte > 127)
            if len(words) < 2000:
                words += re.findall(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*", data)[:2000]
    if is_utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            is_utf8 = bool(marked)  # cut off inside its last character: the reader will name the line
    if marked:
        return Encoding(name="utf-8-sig", sure=1.0, why="its byte order mark")
    if is_utf8:
        return Encoding(name="utf-8", sure=1.0, why="every byte fits")
    return _legacy(high, words, head)


def _legacy(high: Counter[int], words: list[bytes], head: bytes) -> Encoding:
    script = decide_script(head)
    if script is not None:
        return Encoding(name=script[0], sure=script[1], why="its letters, which are no Latin ones")
    scores = {"cp1252": _score(high, words, "cp1252", _WESTERN), "cp1250": _score(high, words, "cp1250", _CENTRAL)}
    for name in scores:
        # A column's name that makes sense weighs more than any count of letters.
        scores[name] += 0.3 * _known_names(head, name)
    if re.search(rb"\b(CZK|PLN|HUF|RON)\b", head):
        scores["cp1250"] += 0.2
    best = max(scores, key=scores.__getitem__)
    gap = abs(scores["cp1252"] - scores["cp1250"])
    total = sum(high.values())
    control = sum(count for byte, count in high.items() if 0x80 <= byte < 0xA0)
    if control > 0.5 * total and scores[best] < 0.3:
        raise FileRefused(
            "the file's letters fit neither UTF-8 nor a Windows code page; give its encoding in a profile "
            "(`encoding: cp852`), or export it again as UTF-8"
        )
    try:
        bytes(high).decode(best)
    except UnicodeDecodeError:
        best = "latin-1"
    return Encoding(name=best, sure=0.95 if gap > 0.15 else 0.75, why="its accented letters")


def _known_names(head: bytes, encoding: str) -> int:
    cells = re.split(r'[;,\t|\n"]', head.decode(encoding, "replace"))
    return len({cell for cell in cells if not cell.isascii() and cell[:60].strip() and roles_of(cell[:60])})


def _score(high: Counter[int], words: list[bytes], name: str, typical: dict[str, float]) -> float:
    """Return about 1 where every letter is typical and stands where letters stand, and below 0 where none does."""
    total = sum(high.values())
    letters = {byte: bytes((byte,)).decode(name, "replace") for byte in high}
    score = sum(count * typical.get(letters[byte], -1.0) for byte, count in high.items()) / total
    # A capital or a sign in the middle of small letters shows a wrong code page.
    odd = sum(bool(re.search(r"[a-z][^\W\d_a-z]*[^\w\s]\w", word.decode(name, "replace"))) for word in words)
    return score - 0.5 * odd / max(1, len(words))
