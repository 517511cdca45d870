"""The HTTP client a connector is given: declared limits, deadlines, Retry-After and faults are its business."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import urlsplit

from flowd.errors import AuthError, OverTime, RetryLater

if TYPE_CHECKING:
    import ssl

    import httpx

#: The longest wait for a connection, or for the next part of an answer.
LONGEST_WAIT: Final = timedelta(seconds=10)
#: The largest answer that is read.
LARGEST_BODY: Final = 64 * 1024 * 1024
_MOST_REDIRECTS: Final = 5
_UNAUTHORISED: Final = (401, 403)
_UNREADABLE: Final = "an address that cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of a source, read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str
    source: str

    @property
    def text(self) -> str:
        """The body as text, in the encoding the source named, else UTF-8."""
        try:
            return self.content.decode(self.encoding, "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> object:
        """The body read as JSON, numbers with a point as Decimal; RetryLater if it is cut off or not JSON."""
        try:
            return json.loads(self.content, parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise RetryLater(f"{self.source} answered something that is not JSON: {error}") from None


class SourceHttp:
    """One connection's way out; `take` waits for, or refuses, each request (its weight, its host) as limits say."""

    def __init__(
        self,
        *,
        take: Callable[[float, str], None],
        time_left: Callable[[], timedelta],
        agent: str,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._take = take
        self._time_left = time_left
        self._agent = agent
        self._client: httpx.Client | None = None

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Container[int] = (),
        weight: float = 1,
    ) -> Answer:
        """Ask with GET."""
        plain = not params and not headers
        return self._ask("GET", url, {"params": params, "headers": headers}, allow, weight, plain=plain)

    def post(
        self,
        url: str,
        *,
        json: object = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Container[int] = (),
        weight: float = 1,
    ) -> Answer:
        """Ask with POST, a JSON or a form body; amounts in a JSON body are written as strings."""
        sent = dict(headers or {})
        body: dict[str, Any] = {"data": data}
        if json is not None:
            body = {"content": _dumps(json)}
            sent.setdefault("content-type", "application/json")
        return self._ask("POST", url, {**body, "headers": sent}, allow, weight, plain=False)

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        allow: Container[int] = (),
        weight: float = 1,
    ) -> Answer:
        """Ask with any method and a body that is sent as it is."""
        plain = not headers and content is None
        return self._ask(method.upper(), url, {"headers": headers, "content": content}, allow, weight, plain=plain)

    def close(self) -> None:
        """Hang up on every source."""
        if self._client is not None:
            self._client.close()
            self._client = None

    # --- One request -------------------------------------------------------------------------------------------------

    def _ask(
        self, method: str, url: str, sent: dict[str, Any], allow: Container[int], weight: float, *, plain: bool
    ) -> Answer:
        import httpx

        where = place(url)
        if where == _UNREADABLE:
            raise ValueError(f"{url!r} cannot be asked: it is not an address")
        for _ in range(_MOST_REDIRECTS + 1):
            self._take(weight, urlsplit(url).netloc.rpartition("@")[2])
            left = self._time_left()
            if left <= timedelta(0):
                raise OverTime(f"no time was left to ask {where}")
            try:
                answer, target = self._send(method, url, sent, left, where)
            except httpx.TimeoutException:
                if self._time_left() <= timedelta(0):
                    raise OverTime(f"{where} did not answer before the run's time was over") from None
                raise RetryLater(f"{where} did not answer in time") from None
            except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
                raise ValueError(f"{where} cannot be asked: {error}") from None
            except httpx.HTTPError as error:
                raise RetryLater(f"{where} could not be reached: {error or type(error).__name__}") from None
            if target is None or answer.status in allow:
                if answer.status not in allow:
                    _judge(answer, where)
                return answer
            _check_redirect(method, url, target, answer.status, where, plain=plain)
            # The target states its parameters itself.
            url, sent = target, {**sent, "params": None}
        raise RetryLater(f"{where} sent us round in circles ({_MOST_REDIRECTS} redirects)")

    def _send(
        self, method: str, url: str, sent: dict[str, Any], left: timedelta, where: str
    ) -> tuple[Answer, str | None]:
        patience = min(LONGEST_WAIT, left).total_seconds()
        content = bytearray()
        with self._open().stream(method, url, timeout=patience, **sent) as response:
            # Parts as they come: asked for parts of a size, the client would wait until one is full.
            for part in response.iter_bytes():
                content += part
                if len(content) > LARGEST_BODY:
                    raise RetryLater(f"{where} answered more than {LARGEST_BODY >> 20} MiB")
                # The client's own limit is per part: a source that drips would hold the run for ever.
                if self._time_left() <= timedelta(0):
                    raise OverTime(f"{where} was still answering when the run's time was over")
            answer = Answer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=bytes(content),
                encoding=response.charset_encoding or "utf-8",
                source=where,
            )
            target = str(response.next_request.url) if response.next_request is not None else None
            return answer, target

    def _open(self) -> httpx.Client:
        if self._client is None:
            import httpx

            self._client = httpx.Client(
                verify=True if self._tls is None else self._tls,
                headers={"user-agent": self._agent},
                follow_redirects=False,
                limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
            )
        return self._client


def place(url: str) -> str:
    """Return `url` as it may be shown: without login, query and fragment, where keys may stand."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return _UNREADABLE


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Read a Retry-After header: seconds or a date; None if there is none, or it cannot be read, or is past."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), 10**8))
    else:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta(0) else None


def _judge(answer: Answer, where: str) -> None:
    if answer.status < 400:
        return
    if answer.status in _UNAUTHORISED:
        raise AuthError(f"{where} refused the credentials (HTTP {answer.status})")
    # The source's word is relative to its own clock where it sends one.
    now = _date(answer.headers.get("date")) or datetime.now(UTC)
    after = retry_after(answer.headers.get("retry-after"), now=now)
    said = "asked to come back later" if answer.status == 429 else "could not answer"
    raise RetryLater(f"{where} {said} (HTTP {answer.status})", after=after)


def _check_redirect(method: str, url: str, target: str, status: int, where: str, *, plain: bool) -> None:
    if method != "GET" and status not in (307, 308):
        raise RetryLater(f"{where} redirected a {method} (HTTP {status}), which is not followed")
    here, there = urlsplit(url), urlsplit(target)
    if there.scheme != "https" and there.scheme != here.scheme:
        raise RetryLater(f"{where} redirected to {place(target)}, which is not encrypted: not followed")
    same = here.hostname == there.hostname and (here.port == there.port or here.scheme != there.scheme)
    if not same and not plain:
        # Nobody can tell which header, parameter or field is the key, so none of them goes to a stranger.
        raise RetryLater(f"{where} redirected to another host, {place(target)}: not followed, a key could leak")


def _date(value: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)


def _dumps(value: object) -> bytes:
    return json.dumps(value, default=_plain, allow_nan=False).encode()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"a {type(value).__name__} cannot be sent as JSON")


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")
