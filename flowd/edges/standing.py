"""How streams are doing, for commands: as it is stored, or computed now where that is asked for or not there yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

import click

from flowd.domain.money import check_asset
from flowd.storage.reports import Reports, Row

if TYPE_CHECKING:
    from flowd.api import History
    from flowd.config import Settings
    from flowd.edges.opening import Store

#: So many weeks are drawn in a sparkline: half a year.
WEEKS: Final = 26
_ORDER: Final = ("stream", "group", "total")
Weeks = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """States as rows of report.stream_state, means per (scope, name) and window, what weeks earned per day.

    `resilience` is a row of report.resilience, None where there is none.
    """

    currency: str
    states: Sequence[Row]
    means: Mapping[tuple[str, str], Mapping[str, Decimal | None]]
    resilience: Mapping[str, object] | None
    weeks: Mapping[tuple[str, str], Weeks]

    def state(self, scope: str, name: str) -> Row | None:
        """Return the state of one of them; None where there is none."""
        return next((row for row in self.states if row["scope"] == scope and row["name"] == name), None)

    def rows(self) -> list[dict[str, object]]:
        """Return a row of everything there is to say per stream, then per group, then in total."""
        return [self._row(state) for state in self.states]

    def sentences(self, scope: str, name: str) -> list[str]:
        """Return what there is to say of one of them in a few words; nothing where it is not known."""
        state = self.state(scope, name)
        if state is None:
            return []
        rate, floor = self.means.get((scope, name), {}).get("30d"), cast("Decimal | None", state["floor"])
        said = [f"daily rate {_amount(rate, self.currency)}", f"trend {state['trend']}: {state['trend_reason']}"]
        if floor is not None:
            said.append(f"floor {_amount(floor, self.currency)} a month (nine of ten past months reached it)")
        if (reserve := cast("Decimal | None", state["tax_reserve"])) is not None:
            said.append(f"to set aside for tax since the year began: {_amount(reserve, self.currency)}")
        elif state["tax_rate"] is not None or (scope == "total" and any(one["tax_rate"] for one in self.states)):
            said.append("to set aside for tax since the year began: not known, as some of what came in has no rate")
        return [*said, f"health {state['health']}: {state['health_reason']}"]

    def _row(self, state: Row) -> dict[str, object]:
        key = (str(state["scope"]), str(state["name"]))
        means = self.means.get(key, {})
        return {
            **{name: state[name] for name in ("scope", "name", "label", "group", "as_of", "currency")},
            "daily_rate": means.get("30d"),
            **{f"mean_{window}": means.get(window) for window in ("7d", "30d", "90d", "365d")},
            **{
                name: value for name, value in state.items() if name not in ("scope", "name", "label", "group", "as_of")
            },
            "weeks": list(self.weeks.get(key, ())),
            **({"resilience": self.resilience} if key[0] == "total" else {}),
        }

    def stands(self) -> list[str]:
        """Return in a few words how income would stand a loss; nothing of what is not known."""
        of = self.resilience or {}
        said = []
        if (effective := _number(of, "effective_streams")) is not None:
            largest = _number(of, "largest_stream") or Decimal(0)
            said.append(f"as from {effective:.1f} equal streams; the largest brings {largest:.0%}")
        if (floor := _number(of, "floor")) is not None:
            regular = _number(of, "floor_recurring")
            of_it = "" if regular is None else f", {_amount(regular, self.currency)} of it declared or regular"
            said.append(f"floor {_amount(floor, self.currency)} a month{of_it}")
        if (covered := _number(of, "covered")) is not None:
            when = of["crossover"] if covered < 1 and of["crossover"] is not None else None
            why = f", all of it by {when:%B %Y}" if isinstance(when, date) else f" ({of['crossover_reason']})"
            said.append(f"passive income covers {covered:.0%} of the expenses of a typical month{why}")
        if (months := _number(of, "runway")) is not None:
            said.append(f"money lasts for {months:.1f} months with the floor, {of['runway_bare']:.1f} without income")
        elif of.get("cash") is not None and of.get("expenses") is not None:
            said.append(f"runway: {of['runway_reason']}")
        return said


def standing_of(store: Store, settings: Settings, currency: str | None) -> Standing:
    """Return how streams are doing: as it is stored; computed in `currency`, or where nothing is stored yet."""
    from flowd.edges.histories import history_of
    from flowd.edges.opening import load_registry

    found = stored(Reports(store.database)) if currency is None else None
    return found or computed(history_of(store, settings, load_registry(settings), currency))


def stored(reports: Reports) -> Standing | None:
    """Return what the study `statistics` left; None where it was not made yet."""
    states = reports.states()
    if not states:
        return None
    until = cast("date", states[0]["as_of"])
    weeks: dict[tuple[str, str], list[list[Decimal | None]]] = {}
    per_stream: dict[tuple[str, str], dict[int, Decimal | None]] = {}
    for row in reports.weeks(until, WEEKS):
        found = per_stream.setdefault((str(row["stream"]), str(row["group"])), {})
        found[cast("int", row["weeks_ago"])] = cast("Decimal | None", row["earned"])
    for (stream, group), found in per_stream.items():
        line = [found.get(ago, Decimal(0)) for ago in reversed(range(WEEKS))]
        for key in (("stream", stream), ("group", group), ("total", "")):
            weeks.setdefault(key, []).append(line)
    return Standing(
        currency=str(states[0]["currency"]),
        states=states,
        resilience=reports.resilience(),
        means=_by_window((row["scope"], row["name"], row["window"], row["mean"]) for row in reports.means()),
        weeks={key: _sums(lines) for key, lines in weeks.items()},
    )


def computed(history: History) -> Standing:
    """Return the same, computed now on a history: in its currency, up to its last whole day."""
    from flowd.analytics.rounding import decimal
    from flowd.analytics.statistics.resilient import resilience_row
    from flowd.analytics.statistics.study import Statistics, StatisticsConfig
    from flowd.analytics.statistics.trend import WEEKS as STEP
    from flowd.analytics.statistics.trend import stretches
    from flowd.api import Metric, StreamState

    infos = {info.stream: info for info in history.streams}
    states: list[Row] = []
    means = []
    for one in Statistics().now(history, StatisticsConfig()):
        if isinstance(one, StreamState):
            info = infos.get(one.name) if one.scope.value == "stream" else None
            label = "Everything" if one.scope.value == "total" else one.name
            group = one.name if one.scope.value == "group" else None
            row = asdict(one) | {
                "scope": one.scope.value,
                "label": info.name if info else label,
                "group": info.group if info else group,
                "currency": history.currency,
            }
            states.append(row)
        elif isinstance(one, Metric) and one.name == "mean":
            scope, _, name = one.subject.partition(":")
            means.append((scope, name, one.window, one.value))
    states.sort(key=_place)
    lines: dict[tuple[str, str], list[list[Decimal | None]]] = {}
    since = history.until.toordinal() - 7 * WEEKS + 1
    for name, income in history.income.items():
        days = income.earned.between(date.fromordinal(since), history.until)
        days[: max(income.earned.first.toordinal() - since, 0)] = 0.0
        line = [decimal(float(mean)) for mean in stretches(days, STEP)]
        for key in (("stream", name), ("group", infos[name].group), ("total", "")):
            lines.setdefault(key, []).append(line)
    return Standing(
        currency=history.currency,
        states=states,
        resilience=resilience_row(history),
        means=_by_window(means),
        weeks={key: _sums(each) for key, each in lines.items()},
    )


def as_currency(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    """Read the code of a currency on the command line, in capitals or small."""
    if value is None:
        return None
    try:
        return check_asset(value.strip().upper())
    except ValueError as problem:
        raise click.BadParameter(f"{problem}: write a code such as USD") from None


def _number(row: Mapping[str, object], name: str) -> Decimal | None:
    return cast("Decimal | None", row.get(name))


def _amount(value: Decimal | None, currency: str) -> str:
    return "not known" if value is None else f"{value:,.2f} {currency}"


def _place(row: Row) -> tuple[object, ...]:
    share = cast("Decimal | None", row["share"])
    return _ORDER.index(str(row["scope"])), share is None, -(share or 0), row["name"]


def _by_window(
    rows: Iterable[tuple[object, object, object, object]],
) -> dict[tuple[str, str], dict[str, Decimal | None]]:
    means: dict[tuple[str, str], dict[str, Decimal | None]] = {}
    for scope, name, window, mean in rows:
        means.setdefault((str(scope), str(name)), {})[str(window)] = cast("Decimal | None", mean)
    return means


def _sums(lines: Sequence[Sequence[Decimal | None]]) -> list[Decimal | None]:
    """Add up weeks; one is not known where it is not known of a stream."""
    sums: list[Decimal | None] = []
    for week in zip(*lines, strict=True):
        known = [one for one in week if one is not None]
        sums.append(sum(known, Decimal(0)) if len(known) == len(week) else None)
    return sums
