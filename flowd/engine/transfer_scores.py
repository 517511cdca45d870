"""Says how likely two legs are one transfer: points for what fits, less for what does not, with the reasons.

docs/ledger.md ("Transfers") has the table of points; 100 points are a score of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from flowd.domain.flows import AccountKind, FlowClass
from flowd.domain.money import plain
from flowd.domain.shares import EXACT, is_currency
from flowd.engine.transfer_legs import Leg, Said, is_iban, telling

#: From so many points on a pair is applied, where no other comes within CLEAR; from so many on it is proposed.
APPLIED: Final = 80
PROPOSED: Final = 55
CLEAR: Final = 5
#: From so many points on pairs are taken before any other: only references, numbers and one's own source say so much.
CERTAIN: Final = 120
#: The other leg is looked for so many days later, and before: days of booking differ.
LATER: Final = 7
BEFORE: Final = 3
#: What may be kept on the way, and by how much a rate may differ from the dated one, below and above.
MOST_FEE: Final = Decimal("0.1")
RATE_BELOW: Final = Decimal("0.05")
RATE_ABOVE: Final = Decimal("0.02")

_HUNDRED: Final = Decimal(100)
_SAID_POINTS: Final = {Said.INCOME: 0, Said.SILENT: 12, Said.WORD: 16, Said.SOURCE: 20}


class TransferKind(StrEnum):
    """Between what a transfer is."""

    WITHIN = "within"
    CARD = "card"
    PAYOUT = "payout"
    BROKER = "broker"
    CHAIN = "chain"
    EXCHANGE = "exchange"
    CURRENCY = "currency"
    CASH = "cash"
    BANK = "bank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well two legs fit; `rate` is what arrived per unit sent, `market` the dated rate, both None in one asset."""

    points: int
    why: str
    fee: Decimal | None = None
    rate: Decimal | None = None
    market: Decimal | None = None


def kind_of_pair(out: Leg, into: Leg) -> TransferKind:
    """Return between what the transfer from `out` to `into` is."""
    kinds = {out.kind, into.kind}
    if out.asset != into.asset:
        return TransferKind.CURRENCY
    if out.connection == into.connection:
        return TransferKind.WITHIN
    if AccountKind.CARD in kinds:
        return TransferKind.CARD
    if AccountKind.CASH in kinds:
        return TransferKind.CASH
    if out.wallet and into.wallet:
        return TransferKind.CHAIN
    if out.wallet or into.wallet:
        return TransferKind.EXCHANGE
    if AccountKind.PAYOUT in kinds:
        return TransferKind.PAYOUT
    return TransferKind.BROKER if AccountKind.BROKER in kinds else TransferKind.BANK


def score(out: Leg, into: Leg, market: Decimal | None = None) -> Score | None:
    """Return how well `into` fits as the other leg of `out`; None where they cannot be one transfer.

    `market` is what one unit of the asset sent was worth in the one that arrived, on the day it was sent; without it
    nothing is concluded about two assets but from references and numbers, and never that they are worth the same.
    """
    if (out.connection, out.account) == (into.connection, into.account):
        return None
    marks = _Marks(out, into)
    if marks.contradicted:
        return None
    days = (into.day - out.day).days
    if not -BEFORE <= days <= LATER:
        return None
    if days < 0 and out.platform and into.said is not Said.SOURCE:
        # what a platform pays out never arrives before
        return None
    silent = out.said is Said.SILENT and into.said is Said.SILENT
    if silent and abs(days) > BEFORE:
        return None
    tally = _Tally()
    fee = rate = None
    if out.asset == into.asset:
        if into.amount > out.amount:
            return None
        if into.amount == out.amount:
            tally.add(50, "equal amounts")
            tally.add(_rarity(out.amount), "an amount that is no round one")
        else:
            if silent and not marks.evident:
                return None
            fee = EXACT.subtract(out.amount, into.amount)
            if not _fee(tally, out, into, fee, marks):
                return None
    else:
        rate = _ratio(into.amount, out.amount)
        if not _rate(tally, out, into, rate, market, marks, silent=silent):
            return None
    _days(tally, out, into, days)
    _said(tally, out, into)
    _strangers(tally, out, into, marks)
    for points, why in marks.found:
        tally.add(points, why)
    _connections(tally, out, into)
    unpriced = rate is not None and market is None
    points = min(tally.points, APPLIED - 1) if unpriced else tally.points
    return Score(points=points, why="; ".join(tally.why), fee=fee, rate=rate, market=None if rate is None else market)


class _Tally:
    """Points and the words for them."""

    def __init__(self) -> None:
        self.points = 0
        self.why: list[str] = []

    def add(self, points: int, why: str) -> None:
        if points:
            self.points += points
            self.why.append(f"{why} {points:+d}")


class _Marks:
    """What texts, numbers and references say of two legs belonging together."""

    def __init__(self, out: Leg, into: Leg) -> None:
        self.found: list[tuple[int, str]] = []
        self.contradicted = _elsewhere(out, into) or _elsewhere(into, out)
        self.tied = bool(out.references & into.references)
        if self.tied:
            self.found.append((40, "the same reference"))
        if into.account in out.named or out.account in into.named:
            self.found.append((25, "the number of the other account"))
        common = out.texts.names & into.texts.names
        self.same_name = len(common) >= 2 and not (out.texts.firm or into.texts.firm)
        if self.same_name:
            self.found.append((10, "the same name on both sides"))
        self.calls = _calls(out, into) or _calls(into, out)
        if self.calls:
            self.found.append((8, "one names the other's account or connection"))
        both, either = out.texts.words & into.texts.words, out.texts.words | into.texts.words
        if len(both) >= 2 and 5 * len(both) >= 3 * len(either):
            self.found.append((5, "the same wording"))
        #: Something that no chance explains.
        self.strong = any(points >= 25 for points, _ in self.found)
        self.evident = self.strong or self.same_name


def _elsewhere(leg: Leg, other: Leg) -> bool:
    """Say whether `leg` names an account that is not the other's."""
    if leg.named:
        return other.account not in leg.named
    return bool(leg.ibans) and is_iban(other.account)


def _calls(leg: Leg, other: Leg) -> bool:
    if leg.connection == other.connection:
        words = telling(other.account_name)
    else:
        words = telling(other.account_name, other.connection) - telling(leg.connection)
    return not words.isdisjoint(leg.texts.names | leg.texts.words)


def _rarity(amount: Decimal) -> int:
    """Return points for an amount with many digits: two such are rarely equal by chance."""
    digits = len(amount.normalize().as_tuple().digits)
    return 10 if digits >= 5 else 5 if digits == 4 else 0


def _fee(tally: _Tally, out: Leg, into: Leg, fee: Decimal, marks: _Marks) -> bool:
    share = _ratio(fee, out.amount)
    if share > MOST_FEE:
        return False
    tally.add(45 - int(300 * share), f"{plain(fee)} {out.asset} ({_percent(share)}) kept on the way")
    if into.said <= Said.SILENT and not (marks.strong or marks.calls):
        tally.add(-15, "a fee, and nobody says that it is a transfer")
    return True


def _rate(
    tally: _Tally, out: Leg, into: Leg, rate: Decimal, market: Decimal | None, marks: _Marks, *, silent: bool
) -> bool:
    if out.wallet and into.wallet and not (is_currency(out.asset) and is_currency(into.asset)):
        # what is sent on a chain arrives as what it is
        return False
    if market is None:
        return marks.strong
    off = EXACT.subtract(_ratio(rate, market), Decimal(1))
    if not -RATE_BELOW <= off <= RATE_ABOVE or (silent and not marks.evident):
        return False
    each = 400 if off < 0 else 1000
    worse = "as" if not off else f"{_percent(abs(off))} {'below' if off < 0 else 'above'}"
    tally.add(45 - int(each * abs(off)), f"{worse} the rate of that day")
    if Said.SILENT in (out.said, into.said) and not (marks.strong or marks.calls):
        tally.add(-15, "another currency, and one side does not say that it is a transfer")
    return True


def _days(tally: _Tally, out: Leg, into: Leg, days: int) -> None:
    if days == 0:
        tally.add(20, "on the same day")
    elif days < 0:
        tally.add(20 + 4 * days, f"booked {_count(-days)} before")
    else:
        tally.add(20 - (1 if out.platform or into.platform else 2) * days, f"{_count(days)} later")


def _said(tally: _Tally, out: Leg, into: Leg) -> None:
    words = {
        Said.SOURCE: "its source calls it one",
        Said.WORD: "its text calls it one",
        Said.SILENT: "nothing is said",
        Said.INCOME: "called an income",
    }
    tally.add(_SAID_POINTS[out.said], f"sent: {words[out.said]}")
    tally.add(_SAID_POINTS[into.said], f"arrived: {words[into.said]}")


def _connections(tally: _Tally, out: Leg, into: Leg) -> None:
    """Count what a connection says of money within it, and of money that leaves it."""
    within = [leg.flow_class is FlowClass.TRANSFER for leg in (out, into) if leg.said >= Said.WORD]
    if out.connection == into.connection:
        if within == [True, True]:
            tally.add(15, "within one connection")
        elif out.platform and not all(within):
            tally.add(-10, "said to leave its connection")
    elif any(leg.wallet and leg.flow_class is FlowClass.TRANSFER for leg in (out, into)):
        tally.add(-10, "said to stay in its connection")


def _strangers(tally: _Tally, out: Leg, into: Leg, marks: _Marks) -> None:
    """Take points off where somebody else is named: money from a stranger is income, and that counts for more."""
    if marks.tied or marks.same_name or marks.calls:
        return
    if into.said <= Said.SILENT and into.texts.names and out.account not in into.named:
        tally.add(-10 if out.platform and out.said >= Said.WORD else -25, "arrived from somebody else by name")
    if out.said <= Said.SILENT and out.texts.names and into.account not in out.named:
        card = into.kind is AccountKind.CARD
        tally.add(-15 if into.said <= Said.SILENT else -5 if card else -10, "sent to somebody else by name")


def _ratio(part: Decimal, whole: Decimal) -> Decimal:
    """Return part / whole with 18 digits: enough to compare, and the same everywhere."""
    found = EXACT.divide(part, whole)
    return found.quantize(Decimal(1).scaleb(found.adjusted() - 17), context=EXACT) if found else Decimal(0)


def _percent(share: Decimal) -> str:
    return f"{plain((share * _HUNDRED).quantize(Decimal('0.01')))} %"


def _count(days: int) -> str:
    return "a day" if days == 1 else f"{days} days"
