"""CAMT files that are wrong or hostile: refused with their place, in bounded time and memory."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest

from flowd.api import FileRefused, Hints

from .stating import CAMT, balance, camt, entry, payment, postings, read

GOOD = camt(balance("OPBD", "100.00", "2024-01-14"), balance("CLBD", "90.00", "2024-01-15"), entry(ref="R1"))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('<Amt Ccy="EUR">10.00</Amt>', "", "line 7: an amount is missing"),
        ("10.00</Amt>", "ten</Amt>", "line 7: 'ten' is not an amount"),
        ("10.00</Amt>", "-10.00</Amt>", "line 7: '-10.00' is not an amount"),
        ("10.00</Amt>", "10,00</Amt>", "line 7: '10,00' is not an amount"),
        ("10.00</Amt>", "1e3</Amt>", "line 7: '1e3' is not an amount"),
        ("10.00</Amt>", "9" * 40 + "</Amt>", "line 7: '9999"),
        ("10.00</Amt>", '10.00</Amt><Amt Ccy="EUR">11.00</Amt>', "line 7: <Amt> comes twice"),
        ("<CdtDbtInd>DBIT</CdtDbtInd>", "", "line 7: <CdtDbtInd>.* missing"),
        ("<CdtDbtInd>DBIT</CdtDbtInd>", "<CdtDbtInd>OUT</CdtDbtInd>", "line 7: .*neither CRDT nor DBIT"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "line 7: <Sts> .* missing"),
        ("<Cd>BOOK</Cd>", "<Cd>DONE</Cd>", "line 7: <Sts> .*'DONE'"),
        ("<Dt>2024-01-15</Dt></BookgDt>", "<Dt>2024-02-30</Dt></BookgDt>", "line 7: '2024-02-30' is not a date"),
        ("<Dt>2024-01-15</Dt></BookgDt>", "<Dt>15.01.2024</Dt></BookgDt>", "line 7: '15.01.2024' is not a date"),
        ("<Dt>2024-01-15</Dt></BookgDt>", "<Dt>0024-01-15</Dt></BookgDt>", "line 7: the date .* out of range"),
        ("<BookgDt>", "<Booked>1</Booked><BookgDt>", "line 7: <Booked> may not stand here"),
        ("<Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>", "", "line 5: a balance without its type"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "", "line 5: <CdtDbtInd>"),
        ("<Dt><Dt>2024-01-14</Dt></Dt>", "", "line 5: a balance has no <Dt>"),
        ("<GrpHdr>", "<Other>", "line 3: <Other> may not stand here"),
        ("<MsgId>M1</MsgId>", "", "line 3: <GrpHdr> has no <MsgId>"),
        ("<Id>S1</Id>", "", "line 4: the statement has no <Id>"),
        ("<IBAN>DE89370400440532013000</IBAN>", "", "line 5: the statement has no <Acct><Id>"),
        ("</Document>", "", "not well-formed"),
        ("BkToCstmrStmt", "CstmrCdtTrfInitn", "<CstmrCdtTrfInitn> may not stand here"),
        ("<Stmt>", "<Stmt2/><Stmt>", "<Stmt2> may not stand here"),
        (' Ccy="EUR">10.00', ' Ccy="€€">10.00', "line 7: .*asset"),
        ("<Ntry>", "<Ntry>\x01", "not well-formed"),
        ("utf-8", "utf-8", "not well-formed"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(old: str, new: str, why: str) -> None:
    text = GOOD.replace(old, new) if old != "utf-8" else GOOD.replace("S1", "\udcff")
    data = text.encode("utf-8", "surrogateescape")
    with pytest.raises(FileRefused, match=why):
        read(CAMT, data)


def test_the_header_is_needed() -> None:
    start, end = GOOD.index("<GrpHdr>"), GOOD.index("<Stmt>")
    with pytest.raises(FileRefused, match="no <GrpHdr>"):
        read(CAMT, GOOD[:start] + GOOD[end:])


def test_elements_of_versions_to_come_are_passed_over() -> None:
    text = camt(entry(more="<NewThing><A/></NewThing>"), version="14")
    assert len(postings(CAMT, text)) == 1


@pytest.mark.parametrize("at", range(len(GOOD) - 400, len(GOOD) - 2, 7))
def test_a_file_cut_anywhere_is_refused(at: int) -> None:
    with pytest.raises(FileRefused):
        read(CAMT, GOOD[:at])


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE Document [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE Document SYSTEM "http://localhost/x.dtd">',
        '<!DOCTYPE Document [<!ENTITY % p SYSTEM "http://localhost/x"> %p;]>',
        "<!DOCTYPE Document>",
    ],
)
def test_a_document_type_is_never_read(prolog: str) -> None:
    head, body = GOOD.split("\n", 1)
    with pytest.raises(FileRefused, match="declares a document type"):
        read(CAMT, f"{head}\n{prolog}\n{body}")


class Endless(io.RawIOBase):
    """A file that begins with `head` and then says `again` for `size` bytes."""

    def __init__(self, head: bytes, again: bytes, size: int) -> None:
        self.head, self.again, self.left = head, again, size
        self.block = again * (65536 // len(again) + 1)

    def seek(self, offset: int, whence: int = 0) -> int:
        del whence
        self.rest = self.head
        return offset

    def read(self, size: int = -1) -> bytes:
        if self.rest:
            data, self.rest = self.rest[:size], self.rest[size:]
            return data
        self.left -= len(self.block)
        return self.block if self.left > 0 else b""


def read_on(file: Endless) -> None:
    for batch in CAMT.parse(file, Hints()):  # type: ignore[arg-type]
        for _ in batch.records:
            pass


START = GOOD[: GOOD.index("<Ntry>")].encode()
ENTRY = START + GOOD[GOOD.index("<Ntry>") : GOOD.index("</Ntry>")].encode()


@pytest.mark.parametrize(
    ("head", "again", "why"),
    [
        (START + b"<Ntry><Amt", b" ", "longer than 1,048,576"),
        (START + b"<Ntry><Amt ", b'a="1" ', "longer than 1,048,576|well-formed"),
        (START + b"<", b"n", "longer than 1,048,576"),
        (START + b"<!--", b"x", "longer than 1,048,576"),
        (START + b'<Ntry><Amt Ccy="', b"9", "longer than 1,048,576"),
        (START + b'<Ntry><Amt Ccy="EUR">', b"9", "longer than 1,048,576"),
        (START + b"<Acct>", b"<a>", "elements lie in each other"),
        (b"", b"<a>", "elements lie in each other"),
        (START + b"<Ntry><NtryDtls>", b"<TxDtls></TxDtls>", "more than 200,000 payments"),
        (ENTRY + b"<NtryDtls><TxDtls><RmtInf><Ustrd>", b"</Ustrd><Ustrd>" + b"x" * 60_000, "one entry is longer"),
    ],
)
def test_endless_files_are_refused_in_bounded_memory(head: bytes, again: bytes, why: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused, match=why):
            read_on(Endless(head, again, 1 << 31))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 150 << 20


def packed(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def test_archives_are_opened_within_bounds() -> None:
    good = packed(("a.xml", GOOD.encode()))
    assert len(postings(CAMT, good)) == 1
    with pytest.raises(FileRefused, match="claims to unpack"):
        read(CAMT, packed(("a.xml", b" " * (40 << 20))))
    with pytest.raises(FileRefused, match="more than 2,000"):
        read(CAMT, packed(*((f"{n}.xml", b"<a/>") for n in range(2_001))))
    with pytest.raises(FileRefused, match=r"a\.xml, line 1: this is not well-formed"):
        read(CAMT, packed(("a.xml", b"<Document><BkToCstmrStmt>")))
    with pytest.raises(FileRefused, match="nothing to import"):
        read(CAMT, packed(("a.pdf", b"x")))
    for at in range(0, len(good), 17):
        broken = good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :]
        try:
            read(CAMT, broken)
        except FileRefused:
            continue


def test_a_batch_of_many_payments_is_read() -> None:
    parts = "".join(payment(f"n {n}", inside='<Amt Ccy="EUR">0.01</Amt>') for n in range(5_000))
    assert len(postings(CAMT, camt(entry("50.00", details=parts)))) == 5_000
