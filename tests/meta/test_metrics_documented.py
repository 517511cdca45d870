"""Every metric is described in docs/metrics.md with its labels, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from flowd.engine.telemetry import Telemetry, names

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `((?:flowd|process)_\w+)` \|([^|]*)\| (.+) \|$", re.MULTILINE)
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


def of_the_process() -> set[str]:
    """What is shown of the process, under the names that all programs use."""
    shown = Telemetry().text().decode()
    return set(re.findall(r"^(process_\w+) ", shown, re.MULTILINE))


def test_the_process_tells_of_its_memory_and_processor() -> None:
    assert {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"} <= of_the_process()


def test_docs_and_metrics_say_the_same() -> None:
    assert documented() == names(Telemetry()) | dict.fromkeys(of_the_process(), ())


def test_each_metric_is_described_in_words() -> None:
    for name, _, text in ROW.findall(DOCS.read_text(encoding="utf-8")):
        assert len(text.split()) >= 4, name


def test_no_label_carries_anything_private() -> None:
    labels = {label for found in names(Telemetry()).values() for label in found}
    assert labels & FORBIDDEN == set()
