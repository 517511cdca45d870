"""A batch on its way: gathered whole before anything of it is written, in memory if small, else in a file."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from flowd.errors import BatchRefused

#: What a batch may take in memory; the rest of a larger one goes to a file.
IN_MEMORY: Final = 1024 * 1024
#: The largest batch: about ten million transactions.
LARGEST: Final = 4 * 1024 * 1024 * 1024
_LENGTH: Final = struct.Struct("!I")


class Parcel:
    """The frames of one batch, in order; read as often as needed, gone when closed.

    The database's transaction thus begins when the connector has said everything: a slow connector holds no
    connection to it, and half a batch cannot land.
    """

    def __init__(self, folder: Path | None = None, *, largest: int = LARGEST) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed in close()
            max_size=IN_MEMORY, dir=None if folder is None else str(folder)
        )
        self._largest = largest
        self.frames = 0
        self.size = 0

    def add(self, frame: bytes) -> None:
        """Add a frame; BatchRefused when the batch grows too large."""
        self.size += len(frame)
        if self.size > self._largest:
            raise BatchRefused(f"a batch is larger than {self._largest >> 20} MiB: yield smaller ones")
        self._file.write(_LENGTH.pack(len(frame)))
        self._file.write(frame)
        self.frames += 1

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        for _ in range(self.frames):
            (length,) = _LENGTH.unpack(self._file.read(_LENGTH.size))
            yield self._file.read(length)

    def close(self) -> None:
        """Forget it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
