"""The words by which a statement's lines are known, in the languages banks write; all folded to small letters."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final


class Role(Enum):
    """What a line that is no posting says."""

    OPENING = "opening balance"
    CLOSING = "closing balance"
    BALANCE = "a balance, opening or closing by its place"
    CARRIED = "carried to or from another page"
    TOTAL = "a total"


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


_BALANCE_WORD: Final = r"(?:konto)?(?:saldo|stand)|balance|solde"

_OPENING: Final = _any(
    r"\b(?:alte[rn]?|letzter|vorheriger|voriger|bisheriger|vor) ?(?:konto)?(?:saldo|stand|kontostand|rechnungssaldo)",
    r"\b(?:anfangs|start|eroffnungs|beginn|vortrags)(?:saldo|bestand|kontostand|guthaben)",
    r"^\W*(?:letzter|voriger|vorheriger) (?:konto)?auszug\b|^\W*(?:last|previous) statement\b|^\W*dernier releve\b",
    r"^\W*zu beginn\b|\bsaldovortrag|\bvortrag\b|\bsaldo ?vom letzten",
    r"\b(?:saldo|kontostand) (?:vom letzten|des letzten|zu beginn|letzte)",
    r"\b(?:opening|beginning|start(?:ing)?|previous|prior|initial|last month'?s?|last statement) (?:ledger |account "
    r"|statement )?balance",
    r"\bbalance (?:at the (?:start|beginning)|on last|from (?:the )?(?:previous|last))",
    r"\b(?:ancien|precedent) solde|\bsolde (?:precedent|anterieur|initial|d'ouverture|ouverture|reporte|de depart"
    r"|au debut)",
    r"\bsaldo (?:anterior|inicial|iniziale|precedente|di apertura|al inicio|vorige|anfangs)",
    r"\b(?:vorig|begin|oud|start)e? ?saldo|\b(?:pocatecni|predchozi) zustatek|\bsaldo poczatkowe|\binngaende saldo"
    r"|\bingaende saldo|\balkusaldo|\bsaldo primo|\bprimo ?saldo|\bsold initial|\bnyito egyenleg|\bdevreden bakiye",
)
_CLOSING: Final = _any(
    r"\b(?:neue[rn]?|aktueller|jetziger) ?(?:konto)?(?:saldo|stand|kontostand|rechnungssaldo)",
    r"\b(?:end|schluss|abschluss)(?:saldo|bestand|kontostand|guthaben)",
    r"\b(?:closing|end(?:ing)?|new|final|current) (?:ledger |account |statement )?balance",
    r"\bbalance (?:at (?:the )?(?:end|close)|due\b)",
    r"\bnouveau solde|\bsolde (?:final|nouveau|de cloture|cloture|actuel|en fin|a la fin)",
    r"\bsaldo (?:final|finale|nuevo|nuovo|novo|actual|attuale|di chiusura|al cierre|zu ihren (?:gunsten|lasten)"
    r"|koncowe)",
    r"\b(?:nieuw|eind|slot)e? ?saldo|\b(?:konecny|novy) zustatek|\butgaende saldo"
    r"|\bloppusaldo|\bsaldo ultimo|\bultimo ?saldo|\bsold final|\bzaro egyenleg|\bkapanis bakiye",
)
_BALANCE: Final = _any(
    r"^\W*(?:ihr |der |your )?(?:konto)?(?:saldo|kontostand|stand|guthaben)\b(?! ?nach| der abschluss)",
    r"^\W*(?:your |account |ledger )?balance\b(?! (?:transfer|of interest))",
    r"^\W*(?:votre )?solde\b",
    r"^\W*(?:konto)?stand ?\d",
    r"\b(?:saldo|kontostand|balance|solde|stand) (?:per|zum|am|vom|as of|as at|on|au|al|del|op|en)\b",
)
_CARRIED: Final = _any(
    r"^\W*ubertrag(?: (?:auf|von|vom|nach|zum|aus) (?:blatt|seite|folgeseite|vorseite|nachste|der|dem|letzte)|\W*$"
    r"| [-+ \d])",
    r"\b(?:ubertrag (?:auf|von|vom) (?:blatt|seite)|zwischensaldo|seitenubertrag|saldoubertrag)",
    r"\bbalance (?:brought|carried) (?:forward|down)|\b(?:brought|carried) forward\b|\bbalance b/?f\b"
    r"|\bbalance c/?f\b",
    r"\ba reporter\b|\breport (?:page|de la page|a nouveau|precedent)|\bsolde reporte|\btotal a reporter"
    r"|\briporto\b|\ba riportare\b",
    r"\bsuma y sigue\b|\bsaldo anterior pagina|\btransport(?:eren)? (?:naar|van)|\bprovisional balance\b",
)
_TOTAL: Final = _any(
    r"^\W*(?:zwischen|gesamt|end)?summe\b|^\W*(?:sub)?total\b|\btotal(?:e|es|s|i)? (?:of|des|der|de|dei|degli|di"
    r"|credits?|debits?|deposits?|withdrawals?|amount|payments?|purchases?|fees?|haben|soll|in|out|paid)\b",
    r"^\W*gesamt(?:betrag|umsatz|umsatze|haben|soll)?\b|^\W*totaal\b|^\W*totale?\b|^\W*totaux\b|^\W*umsatz(?:summe"
    r"|e gesamt)?\s+[-+\d]",
    r"\bsumme (?:der|aller|belastungen|gutschriften|soll|haben|einnahmen|ausgaben|zahlungs|abschluss|last)",
    r"\bmouvements? (?:total|crediteurs?|debiteurs?)|\btotal des\b|\bumsatztotal\b|\bturnover\b",
    r"\b(?:incoming|outgoing) transactions\b|\bsum(?:me)? (?:of|total)\b|\bmonthly total\b",
)
#: "Guthaben sind bis 100.000,00 EUR geschützt" speaks of balances, and states none.
_SENTENCE: Final = re.compile(
    r"\b(?:sind|werden|wird|sein|konnen|unterliegen|gilt|gelten|are|will|may|must|should|protected|sont|seront|sono|son)\b"
)
#: Lines that only look like postings: limits, rates, tax tables, prose.
_ASIDE: Final = _any(
    r"\b(?:kreditrahmen|kreditlimit|verfugungsrahmen|dispositions?(?:kredit|limit)|verfugbar(?:er|es)? (?:betrag"
    r"|rahmen|saldo)|limit\b)",
    r"\b(?:credit limit|available (?:credit|balance|funds)|minimum (?:payment|due|amount)|payment due|amount due"
    r"|apr\b)",
    r"\b(?:freistellungs|verlustverrechnung|sparer-?pauschbetrag|einlagensicher|steuerubersicht)",
    r"\b(?:zinssatz|sollzins(?:satz)?\b.*%|habenzins(?:satz)?\b.*%|p\. ?a\.|interest rate)",
    r"\b(?:zahlbetrag|rechnungsbetrag|falliger betrag|montant a payer|importo da pagare|te betalen bedrag)\b",
    r"\b(?:valutasaldo|saldo verfugbar|available balance|disponible|average balance|durchschnittssaldo)",
)


@lru_cache(maxsize=4096)
def role_of(folded: str) -> Role | None:
    """Return what the folded text of a line says, if it is a line of balances or totals."""
    if _CARRIED.search(folded):
        return Role.CARRIED
    if _OPENING.search(folded):
        return Role.OPENING
    if _CLOSING.search(folded):
        return Role.CLOSING
    if _TOTAL.search(folded):
        return Role.TOTAL
    if _BALANCE.search(folded) and not _SENTENCE.search(folded):
        return Role.BALANCE
    return None


@lru_cache(maxsize=4096)
def names_both_ends(folded: str) -> bool:
    """Return whether the line heads a summary from the opening to the closing balance."""
    opening, closing = _OPENING.search(folded), _CLOSING.search(folded)
    return opening is not None and closing is not None and opening.start() < closing.start()


def is_aside(folded: str) -> bool:
    """Return whether the line speaks of limits, rates or allowances rather than of money that moved."""
    return _ASIDE.search(folded) is not None


class Column(Enum):
    """What a column of sums holds."""

    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    BALANCE = "balance"
    OTHER = "other"
    CONVERTED = "the amount in another currency"


_DATE_WORDS: Final = _any(
    r"\b(?:(?:ver)?buchungs?-?(?:tag|datum)?|bu-?tag|datum|date|data|fecha|valuta-?(?:datum)?|wert(?:stellung)?|value"
    r"|beleg-?datum|tag|posted|posting"
    r"|zahlungsdatum|boekdatum|rentedatum|booking|transaction date|dato|paivays|data operacji|dzien|buchung"
    r"|kirjauspaiva|arvopaiva|ertek(?:nap)?|tarih)\b"
)
_TEXT_WORDS: Final = _any(
    r"\b(?:buchungstext|text|vorgang|beschreibung|bezeichnung|verwendungszweck|umsatz(?:art|informationen|details)?"
    r"|erlauterung(?:en)?|details?"
    r"|description|particulars|transaction|transactions|typ|type|art|libelle|operations?|nature|descrizione|causale"
    r"|omschrijving|concepto"
    r"|descripcion|buchungsinformation(?:en)?|name|produkt|product|prodotto|produit|referenz|reference|payment type"
    r"|empfanger|auftraggeber|gegenkonto|isin|currency|wahrung|status|leiras|aciklama|opis|descriere|selite|forklaring|tekst)\b"
)
_COLUMNS: Final = (
    (Column.CONVERTED, r"(?:converted|equivalent)(?: (?:to|in|amount))?(?: [a-z]{3})?|umgerechnet(?:er betrag)?"),
    (Column.CREDIT, r"in(?=\s+out\b)"),
    (Column.DEBIT, r"out(?=\s+(?:balance|saldo|amount)\b)"),
    (Column.BALANCE, r"saldo|balance|solde|kontostand|guthaben|zustatek|saldi|stand|egyenleg|bakiye|sold"),
    (
        Column.DEBIT,
        r"soll|belastung(?:en)?|lastschrift(?:en)?|(?:zu ihren )?lasten|debits?|debet|withdrawals?|zahlungsausgang"
        r"|ausgang|ausgange|auszahlung(?:en)?|paid out"
        r"|money out|payments out|abbuchung|uscite|dare|debito|cargos?|af|ausgaben|payments?|retraits?|addebiti"
        r"|sorties|betrag soll|charges|checks",
    ),
    (
        Column.CREDIT,
        r"haben|gutschrift(?:en)?|(?:zu ihren )?gunsten|credits?|deposits?|zahlungseingang|eingang|eingange"
        r"|einzahlung(?:en)?|paid in|money in|entrate|avere"
        r"|credito|abonos?|bij|einnahmen|receipts|versements?|accrediti|entrees|betrag haben|additions",
    ),
    (
        Column.AMOUNT,
        r"betrag|amount|umsatz|importo|montant|bedrag|mutatie|mutation|anderung|variazioni|variazione|change"
        r"|importe|valor|gesamt|total|totale|kwota|castka|belop|osszeg|tutar|suma|maara",
    ),
    (
        Column.OTHER,
        r"kurs|preis|price|rate|anzahl|quantity|gebuhr(?:en)?|fees?|wert|value|stuck|anteile|units|wechselkurs|fx"
        r"|nominale|steuern?|taxes",
    ),
)
_COLUMN: Final = re.compile(
    "|".join(rf"(?P<{column.name}_{at}>\b(?:{words})\b)" for at, (column, words) in enumerate(_COLUMNS))
)


def columns_of(folded: str) -> list[tuple[Column, int]]:
    """Return the columns of sums a heading names, with where each ends, from left to right."""
    found = _COLUMN.finditer(folded)
    return [(Column[match.lastgroup.rpartition("_")[0]], match.end()) for match in found if match.lastgroup]


def continues_heading(folded: str) -> bool:
    """Return whether the line below a heading goes on with it: names of columns and little else."""
    words = re.findall(r"[a-z']{2,}", folded)
    known = sum(bool(_COLUMN.fullmatch(word) or _DATE_WORDS.fullmatch(word) or word in _FILL) for word in words)
    return 0 < len(words) <= 12 and known * 2 >= len(words)


@lru_cache(maxsize=4096)
def is_heading(folded: str) -> bool:
    """Return whether the line is the heading of a table of postings: names of columns, and few other words."""
    words = re.findall(r"[a-z']{2,}", folded)
    if is_aside(folded) or names_both_ends(folded) or _SPAN.search(folded):
        return False
    if not 2 <= len(words) <= 30 or not _DATE_WORDS.search(folded):
        return False
    known = sum(
        1
        for word in words
        if _DATE_WORDS.fullmatch(word) or _TEXT_WORDS.fullmatch(word) or _COLUMN.fullmatch(word) or word in _FILL
    )
    return known >= 2 and known * 2 >= len(words)


#: The heading of a period is not that of a table.
_SPAN: Final = re.compile(r"\b(?:von datum\b.*\bbis|from date\b.*\bto|du\b.*\bau\b.*\bsolde)")
_FILL: Final = frozenset(
    [
        "in",
        "eur",
        "chf",
        "usd",
        "gbp",
        "nr",
        "no",
        "lfd",
        "der",
        "des",
        "zu",
        "ihren",
        "und",
        "and",
        "of",
        "euro",
        "isin",
        "fx",
        "time",
        "uhrzeit",
        "heure",
        "ora",
        "tijd",
    ]
)


_CARD: Final = _any(
    r"\bkreditkarte|\bcredit card|\bcarte de credit|\bminimum (?:payment|due)|\bcreditcard|\btarjeta de credito"
    r"|\bcarta di credito|\bvisa card\b|\bmastercard abrechnung|\bkartenabrechnung|\bcharge card"
)


def speaks_of_card(folded: str) -> bool:
    """Return whether the document calls itself the statement of a credit card."""
    return _CARD.search(folded) is not None


_AMERICAN: Final = _any(
    r"\bchecking\b|\brouting number|\bmember fdic\b|\bzip code|\bus dollars?\b|\bach\b|\bssn\b"
    r"|\bstatement period\b.*\b20\d\d"
)


def speaks_american(folded: str) -> bool:
    """Return whether words say that the bank is American."""
    return _AMERICAN.search(folded) is not None


#: Where a statement's table is over: other lists with days and sums follow.
_END: Final = _any(
    r"^\W*(?:anlage \d+\s*$|kontoabschluss vom|zinsen vom|zinsabschluss|z i n s a b s c h l u s s|zinssatze\b"
    r"|konditionen\b|abschluss fur konto|steuerliche|steuerubersicht|depotubersicht|barmittelubersicht"
    r"|transaktionsubersicht\b(?! von)"
    r"|zinsberechnung|interest (?:scale|calculation|charge calculation|rate summary)|calculation of interest"
    r"|fee summary|daily (?:[a-z]+ ){0,3}(?:balances?|subtractions|debits)\b"
    r"|aufstellung der zinsen"
    r"|depotaufstellung|depotauszug|bestand (?:am|per|zum)|positions\b|holdings\b|legende|erlauterungen zu)",
)


_NOT_BOOKED: Final = _any(
    r"^\W*(?:pending|upcoming|scheduled) (?:transactions|payments|debits|items)\b"
    r"|^\W*(?:vorgemerkte|vorgemerkt|nicht gebuchte|offene umsatze|anstehende)\b"
    r"|^\W*(?:operations a venir|operations en attente|movimientos pendientes|movimenti non contabilizzati)\b",
)


def is_not_booked(folded: str) -> bool:
    """Return whether the line is the title of a list of what is not booked yet."""
    return _NOT_BOOKED.search(folded) is not None


def ends_table(folded: str) -> bool:
    """Return whether the line begins a part of the document that holds no postings."""
    return _END.search(folded) is not None or is_not_booked(folded)
