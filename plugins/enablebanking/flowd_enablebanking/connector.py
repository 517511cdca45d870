"""Links a bank through Enable Banking, and reads the balances and transactions of its accounts."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from flowd.api import (
    AuthError,
    Batch,
    BudgetSpent,
    Check,
    ConfigError,
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
    Transaction,
)
from flowd.reading import items, moment, needed, part, text
from flowd_enablebanking import records
from flowd_enablebanking.records import Account
from flowd_enablebanking.settings import EnableBankingConfig
from flowd_enablebanking.source import AskedTooOften, PeriodRefused, PlaceForgotten, Source
from flowd_enablebanking.state import State

#: What a bank has to tell without its customer.
_UNATTENDED: Final = timedelta(days=89)
#: Less is not begun with: a page has to come, and to be stored.
_ENOUGH: Final = timedelta(seconds=5)
#: A page may be empty and not the last one, but not many in a row.
_MOST_EMPTY: Final = 5


def _now() -> datetime:
    return datetime.now(UTC)


class EnableBanking:
    """The connector; `now` is the clock by which requests are signed."""

    def __init__(self, config: EnableBankingConfig, now: Callable[[], datetime] = _now) -> None:
        self._config = config
        self._now = now

    def check(self, ctx: Context) -> Check:
        """Ask how the session stands."""
        session = _Session.read(ctx)
        where = "/sessions/{session}"
        found = self._source(ctx).get(f"/sessions/{session.id}", shown=where)
        status = needed(found, "status", where)
        if status != "AUTHORIZED":
            raise AuthError(f"the session is {status}: run `flowd link {ctx.connection}`")
        bank = text(part(found, "aspsp"), "name") or self._config.bank
        count = len(session.accounts)
        return Check(
            summary=f"{count} account{'' if count == 1 else 's'} of {bank} through Enable Banking",
            permissions=("read accounts", "read balances", "read transactions"),
            expires_at=moment(part(found, "access").get("valid_until")) or session.valid_until,
            covers=[one.name for one in session.accounts if one.uid],
            unread=[f"{one.name}: the bank does not let it be read" for one in session.accounts if not one.uid],
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield balances, or transactions page by page and account by account."""
        session = _Session.read(ctx)
        if session.valid_until is not None:
            ctx.expires(session.valid_until)
            if session.valid_until <= ctx.tick:
                raise AuthError(f"the bank's consent ended on {session.valid_until:%Y-%m-%d}: {session.again}")
        state = State(cursor, self._config, session.id, ctx.tick)
        unread: list[tuple[Account, RetryLater]] = []
        readable = [one for one in session.accounts if one.uid]
        try:
            source = self._source(ctx)
            if feed == "balances":
                yield from self._balances(source, readable, unread, state, ctx)
            else:
                yield from self._transactions(source, readable, unread, state, ctx)
            _tell(unread, len(readable))
        except (AuthError, PartlyRead, RetryLater):
            # A bank that did not answer was asked all the same.
            yield Batch(cursor=state.cursor())
            raise

    # --- Linking -----------------------------------------------------------------------------------------------------

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        """Return the address of the bank's login."""
        source = self._source(ctx)
        bank = self._bank(source)
        days = timedelta(days=self._config.consent_days)
        most = bank.get("maximum_consent_validity")
        if isinstance(most, int) and most > 0:
            # What is asked for must not go beyond it by a second.
            days = min(days, timedelta(seconds=min(most, 10**9)) - timedelta(minutes=1))
        wanted = {
            "access": {"valid_until": (self._now() + days).isoformat(), "balances": True, "transactions": True},
            "aspsp": {"name": needed(bank, "name", "/aspsps"), "country": self._config.country},
            "psu_type": self._config.customer.value,
            "redirect_url": redirect,
            "state": state,
        }
        return LinkStep(url=needed_url(source.post("/auth", wanted)))

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:  # noqa: ARG002
        """Turn what the bank sent back into a session."""
        code = answer.get("code")
        if not code:
            reason = answer.get("error", "no code")
            raise AuthError(f"the bank's page ended with {reason[:80]}: run `flowd link {ctx.connection}` again")
        where = "/sessions"
        data = self._source(ctx).post(where, {"code": code})
        accounts = [records.account(one) for one in items(data, "accounts", where)]
        until = moment(part(data, "access").get("valid_until"))
        tokens: dict[str, Json] = {
            "session_id": needed(data, "session_id", where),
            "valid_until": None if until is None else until.isoformat(),
            "accounts": [one.stored() for one in accounts],
        }
        count = len(accounts)
        return Linked(
            tokens=tokens,
            expires_at=until,
            summary=f"{count} account{'' if count == 1 else 's'} of {self._config.bank}",
        )

    def _bank(self, source: Source) -> Mapping[str, object]:
        where = "/aspsps"
        params = {"country": self._config.country, "psu_type": self._config.customer.value}
        banks = {text(one, "name"): one for one in items(source.get(where, params), "aspsps", where)}
        wanted = self._config.bank.casefold()
        for name, one in banks.items():
            if name.casefold() == wanted:
                return one
        near = difflib.get_close_matches(self._config.bank, list(banks), n=5, cutoff=0.3)
        near += [name for name in banks if wanted in name.casefold() and name not in near][:5]
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise ConfigError(f"Enable Banking knows no bank {self._config.bank!r} in {self._config.country}{hint}")

    def _source(self, ctx: Context) -> Source:
        return Source(self._config, ctx, self._now)

    # --- Reading -----------------------------------------------------------------------------------------------------

    def _balances(
        self,
        source: Source,
        accounts: Sequence[Account],
        unread: list[tuple[Account, RetryLater]],
        state: State,
        ctx: Context,
    ) -> Iterator[Batch]:
        where = "/accounts/{uid}/balances"
        found: dict[str, list[Record]] = {}
        for number, one in enumerate(accounts):
            if number and ctx.time_left() < _ENOUGH:
                unread.append((one, OverTime("no time was left")))
                continue
            try:
                data = source.get(f"/accounts/{one.uid}/balances", shown=where)
                readings = records.snapshots(one, items(data, "balances", where), ctx.tick)
                if not readings:
                    raise RetryLater("the bank sent no balance")
            except RetryLater as error:
                if _ours(error):
                    raise
                unread.append((one, error))
                continue
            found.setdefault(one.id, []).extend([one.info(shared=_shared(one, accounts)), *readings])
        missing = {one.id for one, _ in unread}
        whole = [record for id_, listed in found.items() if id_ not in missing for record in listed]
        # One currency of an account that has several is not the whole of it.
        partly = [record for id_, listed in found.items() if id_ in missing for record in listed]
        if whole or not partly:
            # Never for the whole connection: what a person left out of a consent is not gone.
            yield Batch(records=whole, cursor=state.cursor(), covers=Covers.ITS_ACCOUNTS)
        if partly:
            yield Batch(records=partly, cursor=state.cursor())

    def _transactions(
        self,
        source: Source,
        accounts: Sequence[Account],
        unread: list[tuple[Account, RetryLater]],
        state: State,
        ctx: Context,
    ) -> Iterator[Batch]:
        for number, one in enumerate(sorted(accounts, key=state.order)):
            if number and ctx.time_left() < _ENOUGH:
                return
            info = one.info(shared=_shared(one, accounts))
            try:
                yield from self._pages(source, one, state, [info], ctx)
            except RetryLater as error:
                if _ours(error):
                    raise
                unread.append((one, error))

    def _pages(self, source: Source, one: Account, state: State, first: list[Record], ctx: Context) -> Iterator[Batch]:
        """Yield an account's transactions page by page.

        Rows without a name are told apart by how many equal ones came before in their batch, so they all wait for one
        batch at the end; until then the place does not move on past the page on which the first of them stood.
        """
        key, since = state.key(one), state.since(one)
        held: list[Transaction] = []
        seen, last, empty = {key}, None, 0
        while True:
            try:
                data = self._page(source, one, since.isoformat(), key, new=state.is_new(one))
            except PlaceForgotten:
                if key is None or key != state.key(one):
                    raise
                # A list that was broken off begins anew.
                key = None
                continue
            except PeriodRefused as error:
                nearer = ctx.tick.date() - _UNATTENDED
                if since >= nearer:
                    raise
                ctx.log.warning("%s: read from %s instead of %s", error, nearer, since)
                since = nearer
                continue
            rows = items(data, "transactions", "/accounts/{uid}/transactions")
            made = [found for row in rows if (found := records.transaction(one, row)) is not None]
            named = [found for found in made if found.external_id is not None]
            held += [found for found in made if found.external_id is None]
            key = text(data, "continuation_key") or None
            if key is None:
                state.read(one)
                yield Batch(records=[*first, *named, *held], cursor=state.cursor())
                return
            empty = 0 if rows else empty + 1
            if key in seen or (rows and rows == last) or empty > _MOST_EMPTY:
                raise RetryLater("/accounts/{uid}/transactions goes round in circles: a page is like the one before it")
            seen.add(key)
            last = rows
            if not held:
                state.broken_off(one, key)
            yield Batch(records=[*first, *named], cursor=state.cursor())
            first = []
            if ctx.time_left() < _ENOUGH:
                return

    @staticmethod
    def _page(source: Source, one: Account, since: str, key: str | None, *, new: bool) -> Mapping[str, object]:
        params = {"date_from": since}
        if new:
            # As far back as the bank goes, on the first read only: it may cost the bank's answers of the day.
            params["strategy"] = "longest"
        if key is not None:
            params["continuation_key"] = key
        return source.get(f"/accounts/{one.uid}/transactions", params, shown="/accounts/{uid}/transactions")


class _Session:
    """What linking obtained."""

    def __init__(self, tokens: Mapping[str, Json], connection: str) -> None:
        self.again = f"run `flowd link {connection}`"
        listed = tokens.get("accounts")
        found = [records.stored_account(one) for one in listed] if isinstance(listed, Sequence) else []
        self.id = str(tokens.get("session_id") or "")
        self.accounts = [one for one in found if one is not None]
        self.valid_until = moment(tokens.get("valid_until"))
        if not self.id:
            raise AuthError(f"no session is stored: {self.again}")

    @classmethod
    def read(cls, ctx: Context) -> _Session:
        """Return the stored session; AuthError where there is none."""
        return cls(ctx.tokens.read(), ctx.connection)


def needed_url(data: Mapping[str, object]) -> str:
    """Return the address to log in at, which may be long; RetryLater where there is none."""
    found = text(data, "url")
    if not found.startswith(("https://", "http://")):
        raise RetryLater("/auth is not as documented: 'url' is no address")
    return found


def _shared(one: Account, accounts: Sequence[Account]) -> bool:
    return sum(other.id == one.id for other in accounts) > 1


def _ours(error: RetryLater) -> bool:
    """Say whether it is flowd's own time or budget that is spent, not a bank that fails for one account."""
    return isinstance(error, OverTime | BudgetSpent) and not isinstance(error, AskedTooOften)


def _tell(unread: Sequence[tuple[Account, RetryLater]], accounts: int) -> None:
    """Raise the first error where nothing could be read, PartlyRead where something could."""
    if not unread:
        return
    if len(unread) < accounts:
        raise PartlyRead("; ".join(f"{account.name}: {error}" for account, error in unread))
    raise unread[0][1]
