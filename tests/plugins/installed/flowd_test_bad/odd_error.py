"""Its exception cannot be written."""

from __future__ import annotations


class OddError(BaseException):
    def __str__(self) -> str:
        raise RuntimeError("no text")


raise OddError
