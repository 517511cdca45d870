"""The text of a PDF, taken out by a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO, Final

from flowd.api import FileRefused

#: The largest statement; scans, which hold no text anyway, are larger.
LARGEST: Final = 64 << 20
_SECONDS: Final = 90.0
_LARGEST_ANSWER: Final = 64 << 20


def read_pdf(file: BinaryIO) -> list[list[str]]:
    """Return the lines of every page of a PDF; FileRefused with the reason and what to do.

    The work is done by another process with bounds of its own, so that a file made to break or exhaust the reader
    costs that process and nothing else.
    """
    file.seek(0)
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise FileRefused(
            f"the PDF is larger than {LARGEST >> 20} MB, as only scanned pages are: ask the bank for another file"
        )
    answer = _ask(data)
    refused = answer.get("refused")
    if refused is not None:
        raise FileRefused(f"the PDF cannot be read: {refused}")
    pages = answer["pages"]
    assert isinstance(pages, list)
    return pages


def _ask(data: bytes) -> dict[str, object]:
    root = Path(__file__).resolve().parents[3]
    command = [
        sys.executable,
        "-c",
        "import sys; sys.path.insert(0, sys.argv[1]); from flowd.importers.pdf.child import main; main()",
        str(root),
    ]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise FileRefused(
            f"the PDF takes longer than {_SECONDS:.0f} s to read: it is damaged, or made to do harm"
        ) from None
    if done.returncode != 0 or len(done.stdout) > _LARGEST_ANSWER:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        why = last[0][:200] if last else f"its reader was stopped ({done.returncode})"
        raise FileRefused(f"the PDF cannot be read: {why}; it is damaged, or made to do harm: download it again")
    found: dict[str, object] = json.loads(done.stdout)
    return found
