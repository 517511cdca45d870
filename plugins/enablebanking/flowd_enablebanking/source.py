"""Asks Enable Banking, each request signed with the application's key, and names every refusal for what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from flowd.api import AuthError, BudgetSpent, ConfigError, Context, Response, RetryLater
from flowd.reading import mapping, text
from flowd_enablebanking.settings import EnableBankingConfig

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

#: Enable Banking takes tokens that are good for a day at most.
_GOOD_FOR: Final = timedelta(hours=1)
#: Clocks differ.
_BEFORE: Final = timedelta(seconds=30)
#: Where a bank that was asked too often does not say when to come back.
_LATER: Final = timedelta(hours=6)
#: The session is over: a person has to log in again.
_OVER: Final = frozenset(
    {
        "EXPIRED_SESSION",
        "CLOSED_SESSION",
        "REVOKED_SESSION",
        "SESSION_DOES_NOT_EXIST",
        "WRONG_SESSION_STATUS",
        "ASPSP_PSU_ACTION_REQUIRED",
        "EXPIRED_AUTHORIZATION_CODE",
        "WRONG_AUTHORIZATION_CODE",
        "ALREADY_AUTHORIZED",
        "NO_ACCOUNTS_ADDED",
    }
)
_PERIOD: Final = frozenset({"WRONG_TRANSACTIONS_PERIOD", "WRONG_DATE_INTERVAL"})
_SETTINGS: Final = frozenset({"WRONG_ASPSP_PROVIDED", "REDIRECT_URI_NOT_ALLOWED", "WEBHOOK_URI_NOT_ALLOWED"})


class AskedTooOften(BudgetSpent):
    """The bank answers no more of this account today."""


class PeriodRefused(RetryLater):
    """The bank does not tell what is so long ago."""


class PlaceForgotten(RetryLater):
    """The place in a list that was broken off is not known any more."""


class Source:
    """Enable Banking's API as one connection sees it."""

    def __init__(self, config: EnableBankingConfig, ctx: Context, now: Callable[[], datetime]) -> None:
        self._config = config
        self._ctx = ctx
        self._url = config.url.rstrip("/")
        # The wall clock, for a run may be later than its tick by more than a token is good for.
        self._bearer = f"Bearer {signed(config, now())}"

    def get(self, path: str, params: Mapping[str, str] | None = None, *, shown: str = "") -> Mapping[str, object]:
        """Ask for `path`, called `shown` where it is told of.

        AuthError where somebody has to link again; AskedTooOften, PeriodRefused, PlaceForgotten, else RetryLater.
        """
        headers = {"authorization": self._bearer}
        try:
            answer = self._ctx.http.get(f"{self._url}{path}", params=params, headers=headers, allow=range(400, 500))
            return self._read(answer, shown or path)
        except RetryLater as error:
            # The session's and the accounts' names belong to the access: they are shown no more than it is.
            raise type(error)(str(error).replace(path, shown or path), after=error.after) from None

    def post(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """Send `body`; ConfigError where a setting is at fault."""
        answer = self._ctx.http.post(
            f"{self._url}{path}", json=body, headers={"authorization": self._bearer}, allow=range(400, 500)
        )
        return self._read(answer, path)

    def _read(self, answer: Response, where: str) -> Mapping[str, object]:
        if answer.status < 400:
            return mapping(answer.json(), where)
        code = _code(answer)
        why = f"Enable Banking refused {where} (HTTP {answer.status}{f', {code}' if code else ''})"
        if code == "ASPSP_RATE_LIMIT_EXCEEDED":
            raise AskedTooOften(f"{why}: the bank was asked too often", after=_after(answer) or _LATER)
        if answer.status == 429:
            raise RetryLater(why, after=_after(answer))
        if code in _OVER:
            raise AuthError(f"{why}: run `flowd link {self._ctx.connection}`")
        if code in _PERIOD:
            raise PeriodRefused(why)
        if code == "WRONG_CONTINUATION_KEY":
            raise PlaceForgotten(why)
        if code in _SETTINGS:
            raise ConfigError(f"{why}: {_advice(code, self._config)}")
        if answer.status in (401, 403) and not code.startswith("ASPSP_"):
            raise AuthError(f"{why}: check application_id and private_key of {self._ctx.connection} in flowd.yaml")
        raise RetryLater(why)


def signed(config: EnableBankingConfig, now: datetime) -> str:
    """Return the token that says who asks: good for an hour, signed with the application's key (RS256)."""
    import jwt

    issued = now - _BEFORE
    claims = {
        "iss": "enablebanking.com",
        "aud": "api.enablebanking.com",
        "iat": int(issued.timestamp()),
        "exp": int((issued + _GOOD_FOR).timestamp()),
    }
    return jwt.encode(claims, _key(config), algorithm="RS256", headers={"kid": config.application_id})


def _key(config: EnableBankingConfig) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    # A key from the environment often has its line ends written out.
    written = config.private_key.get_secret_value().replace("\\n", "\n")
    try:
        key = load_pem_private_key(written.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(
            "private_key is no RSA private key in PEM (a file that begins with -----BEGIN) without a password: give "
            "the file that Enable Banking made, as {file: …}"
        )
    return key


def _advice(code: str, config: EnableBankingConfig) -> str:
    if code == "WRONG_ASPSP_PROVIDED":
        return f"it knows no bank {config.bank!r} in {config.country}"
    return (
        "enter the address `flowd link` waits on among the application's redirect URLs, or name another with --redirect"
    )


def _code(answer: Response) -> str:
    """Return the refusal's code only: its prose may repeat what was sent."""
    try:
        data = answer.json()
    except RetryLater:
        return ""
    found = text(data, "error") if isinstance(data, dict) else ""
    return found if found.replace("_", "").isalnum() and len(found) <= 80 else ""


def _after(answer: Response) -> timedelta | None:
    said = answer.headers.get("retry-after", "").strip()
    return timedelta(seconds=int(said[:9])) if said.isascii() and said.isdigit() else None
