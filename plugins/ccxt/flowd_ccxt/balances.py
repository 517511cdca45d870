"""The feed `balances`: every wallet that answers, what did not, and the prices of what is held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from flowd.api import (
    AccountInfo,
    AuthError,
    Batch,
    ConfigError,
    Context,
    Covers,
    Cursor,
    PartlyRead,
    Record,
    RetryLater,
    Snapshot,
)
from flowd_ccxt.faults import Unreadable
from flowd_ccxt.prices import price
from flowd_ccxt.profile import Holding, Wallet
from flowd_ccxt.values import amount, asset_code, negative, total
from flowd_ccxt.venue import Venue


@dataclass(slots=True)
class Reading:
    """What all wallets said: holdings by wallet, and why others said nothing."""

    held: dict[str, tuple[Wallet, dict[str, Decimal]]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)

    @property
    def assets(self) -> set[str]:
        """Every asset of which there is something."""
        return {asset for _, held in self.held.values() for asset, quantity in held.items() if quantity}


def wallets_of(venue: Venue) -> Sequence[Wallet]:
    """Return the wallets that are to be read; ConfigError names one that is asked for and unknown."""
    config, known = venue.config, {one.name: one for one in venue.profile.wallets}
    chosen: list[Wallet] = []
    for name in config.wallets or known:
        if name not in known:
            raise ConfigError(f"{venue.profile.exchange} has no wallet {name!r} here: choose from {', '.join(known)}")
        chosen.append(known[name])
    if config.subaccounts and not venue.profile.subwallets:
        raise ConfigError(
            f"{venue.profile.exchange} does not show sub-accounts to the main account's key: "
            "make a key in the sub-account and a connection of its own"
        )
    for sub in config.subaccounts:
        chosen += [_of_sub(one, sub) for one in venue.profile.subwallets]
    return chosen


def read_wallets(venue: Venue, names: Iterable[str] | None = None) -> Reading:
    """Ask every wallet; what one of them fails with does not keep the others from answering."""
    reading = Reading()
    for wallet in wallets_of(venue):
        if names is not None and wallet.name not in names:
            continue
        try:
            reading.held[wallet.name] = (wallet, _sum(wallet_holdings(venue, wallet), venue))
        except Unreadable as error:
            reading.absent[wallet.name] = str(error)
        except (AuthError, RetryLater) as error:
            reading.failed[wallet.name] = error
    return reading


def wallet_holdings(venue: Venue, wallet: Wallet) -> Iterator[Holding]:
    """Yield what one wallet holds, asset by asset, as it says."""
    if wallet.read is not None:
        yield from wallet.read(venue)
        return
    answer = venue.call(wallet.call, dict(wallet.params))
    for row in venue.rows(answer, wallet.rows, wallet.name):
        if all(str(row.get(name)) == value for name, value in wallet.where.items()):
            yield holding(venue, wallet, row)


def holding(venue: Venue, wallet: Wallet, row: Mapping[str, Any]) -> Holding:
    """Read one row by the wallet's fields; RetryLater names what is missing."""
    where = f"{venue.profile.exchange} {wallet.name}"
    code = wallet.asset[1:] if wallet.asset.startswith("=") else venue.code(row.get(wallet.asset))
    first = next((name for name in wallet.amount if row.get(name) not in (None, "")), None)
    if first is None:
        raise RetryLater(f"{where} answered a row without {' or '.join(wallet.amount)}")
    parts = [amount(row[first], f"{where} {first}")]
    for names, sign in ((wallet.plus, 1), (wallet.minus, -1)):
        for name in names:
            if row.get(name) not in (None, ""):
                part = amount(row[name], f"{where} {name}")
                parts.append(part if sign > 0 else negative(part))
    return Holding(asset=asset_code(code, where), quantity=total(*parts))


def sync_balances(venue: Venue, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
    """Yield one batch with every wallet that answered and the prices of what they hold; PartlyRead says the rest."""
    known = _known(cursor)
    reading = read_wallets(venue)
    # A wallet that answered before is there: that it is "unknown" now is a failure.
    for name in [one for one in reading.absent if one in known]:
        reading.failed[name] = RetryLater(reading.absent.pop(name))
    if not reading.held:
        raise next(iter(reading.failed.values()), None) or RetryLater("; ".join(reading.absent.values()))
    trouble = [f"{name}: {venue.told(str(error))}" for name, error in reading.failed.items()]
    worth: list[Record] = []
    try:
        worth = list(price(venue, reading.assets - venue.config.ignore, ctx.tick).rates)
    except (AuthError, RetryLater, Unreadable) as error:
        trouble.append(f"prices: {venue.told(str(error))}")
    # A wallet that the settings leave out is not read, which does not make it empty.
    whole = not (reading.failed or reading.absent or venue.config.wallets)
    yield Batch(
        records=[*_records(venue, reading, ctx), *worth],
        cursor=_cursor(venue, sorted({*known, *reading.held})),
        covers=Covers.CONNECTION if whole else Covers.ITS_ACCOUNTS,
    )
    if trouble:
        raise PartlyRead("; ".join(trouble))


def _records(venue: Venue, reading: Reading, ctx: Context) -> Iterator[Record]:
    for name, (wallet, held) in reading.held.items():
        yield AccountInfo(account=name, name=f"{venue.name} {wallet.label}", kind=wallet.kind)
        for asset, quantity in sorted(held.items()):
            if asset not in venue.config.ignore:
                yield Snapshot(account=name, asset=asset, quantity=quantity, at=ctx.tick)


def _sum(holdings: Iterable[Holding], venue: Venue) -> dict[str, Decimal]:
    """Add up by asset; nothing of an asset is not said (coverage says it of what was there before)."""
    held: dict[str, Decimal] = {}
    for one in holdings:
        held[one.asset] = total(held.get(one.asset, Decimal(0)), one.quantity)
    for asset, quantity in held.items():
        amount(quantity, f"{venue.profile.exchange} {asset}")
    return {asset: quantity for asset, quantity in held.items() if quantity}


def _of_sub(wallet: Wallet, sub: str) -> Wallet:
    params = {name: str(value).replace("{sub}", sub) for name, value in wallet.params.items()}
    where = {name: value.replace("{sub}", sub) for name, value in wallet.where.items()}
    return replace(wallet, name=f"{sub}/{wallet.name}", label=f"{sub} {wallet.label}", params=params, where=where)


def _known(cursor: Cursor | None) -> list[str]:
    data = cursor.data if cursor is not None else None
    wallets = data.get("wallets") if isinstance(data, Mapping) else None
    return [str(one) for one in wallets] if isinstance(wallets, list | tuple) else []


def _cursor(venue: Venue, wallets: Sequence[str]) -> Cursor:
    return Cursor(data={"wallets": list(wallets), **({"nonce": venue.nonce} if venue.counts else {})})


def nonce_of(cursor: Cursor | None) -> int:
    """Return the last nonce that a cursor knows of, 0 if it knows none."""
    data = cursor.data if cursor is not None else None
    nonce = data.get("nonce") if isinstance(data, Mapping) else None
    return nonce if isinstance(nonce, int) else 0
