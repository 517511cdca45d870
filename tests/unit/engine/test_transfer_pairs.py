"""Pairs are one to one, the best of all, the same in any order, and matter only to what is near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from flowd.domain.flows import FlowClass
from flowd.engine.transfer_legs import Leg, Said, texts_of
from flowd.engine.transfer_pairs import MOST_LEGS, REACH, SPAN, Candidate, State, _best, pair_up
from flowd.engine.transfer_scores import APPLIED, BEFORE, CLEAR, LATER, PROPOSED, Score

DAY = date(2025, 1, 1)


def leg(number: int, day: int, account: str = "a", payer: str = "") -> Leg:
    return Leg(
        subject=UUID(int=number),
        connection="c",
        account=account,
        day=DAY + timedelta(days=day),
        amount=Decimal(50),
        asset="EUR",
        said=Said.SILENT,
        flow_class=FlowClass.OTHER,
        payer=payer,
        texts=texts_of("", ""),
    )


def candidate(out: Leg, into: Leg, points: int) -> Candidate:
    return Candidate(out=out, into=into, score=Score(points=points, why=""))


@st.composite
def webs(draw: st.DrawFn, days: int = 20, legs: int = 7) -> list[Candidate]:
    """Some legs, and for some of those that are near enough how well they fit."""
    outs = [leg(n, draw(st.integers(0, days))) for n in range(draw(st.integers(1, legs)))]
    ins = [leg(100 + n, draw(st.integers(0, days)), "b") for n in range(draw(st.integers(1, legs)))]
    near = [(o, i) for o in outs for i in ins if -BEFORE <= (i.day - o.day).days <= LATER]
    chosen = [pair for pair in near if draw(st.booleans())]
    return [candidate(o, i, draw(st.integers(PROPOSED - 10, 120))) for o, i in chosen]


def summary(candidates: Sequence[Candidate]) -> list[tuple[UUID, UUID, State, int | None]]:
    found = pair_up(candidates)
    rows = [(p.candidate.out.subject, p.candidate.into.subject, p.state, p.next_best) for p in found.pairs]
    return rows + [(one.subject, one.subject, State.APPLIED, None) for one in found.of_a_row]


@given(webs())
def test_no_leg_is_in_two_pairs_and_none_below_the_line(candidates: list[Candidate]) -> None:
    pairs = pair_up(candidates).pairs
    legs = [one.subject for pair in pairs for one in (pair.candidate.out, pair.candidate.into)]
    assert len(legs) == len(set(legs))
    assert all(pair.candidate.points >= PROPOSED for pair in pairs)
    assert all(pair.candidate.points >= APPLIED for pair in pairs if pair.state is State.APPLIED)


@given(webs(), st.randoms(use_true_random=False))
def test_the_order_they_come_in_does_not_matter(candidates: list[Candidate], chance: Random) -> None:
    other = list(candidates)
    chance.shuffle(other)
    assert summary(candidates) == summary(other)


def most(candidates: Sequence[Candidate]) -> int:
    """The highest sum of points there is, found by trying everything."""
    if not candidates:
        return 0
    first, *rest = candidates
    legs = {first.out.subject, first.into.subject}
    without = [one for one in rest if not legs & {one.out.subject, one.into.subject}]
    return max(first.points + most(without), most(rest))


@given(webs(legs=4))
def test_no_other_way_has_more_points(candidates: list[Candidate]) -> None:
    candidates = [one for one in candidates if one.points >= PROPOSED]
    assert sum(one.points for one in _best(candidates)) == most(candidates)


@st.composite
def long_webs(draw: st.DrawFn) -> list[Candidate]:
    """Equal amounts sent and received every few days over a year: one knot, or several long ones."""
    chance = Random(draw(st.integers(0, 10**6)))
    gap = draw(st.integers(1, 9))
    outs = [leg(n, n * gap + chance.randrange(3), payer="p") for n in range(200 // gap)]
    ins = [leg(1000 + n, n * gap + chance.randrange(4), "b", payer=chance.choice("pq")) for n in range(200 // gap)]
    near = [(o, i) for o in outs for i in ins if -BEFORE <= (i.day - o.day).days <= LATER]
    return [
        candidate(o, i, chance.choice([110, 110, 140]) - 3 * abs((i.day - o.day).days) - chance.randrange(30))
        for o, i in near
    ]


@settings(max_examples=60, deadline=None)
@given(long_webs(), st.randoms(use_true_random=False))
def test_a_leg_that_goes_changes_nothing_further_than_what_it_reaches(
    candidates: list[Candidate], chance: Random
) -> None:
    if not candidates:
        return
    gone = chance.choice([leg for one in candidates for leg in (one.out, one.into)])
    left = [one for one in candidates if gone.subject not in (one.out.subject, one.into.subject)]
    changed = set(summary(candidates)) ^ set(summary(left))
    days = {one.subject: one.day for cand in candidates for one in (cand.out, cand.into)}
    for out, into, _, _ in changed:
        assert max(abs((days[leg] - gone.day).days) for leg in (out, into)) <= REACH


@settings(max_examples=60, deadline=None)
@given(long_webs(), st.integers(0, 150))
def test_what_is_asked_of_a_window_is_what_all_of_it_says(candidates: list[Candidate], begin: int) -> None:
    first, last = DAY + timedelta(days=begin), DAY + timedelta(days=begin + 10)
    reach = timedelta(days=REACH)

    def within(found: list[tuple[UUID, UUID, State, int | None]]) -> set[tuple[UUID, UUID, State, int | None]]:
        return {one for one in found if first <= days[one[0]] <= last}

    days = {one.subject: one.day for cand in candidates for one in (cand.out, cand.into)}
    near = [one for one in candidates if all(first - reach <= leg.day <= last + reach for leg in (one.out, one.into))]
    assert within(summary(near)) == within(summary(candidates))


def test_where_two_might_be_it_nothing_is_concluded() -> None:
    out, first, second = leg(1, 0), leg(2, 1, "b"), leg(3, 1, "d")
    sure = [candidate(out, first, 100), candidate(out, second, 100 - CLEAR)]
    assert [(p.state, p.next_best) for p in pair_up(sure).pairs] == [(State.APPLIED, 95)]
    unsure = [candidate(out, first, 100), candidate(out, second, 100 - CLEAR + 1)]
    assert [(p.state, p.next_best) for p in pair_up(unsure).pairs] == [(State.PROPOSED, 96)]


def test_twins_stand_for_one_another() -> None:
    out, first, second = leg(1, 0), leg(2, 1, "b", payer="stripe"), leg(3, 2, "b", payer="stripe")
    (pair,) = pair_up([candidate(out, first, 99), candidate(out, second, 98)]).pairs
    assert (pair.state, pair.candidate.into) == (State.APPLIED, first)


def test_of_payouts_of_one_amount_each_goes_with_what_arrived_next() -> None:
    outs, ins = [leg(n, n) for n in range(30)], [leg(100 + n, n + 1, "b", payer="p") for n in range(30)]
    near = [(o, i) for o in outs for i in ins if 0 <= (i.day - o.day).days <= LATER]
    found = pair_up([candidate(o, i, 100 - (i.day - o.day).days) for o, i in near])
    assert len(found.pairs) == 30
    assert found.of_a_row == []


def test_of_a_row_that_is_too_long_to_be_solved_at_once_the_last_is_known_by_its_like() -> None:
    count = SPAN * 2
    assert count > MOST_LEGS
    outs, ins = [leg(n, n) for n in range(count)], [leg(1000 + n, n + 1, "b", payer="p") for n in range(count)]
    near = [(o, i) for o in outs for i in ins if 0 <= (i.day - o.day).days <= LATER]
    found = pair_up([candidate(o, i, 100 - (i.day - o.day).days) for o, i in near])
    assert len(found.pairs) + len(found.of_a_row) == count
    assert [one.day for one in found.of_a_row] == [ins[-1].day]
