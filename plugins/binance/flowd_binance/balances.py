"""The feed `balances`: what every wallet holds, and what that is worth; a wallet that fails keeps its last value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

from flowd.api import AuthError, Batch, Context, Covers, Cursor, OverTime, PartlyRead, Record, RetryLater, Snapshot
from flowd_binance import backfill, endpoints, prices, wallets
from flowd_binance.asking import Asking
from flowd_binance.refusals import Crowded, Forbidden, Refused
from flowd_binance.settings import TITLES, BinanceConfig, Wallet, described

#: With less time left than this no further wallet is asked.
_SHORT: Final = timedelta(seconds=3)

Listed = Mapping[Wallet, Decimal | None]


@dataclass(slots=True)
class Round:
    """One look at all wallets: what answered, what was never opened, what says no (and why), what failed just now."""

    held: dict[Wallet, wallets.Held] = field(default_factory=dict)
    closed: list[Wallet] = field(default_factory=list)
    refused: dict[Wallet, Forbidden | Refused] = field(default_factory=dict)
    failed: dict[Wallet, RetryLater] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every wallet that was asked for answered, or was never opened."""
        return not self.refused and not self.failed

    def raise_if_nothing_answered(self) -> None:
        """Raise the first error where there is nothing but errors."""
        if not self.held and not self.closed:
            for error in (*self.failed.values(), *self.refused.values()):
                raise error

    @property
    def assets(self) -> list[str]:
        """Every asset that is held or owed anywhere."""
        every = (asset for held in self.held.values() for holds in held.accounts.values() for asset in holds)
        return list(dict.fromkeys(every))


def look(client: Asking, config: BinanceConfig, ctx: Context, traded: frozenset[str]) -> Round:
    """Ask every wallet; AuthError when the key itself is refused."""
    seen = Round()
    listed = _listed(client, config, seen)
    for wallet in config.asked:
        if wallet in wallets.WORTHS:
            if listed is None:
                continue
            if listed.get(wallet) is None:
                seen.closed.append(wallet)
            else:
                seen.held[wallet] = wallets.worth(listed, wallet)
        elif listed is not None and wallet in listed and listed[wallet] is None:
            seen.closed.append(wallet)
        else:
            _ask(client, wallet, ctx, traded, seen)
    return seen


def _ask(client: Asking, wallet: Wallet, ctx: Context, traded: frozenset[str], seen: Round) -> None:
    crowded = next((error for error in seen.failed.values() if isinstance(error, Crowded)), None)
    try:
        if crowded is not None:
            raise crowded
        if ctx.time_left() < _SHORT:
            raise OverTime("no time was left to ask")
        seen.held[wallet] = wallets.read(client, wallet, traded)
    except (Forbidden, Refused) as error:
        if wallet is Wallet.SPOT and isinstance(error, AuthError):
            raise
        seen.refused[wallet] = error
    except RetryLater as error:
        seen.failed[wallet] = error


def _listed(client: Asking, config: BinanceConfig, seen: Round) -> Listed | None:
    """Return what Binance's own list says of each wallet; None where there is none, with what that leaves unread."""
    if config.testnet:
        return None
    worths = [wallet for wallet in wallets.WORTHS if wallet in config.asked]
    try:
        answer = client.ask(endpoints.WALLETS, quoteAsset=wallets.WORTH_IN)
        return wallets.wallet_list(answer, endpoints.WALLETS.path)
    except (Forbidden, Refused) as error:
        seen.refused |= dict.fromkeys(worths, error)
    except RetryLater as error:
        seen.failed |= dict.fromkeys(worths, error)
        if isinstance(error, Crowded):
            seen.failed |= dict.fromkeys(config.asked, error)
    return None


def sync(client: Asking, config: BinanceConfig, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield what all wallets hold now; on the first run also the last thirty days, where Binance kept them."""
    last, priceless = _prices(client)
    seen = look(client, config, ctx, frozenset(last))
    seen.raise_if_nothing_answered()
    for wallet, reason in seen.refused.items():
        ctx.log.info("%s is not read: %s", TITLES[wallet][0], reason)
    yield Batch(
        records=_records(seen, config, last, ctx),
        covers=Covers.CONNECTION if seen.whole else Covers.ITS_ACCOUNTS,
    )
    if seen.failed or priceless:
        _raise_partly(seen, priceless)
    yield from backfill.sync(client, config, cursor, ctx, seen.held, last)


def _prices(client: Asking) -> tuple[prices.Prices, RetryLater | None]:
    """Return the last prices; without them balances are told all the same, and that prices are missing."""
    try:
        return prices.last(client), None
    except Crowded:
        raise
    except RetryLater as error:
        return {}, error


def _records(seen: Round, config: BinanceConfig, last: prices.Prices, ctx: Context) -> Iterator[Record]:
    for held in seen.held.values():
        for account, holds in held.accounts.items():
            yield described(account)
            for asset, quantity in holds.items():
                if asset not in config.ignore:
                    yield Snapshot(account=str(account), asset=asset, quantity=quantity, at=ctx.tick)
    wanted: Iterable[str] = (asset for asset in seen.assets if asset not in config.ignore)
    yield from prices.rates(wanted, last, config.quotes, ctx.tick)


def _raise_partly(seen: Round, priceless: RetryLater | None) -> None:
    for error in seen.failed.values():
        if isinstance(error, Crowded):
            # Its wait is worth more than the word "partial": asking on turns a warning into a ban.
            raise error
    missing = [f"{wallet}: {error}" for wallet, error in seen.failed.items()]
    if priceless is not None:
        missing.append(f"prices: {priceless}")
    raise PartlyRead("; ".join(missing))
