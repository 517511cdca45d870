"""The ways in which Binance gives out a window's rows: by page, by offset, by time, or all or none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from flowd.api import Record, RetryLater
from flowd_binance.asking import Asking
from flowd_binance.endpoints import Endpoint
from flowd_binance.reading import Row, milliseconds, rows
from flowd_binance.windows import Page, Reader

#: Turns one row into what flowd keeps of it.
Parse = Callable[[Row], Iterable[Record]]
#: Of a window with more pages than this its halves are read one after the other, so that each run gets further.
_MANY: Final = 20
#: A window is not halved further than this.
_SMALLEST: Final = 3_600_000


def by_page(
    endpoint: Endpoint,
    parse: Parse,
    *,
    inside: tuple[str, ...] = ("rows",),
    names: tuple[str, str] = ("current", "size"),
    size: int = 100,
    times: tuple[str, str] = ("startTime", "endTime"),
    **params: str | int,
) -> Reader:
    """Read an endpoint that numbers its pages from 1; `names` are its words for the page and for its size."""

    def ask(client: Asking, begin: int, end: int, page: int) -> list[Row]:
        asked = {times[0]: begin, times[1]: end, names[0]: page + 1, names[1]: size, **params}
        return rows(client.ask(endpoint, **asked), endpoint.path, *inside)

    return _numbered(ask, parse, size, endpoint)


def by_offset(endpoint: Endpoint, parse: Parse, *, size: int = 1000) -> Reader:
    """Read an endpoint that is told how many rows to pass over."""

    def ask(client: Asking, begin: int, end: int, page: int) -> list[Row]:
        asked = {"startTime": begin, "endTime": end, "offset": page * size, "limit": size}
        return rows(client.ask(endpoint, **asked), endpoint.path)

    return _numbered(ask, parse, size, endpoint)


def _numbered(ask: Callable[[Asking, int, int, int], list[Row]], parse: Parse, size: int, endpoint: Endpoint) -> Reader:
    def read(client: Asking, begin: int, end: int) -> Iterator[Page]:
        found: list[Record] = []
        last: list[Row] = []
        page = 0
        while some := ask(client, begin, end, page):
            _unlike(some, last, endpoint)
            found += _parsed(some, parse)
            if len(some) < size:
                break
            page, last = page + 1, some
            if page == _MANY and end - begin > _SMALLEST:
                middle = (begin + end) // 2
                yield from read(client, begin, middle)
                yield from read(client, middle + 1, end)
                return
        yield Page(records=found, upto=end + 1)

    return read


def by_time(endpoint: Endpoint, parse: Parse, *, time: str, size: int = 1000, **params: str) -> Reader:
    """Read an endpoint that gives the oldest rows first: the last row's time is where the next page begins.

    Where a page is full of one millisecond, its further pages are asked for by number.
    """

    def read(client: Asking, begin: int, end: int) -> Iterator[Page]:
        start, page, last = begin, 1, list[Row]()
        found: list[Record] = []
        while True:
            asked: dict[str, str | int] = {"startTime": start, "endTime": end, "limit": size, **params}
            if page > 1:
                asked["page"] = page
            some = rows(client.ask(endpoint, **asked), endpoint.path)
            if some:
                _unlike(some, last, endpoint)
            found += _parsed(some, parse)
            if len(some) < size:
                yield Page(records=found, upto=end + 1)
                return
            newest = max(milliseconds(row, time, endpoint.path) for row in some)
            if newest < start:
                raise RetryLater(f"{endpoint.path} answered rows from before the time that was asked for")
            if newest > start:
                yield Page(records=found, upto=newest)
                found = []
            page = page + 1 if newest == start else 1
            start, last = newest, some

    return read


def by_halves(
    endpoint: Endpoint,
    parse: Parse,
    *,
    inside: tuple[str, ...] = (),
    size: int,
    limit: str | None = "limit",
    **params: str | int,
) -> Reader:
    """Read an endpoint that cuts off what is too much: a window that comes back full is asked for again in halves."""

    def read(client: Asking, begin: int, end: int) -> Iterator[Page]:
        asked = {"startTime": begin, "endTime": end, **({} if limit is None else {limit: size}), **params}
        some = rows(client.ask(endpoint, **asked), endpoint.path, *inside)
        if len(some) >= size and begin < end:
            middle = (begin + end) // 2
            yield from read(client, begin, middle)
            yield from read(client, middle + 1, end)
        else:
            yield Page(records=_parsed(some, parse), upto=end + 1)

    return read


def _parsed(some: Iterable[Row], parse: Parse) -> list[Record]:
    return [record for row in some for record in parse(row)]


def _unlike(some: list[Row], last: list[Row], endpoint: Endpoint) -> None:
    if some == last:
        raise RetryLater(f"{endpoint.path} answered the same page twice")
