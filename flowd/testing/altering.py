"""Hostile versions of a recorded answer: numbers, texts, lists and fields of its JSON changed one kind at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from flowd.testing.jsontext import Number, read, written
from flowd.testing.replay import Asked, Reply

#: Where a place in JSON is: names, and "[]" for every item of a list.
Place = tuple[str, ...]
#: Makes another value of the one at a place.
Change = Callable[[Place, object], object]

#: An amount, as sources write them: with a point, so that no id, count or time is meant.
_AMOUNT: Final = re.compile(r"-?\d{1,30}\.\d+")
#: Names under which people's own words stand.
WORDS: Final = re.compile(
    r"desc|narr|memo|note|remark|comment|merchant|counterparty|payee|payer|title|reference|message|nickname"
)
GONE: Final = object()


def altered(reply: Reply, change: Change) -> Reply:
    """Return `reply` with every value of its JSON body handed to `change`; another body stays as it is."""
    try:
        data = read(reply.content)
    except ValueError:
        return reply
    return replace(reply, body=written(_walk(data, (), change)))


def amounts(new: str) -> Change:
    """Put `new` in the place of every amount (`~` in it stands for the amount itself)."""

    def change(_: Place, value: object) -> object:
        if isinstance(value, str) and _AMOUNT.fullmatch(value):
            text = new.replace("~", value.removeprefix("-"))
            return Number(text) if isinstance(value, Number) else text
        return value

    return change


def words(addition: str) -> Change:
    """Put `addition` behind what stands under a name for people's own words."""

    def change(place: Place, value: object) -> object:
        own = bool(place) and WORDS.search(place[-1].lower()) is not None
        return value + addition if own and isinstance(value, str) and not isinstance(value, Number) else value

    return change


def emptied(_: Place, value: object) -> object:
    """Take all objects out of lists."""
    return [] if isinstance(value, list) and any(isinstance(item, Mapping) for item in value) else value


def first_gone(_: Place, value: object) -> object:
    """Take the first object out of each list: an account or asset that vanished."""
    return value[1:] if isinstance(value, list) and value and isinstance(value[0], Mapping) else value


def at(where: Place, new: object) -> Change:
    """Put `new` at one place (GONE: take it out), in every item of its lists."""

    def change(place: Place, value: object) -> object:
        return new if place == where else value

    return change


def places(reply: Reply) -> Iterator[Place]:
    """Yield every place of an object's field in the reply, once each."""
    try:
        data = read(reply.content)
    except ValueError:
        return
    found: dict[Place, None] = {}

    def note(place: Place, value: object) -> object:
        if place and place[-1] != "[]":
            found.setdefault(place)
        return value

    _walk(data, (), note)
    yield from found


def on(method: str, path: str, change: Change) -> Callable[[Asked, Reply], Reply]:
    """Alter the answers of one address."""

    def make(asked: Asked, reply: Reply) -> Reply:
        return altered(reply, change) if (asked.method, asked.path) == (method, path) else reply

    return make


def _walk(value: object, place: Place, change: Change) -> object:
    value = change(place, value)
    if isinstance(value, Mapping):
        items = {name: _walk(item, (*place, str(name)), change) for name, item in value.items()}
        return {name: item for name, item in items.items() if item is not GONE}
    if isinstance(value, list):
        return [_walk(item, (*place, "[]"), change) for item in value]
    return value
