"""Numbers and days in the words of the reasons that people read."""

from __future__ import annotations

from datetime import date


def number(value: float, *, signed: bool = False) -> str:
    """Write an amount with two decimals, or with two digits where it is smaller than that shows."""
    sign = "+" if signed else ""
    if value and abs(value) < 0.095:
        return f"{value:{sign}.2g}"
    return f"{value:{sign},.2f}"


def per_cent(share: float, *, signed: bool = False) -> str:
    """Write a share as per cent: one decimal below ten, none above."""
    value = share * 100
    sign = "+" if signed else ""
    return f"{value:{sign}.1f} %" if abs(value) < 9.95 else f"{value:{sign},.0f} %"


def ago(days: int) -> str:
    """Write how long ago something was."""
    return "1 day ago" if days == 1 else f"{days} days ago"


def counted(count: int, words: str) -> str:
    """Write how many of something there are; `words` is their plural with an s."""
    return f"{count} {words.removesuffix('s') if count == 1 else words}"


def on(day: date) -> str:
    """Write a day."""
    return day.isoformat()
