"""Files made to hurt whoever reads them, and a process of its own in which one format reads them all.

    python -m tests.hostile_files FORMAT FOLDER

prints one JSON object per file that `write` made: its name, what came of it, the seconds it took and the peak of memory
so far, in MB.
"""

from __future__ import annotations

import io
import json
import random
import signal
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flowd.api import FileRefused, Hints
from flowd.engine.imports import FileImport, open_file
from flowd.importers import FORMATS

MB: Final = 1 << 20
#: Seconds after which reading one file counts as hanging.
HANGS: Final = 30.0

_CAMT: Final = (
    b'<?xml version="1.0"?>\n%s<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
    b"<Id>1</Id><Acct><Id><IBAN>DE00000000000000000000</IBAN></Id></Acct>"
)
_ENTRY: Final = (
    b'<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-01-02</Dt></BookgDt>'
    b"</Ntry>"
)
_OFX: Final = b"OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR"
_MT940: Final = b":20:X\r\n:25:10010010/1234567\r\n:28C:1/1\r\n:60F:C260101EUR1,00\r\n"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOMB: Final = b"<!DOCTYPE d [<!ENTITY a '%s'>%s]>" % (
    b"x" * 1000,
    b"".join(b"<!ENTITY %c '%s'>" % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(9)),
)


def _workbook(**members: bytes) -> bytes:
    """Return a workbook with one sheet, some of whose members are others."""
    parts = {
        "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">
            <Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>
            <Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>""".encode(),
        "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"
            Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""".encode(),
        "xl/workbook.xml": f"""<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">
            <sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>""".encode(),
        "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"
            Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>""".encode(),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData/></worksheet>'.encode(),
        **members,
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return whole.getvalue()


def _sheet(rows: bytes, head: bytes = b"") -> bytes:
    sheet = b"<?xml version='1.0'?>%s<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>%s"
    return _workbook(**{"xl/worksheets/sheet1.xml": sheet % (head, rows)})


def _pdf(stream: bytes, more: bytes = b"") -> bytes:
    """Return a PDF of one page whose content is `stream`, deflated."""
    packed = zlib.compress(stream, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1%s>>" % more,
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    whole, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(whole))
        whole += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return whole + end % (table, len(whole))


def _rubbish(size: int) -> bytes:
    return random.Random(1).randbytes(size)


#: File name → what is in it; what is long in it is so many MB long.
FILES: Final[Mapping[str, Callable[[int], bytes]]] = {
    "empty.csv": lambda big: b"",
    "nul.csv": lambda big: b"Date,Amount\n2026-01-01,1\n" + bytes(MB),
    "rubbish.csv": lambda big: _rubbish(MB),
    "line.csv": lambda big: b"Date,Amount\n2026-01-01," + b"a" * big * MB,
    "digits.csv": lambda big: b"Date,Amount,Currency,Text\n2026-01-01," + b"9" * big * MB + b",EUR,x\n",
    "columns.csv": lambda big: b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n" + b"," * 999_999 + b"\n",
    "quote.csv": lambda big: b'Date,Amount,Text\n2026-01-01,1,"' + b"sixteen signs, \n" * (big * MB // 16),
    "bomb.xml": lambda big: _CAMT % _BOMB + b"<AddtlStmtInf>&i;</AddtlStmtInf></Stmt></BkToCstmrStmt></Document>",
    "outside.xml": lambda big: (
        _CAMT % b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + b"<AddtlStmtInf>&a;</AddtlStmtInf></Stmt></BkToCstmrStmt></Document>"
    ),
    "deep.xml": lambda big: _CAMT % b"" + b"<a>" * big * 80_000,
    "digits.xml": lambda big: _CAMT % b"" + _ENTRY % (b"9" * big * MB) + b"</Stmt></BkToCstmrStmt></Document>",
    "attributes.xml": lambda big: _CAMT % b"" + b"<a " + b" ".join(b'b%d="c"' % n for n in range(big * 30_000)) + b">",
    "name.xml": lambda big: _CAMT % b"" + b"<" + b"a" * big * MB,
    "text.xml": lambda big: _CAMT % b"" + b"<AddtlStmtInf>" + b"text " * (big * MB // 5),
    "cut.xml": lambda big: _CAMT % b"" + _ENTRY % b"1",
    "deep.ofx": lambda big: _OFX + b"<A>" * big * 80_000,
    "digits.ofx": lambda big: _OFX + b"<BANKTRANLIST><STMTTRN><DTPOSTED>20260101<TRNAMT>" + b"9" * big * MB,
    "tag.ofx": lambda big: _OFX + b"<" + b"A" * big * MB,
    "bomb.ofx": lambda big: b'<?xml version="1.0"?><?OFX OFXHEADER="200" VERSION="211"?>' + _BOMB + b"<OFX>&i;</OFX>",
    "cut.ofx": lambda big: _OFX + b"<BANKTRANLIST><STMTTRN><DTPOSTED>2026",
    "digits.qif": lambda big: b"!Type:Bank\nD01/02/2026\nT" + b"9" * big * MB + b"\n^\n",
    "endless.qif": lambda big: b"!Type:Bank\n" + b"D01/02/2026\nSx\n" * big * 60_000,
    "digits.sta": lambda big: _MT940 + b":61:2601020102C" + b"9" * big * MB + b",00NTRFNONREF\r\n",
    "lines.sta": lambda big: _MT940 + b":61:2601020102C1,00NTRFNONREF\r\n:86:" + b"x\r\n" * big * 250_000,
    "tags.sta": lambda big: b":20:X\r\n" * big * 60_000,
    "zeros.xlsx": lambda big: _workbook(**{"xl/worksheets/sheet1.xml": bytes(16 * big * MB)}),
    "bomb.xlsx": lambda big: _sheet(b"<sheetData><row><c t='str'><v>&i;</v></c></row></sheetData></worksheet>", _BOMB),
    "claims.xlsx": lambda big: _sheet(
        b"<dimension ref='A1:XFD1048576'/><sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
        b"</worksheet>"
    ),
    "cells.xlsx": lambda big: _sheet(
        b"<sheetData><row>" + b"<c><v>1</v></c>" * big * 80_000 + b"</row></sheetData></worksheet>"
    ),
    "cut.xlsx": lambda big: _sheet(b"<sheetData/></worksheet>")[:-50],
    "stream.pdf": lambda big: _pdf(b"BT /F1 9 Tf (" + b"9" * 8 * big * MB + b") Tj ET"),
    "loop.pdf": lambda big: _pdf(b"BT (1) Tj ET", b"/Kids[2 0 R 2 0 R]"),
    "deep.pdf": lambda big: b"%PDF-1.4\n1 0 obj" + b"[" * big * 80_000,
    "cut.pdf": lambda big: _pdf(b"BT (01.02.2026 1,00) Tj ET")[:200],
    "rubbish.pdf": lambda big: b"%PDF-1.7\n" + _rubbish(4 * MB),
}


def write(folder: Path, big: int = 16) -> None:
    """Write all of them into `folder`; what is long is `big` MB long, what unpacks up to sixteen times as much."""
    for name, make in FILES.items():
        (folder / name).write_bytes(make(big))


class _Hangs(BaseException):
    """Reading took too long."""


def _read(path: Path, format_: str) -> str:
    """Return what came of reading one file: the refusal, or how many records it had."""
    importers = {format_: FORMATS[format_]()}
    try:
        with open_file(path) as file:
            at = datetime(2026, 1, 1, tzinfo=UTC)
            coming = FileImport(file, path, importers, Hints(account="a", asset="EUR"), at)
            return f"read: {sum(1 for _ in coming.records())} records"
    except FileRefused as refused:
        return f"refused: {refused}"
    except _Hangs:
        return "hangs"
    except BaseException as error:
        return f"crashed: {type(error).__name__}: {error}"


def _peak() -> float:
    # what getrusage tells begins with the peak of the process that started this one
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    """Have one format read every file of a folder."""
    format_, folder = sys.argv[1], Path(sys.argv[2])

    def hangs(*_: object) -> None:
        raise _Hangs

    signal.signal(signal.SIGALRM, hangs)
    for name in FILES:
        signal.setitimer(signal.ITIMER_REAL, HANGS)
        begun = time.perf_counter()
        said = _read(folder / name, format_)
        seconds = time.perf_counter() - begun
        signal.setitimer(signal.ITIMER_REAL, 0)
        told = {"file": name, "said": said[:300], "seconds": round(seconds, 2), "megabytes": round(_peak())}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
