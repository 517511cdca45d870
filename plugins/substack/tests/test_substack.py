"""Substack's files: known by their columns, free of people's names, and hostile ones refused in words."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from flowd.api import Event, FileRefused, FlowClass, Hints, Record, Transaction
from flowd.plugins.loading import load_plugins
from flowd.testing import ImporterSuite
from flowd.testing.harness import Harness
from flowd_substack import IMPORTER

CASES = Path(__file__).parent.parent / "cases"
HEADER = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n"


class TestSubstack(ImporterSuite):
    """The conformance suite over the sample files."""

    importer = IMPORTER
    hints = Hints(account="newsletter")


def read(content: bytes | str, hints: Hints | None = None) -> list[Record]:
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    found = [record for batch in IMPORTER.parse(file, hints or Hints()) for record in batch.records]
    assert not file.closed, "whoever opened it closes it"
    return found


def archive(entries: dict[str, str | bytes]) -> bytes:
    into = BytesIO()
    with ZipFile(into, "w", ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return into.getvalue()


def money(name: str) -> list[Transaction]:
    return [one for one in read((CASES / name).read_bytes()) if isinstance(one, Transaction)]


def keys(records: list[Record]) -> set[str]:
    return {one.key for one in records if isinstance(one, Event)}


def test_payments_are_net_and_payouts_are_no_income() -> None:
    found = {one.external_id: one for one in money("balance_history.csv")}
    assert {name: (str(one.amount), one.kind) for name, one in found.items()} == {
        "txn_1A": ("43.25", FlowClass.MRR),
        "txn_1B": ("4.05", FlowClass.MRR),
        "txn_1C": ("-4.50", FlowClass.MRR),
        "txn_1D": ("-42.80", FlowClass.TRANSFER),
        "txn_1E": ("-0.02", FlowClass.FEE),
        "txn_1F": ("-1065.00", FlowClass.OTHER),
        "txn_1G": ("1.00", None),
    }
    assert found["txn_1A"].raw == {"gross": "50.00", "fee": "6.75"}
    assert {one.asset for one in found.values()} == {"USD", "EUR"}


def test_both_of_stripes_tables_name_a_payment_the_same() -> None:
    history = {one.external_id: (one.amount, one.kind) for one in money("balance_history.csv")}
    for one in money("balance_change_itemized.csv"):
        assert history[str(one.external_id)] == (one.amount, one.kind)


def test_no_list_of_subscribers_says_who_they_are() -> None:
    lists = [read((CASES / name).read_bytes()) for name in ("export.zip", "email_list.newsletter.csv")]
    assert lists[0] == lists[1]
    shown = read((CASES / "subscribers_dashboard.csv").read_bytes())
    assert {one.key for one in shown if isinstance(one, Event)} < {
        one.key for one in lists[0] if isinstance(one, Event)
    }
    told = repr([*lists[0], *shown])
    for word in ("@", "example", "Name", "DE'", "$"):
        assert word not in told
    assert [one.data["paid"] for one in lists[0] if isinstance(one, Event)] == [False, True, True]


def test_an_address_in_capitals_is_the_same_subscriber() -> None:
    rows = "A@Example.org,false,,,false,2026-01-01,\na@example.org,false,,,false,2026-01-01,\n"
    first, second = read(HEADER + rows)
    assert first == second


@pytest.mark.parametrize(
    "columns",
    [
        "Date,Amount,Description",
        "email,name,created_at",
        "email,plan_name,subscription_state,subscribed_at",
        "Name,Email,Patron Status,Lifetime Amount,Pledge Amount,Tier",
        "id,Created date (UTC),Amount,Currency,Status,Customer Email",
        "post_id,post_date,is_published,email_sent_at,type,audience,title",
        "email,email,active_subscription,expiry,created_at",
    ],
)
def test_files_of_others_are_not_its_own(columns: str) -> None:
    assert IMPORTER.identify("email_list.csv", f"{columns}\n1,2,3\n".encode()) == 0
    with pytest.raises(FileRefused, match="line 1: these are not the columns"):
        read(f"{columns}\n")


def test_archives_of_others_are_not_its_own() -> None:
    other = archive({"a.txt": "posts", "b/c.csv": HEADER})
    assert IMPORTER.identify("export.zip", other) == 0
    with pytest.raises(FileRefused, match=r"no email_list"):
        read(other)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HEADER + "a@b.c,perhaps,,,false,2026-01-01,\n", "line 2: active_subscription is 'perhaps'"),
        (HEADER + "a@b.c,true,,,false,yesterday,\n", "line 2: the time 'yesterday'"),
        (HEADER + "a@b.c,true,,,false\n", "line 2: 5 columns where the header has 7"),
        (HEADER + "nobody,true,,,false,2026-01-01,\n", "line 2: the e-mail address is none"),
        (HEADER + "a@b.c,true,,a\0b,false,2026-01-01,\n", "line 2: a NUL byte"),
        (HEADER + 'a@b.c,true,,"open,false,2026-01-01,\n', "line 2: unexpected end of data"),
        (HEADER.encode() + b"caf\xe9@b.c,true,,,false,2026-01-01,\n", "not utf-8"),
    ],
)
def test_a_bad_line_is_named(content: str | bytes, says: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read(content)
    assert says in str(caught.value)
    assert "a@b.c" not in str(caught.value), "nobody's address in an error"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("43.25", "43.26", "line 2: 50.00 less 6.75 is not 43.26"),
        ("50.00,6.75", "NaN,6.75", "line 2: amount is 'NaN'"),
        ("50.00,6.75", '"5,0.00",6.75', "line 2: amount is '5,0.00'"),
        ("txn_1A", "=cmd()", "no id of Stripe's"),
        (",usd,", ",dollars,", "the currency is 'DOLLARS'"),
    ],
)
def test_a_bad_payment_is_named(old: str, new: str, says: str) -> None:
    content = (CASES / "balance_history.csv").read_text("utf-8").replace(old, new, 1)
    with pytest.raises(FileRefused) as caught:
        read(content)
    assert says in str(caught.value)


def test_an_archive_made_to_fill_the_memory_is_not_unpacked() -> None:
    bomb = archive({"email_list.x.csv": HEADER + "\n" * 20_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(FileRefused, match="it is not unpacked"):
        read(bomb)


def test_a_damaged_archive_is_refused() -> None:
    good = (CASES / "export.zip").read_bytes()
    place = good.index(b"email_list.newsletter.csv") + 40
    for content in (good[:-30], good[: len(good) // 2], good[:place] + b"\xff" * 8 + good[place + 8 :]):
        with pytest.raises(FileRefused, match="download it again"):
            read(content)


def test_a_renamed_file_and_one_with_a_mark_at_its_beginning_are_known() -> None:
    for name in ("balance_history.csv", "email_list.newsletter.csv"):
        content = b"\xef\xbb\xbf" + (CASES / name).read_bytes()
        assert IMPORTER.identify("download (3)", content) > 0.9
        assert len(read(content)) == len(read((CASES / name).read_bytes()))


def test_a_watched_folder_reads_them_all(tmp_path: Path) -> None:
    files = load_plugins((), built_in=("flowd.importers",)).connectors["files"]
    for path in CASES.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    settings = {"folder": str(tmp_path), "account": "newsletter", "formats": ["substack"], "settle": 0}
    ran = Harness(files, settings).sync(files.feeds[0].name)
    assert ran.error is None
    imports = [one.data for one in ran.of(Event) if one.type == "import"]
    assert [(one["importer"], one["rows"]) for one in imports] == [("substack", rows) for rows in (2, 7, 3, 3, 2)]
    assert not (tmp_path / "quarantine").exists()
