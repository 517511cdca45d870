"""Says what a transaction is: by the user's rules, the source's own word, the words in its text, last by its sign."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fnmatch import translate
from functools import cached_property
from typing import Final

from flowd.config.rules import MatchSettings, RuleSettings, Sign
from flowd.domain.flows import AccountKind, FlowClass
from flowd.engine import flow_words
from flowd.engine.wordlist import WordLists, words_of

#: Rules by which a number is only guessed: income that no word, kind or rule vouches for.
GUESS: Final = "sign"

#: An account number of a bank has eight signs or more; a short number turns up in texts by chance.
OWN_NUMBER: Final = 8

_WORDS: Final = WordLists(
    [
        *(listed for _, listed in flow_words.INCOMING),
        *(listed for _, listed in flow_words.OUTGOING),
        flow_words.TAKEN_BACK,
        *flow_words.INCOME_WORDS.values(),
    ]
)
_DIGIT: Final = re.compile(r"[0-9]")
_NOT_ALNUM: Final = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """What transactions that are judged alike have in common; `amount` (its size) only where a rule asks for it."""

    connection: str
    account: str
    account_kind: AccountKind
    kind: FlowClass | None
    sign: int
    counterparty: str
    description: str
    asset: str
    amount: Decimal | None = None
    #: Whether its source states that the other side is another account of the tenant's.
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a transaction is, the stream a user's rule names for it, and the rule that decided, for people to read."""

    flow_class: FlowClass
    stream: str | None
    rule: str


class Digits(StrEnum):
    """Which digits in texts matter to rules; with any other in their place, texts are judged alike."""

    ALL = "all"
    #: Those of texts that may hold an account number.
    LONG = "long"
    NONE = "none"


class Classifier:
    """The rules of one tenant: user rules first, then flowd's own; the first that applies decides."""

    def __init__(self, rules: Sequence[RuleSettings] = (), own_accounts: Collection[str] = ()) -> None:
        self._rules = [_UserRule(number, rule) for number, rule in enumerate(rules, 1)]
        ids = {account: _NOT_ALNUM.sub("", account.lower()) for account in own_accounts}
        self._own = {account: key for account, key in ids.items() if sum(sign.isdigit() for sign in key) >= OWN_NUMBER}

    @property
    def own_numbers(self) -> Mapping[str, str]:
        """The tenant's accounts whose ids are long enough to be looked for, with what is looked for."""
        return self._own

    @property
    def asks_amounts(self) -> bool:
        """Whether some rule asks how large an amount is."""
        return any(rule.match.min is not None or rule.match.max is not None for rule in self._rules)

    @property
    def reads_digits(self) -> Digits:
        """Which digits in texts matter."""
        if any(rule.asks_digits for rule in self._rules):
            return Digits.ALL
        return Digits.LONG if self._own else Digits.NONE

    def classify(self, phrase: Phrase) -> Verdict:
        """Return what transactions of `phrase` are."""
        texts = _Texts(phrase)
        for rule in self._rules:
            if rule.applies(phrase):
                if rule.flow_class is not None:
                    return Verdict(flow_class=rule.flow_class, stream=rule.stream, rule=f"rule {rule.number}")
                own = self._judge(phrase, texts)
                return Verdict(
                    flow_class=own.flow_class, stream=rule.stream, rule=f"{own.rule}, stream by rule {rule.number}"
                )
        return self._judge(phrase, texts)

    def _judge(self, phrase: Phrase, texts: _Texts) -> Verdict:
        if phrase.kind is not None:
            return Verdict(flow_class=phrase.kind, stream=None, rule="source")
        if phrase.sign == 0:
            return Verdict(flow_class=FlowClass.EXPENSE, stream=None, rule="nothing moved")
        if phrase.own or any(key in texts.compact for account, key in self._own.items() if account != phrase.account):
            return Verdict(flow_class=FlowClass.TRANSFER, stream=None, rule="own account number")
        words = _WORDS.find(texts.words)
        found = _first(words, flow_words.INCOMING) if phrase.sign > 0 else _outgoing(words)
        if found is not None:
            return Verdict(flow_class=found[0], stream=None, rule=f"word {found[1]}")
        if phrase.sign < 0:
            return Verdict(flow_class=FlowClass.EXPENSE, stream=None, rule=GUESS)
        if phrase.account_kind is AccountKind.CARD:
            return Verdict(flow_class=FlowClass.TRANSFER, stream=None, rule="card settled or credited")
        return Verdict(flow_class=FlowClass.OTHER, stream=None, rule=GUESS)


def _outgoing(words: Mapping[str, str]) -> tuple[FlowClass, str] | None:
    back = words.get(flow_words.TAKEN_BACK)
    if back is not None:
        income = _first(words, flow_words.INCOME_WORDS.items())
        if income is not None:
            return income[0], f"{income[1]}, {back}"
    return _first(words, flow_words.OUTGOING)


def _first(words: Mapping[str, str], lists: Iterable[tuple[FlowClass, str]]) -> tuple[FlowClass, str] | None:
    """Return the class and the word of the first of `lists` of which a word was found."""
    for flow_class, listed in lists:
        if listed in words:
            return flow_class, words[listed]
    return None


class _Texts:
    """The texts of a phrase in the forms that rules ask for, each made when it is first asked for."""

    def __init__(self, phrase: Phrase) -> None:
        self._phrase = phrase

    @cached_property
    def words(self) -> list[str]:
        return words_of(f"{self._phrase.counterparty} {self._phrase.description}")

    @cached_property
    def compact(self) -> str:
        return "".join(self.words)


class _UserRule:
    def __init__(self, number: int, rule: RuleSettings) -> None:
        self.number = number
        self.match: MatchSettings = rule.match
        self.flow_class = rule.flow_class
        self.stream = rule.stream
        match = rule.match
        self._connection = _patterns(match.connection, whole=True)
        self._account = _patterns(match.account, whole=True)
        self._counterparty = _patterns(match.counterparty)
        self._description = _patterns(match.description)
        self._text = _patterns(match.text)

    @property
    def asks_digits(self) -> bool:
        """Whether a pattern for texts names a digit."""
        match = self.match
        return any(
            _DIGIT.search(pattern)
            for patterns in (match.counterparty, match.description, match.text)
            for pattern in patterns or ()
        )

    def applies(self, phrase: Phrase) -> bool:
        match, amount = self.match, phrase.amount
        return (
            (match.kind is None or phrase.kind is match.kind)
            and (match.asset is None or phrase.asset == match.asset)
            and (match.sign is None or phrase.sign == (1 if match.sign is Sign.IN else -1))
            and (match.min is None or (amount is not None and amount >= match.min))
            and (match.max is None or (amount is not None and amount <= match.max))
            and _any(self._connection, phrase.connection)
            and _any(self._account, phrase.account)
            and _any(self._counterparty, phrase.counterparty)
            and _any(self._description, phrase.description)
            and _any(self._text, phrase.counterparty, phrase.description)
        )


def _patterns(listed: Sequence[str] | None, *, whole: bool = False) -> list[re.Pattern[str]] | None:
    """Compile contains- and glob-patterns; they hold no repeated groups, so that no text can make them slow."""
    if listed is None:
        return None
    found = []
    for text in listed:
        plain = re.sub(r"[\[\]]", lambda bracket: f"[{bracket[0]}]", text.casefold())
        has_glob = "*" in text or "?" in text
        pattern = re.sub(r"\*+", "*", plain) if has_glob or whole else f"*{plain}*"
        found.append(re.compile(translate(pattern), re.DOTALL))
    return found


def _any(patterns: Sequence[re.Pattern[str]] | None, *texts: str) -> bool:
    if patterns is None:
        return True
    return any(pattern.match(text.casefold()) for pattern in patterns for text in texts)
