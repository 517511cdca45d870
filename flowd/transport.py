"""Lets a library that insists on `requests` go out through flowd's client, within its limits, deadlines and faults.

Needs the package `requests`, which the library brings: flowd itself does without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from flowd.api import Http

#: Left out of what goes on: the client that sends it states these itself.
_OUR_OWN: Final = frozenset({"connection", "content-length", "host", "accept-encoding", "user-agent"})
#: Described the answer as it travelled; its body has been unpacked since.
_AS_SENT: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class FlowdAdapter(BaseAdapter):
    """Carries the requests of a `requests.Session` over `http`; every answer that comes is handed to the library.

    What is no answer (a timeout, a broken connection, a spent budget) raises flowd's own error through the library.
    `weigh` says what a request counts as against the declared limit.
    """

    def __init__(self, http: Http, weigh: Callable[[requests.PreparedRequest], float] = lambda _: 1) -> None:
        super().__init__()
        self._http = http
        self._weigh = weigh

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - the signature is the library's
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,  # noqa: ARG002
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Send one request and return its answer, whatever its status."""
        body = request.body
        answer = self._http.request(
            request.method or "GET",
            request.url or "",
            headers={name: _text(value) for name, value in request.headers.items() if name.lower() not in _OUR_OWN},
            content=body.encode() if isinstance(body, str) else body,
            allow=range(300, 600),
            weight=self._weigh(request),
        )
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(
            {name: value for name, value in answer.headers.items() if name not in _AS_SENT}
        )
        response.raw = BytesIO(answer.content)
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """Do nothing: the client belongs to the run."""


def session(http: Http, weigh: Callable[[requests.PreparedRequest], float] = lambda _: 1) -> requests.Session:
    """Return a session of `requests` that goes out over `http` and nowhere else."""
    made = requests.Session()
    made.trust_env = False
    adapter = FlowdAdapter(http, weigh)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
