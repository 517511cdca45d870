"""The connector: one exchange, its four feeds, and the check of its key."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Final

from flowd.api import (
    AccountKind,
    AuthError,
    Batch,
    Check,
    ConnectorType,
    Context,
    Cursor,
    Feed,
    Maturity,
    Past,
    RateLimit,
    RetryLater,
    Scope,
)
from flowd_ccxt.balances import nonce_of, read_wallets, sync_balances, wallets_of
from flowd_ccxt.config import ExchangeConfig
from flowd_ccxt.faults import Unreadable
from flowd_ccxt.history import sync_histories
from flowd_ccxt.prices import price
from flowd_ccxt.profile import Permits, Profile
from flowd_ccxt.values import moment
from flowd_ccxt.venue import Venue

#: ccxt gives each call a cost, in milliseconds of the exchange's published limit: so many of them may be spent.
LIMITS: Final = (
    RateLimit(calls=3_000, per=timedelta(seconds=3), scope=Scope.HOST),
    RateLimit(calls=60_000, per=timedelta(minutes=1), scope=Scope.HOST),
)
FEEDS: Final = (
    Feed(name="balances", every=timedelta(minutes=1), timeout=timedelta(minutes=2)),
    Feed(name="income", every=timedelta(hours=1), timeout=timedelta(minutes=10)),
    Feed(name="transfers", every=timedelta(hours=1), timeout=timedelta(minutes=10)),
    Feed(name="trades", every=timedelta(hours=1), timeout=timedelta(minutes=10)),
)
_MAY: Final = ("trade", "withdraw", "transfer")
_SKEWED: Final = timedelta(seconds=2)


class Exchange:
    """An exchange, connected."""

    def __init__(self, profile: Profile, config: ExchangeConfig, now: Callable[[], float] = time.time) -> None:
        self._profile = profile
        self._config = config
        self._venue = Venue(profile, config, now)

    def check(self, ctx: Context) -> Check:
        """Read every wallet once, ask what the key may do, and compare the clocks."""
        with self._venue.over(ctx.http) as venue:
            permits = self._permits(venue)
            reading = read_wallets(venue)
            if not reading.held:
                raise next(iter(reading.failed.values()), None) or RetryLater("; ".join(reading.absent.values()))
            warnings = list(permits.notes)
            may = sorted({word for word in _MAY for right in permits.rights if word in right.lower()})
            if may:
                warnings.append(f"the key may {' and '.join(may)}: flowd needs a key that can only read")
            if not permits.known:
                warnings.append(f"{venue.name} does not say what the key may do: look it up where it was made")
            warnings += self._unpriced(venue, reading.assets - self._config.ignore, ctx)
            warnings += self._clock(venue)
            unread = [f"{name}: {venue.told(str(error))}" for name, error in reading.failed.items()]
            unread += [f"{name}: {venue.told(why)}" for name, why in reading.absent.items()]
            return Check(
                summary=f"{venue.name}: {len(reading.held)} of {len(wallets_of(venue))} wallets answer, "
                f"{len(reading.assets)} assets",
                permissions=permits.rights,
                expires_at=moment(permits.expires, "the key's end") if permits.expires else None,
                warnings=warnings,
                covers=[f"{name} ({wallet.label})" for name, (wallet, _) in reading.held.items()],
                unread=[*unread, *self._profile.unread],
            )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield what is new of one feed."""
        profile = self._profile
        with self._venue.over(ctx.http, nonce_of(cursor)) as venue:
            try:
                if feed == "balances":
                    yield from sync_balances(venue, cursor, ctx)
                    return
                if feed == "transfers":
                    self._tell_end(venue, ctx)
                histories = {"income": profile.income, "transfers": profile.transfers, "trades": profile.trades}[feed]
                yield from sync_histories(venue, histories(venue), cursor, ctx)
            except Unreadable as error:
                raise RetryLater(str(error)) from None

    def _permits(self, venue: Venue) -> Permits:
        if self._profile.permits is None:
            return Permits(known=False)
        try:
            permits = self._profile.permits(venue)
        except (Unreadable, AuthError, RetryLater) as error:
            # A key that may not ask about itself may well read balances, which come next and say what is wrong.
            return Permits(known=False, notes=(venue.told(str(error)),))
        return permits

    def _tell_end(self, venue: Venue, ctx: Context) -> None:
        """Tell when the key ends, so that somebody makes a new one before."""
        permits = self._permits(venue)
        if permits.expires:
            ctx.expires(moment(permits.expires, "the key's end"))

    def _unpriced(self, venue: Venue, assets: set[str], ctx: Context) -> Sequence[str]:
        try:
            found = price(venue, assets, ctx.tick)
        except (Unreadable, RetryLater, AuthError) as error:
            return [f"prices: {venue.told(str(error))}"]
        said = []
        if found.unpriced:
            listed = ", ".join(found.unpriced[:20])
            said.append(
                f"no price here for {listed}: their account has no value until another source, such as flowd-rates, "
                "has one, or they are in `ignore`"
            )
        return said

    def _clock(self, venue: Venue) -> Sequence[str]:
        try:
            skew = venue.skew or venue.clock()
        except (Unreadable, RetryLater, AuthError):
            skew = None
        if skew is None or abs(skew) < _SKEWED:
            return ()
        way = "behind" if skew > timedelta(0) else "ahead of"
        return [f"this machine's clock is {abs(skew).total_seconds():.0f} s {way} {venue.name}'s: it is made up for"]


#: How far back exchanges of which no more is known tell of what happened.
PAST: Final = Past(words="exchanges keep their histories for so long only, some of them for three months")


def connector_type(
    name: str,
    config: type[Any],
    profile: Callable[[Any], Profile],
    *,
    summary: str,
    limit: Sequence[RateLimit] = LIMITS,
    maturity: Maturity = Maturity.BETA,
    past: Past = PAST,
) -> ConnectorType[Any]:
    """Describe a connector for exchanges; `profile` says of a connection's settings what is known of its exchange."""
    return ConnectorType(
        name=name,
        config=config,
        connect=lambda settings: Exchange(profile(settings), settings),
        feeds=FEEDS,
        summary=summary,
        limit=limit,
        maturity=maturity,
        accounts=AccountKind.WALLET_SPOT,
        past=past,
    )
