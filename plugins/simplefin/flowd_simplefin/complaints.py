"""What a server complains of: who has to do something, and whose data are not whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from flowd.api import AuthError, RetryLater
from flowd.errors import FlowdError
from flowd_simplefin.shape import Shape, clean

_LONGEST: Final = 300
_MOST: Final = 5
#: Words of the older protocol, which has no codes.
_LOG_IN: Final = re.compile(r"authenticat|log ?in|credential|attention|payment required|revoked", re.IGNORECASE)
_ABOUT_THE_REQUEST: Final = re.compile(
    r"date range|rate limit|quota|requests? (per|a) day|too many requests", re.IGNORECASE
)


@dataclass(slots=True, kw_only=True)
class Complaints:
    """What was said of one answer: texts for people, and the accounts and connections that are not whole.

    `everywhere` says that nobody knows whose data are meant.
    """

    texts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    accounts: set[str] = field(default_factory=set)
    connections: set[str] = field(default_factory=set)
    everywhere: bool = False
    log_in: bool = False

    @property
    def said(self) -> str:
        """All of it in one line."""
        rest = len(self.texts) - _MOST
        return "; ".join(self.texts[:_MOST]) + (f" and {rest} more" if rest > 0 else "")

    def touches(self, account: str, connection: str | None) -> bool:
        """Say whether the data of an account may not be whole."""
        return (
            self.everywhere or account in self.accounts or (connection is not None and connection in self.connections)
        )

    def error(self) -> FlowdError:
        """Return what it means if there is nothing else in the answer."""
        if self.log_in:
            return AuthError(f"SimpleFIN: {self.said}")
        return RetryLater(
            f"SimpleFIN: {self.said}" if self.texts else "SimpleFIN names no account: connect a bank there"
        )


def complaints(answer: Shape) -> Complaints:
    """Read `errlist` and, of older servers, `errors`; AuthError if access as a whole is refused."""
    found = Complaints()
    for item in answer.maybe_each("errlist"):
        code = (item.maybe_text("code") or "gen.").lower()
        text = clean(item.maybe_text("msg") or code, _LONGEST)
        prefix, _, rest = code.partition(".")
        if code == "gen.auth":
            raise AuthError(f"SimpleFIN: {text}")
        if code == "gen.api":
            # About how it was asked; what was asked for is there all the same.
            found.notes.append(text)
            continue
        found.texts.append(text)
        found.log_in |= rest == "auth"
        account, connection = item.maybe_text("account_id"), item.maybe_text("conn_id")
        if prefix == "act" and account is not None:
            found.accounts.add(account)
        elif prefix == "con" and connection is not None:
            found.connections.add(connection)
        else:
            found.everywhere = True
    _older(answer, found)
    return found


def _older(answer: Shape, found: Complaints) -> None:
    listed = answer.data.get("errors")
    for item in listed if isinstance(listed, list) else []:
        text = clean(str(item), _LONGEST)
        if not text or text in found.texts or text in found.notes:
            continue
        if _ABOUT_THE_REQUEST.search(text):
            found.notes.append(text)
            continue
        found.texts.append(text)
        found.everywhere = True
        found.log_in |= _LOG_IN.search(text) is not None
