"""What Binance's error codes mean for flowd."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flowd.api import AuthError, RetryLater

#: Refused are the key (-2008, -2014), its rights or address (-1002, -2015), its signature (-1022).
_KEY: Final = frozenset({-1002, -1022, -2008, -2014, -2015})
#: Nothing is wrong but the moment.
_BUSY: Final = frozenset({-1000, -1001, -1004, -1006, -1007, -1008, -1016, -1034, -3022, -3044, -3045})
_TOO_MANY: Final = frozenset({-1003, -1015})
#: The request's time is not the server's.
SKEWED: Final = -1021
#: A symbol that is traded no more.
UNKNOWN_SYMBOL: Final = -1121
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)


class Refused(RetryLater):
    """Binance understood and said no to one request, and will say so again: `code` is its reason."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Forbidden(AuthError):
    """Binance refused the key for one request: all of it, or only this part; `code` is its reason."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Crowded(RetryLater):
    """Binance's limits are used up: nothing more is asked in this run."""


class Skewed(RetryLater):
    """The request's time was not within what Binance allows."""


#: What is said no to for good, and is no reason to leave out the rest.
PERMANENT: Final = (Refused, Forbidden)


def error_of(where: str, status: int, code: int | None, message: str, after: timedelta | None) -> Exception:
    """Return what to raise for an answer that is an error; `where` is the path, `after` the time it asked to wait."""
    said = f"{where}: {message} (HTTP {status}{f', code {code}' if code is not None else ''})"
    if status in (418, 429) or code in _TOO_MANY:
        # Asked again too soon, a warning (429) becomes a ban (418) of minutes to days.
        return Crowded(f"Binance's limit of requests is used up: {said}", after=after or _MINUTE)
    if code == SKEWED:
        return Skewed(f"this machine's clock and Binance's differ: {said}")
    if status == 451:
        return RetryLater(f"Binance does not serve this place; see `tld` and `base_url`: {said}", after=_HOUR)
    if code in _KEY or (code is None and status == 401):
        return Forbidden(f"Binance refused the key: {said}", code or -1002)
    if status >= 500 or status == 403 or code is None or code in _BUSY:
        # 403 without a code is Binance's firewall, which counts requests.
        return RetryLater(f"Binance could not answer: {said}", after=after)
    return Refused(f"Binance refused: {said}", code)
