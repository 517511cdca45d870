"""Asks Stripe: one request at a time, lists page by page, and says in words what a key may not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flowd.api import AuthError, ConfigError, Context, Response, RetryLater
from flowd_stripe.config import StripeConfig
from flowd_stripe.reading import Thing

#: The most that Stripe gives at once.
PAGE: Final = 100
_PERMISSION: Final = re.compile(r"\b(rak_[a-z0-9_]+)\b")
#: A key's end that Stripe shows in its messages is nobody's business.
_KEY: Final = re.compile(r"\b[rsp]k_(?:live|test)_\S+")


class NotAllowed(Exception):
    """The key may not read this: other parts can be read all the same. The text names what is missing."""


class Refused(Exception):
    """Stripe did not understand the question; `param` is what it did not like."""

    def __init__(self, message: str, param: str) -> None:
        super().__init__(message)
        self.param = param


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a list, and the id to go on after; None after the last page."""

    rows: Sequence[Thing]
    after: str | None


class Api:
    """Stripe, as one run asks it."""

    def __init__(self, config: StripeConfig, ctx: Context) -> None:
        self._config = config
        self._ctx = ctx

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Thing:
        """Ask for one object; NotAllowed where the key lacks a permission, Refused for a question that is wrong."""
        config = self._config
        headers = {
            "Authorization": f"Bearer {config.key.get_secret_value().strip()}",
            "Stripe-Version": config.api_version,
        }
        if config.account is not None:
            headers["Stripe-Account"] = config.account
        answer = self._ctx.http.get(
            f"{config.url.rstrip('/')}/v1/{path}", params=params, headers=headers, allow=(400, 403, 404)
        )
        if answer.status < 400:
            return Thing(answer.json(), path)
        raise _reason(answer.status, _body(answer), path, config)

    def pages(self, path: str, params: Mapping[str, str], after: str | None = None) -> Iterator[Page]:
        """Yield a list page by page, the newest first, going on after the id `after`.

        A list that comes round again, or says that there is more and gives nothing, raises RetryLater.
        """
        gone_by: set[str] = set() if after is None else {after}
        while True:
            asked = {**params, "limit": str(PAGE)} | ({} if after is None else {"starting_after": after})
            answer = self.get(path, asked)
            if not isinstance(answer.value.get("data"), list):
                raise RetryLater(f"{path} answered without a list of data")
            rows = list(answer.parts("data"))
            after = rows[-1].text("id") if rows and answer.flag("has_more") else None
            if answer.flag("has_more") and (after is None or after in gone_by):
                raise RetryLater(f"{path} says that there is more and gives the same again")
            if after is not None:
                gone_by.add(after)
            yield Page(rows=rows, after=after)
            if after is None:
                return


def _body(answer: Response) -> object:
    try:
        return answer.json()
    except RetryLater:
        return None


def _reason(status: int, body: object, path: str, config: StripeConfig) -> Exception:
    error = body.get("error") if isinstance(body, Mapping) else None
    said = Thing(error, path) if isinstance(error, Mapping) else None
    message = _KEY.sub("…", said.maybe("message")) if said is not None else f"HTTP {status}"
    code = said.maybe("code") if said is not None else ""
    if status == 403:
        if code == "account_invalid" or (config.account is not None and "access to account" in message):
            return ConfigError(f"account: this key may not read {config.account}, or it was disconnected")
        found = _PERMISSION.search(message)
        if found is not None or "permission" in message:
            needed = f" ({found[1]})" if found is not None else ""
            return NotAllowed(f"{path}: the key may not read this; allow it in the key's settings{needed}")
        return AuthError(f"{path}: {message}")
    if status == 404 and code != "resource_missing":
        return RetryLater(f"{path}: there is nothing at this address (HTTP 404)")
    return Refused(f"{path}: {message}", said.maybe("param") if said is not None else "")
