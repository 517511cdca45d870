"""What the codes of postings mean: German transaction codes (GVC) and SWIFT's types, in words and as flow classes."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from flowd.api import FlowClass

#: German transaction codes that banks use in :86: and in CAMT, in the words of a statement.
GVC: Final = {
    "001": "Scheck", "002": "Scheck", "003": "Reisescheck", "004": "Lastschrift", "005": "Lastschrift",
    "006": "Sonstige Einzugspapiere", "008": "Dauerauftrag", "009": "Rückbelastung", "011": "Euro-Scheck",
    "012": "Zahlungsanweisung", "020": "Überweisung", "051": "Überweisungsgutschrift",
    "052": "Dauerauftragsgutschrift", "053": "Lohn, Gehalt, Rente", "054": "Vermögenswirksame Leistungen",
    "056": "Überweisung öffentlicher Kassen", "058": "Bankgutschrift", "059": "Rücküberweisung",
    "065": "Spendengutschrift", "067": "Gutschrift mit Prüfziffer", "068": "Gutschrift mit Prüfziffer",
    "069": "Spendengutschrift", "070": "Scheckeinreichung", "071": "Lastschrifteinreichung", "072": "Wechsel",
    "076": "Telefonauftrag", "079": "Sammler", "082": "Einzahlung", "083": "Auszahlung", "084": "Online-Lastschrift",
    "087": "Überweisung mit Festvaluta", "088": "Gutschrift mit Festvaluta", "095": "Aval", "098": "Geldkarte",
    "104": "SEPA-Firmenlastschrift", "105": "SEPA-Lastschrift", "106": "Kartenzahlung", "107": "Kartenlastschrift",
    "108": "Rückbelastung SEPA-Firmenlastschrift", "109": "Rückbelastung SEPA-Lastschrift",
    "110": "Rückbelastung Kartenlastschrift", "111": "Rückbelastung Scheck", "116": "SEPA-Überweisung",
    "117": "SEPA-Dauerauftrag", "118": "Echtzeitüberweisung", "119": "SEPA-Spende",
    "152": "Gutschrift aus Dauerauftrag", "153": "Lohn, Gehalt, Rente",
    "154": "Vermögenswirksame Leistungen", "155": "Altersvorsorge", "156": "Gutschrift öffentlicher Kassen",
    "157": "Lohn oder Gehalt in Echtzeit", "159": "Rücküberweisung", "160": "Rücküberweisung in Echtzeit",
    "166": "SEPA-Gutschrift", "167": "SEPA-Gutschrift mit Prüfziffer", "168": "Gutschrift in Echtzeit",
    "169": "SEPA-Spendengutschrift", "170": "Scheckeinreichung", "171": "SEPA-Lastschrifteinreichung",
    "174": "SEPA-Firmenlastschrifteinreichung", "177": "SEPA-Überweisung", "181": "Wiedergutschrift Lastschrift",
    "182": "Wiedergutschrift Kartenlastschrift", "183": "Wiedergutschrift Scheck",
    "184": "Wiedergutschrift Firmenlastschrift", "188": "Sammelüberweisung in Echtzeit", "190": "Kartenabrechnung",
    "191": "SEPA-Sammelüberweisung", "192": "SEPA-Sammellastschrift", "193": "SEPA-Lastschriftstorno",
    "194": "SEPA-Sammelgutschrift", "195": "SEPA-Sammellastschrift", "196": "SEPA-Firmensammellastschrift",
    "197": "SEPA-Firmensammellastschrift", "201": "Auslandszahlung", "202": "Auslandsvergütung",
    "206": "Auslandsüberweisung", "211": "Zahlungseingang aus dem Ausland", "301": "Inkasso",
    "302": "Kupons und Dividenden", "303": "Effekten", "304": "Übertrag", "801": "Karte", "803": "Depotverwaltung",
    "805": "Abschluss",
    "806": "Porto", "807": "Spesen", "808": "Gebühren", "809": "Provision", "810": "Mahngebühren",
    "811": "Kreditkosten", "812": "Stundungszinsen", "813": "Disagio", "814": "Zinsen",
    "815": "Kapitalisierte Zinsen", "817": "Zinsberichtigung", "818": "Abbuchung", "819": "Bezüge",
    "820": "Übertrag", "821": "Telefon", "822": "Auszahlplan", "823": "Festgeld", "824": "Leihgeld",
    "825": "Darlehen", "826": "Sparen", "827": "Überschusssparen", "828": "Sparbrief", "829": "Sparplan",
    "830": "Bonus", "832": "Hypothek", "835": "Sonstiges",
    "836": "Reklamation", "837": "Umsatzsteuer", "899": "Storno",
}  # fmt: skip

#: SWIFT's types (behind N, F or S), for postings that have no other text.
TYPES: Final = {
    "BNK": "securities: bank fees", "BOE": "bill of exchange", "BRF": "brokerage fee", "CHG": "charges",
    "CHK": "cheque", "CLR": "cash letter", "COL": "collection", "COM": "commission", "CPN": "coupon",
    "DDT": "direct debit", "DIV": "dividend", "EQA": "equivalent amount", "FEX": "foreign exchange",
    "INT": "interest", "LBX": "lock box", "LDP": "loan deposit", "MSC": "miscellaneous", "RTI": "returned item",
    "SEC": "securities", "STO": "standing order", "TCK": "travellers cheques", "TRF": "transfer",
    "VDA": "value date adjustment",
}  # fmt: skip

_IN: Final = {
    "053": FlowClass.SALARY,
    "153": FlowClass.SALARY,
    "157": FlowClass.SALARY,
    "302": FlowClass.DIVIDEND,
    "814": FlowClass.INTEREST,
    "815": FlowClass.INTEREST,
    "INT": FlowClass.INTEREST,
}
_OUT: Final = dict.fromkeys(("806", "807", "808", "809", "810", "CHG", "COM", "BRF"), FlowClass.FEE)


def kind_of(gvc: str, swift: str, amount: Decimal) -> FlowClass | None:
    """Return what a posting is where its codes say so: the German code, else SWIFT's type (`NINT`).

    DIV says nothing here: Dutch banks write it for "diverse".
    """
    code = gvc or (swift[1:] if swift[1:].isalpha() else "")
    return (_IN if amount > 0 else _OUT).get(code)
