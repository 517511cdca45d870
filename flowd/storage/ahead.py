"""Takes things from an iterator in a thread, a few ahead of whoever uses them, so that both work at the same time."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T")

#: Bytes taken at first; what ends within them never needs a thread.
SHORT: Final = 1024 * 1024
_AHEAD: Final = 1
_BEAT: Final = 2.0


class Ahead(Generic[T]):
    """The items of `source`: those of a short source at once, those of a long one through a thread.

    `fill()` takes items until the last one or SHORT bytes; `first` holds them, `complete` says if they are all.
    Closing it (the end of the `with`) stops the thread at its next item and does not wait for it: its source may be
    holding it.
    """

    def __init__(self, source: Iterable[T], *, is_last: Callable[[T], bool], size: Callable[[T], int]) -> None:
        self._source = iter(source)
        self._is_last = is_last
        self._size = size
        self.first: deque[T] = deque()
        self.complete = False
        self._queue: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(_AHEAD)
        self._stop = threading.Event()

    def fill(self) -> None:
        """Take what is needed to know whether the source is short; its errors pass through."""
        size = 0
        for item in self._source:
            self.first.append(item)
            size += self._size(item)
            if self._is_last(item):
                self.complete = True
                return
            if size > SHORT:
                return
        self.complete = True

    def items(self, *, idle: Callable[[], None]) -> Iterator[T]:
        """Yield every item in order; `idle` is called every two seconds in which none is ready."""
        if not self.complete:
            threading.Thread(target=self._take, name="flowd-ahead", daemon=True).start()
        while self.first:
            # not kept while it is used: a frame is megabytes
            yield self.first.popleft()
        while not self.complete:
            try:
                got = self._queue.get(timeout=_BEAT)
            except queue.Empty:
                idle()
                continue
            if got is None:
                return
            if isinstance(got, BaseException):
                raise got
            yield got[0]
            del got

    def _take(self) -> None:
        try:
            for item in self._source:
                if not self._put((item,)):
                    return
                del item
        except BaseException as error:
            self._put(error)
        else:
            self._put(None)

    def _put(self, item: tuple[T] | BaseException | None) -> bool:
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
