"""Dividing an amount over days so that no unit of money appears or is lost."""

from __future__ import annotations

from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

#: Arithmetic with money: 30 digits before the point and 30 behind fit without rounding.
EXACT: Final = Context(prec=80)

_PLACES: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
#: Codes of the two-digit currencies in ISO 4217 that are in use.
_TWO_PLACES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR
ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWL
"""
_TWO: Final = frozenset(_TWO_PLACES.split())


def places_of(asset: str) -> int:
    """Return the decimal places of the smallest unit of `asset`: 2 for EUR, 0 for JPY, 8 for what is no currency."""
    return 2 if asset in _TWO else _PLACES.get(asset, 8)


def is_currency(asset: str) -> bool:
    """Say whether `asset` is a currency of ISO 4217 that is in use."""
    return asset in _TWO or asset in _PLACES


def share(amount: Decimal, days: int, places: int) -> tuple[Decimal, Decimal]:
    """Return (each day's share, the last day's share) of `amount` over `days` days, in units of `places` decimals.

    All days but the last get the amount divided by the days, rounded towards zero; the last gets what remains, so that
    (days - 1) * each + last == amount. An amount written finer than `places` is divided that finely.
    """
    if days < 1:
        raise ValueError(f"an amount is spread over one day or more, got {days}")
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"an amount must be finite, got {amount}")  # noqa: TRY004
    unit = Decimal(1).scaleb(min(-places, exponent))
    each = EXACT.divide(amount, Decimal(days)).quantize(unit, rounding=ROUND_DOWN, context=EXACT)
    return each, EXACT.subtract(amount, EXACT.multiply(each, Decimal(days - 1)))
