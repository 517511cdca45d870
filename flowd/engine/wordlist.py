"""Finds listed words in the text of a statement, whatever its accents, capitals and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[a-z]+|[0-9]+")
_LETTERS: Final = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "ð": "d", "þ": "th"})
#: A word of a list that stands for all words with this beginning or end must have this many letters.
_STEM: Final = 4
#: So many words are remembered; those of a bank's statements are few, whatever the number of statements.
_KNOWN: Final = 20_000


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
            if self.has(word):
                return word
            for phrase in self.phrases(word):
                if tuple(words[index : index + len(phrase)]) == phrase:
                    return " ".join(phrase)
        return None

    def has(self, word: str) -> bool:
        """Say whether `word` is listed by itself, or by its beginning or end."""
        return word in self._single or self._has_stem(word)

    def phrases(self, word: str) -> Sequence[tuple[str, ...]]:
        """Return the listed phrases that begin with `word`."""
        return self._phrases.get(word, ())

    def _has_stem(self, word: str) -> bool:
        lengths: Iterable[int] = range(_STEM, min(len(word), self._longest) + 1)
        return any(word[:size] in self._begins or word[-size:] in self._ends for size in lengths)


class WordLists:
    """Several lists that are asked together: a word is looked up once, however many lists and texts there are."""

    def __init__(self, listed: Iterable[str]) -> None:
        self._lists = {text: WordList(text) for text in listed}
        self._known = lru_cache(maxsize=_KNOWN)(self._look_up)

    def find(self, words: Sequence[str]) -> Mapping[str, str]:
        """Return by list (its text) the first of its words or phrases found in `words`; numbers are never listed."""
        found: dict[str, str] = {}
        for index, word in enumerate(words):
            if word.isdigit():
                continue
            lists, phrases = self._known(word)
            for text in lists:
                found.setdefault(text, word)
            for text, phrase in phrases:
                if text not in found and tuple(words[index : index + len(phrase)]) == phrase:
                    found[text] = " ".join(phrase)
        return found

    def _look_up(self, word: str) -> tuple[Sequence[str], Sequence[tuple[str, tuple[str, ...]]]]:
        lists = tuple(text for text, one in self._lists.items() if one.has(word))
        return lists, tuple((text, phrase) for text, one in self._lists.items() for phrase in one.phrases(word))
