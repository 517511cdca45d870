"""Puts legs together one to one, so that all scores together are highest, and says of which pairs that is sure.

Which pair a leg ends in depends only on legs that candidates link it with. Where such a knot of legs lies within SPAN
days and is not too large, the best of all ways is found. In a longer one (the same amount paid out every other day,
for years) each leg takes the best that takes it too, in a few rounds: nothing depends on what is further than REACH.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from flowd.engine.transfer_legs import Leg
from flowd.engine.transfer_scores import APPLIED, BEFORE, CERTAIN, CLEAR, LATER, PROPOSED, Score

#: Knots over more days, or of more legs on one side, are not solved as a whole.
SPAN: Final = 35
MOST_LEGS: Final = 40
_ROUNDS: Final = 2
#: Days beyond which no leg matters to another: a knot of SPAN days and what is next to it, or nine links of another.
#: A link leads from what was sent to what arrived or back, so that two of them are BEFORE + LATER days at most.
REACH: Final = max(SPAN + LATER, 4 * (BEFORE + LATER) + LATER)


class State(StrEnum):
    """What became of a pair."""

    APPLIED = "applied"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Two legs that may be one transfer."""

    out: Leg
    into: Leg
    score: Score

    @property
    def points(self) -> int:
        """How well they fit."""
        return self.score.points


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two legs taken for one transfer, or proposed to be; `next_best` are the points of the likeliest other way."""

    candidate: Candidate
    state: State
    next_best: int | None


@dataclass(slots=True)
class Paired:
    """All pairs, by the days of what was sent, and what arrived as one of a row all others of which have a pair."""

    pairs: list[Pair] = field(default_factory=list)
    of_a_row: list[Leg] = field(default_factory=list)


def pair_up(candidates: Iterable[Candidate]) -> Paired:
    """Return the pairs among `candidates`; what scores too little is left out."""
    wanted = sorted((one for one in candidates if one.points >= PROPOSED), key=_order)
    found = Paired()
    for knot in _knots(wanted):
        _solve(knot, found)
    found.pairs.sort(key=lambda pair: _order(pair.candidate))
    found.of_a_row.sort(key=lambda leg: leg.order)
    return found


def _order(candidate: Candidate) -> tuple[object, ...]:
    return *candidate.out.order, *candidate.into.order


def _knots(candidates: Sequence[Candidate]) -> list[list[Candidate]]:
    """Return the candidates in groups that share no leg."""
    leader: dict[UUID, UUID] = {}

    def find(leg: UUID) -> UUID:
        root = leg
        while leader.setdefault(root, root) != root:
            root = leader[root]
        while leader[leg] != root:
            leader[leg], leg = root, leader[leg]
        return root

    for one in candidates:
        leader[find(one.into.subject)] = find(one.out.subject)
    groups: dict[UUID, list[Candidate]] = defaultdict(list)
    for one in candidates:
        groups[find(one.out.subject)].append(one)
    return list(groups.values())


def _solve(knot: Sequence[Candidate], found: Paired) -> None:
    whole = _is_small(knot)
    sure = [one for one in knot if one.points >= APPLIED]
    certain = [one for one in sure if one.points >= CERTAIN]
    taken = _best(certain) if whole else _rounds(certain, 1)
    bound = {leg.subject for one in taken for leg in (one.out, one.into)}
    others = [one for one in sure if one.out.subject not in bound and one.into.subject not in bound]
    taken += _best(others) if whole else _rounds(others, _ROUNDS)
    bound = {leg.subject for one in taken for leg in (one.out, one.into)}
    by_leg: dict[UUID, list[Candidate]] = defaultdict(list)
    for one in knot:
        by_leg[one.out.subject].append(one)
        by_leg[one.into.subject].append(one)
    for one in taken:
        rivals = [rival.points for rival in by_leg[one.out.subject] if _rivals(one.into, rival.into, bound)]
        rivals += [rival.points for rival in by_leg[one.into.subject] if _rivals(one.out, rival.out, bound)]
        next_best = max(rivals, default=None)
        clear = next_best is None or next_best <= one.points - CLEAR
        state = State.APPLIED if clear else State.PROPOSED
        found.pairs.append(Pair(candidate=one, state=state, next_best=next_best))
    left = [one for one in knot if one.out.subject not in bound and one.into.subject not in bound]
    for one in _best(left) if whole else _rounds(left, 1):
        found.pairs.append(Pair(candidate=one, state=State.PROPOSED, next_best=None))
    if not whole:
        found.of_a_row.extend(_of_a_row(sure, taken, bound))


def _rivals(leg: Leg, other: Leg, bound: set[UUID]) -> bool:
    """Say whether `other` might as well be in the place of `leg`: it has no pair, and which of them it is matters."""
    return other.subject not in bound and not leg.twin(other)


def _is_small(knot: Sequence[Candidate]) -> bool:
    days = [leg.day for one in knot for leg in (one.out, one.into)]
    outs, ins = {one.out.subject for one in knot}, {one.into.subject for one in knot}
    return (max(days) - min(days)).days <= SPAN and max(len(outs), len(ins)) <= MOST_LEGS


def _rounds(candidates: Sequence[Candidate], rounds: int) -> list[Candidate]:
    """Return pairs in which each leg is the best for the other among what earlier rounds left."""
    taken: list[Candidate] = []
    left = list(candidates)
    for _ in range(rounds):
        best: dict[UUID, Candidate] = {}
        for one in left:
            for leg in (one.out, one.into):
                if leg.subject not in best or one.points > best[leg.subject].points:
                    best[leg.subject] = one
        mutual = [one for one in left if best[one.out.subject] is one and best[one.into.subject] is one]
        taken += mutual
        bound = {leg.subject for one in mutual for leg in (one.out, one.into)}
        left = [one for one in left if one.out.subject not in bound and one.into.subject not in bound]
    return taken


def _of_a_row(sure: Sequence[Candidate], taken: Sequence[Candidate], bound: set[UUID]) -> list[Leg]:
    """Return what arrived without a pair though one like it took its own: the last of a row, or the first."""
    partner = {one.out.subject: one.into for one in taken}
    found = {}
    for one in sure:
        other = partner.get(one.out.subject)
        if one.into.subject not in bound and other is not None and one.into.twin(other):
            found[one.into.subject] = one.into
    return list(found.values())


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the pairs with the highest points all together, by the Hungarian method; without a pair a leg has none."""
    if len(candidates) <= 1:
        return list(candidates)
    outs = list({one.out.subject: None for one in candidates})
    ins = list({one.into.subject: None for one in candidates})
    rows, columns = {one: n for n, one in enumerate(outs, 1)}, {one: n for n, one in enumerate(ins, 1)}
    by_place = {(rows[one.out.subject], columns[one.into.subject]): one for one in candidates}
    flip = len(rows) > len(columns)
    count, width = sorted((len(rows), len(columns)))
    cost = [[0] * (width + 1) for _ in range(count + 1)]
    for (row, column), one in by_place.items():
        if flip:
            cost[column][row] = -one.points
        else:
            cost[row][column] = -one.points
    places = [(column, row) if flip else (row, column) for row, column in _assign(cost, count, width)]
    return [by_place[place] for place in sorted(places) if place in by_place]


def _assign(cost: Sequence[Sequence[int]], count: int, width: int) -> list[tuple[int, int]]:
    """Return (row, column) of the cheapest way to give each of `count` rows a column of its own; counted from 1."""
    by_row, by_column = [0] * (count + 1), [0] * (width + 1)
    row_of = [0] * (width + 1)
    for row in range(1, count + 1):
        row_of[0], column = row, 0
        least: list[float] = [float("inf")] * (width + 1)
        way, seen = [0] * (width + 1), [False] * (width + 1)
        while True:
            seen[column] = True
            here, delta, following = row_of[column], float("inf"), 0
            for other in range(1, width + 1):
                if seen[other]:
                    continue
                reduced = cost[here][other] - by_row[here] - by_column[other]
                if reduced < least[other]:
                    least[other], way[other] = reduced, column
                if least[other] < delta:
                    delta, following = least[other], other
            step = int(delta)
            for other in range(width + 1):
                if seen[other]:
                    by_row[row_of[other]] += step
                    by_column[other] -= step
                else:
                    least[other] -= step
            column = following
            if row_of[column] == 0:
                break
        while column:
            row_of[column] = row_of[way[column]]
            column = way[column]
    return [(row_of[column], column) for column in range(1, width + 1) if row_of[column]]
