"""camt.052, .053 and .054: versions, marks, balances, collective bookings, parties, and names that stay."""

from __future__ import annotations

import io
import zipfile

import pytest

from flowd.api import AccountInfo, AccountKind, FileRefused, FlowClass, Hints

from .stating import CAMT, balance, balances, camt, entry, payment, postings, read

OWN = "DE89370400440532013000"
OTHER = "NL91ABNA0417164300"


def test_an_entry_says_everything() -> None:
    detail = payment(
        "Invoice 12",
        name="Acme BV",
        iban=OTHER,
        inside="<Refs><EndToEndId>E-1</EndToEndId><MndtId>M-1</MndtId><UETR>u-1</UETR></Refs>",
    )
    more = (
        "<ValDt><Dt>2024-01-16</Dt></ValDt>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        "<Prtry><Cd>NTRF+177+9310</Cd><Issr>DK</Issr></Prtry></BkTxCd>"
    )
    text = camt(
        entry("12.50", ref="R1", more=more, details=detail).replace(
            "</Ntry>", "<AddtlNtryInf>ONLINE</AddtlNtryInf></Ntry>"
        )
    )
    (found,) = postings(CAMT, text)
    assert (found.account, str(found.booked_at), str(found.amount), found.asset) == (OWN, "2024-01-15", "-12.50", "EUR")
    assert (found.counterparty, found.description, found.pending) == ("Acme BV", "Invoice 12", False)
    assert found.raw == {
        "counterparty_iban": OTHER,
        "end_to_end": "E-1",
        "mandate": "M-1",
        "uetr": "u-1",
        "code": "PMNT/ICDT/ESCT",
        "bank_code": "NTRF+177+9310",
        "posting_text": "ONLINE",
        "value_date": "2024-01-16",
        "bank_reference": "R1",
    }


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(1, 14)])
@pytest.mark.parametrize("status", ["BOOK", "<Cd>BOOK</Cd>"])
@pytest.mark.parametrize("kind", ["052", "053"])
def test_every_version(version: str, status: str, kind: str) -> None:
    text = camt(entry(status=status), kind=kind, version=version)
    assert CAMT.identify("x", text.encode()) > 0.9
    (found,) = postings(CAMT, text)
    assert not found.pending
    assert f"camt.{kind}.001.{version}" in read(CAMT, text)[0].summary


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_prefixes_and_encodings(encoding: str) -> None:
    text = camt(entry(details=payment("Café", name="Müller")))
    text = text.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    head, body = text.split("\n", 1)
    body = (
        body.replace("</", "</ns2:")
        .replace("<", "<ns2:")
        .replace("<ns2:/ns2:", "</ns2:")
        .replace("xmlns=", "xmlns:ns2=")
    )
    for written in (text, head + "\n" + body):
        data = written.encode(encoding)
        assert CAMT.identify("download", data) > 0.9
        (found,) = postings(CAMT, data)
        assert (found.counterparty, found.description) == ("Müller", "Café")


def test_empty_lines_above_the_document_are_passed_over() -> None:
    assert len(postings(CAMT, "\n\n" + camt(entry()))) == 1
    with pytest.raises(FileRefused, match="line 9: 'ten' is not an amount"):
        postings(CAMT, "\n\n" + camt("", "", entry("ten")))


def test_an_envelope_around_the_document_is_looked_through() -> None:
    head, body = camt(entry()).split("\n", 1)
    wrapped = f'{head}\n<BizMsgEnvlp xmlns="urn:x"><AppHdr><Fr>Bank</Fr></AppHdr>{body}</BizMsgEnvlp>'
    assert CAMT.identify("x", wrapped.encode()) > 0.9
    assert len(postings(CAMT, wrapped)) == 1


@pytest.mark.parametrize(
    ("inside", "amount"),
    [
        (entry("10.00", side="CRDT"), "10.00"),
        (entry("10.00", side="DBIT"), "-10.00"),
        # the mark already says which way the money of the reversal went
        (entry("10.00", side="CRDT", more="<RvslInd>true</RvslInd>"), "10.00"),
        (entry("10.00", side="DBIT", more="<RvslInd>true</RvslInd>"), "-10.00"),
        (entry("10", side="CRDT"), "10"),
        (entry("10.00000", side="CRDT"), "10.00000"),
    ],
)
def test_which_way_money_went(inside: str, amount: str) -> None:
    (found,) = postings(CAMT, camt(inside))
    assert str(found.amount) == amount


@pytest.mark.parametrize("status", ["PDNG", "<Cd>PDNG</Cd>", "<Cd>INFO</Cd>", "<Cd>FUTR</Cd>", "<Prtry>OWN</Prtry>"])
def test_what_is_not_booked_is_pending_under_a_name_that_booked_ones_never_have(status: str) -> None:
    booked, waiting = postings(CAMT, camt(entry(ref="R1"), entry(ref="R1", status=status)))
    assert (booked.pending, waiting.pending) == (False, True)
    assert booked.external_id != waiting.external_id
    (waiting,) = postings(CAMT, camt(entry(status=status)))
    assert waiting.external_id is not None
    assert waiting.external_id.startswith("pending ")


def test_only_booked_balances_count_and_they_enclose_the_postings() -> None:
    text = camt(
        balance("OPBD", "100.00", "2024-01-15"),
        balance("ITBD", "1.00", "2024-01-15"),
        balance("CLAV", "2.00", "2024-01-16"),
        balance("FWAV", "3.00", "2024-01-16"),
        balance("CLBD", "85.00", "2024-01-15"),
        entry("15.00"),
    )
    assert balances(CAMT, text) == [("2024-01-14", "100.00", "EUR"), ("2024-01-15", "85.00", "EUR")]
    assert read(CAMT, text)[0].notes == []
    text = text.replace("OPBD", "PRCD").replace(
        "<Dt>2024-01-15</Dt></Dt></Bal>", "<DtTm>2024-01-14T23:00:00</DtTm></Dt></Bal>", 1
    )
    assert balances(CAMT, text)[0] == ("2024-01-14", "100.00", "EUR")
    short = text.replace("85.00", "80.00")
    (note,) = read(CAMT, short)[0].notes
    assert "-5.00 EUR are not explained" in note


@pytest.mark.parametrize("kind", ["052", "054"])
def test_a_report_of_the_day_and_a_notification_state_no_balance(kind: str) -> None:
    text = camt(balance("OPBD", "1.00", "2024-01-15"), balance("CLBD", "2.00", "2024-01-15"), entry(), kind=kind)
    assert balances(CAMT, text) == []


def test_a_notification_is_pending_and_never_takes_the_place_of_the_statement() -> None:
    notified = postings(CAMT, camt(entry(ref="R1"), entry(), kind="054"))
    booked = postings(CAMT, camt(entry(ref="R1"), entry(), kind="053"))
    assert [p.pending for p in notified] == [True, True]
    assert not {p.external_id for p in notified} & {p.external_id for p in booked}
    assert all(p.external_id is not None for p in notified)


def test_a_posting_has_the_same_name_in_the_report_of_the_day_and_in_the_statement() -> None:
    inside = (entry(ref="R1", details=payment("A")), entry("3.00", details=payment("B", name="Shop")))
    report = postings(
        CAMT, camt(*inside, kind="052").replace("<Dt>2024-01-15</Dt>", "<DtTm>2024-01-15T23:30:00-05:00</DtTm>")
    )
    statement = postings(CAMT, camt(*inside))
    for one, two in zip(report, statement, strict=True):
        assert (one.external_id, one.booked_at, one.counterparty, one.description) == (
            two.external_id, two.booked_at, two.counterparty, two.description,
        )  # fmt: skip


def test_a_reference_used_twice_names_two_postings() -> None:
    found = postings(CAMT, camt(entry("1.00", ref="R1"), entry("2.00", ref="R1"), entry("2.00", ref="R1")))
    assert len({p.external_id for p in found}) == 3
    assert postings(CAMT, camt(entry(ref="NONREF")))[0].external_id is None


def test_reports_of_one_file_that_tell_the_day_anew_are_not_added_up() -> None:
    first = entry("1.00", details=payment("A"))
    text = camt(first, kind="052")
    again = text[text.index("<Rpt>") : text.index("</BkTo")].replace("</Rpt>", first + entry("2.00") + "</Rpt>")
    found = postings(CAMT, text.replace("</BkTo", again + "</BkTo"))
    assert sorted(str(p.amount) for p in found) == ["-1.00", "-1.00", "-2.00"]  # two equal ones in the second report


def detail(amount: str, text: str, *, asset: str = "EUR", side: str = "DBIT") -> str:
    return payment(text, name=text, inside=f'<Amt Ccy="{asset}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>')


def test_a_collective_booking_is_its_payments_where_they_add_up() -> None:
    text = camt(entry("6.00", ref="R1", details=detail("1.00", "A") + detail("2.00", "B") + detail("3.00", "C")))
    found = postings(CAMT, text)
    assert [(str(p.amount), p.counterparty) for p in found] == [("-1.00", "A"), ("-2.00", "B"), ("-3.00", "C")]
    assert len({p.external_id for p in found}) == 3
    assert read(CAMT, text)[0].notes == []


def test_a_collective_booking_with_one_payment_taken_back() -> None:
    parts = detail("5.00", "A", side="CRDT") + detail("2.00", "B", side="DBIT")
    found = postings(CAMT, camt(entry("3.00", side="CRDT", details=parts)))
    assert [str(p.amount) for p in found] == ["5.00", "-2.00"]


@pytest.mark.parametrize(
    "parts",
    [
        detail("1.00", "A") + detail("2.00", "B"),  # not all of it
        detail("1.00", "A") + detail("5.00", "B", asset="USD"),  # another currency
        payment("A", name="Same") + payment("B", name="Same"),  # no amounts
    ],
)
def test_a_collective_booking_that_does_not_add_up_stays_one_posting_and_that_is_said(parts: str) -> None:
    reading, _ = read(CAMT, camt(entry("6.00", details=parts)))
    found = postings(CAMT, camt(entry("6.00", details=parts)))
    assert [str(p.amount) for p in found] == ["-6.00"]
    assert "2 payments in this entry" in reading.notes[0]


def test_an_amount_in_another_currency_is_kept_beside() -> None:
    inside = (
        '<AmtDtls><InstdAmt><Amt Ccy="USD">4.10</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">3.79</Amt>'
        "<CcyXchg><SrcCcy>USD</SrcCcy><XchgRate>0.925</XchgRate></CcyXchg></TxAmt></AmtDtls>"
        '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">0.31</TtlChrgsAndTaxAmt></Chrgs>'
    )
    (found,) = postings(CAMT, camt(entry("3.79", details=payment("x", inside=inside))))
    assert found.asset == "EUR"
    assert found.raw is not None
    assert (found.raw["original_amount"], found.raw["rate"], found.raw["charges"]) == ("4.10 USD", "0.925", "0.31 EUR")


def test_the_other_side_is_never_the_account_itself() -> None:
    both = (
        f"<TxDtls><RltdPties><Dbtr><Nm>Me</Nm></Dbtr><DbtrAcct><Id><IBAN>{OWN}</IBAN></Id></DbtrAcct>"
        f"<Cdtr><Nm>You</Nm></Cdtr><CdtrAcct><Id><IBAN>{OTHER}</IBAN></Id></CdtrAcct>"
        "<UltmtCdtr><Nm>She</Nm></UltmtCdtr></RltdPties></TxDtls>"
    )
    (spent,) = postings(CAMT, camt(entry(side="DBIT", details=both)))
    assert (spent.counterparty, spent.raw and spent.raw["on_behalf_of"]) == ("You", "She")
    # a transfer that comes back names the parties of the way there
    (back,) = postings(CAMT, camt(entry(side="CRDT", details=both)))
    assert (back.counterparty, back.raw and back.raw["counterparty_iban"]) == ("You", OTHER)
    (back,) = postings(CAMT, camt(entry(side="CRDT", more="<RvslInd>true</RvslInd>", details=both)))
    assert back.counterparty == "You"
    only_me = both[: both.index("<Cdtr>")] + "</RltdPties></TxDtls>"
    (unknown,) = postings(CAMT, camt(entry(side="CRDT", details=only_me)))
    assert (unknown.counterparty, unknown.raw) == ("", None)


def test_structured_references_and_texts() -> None:
    strd = (
        "<TxDtls><RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf><AddtlRmtInf>more</AddtlRmtInf></Strd>"
        "</RmtInf></TxDtls>"
    )
    (found,) = postings(CAMT, camt(entry(details=strd)))
    assert found.description == "RF18539007547034 more"
    two = f"<TxDtls><RmtInf><Ustrd>{'x' * 140}</Ustrd><Ustrd>y</Ustrd><Ustrd>z</Ustrd></RmtInf></TxDtls>"
    (found,) = postings(CAMT, camt(entry(details=two)))
    assert found.description == "x" * 140 + "y z"
    (found,) = postings(CAMT, camt(entry(details=payment("EREF+E 1 SVWZ+Rent"))))
    assert (found.description, found.raw) == ("Rent", {"end_to_end": "E 1"})


def code(family: str, sub: str) -> str:
    return f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd>"


def test_a_kind_is_given_only_where_a_code_says_it() -> None:
    found = postings(
        CAMT,
        camt(
            entry(side="CRDT", more=code("RCDT", "SALA")),
            entry(side="CRDT", details=payment("x", inside="<Purp><Cd>SALA</Cd></Purp>")),
            entry(side="CRDT", more=code("MCOP", "INTR")),
            entry(side="DBIT", more=code("MCOP", "CHRG")),
            entry(side="CRDT", more=code("CORP", "DVCA")),
            entry(side="CRDT", more="<BkTxCd><Prtry><Cd>NTRF+153+1+2</Cd></Prtry></BkTxCd>"),
            entry(side="DBIT", more=code("RCDT", "SALA")),
            entry(side="CRDT", more=code("RCDT", "ESCT")),
        ),
    )
    assert [p.kind for p in found] == [
        FlowClass.SALARY,
        FlowClass.SALARY,
        FlowClass.INTEREST,
        FlowClass.FEE,
        FlowClass.DIVIDEND,
        FlowClass.SALARY,
        None,
        None,
    ]


def test_accounts_and_what_the_user_says_of_them() -> None:
    text = camt(entry(), account="<Othr><Id>12 34-5</Id></Othr>").replace(
        "<Ccy>EUR</Ccy>", "<Ccy>EUR</Ccy><Nm>Daily</Nm>"
    )
    _, records = read(CAMT, text)
    assert records[0] == AccountInfo(account="1234-5", name="Daily", kind=AccountKind.BANK, asset="EUR")
    assert postings(CAMT, text, Hints(account="giro"))[0].account == "giro"
    assert postings(CAMT, text, Hints(options={"accounts": {"1234-5": "x"}}))[0].account == "x"
    two = camt(entry()).replace("</BkTo", text[text.index("<Stmt>") : text.index("</BkTo")] + "</BkTo")
    assert {p.account for p in postings(CAMT, two)} == {OWN, "1234-5"}
    with pytest.raises(FileRefused, match="two accounts"):
        postings(CAMT, two, Hints(account="giro"))


def test_an_entry_without_a_date_has_the_messages_own_and_that_is_said() -> None:
    text = camt(entry().replace("<BookgDt><Dt>2024-01-15</Dt></BookgDt>", ""))
    assert str(postings(CAMT, text)[0].booked_at) == "2024-02-01"
    assert "no date" in read(CAMT, text)[0].notes[0]


def test_a_statement_that_is_there_twice_is_read_once() -> None:
    text = camt(balance("OPBD", "10.00", "2024-01-14"), balance("CLBD", "0.00", "2024-01-15"), entry("10.00"))
    again = text[text.index("<Stmt>") : text.index("</BkTo")]
    twice = text.replace("</BkTo", again + "</BkTo")
    assert len(postings(CAMT, twice)) == 1
    assert "twice" in read(CAMT, twice)[0].notes[0]


def archive(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name.replace("_", "."), text)
    return out.getvalue()


def test_an_archive_is_all_its_files() -> None:
    data = archive(b_xml=camt(entry("2.00")), a_xml=camt(entry("1.00")), c_xml=camt(entry("1.00")), d_pdf="x")
    assert CAMT.identify("x.zip", data) > 0.9
    assert [str(p.amount) for p in postings(CAMT, data)] == ["-1.00", "-2.00"]
    assert read(CAMT, data)[0].notes == [
        "c.xml: left out, as another file of the archive is the same",
        "d.pdf: left out, as it is no XML file",
    ]
    assert CAMT.identify("x.xlsx", archive(_Content_Types__xml="<x/>")) == 0
