"""A connector for tests that logs in as real sources want it: codes, access tokens, refresh tokens used once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast
from urllib.parse import urlencode

from flowd.api import (
    AuthError,
    Batch,
    Check,
    Config,
    Connector,
    ConnectorType,
    Context,
    Cursor,
    Feed,
    Json,
    Linked,
    LinkStep,
    Secret,
    Snapshot,
    hookimpl,
)


class Links(Config):
    """Where the source is; `note` is a file touched while tokens are exchanged, `renews` says when that is done."""

    url: str
    client_secret: Secret = Secret("")
    renews: bool = False
    reads: bool = True
    tells_end: bool = False
    leaks: bool = False
    asks: str = ""
    note: Path | None = None
    lingers: float = 0.0
    waits: Path | None = None


@dataclass
class LinksConnector:
    """Reads one balance with an access token, and renews it when it is told to, or when it is refused."""

    config: Links

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        query = urlencode({"redirect_uri": redirect, "state": state, "client_id": "flowd"})
        if self.config.asks:
            return LinkStep(ask=self.config.asks, redirects=False, memory={"redirect": redirect})
        return LinkStep(url=f"{self.config.url}/authorize?{query}", memory={"redirect": redirect, "verifier": "v1"})

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        code = answer.get("code") or answer["typed"]
        told = self._token(
            ctx,
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": str(step.memory["redirect"]),
                "client_secret": self.config.client_secret.get_secret_value(),
            },
        )
        return Linked(
            tokens=told, expires_at=ctx.tick + timedelta(days=90), summary=f"one account, with {told['access_token']}"
        )

    def check(self, ctx: Context) -> Check:
        tokens = ctx.tokens.read()
        if self.config.renews:
            tokens = self._renew(ctx)
        return Check(summary=f"linked as {self._balance(ctx, tokens)}", permissions=("read",))

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        tokens = ctx.tokens.read() if self.config.reads else {}
        if self.config.waits is not None:
            self.config.waits.with_name(f"{self.config.waits.name}.seen").touch()
            while not self.config.waits.exists():
                time.sleep(0.01)
        if self.config.tells_end:
            ctx.expires(datetime(2026, 3, 8, tzinfo=UTC))
        if self.config.renews or not self.config.reads:
            tokens = self._renew(ctx)
        if self.config.leaks:
            ctx.log.warning("it has %s", tokens)
            raise RuntimeError(f"it failed with {tokens['access_token']} and {tokens['refresh_token']}")
        amount = self._balance(ctx, tokens)
        yield Batch(records=[Snapshot(account="main", asset="EUR", quantity=amount, at=ctx.tick)])

    def _balance(self, ctx: Context, tokens: Mapping[str, Json]) -> Decimal:
        answer = ctx.http.get(
            f"{self.config.url}/balance", headers={"authorization": f"Bearer {tokens['access_token']}"}
        )
        return Decimal(cast("dict[str, str]", answer.json())["balance"])

    def _renew(self, ctx: Context) -> Mapping[str, Json]:
        def exchange(tokens: Mapping[str, Json]) -> Mapping[str, Json]:
            told = self._token(ctx, {"grant_type": "refresh_token", "refresh_token": str(tokens["refresh_token"])})
            if self.config.note is not None:
                self.config.note.write_text("exchanged")
            time.sleep(self.config.lingers)
            return told

        return ctx.tokens.renew(exchange)

    def _token(self, ctx: Context, form: Mapping[str, str]) -> dict[str, Json]:
        answer = ctx.http.post(f"{self.config.url}/token", data=dict(form), allow=(400,))
        told = cast("dict[str, Json]", answer.json())
        if answer.status == 400:
            raise AuthError(f"the source says {told['error']}")
        return told


def _connect(config: Links) -> Connector:
    return LinksConnector(config)


LINKS = ConnectorType(
    name="links",
    config=Links,
    connect=_connect,
    feeds=(Feed(name="balances", every=timedelta(minutes=5), timeout=timedelta(seconds=20)),),
    summary="A source for tests that is linked.",
    links=True,
)


@hookimpl
def register_connectors(register: Callable[[ConnectorType[Links]], None]) -> None:
    register(LINKS)
