"""Imports one plugin and notes what it does meanwhile; run as a program in a process of its own."""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import json
import os
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, Final

_LOUD: Final = {
    "socket.connect": "connects to {1}",
    "socket.getaddrinfo": "looks up {0}",
    "socket.gethostbyname": "looks up {0}",
    "subprocess.Popen": "starts {0}",
    "os.system": "starts {0}",
    "os.exec": "starts {0}",
    "os.fork": "forks",
    "os.mkdir": "makes the folder {0}",
    "os.remove": "removes {0}",
    "os.rename": "renames {0}",
    "os.putenv": "sets the environment variable {0}",
}
_WRITING: Final = frozenset("wax+")


def main(value: str) -> dict[str, Any]:
    """Return what `value` (an entry point's `module` or `module:object`) registers, and its deeds in words."""
    from flowd.plugins.intake import ask

    deeds: list[str] = []
    active = True

    def note(event: str, args: tuple[Any, ...]) -> None:
        if not active:
            return
        if event == "open" and isinstance(args[1], str) and _WRITING & set(args[1]):
            if not str(args[0]).endswith(".pyc") and ".pyc." not in str(args[0]):
                deeds.append(f"writes the file {args[0]}")
        elif event in _LOUD:
            deeds.append(_LOUD[event].format(*map(str, (*args, "", ""))))

    before = threading.active_count()
    sys.addaudithook(note)
    printed = io.StringIO()
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            plugin = importlib.metadata.EntryPoint(name="plugin", value=value, group="flowd").load()
            intake = ask(plugin, "plugin")
            again = ask(plugin, "plugin")
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}", "deeds": deeds}
    active = False
    if threading.active_count() > before:
        deeds.append("starts a thread")
    if printed.getvalue().strip():
        deeds.append(f"prints {printed.getvalue().strip()[:80]!r}")
    if list(again.objects) != list(intake.objects):
        deeds.append("registers something else when it is asked again")
    return {
        "deeds": deeds,
        "connectors": [name for kind, name in intake.objects if kind == "connector"],
        "objects": [f"{kind} {name}" for kind, name in intake.objects],
    }


if __name__ == "__main__":
    said = json.dumps(main(sys.argv[1]))
    sys.__stdout__ and sys.__stdout__.write(said + "\n")
    sys.stdout.flush()
    # A thread left behind must not keep the process.
    os._exit(0)
