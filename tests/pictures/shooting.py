"""Takes a picture of a dashboard: builds the page, serves it on this machine only, and lets Chromium look at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from tests.node_packages import installed

HERE: Final = Path(__file__).parent
WIDTH: Final = 1600
CHROMIUM: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
)


def built(folder: Path) -> None:
    """Put the page and all it needs into `folder`."""
    packages = installed(HERE, "pictures")
    subprocess.run(
        [
            packages / "node_modules" / ".bin" / "esbuild",
            HERE / "page" / "main.jsx",
            "--bundle",
            f"--outfile={folder / 'page.js'}",
            "--jsx=automatic",
            "--loader:.ttf=empty",
            "--loader:.woff2=dataurl",
            "--loader:.woff=dataurl",
            "--loader:.svg=text",
            "--define:process.env.NODE_ENV='production'",
            "--log-level=error",
        ],
        check=True,
        env={**os.environ, "NODE_PATH": str(packages / "node_modules")},
    )
    shutil.copy(HERE / "page" / "index.html", folder)
    (folder / "public").symlink_to(packages / "node_modules" / "@grafana" / "ui" / "dist" / "public")


def shoot(folder: Path, given: Mapping[str, Any], target: Path) -> None:
    """Draw what a dashboard was given, on a page that `built` made in `folder`."""
    (folder / "data.json").write_text(json.dumps(given), encoding="utf-8")
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in given["document"]["panels"])
    height = 96 + rows * 38 + 8
    with _served(folder) as address, tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [
                "chromium",
                *CHROMIUM,
                f"--user-data-dir={profile}",
                f"--window-size={WIDTH},{height}",
                "--virtual-time-budget=15000",
                "--enable-logging=stderr",
                f"--screenshot={target}",
                address,
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
    if wrong := [line for line in done.stderr.splitlines() if "CONSOLE" in line and "rror" in line]:
        raise RuntimeError(f"the page of {given['document']['title']} says: {wrong[0]}")
    subprocess.run(["node", HERE / "smaller.mjs", target], check=True, cwd=installed(HERE, "pictures"))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Say nothing."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.html"
    finally:
        server.shutdown()
        server.server_close()
