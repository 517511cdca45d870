"""Binance, connected: what the key may do, and the feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flowd.api import Batch, Check, Context, Cursor, RetryLater
from flowd_binance import balances, endpoints, income, markets, prices, transfers
from flowd_binance.reading import Row, at, milliseconds, optional
from flowd_binance.refusals import PERMANENT
from flowd_binance.settings import TITLES, BinanceConfig
from flowd_binance.windows import walk

if TYPE_CHECKING:
    from flowd_binance.client import BinanceClient

#: What Binance calls a key's rights, and what they let it do. "Permits universal transfer" moves within the account.
_RIGHTS: Final = {
    "enableReading": "read",
    "enableSpotAndMarginTrading": "trade spot and margin",
    "enableMargin": "borrow on margin",
    "enableFutures": "trade futures",
    "enableVanillaOptions": "trade options",
    "enablePortfolioMarginTrading": "trade in portfolio margin",
    "enableFixApiTrade": "trade over FIX",
    "enableWithdrawals": "withdraw",
    "enableInternalTransfer": "transfer to others at Binance",
    "permitsUniversalTransfer": "transfer between own wallets",
}
#: A difference of clocks that is worth a word; up to a second Binance allows by itself.
_WORTH_A_WORD: Final = timedelta(seconds=1)


class Binance:
    """The connector for one key."""

    def __init__(self, config: BinanceConfig) -> None:
        self._config = config

    def check(self, ctx: Context) -> Check:
        """Ask what the key may do, and look into every wallet once."""
        client = self._open(ctx)
        rights: Row = {}
        if not self._config.testnet:
            answer = client.ask(endpoints.PERMISSIONS)
            if not isinstance(answer, dict):
                raise RetryLater(f"{endpoints.PERMISSIONS.path} answered something that is not an object")
            rights = answer
        seen = balances.look(client, self._config, ctx, self._traded(client))
        seen.raise_if_nothing_answered()
        unread = [f"{TITLES[wallet][0]}: {reason}" for wallet, reason in seen.refused.items()]
        unread += [f"{TITLES[wallet][0]}: could not answer now: {error}" for wallet, error in seen.failed.items()]
        ends = optional(rights, "tradingAuthorityExpirationTime")
        assets = [asset for asset in seen.assets if asset not in self._config.ignore]
        place = "Binance's test network" if self._config.testnet else f"binance.{self._config.tld}"
        return Check(
            summary=f"{place}: {len(assets)} assets in {len(seen.held)} wallets",
            permissions=[words for right, words in _RIGHTS.items() if rights.get(right) is True],
            expires_at=at(milliseconds(rights, "tradingAuthorityExpirationTime", "apiRestrictions")) if ends else None,
            warnings=list(self._warnings(client, rights)),
            covers=[TITLES[wallet][0] for wallet in seen.held],
            unread=unread,
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield what is new in one feed."""
        client = self._open(ctx)
        if feed == "balances":
            yield from balances.sync(client, self._config, cursor, ctx)
        elif feed == "income":
            yield from walk(income.sources(self._config), client, self._config, cursor, ctx)
        elif feed == "transfers":
            yield from walk(transfers.sources(self._config), client, self._config, cursor, ctx)
        elif feed == "trades":
            yield from markets.sync(client, self._config, cursor, ctx)
        else:
            raise ValueError(f"binance has no feed {feed!r}")

    def _open(self, ctx: Context) -> BinanceClient:
        # Half a second and thirty megabytes, which only the process that asks should spend.
        from flowd_binance.client import BinanceClient

        return BinanceClient(self._config, ctx)

    def _traded(self, client: BinanceClient) -> frozenset[str]:
        try:
            return frozenset(prices.last(client))
        except PERMANENT:
            return frozenset()

    def _warnings(self, client: BinanceClient, rights: Row) -> Iterator[str]:
        skew = client.skew if client.skew is not None else client.measured_skew()
        if abs(skew) > _WORTH_A_WORD:
            way = "behind" if skew > timedelta(0) else "ahead of"
            seconds = abs(skew.total_seconds())
            yield f"this machine's clock is {seconds:.1f} s {way} Binance's (healed; set it by NTP)"
        if rights.get("enableReading") is False:
            yield "the key lacks the right to read: switch on Enable Reading"
        if rights and rights.get("ipRestrict") is False and _may_harm(rights):
            yield "the key may do more than read, from any address: restrict it, or make one that only reads"


def _may_harm(rights: Row) -> bool:
    return any(rights.get(right) is True for right in _RIGHTS if right != "enableReading")
