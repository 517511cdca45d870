"""Frames: the parts of a packed batch, and the bytes they travel and wait as."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from flowd.domain.json import canonical
from flowd.errors import BatchRefused

#: Bytes of a whole frame, at most.
LARGEST_FRAME: Final = 64 * 1024 * 1024
#: How the length in front of each column is written.
LENGTH: Final = struct.Struct(">I")

_MAGIC: Final = b"flowd\x01"
_SIZES: Final = struct.Struct(">6sII")


class Kind(StrEnum):
    """What a frame holds; the closing frame ends every batch, and a batch without one is not whole."""

    SNAPSHOTS = "snapshots"
    RATES = "rates"
    EVENTS = "events"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A part of a batch: what it is, facts about it (JSON), and its columns, each behind its length."""

    kind: Kind
    head: Mapping[str, Any]
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the frame as one piece of bytes; `from_bytes` reads it back."""
        head = canonical({**self.head, "kind": self.kind.value}).encode()
        return b"".join((_SIZES.pack(_MAGIC, len(head), len(self.body)), head, self.body))

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview) -> Frame:
        """Read a frame; BatchRefused when it is cut off, too long or not a frame."""
        view = memoryview(data)
        if not _SIZES.size <= len(view) <= LARGEST_FRAME:
            raise BatchRefused(f"a frame of {len(view)} bytes: from {_SIZES.size} to {LARGEST_FRAME} are allowed")
        magic, head_size, body_size = _SIZES.unpack_from(view)
        if magic != _MAGIC:
            raise BatchRefused("bytes that are not a frame of this version of flowd")
        if _SIZES.size + head_size + body_size != len(view):
            raise BatchRefused(f"a frame cut off or added to: {len(view)} bytes do not match the sizes it states")
        body = _SIZES.size + head_size
        try:
            head = json.loads(bytes(view[_SIZES.size : body]))
            return cls(kind=Kind(head.pop("kind")), head=head, body=bytes(view[body:]))
        except (ValueError, AttributeError, KeyError, RecursionError) as error:
            raise BatchRefused(f"a frame whose head cannot be read: {error}") from None

    def columns(self, count: int) -> list[memoryview]:
        """Return the frame's columns; BatchRefused when there are not exactly `count`."""
        view = memoryview(self.body)
        found: list[memoryview] = []
        at = 0
        while at + 4 <= len(view) and len(found) <= count:
            (size,) = LENGTH.unpack_from(view, at)
            found.append(view[at + 4 : at + 4 + size])
            at += 4 + size
        if at != len(view) or len(found) != count:
            raise BatchRefused(f"a frame of {self.kind} whose columns are not the {count} it must have")
        return found
