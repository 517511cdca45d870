"""What a transaction is: user rules, then the source's word, then words of many languages, last the sign."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import pytest

from flowd.config.rules import RuleSettings
from flowd.domain.flows import AccountKind, FlowClass
from flowd.engine.classify import GUESS, Classifier, Digits, Phrase
from flowd.engine.wordlist import WordList, WordLists, words_of


def phrase(
    text: str = "",
    *,
    sign: int = 1,
    kind: FlowClass | None = None,
    counterparty: str = "",
    account_kind: AccountKind = AccountKind.BANK,
    amount: str | None = None,
    connection: str = "bank",
    account: str = "main",
) -> Phrase:
    return Phrase(
        connection=connection,
        account=account,
        account_kind=account_kind,
        kind=kind,
        sign=sign,
        counterparty=counterparty,
        description=text,
        asset="EUR",
        amount=None if amount is None else Decimal(amount),
    )


def rule(flow_class: str | None = None, stream: str | None = None, **match: object) -> RuleSettings:
    says = {key: value for key, value in {"class": flow_class, "stream": stream}.items() if value}
    return RuleSettings.model_validate({"match": match, **says})


def class_of(text: str, sign: int = 1) -> str:
    return Classifier().classify(phrase(text, sign=sign)).flow_class.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ACME GmbH Lohn/Gehalt 03/2026", "salary"),
        ("Gehaltszahlung März", "salary"),
        ("MZDA ZA 01/2026", "salary"),
        ("Salaris maart", "salary"),
        ("VIREMENT SALAIRE ACME SA", "salary"),
        ("Abono nómina ACME", "salary"),
        ("ACME PAYROLL DIRECT DEPOSIT", "salary"),
        ("Wynagrodzenie za luty", "salary"),
        ("Rentenzahlung Deutsche Rentenversicherung", "salary"),
        ("Habenzinsen 2025", "interest"),
        ("Připsaný úrok", "interest"),
        ("INTEREST PAID", "interest"),
        ("Darlehenszinsen erhalten Zinsen", "interest"),
        ("Dividende ISIN DE0007164600", "dividend"),
        ("Kaltmiete Wohnung 3", "rent"),
        ("Loyer avril", "rent"),
        ("Steuererstattung Finanzamt", "refund"),
        ("REFUND Amazon", "refund"),
        ("Storno Buchung 4", "refund"),
        ("Cash back reward", "rebate"),
        ("STRIPE TECHNOLOGY EUROPE", "payout"),
        ("Patreon membership", "payout"),
        ("Darlehen Auszahlung 7", "loan"),
        ("Umbuchung Tagesgeld", "transfer"),
        ("Převod mezi vlastními účty", "transfer"),
        ("Transfer to savings", "transfer"),
        ("Bareinzahlung Filiale", "deposit"),
        ("VKLAD HOTOVOSTI", "deposit"),
        # only money that moved: nobody says what it is
        ("Převod z účtu 1234", "other"),
        ("SEPA-Überweisung Müller", "other"),
        ("Iserlohn Stadtwerke", "other"),
        ("", "other"),
    ],
)
def test_money_that_came_in(text: str, expected: str) -> None:
    assert class_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kontoführungsgebühr", "fee"),
        ("Poplatek za vedení účtu", "fee"),
        ("Geldautomat Berlin", "withdrawal"),
        ("Výběr z bankomatu", "withdrawal"),
        ("Kreditrate 12", "loan"),
        ("Übertrag auf Sparkonto", "transfer"),
        ("Credit card payment", "transfer"),
        ("Miete April", "expense"),
        ("Gehalt an Angestellte", "expense"),
        ("PRET A MANGER LONDON", "expense"),
        ("REWE SAGT DANKE", "expense"),
        # income taken back stays income, below zero
        ("Storno Dividende ISIN DE0007164600", "dividend"),
        ("Reversal of interest", "interest"),
        ("Storno Buchung 4", "expense"),
    ],
)
def test_money_that_went_out(text: str, expected: str) -> None:
    assert class_of(text, sign=-1) == expected


def test_the_first_rule_of_the_user_wins_over_the_source() -> None:
    classifier = Classifier([rule("rent", counterparty="meier"), rule("salary", text="*")])
    verdict = classifier.classify(phrase("x", counterparty="Familie MEIER", kind=FlowClass.EXPENSE))
    assert (verdict.flow_class, verdict.rule) == (FlowClass.RENT, "rule 1")
    assert classifier.classify(phrase("x", kind=FlowClass.EXPENSE)).rule == "rule 2"


def test_the_source_wins_over_words() -> None:
    verdict = Classifier().classify(phrase("Gehalt", kind=FlowClass.LOAN))
    assert (verdict.flow_class, verdict.rule) == (FlowClass.LOAN, "source")


def test_a_rule_may_only_name_the_stream() -> None:
    verdict = Classifier([rule(stream="day job", text="acme")]).classify(phrase("ACME Gehalt"))
    assert (verdict.flow_class, verdict.stream) == (FlowClass.SALARY, "day job")
    assert verdict.rule == "word gehalt, stream by rule 1"


@pytest.mark.parametrize(
    ("match", "applies"),
    [
        ({"connection": "bank"}, True),
        ({"connection": "ban"}, False),
        ({"connection": "b*"}, True),
        ({"account": ["other", "main"]}, True),
        ({"description": "PART"}, True),
        ({"description": "part*"}, False),
        ({"description": "*part?"}, True),
        ({"text": "[x]"}, False),
        ({"counterparty": "acme", "sign": "out"}, False),
        ({"min": 10}, True),
        ({"min": "10.01"}, False),
        ({"max": 10, "asset": "EUR"}, True),
        ({"asset": "USD"}, False),
        ({"kind": "salary"}, False),
    ],
)
def test_conditions(match: dict[str, object], applies: bool) -> None:
    classifier = Classifier([RuleSettings.model_validate({"match": match, "class": "mrr"})])
    verdict = classifier.classify(phrase("a party", counterparty="ACME", amount="10"))
    assert (verdict.flow_class is FlowClass.MRR) is applies


def test_amounts_are_asked_for_only_by_rules_on_amounts() -> None:
    assert not Classifier([rule("rent", text="x")]).asks_amounts
    assert Classifier([rule("rent", text="x"), rule("rent", max=3)]).asks_amounts


def test_no_pattern_is_slow() -> None:
    classifier = Classifier([rule("rent", text="*a*a*a*a*a*a*a*a*a*a*a*a*b")])
    before = time.perf_counter()
    classifier.classify(phrase("a" * 4000))
    assert time.perf_counter() - before < 1


def test_a_text_with_another_account_of_ones_own_is_a_transfer() -> None:
    classifier = Classifier(own_accounts=["DE02 1203 0000 0000 2020 51", "main", "12345"])
    text = "SEPA to IBAN DE02120300000000202051 thanks"
    assert classifier.classify(phrase(text, sign=-1)).rule == "own account number"
    assert classifier.classify(phrase(text, account="DE02 1203 0000 0000 2020 51")).rule == GUESS
    assert classifier.classify(phrase("12345 main")).rule == GUESS


def test_money_on_a_card_is_no_income() -> None:
    assert Classifier().classify(phrase("Thank you", account_kind=AccountKind.CARD)).flow_class is FlowClass.TRANSFER


def test_words_are_read_in_any_spelling() -> None:
    assert words_of("ŁÓDŹ Über-Weisung; naïve ﬁne") == ["lodz", "uber", "weisung", "naive", "fine"]
    listed = WordList("lohn cash+back gehalt* *zahlung")
    assert listed.find(["x", "lohn"]) == "lohn"
    assert listed.find(["cash", "back"]) == "cash back"
    assert listed.find(["back", "cash"]) is None
    assert listed.find(["gehaltsnachweis"]) == "gehaltsnachweis"
    assert listed.find(["mietzahlung"]) == "mietzahlung"
    assert listed.find(["iserlohn"]) is None


def test_lists_that_are_asked_together_find_what_each_finds_alone() -> None:
    lists = ("lohn cash+back gehalt* *zahlung", "back cash+flow zahlung gehaltsnachweis", "flow+gehalt cash")
    together, alone = WordLists(lists), {text: WordList(text) for text in lists}
    chance = random.Random(5)
    known = ["lohn", "cash", "back", "flow", "gehalt", "gehaltsnachweis", "mietzahlung", "zahlung", "17", "rest"]
    for _ in range(2000):
        words = chance.choices(known, k=chance.randrange(6))
        found = {text: word for text, one in alone.items() if (word := one.find(words)) is not None}
        assert together.find(words) == found, words


def test_digits_are_read_where_a_rule_or_an_account_has_some() -> None:
    assert Classifier([rule("rent", text="miete*", account="acc 12", min=5)]).reads_digits is Digits.NONE
    assert Classifier([rule("rent", text=["miete", "flat 4?"])]).reads_digits is Digits.ALL
    assert Classifier(own_accounts=["main", "1234567"]).reads_digits is Digits.NONE
    assert Classifier(own_accounts=["main", "12-34-56-78"]).reads_digits is Digits.LONG
