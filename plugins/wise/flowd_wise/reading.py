"""Reads transactions window by window: whatever was read longest ago comes first, the newest days again each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flowd.api import AuthError, Batch, Context, OverTime, Removal, RetryLater, Transaction
from flowd_wise.activities import Activities
from flowd_wise.balances import Balance, Profile
from flowd_wise.client import Client, PageForgotten, SecondFactor
from flowd_wise.progress import Progress, Walk
from flowd_wise.settings import Way
from flowd_wise.statements import statement

#: Days in one question; Wise gives a statement of more than a year, though one batch should stay small.
_STATEMENT: Final = timedelta(days=92)
_ACTIVITIES: Final = timedelta(days=31)
#: What was read lately is read again: Wise may enter something late.
_AGAIN: Final = timedelta(days=7)
#: What was not final is read again for so long: a card's payment is released after thirty days at most.
_PATIENCE: Final = timedelta(days=45)
_SPARE: Final = timedelta(seconds=10)


@dataclass(slots=True, kw_only=True)
class _Place:
    """A balance's statement, or with `activities` a profile's activities: `at` is where reading goes on."""

    profile: Profile
    balance: Balance | None = None
    activities: Activities | None = None
    at: datetime
    order: datetime
    pages: set[str] = field(default_factory=set)


class Reading:
    """One run over all profiles; `failures` has what could not be read, `gave` says whether anything could."""

    def __init__(self, client: Client, way: Way, progress: Progress, ctx: Context) -> None:
        self._client = client
        self._way = way
        self._progress = progress
        self._ctx = ctx
        self._places: list[_Place] = []
        self._balances: dict[str, Sequence[Balance]] = {}
        self.failures: list[AuthError | RetryLater] = []
        self.gave = False

    def add(self, profile: Profile, balances: Sequence[Balance]) -> None:
        """Take a profile up, the way that is wished for or was taken before."""
        self._balances[profile.id] = balances
        if self._way is Way.STATEMENTS:
            self._progress.to_statements(profile.id)
        elif self._way is Way.ACTIVITIES or profile.id in self._progress.activities:
            self._add_activities(profile)
            return
        first = max(self._progress.begin, self._progress.before.get(profile.id, self._progress.begin))
        for one in balances:
            read = max(self._progress.statements.get(one.id, first), first)
            self._places.append(_Place(profile=profile, balance=one, at=max(first, read - _AGAIN), order=read))

    def batches(self) -> Iterator[Batch]:
        """Yield a batch per window or page, until everything was read or time is short."""
        while self._places:
            if self.gave and self._ctx.time_left() < _SPARE:
                return
            place = min(self._places, key=lambda one: one.order)
            try:
                batch = self._step(place)
            except OverTime:
                raise
            except SecondFactor as wanted:
                self._refused(place, wanted)
                continue
            except (AuthError, RetryLater) as problem:
                if isinstance(problem, RetryLater) and problem.after is not None:
                    raise
                self._places.remove(place)
                self.failures.append(problem)
                continue
            self.gave = True
            yield batch
            if place.at >= self._ctx.tick:
                self._places.remove(place)

    def _add_activities(self, profile: Profile) -> None:
        balances = self._balances[profile.id]
        self._progress.to_activities(profile.id, [one.id for one in balances])
        walk = self._progress.activities[profile.id]
        order = walk.at
        if walk.done:
            again = walk.at - _AGAIN
            if walk.waiting is not None:
                again = min(again, max(walk.waiting, walk.at - _PATIENCE))
            first = max(self._progress.begin, self._progress.before.get(profile.id, self._progress.begin))
            walk = self._progress.activities[profile.id] = Walk(at=max(first, again), until=walk.until)
        self._places.append(
            _Place(profile=profile, activities=Activities(self._client, profile, balances), at=walk.at, order=order)
        )

    def _refused(self, place: _Place, wanted: SecondFactor) -> None:
        """Go over to activities where Wise wants a second factor for statements, if that is wished for."""
        self._places = [one for one in self._places if one.profile != place.profile]
        if place.activities is not None:
            hint = "import Wise's own CSV files instead"
        elif self._way is Way.STATEMENTS:
            hint = "set `read: activities`"
        else:
            self._add_activities(place.profile)
            return
        self.failures.append(AuthError(f"{wanted}, which a program cannot give: {hint}"))

    def _step(self, place: _Place) -> Batch:
        return self._statement(place, place.balance) if place.balance is not None else self._page(place)

    def _statement(self, place: _Place, balance: Balance) -> Batch:
        end = min(place.at + _STATEMENT, self._ctx.tick)
        rows = statement(self._client, place.profile, balance, place.at, end, self._ctx)
        self._progress.statements[balance.id] = max(end, self._progress.statements.get(balance.id, end))
        place.at = place.order = end
        return Batch(records=[balance.account, *rows], cursor=self._progress.cursor())

    def _page(self, place: _Place) -> Batch:
        assert place.activities is not None
        walk = self._progress.activities[place.profile.id]
        end = walk.end or min(walk.at + _ACTIVITIES, self._ctx.tick)
        try:
            page = place.activities.page(walk.at, end, walk.page, self._ctx)
        except PageForgotten:
            # Pages do not keep for ever, and flowd may have been away: this window from its beginning.
            page = place.activities.page(walk.at, end, None, self._ctx)
        before = self._progress.before
        rows = [one for one in page.records if not (one.account in before and _booked(one) <= before[one.account])]
        if page.waiting is not None:
            walk.waiting = min(page.waiting, walk.waiting or page.waiting)
        if page.following is None:
            walk.at, walk.end, walk.page = end, None, None
            walk.until = max(end, walk.until or end)
            walk.done = end >= self._ctx.tick
            place.pages.clear()
        elif page.following in place.pages:
            raise RetryLater(f"the activities of Wise profile {place.profile.id} lead back to the same page")
        else:
            place.pages.add(page.following)
            walk.end, walk.page = end, page.following
        place.at = place.order = walk.at
        touched = {one.account for one in rows}
        accounts = [one.account for one in place.activities.balances if one.id in touched]
        return Batch(records=[*accounts, *rows], cursor=self._progress.cursor())


def _booked(one: Transaction | Removal) -> datetime:
    """Return when it was; what was taken back is never too old."""
    at = one.booked_at if isinstance(one, Transaction) else None
    return at if isinstance(at, datetime) else datetime.max.replace(tzinfo=UTC)
