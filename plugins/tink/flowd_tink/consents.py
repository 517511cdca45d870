"""Until when the banks agree to be asked, and which of them no longer answer Tink."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flowd.api import AuthError, Context, RetryLater
from flowd.reading import text
from flowd_tink.shape import instant
from flowd_tink.source import Source

_WHERE: Final = "/api/v1/provider-consents"
#: What Tink knows of these accounts is not what the bank would say today.
_BROKEN: Final = {
    "TEMPORARY_ERROR": "the bank did not answer Tink",
    "PERMANENT_ERROR": "the bank does not answer Tink any more",
    "AUTHENTICATION_ERROR": "the bank refused the login",
    "SESSION_EXPIRED": "the bank's consent has ended",
    "DELETED": "the login was deleted at Tink",
}
_PASSES: Final = "TEMPORARY_ERROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """The consents of one user: when the first of them ends, and why accounts of others cannot be read."""

    expires_at: datetime | None = None
    broken: Mapping[str, str] = field(default_factory=dict)
    passes: bool = False

    @staticmethod
    def read(source: Source, ctx: Context) -> Consents:
        """Ask Tink; nothing is known where the application may not ask that."""
        answer = source.get(_WHERE, allow=(400, 403, 404))
        data = answer.json() if answer.status < 400 else None
        listed = data.get("providerConsents") if isinstance(data, dict) else None
        if not isinstance(listed, list):
            ctx.log.debug("Tink does not tell when consents end (HTTP %d)", answer.status)
            return Consents()
        ends: list[datetime] = []
        broken: dict[str, str] = {}
        passes = False
        for one in listed:
            if not isinstance(one, dict):
                continue
            status = text(one, "status")
            end = instant(one.get("sessionExpiryDate"))
            if end is not None and status != "DELETED":
                ends.append(end)
            if status in _BROKEN:
                accounts = one.get("accountIds")
                broken.update(
                    {str(account): _BROKEN[status] for account in accounts or ()} if isinstance(accounts, list) else {}
                )
                passes = passes or status == _PASSES
        return Consents(expires_at=min(ends, default=None), broken=broken, passes=passes)

    def error(self, connection: str) -> AuthError | RetryLater:
        """Return what to raise where no account can be read."""
        why = ", ".join(sorted(set(self.broken.values())))
        return RetryLater(why) if self.passes else AuthError(f"{why}: run `flowd link {connection}`")
