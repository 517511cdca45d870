"""Importers, rate providers, analytics, notifiers that each do one thing wrong, and the check that has to find it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, BinaryIO

from flowd.api import (
    Analytic,
    Batch,
    ConfigError,
    FileRefused,
    Hints,
    Http,
    Importer,
    Metric,
    Notice,
    Notifier,
    ProjectionMethod,
    Rate,
    RateQuery,
    RetryLater,
    Secret,
    Study,
    Transaction,
    View,
    hookimpl,
)
from tests.testing.bad_studies import (
    Brief,
    Capped,
    Certain,
    Demure,
    Growing,
    Level,
    Moody,
    Needy,
    Overlapping,
    Partial,
    Punctual,
    Restless,
    Rounding,
    Silent,
    Tidying,
    Total,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

TITLES = b"date;amount;text\n"


class Statement:
    """An importer as it should be."""

    name = "statement"

    def identify(self, name: str, head: bytes) -> float:
        return 0.9 if head.startswith(TITLES) else 0.0

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        content = file.read()
        if not content.startswith(TITLES):
            raise FileRefused("line 1: the titles are missing")
        yield Batch(records=list(self.rows(content, hints)))

    def rows(self, content: bytes, hints: Hints) -> Iterator[Transaction]:
        for number, line in enumerate(content.splitlines()[1:], 2):
            try:
                day, amount, text = line.decode().split(";", 2)
                yield self.row(number, date.fromisoformat(day), Decimal(amount), text)
            except (ValueError, InvalidOperation) as error:
                raise FileRefused(f"line {number}: {error}") from None

    def row(self, number: int, day: date, amount: Decimal, text: str) -> Transaction:
        return Transaction(
            account="main", external_id=f"{day} {number}", booked_at=day, amount=amount, asset="EUR", description=text
        )


class Grasping(Statement):
    """Takes every file for its own."""

    def identify(self, name: str, head: bytes) -> float:
        return 0.9


class Falling(Statement):
    """Falls over what is damaged."""

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        try:
            yield from super().parse(file, hints)
        except FileRefused as error:
            if "titles" in str(error):
                raise
            raise KeyError(str(error)) from None


class Mute(Statement):
    """Refuses without a reason."""

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        try:
            yield from super().parse(file, hints)
        except FileRefused:
            raise FileRefused from None


class Lenient(Statement):
    """Makes rows of anything."""

    def parse(self, file: BinaryIO, hints: Hints) -> Iterator[Batch]:
        count = len(file.read().splitlines())
        yield Batch(records=[self.row(n, date(2026, 1, 1), Decimal(n), "") for n in range(1, count)])


class Merging(Statement):
    """Gives two rows of a day one name."""

    def row(self, number: int, day: date, amount: Decimal, text: str) -> Transaction:
        return replace(super().row(number, day, amount, text), external_id=str(day))


class Numbering(Statement):
    """Numbers rows on and on."""

    count = 0

    def row(self, number: int, day: date, amount: Decimal, text: str) -> Transaction:
        self.count += 1
        return super().row(self.count, day, amount, text)


class Table:
    """A rate provider as it should be."""

    name = "table"
    first = date(2026, 1, 1)

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        if (query.base, query.quote) == ("POINTS", "EUR"):
            yield from (self.rate(query, day) for day in query.days if self.first <= day < date(2027, 1, 1))

    def rate(self, query: RateQuery, day: date) -> Rate:
        at = datetime.combine(day, time(12), tzinfo=UTC)
        return Rate(base=query.base, quote=query.quote, at=at, value=Decimal("0.0125"))


class Ignorant(Table):
    """Knows nothing."""

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        return ()


class Inventive(Table):
    """Knows everything."""

    def rates(self, query: RateQuery) -> Iterable[Rate]:
        return [self.rate(query, day) for day in query.days if query.base != query.quote]


class Shifting(Table):
    """Answers with other days."""

    def rate(self, query: RateQuery, day: date) -> Rate:
        return super().rate(query, day - timedelta(days=60))


class Asking(Table):
    """Asks somebody, and takes a failure for no rate."""

    def rates(self, query: RateQuery, settings: Mapping[str, object], ctx: Any) -> Iterable[Rate]:  # type: ignore[override]
        try:
            ctx.http.get(f"{settings['url']}/rates")
        except RetryLater:
            return
        yield from super().rates(query)


class Counting:
    """An analytic as it should be."""

    name = "counting"
    reads = ("derived.flow",)
    writes = ("derived.metric",)

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        return since, until

    def compute(self, view: View, since: date, until: date) -> Iterable[Metric]:
        for stream in view.streams():
            for day in sorted({one.day for one in view.receipts(stream.stream) if since <= one.day <= until}):
                yield self.metric(view, stream.stream, day, Decimal(1))

    def metric(self, view: View, stream: str, day: date, value: Decimal) -> Metric:
        at = datetime.combine(day, time(0), tzinfo=view.zone)
        return Metric(subject=stream, name="paid", window="1d", at=at, value=value, unit="1")


class Idle(Counting):
    """Computes nothing."""

    def compute(self, view: View, since: date, until: date) -> Iterable[Metric]:
        return ()


class Overflowing(Counting):
    """Computes days nobody asked for."""

    def compute(self, view: View, since: date, until: date) -> Iterable[Metric]:
        return super().compute(view, since - timedelta(days=30), until + timedelta(days=30))


class Floating(Counting):
    """Computes floats."""

    def metric(self, view: View, stream: str, day: date, value: Decimal) -> Metric:
        return replace(super().metric(view, stream, day, value), value=0.5)  # type: ignore[arg-type]


class Remembering(Counting):
    """Counts how often it was asked."""

    count = 0

    def metric(self, view: View, stream: str, day: date, value: Decimal) -> Metric:
        self.count += 1
        return super().metric(view, stream, day, Decimal(self.count))


class Summing(Counting):
    """Adds up from the first day it was asked for."""

    def compute(self, view: View, since: date, until: date) -> Iterable[Metric]:
        for number, one in enumerate(super().compute(view, since, until), 1):
            yield replace(one, value=Decimal(number))


class Short(Counting):
    """Forgets the last day."""

    def reach(self, view: View, since: date, until: date) -> tuple[date, date]:
        return since, until - timedelta(days=1)


class Demanding(Counting):
    """Needs a receipt."""

    def compute(self, view: View, since: date, until: date) -> Iterable[Metric]:
        for stream in view.streams():
            _ = next(iter(view.receipts(stream.stream)))
        return super().compute(view, since, until)


class Message:
    """A notifier as it should be."""

    name = "message"

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
        url, token = settings.get("url"), settings.get("token")
        if not isinstance(url, str) or not isinstance(token, Secret):
            raise ConfigError("a message needs url and token")
        self.post(notice, url, token, http)

    def post(self, notice: Notice, url: str, token: Secret, http: Http) -> None:
        http.post(url, json={"text": notice.title}, headers={"authorization": token.get_secret_value()})


class Forgetting(Message):
    """Leaves the title out."""

    def post(self, notice: Notice, url: str, token: Secret, http: Http) -> None:
        http.post(url, json={"text": notice.key})


class Careless(Message):
    """Does not mind whether it arrives."""

    def post(self, notice: Notice, url: str, token: Secret, http: Http) -> None:
        http.post(url, json={"text": notice.title}, allow=range(400, 600))


class Unset(Message):
    """Falls over missing settings."""

    def send(self, notice: Notice, settings: Mapping[str, object], http: Http) -> None:
        token = settings["token"]
        assert isinstance(token, Secret)
        self.post(notice, str(settings["url"]), token, http)


class Telling(Message):
    """Tells the token in its error."""

    def post(self, notice: Notice, url: str, token: Secret, http: Http) -> None:
        try:
            super().post(notice, url, token, http)
        except RetryLater as error:
            raise RetryLater(f"{error}: {token.get_secret_value()}", after=error.after) from None


IMPORTERS: list[tuple[str, Importer]] = [
    ("it_knows_its_own_files_and_no_others", Grasping()),
    ("a_damaged_file_is_refused_in_words", Falling()),
    ("a_damaged_file_is_refused_in_words", Mute()),
    ("what_is_no_such_file_is_refused", Lenient()),
    ("samples_give_the_expected_records", Lenient()),
    ("rows_are_sound", Merging()),
    ("reading_twice_changes_nothing", Numbering()),
]
PROVIDERS: list[tuple[str, Any]] = [
    ("it_answers_the_question", Ignorant()),
    ("it_answers_the_question", Shifting()),
    ("it_invents_nothing", Inventive()),
    ("a_fault_is_told_as_the_error_flowd_reacts_to[503]", Asking()),
]
ANALYTICS: list[tuple[str, Analytic]] = [
    ("it_computes_something", Idle()),
    ("it_computes_something", Overflowing()),
    ("it_computes_something", Floating()),
    ("the_same_facts_give_the_same_rows", Remembering()),
    ("days_can_be_computed_apart", Summing()),
    ("its_reach_covers_what_changed", Short()),
    ("nothing_gives_nothing_wrong", Demanding()),
]
STUDIES: list[tuple[str, Study]] = [
    ("it_computes_something", Silent()),
    ("it_computes_something", Overlapping()),
    ("the_same_history_gives_the_same_rows", Restless()),
    ("the_same_history_gives_the_same_rows", Partial()),
    ("the_same_history_gives_the_same_rows", Rounding()),
    ("nothing_gives_nothing_wrong", Needy()),
    ("what_is_not_known_is_no_number", Certain()),
    ("a_day_later_it_does_not_fail", Punctual()),
]
METHODS: list[tuple[str, ProjectionMethod]] = [
    ("any_history_gives_a_path", Brief()),
    ("any_history_gives_a_path", Growing()),
    ("any_history_gives_a_path", Demure()),
    ("the_same_history_gives_the_same_path", Moody()),
    ("the_same_history_gives_the_same_path", Tidying()),
    ("the_unit_of_money_does_not_matter", Capped()),
]
NOTIFIERS: list[tuple[str, Notifier]] = [
    ("a_notice_arrives", Forgetting()),
    ("a_fault_is_told_as_the_error_flowd_reacts_to[503]", Careless()),
    ("settings_that_are_missing_are_named", Unset()),
    ("no_secret_shows", Telling()),
]


@hookimpl
def register_importers(register: Any) -> None:
    register(Statement())


@hookimpl
def register_rate_providers(register: Any) -> None:
    register(Table())


@hookimpl
def register_analytics(register: Any) -> None:
    register(Counting())
    register(Level())
    register(Total())


@hookimpl
def register_notifiers(register: Any) -> None:
    register(Message())
