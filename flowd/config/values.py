"""The kinds of value a setting can have, each with its check and the fix when it fails."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, PlainValidator, SecretStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowd.config.problems import did_you_mean
from flowd.domain.money import check_asset
from flowd.domain.periods import parse_period
from flowd.secrets import MASK, Reference, masked, reference

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")
_DURATION: Final = re.compile(
    r"(?:(\d{1,9})w)?\s*(?:(\d{1,9})d)?\s*(?:(\d{1,9})h)?\s*(?:(\d{1,9})m)?\s*(?:(\d{1,9})s)?"
)
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|[a-z]+(?:-[a-z]+)*")
_SHARE: Final = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)\s*(%?)")
_HOST: Final = re.compile(r"\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+")
_SHORTEST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(days=366)


def refused(message: str, fix: str = "") -> PydanticCustomError:
    """Make the error a validator raises: what is wrong, and what to write instead."""
    return PydanticCustomError("flowd", "{message}", {"message": message, "fix": fix})


def _name(value: str) -> str:
    if not _NAME.fullmatch(value) or len(value) > 60:
        suggestion = re.sub(r"[^a-z0-9_-]+", "-", value.lower()).strip("-_")[:60]
        raise refused(
            f"the name {value!r} cannot be used: at most 60 lower-case letters, digits, - and _, "
            "a letter or digit first",
            f"name it {suggestion}" if suggestion else "choose a name such as my-bank",
        )
    return value


def parse_duration(value: object) -> timedelta:
    """Read `30s`, `5m`, `1h`, `1d`, `2w` or a sum of them (`1h 30m`); between one second and 366 days."""
    if isinstance(value, timedelta):
        length = value
    elif isinstance(value, str) and value.strip() and (found := _DURATION.fullmatch(value.strip())):
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        try:
            length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError:
            length = timedelta.max
    else:
        fix = "write a number with its unit, such as 30s, 5m, 1h or 1d"
        if isinstance(value, int) and not isinstance(value, bool):
            fix = f"say the unit: {value}s, {value}m, {value}h or {value}d"
        raise refused("is not a length of time", fix)
    if not _SHORTEST <= length <= _LONGEST:
        raise refused("must be between 1s and 366d", "choose a length in between")
    return length


def write_duration(value: timedelta) -> str:
    """Write a length of time the way flowd.yaml has it: `1h30m`."""
    rest = int(value.total_seconds())
    text = ""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def _asset(value: object) -> str:
    try:
        return check_asset(value, "it")
    except (TypeError, ValueError):
        upper = value.upper() if isinstance(value, str) else ""
        try:
            check_asset(upper)
        except ValueError:
            upper = "EUR"
        raise refused(
            "is not the code of a currency or asset (capital letters, digits and . _ : / -)", f"write {upper}"
        ) from None


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        exact = {name.lower(): name for name in known}.get(value.lower().replace(" ", "_"))
        cities = {name.rsplit("/", 1)[-1].lower(): name for name in sorted(known) if "/" in name}
        city = exact or cities.get(value.rsplit("/", 1)[-1].lower().replace(" ", "_"))
        hint = f", did you mean {city!r}?" if city else did_you_mean(value, known)
        raise refused(f"{value!r} is not a time zone{hint}", "write its IANA name, such as Europe/Berlin") from None
    return value


def _period(value: str) -> str:
    try:
        parse_period(value)
    except ValueError as error:
        raise refused(
            str(error), "write it in words, such as 'month on 25' or 'every 14 days from 2026-01-02'"
        ) from None
    return value


def split_listen(value: str) -> tuple[str, int]:
    """Return host and port of a listen address such as `127.0.0.1:8787` or `[::1]:8787`; ValueError otherwise."""
    host, colon, port = value.rpartition(":")
    if not colon or not _HOST.fullmatch(host) or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535:
        raise ValueError(f"{value!r} is not an address to listen on")
    return host.strip("[]"), int(port)


def _listen(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65535:
        raise refused("needs a host too", f"write 127.0.0.1:{value} (this machine only) or 0.0.0.0:{value} (everybody)")
    if not isinstance(value, str):
        raise refused("is not an address to listen on", "write host:port, such as 127.0.0.1:8787")
    try:
        split_listen(value)
    except ValueError as error:
        raise refused(str(error), "write host:port, such as 127.0.0.1:8787 or [::1]:8787") from None
    return value


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise refused(f"{value!r} is not a colour", "write '#2e7d32' (in quotes) or a name such as green")
    return value


def parse_share(value: object) -> Decimal:
    """Read a share of something: `30%`, or `0.3`; between 0 and 100 %. A bare 30 is refused, for it may mean either."""
    text = str(value).strip() if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else ""
    found = _SHARE.fullmatch(text)
    if found is None:
        raise refused("is not a share", "write 30% or 0.3")
    number, percent = Decimal(found[1]), bool(found[2])
    if not percent and number >= 1:
        raise refused(f"is {number}, which is no share below 1", f"say the sign: {number}%")
    share = number / 100 if percent else number
    if share > 1:
        raise refused("is more than 100%", "write a share between 0% and 100%")
    return share


def write_share(value: Decimal) -> str:
    """Write a share the way flowd.yaml has it: `30%`."""
    return f"{(value * 100).normalize():f}%"


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    for item in items:
        if not isinstance(item, str):
            raise refused("must be text or a list of texts", f"put it in quotes: {str(item)[:40]!r}")
        if not item.strip():
            raise refused("holds an empty text, which would match everything", "remove it")
    if not items:
        raise refused("is an empty list", "name at least one text or remove the line")
    return tuple(items)


def _group(value: object) -> object:
    if not isinstance(value, Mapping):
        raise refused("must be a group of settings", "write `key: value` lines, indented below it")
    return value


def _kept(value: object) -> Reference | SecretStr:
    if isinstance(value, Reference | SecretStr):
        return value
    found = reference(value)
    if found is not None:
        return found
    if isinstance(value, str) and value.strip():
        return SecretStr(value.strip())
    raise refused("does not say where the key is kept", "write {file: path}, {env: NAME} or {credential: name}")


def _write_kept(value: Reference | SecretStr) -> object:
    return {value.kind.value: value.name} if isinstance(value, Reference) else MASK


#: A secret that is looked up when it is needed, not when flowd.yaml is read.
KeptSecret = Annotated[
    Reference | SecretStr,
    PlainValidator(_kept),
    PlainSerializer(_write_kept),
    WithJsonSchema({"type": "string", "format": "password"}),
]
#: The name of a tenant, connection or notifier.
Name = Annotated[str, AfterValidator(_name)]
#: A length of time, `30s` to `366d`.
Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(write_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": r"^(\d+w)?\s*(\d+d)?\s*(\d+h)?\s*(\d+m)?\s*(\d+s)?$", "examples": ["30s", "1h"]}
    ),
]
#: The code of a currency or another asset.
Asset = Annotated[str, BeforeValidator(_asset)]
#: An IANA time zone name.
PeriodText = Annotated[str, AfterValidator(_period)]
Zone = Annotated[str, AfterValidator(_zone)]
#: Host and port to listen on.
Listen = Annotated[str, BeforeValidator(_listen)]
#: A colour as Grafana takes it.
Color = Annotated[str, AfterValidator(_color)]
#: A share of something, `30%` or `0.3`; read as a number from 0 to 1.
Share = Annotated[
    Decimal,
    BeforeValidator(parse_share),
    PlainSerializer(write_share, return_type=str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,9})?\s*%$"},
            ],
            "examples": ["30%"],
        }
    ),
]
#: One text or several; read as a tuple.
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class FreeMark:
    """Marks a group of settings whose keys only a plugin knows."""


#: Settings whose meaning a plugin knows: kept as written, hidden wherever flowd prints or dumps its own settings.
Free = Annotated[
    dict[str, Any],
    BeforeValidator(_group),
    FreeMark(),
    PlainSerializer(masked, return_type=dict[str, Any]),
    WithJsonSchema({"type": "object"}),
]
