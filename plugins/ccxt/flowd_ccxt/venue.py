"""One exchange as a connection sees it: asked over flowd's client, healed of a wrong clock, errors translated."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from flowd.api import ConfigError, Http, RetryLater
from flowd_ccxt import answers
from flowd_ccxt.config import ExchangeConfig
from flowd_ccxt.faults import SAID, Unreadable, retry_after, told, translate
from flowd_ccxt.taming import COUNTING

if TYPE_CHECKING:
    from flowd_ccxt.profile import Profile

#: How long a list of markets is good: new listings are rare, and the lists are large.
_MARKETS_GOOD: Final = timedelta(hours=12)
#: What a nonce is put forward by when the exchange says that it has seen a later one (milliseconds: an hour).
_LEAP: Final = 3_600_000


class Venue:
    """An exchange and its key; made when it is first used, and kept warm with its markets."""

    def __init__(self, profile: Profile, config: ExchangeConfig, now: Callable[[], float] = time.time) -> None:
        self.profile = profile
        self.config = config
        self._now = now
        self._made: Any = None
        self._markets_at: float | None = None
        self._leapt = False
        self._answers: dict[str, Any] = {}
        #: How far the machine's clock is from the exchange's, once that was found out (positive: ours is behind).
        self.skew: timedelta | None = None

    # --- A run -------------------------------------------------------------------------------------------------------

    @contextmanager
    def over(self, http: Http, nonce: int = 0) -> Iterator[Venue]:
        """Use `http` for the length of a run; nonces begin above `nonce`."""
        from flowd.transport import session

        exchange = self.exchange
        out = session(http, lambda _: max(float(exchange.flowd_weight), 0.0) or 1.0)
        # A redirect would carry the key's headers to wherever it points.
        out.max_redirects = 0
        exchange.session = out
        exchange.flowd_last_nonce = max(exchange.flowd_last_nonce, nonce)
        exchange.flowd_last_stamp = max(exchange.flowd_last_stamp, nonce) if self.counts else 0
        self._leapt = False
        self._answers.clear()
        try:
            yield self
        finally:
            exchange.session = None
            out.close()

    @property
    def exchange(self) -> Any:
        """The tamed object of ccxt."""
        if self._made is None:
            self._made = self._make()
        return self._made

    @property
    def counts(self) -> bool:
        """Say whether the exchange compares nonces, so that the last one must be kept over restarts."""
        return self.profile.exchange in COUNTING

    @property
    def nonce(self) -> int:
        """The last nonce that was used."""
        return max(int(self.exchange.flowd_last_nonce), int(self.exchange.flowd_last_stamp)) if self.counts else 0

    @property
    def name(self) -> str:
        """The exchange's own name."""
        return str(self.exchange.name)

    def has(self, method: str) -> bool:
        """Say whether ccxt can do `method` (such as fetchLedger) here."""
        return self.exchange.has.get(method) is True

    # --- Asking ------------------------------------------------------------------------------------------------------

    def call(self, method: str, *args: Any, **named: Any) -> Any:
        """Call a method of ccxt; flowd's errors come out, Unreadable where something is not to be had here at all."""
        place = f"{self.profile.exchange} {_words(method)}"
        try:
            return self._healed(method, args, named)
        except (*SAID, Unreadable):
            raise
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError) as error:
            # ccxt takes an answer apart without looking whether it is what is documented.
            raise RetryLater(f"{place} answered in an unknown shape ({type(error).__name__}: {error})") from None
        except Exception as error:
            if not any(one.__name__ == "BaseError" for one in type(error).__mro__):
                raise
            raise translate(error, place=place, secrets=self._secrets(), after=self._retry_after()) from None

    def rows(self, answer: object, path: Sequence[str | int], where: str) -> list[dict[str, Any]]:
        """Return the objects found at `path` of an answer; RetryLater names what is missing."""
        return answers.rows(answer, path, f"{self.profile.exchange} {where}")

    def one(self, answer: object, path: Sequence[str | int], where: str) -> dict[str, Any]:
        """Return the one object found at `path`; RetryLater where there is something else."""
        return answers.one(answer, path, f"{self.profile.exchange} {where}")

    def once(self, method: str, params: Mapping[str, object]) -> Any:
        """Call `method` once in a run, however often it is asked for: where one answer tells of several wallets."""
        key = f"{method} {sorted(params.items())}"
        if key not in self._answers:
            self._answers[key] = self.call(method, dict(params))
        return self._answers[key]

    def markets(self) -> Mapping[str, Any]:
        """Return the markets by ccxt's symbol, loaded when first needed and again twice a day."""
        good = self._markets_at is not None and self._now() - self._markets_at < _MARKETS_GOOD.total_seconds()
        if not good:
            before = self.exchange.markets
            self.exchange.markets = None
            try:
                self.call("load_markets", True)
            except (*SAID, Unreadable):
                self.exchange.markets = before
                raise
            self._markets_at = self._now()
        found: Mapping[str, Any] = self.exchange.markets or {}
        return found

    def code(self, asset: object) -> object:
        """Return ccxt's common name of an asset (XXBT is BTC)."""
        return self.exchange.safe_currency_code(str(asset)) if asset else asset

    def today(self) -> datetime:
        """Return the time now."""
        return datetime.fromtimestamp(self._now(), UTC)

    def told(self, text: str) -> str:
        """Return `text` fit to be shown."""
        return told(text, self._secrets())

    def clock(self) -> timedelta | None:
        """Ask for the exchange's time, and return how far ours is behind it; None where it does not say."""
        offset = self._offset(ask=True)
        return None if offset is None else timedelta(seconds=round(offset, 3))

    # --- Inside ------------------------------------------------------------------------------------------------------

    def _make(self) -> Any:
        from flowd_ccxt.loading import exchange_class
        from flowd_ccxt.taming import silent, tame

        config, profile = self.config, self.profile
        kind = exchange_class(profile.exchange)
        tamed = tame(kind, self._now, firewall=profile.firewall is not None)
        reveal = {
            "apiKey": config.key.get_secret_value(),
            "secret": _key_text(config.secret.get_secret_value()),
            "password": config.password.get_secret_value() if config.password else None,
            "uid": config.uid.get_secret_value() if config.uid else None,
        }
        exchange = tamed({name: value for name, value in reveal.items() if value is not None})
        exchange.logger = silent()
        exchange.number = _exact
        exchange.enableRateLimit = True
        exchange.flowd_refused = sys.modules["ccxt.base.errors"].AuthenticationError
        exchange.flowd_marker = profile.marker
        if profile.exchange not in _NAMES_OWN and isinstance(exchange.has, dict):
            # The list of currencies is often a private call, and serves depositing: names are right without it.
            exchange.has["fetchCurrencies"] = False
        for option, value in profile.options.items():
            exchange.options[option] = value
        if config.sandbox:
            try:
                exchange.set_sandbox_mode(True)
            except Exception as error:
                raise ConfigError(f"{profile.exchange} has no sandbox in ccxt: {error}") from None
        if config.url is not None:
            exchange.urls["api"] = _redirected(exchange.urls["api"], config.url.rstrip("/"))
        return exchange

    def _healed(self, method: str, args: Sequence[Any], named: Mapping[str, Any]) -> Any:
        exchange = self.exchange
        for attempt in range(3):
            exchange.flowd_lost = None
            function = getattr(exchange, method, None)
            if function is None:
                raise Unreadable(f"ccxt has no {method} for {self.profile.exchange}")
            try:
                answer = function(*args, **named)
            except Exception as error:
                if attempt == 2 or not self._is_clock(error) or not self._heal(attempt):
                    raise
                continue
            if exchange.flowd_lost is not None:
                # ccxt took a lost answer for a "no" and would go on believing it.
                lost, exchange.flowd_lost = exchange.flowd_lost, None
                for option in _FOUND_OUT:
                    exchange.options.pop(option, None)
                raise lost
            return answer
        raise RetryLater(f"{self.profile.exchange} does not accept our time")

    def _is_clock(self, error: Exception) -> bool:
        return any(one.__name__ == "InvalidNonce" for one in type(error).__mro__)

    def _heal(self, attempt: int) -> bool:
        """Set the clock by the exchange's, then (where nonces are compared) put the nonce forward; say if so."""
        if attempt == 0:
            offset = self._offset(ask=True)
            if offset is not None:
                self.exchange.flowd_skew = offset
                self.skew = timedelta(seconds=round(offset, 3))
                return True
        if self.counts and not self._leapt:
            self._leapt = True
            ahead = max(self.nonce, self.exchange.milliseconds()) + _LEAP
            self.exchange.flowd_last_nonce = self.exchange.flowd_last_stamp = ahead
            return True
        return False

    def _offset(self, *, ask: bool) -> float | None:
        headers = self.exchange.last_response_headers
        if ask and self.has("fetchTime"):
            try:
                began = self._now()
                server = self.exchange.fetch_time()
                return float(server) / 1000 - (began + self._now()) / 2
            except SAID:
                raise
            except Exception:  # noqa: S110 - then the answer's own date has to do
                pass
        try:
            at = parsedate_to_datetime((headers or {}).get("Date", ""))
        except (ValueError, TypeError):
            return None
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() + 0.5 - self._now()

    def _retry_after(self) -> timedelta | None:
        headers = self.exchange.last_response_headers or {}
        if self.exchange.flowd_status == 403:
            return self.profile.firewall
        return retry_after(headers.get("Retry-After"), now=datetime.fromtimestamp(self._now(), UTC))

    def _secrets(self) -> Sequence[str]:
        held = (self.config.key, self.config.secret, self.config.password, self.config.uid)
        return [one.get_secret_value() for one in held if one is not None]


#: Exchanges whose own names of assets are not the common ones, so that the list of currencies is needed.
_NAMES_OWN: Final = frozenset({"kraken", "krakenfutures", "bitfinex"})
#: What ccxt finds out by trying, and keeps in its options.
_FOUND_OUT: Final = ("uta", "unifiedAccount", "enableUnifiedAccount", "enableUnifiedMargin", "hf")


def _exact(value: Any) -> str:
    """Return a number as the text it came as: ccxt reads texts exactly, and drops Decimals."""
    Decimal(str(value))
    return str(value)


def _words(method: str) -> str:
    """Return `privateGetAccountBalance` as `GetAccountBalance`: what was asked, in few words."""
    return method.removeprefix("private").removeprefix("public")


def _key_text(secret: str) -> str:
    # Coinbase's secret is a key in PEM format, which arrives from environment files with its line ends spelled out.
    return secret.replace("\\n", "\n") if "BEGIN" in secret else secret


def _redirected(urls: Any, url: str) -> Any:
    """Return ccxt's addresses with scheme and host replaced, paths kept."""
    if isinstance(urls, dict):
        return {name: _redirected(one, url) for name, one in urls.items()}
    if not isinstance(urls, str):
        return urls
    _, _, rest = urls.partition("://")
    _, slash, path = rest.partition("/")
    return url + slash + path
