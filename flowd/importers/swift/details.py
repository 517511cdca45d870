"""The field :86:, what a posting is about: the German, the Dutch and other structures, and plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from flowd.importers.stated import iban

#: A code of three digits, then the sign that announces each subfield; without the code only signs no text begins with.
_GERMAN: Final = re.compile(r"\s*(?:(\d{3})\s*([?<>~^+@$|!#;])|([?<>~^]))\d\d").match
_SEPA: Final = re.compile(
    r"(EREF|KREF|MREF|BREF|RREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|SQTP|ORCR|ORMR|DDAT|ANAM|IBAN|PURP|BIC)\+"
).split
_SLASHED: Final = re.compile(
    r"/(ACCW|ADDR|BENM|BIC|BO1?|CHGS[12]?|CNTP|CREF|CSID|EREF|EXCH|IBAN|ID|IREF|ISDT|MARF|NAME|NRTX|OCMT|ORDP|PREF|"
    r"PURP|REMI|RREF|RTRN|RTYP|SVCL|TRCD|TRTP|ULTB|ULTC|ULTD|VALUE|CUST|ORGR)/"
)
_LEADING_IBAN: Final = re.compile(r"([A-Z]{2}\d{2}[A-Z0-9]{11,30})(?:\s+(\S.*))?$").match
_CODED: Final = re.compile(r"\d\d").match
#: Subfields of 27 characters: a shorter one ended where a word ended, a full one may have cut a word.
_FULL: Final = 25
#: Lines of 65 characters, likewise.
_FULL_LINE: Final = 64
_OTHERS: Final = frozenset(("ULTD", "ULTC", "ULTB"))
_NOTHING: Final = frozenset(("", "NOTPROVIDED", "NONREF", "NONE"))

_SEPA_FIELDS: Final = {
    "EREF": "end_to_end",
    "KREF": "customer_reference",
    "MREF": "mandate",
    "BREF": "bank_reference",
    "RREF": "return_reference",
    "CRED": "creditor",
    "DEBT": "debtor",
    "COAM": "compensation",
    "OAMT": "original_amount",
    "PURP": "purpose_code",
    "IBAN": "counterparty_account",
    "BIC": "counterparty_bank",
}
_GERMAN_FIELDS: Final = (("00", "posting_text"), ("30", "counterparty_bank"), ("34", "text_key"))
_PURPOSE: Final = tuple(str(number) for number in range(20, 30))
_MORE: Final = tuple(str(number) for number in range(60, 64))
_SLASHED_FIELDS: Final = {
    "EREF": "end_to_end",
    "MARF": "mandate",
    "CSID": "creditor",
    "PURP": "purpose_code",
    "PREF": "payment_reference",
    "IREF": "instruction",
    "CREF": "customer_reference",
    "RTRN": "return_reason",
    "BIC": "counterparty_bank",
    "OCMT": "original_amount",
    "EXCH": "rate",
    "CHGS": "charges",
    "CHGS1": "charges",
    "CHGS2": "charges_of_others",
    "TRTP": "posting_text",
}


@dataclass(slots=True)
class Details:
    """What a posting is about; `raw` holds references and accounts by name."""

    counterparty: str = ""
    description: str = ""
    code: str = ""
    raw: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, value: str) -> None:
        """Keep `value` under `name` unless it says nothing."""
        value = " ".join(value.split())
        if value not in _NOTHING and name not in self.raw:
            self.raw[name] = value

    def account(self, value: str) -> None:
        """Keep the other side's account: as its IBAN if it is one."""
        compact = "".join(value.split())
        number = iban(compact)
        if number is not None:
            self.raw["counterparty_iban"] = number
        elif compact:
            self.raw.setdefault("counterparty_account", compact)


def parse_86(lines: list[str]) -> Details:
    """Read the lines of a field :86:."""
    found = _GERMAN(lines[0])
    if found is not None:
        sign = found[2] or found[3]
        return _german("".join(lines)[found.end() - 3 :], sign, found[1] or "")
    text = lines[0].lstrip()
    if len(lines) > 1:
        text = _joined(lines)
    if text.startswith("/"):
        slashed = _slashed(text)
        if slashed is not None:
            return slashed
    return _plain(lines, text)


def parse_ns(lines: list[str]) -> Details:
    """Read the lines of a field :NS:, the structure of some German banks: two digits, then what they announce."""
    parts = [(line[:2], line[2:]) for line in lines if _CODED(line)]
    details = Details()
    details.description = _flow([text for code, text in parts if "01" <= code <= "14"])
    details.counterparty = _flow([text for code, text in parts if code in {"15", "16"}])
    for code, text in parts:
        if code == "17":
            details.keep("posting_text", text)
    return details


def _german(text: str, sign: str, code: str) -> Details:
    details = Details(code=code)
    raw = details.raw
    values: dict[str, str] = {}
    key = ""
    for piece in text.split(sign):
        if piece[:2].isdigit():
            key = piece[:2]
            values[key] = values[key] + piece[2:] if key in values else piece[2:]
        elif piece and key:
            # the sign stands in the text
            values[key] += sign + piece
    for key, name in _GERMAN_FIELDS:
        if key in values and (value := values[key].strip()):
            raw[name] = " ".join(value.split())
    for key in ("31", "38"):
        if key in values:
            details.account(values[key])
    other = values.get("32", "")
    details.counterparty = _flow([other, values["33"]]) if "33" in values else " ".join(other.split())
    purpose = [values[key] for key in _PURPOSE if key in values]
    rest = [values[key] for key in _MORE if key in values] if max(values, default="") >= "60" else []
    if len(purpose) >= 10:
        # all ten are used: the purpose goes on in the other four
        purpose += rest
        rest = []
    sepa_parts(details, _flow(purpose))
    if rest:
        before = details.description
        sepa_parts(details, _flow(rest))
        details.description = f"{before} {details.description}".strip()
    return details


def sepa_parts(details: Details, purpose: str) -> None:
    """Take the SEPA subfields out of a purpose."""
    if "+" not in purpose:
        details.description = purpose
        return
    pieces = _SEPA(purpose)
    if len(pieces) == 1:
        details.description = purpose
        return
    text = pieces[0].strip()
    other = ""
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        if key == "SVWZ":
            text = f"{text} {value.strip()}".strip()
        elif key in {"ABWA", "ABWE", "ANAM"}:
            other = other or value.strip()
        elif key == "IBAN":
            details.account(value)
        elif key in _SEPA_FIELDS:
            details.keep(_SEPA_FIELDS[key], value)
    if other:
        details.keep("on_behalf_of", other)
        details.counterparty = details.counterparty or other
    details.description = text


def _slashed(text: str) -> Details | None:
    pieces = _SLASHED.split(text)
    if len(pieces) == 1 or pieces[0].strip(" /"):
        return None
    details = Details()
    words: list[str] = []
    before = ""
    for key, value in zip(pieces[1::2], pieces[2::2], strict=True):
        value = " ".join(value.split()).strip("/ ") if key != "CNTP" else value.strip()
        above, before = before, "" if value else key
        if key == "NAME" and above in _OTHERS:
            details.keep("on_behalf_of", value)
        elif key == "NAME":
            details.counterparty = details.counterparty or value
        elif key == "REMI":
            words.append(_remittance(value))
        elif key == "CNTP":
            account, _, rest = value.partition("/")
            bank, _, rest = rest.partition("/")
            details.account(account)
            details.keep("counterparty_bank", bank)
            details.counterparty = details.counterparty or " ".join(rest.split("/")[0].split())
        elif key in {"IBAN", "ACCW"}:
            details.account(value.partition(",")[0])
        elif key in _OTHERS:
            details.keep("on_behalf_of", value)
        elif key in {"BENM", "ORDP"}:
            if value:
                details.counterparty = details.counterparty or value
        elif key in _SLASHED_FIELDS:
            details.keep(_SLASHED_FIELDS[key], value)
    details.description = " ".join(word for word in words if word)
    return details


def _remittance(value: str) -> str:
    """Return what `/REMI/` says without the words that say how it says it."""
    for start in ("USTD//", "STRD/CUR/", "STRD/ISO/", "STRD/", "USTD/"):
        if value.startswith(start):
            return value[len(start) :].strip("/ ")
    return value


def _plain(lines: list[str], text: str) -> Details:
    details = Details()
    if text[:3].isdigit() and text[3:4].isalpha() and text.startswith("999"):
        details.code, text = "999", text[3:]
    first = lines[0].strip()
    found = _LEADING_IBAN(first)
    if found is not None and iban(found[1]) == found[1]:
        # Dutch banks: account and name of the other side on the first line, the rest below
        details.account(found[1])
        details.counterparty = " ".join((found[2] or "").split())
        below = _joined(lines[1:]) if len(lines) > 1 else ""
        details.description = " ".join(below.split())
        return details
    sepa_parts(details, " ".join(text.split()))
    return details


def _joined(lines: list[str]) -> str:
    """Join lines that were cut at 65 characters, and set a space between those that ended before."""
    pieces: list[str] = []
    for line in lines:
        pieces.append(line)
        if len(line) < _FULL_LINE:
            pieces.append(" ")
    return "".join(pieces).strip()


def _flow(parts: list[str]) -> str:
    """Join subfields that were cut at 27 characters, and set a space between those that ended before."""
    text = "".join([part if len(part) >= _FULL else part + " " for part in parts])
    return " ".join(text.split())
