"""Says what a transaction is: by the user's rules, the source's own word, the words in its text, last by its sign."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import translate
from functools import cached_property
from typing import Final

from flowd.config.rules import MatchSettings, RuleSettings, Sign
from flowd.domain.flows import AccountKind, FlowClass
from flowd.engine import flow_words
from flowd.engine.wordlist import WordList, words_of

#: Rules by which a number is only guessed: income that no word, kind or rule vouches for.
GUESS: Final = "sign"

_INCOMING: Final = [(flow_class, WordList(listed)) for flow_class, listed in flow_words.INCOMING]
_OUTGOING: Final = [(flow_class, WordList(listed)) for flow_class, listed in flow_words.OUTGOING]
_TAKEN_BACK: Final = WordList(flow_words.TAKEN_BACK)
_INCOME: Final = [(flow_class, WordList(listed)) for flow_class, listed in flow_words.INCOME_WORDS.items()]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a transaction is, the stream a user's rule names for it, and the rule that decided, for people to read."""

    flow_class: FlowClass
    stream: str | None
    rule: str


class Classifier:
    """The rules of one tenant: user rules first, then flowd's own; the first that applies decides."""

    def __init__(self, rules: Sequence[RuleSettings] = (), own_accounts: Collection[str] = ()) -> None:
        self._rules = [_UserRule(number, rule) for number, rule in enumerate(rules, 1)]
        ids = {account: _NOT_ALNUM.sub("", account.lower()) for account in own_accounts}
        # A short number turns up in texts by chance; an account number of a bank has eight signs or more.
        self._own = {account: key for account, key in ids.items() if sum(sign.isdigit() for sign in key) >= 8}

    @property
    def asks_amounts(self) -> bool:
        """Whether some rule asks how large an amount is."""
        return any(rule.match.min is not None or rule.match.max is not None for rule in self._rules)

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
        if self._own and any(key in texts.compact for account, key in self._own.items() if account != phrase.account):
            return Verdict(flow_class=FlowClass.TRANSFER, stream=None, rule="own account number")
        found = _incoming(texts.words) if phrase.sign > 0 else _outgoing(texts.words)
        if found is not None:
            return Verdict(flow_class=found[0], stream=None, rule=f"word {found[1]}")
        if phrase.sign < 0:
            return Verdict(flow_class=FlowClass.EXPENSE, stream=None, rule=GUESS)
        if phrase.account_kind is AccountKind.CARD:
            return Verdict(flow_class=FlowClass.TRANSFER, stream=None, rule="card settled or credited")
        return Verdict(flow_class=FlowClass.OTHER, stream=None, rule=GUESS)


def _incoming(words: Sequence[str]) -> tuple[FlowClass, str] | None:
    for flow_class, listed in _INCOMING:
        if (word := listed.find(words)) is not None:
            return flow_class, word
    return None


def _outgoing(words: Sequence[str]) -> tuple[FlowClass, str] | None:
    if (back := _TAKEN_BACK.find(words)) is not None:
        for flow_class, listed in _INCOME:
            if (word := listed.find(words)) is not None:
                return flow_class, f"{word}, {back}"
    for flow_class, listed in _OUTGOING:
        if (word := listed.find(words)) is not None:
            return flow_class, word
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
