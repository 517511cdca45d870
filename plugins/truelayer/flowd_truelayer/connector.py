"""Links a bank through TrueLayer, and reads the balances and transactions of its accounts and cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from flowd.api import (
    AuthError,
    Batch,
    BudgetSpent,
    Check,
    Context,
    Covers,
    Cursor,
    Json,
    Linked,
    LinkStep,
    OverTime,
    PartlyRead,
    Record,
    RetryLater,
)
from flowd.reading import moment, part, text
from flowd.unattended import mark, next_read
from flowd_truelayer import records
from flowd_truelayer.records import Account
from flowd_truelayer.settings import TrueLayerConfig
from flowd_truelayer.source import NotOffered, Source, TooFarBack, application

T = TypeVar("T")

#: Banks book late and correct what they booked: so many days are read again.
_AGAIN: Final = timedelta(days=10)
_FIRST: Final = timedelta(days=365)
#: What a bank has to tell without its customer.
_UNATTENDED: Final = timedelta(days=89)
#: Less is not begun with: an answer has to come, and to be stored.
_ENOUGH: Final = timedelta(seconds=5)


class TrueLayer:
    """The connector."""

    def __init__(self, config: TrueLayerConfig) -> None:
        self._config = config

    def check(self, ctx: Context) -> Check:
        """Ask what was agreed to and until when, and for the accounts."""
        source = Source(self._config, ctx)
        me = self._me(source)
        accounts = self._accounts(source)
        bank = text(part(me, "provider"), "display_name") or "a bank"
        return Check(
            summary=f"{len(accounts)} account{'' if len(accounts) == 1 else 's'} of {bank} through TrueLayer",
            permissions=[f"read {scope}" for scope in _scopes(me) if scope not in ("offline_access", "info")],
            expires_at=_expiry(me),
            covers=[one.info.name for one in accounts],
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield balances in one batch, or transactions in one batch for each account."""
        state = _State(cursor, self._config, str(ctx.tokens.read().get("linked_at")), ctx.tick)
        try:
            yield from self._read(feed, state, ctx)
        except (AuthError, PartlyRead, RetryLater):
            # A bank that did not answer was asked all the same.
            yield Batch(cursor=state.cursor())
            raise

    def _read(self, feed: str, state: _State, ctx: Context) -> Iterator[Batch]:
        source = Source(self._config, ctx)
        expires = _expiry(self._me(source))
        if expires is not None:
            ctx.expires(expires)
        accounts = self._accounts(source)
        unread = _Unread(ctx)
        if feed == "balances":
            yield from self._balances(source, accounts, unread, state, ctx)
        else:
            yield from self._transactions(source, accounts, unread, state, ctx)
        unread.tell(len(accounts))

    # --- Linking -----------------------------------------------------------------------------------------------------

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:  # noqa: ARG002 - the interface's
        """Return the address of TrueLayer's page, on which the person picks a bank and logs in there."""
        return application(self._config).begin(redirect, state)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:
        """Turn what TrueLayer's page sent back into tokens."""
        linked = application(self._config).finish(answer, step, ctx, summary="linked through TrueLayer")
        if "refresh_token" not in linked.tokens:
            linked = replace(linked, summary=f"{linked.summary}, for an hour: no offline_access")
        # The consent's end is told by each run; when it began stands for it in the cursors.
        return replace(linked, tokens={**linked.tokens, "linked_at": ctx.tick.isoformat()})

    # --- Reading -----------------------------------------------------------------------------------------------------

    @staticmethod
    def _me(source: Source) -> Mapping[str, object]:
        found = source.get("/data/v1/me")
        return found[0] if found else {}

    def _accounts(self, source: Source) -> list[Account]:
        """Return the accounts and cards, each once; a bank that has only one of the two offers only that."""
        found: dict[str, Account] = {}
        missing: list[NotOffered] = []
        try:
            for one in source.get("/data/v1/accounts"):
                made = records.account(one)
                found[made.id] = made
        except NotOffered as error:
            missing.append(error)
        if self._config.cards:
            try:
                for one in source.get("/data/v1/cards"):
                    made = records.card(one, self._config.card_amounts)
                    found[made.id] = made
            except NotOffered as error:
                missing.append(error)
        if not found and missing:
            raise missing[0]
        return list(found.values())

    def _balances(
        self, source: Source, accounts: Sequence[Account], unread: _Unread, state: _State, ctx: Context
    ) -> Iterator[Batch]:
        found: list[Record] = []
        for number, one in enumerate(accounts):
            if number and ctx.time_left() < _ENOUGH:
                unread.add(one, OverTime("no time was left"))
                continue
            balances = unread.attempt(one, partial(source.get, f"{one.path}/balance"))
            if balances:
                found += [one.info, one.snapshot(balances[0], ctx.tick)]
            elif balances is not None:
                unread.add(one, RetryLater("the bank sent no balance"))
        if found or not accounts:
            yield Batch(
                records=found,
                cursor=state.cursor(),
                covers=Covers.ITS_ACCOUNTS if unread.anything else Covers.CONNECTION,
            )

    def _transactions(
        self, source: Source, accounts: Sequence[Account], unread: _Unread, state: _State, ctx: Context
    ) -> Iterator[Batch]:
        # Those that were read longest ago come first, so that short runs get round to all of them.
        for number, one in enumerate(sorted(accounts, key=lambda one: state.since(one.id))):
            if number and ctx.time_left() < _ENOUGH:
                return
            rows = unread.attempt(one, partial(self._rows, source, one, state.since(one.id), ctx))
            if rows is None:
                continue
            made = [one.transaction(row) for row in rows]
            state.read(one.id)
            yield Batch(records=[one.info, *made], cursor=state.cursor())

    @staticmethod
    def _rows(source: Source, one: Account, since: date, ctx: Context) -> Sequence[Mapping[str, object]]:
        """Ask for the days from `since` on; for fewer where the bank does not tell what is so long ago."""
        until = ctx.tick.strftime("%Y-%m-%dT%H:%M:%SZ")
        path = f"{one.path}/transactions"
        try:
            return source.get(path, {"from": f"{since}T00:00:00Z", "to": until})
        except TooFarBack as error:
            nearer = ctx.tick.date() - _UNATTENDED
            if since >= nearer:
                raise
            ctx.log.warning("%s: read from %s instead of %s", error, nearer, since)
            return source.get(path, {"from": f"{nearer}T00:00:00Z", "to": until})


class _State:
    """What a feed's cursor keeps: how often the bank was asked, and from which day on each account is read."""

    def __init__(self, cursor: Cursor | None, config: TrueLayerConfig, consent: str, tick: datetime) -> None:
        data = cursor.data if cursor is not None and isinstance(cursor.data, dict) else {}
        self._tick = tick
        self._from = None if config.since is None else config.since.isoformat()
        self._first = config.since or tick.date() - _FIRST
        # Each consent may be used so often, and a new one is used at once: its history is open for minutes only.
        self._consent = mark(consent)
        before = data.get("reads") if data.get("consent") == self._consent else ()
        self._reads = next_read(before, tick, config.reads_per_day)
        known = data.get("since")
        # Asked to begin on another day: every account from there on.
        same = data.get("from") == self._from and isinstance(known, dict)
        self._since: dict[str, str] = {str(name): str(day) for name, day in known.items()} if same else {}  # type: ignore[union-attr]

    def since(self, account: str) -> date:
        """Return the first day to be read of an account."""
        known = self._since.get(account)
        return self._first if known is None else date.fromisoformat(known)

    def read(self, account: str) -> None:
        """Note that an account was read up to this run."""
        self._since[account] = max(self._tick.date() - _AGAIN, self._first).isoformat()

    def cursor(self) -> Cursor:
        """Return it as it is to be kept."""
        since: dict[str, Json] = dict(self._since)
        return Cursor(data={"from": self._from, "consent": self._consent, "reads": self._reads, "since": since})


class _Unread:
    """The accounts that could not be read, while others could."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.errors: list[tuple[Account, RetryLater]] = []
        #: What banks do not offer is no failure: it will not be there next time either.
        self.missing: list[NotOffered] = []

    @property
    def anything(self) -> bool:
        """Whether something of what there is was not read."""
        return bool(self.errors or self.missing)

    def attempt(self, account: Account, read: Callable[[], T]) -> T | None:
        """Return what `read` returns; None where the bank did not answer for this account."""
        try:
            return read()
        except (OverTime, BudgetSpent):
            raise
        except NotOffered as error:
            self._ctx.log.info("%s: %s", account.info.name, error)
            self.missing.append(error)
        except RetryLater as error:
            self.add(account, error)
        return None

    def add(self, account: Account, error: RetryLater) -> None:
        """Note an account and why."""
        self.errors.append((account, error))

    def tell(self, accounts: int) -> None:
        """Raise the first error where nothing could be read, PartlyRead where something could."""
        if not self.errors:
            if self.missing and len(self.missing) == accounts:
                raise self.missing[0]
            return
        if len(self.errors) + len(self.missing) < accounts:
            raise PartlyRead("; ".join(f"{account.info.name}: {error}" for account, error in self.errors))
        first = self.errors[0][1]
        if isinstance(first, TooFarBack):
            raise AuthError(f"{first}: the bank wants its customer, run `flowd link {self._ctx.connection}`") from None
        raise first


def _scopes(me: Mapping[str, object]) -> Sequence[str]:
    found = me.get("scopes")
    return [str(one) for one in found] if isinstance(found, list) else ()


def _expiry(me: Mapping[str, object]) -> datetime | None:
    return moment(text(me, "consent_expires_at")) or moment(text(me, "consent_expiry_time"))
