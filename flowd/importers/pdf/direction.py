"""The words that say which way money went: of one posting, of a list, and of a whole statement; all folded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_IN: Final = re.compile(
    r"\bzinsen\b|\binterest\b|\binteressi\b|\binteressen\b|\b(?:dazu|bij)\W*$"
    r"|\b\w*(?:einzahlung|gutschrift|gutschr\b|zahlungseingang|dividende|ruckzahlung|(?:ruck|rueck)?erstattung)"
    r"|\b(?:uberweisungsgutschr|eingang|uberweisungseingang|habenzins|zinsertrag|ertrag|lohn|gehalt|rente|bonus|verkauf"
    r"|wertpapierverkauf|tilgung|cashback|pramie|steueroptimierung|steuerausgleich|rucklastschrift)"
    r"|\b(?:deposit|credit|dividend|interest (?:paid|earned|income|received)|salary|refund|payin|pay-?in|incoming"
    r"|received|sell|sold|sale|profit|returns|cashback|payroll|payment received|transfer from|by transfer|cr)\b"
    r"|\b(?:virement recu|depot|interets crediteurs|salaire|remboursement|vente|versement|accredito|stipendio"
    r"|deposito|vendita|bonifico a (?:vostro )?favore|rimborso|pensione|abono|ingreso|nomina|venta|recebid[oa]|salario"
    r"|storting|bijschrijving|verkoop|rente ontvangen|salaris|loon|insattning|lon|lonn|indbetaling|palkka|munkaber"
    r"|przychodzac[ay]|wynagrodzenie|wplata|uznanie|prichozi|mzda|maas|gelen)\b",
)
_OUT: Final = re.compile(
    r"\binterest charge|\b(?:debit|overdraft|loan) interest\b|\b(?:ab|af)\W*$"
    r"|\b\w*(?:auszahlung|lastschrift|belastung|gebuhr|entgelt|spesen|steuer|kontofuhrung|provision)"
    r"|\b(?:uberweisung (?:auf|an)\b|uberweisungsauftrag|kartenzahlung|kartentransaktion|abbuchung|abheb|kauf|anlage"
    r"|wiederanlage|zeichnung|wertpapierkauf|sollzins|solidaritatszuschlag|dauerauftrag|bargeldbezug|kest|miete|einkauf"
    r"|preise? fu|jahrespreis|ausgang|zahlungsausgang|verfugung|pramienzahlung)"
    r"|\b(?:withdrawal|purchase|debit|fee|fees|charge|payment to|payout|outgoing|buy|bought|tax|card payment"
    r"|transfer to|direct debit|atm|cash withdrawal|standing order|commission|dr)\b"
    r"|\b(?:prelevement|retrait|achat|frais|carte|virement emis|paiement|commission|cotisation|addebito|prelievo"
    r"|acquisto|pagamento|commissione|imposta|spesa|cargo|recibo|compra|pago|retiro|comision|enviad[oa]|tarifa|saque"
    r"|afschrijving|incasso|betaling|koop|opname|kosten|kortkop|uttag|avgift|varekjop|gebyr|osto|vasarlas|zakup|oplata"
    r"|prowizja|wychodzac[ay]|wyplata|obciazenie|vyber|poplatek|platba kartou|giden|harcama)\b",
)


def direction_of(folded: str) -> int:
    """Return 1 where a posting's words say money in, -1 for money out, 0 where they say neither."""
    inward, outward = _IN.search(folded), _OUT.search(folded)
    if inward and outward:
        # "Gutschrift Lastschrift-Rückgabe": the first word is the bank's own name for the posting.
        first, second = ((match.start(), -match.end()) for match in (inward, outward))
        return 1 if first < second else -1
    return 1 if inward else -1 if outward else 0


_TITLES_IN: Final = """
deposit deposits credit credits additions refund refunds received gutschriften zahlungseingange einzahlungen einnahmen
eingange haben entrees versements recettes recus entrate accrediti entrata abonos ingresos creditos entradas recibidas
bijschrijvingen inkomsten ontvangen in
"""
_TITLES_OUT: Final = """
withdrawals debit debits subtractions deductions checks purchases fees charges charged advances orders made belastungen
lastschriften zahlungsausgange auszahlungen ausgaben abbuchungen ausgange soll sorties retraits prelevements depenses
cheques emis uscite addebiti uscita cargos gastos debitos saidas enviadas afschrijvingen uitgaven out
"""
_TITLES: Final = """
all other your electronic ach atm and card bill banking bank online new service substitute paid written money payments
payment transfers adjustments cash interest direct standing umsatze buchungen operations au mouvements virements
movimenti bonifici transferencias continued cont und et e y en
"""
_LISTS_IN, _LISTS_OUT, _LISTS = (frozenset(words.split()) for words in (_TITLES_IN, _TITLES_OUT, _TITLES))


def section_of(folded: str) -> int | None:
    """Return 1 or -1 where the line is the title of a list of money in or out, as US banks part them; 0 for both.

    >>> [section_of(title) for title in ("other credits", "atm & debit card withdrawals", "deposits and withdrawals")]
    [1, -1, 0]
    """
    words = set(re.findall(r"[a-z]+", re.sub(r"\b(?:debit|credit) cards?\b", "card", folded[:61])))
    into, out = bool(words & _LISTS_IN), bool(words & _LISTS_OUT)
    if len(folded) > 60 or not (into or out) or words - _LISTS_IN - _LISTS_OUT - _LISTS:
        return None
    return into - out


_TOTAL_OUT: Final = re.compile(
    r"\b(?:payments?|paid|money|total) out\b|\btotal (?:debits|withdrawals|uscite|cargos|debit|afschrijvingen)\b"
    r"|\bsumme (?:der )?(?:lastschriften|belastungen|auszahlungen|abgange|ausgange)\b|\btotal des (?:debits|retraits)\b"
    r"|\bauszahlungen(?=\W*\d)"
)
_TOTAL_IN: Final = re.compile(
    r"\b(?:payments?|paid|money|total) in\b|\btotal (?:credits|deposits|entrate|abonos|credit|bijschrijvingen)\b"
    r"|\bsumme (?:der )?(?:gutschriften|einzahlungen|zugange|eingange)\b|\btotal des (?:credits|versements)\b"
    r"|\beinzahlungen(?=\W*\d)"
)
_FIRST_NUMBER: Final = re.compile(r"[^\d]{0,24}(\d[\d.,']*)")


def only_direction(texts: Iterable[str]) -> int:
    """Return 1 where a statement's totals say that nothing went out, -1 that nothing came in, else 0."""
    out, into = set[bool](), set[bool]()
    for text in texts:
        for pattern, found in ((_TOTAL_OUT, out), (_TOTAL_IN, into)):
            for match in pattern.finditer(text):
                number = _FIRST_NUMBER.match(text, match.end())
                if number is not None:
                    found.add(any(sign in "123456789" for sign in number[1]))
    return 1 if (out, into) == ({False}, {True}) else -1 if (out, into) == ({True}, {False}) else 0
