"""`flowd init`: a first flowd.yaml of one's own, from a few questions or flags."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from flowd.errors import FlowdError

if TYPE_CHECKING:
    from flowd.edges.init_sources import Source

T = TypeVar("T")

#: Country of the locale → its currency; where a country is not named, people are asked.
_CURRENCIES: Final = {
    "US": "USD", "GB": "GBP", "CH": "CHF", "LI": "CHF", "SE": "SEK", "NO": "NOK", "DK": "DKK", "PL": "PLN",
    "CZ": "CZK", "HU": "HUF", "RO": "RON", "JP": "JPY", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "IN": "INR",
    "BR": "BRL", "MX": "MXN", "ZA": "ZAR", "TR": "TRY", "SG": "SGD", "HK": "HKD", "KR": "KRW",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Salary:
    """A regular income: `amount` of `currency`, once per period `every`."""

    amount: Decimal
    currency: str
    every: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a first configuration is made of."""

    name: str
    currency: str
    timezone: str
    salary: Salary | None
    inbox: str | None
    sources: Sequence[Source] = ()


def parse_salary(text: str) -> Salary:
    """Read `4200 EUR month on L`; ValueError says what is wrong."""
    from flowd.domain.money import check_amount, check_asset
    from flowd.domain.periods import parse_period

    words = text.split(None, 2)
    if len(words) < 3:
        raise ValueError("say amount, currency and period: 4200 EUR month on L")
    number, currency, every = words
    try:
        amount = check_amount(Decimal(number), "the amount")
    except InvalidOperation:
        raise ValueError(f"{number!r} is not an amount: write 4200 or 4200.50") from None
    if amount <= 0:
        raise ValueError("the amount must be above zero")
    parse_period(every)
    return Salary(amount=amount, currency=check_asset(currency.upper(), "the currency"), every=every)


def guess_timezone(environ: Mapping[str, str], etc: Path = Path("/etc")) -> str:
    """Return the system's time zone by name, UTC where it cannot be told."""
    candidates = [environ.get("TZ", "").removeprefix(":")]
    with contextlib.suppress(OSError, UnicodeDecodeError):
        candidates.append((etc / "timezone").read_text().strip())
    with contextlib.suppress(OSError, RuntimeError):
        candidates.append(str((etc / "localtime").resolve()).partition("zoneinfo/")[2].removeprefix("posix/"))
    for candidate in candidates:
        if "/" in candidate:
            try:
                return _check_zone(candidate)
            except ValueError:
                continue
    return "UTC"


def guess_currency(environ: Mapping[str, str]) -> str:
    """Return the currency of the locale's country, EUR where it cannot be told."""
    for variable in ("LC_ALL", "LC_MONETARY", "LANG"):
        country = environ.get(variable, "").partition(".")[0].partition("_")[2]
        if country in _CURRENCIES:
            return _CURRENCIES[country]
    return "EUR"


def first_config(answers: Answers) -> str:
    """Return the text of a first flowd.yaml; it loads without problems."""
    parts = [
        _HEAD.format(
            name=_text(answers.name),
            currency=answers.currency,
            timezone=answers.timezone,
        )
    ]
    if answers.salary is not None:
        salary = answers.salary
        parts.append(
            _SALARY.format(amount=format(salary.amount, "f"), currency=salary.currency, every=_text(salary.every))
        )
    parts.append(_RATES)
    if answers.inbox is not None:
        parts.append(_INBOX.format(folder=_text(answers.inbox), currency=answers.currency))
    parts += [source.text() for source in answers.sources]
    if any(source.links for source in answers.sources):
        parts.append(_KEY)
    parts.append(_REST)
    return "\n".join(parts)


def write_config(text: str, output: Path, *, force: bool) -> None:
    """Write `text` to `output`, readable by its owner only; FlowdError when the file is there and not `force`."""
    from flowd.config import parse_settings

    parse_settings(text, file=output)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    try:
        if not output.parent.is_dir():
            output.parent.mkdir(parents=True)
        with os.fdopen(os.open(output, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        if not output.exists():
            raise FlowdError(f"{output} cannot be written: {output.parent} is not a folder") from None
        raise FlowdError(
            f"{output} is there already: choose another with --output, or replace it with --force"
        ) from None
    except OSError as error:
        raise FlowdError(f"{output} cannot be written: {error.strerror}; choose another place with --output") from None


@click.command()
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take the flags, and guesses for the rest.")
@click.option("--name", help="Whose money this is: home, a name, a company.")
@click.option("--currency", help="The currency everything is added up in, such as EUR.")
@click.option("--timezone", help="The time zone that decides when a day begins, such as Europe/Berlin.")
@click.option("--salary", help="A regular income, such as '4200 EUR month on L' (L: the last day).")
@click.option("--inbox", help="A folder to watch for bank files.")
@click.option(
    "--connect",
    multiple=True,
    metavar="TYPE",
    help="A source to read, such as stripe, or 'ccxt as my-kraken exchange=kraken'; may be given several times.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.pass_context
def init(
    ctx: click.Context,
    yes: bool,
    name: str | None,
    currency: str | None,
    timezone: str | None,
    salary: str | None,
    inbox: str | None,
    connect: tuple[str, ...],
    output: Path | None,
    force: bool,
) -> None:
    """Write a first flowd.yaml of your own from a few questions."""
    output = output or ctx.find_root().params.get("config") or Path("flowd.yaml")
    if output.exists() and not force:
        raise FlowdError(f"{output} is there already: choose another with --output, or replace it with --force")
    ask = _Asker(silent=yes)
    answers = Answers(
        name=ask("Whose money is this? (a short name)", "--name", name, "home", _check_name),
        currency=ask(
            "Which currency shall everything be added up in?",
            "--currency",
            currency,
            guess_currency(os.environ),
            _check_currency,
        ),
        timezone=ask(
            "In which time zone do you live?", "--timezone", timezone, guess_timezone(os.environ), _check_zone
        ),
        salary=ask(
            "A regular income, such as 4200 EUR month on L? (empty for none)", "--salary", salary, "", _optional_salary
        ),
        inbox=ask(
            "A folder to watch for your bank's files? (- for none)",
            "--inbox",
            inbox,
            "" if yes else "./inbox",
            _optional_text,
        ),
        sources=_sources(connect, silent=yes),
    )
    write_config(first_config(answers), output, force=force)
    if answers.inbox is not None:
        (output.parent / Path(answers.inbox).expanduser()).mkdir(parents=True, exist_ok=True)
    at = "" if output == Path("flowd.yaml") else f" -c {output}"
    click.echo(f"Wrote {output}.")
    if answers.sources:
        from flowd.edges.init_sources import next_steps

        (output.parent / "secrets").mkdir(mode=0o700, exist_ok=True)
        folder = "" if output.parent == Path() else f" (in {output.parent})"
        click.echo(f"It names secrets and does not hold them. Put each into its file{folder}:")
        for step in next_steps(answers.sources):
            click.echo(f"  {step}")
    links = "".join(f"`flowd{at} link {source.name}`, " for source in answers.sources if source.links)
    click.echo(f"Next: {links}`flowd{at} check`, then `flowd{at} run`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asker:
    """Asks for what no flag says, again and again until it can be used."""

    silent: bool

    def __call__(self, question: str, flag: str, given: str | None, guess: str, check: Callable[[str], T]) -> T:
        if given is not None or self.silent:
            try:
                return check(given if given is not None else guess)
            except ValueError as error:
                raise click.BadParameter(str(error), param_hint=flag) from None
        while True:
            answer = click.prompt(question, default=guess, show_default=bool(guess), type=str)
            try:
                return check(answer)
            except ValueError as error:
                click.echo(f"  {error}")


def _sources(given: Sequence[str], *, silent: bool) -> list[Source]:
    """Read the sources that flags name, or ask for them one by one."""
    from flowd.edges.init_sources import installed_sources, read_source

    def needed(setting: str, meaning: str) -> str:
        if silent or given:
            raise ValueError(f"say {setting}=… too: {meaning}")
        return click.prompt(f"  {setting} ({meaning})", type=str).strip()

    found: list[Source] = []

    def add(words: str) -> None:
        found.append(read_source(words, ["salary", "rates", "inbox", *(one.name for one in found)], needed))

    for words in given:
        try:
            add(words)
        except ValueError as error:
            raise click.BadParameter(f"{words}: {error}", param_hint="--connect") from None
    if given or silent:
        return found
    question = f"Something else to read? ({', '.join(installed_sources())}; empty: no)"
    while words := click.prompt(question, default="", show_default=False).strip():
        try:
            add(words)
        except ValueError as error:
            click.echo(f"  {error}")
        question = "And another? (empty: no)"
    return found


def _check_name(text: str) -> str:
    from pydantic import TypeAdapter

    from flowd.config.values import Name

    return _checked(TypeAdapter(Name), text.strip())


def _check_currency(text: str) -> str:
    from pydantic import TypeAdapter

    from flowd.config.values import Asset

    return _checked(TypeAdapter(Asset), text.strip().upper())


def _check_zone(text: str) -> str:
    from pydantic import TypeAdapter

    from flowd.config.values import Zone

    return _checked(TypeAdapter(Zone), text.strip())


def _checked(adapter: object, text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    assert isinstance(adapter, TypeAdapter)
    try:
        return str(adapter.validate_python(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        fix = (first.get("ctx") or {}).get("fix")
        raise ValueError(f"{first['msg']}; {fix}" if fix else first["msg"]) from None


def _optional_salary(text: str) -> Salary | None:
    return parse_salary(text) if text.strip() not in {"", "-"} else None


def _optional_text(text: str) -> str | None:
    return text.strip() if text.strip() not in {"", "-"} else None


def _text(value: str) -> str:
    """Write text so that YAML reads the same text again."""
    return json.dumps(value, ensure_ascii=False)


_HEAD = """\
# flowd's configuration. docs/configuration.md explains every key; `flowd check` says what is wrong with it.
# Relative paths start at the folder of this file.

tenant:
  name: {name:<20} # whose money this is; it stays the same for ever
  base_currency: {currency:<11} # everything is added up in this currency
  timezone: {timezone:<16} # decides when a day begins

database:
  embedded: ./var/db         # flowd runs its own PostgreSQL here
  # url: {{env: FLOWD_DATABASE_URL}}    # or: a server of your own, instead of embedded

http:
  listen: 127.0.0.1:8787     # health and metrics, for this machine only

# What is read. The name of a connection is its identity for ever: readings hang on it.
connections:"""

_SALARY = """\
  salary:
    type: recurring          # income of your own word
    config:
      amount: {amount}
      currency: {currency}
      every: {every}
      # start: 2025-01-01                          # since when
      # changes: [{{from: 2026-01-01, amount: 1}}]   # and what it became
"""

_RATES = """\
  rates:
    type: ecb                # exchange rates of the European Central Bank
"""

_INBOX = """\
  inbox:
    type: files              # bank files put into this folder are read within seconds
    # account and currency are those of files that do not say them
    config: {{folder: {folder}, account: main, currency: {currency}}}
"""

_KEY = """\
# Opens the stored tokens of linked connections: `flowd key new` makes it.
secrets:
  key: {file: ./secrets/flowd-key}
"""

_REST = """\
# How income is shown, by stream:
# streams:
#   salary: {name: Salary, group: Work, color: "#2e7d32"}

# What transactions are, where flowd cannot know: the first rule that fits wins.
# rules:
#   - {match: {text: [my savings, own account]}, class: transfer}

# Keys and passwords are never written here, only where they are kept:
#   key: {file: ./secrets/key}    a file that only you can read (chmod 600)
#   key: {env: NAME}              an environment variable
#   key: {credential: name}       a credential handed over by systemd
"""
