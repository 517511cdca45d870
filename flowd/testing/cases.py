"""Recorded answers of a source, in files: which request is answered how.

A case file is `cases/NAME.json` or `.yaml` and holds a list of exchanges:

    - request: {method: GET, path: /v1/payouts, query: {page: "2"}, body: {account: main}}
      reply: {status: 200, headers: {x-page: "2"}, body: [{id: po_2, amount: "12.50"}]}

`method` is GET and `status` 200 where they are left out. `query` and `body` (of a form or JSON object) name the parts
that have to be there; what else is asked does not matter, so times and signatures stay out of the files. Of several
exchanges that fit, the one that names the most parts answers, and of those the first: the same question always gets the
same answer. A body that is a text is sent as it is, anything else as JSON; `body_file` names a file beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from flowd.testing.jsontext import Number, written
from flowd.testing.replay import Asked, Reply

SUFFIXES: Final = (".json", ".yaml", ".yml")
_EXCHANGE: Final = {"about", "request", "reply"}
_REQUEST: Final = {"method", "path", "query", "body"}
_REPLY: Final = {"status", "headers", "body", "body_file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One exchange: what has to be asked, and what is answered."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] = field(default_factory=dict)
    reply: Reply

    def fits(self, asked: Asked) -> bool:
        """Say whether `asked` has everything this case names."""
        if (asked.method, asked.path) != (self.method, self.path):
            return False
        if any(asked.query.get(name) != value for name, value in self.query.items()):
            return False
        if not self.body:
            return True
        sent = _sent(asked)
        return all(name in sent and str(sent[name]) == str(value) for name, value in self.body.items())

    @property
    def parts(self) -> int:
        """How many parts of a request it names."""
        return len(self.query) + len(self.body)


def read_cases(folder: Path) -> list[Case]:
    """Return all exchanges of the files in `folder`, by file name; ValueError names what is wrong in which file."""
    return [case for path in case_files(folder) for case in _read(path)]


def case_files(folder: Path) -> list[Path]:
    """Return the case files in `folder`, not those in folders within it."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())


def answering(cases: Sequence[Case]) -> Callable[[Asked], Reply]:
    """Return what answers as `cases` say: for `Replay.otherwise`."""

    def answer(asked: Asked) -> Reply:
        fitting = [case for case in cases if case.fits(asked)]
        if fitting:
            return max(fitting, key=lambda case: case.parts).reply
        query = f" with {dict(asked.query)}" if asked.query else ""
        return Reply(status=404, body={"error": f"no case fits {asked.method} {asked.path}{query}"})

    return answer


def write_cases(path: Path, cases: Iterable[Case]) -> None:
    """Write `cases` to `path` as JSON, one exchange after the other, for people to read and edit."""
    listed = [_shown(case) for case in cases]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(listed, indent=1) + "\n", encoding="utf-8")


def _read(path: Path) -> list[Case]:
    text = path.read_text(encoding="utf-8")
    try:
        listed = json.loads(text, parse_float=Number) if path.suffix == ".json" else _yaml(text)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not isinstance(listed, list):
        raise ValueError(f"{path} holds no list of exchanges, each with `request` and `reply`")
    return [_case(item, f"{path}, exchange {number}", path.parent) for number, item in enumerate(listed, 1)]


def _yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _case(item: object, where: str, folder: Path) -> Case:
    exchange = _mapping(item, where, _EXCHANGE)
    request = _mapping(exchange.get("request"), f"{where}: request", _REQUEST)
    reply = _mapping(exchange.get("reply", {}), f"{where}: reply", _REPLY)
    if not isinstance(request.get("path"), str) or not request["path"].startswith("/"):
        raise ValueError(f"{where}: request needs a `path` that begins with /")
    body = reply.get("body", b"")
    if "body_file" in reply:
        body = (folder / str(reply["body_file"])).read_bytes()
    elif not isinstance(body, str | bytes):
        body = written(body)
    return Case(
        method=str(request.get("method", "GET")).upper(),
        path=request["path"],
        query={str(name): _text(value) for name, value in (request.get("query") or {}).items()},
        body=request.get("body") or {},
        reply=Reply(
            status=int(reply.get("status", 200)),
            headers={str(name): str(value) for name, value in (reply.get("headers") or {}).items()},
            body=body,
        ),
    )


def _mapping(value: object, where: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is missing or no mapping")
    if unknown := set(value) - known:
        raise ValueError(f"{where} has {sorted(map(str, unknown))}, which is not known: use {sorted(known)}")
    return value


def _text(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _sent(asked: Asked) -> Mapping[str, object]:
    """Return the body's parts, of a JSON object or a form."""
    try:
        data = json.loads(asked.body, parse_float=Decimal)
    except ValueError:
        return asked.form
    return data if isinstance(data, dict) else {}


def _shown(case: Case) -> dict[str, object]:
    request: dict[str, object] = {"method": case.method, "path": case.path}
    if case.query:
        request["query"] = dict(case.query)
    if case.body:
        request["body"] = dict(case.body)
    reply: dict[str, object] = {"status": case.reply.status}
    if case.reply.headers:
        reply["headers"] = dict(case.reply.headers)
    try:
        reply["body"] = json.loads(case.reply.content, parse_float=Number)
    except ValueError:
        reply["body"] = case.reply.content.decode("utf-8", "replace")
    return {"request": request, "reply": reply}
