"""Names for trades that their source gives none: made of what they say, and of how many equal ones came before."""

from __future__ import annotations

from collections import Counter
from hashlib import blake2b


class TradeIds:
    """Names the trades of one file: the same file, or one that overlaps it, gives the same names."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def name(self, *parts: object) -> str:
        """Return the name of the trade that `parts` tell of (account, day, asset, side, quantity, price, …)."""
        text = "".join(f"{len(part)}:{part}" for part in map(str, parts))
        key = blake2b(text.encode("utf-8", "replace"), digest_size=12).digest()
        self._seen[key] += 1
        return f"row:{key.hex()}:{self._seen[key]}"
