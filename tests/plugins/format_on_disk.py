"""Writes a plugin that reads a file format onto the disk, as pip would install it."""

from __future__ import annotations

from pathlib import Path

_CODE = """
import io
from datetime import date
from decimal import Decimal

from flowd.api import Batch, FileRefused, Transaction, hookimpl


class Lines:
    name = "lines-of-{name}"

    def identify(self, name, head):
        return 1.0 if head.startswith(b"LINES\\n") else 0.0

    def parse(self, file, hints):
        file.readline()
        records = []
        for number, line in enumerate(io.TextIOWrapper(file, "utf-8"), 2):
            day, amount = line.split()
            if not hints.account:
                raise FileRefused(f"line {{number}}: no account is given")
            booked = date.fromisoformat(day)
            whole = {{"account": hints.account, "external_id": day, "booked_at": booked, "asset": "USD"}}
            records.append(Transaction(amount=Decimal(amount), **whole))
        yield Batch(records=records)


@hookimpl
def register_importers(register):
    register(Lines())
"""
_NO_FORMAT = """
from flowd.api import hookimpl


class Mute:
    name = "mute"

    def rates(self, query):
        return []


@hookimpl
def register_rate_providers(register):
    register(Mute())
"""


def install(folder: Path, name: str, *, reads: bool = True) -> None:
    """Install the plugin `name` into `folder`, which is to be on sys.path; without `reads` it has no format."""
    code = _CODE.format(name=name) if reads else _NO_FORMAT
    (folder / f"flowd_{name}.py").write_text(code)
    about = folder / f"flowd_{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: flowd-{name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[flowd]\n{name} = flowd_{name}\n")
