"""Records what a source really answers as a case file, without anything that is secret or private to a login."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from flowd.api import Http
from flowd.edges.plugin_running import read_sample, run_dry
from flowd.engine.http import Answer, SourceHttp
from flowd.secrets import MASK, redact
from flowd.testing.cases import Case, write_cases
from flowd.testing.jsontext import Number, read, written
from flowd.testing.replay import Reply

#: Names of settings, parameters and fields that hold secrets.
SECRET_NAMES: Final = re.compile(
    r"secret|token|passw|passphrase|api_?-?key|private_?key|signature|credential|cookie|^auth"
)
#: Parameters that are another one each time: left out of what a request has to have.
_CHANGING: Final = re.compile(r"^(timestamp|ts|nonce|signature|sign|recvwindow|recv_window)$")
_KEPT_HEADERS: Final = ("link", "retry-after", "x-total-count", "x-next-page", "x-page")


def case(
    method: str,
    url: str,
    sent: bytes | None,
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    secrets: Iterable[str],
) -> Case:
    """Return one exchange as it may be kept; `secrets` are hidden wherever they stand."""
    known = [one for one in secrets if one]
    parts = urlsplit(url)
    query = {
        name: redact(value, known)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _CHANGING.match(name.lower()) and not SECRET_NAMES.search(name.lower())
    }
    try:
        body = written(_scrubbed(read(content), ""))
    except ValueError:
        body = content.decode("utf-8", "replace")
    return Case(
        method=method.upper(),
        path=redact(parts.path or "/", known),
        query={name: value for name, value in query.items() if MASK not in value},
        body=_parts_of(sent, known),
        reply=Reply(
            status=status,
            headers={name: redact(value, known) for name, value in headers.items() if name in _KEPT_HEADERS},
            body=redact(body, known),
        ),
    )


def _parts_of(sent: bytes | None, secrets: list[str]) -> dict[str, object]:
    """Return the plain fields of a body that was sent, without secret and changing ones."""
    if not sent:
        return {}
    try:
        data: Any = json.loads(sent, parse_float=Number)
    except ValueError:
        data = dict(parse_qsl(sent.decode("utf-8", "replace"), keep_blank_values=True))
    if not isinstance(data, dict):
        return {}
    return {
        name: value
        for name, value in data.items()
        if isinstance(value, str | int)
        and not SECRET_NAMES.search(name.lower())
        and not _CHANGING.match(name.lower())
        and redact(str(value), secrets) == str(value)
    }


def _scrubbed(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return {key: _scrubbed(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_scrubbed(item, name) for item in value]
    if isinstance(value, str) and not isinstance(value, Number) and SECRET_NAMES.search(name.lower()) and value:
        return MASK
    return value


def record(sample: Path, file: Path, feeds: Sequence[str]) -> int:
    """Read the connection in `sample` and write its source's answers to `file`; return the exit code of the run."""
    bound = read_sample(sample)
    known = [secret.get_secret_value() for secret in bound.secrets]
    kept: dict[str, Case] = {}

    def wrap(http: SourceHttp) -> Http:
        return Listening(http, known, kept)

    code = run_dry(sample, feeds, wrap=wrap)
    write_cases(file, kept.values())
    sys.stderr.write(f"{file}: {len(kept)} exchanges; replace what is private in them before you publish the file\n")
    return code


class Listening:
    """Passes requests on and keeps a scrubbed copy of each exchange; of equal requests the first is kept."""

    def __init__(self, http: SourceHttp, secrets: Sequence[str], into: dict[str, Case]) -> None:
        self._http = http
        self._secrets = secrets
        self._into = into

    def get(self, url: str, *, params: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Ask with GET."""
        answer = self._http.get(url, params=params, **more)
        asked = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}" if params else url
        return self._keep("GET", asked, None, answer)

    def post(self, url: str, *, json: object = None, data: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Ask with POST."""
        answer = self._http.post(url, json=json, data=data, **more)
        sent = written(json).encode() if json is not None else urlencode(data or {}).encode()
        return self._keep("POST", url, sent, answer)

    def request(self, method: str, url: str, *, content: bytes | None = None, **more: Any) -> Answer:
        """Ask with any method."""
        return self._keep(method, url, content, self._http.request(method, url, content=content, **more))

    def _keep(self, method: str, url: str, sent: bytes | None, answer: Answer) -> Answer:
        made = case(method, url, sent, answer.status, answer.headers, answer.content, self._secrets)
        self._into.setdefault(f"{made.method} {made.path} {sorted(made.query.items())} {made.body}", made)
        return answer
