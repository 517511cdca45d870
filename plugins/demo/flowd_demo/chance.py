"""Chance that comes out the same everywhere: numbers drawn from a seed and a place, without any state."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha512
from typing import Final

#: Mean and standard deviation of a sum of four 16-bit numbers.
_MEAN: Final = 2 * 65535
_DEVIATION: Final = 37837


def swings(seed: int, place: str) -> Sequence[Decimal]:
    """Return eight numbers around 0, nearly normal with deviation 1 and never beyond 3.5, with four decimals."""
    drawn = sha512(f"{seed}/{place}".encode()).digest()
    numbers = [int.from_bytes(drawn[index : index + 2], "big") for index in range(0, 64, 2)]
    # Whole numbers only, so that no machine's floating point comes in.
    sums = (sum(numbers[index : index + 4]) for index in range(0, 32, 4))
    return [Decimal((total - _MEAN) * 10_000 // _DEVIATION).scaleb(-4) for total in sums]


def between(seed: int, place: str, lowest: int, highest: int) -> int:
    """Return a whole number from `lowest` to `highest`, each as likely as the others."""
    drawn = int.from_bytes(sha512(f"{seed}/{place}".encode()).digest()[:8], "big")
    return lowest + drawn % (highest - lowest + 1)
