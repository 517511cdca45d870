"""Says what each of Plaid's errors means for flowd: log in again, change the settings, or try later."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flowd.api import AuthError, ConfigError, RetryLater
from flowd.errors import FlowdError
from flowd.reading import line
from flowd_plaid.shape import Shape

#: Somebody has to log in at the bank again, or give flowd other keys.
_LOG_IN: Final = frozenset(
    {
        "ACCESS_NOT_GRANTED",
        "ADDITIONAL_CONSENT_REQUIRED",
        "INSUFFICIENT_CREDENTIALS",
        "INVALID_ACCESS_TOKEN",
        "INVALID_API_KEYS",
        "INVALID_CREDENTIALS",
        "INVALID_MFA",
        "INVALID_PUBLIC_TOKEN",
        "INVALID_UPDATED_USERNAME",
        "ITEM_LOCKED",
        "ITEM_LOGIN_REQUIRED",
        "ITEM_NOT_FOUND",
        "NO_ACCOUNTS",
        "PENDING_DISCONNECT",
        "PENDING_EXPIRATION",
        "UNAUTHORIZED_ENVIRONMENT",
        "USER_ACCOUNT_REVOKED",
        "USER_INPUT_TIMEOUT",
        "USER_PERMISSION_REVOKED",
        "USER_SETUP_REQUIRED",
    }
)
#: Asking again gives the same answer until flowd.yaml, or what Plaid allows this client, is changed.
_SETTINGS: Final = frozenset(
    {
        "INCOMPATIBLE_API_VERSION",
        "INSTITUTION_NO_LONGER_SUPPORTED",
        "INVALID_CONFIGURATION",
        "INVALID_INSTITUTION",
        "INVALID_PRODUCT",
        "ITEM_PRODUCT_NOT_SUPPORTED",
        "NO_INVESTMENT_ACCOUNTS",
        "NO_INVESTMENT_AUTH_ACCOUNTS",
        "PRODUCTS_NOT_SUPPORTED",
        "PRODUCT_NOT_ENABLED",
        "UNAUTHORIZED_ROUTE_ACCESS",
    }
)
#: How long to wait, at least, for what is known to take its time.
_WAITS: Final = {
    "PRODUCT_NOT_READY": timedelta(minutes=2),
    "INSTITUTION_DOWN": timedelta(minutes=30),
    "INSTITUTION_NOT_AVAILABLE": timedelta(minutes=30),
    "INSTITUTION_NOT_RESPONDING": timedelta(minutes=15),
    "PLANNED_MAINTENANCE": timedelta(minutes=15),
    "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION": timedelta(minutes=1),
}
_TYPES_OF_LOG_IN: Final = frozenset({"ITEM_ERROR", "OAUTH_ERROR", "USER_ERROR"})
_TYPES_OF_SETTINGS: Final = frozenset({"INVALID_REQUEST", "INVALID_INPUT"})


class PlaidFault(RetryLater):
    """An error of Plaid that its caller may know how to heal; `code` is Plaid's error_code."""

    def __init__(self, code: str, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message, after=after)
        self.code = code


class RefusedRequest(ConfigError):
    """A request that Plaid calls wrong; `code` is Plaid's error_code, `said` its message."""

    def __init__(self, code: str, said: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.said = said


def meaning(error: Shape, *, after: timedelta | None = None) -> FlowdError:
    """Return the exception that stands for an error object of Plaid; a code nobody knows goes by its type."""
    kind = error.maybe_text("error_type") or ""
    code = error.maybe_text("error_code") or kind or "an error without a name"
    said = line(error.maybe_text("error_message") or error.maybe_text("display_message") or "", 300)
    text = f"Plaid {error.where.partition(' ')[0]}: {said or 'no message'} ({line(code, 80)})"
    if kind == "RATE_LIMIT_EXCEEDED":
        return PlaidFault(code, text, after=after or timedelta(minutes=1))
    if code in _WAITS:
        return PlaidFault(code, text, after=after or _WAITS[code])
    if code in _LOG_IN:
        hint = "check client_id, secret and environment" if code == "INVALID_API_KEYS" else "run `flowd link`"
        return AuthError(f"{text}: {hint}")
    if code in _SETTINGS:
        return RefusedRequest(code, said, text)
    if kind in _TYPES_OF_LOG_IN:
        return AuthError(f"{text}: run `flowd link`")
    if kind in _TYPES_OF_SETTINGS:
        return RefusedRequest(code, said, text)
    return PlaidFault(code, text, after=after)
