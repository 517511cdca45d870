"""What the connector `files` remembers between looks: bounded, whatever the folder holds."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from flowd.api import Cursor

#: How many read files are remembered by content: enough for every file between a commit and its move, and for most
#: files that are dropped again. A forgotten one is read once more, which changes nothing.
REMEMBERED: Final = 256
_MARK: Final = 8
BUCKETS: Final = 512


@dataclass(kw_only=True)
class State:
    """`seen`: marks of files read last. `left`: for files that stay in the folder, one digest per group of names.

    Files that stay (a folder that cannot be written to, or `after: leave`) may be thousands, and a cursor is small: a
    group whose digest is unchanged has nothing new. When one file of a group is new, the group is looked at again.
    """

    seen: list[bytes] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Cursor | None) -> State:
        """Return what `cursor` says; a state from another version is forgotten, which costs a second look only."""
        if cursor is None or cursor.version != 1 or not isinstance(cursor.data, dict):
            return cls()
        seen, left = cursor.data.get("seen"), cursor.data.get("left")
        blob = base64.b64decode(seen) if isinstance(seen, str) else b""
        return cls(
            seen=[blob[at : at + _MARK] for at in range(0, len(blob), _MARK)],
            left={int(key): str(value) for key, value in left.items()} if isinstance(left, dict) else {},
        )

    def cursor(self) -> Cursor:
        """Return the state as a cursor."""
        return Cursor(
            data={
                "seen": base64.b64encode(b"".join(self.seen)).decode(),
                "left": {str(key): value for key, value in sorted(self.left.items())},
            }
        )

    def remember(self, mark: bytes) -> None:
        """Keep `mark` as read, at the cost of the oldest one."""
        if mark in self.seen:
            self.seen.remove(mark)
        self.seen = [*self.seen, mark][-REMEMBERED:]


def mark_of(fingerprint: str, how: str) -> bytes:
    """Return what stands for a content read in a certain way: read in another way, it is worth reading again."""
    return blake2b(f"{fingerprint} {how}".encode(), digest_size=_MARK).digest()


def bucket_of(name: str) -> int:
    """Return the group of the file name `name`."""
    return int.from_bytes(blake2b(name.encode(errors="surrogateescape"), digest_size=4).digest()) % BUCKETS


def digest_of(files: Iterable[tuple[str, int, int]], how: str) -> str:
    """Return what stands for `files` (name, size, time of change) in one group, read in the way `how`; "" for none."""
    items = sorted(files)
    if not items:
        return ""
    text = "\n".join(f"{name}\0{size}\0{time}" for name, size, time in items) + "\0" + how
    return base64.b64encode(blake2b(text.encode(errors="surrogateescape"), digest_size=6).digest()).decode()
