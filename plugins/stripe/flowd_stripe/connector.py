"""The connector: which feed asks what, and what a key may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flowd.api import Batch, Check, Context, Cursor, PartlyRead, RetryLater
from flowd_stripe import balances, transactions
from flowd_stripe.api import Api, NotAllowed, Refused
from flowd_stripe.config import StripeConfig
from flowd_stripe.subscriptions import Subscriptions
from flowd_stripe.walking import Place, walk

#: What is written out beside each row, the most first: less where the key or Stripe does not allow it.
_EXPANSIONS: Final = (
    ("data.source", "data.source.charge", "data.source.invoice", "data.source.charge.invoice"),
    ("data.source", "data.source.charge"),
    ("data.source",),
    (),
)
#: What a run reads, and how the permission is called where keys are made.
_READS: Final = {
    "balance": "Balance",
    "balance_transactions": "Balance transaction sources (and Charges, Invoices, Payouts for names)",
    "subscriptions": "Subscriptions",
    "events": "Events",
    "prices": "Prices",
}
_YEAR: Final = timedelta(days=365)


class Stripe:
    """One Stripe account."""

    def __init__(self, config: StripeConfig) -> None:
        self.config = config

    def check(self, ctx: Context) -> Check:
        """Ask for the balance; of a restricted key nobody says what it may do, so each list is asked for one row."""
        api = Api(self.config, ctx)
        key = self.config.key.get_secret_value()
        live: bool | None = None
        covers, unread, warnings = [], [], []
        for path, name in _READS.items():
            try:
                answer = api.get(path, None if path == "balance" else {"limit": "1"})
                live = answer.flag("livemode") if path == "balance" else live
                covers.append(path.replace("_", " "))
            except NotAllowed as error:
                unread.append(f"{path.replace('_', ' ')}: allow {name} ({error})")
            except Refused as error:
                raise RetryLater(str(error)) from None
            if path == "balance" and not key.startswith("rk_"):
                # a full key may read everything: one call is enough
                covers = [name.replace("_", " ") for name in _READS]
                break
        permissions = [f"read {name}" for name in covers]
        if key.startswith("sk_"):
            permissions = ["read everything", "write everything, transfer money and pay out"]
            warnings.append("this key can write: make a restricted one that may only read (see the README)")
        if live is False or "_test_" in key:
            warnings.append("this is a test key: nothing it reads is real money")
        whose = f" of {self.config.account}" if self.config.account else ""
        return Check(
            summary=f"Stripe balance{whose} can be read" if "balance" in covers else f"Stripe{whose} answers",
            permissions=permissions,
            warnings=warnings,
            covers=covers,
            unread=unread,
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield what is new; PartlyRead names what a restricted key may not read."""
        api = Api(self.config, ctx)
        try:
            if feed == "balances":
                yield balances.batch(api, ctx)
            elif feed == "subscriptions":
                yield from Subscriptions(api, ctx).batches(cursor)
            else:
                yield from self._transactions(api, cursor, ctx)
        except NotAllowed as error:
            raise PartlyRead(str(error)) from None
        except Refused as error:
            raise RetryLater(str(error)) from None

    def _transactions(self, api: Api, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        place = Place.of(None if cursor is None else cursor.data, since=self._since(cursor, ctx))
        lacking: Exception | None = None
        for number, names in enumerate(_EXPANSIONS):
            params = {f"expand[{position}]": name for position, name in enumerate(names)}
            try:
                for page, there in walk(api, "balance_transactions", params, place, ctx):
                    place = there
                    yield Batch(records=transactions.records(list(page.rows), ctx), cursor=Cursor(data=there.data))
                break
            except (NotAllowed, Refused) as error:
                expands = isinstance(error, NotAllowed) or error.param.startswith("expand") or "expand" in str(error)
                if number == len(_EXPANSIONS) - 1 or not expands:
                    raise
                lacking = error
        if isinstance(lacking, NotAllowed):
            raise PartlyRead(f"names and invoices of payments: {lacking}")

    def _since(self, cursor: Cursor | None, ctx: Context) -> datetime:
        """Return from when on to read: as configured, else a year before the first run, whatever the day is now."""
        if self.config.since is not None:
            day = self.config.since
            return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
        data: Mapping[str, Any] = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
        first = data.get("first")
        return datetime.fromtimestamp(first, UTC) if isinstance(first, int) else ctx.tick - _YEAR
