"""Which elements of a CAMT message are read, and under which names: one tree for versions 001.01 to 001.13."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Final


class Part(Enum):
    """A part of a message that is read as a whole."""

    MESSAGE = "message"
    HEADER = "GrpHdr"
    STATEMENT = "Stmt"
    BALANCE = "Bal"
    ENTRY = "Ntry"
    DETAILS = "TxDtls"


class Node(dict[str, "Node"]):
    """An element: the elements in it by name (whatever prefix they carry; one that is not listed leads to `other`).

    `name` is the field its text is kept in, `opens` the part it begins; `busy` says that there is anything to do.
    """

    __slots__ = ("busy", "many", "message", "money", "name", "opens", "other")

    def __init__(self, other: Node | None = None) -> None:
        super().__init__()
        self.other = other if other is not None else self
        self.name = ""
        self.many = self.money = self.busy = False
        self.message = ""
        self.opens: Part | None = None

    def __missing__(self, name: str) -> Node:
        prefix, _, local = name.rpartition(":")
        return self.get(local, self.other) if prefix else self.other


#: Where nothing is read, however deep.
SKIPPED: Final = Node()
#: An element that may not stand where it stands.
UNKNOWN: Final = Node(SKIPPED)
UNKNOWN.busy = True

_BANK: Final = ("BIC", "BICFI", "Nm")
_NUMBER: Final = ("IBAN", "Othr/Id", "PrtryAcct/Id", "BBAN", "UPIC")
_CODES: Final = (
    "BkTxCd/Domn/Cd=domain",
    "BkTxCd/Domn/Fmly/Cd=family",
    "BkTxCd/Domn/Fmly/SubFmlyCd=subfamily",
    "BkTxCd/Prtry/Cd=own_code",
)
_AMOUNTS: Final = (
    "AmtDtls/InstdAmt/Amt=$instructed",
    "AmtDtls/InstdAmt/CcyXchg/XchgRate=rate",
    "AmtDtls/TxAmt/Amt=$transacted",
    "AmtDtls/TxAmt/CcyXchg/XchgRate=rate",
    "AmtDtls/CntrValAmt/Amt=$counter",
    "AmtDtls/CntrValAmt/CcyXchg/XchgRate=rate",
    "Chrgs/TtlChrgsAndTaxAmt=$charges",
    "Chrgs/Amt=$charges",
    "Chrgs/Rcrd/Amt=$charges",
)


def _party(path: str, name: str) -> Iterable[str]:
    for inner in ("Nm", "Pty/Nm", "Agt/FinInstnId/Nm"):
        yield f"{path}/{inner}={name}"


def _details() -> Iterable[str]:
    yield from _AMOUNTS
    yield from _CODES
    yield from ("Amt=$amount", "CdtDbtInd=side", "AddtlTxInf=added", "Purp/Cd=purpose", "Purp/Prtry=purpose")
    for name, field in (
        ("AcctSvcrRef", "reference"),
        ("EndToEndId", "end_to_end"),
        ("MndtId", "mandate"),
        ("TxId", "transaction"),
        ("UETR", "uetr"),
        ("InstrId", "instruction"),
        ("PmtInfId", "payment"),
        ("ChqNb", "cheque"),
    ):
        yield f"Refs/{name}={field}"
    for role, field in (("Dbtr", "debtor"), ("Cdtr", "creditor")):
        yield from _party(f"RltdPties/{role}", field)
        yield from _party(f"RltdPties/Ultmt{role}", f"ultimate_{field}")
        for path in _NUMBER:
            yield f"RltdPties/{role}Acct/Id/{path}={field}_account"
        for path in _BANK:
            yield f"RltdAgts/{role}Agt/FinInstnId/{path}={field}_bank"
    for path in ("PrvtId/Othr/Id", "OrgId/Othr/Id"):
        yield f"RltdPties/Cdtr/Id/{path}=creditor_id"
        yield f"RltdPties/Cdtr/Pty/Id/{path}=creditor_id"
    yield from (
        "RmtInf/Ustrd=*text",
        "RmtInf/Strd/CdtrRefInf/Ref=*structured",
        "RmtInf/Strd/CdtrRefInf/CdtrRef=*structured",
        "RmtInf/Strd/AddtlRmtInf=*remark",
        "RtrInf/Rsn/Cd=returned",
        "RtrInf/Rsn/Prtry=returned",
        "RtrInf/RtrRsn/Cd=returned",
        "RtrInf/AddtlInf=*return_text",
    )


_FIELDS: Final[dict[Part, Iterable[str]]] = {
    Part.HEADER: ("MsgId=id", "CreDtTm=made"),
    Part.STATEMENT: (
        "Id=id",
        "CreDtTm=made",
        "FrToDt/ToDtTm=until",
        "FrToDt/ToDt=until",
        "Acct/Ccy=asset",
        "Acct/Nm=title",
        *(f"Acct/Id/{path}=account" for path in _NUMBER),
        *(f"Acct/Svcr/FinInstnId/{path}=bank" for path in _BANK),
    ),
    Part.BALANCE: (
        "Tp/CdOrPrtry/Cd=type",
        "Tp/CdOrPrtry/Prtry=type",
        "Tp/Cd=type",
        "Tp/Prtry=type",
        "Amt=$amount",
        "CdtDbtInd=side",
        "Dt/Dt=day",
        "Dt/DtTm=day",
    ),
    Part.ENTRY: (
        "NtryRef=entry",
        "Amt=$amount",
        "CdtDbtInd=side",
        "RvslInd=reversal",
        "Sts=status",
        "Sts/Cd=status",
        "Sts/Prtry=own_status",
        "BookgDt/Dt=booked",
        "BookgDt/DtTm=booked",
        "ValDt/Dt=value",
        "ValDt/DtTm=value",
        "AcctSvcrRef=reference",
        "AddtlNtryInf=added",
        "NtryDtls/Btch/PmtInfId=payment",
        "Btch/PmtInfId=payment",
        *_AMOUNTS,
        *_CODES,
    ),
    Part.DETAILS: tuple(_details()),
}
#: What else may stand in a part whose every element is looked at; a name that is in neither list is a mistake.
_PASSED: Final = {
    Part.STATEMENT: (
        "StmtPgntn RptPgntn NtfctnPgntn ElctrncSeqNb RptgSeq LglSeqNb FrToDt CpyDplctInd RptgSrc Acct RltdAcct Intrst "
        "TxsSummry AddtlStmtInf AddtlRptInf AddtlNtfctnInf"
    ),
    Part.BALANCE: "Tp CdtLine Dt Avlbty",
    Part.ENTRY: (
        "Sts BookgDt ValDt Avlbty BkTxCd ComssnWvrInd AddtlInfInd AmtDtls Chrgs TechInptChanl Intrst CardTx NtryDtls "
        "Btch"
    ),
}
#: What may not stand in a part twice.
ONCE: Final = {
    Part.BALANCE: frozenset(("amount", "side")),
    Part.ENTRY: frozenset(("amount", "side", "booked", "value")),
}
MESSAGES: Final = {
    "BkToCstmrAcctRpt": "052",
    "BkToCstmrStmt": "053",
    "BkToCstmrDbtCdtNtfctn": "054",
}


def _at(root: Node, path: str) -> Node:
    here = root
    for name in path.split("/"):
        here = here.setdefault(name, Node(SKIPPED))
    return here


def _add_fields(root: Node, part: Part) -> None:
    for line in _FIELDS[part]:
        path, _, name = line.partition("=")
        node = _at(root, path)
        node.many, node.money = name[0] == "*", name[0] == "$"
        node.name, node.busy = name.lstrip("*$"), True
    if part in _PASSED:
        root.other = UNKNOWN
        for name in _PASSED[part].split():
            root.setdefault(name, Node(SKIPPED))


def grow() -> Node:
    """Return the tree, from above the root element on."""
    made = {part: Node(SKIPPED) for part in Part}
    for part in _FIELDS:
        made[part].opens, made[part].busy = part, True
        _add_fields(made[part], part)
    entry, statement = made[Part.ENTRY], made[Part.STATEMENT]
    entry["TxDtls"] = entry["NtryDtls"]["TxDtls"] = made[Part.DETAILS]
    statement["Bal"], statement["Ntry"] = made[Part.BALANCE], entry
    document = Node(UNKNOWN)
    # an envelope around the document (a business header, a bank's own) is looked through
    above = Node()
    above.busy = document.busy = True
    above["Document"] = document
    for name, number in MESSAGES.items():
        message = Node(UNKNOWN)
        message.opens, message.message, message.busy = Part.MESSAGE, number, True
        message.update({"GrpHdr": made[Part.HEADER], "SplmtryData": Node(SKIPPED)})
        message.update(dict.fromkeys(("Stmt", "Rpt", "Ntfctn"), statement))
        for written in (name, f"{name}V01"):
            document[written] = above[written] = message
    return above
