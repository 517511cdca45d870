"""Finds listed words in the text of a statement, whatever its accents, capitals and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

_WORD: Final = re.compile(r"[a-z]+|[0-9]+")
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "ð": "d", "þ": "th"})
#: A word of a list that stands for all words with this beginning or end must have this many letters.
_STEM: Final = 4


def words_of(text: str) -> list[str]:
    """Cut `text` into words of small letters without accents, and numbers, apart also where nothing stands between.

    >>> words_of("ÚROK z účtu/Straßenlohn ATM08SEP")
    ['urok', 'z', 'uctu', 'strassenlohn', 'atm', '08', 'sep']
    """
    if not text.isascii():
        text = "".join(
            sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign)
        )
        text = text.translate(_LETTERS)
    return _WORD.findall(text.lower())


class WordList:
    """A list of words and phrases, asked which of them a text contains."""

    def __init__(self, listed: str) -> None:
        self._single: set[str] = set()
        self._begins: set[str] = set()
        self._ends: set[str] = set()
        self._phrases: dict[str, list[tuple[str, ...]]] = {}
        for item in listed.split():
            if "+" in item:
                phrase = tuple(item.split("+"))
                self._phrases.setdefault(phrase[0], []).append(phrase)
            elif item.endswith("*") and len(item) > _STEM:
                self._begins.add(item[:-1])
            elif item.startswith("*") and len(item) > _STEM:
                self._ends.add(item[1:])
            else:
                self._single.add(item)
        self._longest = max(map(len, self._begins | self._ends), default=0)

    def find(self, words: Sequence[str]) -> str | None:
        """Return the first listed word or phrase found in `words`, else None."""
        for index, word in enumerate(words):
            if word in self._single or self._has_stem(word):
                return word
            for phrase in self._phrases.get(word, ()):
                if tuple(words[index : index + len(phrase)]) == phrase:
                    return " ".join(phrase)
        return None

    def _has_stem(self, word: str) -> bool:
        lengths: Iterable[int] = range(_STEM, min(len(word), self._longest) + 1)
        return any(word[:size] in self._begins or word[-size:] in self._ends for size in lengths)
