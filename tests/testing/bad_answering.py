"""Connectors that each do one thing wrong with settings, secrets, or a source that does not answer as it should."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict

from flowd.api import (
    AuthError,
    Batch,
    Check,
    Config,
    Context,
    Covers,
    Cursor,
    RetryLater,
    Snapshot,
    read_answer,
)
from tests.testing.acme import Acme, AcmeConfig, Page, booked


class Loose(AcmeConfig):
    """Takes any key."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Plain(Config):
    """Keeps the key as a text."""

    key: str
    url: str = "https://api.acme.example/v1"


class PlainKey(Acme):
    """Works with a plain key."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        return ctx.http.get(f"{self.config.url}{path}", params=params, headers={"x-key": str(self.config.key)})


class Talkative(Acme):
    """Logs the key."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        logging.getLogger("acme").debug("asking with %s", self.config.key.get_secret_value())
        return super().get(path, ctx, **params)


class Tattling(Acme):
    """Puts the key into its error."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        try:
            return super().get(path, ctx, **params)
        except RetryLater as error:
            raise RetryLater(f"{error}, with {self.config.key.get_secret_value()}", after=error.after) from None


class Silent(Acme):
    """Says nothing in check()."""

    def check(self, ctx: Context) -> Check:
        super().check(ctx)
        return Check(summary=" ")


class Swallowing(Acme):
    """Takes a failed page for the end."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        try:
            yield from super().payouts(cursor, ctx)
        except RetryLater:
            return


class Confusing(Acme):
    """Takes every failure for a refused key."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        try:
            return super().get(path, ctx, **params)
        except RetryLater as error:
            raise AuthError(str(error)) from None


class Excusing(Acme):
    """Takes a refused key for a source that is away."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        try:
            return super().get(path, ctx, **params)
        except AuthError as error:
            raise RetryLater(str(error)) from None


class Unguarded(Acme):
    """Reads JSON by itself, and falls over what is none."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        answer = super().get(path, ctx, **params)
        json.loads(answer.text)
        return answer


class Impatient(Acme):
    """Forgets how long the source asked to wait."""

    def get(self, path: str, ctx: Context, **params: str) -> Any:
        try:
            return super().get(path, ctx, **params)
        except RetryLater as error:
            raise RetryLater(str(error)) from None


class Zeroing(Acme):
    """Takes what it cannot read for nothing."""

    def balances(self, ctx: Context) -> Iterator[Batch]:
        for wallet in ("spot", "earn"):
            answer = self.get(f"/wallets/{wallet}", ctx).json()
            listed = answer if isinstance(answer, list) else []
            records = [
                Snapshot(account=wallet, asset=one["asset"], quantity=Decimal(one["total"]), at=ctx.tick)
                for one in listed
            ]
            yield Batch(records=records, covers=Covers.CONNECTION if wallet == "earn" else Covers.NOTHING)


class Untyped(Acme):
    """Trusts the answer to have every field."""

    def payouts(self, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        after = str(cursor.data) if cursor is not None else ""
        while True:
            page = self.get("/payouts", ctx, after=after).json()
            rows = [(one["id"], one["net"], one["at"], one["currency"], one["description"]) for one in page["payouts"]]
            shaped = read_answer(_Told({"payouts": page["payouts"], "next": page["next"]}), Page)
            assert len(rows) == len(shaped.payouts)
            yield Batch(records=map(booked, shaped.payouts), cursor=Cursor(data=shaped.next or after))
            if shaped.next is None or shaped.next <= after or ctx.time_left() < timedelta(seconds=2):
                return
            after = shaped.next


@dataclass
class _Told:
    data: object
    status: int = 200
    content: bytes = b""
    text: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        return {}

    def json(self) -> object:
        return self.data
