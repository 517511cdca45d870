# ruff: noqa: E501 - a deal is shown in one line
"""Investment accounts in QIF: what each action does to money and to shares."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from flowd.api import AccountInfo, AccountKind, Balance, Event, FileRefused, Hints, Rate, Trade, Transaction
from flowd.importers.qif.importer import QifImporter
from flowd.importers.qif.values import security_code

from .ofx_files import only, read

QIF = QifImporter()
HINTS = Hints(account="depot", asset="USD")
D = Decimal
NOON = datetime(2020, 2, 14, 12, tzinfo=UTC)


def deal(action: str, *lines: str) -> str:
    return "D2/14'20\n" + f"N{action}\n" + "".join(f"{line}\n" for line in lines) + "^\n"


def effects(*deals: str) -> list[str]:
    """Say in short what `deals` do."""
    said = []
    for record in read(QIF, "!Type:Invst\n" + "".join(deals), HINTS)[0]:
        if isinstance(record, Trade):
            fee = f" fee {record.fee}" if record.fee else ""
            said.append(f"{record.side} {record.quantity} {record.base} at {record.price}{fee}")
        elif isinstance(record, Transaction):
            said.append(f"{record.amount:+} {record.asset} {record.kind}")
    return said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (deal("Buy", "YAcme", "I32.00", "Q376", "O10", "T12,042.00"), ["buy 376 ACME at 32.00 fee 10"]),
        (deal("Buy", "YAcme", "I32.00", "Q376", "O10"), ["buy 376 ACME at 32.00 fee 10"]),
        (deal("Buy", "YAcme", "Q4", "T21.00", "O1.00"), ["buy 4 ACME at 5.000000000000 fee 1.00"]),
        (deal("Buy", "YAcme", "I5", "T21.00", "O1.00"), ["buy 4.000000000000 ACME at 5 fee 1.00"]),
        (deal("Buy", "YAcme", "I26 1/2", "Q2", "T53.00"), ["buy 2 ACME at 26.5"]),
        (deal("Sell", "YAcme", "I5", "Q4", "T19.00", "O1.00"), ["sell 4 ACME at 5 fee 1.00"]),
        (deal("BuyX", "YAcme", "I5", "Q4", "T21.00", "O1.00", "L[Giro]", "$21.00"),
         ["buy 4 ACME at 5 fee 1.00", "+21.00 USD transfer"]),
        (deal("SellX", "YAcme", "I5", "Q4", "T19.00", "O1.00", "L[Giro]"), ["sell 4 ACME at 5 fee 1.00", "-19.00 USD transfer"]),
        (deal("ShtSell", "YAcme", "I5", "Q4", "T20.00"), ["sell 4 ACME at 5"]),
        (deal("CvrShrt", "YAcme", "I5", "Q4", "T20.00"), ["buy 4 ACME at 5"]),
        (deal("Buy", "YBond", "I99.5", "Q1000", "T995.00"), ["buy 1000 BOND at 0.995"]),
        (deal("Div", "YAcme", "T12.30"), ["+12.30 USD dividend"]),
        (deal("DivX", "YAcme", "T12.30", "L[Giro]"), ["+12.30 USD dividend", "-12.30 USD transfer"]),
        (deal("IntInc", "YAcme", "T1.50"), ["+1.50 USD interest"]),
        (deal("CGLong", "YAcme", "T1.50"), ["+1.50 USD dividend"]),
        (deal("CGShortX", "YAcme", "T1.50", "L[Giro]"), ["+1.50 USD dividend", "-1.50 USD transfer"]),
        (deal("MiscInc", "T1.50"), ["+1.50 USD other"]),
        (deal("RtrnCap", "YAcme", "T1.50"), ["+1.50 USD refund"]),
        (deal("MiscExp", "T1.50"), ["-1.50 USD fee"]),
        (deal("MargInt", "T-1.50"), ["-1.50 USD fee"]),
        (deal("ReinvDiv", "YAcme", "I5", "Q2", "T10.00"), ["+10.00 USD dividend", "buy 2 ACME at 5"]),
        (deal("ReinvInt", "YAcme", "I5", "Q2", "T10.00"), ["+10.00 USD interest", "buy 2 ACME at 5"]),
        (deal("ShrsIn", "YAcme", "I5", "Q2", "T10.00"), ["+2 ACME transfer"]),
        (deal("ShrsOut", "YAcme", "Q2"), ["-2 ACME transfer"]),
        (deal("XIn", "T100.00", "L[Giro]"), ["+100.00 USD transfer"]),
        (deal("XOut", "T100.00", "L[Giro]"), ["-100.00 USD transfer"]),
        (deal("ContribX", "T100.00", "L[Giro]"), ["+100.00 USD transfer"]),
        (deal("WithdrwX", "T100.00", "L[Giro]"), ["-100.00 USD transfer"]),
        (deal("Cash", "T-7.00", "LFees"), ["-7.00 USD None"]),
        (deal("Cash", "T-7.00", "L[Giro]"), ["-7.00 USD transfer"]),
    ],
)  # fmt: skip
def test_actions(text: str, expected: list[str]) -> None:
    assert effects(text) == expected


def test_a_trade_is_named_by_what_it_is() -> None:
    text = "!Type:Invst\n" + deal("Buy", "YAcme", "I5", "Q4") * 2 + deal("Buy", "YAcme", "I5", "Q5")
    one, two = (only(Trade, read(QIF, text, HINTS)[0]) for _ in range(2))
    assert one == two
    assert len({trade.external_id for trade in one}) == 3
    assert one[0].at == NOON


def test_a_split() -> None:
    records, _ = read(QIF, "!Type:Invst\n" + deal("StkSplit", "YAcme", "Q15"), HINTS)
    (event,) = only(Event, records)
    # Fifteen shares for ten.
    assert event.data == {"account": "depot", "asset": "ACME", "numerator": "3", "denominator": "2"}
    assert (event.type, event.at) == ("split", NOON)


def test_symbols_and_prices() -> None:
    text = (
        "!Type:Security\nNAcme Incorporated\nSacm\nTStock\n^\n!Type:Invst\n" + deal("Buy", "YAcme Incorporated", "I5", "Q4")
        + '!Type:Prices\n"ACM",5.25," 2/14\'20"\n^\n"ACM",5 1/2,"2/15/20"\n^\n"ACM",,"2/16/20"\n^\n'
    )  # fmt: skip
    records, _ = read(QIF, text, HINTS)
    assert [trade.base for trade in only(Trade, records)] == ["ACM"]
    assert [(rate.base, rate.quote, rate.value, rate.at.date()) for rate in only(Rate, records)] == [
        ("ACM", "USD", D("5.25"), date(2020, 2, 14)),
        ("ACM", "USD", D("5.5"), date(2020, 2, 15)),
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Microsoft", "MICROSOFT"),
        ("O-Sicav Plus", "O-SICAV.PLUS"),
        ("Usinor/Sacilor", "USINOR/SACILOR"),
        ("$AAPL", "AAPL"),
        ("Société Générale", "SOCIETE.GENERALE"),
        ("A fund with a name that is much longer than forty signs", "A.FUND.WITH.A.NAME.THAT.IS.MUC-7CD5E8EB"),
        ("USD", "USD-F9B0A9F6"),
        ("株式", "SECURITY-2D1C0B3A"),
    ],
)
def test_names_of_securities(name: str, code: str) -> None:
    made = security_code(name, {}, "USD")
    assert len(made) <= 40
    assert made.rpartition("-")[0] == code.rpartition("-")[0] if code[-9:-8] == "-" else made == code


def test_an_investment_account_begins_with_cash() -> None:
    text = "!Account\nNBroker\nTInvst\n^\n!Type:Invst\n" + deal("XIn", "POpening Balance", "T500.00", "L[Broker]")
    records, _ = read(QIF, text + deal("Div", "YAcme", "T1.00"), Hints(asset="USD"))
    assert only(Balance, records) == [Balance(account="Broker", asset="USD", day=date(2020, 2, 13), amount=D("500.00"))]
    assert only(AccountInfo, records)[0].kind is AccountKind.BROKER


def test_what_is_not_known_or_incomplete_is_said() -> None:
    text = "!Type:Invst\n" + deal("Vest", "YAcme", "Q4") + deal("Div", "YAcme") + deal("Buy", "YAcme", "I5")
    _, notes = read(QIF, text, HINTS)
    assert notes == [
        "line 2: the action 'Vest' was left out: flowd does not know it",
        "line 7: 'Div' without an amount was left out",
        "line 11: 'Buy' without a number of shares was left out",
    ]


def test_a_total_that_does_not_fit_is_said() -> None:
    _, notes = read(QIF, "!Type:Invst\n" + deal("Buy", "YAcme", "I5", "Q4", "T999.00"), HINTS)
    assert notes == ["line 2: units, price and costs do not make up the total of 999.00; the price is kept"]


def test_a_trade_of_nothing_named_is_refused() -> None:
    with pytest.raises(FileRefused, match="line 2: 'Buy' without its security"):
        read(QIF, "!Type:Invst\n" + deal("Buy", "I5", "Q4"), HINTS)


def test_a_dividend_names_its_share_as_its_trades_do() -> None:
    text = "!Type:Invst\n" + deal("Buy", "YSociété X", "I5", "Q4", "T20.00") + deal("Div", "YSociété X", "T12.30")
    records = read(QIF, text, HINTS)[0]
    (bought,) = [record for record in records if isinstance(record, Trade)]
    (paid,) = [record for record in records if isinstance(record, Transaction)]
    assert (paid.raw or {})["asset"] == bought.base
