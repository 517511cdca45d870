"""Who paid, as far as a text that changes from time to time can tell."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]{2,}")
#: Words that say when, or that it is a payment, in the languages of flowd's word list; without accents.
_TIMES: Final = (
    "january february march april may june july august september october november december jan feb mar apr jun "
    "jul aug sep sept oct nov dec januar februar maerz marz mai juni juli oktober dezember jaenner janner okt dez "
    "janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo abril "
    "mayo junio julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio "
    "settembre ottobre dicembre leden unor brezen duben kveten cerven cervenec srpen zari rijen listopad prosinec "
    "janeiro fevereiro marco maio junho julho setembro outubro dezembro januari februari maart mei augustus "
    "styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik grudzien week woche semaine "
    "semana settimana tyden month monat mois mes mese mesic quarter quartal ref nr no "
)
_WHEN: Final = frozenset(_TIMES.split())


def payer_key(text: str) -> str:
    """Return what stays of a payer's text from month to month: its words, without numbers, dates and accents.

    "ACME GmbH 03/2026 Ref 4711" and "Acme GmbH April" have the same key. Empty where no word is left.
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    # a word with digits in it is a reference
    words = [word for word in re.split(r"[\s,;:/.|*#_+()'\"-]+", plain) if _WORD.fullmatch(word)]
    return " ".join(word for word in words if word not in _WHEN)
