"""Every metric is described in docs/metrics.md with its labels, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from flowd.engine.telemetry import Telemetry, names

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(flowd_\w+)` \|([^|]*)\| (.+) \|$", re.MULTILINE)
#: Words that must never be a label: they would carry something private, or grow without bound.
FORBIDDEN = {
    "account",
    "payee",
    "counterparty",
    "description",
    "amount",
    "external_id",
    "id",
    "tick",
    "message",
    "error",
}


def documented() -> dict[str, tuple[str, ...]]:
    rows = ROW.findall(DOCS.read_text(encoding="utf-8"))
    return {name: tuple(filter(None, (label.strip() for label in labels.split(",")))) for name, labels, _ in rows}


def test_docs_and_metrics_say_the_same() -> None:
    assert documented() == names(Telemetry())


def test_each_metric_is_described_in_words() -> None:
    for name, _, text in ROW.findall(DOCS.read_text(encoding="utf-8")):
        assert len(text.split()) >= 4, name


def test_no_label_carries_anything_private() -> None:
    labels = {label for found in names(Telemetry()).values() for label in found}
    assert labels & FORBIDDEN == set()
