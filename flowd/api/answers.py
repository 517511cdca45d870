"""Reads an answer of a source as a shape that the plugin declares, and says what does not fit."""

from __future__ import annotations

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from flowd.api.context import Response
from flowd.errors import RetryLater

T = TypeVar("T")
_MOST = 3


def read_answer(answer: Response, shape: type[T]) -> T:
    """Return the JSON of `answer` as `shape` (a pydantic model, or such as `list[Model]`).

    RetryLater names the address and the fields where the answer is another one than expected. The answer's values are
    left out of the text.
    """
    try:
        return TypeAdapter(shape).validate_python(answer.json())
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        said = [f"{'.'.join(map(str, item['loc'])) or 'all of it'}: {item['msg']}" for item in found[:_MOST]]
        more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
        where = getattr(answer, "source", "the source")
        raise RetryLater(f"{where} answered something else than expected ({'; '.join(said)}{more})") from None
