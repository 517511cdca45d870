# ruff: noqa: E501 - a bank's line is as long as it is
"""CAMT statements written by hand: batches, reversals, other currencies, references, and what a person reads there."""

from __future__ import annotations

from .others import Other


def camt_file(kind: str, inside: str, *, acct: str = "<IBAN>DE89370400440532013000</IBAN>", ccy: str = "EUR") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2024-03-01T06:00:00+01:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>"
        "<ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2024-03-01T06:00:00+01:00</CreDtTm>"
        f"<Acct><Id>{acct}</Id><Ccy>{ccy}</Ccy></Acct>{inside}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def balance(code: str, amount: str, day: str, ccy: str = "EUR", mark: str = "CRDT") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{ccy}">{amount}</Amt>'
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


BATCH = camt_file(
    "053.001.02",
    balance("PRCD", "100.00", "2024-02-28")
    + balance("CLBD", "-199.40", "2024-02-29").replace("-199.40", "199.40").replace("CRDT", "DBIT")
    + '<Ntry><Amt Ccy="EUR">300.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-02-29</Dt></BookgDt>'
    "<ValDt><Dt>2024-02-29</Dt></ValDt><AcctSvcrRef>B-1</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd>"
    "<SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><Btch><PmtInfId>PAY-7</PmtInfId><NbOfTxs>2</NbOfTxs>"
    '<TtlAmt Ccy="EUR">300.00</TtlAmt><CdtDbtInd>DBIT</CdtDbtInd></Btch>'
    '<TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">120.00</Amt></TxAmt></AmtDtls>'
    "<RltdPties><Cdtr><Nm>Anna Alt</Nm></Cdtr></RltdPties><RmtInf><Ustrd>Lohn A</Ustrd></RmtInf></TxDtls>"
    '<TxDtls><Refs><EndToEndId>E2</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">180.00</Amt></TxAmt></AmtDtls>'
    "<RltdPties><Cdtr><Nm>Bodo Bach</Nm></Cdtr></RltdPties><RmtInf><Ustrd>Lohn B</Ustrd></RmtInf></TxDtls>"
    "</NtryDtls></Ntry>"
    '<Ntry><Amt Ccy="EUR">0.60</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>true</RvslInd><Sts>BOOK</Sts>'
    "<BookgDt><Dt>2024-02-29</Dt></BookgDt><AcctSvcrRef>B-2</AcctSvcrRef><BkTxCd><Prtry><Cd>NCHG</Cd></Prtry></BkTxCd>"
    "<AddtlNtryInf>Storno Entgelt</AddtlNtryInf></Ntry>",
)

FX = camt_file(
    "053.001.08",
    balance("OPBD", "1000.00", "2024-02-29")
    + balance("CLBD", "904.13", "2024-02-29")
    + '<Ntry><NtryRef>1</NtryRef><Amt Ccy="EUR">95.87</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><DtTm>2024-02-29T23:30:00+01:00</DtTm></BookgDt><ValDt><Dt>2024-03-01</Dt></ValDt><BkTxCd/>"
    '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">1.50</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy="EUR">1.50</Amt>'
    "<CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>"
    '<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="EUR">94.37</Amt>'
    '<AmtDtls><InstdAmt><Amt Ccy="USD">102.50</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">94.37</Amt><CcyXchg>'
    "<SrcCcy>EUR</SrcCcy><TrgtCcy>USD</TrgtCcy><UnitCcy>EUR</UnitCcy><XchgRate>1.0861</XchgRate></CcyXchg></TxAmt></AmtDtls>"
    "<RltdPties><Cdtr><Pty><Nm>Widget Corp</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>000111222</Id></Othr></Id></CdtrAcct>"
    "</RltdPties><RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>",
)

RETURN = camt_file(
    "053.001.04",
    balance("OPBD", "50.00", "2024-02-29")
    + balance("ITBD", "25.00", "2024-02-29")
    + balance("CLBD", "50.00", "2024-02-29")
    + balance("CLAV", "550.00", "2024-02-29")
    + '<Ntry><Amt Ccy="EUR">25.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-02-29</Dt></BookgDt>'
    "<BkTxCd/><NtryDtls><TxDtls><RltdPties><Cdtr><Nm>Gym AG</Nm></Cdtr></RltdPties>"
    "<RmtInf><Ustrd>Beitrag </Ustrd><Ustrd>Februar</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    '<Ntry><Amt Ccy="EUR">25.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>1</RvslInd><Sts>BOOK</Sts>'
    "<BookgDt><Dt>2024-02-29</Dt></BookgDt><BkTxCd/><NtryDtls><TxDtls><RltdPties><Cdtr><Nm>Gym AG</Nm></Cdtr></RltdPties>"
    "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>"
    '<Ntry><Amt Ccy="EUR">9.99</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2024-03-01</Dt></BookgDt>'
    "<BkTxCd/></Ntry>",
)

QR = camt_file(
    "053.001.08",
    balance("OPBD", "0", "2024-02-28", "CHF")
    + balance("CLBD", "1949.75", "2024-02-28", "CHF")
    + '<Ntry><Amt Ccy="CHF">1949.75</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2024-02-28</Dt></BookgDt><ValDt><Dt>2024-02-28</Dt></ValDt><AcctSvcrRef>20240228QR1</AcctSvcrRef>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>VCOM</SubFmlyCd></Fmly></Domn></BkTxCd>"
    "<NtryDtls><Btch><NbOfTxs>1</NbOfTxs></Btch><TxDtls><Refs><AcctSvcrRef>X1</AcctSvcrRef></Refs>"
    '<Amt Ccy="CHF">1949.75</Amt><CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Pia Rutschmann</Nm></Pty></Dbtr>'
    "</RltdPties><RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Prtry>QRR</Prtry></CdOrPrtry></Tp>"
    "<Ref>210000000003139471430009017</Ref></CdtrRefInf><AddtlRmtInf>Auftrag 15.06.2024</AddtlRmtInf></Strd></RmtInf>"
    "</TxDtls></NtryDtls></Ntry>",
    acct="<IBAN>CH4431999123000889012</IBAN>",
    ccy="CHF",
)

V11 = camt_file(
    "053.001.11",
    balance("OPBD", "10.00", "2024-02-28")
    + balance("CLBD", "7.00", "2024-02-29")
    + '<Ntry><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2024-02-29</Dt></BookgDt>'
    "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>"
    "<NtryDtls><TxDtls><AddtlTxInf>Kontoführung Februar</AddtlTxInf></TxDtls></NtryDtls></Ntry>",
    acct="<Othr><Id>10020030/1234567</Id></Othr>",
)

IN_CAMT = [
    Other(
        name="camt batch and reversal", format="camt", data=BATCH, account="DE89370400440532013000",
        rows=("2024-02-29 -120.00 EUR", "2024-02-29 -180.00 EUR", "2024-02-29 0.60 EUR"),
        said=(("-120.00", "Anna Alt"), ("-180.00", "Lohn B"), ("0.60", "Storno Entgelt")),
        balances=("2024-02-28 100.00", "2024-02-29 -199.40"),
    ),
    Other(
        name="camt foreign currency and charges", format="camt", data=FX, account="DE89370400440532013000",
        rows=("2024-02-29 -95.87 EUR",), said=(("-95.87", "Widget Corp"), ("-95.87", "RF18539007547034")),
        balances=("2024-02-28 1000.00", "2024-02-29 904.13"),
    ),
    Other(
        name="camt returned payment", format="camt", data=RETURN, account="DE89370400440532013000",
        rows=("2024-02-29 -25.00 EUR", "2024-02-29 25.00 EUR", "2024-03-01 -9.99 EUR pending"),
        said=(("-25.00", "Beitrag Februar"),), balances=("2024-02-28 50.00", "2024-02-29 50.00"),
    ),
    Other(
        name="swiss qr bill", format="camt", data=QR, account="CH4431999123000889012",
        rows=("2024-02-28 1949.75 CHF",),
        said=(("1949.75", "Pia Rutschmann"), ("1949.75", "Auftrag 15.06.2024"), ("1949.75", "210000000003139471430009017")),
        balances=("2024-02-27 0", "2024-02-28 1949.75"),
    ),
    Other(
        name="camt version 11", format="camt", data=V11, account="10020030/1234567",
        rows=("2024-02-29 -3.00 EUR",), said=(("-3.00", "Kontoführung Februar"),),
        balances=("2024-02-28 10.00", "2024-02-29 7.00"),
    ),
]  # fmt: skip
