"""The days that options ask for: spans, lengths of time, whole steps, and what contradicts itself."""

from __future__ import annotations

from datetime import date

import click
import pytest
from click.testing import CliRunner

from flowd.edges.period import Period, Reach, Step, as_day, as_days, as_reach, between, named, period_options

TODAY = date(2026, 11, 21)


def run(*arguments: str, step: Step | None = None, otherwise: Reach | None = None) -> str:
    @click.command()
    @period_options
    def command(period: Period) -> None:
        click.echo(f"{period.since(TODAY, step=step, otherwise=otherwise)} {period.until()}")

    return CliRunner().invoke(command, arguments).output.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("", "None None"),
        ("--since 2025-02-03", "2025-02-03 None"),
        ("--since 2024-02 --until 2024-02", "2024-02-01 2024-02-29"),
        ("--since 2024 --until 2025", "2024-01-01 2025-12-31"),
        ("--until 2025-12", "None 2025-12-31"),
        ("--year 2025", "2025-01-01 2025-12-31"),
        ("--last 1d", "2026-11-21 None"),
        ("--last 30d", "2026-10-23 None"),
        ("--last 2w", "2026-11-08 None"),
        ("--last 12m", "2025-11-22 None"),
        ("--last 2y", "2024-11-22 None"),
        ("--last 1m --until 2026-03", "2026-03-01 2026-03-31"),
        ("--last 100000y", "0001-01-02 None"),
    ],
)
def test_what_is_asked_for(asked: str, meant: str) -> None:
    assert run(*asked.split()) == meant


@pytest.mark.parametrize(
    ("asked", "step", "first"),
    [
        ("12m", "month", "2025-12-01"),
        ("1y", "month", "2025-12-01"),
        ("1y", "quarter", "2026-01-01"),
        ("4m", "quarter", "2026-07-01"),
        ("18m", "year", "2025-01-01"),
        ("3", "year", "2024-01-01"),
        ("6", "week", "2026-10-12"),
        ("6w", "week", "2026-10-12"),
        ("30d", "month", "2026-10-01"),
        ("1m", "week", "2026-10-19"),
        ("7", "day", "2026-11-15"),
        ("1w", "day", "2026-11-15"),
    ],
)
def test_steps_are_whole(asked: str, step: Step, first: str) -> None:
    assert run("--last", asked, step=step) == f"{first} None"


def test_what_is_shown_where_nobody_asked() -> None:
    assert run(otherwise=Reach(count=12), step="month") == "2025-12-01 None"
    assert run("--year", "2024", otherwise=Reach(count=12), step="month") == "2024-01-01 2024-12-31"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("--year 2025 --since 2025-02", "--year is all of a year: leave out --since, --until and --last"),
        ("--since 2025 --last 2m", "--since and --last both say where to begin: keep one"),
        ("--since 2025-03-02 --until 2025-03-01", "--since 2025-03-02 is after --until 2025-03-01"),
        ("--since 2025-02-30", "'2025-02-30' is no day such as 2026-03-31, no month such as 2026-03 and no year"),
        ("--since 31.03.2026", "'31.03.2026' is no day such as 2026-03-31"),
        ("--until 2025-13", "'2025-13' is no day"),
        ("--last 12", "--last 12 of what? write 12d, 12m or 2y"),
        ("--last 0d", "'0d' is no length of time such as 30d, 8w, 12m or 2y"),
        ("--last fortnight", "'fortnight' is no length of time"),
    ],
)
def test_what_contradicts_itself_is_told(asked: str, says: str) -> None:
    assert says in run(*asked.split())


def test_words_are_read_alone() -> None:
    context, option = click.Context(click.Command("x")), click.Option(["--on"])
    assert as_day(context, option, "2026-03-31") == date(2026, 3, 31)
    assert (as_day(context, option, None), as_days(context, option, None), as_reach(context, option, None)) == (
        None, None, None,
    )  # fmt: skip
    assert as_reach(context, option, "6 months") == Reach(count=6, unit="m")
    with pytest.raises(click.BadParameter, match="more than a day: write one, such as 2026-03-01"):
        as_day(context, option, "2026-03")


def test_a_sentence_says_the_days() -> None:
    assert between(date(2025, 1, 1), date(2025, 12, 31)) == " from 2025-01-01 up to 2025-12-31"
    assert between(None, None) == ""


def test_steps_have_names() -> None:
    day = date(2026, 10, 1)
    steps: list[Step] = ["day", "week", "month", "quarter", "year"]
    assert [named(step, day) for step in steps] == ["2026-10-01", "2026-10-01", "2026-10", "2026 Q4", "2026"]
