"""Links an institution over Plaid's Hosted Link: a page of Plaid's own, which sends the browser back at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Final
from urllib.parse import urlencode

from flowd.api import AuthError, Context, Json, Linked, LinkStep, RetryLater
from flowd.errors import FlowdError
from flowd.reading import line
from flowd_plaid.balances import institution
from flowd_plaid.client import Client
from flowd_plaid.config import PlaidConfig, Product
from flowd_plaid.errors import RefusedRequest
from flowd_plaid.shape import Shape
from flowd_plaid.updates import days_wanted

_NAME: Final = "flowd"
#: So long the page can be opened.
_LIFETIME: Final = 1800
#: The browser may be back before Plaid has written down how the session ended.
_LOOKS: Final = 8
_PAUSE: Final = 1.0


def begin(config: PlaidConfig, redirect: str, state: str, ctx: Context) -> LinkStep:
    """Ask for a page of Plaid's: for the institution that is linked already, or for a new one."""
    client = Client(config, ctx)
    back = f"{redirect}{'&' if '?' in redirect else '?'}{urlencode({'state': state})}"
    known = _linked(config, ctx)
    if known is not None:
        try:
            return _step(client, {**_session(config, ctx), "access_token": known}, back, state, update=True)
        except AuthError as error:
            # Removed at Plaid, or of another environment: there is nothing left to be updated.
            ctx.log.warning("a new link is made, as the old one cannot be renewed: %s", error)
    first, *others = config.products
    body: dict[str, object] = {**_session(config, ctx), "products": [first.value]}
    if others:
        # Institutions without them are shown all the same.
        body["required_if_supported_products"] = [one.value for one in others]
    if Product.TRANSACTIONS in config.products:
        body["transactions"] = {"days_requested": days_wanted(config.since, ctx.tick.date())}
    return _step(client, body, back, state, update=False)


def finish(
    config: PlaidConfig, answer: Mapping[str, str], step: LinkStep, ctx: Context, wait: Callable[[float], None]
) -> Linked:
    """Look up how the session ended and exchange what it gave for tokens; AuthError if nobody logged in."""
    client = Client(config, ctx)
    if answer.get("state", step.memory.get("state")) != step.memory.get("state"):
        raise AuthError("the browser came back from another link than this one: run `flowd link` again")
    link_token = step.memory.get("link_token")
    for look in range(_LOOKS):
        if look:
            wait(_PAUSE)
        sessions = list(client.ask("/link/token/get", {"link_token": link_token}).maybe_each("link_sessions"))
        for session in reversed(sessions):
            if public := next(_public_tokens(session), None):
                if step.memory.get("update"):
                    return _linked_again(client, config, ctx)
                return _exchanged(client, public)
        done = [session for session in sessions if session.has("finished_at")]
        left = [session for session in done if session.has("exit") or session.has("on_exit")]
        if step.memory.get("update") and len(left) < len(done):
            return _linked_again(client, config, ctx)
        if left and len(left) == len(sessions):
            raise AuthError(f"Plaid's page was left before an institution was linked{_reason(left[-1])}")
    raise RetryLater("Plaid knows of no finished session: open the page to its end, then run `flowd link` again")


def _session(config: PlaidConfig, ctx: Context) -> dict[str, object]:
    # Plaid wants to tell users apart and not to know them.
    user = blake2b(ctx.connection.encode(), digest_size=8).hexdigest()
    return {
        "client_name": _NAME,
        "language": config.language,
        "country_codes": list(config.country_codes),
        "user": {"client_user_id": user},
    }


def _step(client: Client, body: dict[str, object], back: str, state: str, *, update: bool) -> LinkStep:
    hosted: dict[str, object] = {"url_lifetime_seconds": _LIFETIME}
    ask: str | None = None
    try:
        answer = client.ask("/link/token/create", {**body, "hosted_link": {**hosted, "completion_redirect_uri": back}})
    except RefusedRequest as error:
        if "redirect" not in error.said.lower():
            raise
        answer = client.ask("/link/token/create", {**body, "hosted_link": hosted})
        ask = "type done when Plaid's page says that you are"
    memory: dict[str, Json] = {"link_token": answer.text("link_token"), "state": state, "update": update}
    return LinkStep(url=answer.text("hosted_link_url"), ask=ask, redirects=ask is None, memory=memory)


def _linked(config: PlaidConfig, ctx: Context) -> str | None:
    """Return the access token there is."""
    if config.access_token is not None:
        return config.access_token.get_secret_value()
    try:
        token = ctx.tokens.read().get("access_token")
    except AuthError:
        return None
    return token if isinstance(token, str) and token else None


def _public_tokens(session: Shape) -> Iterator[str]:
    results = session.maybe_inner("results")
    for item in results.maybe_each("item_add_results") if results is not None else ():
        yield item.text("public_token")
    if (success := session.maybe_inner("on_success")) is not None:
        yield success.text("public_token")


def _reason(session: Shape) -> str:
    ended = session.maybe_inner("exit") or session.maybe_inner("on_exit")
    error = ended.maybe_inner("error") if ended is not None else None
    said = error.maybe_text("display_message") or error.maybe_text("error_message") if error is not None else None
    return f": {line(said, 200)}" if said else ""


def _exchanged(client: Client, public: str) -> Linked:
    answer = client.ask("/item/public_token/exchange", {"public_token": public})
    return _described(client, {"access_token": answer.text("access_token"), "item_id": answer.text("item_id")})


def _linked_again(client: Client, config: PlaidConfig, ctx: Context) -> Linked:
    """Keep the tokens there are: an Item that is updated keeps them, and its accounts their ids."""
    if config.access_token is not None:
        return _described(client, {"access_token": config.access_token.get_secret_value()})
    return _described(client, dict(ctx.tokens.read()))


def _described(client: Client, tokens: Mapping[str, Json]) -> Linked:
    try:
        item = client.ask("/item/get", {"access_token": tokens["access_token"]}).inner("item")
        until = item.maybe_moment("consent_expiration_time")
        return Linked(tokens=tokens, expires_at=until, summary=institution(item))
    except FlowdError:
        # The tokens are worth more than a name.
        return Linked(tokens=tokens, summary="linked")
