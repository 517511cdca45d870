"""Makes ccxt's exchange a good guest: flowd's client, exact numbers, a clock that can be set, nonces that only rise."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, Final

from flowd.api import RetryLater
from flowd_ccxt.faults import SAID

#: Exchanges that compare a nonce with the last one of the key; all others take it for the time of the request.
COUNTING: Final = frozenset(
    {"kraken", "krakenfutures", "bitfinex", "gemini", "independentreserve", "bit2c", "coinspot", "zaif"}
)
#: A clock put back by less than this repeats no stamp; put back by more it is believed.
_STEP: Final = 1_000


def tame(kind: Any, now: Callable[[], float], *, firewall: bool) -> Any:
    """Return a subclass of one of ccxt's exchanges; `now` gives seconds since 1970.

    With `firewall` an HTTP 403 without the exchange's own words means too many requests, as the exchange documents it,
    and not a refused key. ccxt's `fetch` lets flowd's errors pass (it catches those of `requests` only), but some of
    its methods swallow whatever goes wrong while they find out what an account can do: `lost` remembers it.
    """
    counting = kind.__name__ in COUNTING

    class Tamed(kind):  # type: ignore[misc]
        flowd_skew = 0.0
        flowd_weight = 0.0
        flowd_last_nonce = 0
        flowd_last_stamp = 0
        flowd_signing = False
        flowd_status = 0
        flowd_lost: Exception | None = None
        flowd_marker: tuple[str, frozenset[str], tuple[str, ...]] | None = None

        # --- Time ----------------------------------------------------------------------------------------------------

        def milliseconds(self) -> int:
            stamp = int((now() + self.flowd_skew) * 1000)
            if not self.flowd_signing:
                return stamp
            if stamp <= self.flowd_last_stamp and (counting or self.flowd_last_stamp - stamp < _STEP):
                stamp = self.flowd_last_stamp + 1
            self.flowd_last_stamp = stamp
            return stamp

        def seconds(self) -> int:
            return int(now() + self.flowd_skew)

        def microseconds(self) -> int:
            return int((now() + self.flowd_skew) * 1_000_000)

        def nonce(self) -> int:
            value = int(super().nonce())
            if value <= self.flowd_last_nonce and (counting or self.flowd_last_nonce - value < _STEP):
                value = self.flowd_last_nonce + 1
            self.flowd_last_nonce = value
            return value

        def sign(self, *args: Any, **named: Any) -> Any:
            self.flowd_signing = True
            try:
                return super().sign(*args, **named)
            finally:
                self.flowd_signing = False

        # --- One request ---------------------------------------------------------------------------------------------

        def throttle(self, cost: float | None = None) -> None:
            """Wait for nothing: the weight in milliseconds goes with the request, and flowd's limits do the waiting."""
            self.flowd_weight = (1 if cost is None else cost) * self.rateLimit

        def on_json_response(self, body: str) -> Any:
            # As text, numbers keep the digits they were printed with.
            return json.loads(body, parse_float=str)

        def on_rest_response(self, code: int, *rest: Any) -> Any:
            self.flowd_status = code
            return super().on_rest_response(code, *rest)

        def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
            self.last_response_headers, self.flowd_status = None, 0
            try:
                answer = super().fetch(url, method, headers, body)
                self._flowd_recognise(answer, url)
                return answer
            except SAID as error:
                self.flowd_lost = error
                raise
            except Exception as error:
                if any(one.__name__ == "NetworkError" for one in type(error).__mro__):
                    self.flowd_lost = error
                # In words that ccxt does not know, a refusal is still one.
                if type(error).__name__ == "ExchangeError" and self._flowd_turned_away():
                    raise self.flowd_refused(str(error)) from None
                raise

        def _flowd_turned_away(self) -> bool:
            return self.flowd_status == 401 or (self.flowd_status == 403 and not firewall)

        def _flowd_recognise(self, answer: Any, url: str) -> None:
            place = f"{self.id} {url.partition('?')[0].partition('://')[2]}"
            if not isinstance(answer, dict | list):
                raise RetryLater(f"{place} answered something that is not JSON")
            if self.flowd_marker is None:
                return
            # Without this, an answer that lacks its data would read as an account that holds nothing.
            name, good, data = self.flowd_marker
            if not isinstance(answer, dict) or (name and str(answer.get(name)) not in good):
                raise RetryLater(f"{place} answered without {name or data[0]}: not what the exchange documents")
            if not any(one in answer for one in data):
                raise RetryLater(f"{place} answered without {' or '.join(data)}: not what the exchange documents")

        def handle_http_status_code(self, code: int, reason: str, url: str, method: str, body: Any) -> Any:
            if code == 403 and not firewall:
                raise self.flowd_refused(f"{self.id} {method} refused the key (HTTP 403)")
            return super().handle_http_status_code(code, reason or "", url, method, body or "")

        def log(self, *args: Any) -> None:
            """Say nothing: ccxt would print requests with their signatures."""

    Tamed.__name__ = kind.__name__
    return Tamed


def silent() -> logging.Logger:
    """Return a log that keeps nothing: ccxt writes headers with keys in them at debug level."""
    log = logging.Logger("flowd.ccxt")  # noqa: LOG001 - must not be one that somebody switches on
    log.disabled = True
    return log
