"""Feed readers of files what a coverage-guided fuzzer makes of good ones; anything but reading or refusing ends it.

Run with `python -m bench.fuzz_importers FORMAT SECONDS [FOLDER…]`: FORMAT is csv, mt940, camt, ofx or qif, and the
folders hold files to begin with; files that reach new code are kept in `FORMAT.found`. It needs atheris (`pip install
atheris`), which is no dependency of flowd. It prints its rate and, for a crash, the file to repeat it with.
"""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path
from typing import Any, Final

#: A file may take this long and this much memory, the fuzzer's own included.
SECONDS: Final = 20
MEGABYTES: Final = 900
READERS: Final = {
    "csv": ("flowd.importers.delimited.importer", "CsvImporter"),
    "mt940": ("flowd.importers.swift.importer", "SwiftImporter"),
    "camt": ("flowd.importers.camt.importer", "CamtImporter"),
    "ofx": ("flowd.importers.ofx.importer", "OfxImporter"),
    "qif": ("flowd.importers.qif.importer", "QifImporter"),
}


def main() -> None:
    """Fuzz one reader."""
    name, seconds, *folders = sys.argv[1:]
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["flowd.importers"]):
        module, reader = READERS[name]
        importer: Any = getattr(importlib.import_module(module), reader)()
    api = importlib.import_module("flowd.api")
    hints = api.Hints(account="main", asset="EUR")

    def one(data: bytes) -> None:
        importer.identify("export.bin", data[:65536])
        try:
            for batch in importer.plan(io.BytesIO(data), hints).batches():
                for _ in batch.records:
                    pass
        except api.FileRefused as refused:
            if len(str(refused)) > 20_000:
                raise AssertionError("a message too long to read") from None

    found = Path(f"{name}.found")
    found.mkdir(exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}", "-max_len=20000"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", str(found), *folders], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
