"""python-binance, made to go out over flowd's HTTP client; imported only where a connection runs, for it is heavy."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import warnings
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, cast
from urllib.parse import urlsplit

import requests

from flowd.api import ConfigError, Context, RetryLater, Secret
from flowd.transport import session
from flowd_binance.endpoints import SERVER_TIME, Endpoint, Family, family_of, weight_of
from flowd_binance.refusals import Crowded, Skewed, error_of
from flowd_binance.settings import BinanceConfig

with warnings.catch_warnings():
    # Its web sockets, which nobody uses here, are of an older kind than the library they come from.
    warnings.simplefilter("ignore")
    from binance.client import Client

#: The share of a published limit past which this run asks for nothing more: the rest is for whoever shares the address.
_FULL: Final = 0.9
#: The longest that Binance allows: a signed request may have to wait for its turn.
_WINDOW: Final = 60_000
#: Clocks that differ by less agree.
_CLOSE: Final = timedelta(seconds=1)
_TESTNET: Final = {
    Family.SPOT: "https://testnet.binance.vision",
    Family.USDM: "https://testnet.binancefuture.com",
    Family.COINM: "https://testnet.binancefuture.com",
}
_HOSTS: Final = {
    Family.SPOT: "api",
    Family.SAPI: "api",
    Family.USER: "api",
    Family.USDM: "fapi",
    Family.COINM: "dapi",
    Family.PORTFOLIO: "papi",
}


class BinanceClient(Client):  # type: ignore[misc]  # the library has no types that are worth their reading time
    """Signs and sends as python-binance does, within flowd's limits; every failure is one of flowd's errors."""

    REQUEST_RECVWINDOW = _WINDOW

    def __init__(self, config: BinanceConfig, ctx: Context) -> None:
        self._ctx = ctx
        self._config = config
        #: What is used up, by the path or the family whose limit it is.
        self._crowded: dict[str, str] = {}
        #: How far Binance's clock is before this machine's; None as long as nobody had to ask.
        self.skew: timedelta | None = None
        super().__init__(
            _shown(config.key),
            _shown(config.secret),
            tld=config.tld,
            private_key=_shown(config.private_key),
            private_key_pass=_shown(config.private_key_password),
            ping=False,
        )
        # It keeps an event loop for its web sockets, which nobody opens.
        self.loop.close()
        asyncio.set_event_loop(None)

    def ask(self, endpoint: Endpoint, **params: str | int) -> Any:
        """Return what Binance answers, amounts with a point as Decimal; one of flowd's errors otherwise."""
        # The library changes what it is given: its signature would be signed again.
        return self._request(endpoint.method, f"{self._host(endpoint)}{endpoint.path}", endpoint.signed, data=params)

    def server_time(self) -> int:
        """Return Binance's clock in milliseconds."""
        answer = self.ask(SERVER_TIME)
        if not isinstance(answer, dict) or not isinstance(answer.get("serverTime"), int):
            raise RetryLater(f"{SERVER_TIME.path} answered without `serverTime`")
        return cast("int", answer["serverTime"])

    def measured_skew(self) -> timedelta:
        """Return how far Binance's clock is before this machine's."""
        before = time.time()
        theirs = self.server_time()
        # What the answer took is split evenly between the way there and the way back.
        return timedelta(milliseconds=theirs) - timedelta(seconds=(before + time.time()) / 2)

    # --- What the library asks for -----------------------------------------------------------------------------------

    def _init_session(self) -> requests.Session:
        made = session(self._ctx.http, lambda request: weight_of(request.url or ""))
        made.headers.update({"Accept": "application/json", "X-MBX-APIKEY": self.API_KEY or ""})
        return made

    def _init_private_key(self, private_key: str | None, private_key_pass: str | None = None) -> Any:
        """Read an Ed25519 or RSA key by what it is; the library goes by its length."""
        if not private_key:
            return None
        from Crypto.PublicKey import ECC, RSA

        for kind in (ECC, RSA):
            try:
                key = kind.import_key(private_key.strip(), passphrase=private_key_pass)
            except (ValueError, IndexError, TypeError):
                continue
            self._is_rsa = kind is RSA
            return key
        raise ConfigError(
            "`private_key` is no Ed25519 or RSA key in PEM form, or `private_key_password` is not its own"
        )

    def _request(self, method: str, uri: str, signed: bool, force_params: bool = False, **kwargs: Any) -> Any:
        data = kwargs.pop("data", None) or {}
        for last in (False, True):
            if (crowded := self._crowded.get(_share(uri))) is not None:
                raise Crowded(crowded, after=timedelta(minutes=1))
            try:
                return super()._request(method, uri, signed, force_params, data=dict(data), **kwargs)
            except Skewed:
                if last or not signed:
                    raise
                self._agree_on_time()
        raise AssertionError("a request was neither answered nor refused")

    def _handle_response(self, response: requests.Response) -> Any:
        """Return what an answer says, or raise what it means."""
        url = response.url
        where = urlsplit(url).path
        self._note_use(url, response)
        is_json, said = True, None
        try:
            said = json.loads(response.content or b"{}", parse_float=Decimal)
        except (ValueError, RecursionError):
            is_json = False
        if 200 <= response.status_code < 300:
            if not is_json:
                raise RetryLater(f"{where} answered something that is not JSON")
            if not isinstance(said, dict) or _is_fine(said):
                return said
        code = said.get("code") if isinstance(said, dict) else None
        message = str(said.get("msg") or said.get("message") or "no reason given") if isinstance(said, dict) else ""
        waits = response.headers.get("retry-after", "")
        after = timedelta(seconds=int(waits)) if waits.isascii() and waits.isdigit() else None
        number = code if isinstance(code, int) else None
        raise error_of(where, response.status_code, number, self._clean(message[:300]), after)

    # --- Inside ------------------------------------------------------------------------------------------------------

    def _host(self, endpoint: Endpoint) -> str:
        if self._config.base_url is not None:
            return self._config.base_url.rstrip("/")
        if self._config.testnet:
            return _TESTNET.get(endpoint.family, _TESTNET[Family.SPOT])
        return f"https://{_HOSTS[endpoint.family]}.binance.{self._config.tld}"

    def _agree_on_time(self) -> None:
        """Take over Binance's clock for the rest of the run."""
        self.skew = self.measured_skew()
        self.timestamp_offset = self.skew // timedelta(milliseconds=1)
        # Where the clocks agree, the request only waited long for its turn, signed.
        level = logging.WARNING if abs(self.skew) > _CLOSE else logging.DEBUG
        way = "behind" if self.timestamp_offset > 0 else "ahead of"
        off = abs(self.timestamp_offset)
        self._ctx.log.log(level, "this machine's clock is %s ms %s Binance's: healed", off, way)

    def _note_use(self, url: str, response: requests.Response) -> None:
        family = family_of(url)
        for name, value in response.headers.items():
            by_user = name.lower().startswith("x-sapi-used-uid-weight")
            if not by_user and not name.lower().startswith(("x-mbx-used-weight-1m", "x-sapi-used-ip-weight-1m")):
                continue
            limit = Family.USER.limit if by_user else family.limit
            if value.isascii() and value.isdigit() and int(value) >= _FULL * limit:
                said = f"Binance counts {value} of {limit} in this minute, by whoever shares key or address"
                self._crowded[_share(url)] = said

    def _clean(self, text: str) -> str:
        """Leave the key out of a text that is shown: some proxies echo what they were sent."""
        for secret in (self.API_KEY, self.API_SECRET):
            if secret:
                text = text.replace(secret, "***")
        return text


def _share(url: str) -> str:
    """Return what a limit is shared by: `sapi` counts each of its paths alone, the others all of theirs together."""
    family = family_of(url)
    return url.partition("?")[0] if family in (Family.SAPI, Family.USER) else family.prefix


def _is_fine(said: dict[str, Any]) -> bool:
    """Tell an answer from an error that travels as HTTP 200; some good answers carry "000000", others "000000000"."""
    code = said.get("code")
    if isinstance(code, str) and code and not code.strip("0"):
        return True
    return code is None or code in (0, 200) or said.get("success") is True


def _shown(secret: Secret | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
