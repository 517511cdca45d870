"""Kraken: spot and earn from one balance, margin's open gain, and the ledger, which has everything that happened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from flowd.api import AccountKind, FlowClass, Record, RetryLater
from flowd_ccxt import unified
from flowd_ccxt.history import by_cursor
from flowd_ccxt.making import gain, movement
from flowd_ccxt.profile import Entry, History, Holding, Permits, Profile, Wallet
from flowd_ccxt.values import amount, asset_code, moment, negative, texts, total
from flowd_ccxt.venue import Venue

#: Suffixes of what is earning: staked, opt-in rewards, flexible, bonded, parachain. Tokenised shares (.T) are not.
_EARNING: Final = re.compile(r"^(?P<asset>.+?)\d*\.(?:S|M|F|B|P)$")
#: Kraken's counter of private calls lets 50 lines of the ledger pass at a time.
_PAGE: Final = 50
#: Long, because every call costs six seconds of what Kraken allows, and a quarter has seldom many pages.
_WINDOW: Final = timedelta(days=90)
_CLASSES: Final[Mapping[str, FlowClass]] = {
    "deposit": FlowClass.DEPOSIT,
    "withdrawal": FlowClass.WITHDRAWAL,
    "transfer": FlowClass.TRANSFER,
    "custodytransfer": FlowClass.TRANSFER,
    "staking": FlowClass.STAKING,
    "dividend": FlowClass.DIVIDEND,
    "reward": FlowClass.STAKING,
    "rollover": FlowClass.FEE,
    "margin": FlowClass.REALISED_PNL,
    "credit": FlowClass.OTHER,
    "invite bonus": FlowClass.REBATE,
    "nftrebate": FlowClass.REBATE,
    "adjustment": FlowClass.OTHER,
}
_MOVES: Final = frozenset({FlowClass.DEPOSIT, FlowClass.WITHDRAWAL, FlowClass.TRANSFER})


def place_of(venue: Venue, asset: str) -> tuple[str, str]:
    """Return the wallet and the asset behind one of Kraken's names, such as DOT28.S: earn, DOT."""
    earning = _EARNING.fullmatch(asset)
    name = earning["asset"] if earning else asset.removesuffix(".HOLD")
    code = asset_code("ETH" if name == "ETH2" else venue.code(name), "kraken")
    return ("earn" if earning or asset == "ETH2" else "spot"), code


def _wallet(name: str) -> Any:
    def read(venue: Venue) -> Iterator[Holding]:
        answer = venue.once("privatePostBalanceEx", {})
        balances = venue.one(answer, ("result",), name)
        for asset, row in balances.items():
            wallet, code = place_of(venue, asset)
            # KFEE are credits against fees, which nobody buys.
            if wallet != name or asset == "KFEE":
                continue
            if not isinstance(row, dict) or row.get("balance") in (None, ""):
                raise RetryLater(f"kraken {name} answered {asset} without a balance")
            yield Holding(asset=code, quantity=amount(row["balance"], f"kraken {asset}"))

    return read


def _open_gain(venue: Venue) -> Iterator[Holding]:
    """Yield the unrealised net gain of open margin positions, which Kraken states in US dollars."""
    row = venue.one(venue.call("privatePostTradeBalance"), ("result",), "margin")
    if row.get("n") in (None, ""):
        raise RetryLater("kraken margin answered without 'n'")
    yield Holding(asset="USD", quantity=amount(row["n"], "kraken margin"))


def _ledger(*, moves: bool) -> Any:
    def read(venue: Venue, since: int, until: int) -> Iterator[Entry]:
        # The beginning is excluded and the end included, in seconds.
        span = {"start": f"{Decimal(since - 1) / 1000:f}", "end": f"{Decimal(until) / 1000:f}"}

        def page(after: str | None) -> tuple[Sequence[Entry], str | None]:
            offset = int(after or 0)
            answer = venue.call("privatePostLedgers", {**span, "ofs": offset})
            lines = venue.one(answer, ("result", "ledger"), "ledger")
            entries = [_entry(name, line) for name, line in lines.items()]
            return entries, str(offset + len(entries)) if len(entries) >= _PAGE else None

        return by_cursor(page)

    def histories(venue: Venue) -> Sequence[History]:  # noqa: ARG001 - the shape of the others
        def records(venue: Venue, entry: Entry) -> Iterator[Record]:
            return _line(venue, entry, moves=moves)

        return (History(name="ledger", read=read, records=records, window=_WINDOW),)

    return histories


def _entry(name: str, line: Any) -> Entry:
    if not isinstance(line, dict) or "time" not in line:
        raise RetryLater("kraken ledger answered a line without 'time'")
    return Entry(id=name, at=int(amount(line["time"], "kraken time") * 1000), info=line)


def _line(venue: Venue, entry: Entry, *, moves: bool) -> Iterator[Record]:
    line = entry.info
    kind_there, sub = str(line.get("type") or ""), str(line.get("subtype") or "")
    kind = _CLASSES.get(kind_there)
    if kind_there == "earn":
        kind = FlowClass.STAKING if sub in ("reward", "") else FlowClass.TRANSFER
    if kind is None or (kind in _MOVES) is not moves:
        return
    account, asset = place_of(venue, str(line.get("asset")))
    gross = amount(line.get("amount") or 0, "kraken amount")
    fee = amount(line.get("fee") or 0, "kraken fee")
    at = moment(entry.at, "kraken time")
    text = f"{kind_there} {sub}".strip()
    if kind is FlowClass.REALISED_PNL:
        yield from gain(account=account, id=entry.id, at=at, gross=gross, fee=fee, asset=asset, text=text)
    elif kind in (FlowClass.STAKING, FlowClass.DIVIDEND):
        # The commission is kept back by Kraken: what comes in is net of it.
        raw = {"gross": format(gross, "f"), "fee": format(fee, "f")} if fee else None
        yield from movement(
            account=account,
            id=entry.id,
            at=at,
            kind=kind,
            quantity=total(gross, negative(fee)),
            asset=asset,
            text=text,
            raw=raw,
        )
    else:
        yield from movement(
            account=account, id=entry.id, at=at, kind=kind, quantity=gross, asset=asset, fee=fee, text=text,
            raw=texts(dict(line), "refid"),
        )  # fmt: skip


def _permits(venue: Venue) -> Permits:
    row = venue.one(venue.call("privatePostGetApiKeyInfo"), ("result",), "key")
    rights = row.get("permissions")
    until = row.get("valid_until")
    ends = int(str(until)) * 1000 if until and str(until).isdigit() and int(str(until)) else None
    words = [_RIGHTS.get(str(one), str(one)) for one in rights] if isinstance(rights, list) else []
    return Permits(rights=words, known=isinstance(rights, list), expires=ends)


_RIGHTS: Final[Mapping[str, str]] = {
    "withdraw-funds": "withdraw",
    "modify-trades": "trade (change orders)",
    "close-trades": "trade (cancel orders)",
    "add-funds": "deposit",
    "earn-funds": "transfer (allocate earn funds)",
}

KRAKEN = Profile(
    exchange="kraken",
    wallets=(
        Wallet(name="spot", label="spot", kind=AccountKind.WALLET_SPOT, read=_wallet("spot")),
        Wallet(name="earn", label="earn", kind=AccountKind.WALLET_EARN, read=_wallet("earn")),
        Wallet(name="margin", label="margin (open gain)", kind=AccountKind.WALLET_MARGIN, read=_open_gain),
    ),
    income=_ledger(moves=False),
    transfers=_ledger(moves=True),
    trades=lambda _: unified.my_trades(full=_PAGE, window=_WINDOW),
    permits=_permits,
    unread=("Kraken Futures, which has keys of its own: add a connection with exchange: krakenfutures",),
    marker=("", frozenset(), ("result",)),
    contracts="margin",
    trades_by_market=False,
)
