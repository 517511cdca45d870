"""The connector against a real HTTP server: what comes with the package first, then what was published since."""

from __future__ import annotations

import io
import logging
import threading
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from flowd.api import Batch, Context, Cursor, Rate, RetryLater
from flowd.engine.http import SourceHttp
from flowd_ecb import CONNECTOR, history
from flowd_ecb.connector import EcbConfig

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
    "<gesmes:subject>Reference rates</gesmes:subject><Cube>"
)
TAIL = "</Cube></gesmes:Envelope>"


def xml(days: Mapping[date, Mapping[str, str]]) -> bytes:
    """The rates of `days` as the ECB writes them."""
    parts = []
    for day, values in days.items():
        cubes = "".join(f"<Cube currency='{currency}' rate='{value}'/>" for currency, value in values.items())
        parts.append(f"<Cube time='{day}'>{cubes}</Cube>")
    return (HEAD + "".join(parts) + TAIL).encode()


def history_zip(days: Mapping[date, Mapping[str, str]]) -> bytes:
    """The same as the zip with the whole history, the newest day first."""
    currencies = sorted({currency for values in days.values() for currency in values})
    lines = [",".join(["Date", *currencies, ""])]
    lines += [
        ",".join([day.isoformat(), *(days[day].get(one, "N/A") for one in currencies), ""])
        for day in sorted(days, reverse=True)
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", "\n".join(lines) + "\n")
    return packed.getvalue()


class Site:
    """Answers by file name; keeps what it was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rsplit("/", 1)[1]
                site.asked.append(name)
                status, body = site.answers.get(name, (404, b"not here"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/stats/eurofxref/"

    def close(self) -> None:
        """Stop answering; the port refuses from then on."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


DAILY, QUARTER, ALL = "eurofxref-daily.xml", "eurofxref-hist-90d.xml", "eurofxref-hist.zip"
NEWEST = next(history.days(history.bundled())).day
USD = next(history.days(history.bundled())).values["USD"]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def http() -> Iterator[SourceHttp]:
    client = SourceHttp(take=lambda _weight, _host: None, time_left=lambda: timedelta(seconds=20), agent="flowd-test")
    yield client
    client.close()


def working_days(count: int, after: date = NEWEST) -> list[date]:
    """The first `count` days after `after` that are not on a weekend."""
    listed = [after + timedelta(days=n) for n in range(1, count * 2 + 3)]
    return [day for day in listed if day.weekday() < 5][:count]


def context(http: SourceHttp, day: date) -> Context:
    """A run in the evening of `day`, when its rates are out."""
    return Context(
        connection="rates",
        tick=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
        http=http,
        log=logging.LoggerAdapter(logging.getLogger("test.ecb")),
        time_left=lambda: timedelta(seconds=20),
    )


def config(site: Site, **values: object) -> EcbConfig:
    return EcbConfig.model_validate({"since": NEWEST - timedelta(days=30), "url": site.url, **values})


def sync(settings: EcbConfig, cursor: Cursor | None, ctx: Context) -> list[Batch]:
    """Run it as flowd does: each batch is read to its end before the next is asked for."""
    batches = []
    for batch in CONNECTOR.connect(settings).sync("rates", cursor, ctx):
        batches.append(Batch(records=list(batch.records), cursor=batch.cursor, covers=batch.covers))
    return batches


def rates(batch: Batch) -> dict[tuple[date, str], Decimal]:
    found = {}
    for record in batch.records:
        assert isinstance(record, Rate)
        assert record.base == "EUR"
        found[record.at.date(), record.quote] = record.value
    return found


def started(settings: EcbConfig, http: SourceHttp) -> Cursor:
    """The cursor after a first run on the day of the newest bundled rates."""
    (batch,) = sync(settings, None, context(http, NEWEST))
    assert batch.cursor is not None
    return batch.cursor


def test_the_first_run_needs_no_network(site: Site, http: SourceHttp) -> None:
    (batch,) = sync(config(site), None, context(http, NEWEST))
    found = rates(batch)
    days = {day for day, _ in found}
    assert max(days) == NEWEST
    assert min(days) >= NEWEST - timedelta(days=30)
    assert found[NEWEST, "USD"] == USD
    assert len({currency for _, currency in found}) > 25
    assert site.asked == []


def test_the_first_run_ends_well_when_the_ecb_is_away_and_the_next_one_says_so(
    site: Site, http: SourceHttp, caplog: pytest.LogCaptureFixture
) -> None:
    site.close()
    day = working_days(1)[0]
    (batch,) = sync(config(site), None, context(http, day))
    assert max(day for day, _ in rates(batch)) == NEWEST
    assert "could not be reached" in caplog.text
    with pytest.raises(RetryLater, match=f"could not be reached.*the rates reach to {NEWEST}"):
        sync(config(site), batch.cursor, context(http, day))


def test_nothing_is_asked_while_nothing_new_can_be_out(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    day = working_days(1)[0]
    morning = context(http, day)
    morning = Context(
        connection="rates",
        tick=morning.tick.replace(hour=9),
        http=http,
        log=morning.log,
        time_left=morning.time_left,
    )
    assert sync(config(site), cursor, morning) == []
    assert site.asked == []


def test_one_day_is_read_from_the_daily_file(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    (day,) = working_days(1)
    site.answers[DAILY] = (200, xml({day: {"USD": "1.1234", "CHF": "0.91"}}))
    (batch,) = sync(config(site), cursor, context(http, day))
    assert rates(batch) == {(day, "USD"): Decimal("1.1234"), (day, "CHF"): Decimal("0.91")}
    assert sync(config(site), batch.cursor, context(http, day)) == []
    assert site.asked == [DAILY]


def test_a_bank_holiday_brings_nothing_and_is_no_trouble(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    site.answers[DAILY] = (200, xml({NEWEST: {"USD": str(USD)}}))
    assert sync(config(site), cursor, context(http, working_days(1)[0])) == []
    assert site.asked == [DAILY]


def test_some_days_are_read_from_the_file_of_90_days(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    days = working_days(5)
    site.answers[QUARTER] = (200, xml({day: {"USD": "1.12"} for day in [NEWEST, *days]}))
    (batch,) = sync(config(site), cursor, context(http, days[-1]))
    assert rates(batch) == {(day, "USD"): Decimal("1.12") for day in days}
    assert site.asked == [QUARTER]


def test_a_daily_file_that_leaves_a_gap_is_not_enough(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    days = working_days(2)
    site.answers[DAILY] = (200, xml({days[1]: {"USD": "1.12"}}))
    site.answers[QUARTER] = (200, xml({day: {"USD": "1.12"} for day in days}))
    ctx = context(http, days[0])  # this machine's clock is a day behind
    (batch,) = sync(config(site), cursor, ctx)
    assert sorted(day for day, _ in rates(batch)) == days
    assert site.asked == [DAILY, QUARTER]


def test_months_are_read_from_the_whole_history(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site, currencies=["USD"]), http)
    days = working_days(100)
    site.answers[ALL] = (200, history_zip({day: {"USD": "1.12", "CHF": "0.9"} for day in [NEWEST, *days]}))
    (batch,) = sync(config(site, currencies=["USD"]), cursor, context(http, days[-1]))
    assert rates(batch) == {(day, "USD"): Decimal("1.12") for day in days}
    assert site.asked == [ALL]


GOOD = xml({working_days(1)[0]: {"USD": "1.12"}})


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (503, b"maintenance", "HTTP 503"),
        (403, b"your proxy says no", "HTTP 403"),
        (404, b"moved", "HTTP 404"),
        (200, GOOD[:-40], "not whole"),
        (200, b"<html>Please log in to the hotel's network</html>", "did not answer with the ECB's rates"),
        (200, GOOD.replace(b"<gesmes", b'<!DOCTYPE a [<!ENTITY a "aaaa">]><gesmes', 1), "document type"),
        (200, b"", "not whole"),
    ],
)
def test_a_wrong_answer_keeps_what_is_known_and_is_tried_again(
    site: Site, http: SourceHttp, status: int, body: bytes, says: str
) -> None:
    cursor = started(config(site), http)
    (day,) = working_days(1)
    site.answers[DAILY] = (status, body)
    with pytest.raises(RetryLater, match=says):
        sync(config(site), cursor, context(http, day))
    site.answers[DAILY] = (200, GOOD)
    (batch,) = sync(config(site), cursor, context(http, day))
    assert rates(batch) == {(day, "USD"): Decimal("1.12")}


def test_a_wild_rate_waits_until_the_next_day_has_spoken(
    site: Site, http: SourceHttp, caplog: pytest.LogCaptureFixture
) -> None:
    cursor = started(config(site), http)
    first, second = working_days(2)
    site.answers[DAILY] = (200, xml({first: {"USD": "112", "CHF": "0.9"}}))
    assert sync(config(site), cursor, context(http, first)) == []
    assert "hard to believe" in caplog.text
    site.answers[QUARTER] = (200, xml({first: {"USD": "112", "CHF": "0.9"}, second: {"USD": "1.12", "CHF": "0.9"}}))
    (batch,) = sync(config(site), cursor, context(http, second))
    assert (first, "USD") not in rates(batch)
    assert {(first, "CHF"), (second, "USD"), (second, "CHF")} == set(rates(batch))


def test_days_to_come_are_left_out(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    (day,) = working_days(1)
    site.answers[DAILY] = (200, xml({day: {"USD": "1.12"}, day + timedelta(days=400): {"USD": "1.12"}}))
    (batch,) = sync(config(site), cursor, context(http, day))
    assert set(rates(batch)) == {(day, "USD")}


def test_more_currencies_or_an_earlier_day_are_filled_in(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site, currencies=["USD"]), http)
    (batch,) = sync(config(site, currencies=["CHF", "USD"]), cursor, context(http, NEWEST))
    assert (NEWEST, "CHF") in rates(batch)
    early = config(site, currencies=["CHF", "USD"], since="1999-01-01")
    (batch,) = sync(early, batch.cursor, context(http, NEWEST))
    assert (date(1999, 1, 4), "USD") in rates(batch)
    assert sync(early, batch.cursor, context(http, NEWEST)) == []


def test_a_newer_package_fills_in_what_it_brought(site: Site, http: SourceHttp) -> None:
    cursor = started(config(site), http)
    assert isinstance(cursor.data, dict)
    older = Cursor(data={**cursor.data, "last": (NEWEST - timedelta(days=10)).isoformat()})
    (batch,) = sync(config(site), older, context(http, NEWEST))
    days = {day for day, _ in rates(batch)}
    assert min(days) > NEWEST - timedelta(days=10)
    assert max(days) == NEWEST


def test_check_tells_how_far_rates_reach_and_only_warns_without_a_network(site: Site, http: SourceHttp) -> None:
    (day,) = working_days(1)
    site.answers[DAILY] = (200, xml({day: {"USD": "1.12"}}))
    connector = CONNECTOR.connect(config(site, currencies=["USD", "ZZZ"]))
    check = connector.check(context(http, day))
    assert check.summary == f"bundled rates up to {NEWEST}, published up to {day}"
    assert check.warnings == ["the ECB gives no rate of ZZZ now"]
    site.answers[DAILY] = (503, b"")
    check = connector.check(context(http, day))
    assert check.summary == f"bundled rates up to {NEWEST}"
    assert "HTTP 503" in check.warnings[-1]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"currencies": ["usd"]}, "pattern"),
        ({"currencies": ["EUR"]}, "leave EUR out"),
        ({"url": "file:///etc/passwd"}, "pattern"),
        ({"from": "2020-01-01"}, "Extra inputs"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(values: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        EcbConfig.model_validate(values)


def test_the_sample_is_whole() -> None:
    sample = yaml.safe_load((Path(__file__).parents[1] / "sample.yaml").read_text())
    assert sample["type"] == CONNECTOR.name
    assert EcbConfig.model_validate(sample["config"]).currencies == ("CHF", "GBP", "USD")
