"""Plaid's own samples come out right, and every request and field fits the schema that Plaid publishes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flowd.api import AccountInfo, AccountKind, Covers, FlowClass, Rate, Removal, Side, Snapshot, Trade, Transaction
from flowd.testing.harness import TICK, Harness, MemoryTokens
from flowd.testing.replay import Asked, Replay, Reply
from flowd_plaid import CONNECTOR

DATA = Path(__file__).parents[4] / "shared" / "data" / "apis" / "plaid"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="Plaid's samples are not here: ../shared/data/apis/plaid")
NAMES = {
    "/accounts/get": "accounts_get",
    "/item/get": "item_get",
    "/transactions/sync": "transactions_sync",
    "/investments/holdings/get": "investments_holdings_get",
    "/investments/transactions/get": "investments_transactions_get",
}

TYPES: dict[object, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def sample(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text())


class Schema:
    """As much of OpenAPI as Plaid's description needs: references, required fields, types, limits, enumerations."""

    def __init__(self) -> None:
        with gzip.open(DATA / "openapi_subset.json.gz") as file:
            self.whole: dict[str, Any] = json.load(file)

    def request(self, path: str) -> dict[str, Any]:
        content = self.whole["paths"][path]["post"]["requestBody"]["content"]
        return dict(content["application/json"]["schema"])

    def response(self, path: str) -> dict[str, Any]:
        content = self.whole["paths"][path]["post"]["responses"]["200"]["content"]
        return dict(content["application/json"]["schema"])

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        merged: dict[str, Any] = {**schema, "properties": dict(schema.get("properties", {}))}
        for part in schema.get("allOf", ()):
            inner = self.resolved(part)
            merged["properties"] |= inner["properties"]
            merged["required"] = [*merged.get("required", ()), *inner.get("required", ())]
            merged.setdefault("type", inner.get("type", "object"))
        return merged

    def problems(self, value: object, schema: dict[str, Any], where: str, *, strict: bool) -> Iterator[str]:
        schema = self.resolved(schema)
        if value is None:
            if strict and not schema.get("nullable"):
                yield f"{where} is null"
            return
        kind = schema.get("type")
        fits: dict[object, Any] = {
            "object": dict,
            "array": list,
            "string": str,
            "integer": int,
            "number": (int, float),
            "boolean": bool,
        }
        if kind in fits and not isinstance(value, fits[kind]):
            yield f"{where} is no {kind}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{where} is {value!r}"
        if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{where} is {value}"
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.problems(item, schema["items"], f"{where}[{number}]", strict=strict)
        if isinstance(value, dict) and schema["properties"]:
            yield from (f"{where} lacks {name}" for name in schema.get("required", ()) if name not in value)
            for name, item in value.items():
                if name in schema["properties"]:
                    yield from self.problems(item, schema["properties"][name], f"{where}.{name}", strict=strict)
                elif strict:
                    yield f"{where} has {name}, which Plaid does not know"


@pytest.fixture(scope="module")
def schema() -> Schema:
    return Schema()


@pytest.fixture
def plaid(schema: Schema) -> Iterator[Replay]:
    """Plaid as its samples show it; a request that does not fit its schema is refused as Plaid would."""

    def answer(asked: Asked) -> Reply:
        problems = list(schema.problems(asked.json(), schema.request(asked.path), "body", strict=True))
        if problems:
            error = {
                "error_type": "INVALID_REQUEST",
                "error_code": "INVALID_FIELD",
                "error_message": "; ".join(problems),
            }
            return Reply(status=400, body=error)
        return Reply(body=sample(NAMES[asked.path]))

    with Replay() as replay:
        replay.otherwise(answer)
        yield replay


def harness(plaid: Replay, **config: object) -> Harness:
    keys = {"client_id": "id", "secret": "s3cret", "url": plaid.url, "environment": "sandbox"}
    tokens = MemoryTokens({"access_token": "access-sandbox-1", "item_id": "item"})
    return Harness(CONNECTOR, {**keys, **config}, tokens=tokens)


def test_the_samples_fit_the_schema_so_the_schema_can_tell(schema: Schema) -> None:
    for path, name in NAMES.items():
        problems = list(schema.problems(sample(name), schema.response(path), name, strict=False))
        # A sample of Plaid's may be older than its schema: what is missing there is nothing that is read here.
        assert [text for text in problems if "lacks" not in text] == []


def test_every_field_that_is_asked_of_an_answer_is_one_that_plaid_describes(schema: Schema) -> None:
    asked = {
        "/transactions/sync": {"accounts", "added", "modified", "removed", "next_cursor", "has_more"},
        "/accounts/get": {"accounts", "item"},
        "/item/get": {"item"},
        "/investments/holdings/get": {"accounts", "holdings", "securities", "item"},
        "/investments/transactions/get": {
            "accounts",
            "investment_transactions",
            "securities",
            "total_investment_transactions",
        },
    }
    for path, names in asked.items():
        assert names <= set(schema.resolved(schema.response(path))["properties"])
    parts = {
        "AccountBase": {"account_id", "balances", "mask", "name", "official_name", "type", "subtype"},
        "AccountBalance": {"available", "current", "limit", "iso_currency_code", "unofficial_currency_code"},
        "Transaction": {
            "transaction_id", "account_id", "amount", "iso_currency_code", "unofficial_currency_code", "date",
            "datetime", "authorized_date", "authorized_datetime", "name",
            "original_description", "merchant_name", "counterparties",
            "payment_meta", "pending", "pending_transaction_id", "personal_finance_category", "payment_channel",
            "check_number",
        },
        "RemovedTransaction": {"account_id", "transaction_id"},
        "PersonalFinanceCategory": {"primary", "detailed", "confidence_level"},
        "TransactionCounterparty": {"name", "confidence_level"},
        "PaymentMeta": {"payee", "payer"},
        "Holding": {
            "account_id", "security_id", "quantity", "institution_price", "institution_price_as_of",
            "institution_price_datetime", "institution_value", "iso_currency_code", "unofficial_currency_code",
        },
        "Security": {"security_id", "ticker_symbol", "type", "iso_currency_code", "unofficial_currency_code"},
        "InvestmentTransaction": {
            "investment_transaction_id", "account_id", "security_id", "date", "transaction_datetime", "name",
            "quantity", "amount", "price", "fees", "type", "subtype", "iso_currency_code", "unofficial_currency_code",
        },
        "PlaidError": {"error_type", "error_code", "error_message", "display_message"},
        "ItemWithConsentFields": {
            "institution_id", "institution_name", "consent_expiration_time", "error", "consented_products",
            "billed_products",
        },
    }  # fmt: skip
    for part, names in parts.items():
        known = set(schema.resolved(schema.whole["components"]["schemas"][part])["properties"])
        assert names <= known, f"{part} has no {names - known}"


def test_transactions_turn_their_sign_and_a_booked_one_takes_the_pending_one_back(plaid: Replay) -> None:
    ran = harness(plaid).sync("transactions")
    assert ran.error is None
    walmart, burger = ran.of(Transaction)
    assert (walmart.amount, walmart.asset, walmart.booked_at) == (Decimal("-72.1"), "USD", date(2023, 9, 24))
    assert (walmart.external_id, walmart.counterparty) == ("lPNjeW1nR6CDn5okmGQ6hEpMo4lLNoSrzqDje", "Walmart")
    assert (walmart.pending, walmart.kind, walmart.description) == (False, None, "PURCHASE WM SUPERCENTER #1700")
    assert walmart.raw == {
        "category": "GENERAL_MERCHANDISE_SUPERSTORES",
        "confidence": "VERY_HIGH",
        "authorized": "2023-09-22T10:34:50Z",
        "datetime": "2023-09-24T11:01:01Z",
        "channel": "in store",
        "was_pending": "no86Eox18VHMvaOVL7gPUM9ap3aR1LsAVZ5nc",
    }
    assert (burger.amount, burger.pending, burger.counterparty) == (Decimal("-28.34"), True, "Burger King")
    assert {one.external_id for one in ran.of(Removal)} == {
        "CmdQTNgems8BT1B7ibkoUXVPyAeehT3Tmzk0l",
        "no86Eox18VHMvaOVL7gPUM9ap3aR1LsAVZ5nc",
    }
    (account,) = ran.of(AccountInfo)
    assert (account.name, account.kind, account.asset) == ("Plaid Checking (0000)", AccountKind.BANK, "USD")
    assert ran.cursor is not None
    assert isinstance(ran.cursor.data, dict)
    assert ran.cursor.data["at"] == sample("transactions_sync")["next_cursor"]
    asked = plaid.asked[0]
    assert (asked.headers["plaid-client-id"], asked.headers["plaid-secret"]) == ("id", "s3cret")
    assert asked.json()["count"] == 500


def snapshots(records: list[Snapshot]) -> Mapping[tuple[str, str], Decimal]:
    return {(one.account, one.asset): one.quantity for one in records}


@pytest.mark.parametrize("name", ["accounts_get", "accounts_balance_get", "liabilities_get"])
def test_debts_are_negative_and_every_kind_of_account_is_known(plaid: Replay, name: str) -> None:
    whole = sample(name)
    plaid.on("POST", "/accounts/get", Reply(body=whole))
    ran = harness(plaid).sync("balances")
    assert ran.error is None
    assert snapshots(ran.of(Snapshot)) == {
        (one["account_id"], "USD"): Decimal(str(one["balances"]["current"]))
        * (-1 if one["type"] in {"credit", "loan"} else 1)
        for one in whole["accounts"]
    }
    kinds = {"depository": AccountKind.BANK, "credit": AccountKind.CARD, "loan": AccountKind.BANK}
    assert {one.account: one.kind for one in ran.of(AccountInfo)} == {
        one["account_id"]: kinds.get(one["type"], AccountKind.BANK) for one in whole["accounts"]
    }
    assert ran.batches[0].covers is Covers.ITS_ACCOUNTS
    assert {one.at for one in ran.of(Snapshot)} == {TICK}


def test_balances_leave_investments_to_the_feed_that_reads_them(plaid: Replay) -> None:
    ran = harness(plaid, products=["transactions", "investments"]).sync("balances")
    assert "6PdjjRP6LmugpBy5NgQvUqpRXMWxzktg3rwrk" not in {one.account for one in ran.of(Snapshot)}


def test_holdings_and_their_prices(plaid: Replay) -> None:
    ran = harness(plaid, products=["investments"]).sync("investments")
    assert ran.error is None
    first = ran.batches[0]
    assert first.covers is Covers.ITS_ACCOUNTS
    ira, plan = "JqMLm4rJwpF6gMPJwBqdh9ZjjPvvpDcb7kDK1", "k67E4xKvMlhmleEa4pg9hlwGGNnnEeixPolGm"
    coins = "ax0xgOBYRAIqOOjeLZr0iZBb8r6K88HZXpvmq"
    held = snapshots([one for one in first.records if isinstance(one, Snapshot)])
    (bill,) = (asset for account, asset in held if asset.startswith("PLAID:"))
    assert held == {
        (ira, "USD"): Decimal("0.01"),
        (ira, "SEC:NFLX180201C00355000"): Decimal(10000),
        (plan, "SEC:ACHN"): Decimal(1),
        (plan, "SEC:DBLTX"): Decimal(2),
        (plan, "SEC:MIPTX"): Decimal("23.567"),
        (plan, "SEC:NHX105509"): Decimal("100.05"),
        (plan, bill): Decimal(10),
        (plan, "USD"): Decimal("12345.67"),
        (coins, "DOGE"): Decimal(25000),
    }
    rates = {one.base: (one.quote, one.value, one.at) for one in ran.of(Rate)}
    day = datetime(2021, 4, 13, 12, tzinfo=UTC)
    assert rates["SEC:MIPTX"] == ("USD", Decimal(27), day)
    assert rates[bill] == ("USD", Decimal("94.808"), day)
    assert rates["DOGE"] == ("USD", Decimal("0.177494362"), datetime(2022, 6, 7, 23, 1, tzinfo=UTC))
    assert "USD" not in rates
    kinds = {one.account: one.kind for one in first.records if isinstance(one, AccountInfo)}
    assert kinds == {ira: AccountKind.BROKER, plan: AccountKind.BROKER, coins: AccountKind.WALLET_SPOT}
    # Units times price is what the institution says each is worth.
    for item in sample("investments_holdings_get")["holdings"]:
        worth = Decimal(str(item["quantity"])) * Decimal(str(item["institution_price"]))
        assert abs(worth - Decimal(str(item["institution_value"]))) < Decimal("0.01")


def test_dividends_are_income_and_buys_and_sells_are_trades(plaid: Replay) -> None:
    ran = harness(plaid, products=["investments"], since="2026-02-01").sync("investments")
    assert ran.error is None
    account = "rz99ex9ZQotvnjXdgQLEsR81e3ArPgulVWjGj"
    assert ran.of(Transaction) == [
        Transaction(
            account=account,
            external_id="oq99Pz97joHQem4BNjXECev1E4B6L6sRzwANW",
            booked_at=date(2020, 5, 29),
            amount=Decimal("8.72"),
            asset="USD",
            kind=FlowClass.DIVIDEND,
            description="INCOME DIV DIVIDEND RECEIVED",
            raw={"type": "cash", "subtype": "dividend", "security": "eW4jmnjd6AtjxXVrjmj6SX1dNEdZp3Cy8RnRQ"},
        )
    ]
    sell, buy = ran.of(Trade)
    assert sell == Trade(
        account=account,
        external_id="pK99jB9e7mtwjA435GpVuMvmWQKVbVFLWme57",
        at=datetime(2020, 5, 28, 15, 10, 9, tzinfo=UTC),
        base="SEC:MIPTX",
        quote="USD",
        side=Side.SELL,
        quantity=Decimal("47.74104242992852"),
        price=Decimal("27.53"),
        fee=Decimal("7.99"),
        fee_asset="USD",
    )
    assert (buy.side, buy.base, buy.quantity) == (Side.BUY, "SEC:DBLTX", Decimal("0.7388014749727547"))


def test_check_tells_the_institution_its_products_and_the_end_of_the_consent(plaid: Replay) -> None:
    check = harness(plaid, products=["transactions", "investments"]).check()
    until = datetime(2024, 3, 16, 15, 53, tzinfo=UTC)
    assert check.summary == "First Platypus Bank, 3 accounts"
    assert check.permissions == ["identity", "transactions"]
    assert check.expires_at == until
    assert check.covers == ["Plaid Checking (0000)", "Plaid 401k (6666)", "Plaid Student Loan (7777)"]
    assert check.warnings == ["investments is wanted and was not consented to: run `flowd link`"]
    check = harness(plaid).check()
    assert check.unread == ["Plaid 401k (6666): its total only, as investments is not among products"]
