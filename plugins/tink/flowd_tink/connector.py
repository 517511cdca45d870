"""Links a person's banks through Tink, and reads their balances and transactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from flowd.api import (
    AuthError,
    Batch,
    Check,
    Context,
    Covers,
    Cursor,
    Json,
    Linked,
    LinkStep,
    PartlyRead,
    Record,
    Removal,
    RetryLater,
    Transaction,
)
from flowd.reading import items, mapping, text
from flowd_tink import records
from flowd_tink.consents import Consents
from flowd_tink.settings import Access, TinkConfig
from flowd_tink.source import SCOPE, Source

#: Tink's largest page.
_PAGE: Final = "100"
#: A page may be empty and not the last one, but not many in a row.
_MOST_EMPTY: Final = 5
#: Banks book late and correct what they booked: so many days are read again.
_AGAIN: Final = timedelta(days=10)
_FIRST: Final = timedelta(days=365)
#: A reservation that was not booked by then never will be.
_OPEN_FOR: Final = timedelta(days=40)
_MOST_OPEN: Final = 60
#: Less is not begun with: a page has to come, and to be stored.
_ENOUGH: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where reading has got to: every day before `since` is known; `page` is where a read was broken off.

    `open` are the days of what was only reserved when it was read, by account and name.
    """

    since: date
    page: str | None = None
    until: date | None = None
    open: Mapping[tuple[str, str], date] = field(default_factory=dict)


class Tink:
    """The connector."""

    def __init__(self, config: TinkConfig) -> None:
        self._config = config

    def check(self, ctx: Context) -> Check:
        """Ask for the accounts, and until when their banks agree to be asked."""
        source = Source(self._config, ctx)
        accounts = self._accounts(source)
        consents = Consents.read(source, ctx)
        names = {records.account_id(one): records.account_info(one).name for one in accounts}
        return Check(
            summary=f"{len(accounts)} account{'' if len(accounts) == 1 else 's'} through Tink",
            permissions=("read accounts", "read balances", "read transactions"),
            expires_at=consents.expires_at,
            covers=[name for account, name in names.items() if account not in consents.broken],
            unread=[
                f"{name}: {consents.broken[account]}" for account, name in names.items() if account in consents.broken
            ],
        )

    def sync(self, feed: str, cursor: Cursor | None, ctx: Context) -> Iterator[Batch]:
        """Yield balances in one batch, or transactions page by page."""
        source = Source(self._config, ctx)
        accounts = self._accounts(source)
        consents = Consents.read(source, ctx)
        if consents.expires_at is not None:
            ctx.expires(consents.expires_at)
        broken = {records.account_id(one): consents.broken.get(records.account_id(one)) for one in accounts}
        unread = {account: why for account, why in broken.items() if why is not None}
        if accounts and len(unread) == len(broken):
            raise consents.error(ctx.connection)
        if feed == "balances":
            yield self._balances(accounts, unread, ctx.tick)
        else:
            yield from self._transactions(source, accounts, cursor, ctx)
        if unread:
            names = {records.account_id(one): records.account_info(one).name for one in accounts}
            raise PartlyRead("; ".join(f"{names[account]}: {why}" for account, why in unread.items()))

    # --- Linking -----------------------------------------------------------------------------------------------------

    def begin_link(self, redirect: str, state: str, ctx: Context) -> LinkStep:
        """Return the address of Tink's page, on which the person picks a bank and logs in."""
        wanted = {
            "client_id": self._config.client_id,
            "redirect_uri": redirect,
            "market": self._config.market,
            "locale": self._config.locale,
            "state": state,
        }
        if self._config.test:
            wanted["test"] = "true"
        page = "connect-accounts"
        if self._config.access is Access.ONCE:
            wanted["scope"] = SCOPE
        else:
            wanted["authorization_code"] = Source(self._config, ctx).page_code(self._user(ctx))
            known = _credentials(ctx)
            if known is not None:
                # The same login again: its accounts keep their ids.
                page, wanted["credentials_id"] = "update-consent", known
        address = f"{self._config.link_url.rstrip('/')}/1.0/transactions/{page}?{urlencode(wanted)}"
        return LinkStep(url=address)

    def finish_link(self, answer: Mapping[str, str], step: LinkStep, ctx: Context) -> Linked:  # noqa: ARG002
        """Turn what Tink's page sent back into tokens."""
        if answer.get("error"):
            reason = " ".join(filter(None, (answer.get("error"), answer.get("error_reason"))))
            raise AuthError(f"Tink's page ended with {reason[:120]}: run `flowd link {ctx.connection}` again")
        source = Source(self._config, ctx)
        if self._config.access is Access.CONTINUOUS:
            tokens = source.mint(self._user(ctx))
            credentials = answer.get("credentialsId") or answer.get("credentials_id") or _credentials(ctx)
            if credentials:
                tokens["credentials_id"] = credentials
        elif answer.get("code"):
            tokens = source.exchange(answer["code"])
        else:
            raise AuthError(f"Tink's page sent no code back: run `flowd link {ctx.connection}` again")
        ends = tokens.get("expires_at")
        lasting = "refresh_token" in tokens or "user" in tokens
        return Linked(
            tokens=tokens,
            # A token that cannot be renewed ends the access; else the bank's consent does, which each run tells.
            expires_at=datetime.fromisoformat(ends) if isinstance(ends, str) and not lasting else None,
            summary="linked through Tink" if lasting else "linked through Tink, for one reading: access: once",
        )

    def _user(self, ctx: Context) -> str:
        return self._config.user or f"flowd-{ctx.connection}"

    # --- Reading -----------------------------------------------------------------------------------------------------

    def _accounts(self, source: Source) -> Sequence[Mapping[str, object]]:
        where = "/data/v2/accounts"
        found: list[Mapping[str, object]] = []
        params = {"pageSize": _PAGE}
        seen: set[str] = set()
        while True:
            data = mapping(source.get(where, params).json(), where)
            found += items(data, "accounts", where)
            page = text(data, "nextPageToken")
            if not page:
                return list({records.account_id(one): one for one in found}.values())
            if page in seen:
                raise RetryLater(
                    f"{where} goes round in circles: the page {len(seen)} names an earlier one as its next"
                )
            seen.add(page)
            params = {"pageSize": _PAGE, "pageToken": page}

    def _balances(self, accounts: Sequence[Mapping[str, object]], unread: Mapping[str, str], tick: datetime) -> Batch:
        found: list[Record] = []
        without = bool(unread)
        for one in accounts:
            if records.account_id(one) in unread:
                continue
            reading = records.snapshot(one, tick)
            if reading is None:
                without = True
                continue
            found += [records.account_info(one), reading]
        return Batch(records=found, covers=Covers.ITS_ACCOUNTS if without else Covers.CONNECTION)

    def _transactions(
        self, source: Source, accounts: Sequence[Mapping[str, object]], cursor: Cursor | None, ctx: Context
    ) -> Iterator[Batch]:
        place = self._place(cursor, ctx.tick)
        until = place.until or ctx.tick.date()
        lent = frozenset(records.account_id(one) for one in accounts if records.is_lent(one))
        before: list[Record] = [records.account_info(one) for one in accounts]
        page, number, empty = place.page, 0, 0
        seen, last = set[str](), set[str]()
        # What a read that began in the middle did not see may have stood before it.
        gone: dict[tuple[str, str], date] | None = None if page else dict(place.open)
        reserved = dict(place.open)
        while True:
            if number and ctx.time_left() < _ENOUGH:
                return
            data = self._page(source, place.since, page)
            if data is None:
                # The place in a read that was broken off is forgotten by now: that read begins anew.
                page, number = None, 0
                continue
            rows = items(data, "transactions", "/data/v2/transactions")
            found: list[Record] = []
            for row in rows:
                one = records.transaction(row, lent=text(row, "accountId") in lent)
                if one is not None:
                    found.append(one)
                    _note(one, reserved, gone)
            following = text(data, "nextPageToken")
            if not following:
                for account, name in gone or {}:
                    found.append(Removal(account=account, external_id=name, at=ctx.tick))
                    del reserved[account, name]
                yield Batch(records=[*before, *found], cursor=self._cursor(_done(place, until, reserved)))
                return
            ids = {text(row, "id") for row in rows}
            empty = 0 if rows else empty + 1
            if following in seen or following == page or (rows and ids == last) or empty > _MOST_EMPTY:
                raise RetryLater("/data/v2/transactions goes round in circles: one page is like the one before it")
            seen.add(following)
            broken_off = replace(place, page=following, until=until, open=reserved)
            yield Batch(records=[*before, *found], cursor=self._cursor(broken_off))
            before, page, last, number = [], following, ids, number + 1

    def _page(self, source: Source, since: date, page: str | None) -> Mapping[str, object] | None:
        """Return a page; None where Tink does not know the `page` of an earlier run any more."""
        where = "/data/v2/transactions"
        params = {"pageSize": _PAGE, "bookedDateGte": since.isoformat()}
        if page is None:
            return mapping(source.get(where, params).json(), where)
        answer = source.get(where, {**params, "pageToken": page}, allow=(400, 404))
        return None if answer.status >= 400 else mapping(answer.json(), where)

    def _place(self, cursor: Cursor | None, tick: datetime) -> _Place:
        first = self._config.since or tick.date() - _FIRST
        data = cursor.data if cursor is not None else None
        if not isinstance(data, dict):
            return _Place(since=first)
        reserved = {
            (str(account), str(name)): date.fromisoformat(str(day)) for account, name, day in data.get("open") or ()
        }
        if data.get("from") != self._from():
            # Asked to begin on another day: from there on.
            return _Place(since=first, open=reserved)
        page, until = data.get("page"), data.get("until")
        return _Place(
            since=date.fromisoformat(str(data["since"])),
            page=str(page) if page else None,
            until=date.fromisoformat(str(until)) if until else None,
            open=reserved,
        )

    def _cursor(self, place: _Place) -> Cursor:
        page = {} if place.page is None or place.until is None else {"page": place.page, "until": f"{place.until}"}
        latest = sorted(place.open.items(), key=lambda one: one[1])[-_MOST_OPEN:]
        kept: list[Json] = [[account, name, day.isoformat()] for (account, name), day in latest]
        known = {"from": self._from(), "since": place.since.isoformat(), **page}
        return Cursor(data={**known, "open": kept} if kept else known)

    def _from(self) -> str | None:
        return None if self._config.since is None else self._config.since.isoformat()


def _note(one: Transaction, reserved: dict[tuple[str, str], date], gone: dict[tuple[str, str], date] | None) -> None:
    """Take note of what is reserved, and of what was seen of the reservations known before."""
    name = (one.account, one.external_id or "")
    if gone is not None:
        gone.pop(name, None)
    if one.pending and isinstance(one.booked_at, date):
        reserved[name] = one.booked_at
    else:
        reserved.pop(name, None)


def _done(place: _Place, until: date, reserved: Mapping[tuple[str, str], date]) -> _Place:
    """Return from where to read on: some days back, and all that are still open."""
    oldest = min(reserved.values(), default=until)
    since = min(until - _AGAIN, max(oldest, until - _OPEN_FOR))
    return _Place(since=max(place.since, since), open=reserved)


def _credentials(ctx: Context) -> str | None:
    """Return the login at the bank that was linked before, None where there is none."""
    try:
        found = ctx.tokens.read().get("credentials_id")
    except (AuthError, RetryLater):
        return None
    return found if isinstance(found, str) and found else None
