"""Says in a line what an event states and what somebody decided, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: How many digits of a key are shown: enough to find it again.
SHORT = 8


def short(subject: object) -> str:
    """Return the beginning of a key, by which it can be named."""
    return str(subject)[:SHORT]


def event_line(type_: str, data: Mapping[str, Any]) -> str:
    """Say what an event of `type_` states."""
    if data.get("removed") is True:
        return "undone" if type_ == "decision" else "taken back"
    match type_:
        case "transaction":
            texts = " · ".join(str(data[name]) for name in ("counterparty", "description") if data.get(name))
            return f"{data.get('account')}: {_amount(data)}{f' {texts}' if texts else ''}"
        case "trade":
            what = f"{data.get('side')} {data.get('quantity')} {data.get('base')} at {data.get('price')}"
            return f"{data.get('account')}: {what} {data.get('quote')}"
        case "balance":
            return f"{data.get('account')}: {_amount(data)} at the end of {data.get('day')}"
        case "account":
            return f"{data.get('account')}: {data.get('name')} ({data.get('kind')})"
        case "decision":
            return decision_line(str(data.get("kind")), data)
    return ", ".join(f"{name} {value}" for name, value in data.items() if isinstance(value, str))[:160]


def decision_line(kind: str, said: Mapping[str, Any], other: object = None) -> str:
    """Say what somebody decided; `other` is the second transaction, where the data no longer names it."""
    second = short(said.get("other") or other or "")
    match kind:
        case "class":
            return _said(said)
        case "split":
            parts = said.get("parts")
            listed = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
            return "split: " + " + ".join(f"{part.get('amount')} {_said(part)}".strip() for part in listed)
        case "duplicate":
            return f"the same as {second}: does not count"
        case "distinct":
            return f"not the same as {second}"
        case "transfer":
            return f"{'one transfer' if said.get('verdict') == 'confirmed' else 'no transfer'} with {second}"
        case "account":
            named = f"called {said['name']}" if said.get("name") else ""
            kept = f"kind {said['account_kind']}" if said.get("account_kind") else ""
            return ", ".join(text for text in (named, kept) if text)
        case "balance":
            return f"{_amount(said)} at the end of {said.get('day')}"
        case "transaction":
            named = str(said["class"]) if said.get("class") else "by hand"
            texts = [str(said[name]) for name in ("counterparty", "description") if said.get(name)]
            return ": ".join([f"{_amount(said)} {named}", *([" · ".join(texts)] if texts else [])])
        case "left_out":
            same = f"{said['same_connection']}/{said['same_account']}" if said.get("same_account") else ""
            return f"left out: the same as {same}" if same else "left out: does not count"
    return kind


def _said(said: Mapping[str, Any]) -> str:
    texts = [str(said["class"])] if said.get("class") else []
    texts += [f"in stream {said['stream']}"] if said.get("stream") else []
    texts += [f"filed under {said['category']}"] if said.get("category") else []
    texts += [f"“{said['note']}”"] if said.get("note") else []
    return ", ".join(texts)


def _amount(data: Mapping[str, Any]) -> str:
    return f"{data.get('amount')} {data.get('asset')}"
