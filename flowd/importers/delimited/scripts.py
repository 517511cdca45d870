"""Which encoding stands for letters beyond the Latin ones: Cyrillic, Greek, Hebrew, Japanese, Chinese, Korean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from flowd.importers.delimited.names import roles_of

#: Bytes beyond ASCII stand together in such texts; in Latin ones an accented letter stands among plain ones.
_TOGETHER: Final = re.compile(rb"[\x80-\xff]{2,}")
_ENOUGH: Final = 0.6


def _in(*names: str) -> Callable[[str], bool]:
    return lambda sign: unicodedata.name(sign, "").startswith(names)


#: What letters each encoding is used for.
_SCRIPTS: Final = {
    "cp932": _in("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
    "gb18030": _in("CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
    "euc_kr": _in("HANGUL"),
    "big5": _in("CJK UNIFIED", "FULLWIDTH", "IDEOGRAPHIC"),
    "cp1251": _in("CYRILLIC"),
    "koi8_r": _in("CYRILLIC"),
    "cp1253": _in("GREEK"),
    "cp1255": _in("HEBREW"),
}


def decide_script(head: bytes) -> tuple[str, float] | None:
    """Return the encoding of a text that begins with `head` and is of no Latin script, and how sure; else None."""
    high = sum(byte > 127 for byte in head)
    if not high or sum(map(len, _TOGETHER.findall(head))) < 0.6 * high:
        return None
    scores = {name: _score(head, name) for name in _SCRIPTS}
    best = max(scores, key=scores.__getitem__)
    if scores[best] < _ENOUGH:
        return None
    second = max(score for name, score in scores.items() if name != best)
    return best, 0.9 if scores[best] - second > 0.3 else 0.75


def _score(head: bytes, encoding: str) -> float:
    """Return about 1 where every letter is of the encoding's script and stands as letters do; names of columns add."""
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return -1.0
        text = head[: error.start].decode(encoding)
    signs = [sign for sign in text if sign > "\x7f"]
    if not signs:
        return 0.0
    of_script = _SCRIPTS[encoding]
    score = sum(of_script(sign) or sign in "№«»–—€·" for sign in signs) / len(signs)
    # A capital behind a small letter shows a wrong code page of the same script.
    score -= sum(map(len, re.findall(r"[^\W\d_a-z](?<=[а-яα-ω])[А-ЯΑ-Ω]", text))) / len(signs)
    if encoding in {"gb18030", "big5"}:
        # Both fit nearly any two bytes; the first thousands of signs, which texts are made of, stand in a part of them.
        first = {"gb18030": range(0xA1, 0xD8), "big5": range(0xA1, 0xC7)}[encoding]
        usual = sum(sign.encode(encoding)[0] in first for sign in signs)
        score = min(score, usual / len(signs)) - 0.05
    cells = re.split(r'[;,\t|\n"]', text)
    return score + 0.3 * len({cell for cell in cells if not cell.isascii() and roles_of(cell[:60])})
