"""The field :86:, in the structures banks give it."""

from __future__ import annotations

import pytest

from flowd.importers.swift.details import parse_86, parse_ns


def test_german_subfields() -> None:
    found = parse_86(
        [
            "166?00GUTSCHR. UEBERWEISUNG?109310?20EREF+2024-01-15-ABCDEFGHIJ?21K-77?22MREF+M 12"
            "?23CRED+DE98ZZZ09999999999?24SVWZ+Rechnung 4711 vom 3. M?25ai, danke?30GENODEF1XXX"
            "?31DE89370400440532013000?32Maximiliane Mustermann-Must?33erfrau?34997"
        ]
    )
    assert (found.code, found.counterparty) == ("166", "Maximiliane Mustermann-Musterfrau")
    assert found.description == "Rechnung 4711 vom 3. Mai, danke"
    assert found.raw == {
        "posting_text": "GUTSCHR. UEBERWEISUNG",
        "counterparty_bank": "GENODEF1XXX",
        "counterparty_iban": "DE89370400440532013000",
        "text_key": "997",
        "end_to_end": "2024-01-15-ABCDEFGHIJK-77",
        "mandate": "M 12",
        "creditor": "DE98ZZZ09999999999",
    }


def test_german_subfields_over_lines_that_end_anywhere() -> None:
    found = parse_86(
        ["051?00UEBERWEISUNG?20Gehalt Okto", "ber", "?21Nr. 7?3050060400?31084", "756?32MUEL", "LER?33GMBH"]
    )
    assert (found.description, found.counterparty) == ("Gehalt Oktober Nr. 7", "MUELLER GMBH")
    assert found.raw["counterparty_account"] == "084756"


def test_the_sign_of_subfields_may_be_another_and_may_stand_in_the_text() -> None:
    assert parse_86(["020<20Hello<21World<32Bob"]).description == "Hello World"
    assert parse_86(["~20Hello~21World~32Bob"]).counterparty == "Bob"
    assert parse_86(["166?20Who? Me?32Bob"]).description == "Who? Me"
    assert parse_86(["+4930123456 called"]).description == "+4930123456 called"
    assert parse_86(["#12 parcel"]).description == "#12 parcel"


def test_who_pays_for_somebody_else() -> None:
    found = parse_86(["177?20SVWZ+Miete?21ABWA+Erika Muster?32Haus GmbH"])
    assert (found.counterparty, found.raw["on_behalf_of"]) == ("Haus GmbH", "Erika Muster")
    found = parse_86(["177?20SVWZ+Miete?21ABWE+Erika Muster"])
    assert found.counterparty == "Erika Muster"


def test_references_that_only_say_there_is_none_are_left_out() -> None:
    assert parse_86(["177?20EREF+NOTPROVIDED?21SVWZ+Miete"]).raw == {}


@pytest.mark.parametrize(
    ("lines", "who", "what", "account"),
    [
        (
            [
                "/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/J. D",
                "E V/REMI/Huur mei/EREF/NOTPROVIDED",
            ],
            "J. DE V",
            "Huur mei",
            "NL91ABNA0417164300",
        ),
        (
            ["/EREF/E1//CNTP/NL91ABNA0417164300/ABNANL2A/J de Vries///REMI/USTD//Factuur 12/"],
            "J de Vries",
            "Factuur 12",
            "NL91ABNA0417164300",
        ),
        (["/ORDP//NAME/Acme BV/REMI/Loon/ISDT/2024-01-15"], "Acme BV", "Loon", None),
        (["/BENM//NAME/Acme BV/REMI/Loon/ULTD//NAME/Other BV"], "Acme BV", "Loon", None),
        (
            ["NL91ABNA0417164300 j de vries" + " " * 36, " " * 65, "Factuur 12" + " " * 55],
            "j de vries",
            "Factuur 12",
            "NL91ABNA0417164300",
        ),
    ],
)
def test_dutch_structures(lines: list[str], who: str, what: str, account: str | None) -> None:
    found = parse_86(lines)
    assert (found.counterparty, found.description) == (who, what)
    assert found.raw.get("counterparty_iban") == account


def test_plain_text_is_joined_where_a_line_was_full_and_spaced_where_it_was_not() -> None:
    full = "GIRO AUS ONLINE-SIC 80701 AUFTRAGGEBER: JANE DOE, EXAMPLESTREET-X"
    assert len(full) == 65
    assert parse_86([full, "YZ 12, THANKS"]).description == full + "YZ 12, THANKS"
    assert parse_86(["DIRECT DEBIT", "WATER BOARD"]).description == "DIRECT DEBIT WATER BOARD"
    assert parse_86(["/path/to nowhere"]).description == "/path/to nowhere"
    assert parse_86([""]).description == ""


def test_sepa_words_in_plain_text() -> None:
    found = parse_86(["EREF+E 17 SVWZ+Rent for May"])
    assert (found.description, found.raw) == ("Rent for May", {"end_to_end": "E 17"})


def test_the_structure_of_field_ns() -> None:
    found = parse_ns(["01Rent", "02for May", "15Haus GmbH", "17Transfer", "1812345"])
    assert (found.description, found.counterparty, found.raw) == (
        "Rent for May",
        "Haus GmbH",
        {"posting_text": "Transfer"},
    )
