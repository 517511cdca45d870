"""Reads lists of subscribers: what each one's subscription is, without saying whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from flowd.api import Event, Json, Record

TYPE: Final = "substack.subscriber"
#: The list in the archive of all data, and of the button "Export": some columns came later, some went.
_PLAIN: Final = frozenset({"email", "active_subscription", "expiry", "created_at"})
#: The list of the dashboard, whose columns people choose; one of the last ones shows that it is Substack's.
_SHOWN: Final = frozenset({"email", "subscription type", "subscription date"})
_ITS_OWN: Final = frozenset(
    {
        "activity",
        "emails opened (last 6 months)",
        "unique emails seen (last 6 months)",
        "post views (last 6 months)",
        "subscription source (free)",
        "subscription source (paid)",
        "receiving emails for",
    }
)


def reader(columns: Sequence[str]) -> Callable[[Mapping[str, str]], Iterator[Record]] | None:
    """Return what reads a list with such columns; None where it is no list of subscribers."""
    there = set(columns)
    if there >= _PLAIN:
        return _plain
    if there >= _SHOWN and len(there & _ITS_OWN) >= 2:
        return _shown
    return None


def _plain(row: Mapping[str, str]) -> Iterator[Record]:
    yield _event(
        row["email"],
        row["created_at"],
        paid=_truth(row["active_subscription"], "active_subscription"),
        plan=row.get("plan", ""),
        expires=row["expiry"],
        first_paid=row.get("first_payment_at", ""),
    )


def _shown(row: Mapping[str, str]) -> Iterator[Record]:
    plan = row["subscription type"]
    yield _event(
        row["email"],
        row["subscription date"],
        paid=plan.lower() not in {"", "free"},
        plan=plan,
        expires=row.get("expires at", ""),
        first_paid=row.get("first payment at", ""),
    )


def _event(email: str, since: str, *, paid: bool, plan: str, expires: str, first_paid: str) -> Event:
    if "@" not in email:
        raise ValueError("the e-mail address is none")
    data: dict[str, Json] = {"paid": paid, "plan": " ".join(plan.lower().split())[:100]}
    for name, told in (("expires", expires), ("first_paid", first_paid)):
        if told:
            data[name] = moment(told).isoformat()
    # Only to tell one from another: nothing that is kept says who it is.
    key = sha256(email.lower().encode()).hexdigest()[:32]
    return Event(type=TYPE, key=key, at=moment(since), data=data)


def moment(told: str) -> datetime:
    """Read a time; one without a zone is UTC, as Substack and Stripe write it; ValueError where it is none."""
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise ValueError(f"the time {told!r:.40} cannot be read") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _truth(told: str, column: str) -> bool:
    found = {"true": True, "false": False, "": False}.get(told.lower())
    if found is None:
        raise ValueError(f"{column} is {told!r:.40}, neither true nor false")
    return found
