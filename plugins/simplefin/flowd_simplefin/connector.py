"""The connector: what `flowd check`, `flowd link` and the feed do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowd.api import AuthError, Batch, Check, ConfigError, Context, Cursor, Linked, LinkStep, RetryLater
from flowd_simplefin import access
from flowd_simplefin.complaints import complaints
from flowd_simplefin.config import SimpleFinConfig
from flowd_simplefin.reading import ask, read
from flowd_simplefin.shape import clean
from flowd_simplefin.statement import statements


class SimpleFin:
    """What one person connected at a SimpleFIN server: accounts at any number of banks."""

    def __init__(self, config: SimpleFinConfig) -> None:
        self._config = config

    def check(self, ctx: Context) -> Check:
        """Ask for the accounts without their transactions; it counts as one of the day's 24 requests."""
        answer = ask(self._access(ctx), ctx, balances_only="1")
        said = complaints(answer)
        listed = statements(answer, self._config.accounts)
        if not listed:
            raise said.error()
        touched = [one for one in listed if not said.everywhere and said.touches(one.item.text("id"), one.connection)]
        return Check(
            summary=f"{len(listed)} accounts",
            permissions=["read accounts and transactions"],
            covers=[one.name for one in listed if one not in touched],
            unread=[f"{one.name}: not whole now, {said.said}" for one in touched],
            warnings=[*said.texts, *said.notes],
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Read the feed `accounts`: balances, holdings and transactions."""
        if feed != "accounts":
            raise ConfigError(f"simplefin has no feed {feed!r}: it has accounts")
        try:
            yield from read(self._access(ctx), self._config, cursor, ctx)
        except (TypeError, ValueError) as error:
            # A value that no record takes: too long, too large, not a date of this world.
            raise RetryLater(f"SimpleFIN's answer cannot be kept: {clean(str(error), 200)}") from None

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:  # noqa: ARG002 - nobody comes back
        """Return the page that shows a setup token."""
        return access.begin(self._config.url)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:  # noqa: ARG002
        """Claim the setup token that was typed in."""
        return access.finish(answer.get("typed", ""), ctx)

    def _access(self, ctx: Context) -> access.Access:
        if self._config.access_url is not None:
            return access.read_access(self._config.access_url.get_secret_value())
        url = ctx.tokens.read().get("access_url")
        if not isinstance(url, str):
            raise AuthError("what is stored for this connection holds no access URL: run `flowd link`")
        return access.read_access(url)
